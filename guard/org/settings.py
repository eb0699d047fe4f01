"""Reading guard.toml and its drop-ins; the last good configuration is kept and used when a new one is bad."""

import json
import logging
import tomllib
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from guard.core.errors import Broken, GuardError
from guard.core.settings import Settings, parse_settings
from guard.org.files import read_guarded, write_new

log = logging.getLogger(__name__)


def load_settings(folder: Path) -> Settings:
    """guard.toml, then guard.toml.d/*.toml in the order of their names; a later key wins.

    Raises:
        Broken: `file-...`, `settings-...`.
    """
    merged: dict[str, object] = {}
    for path in [folder / "guard.toml", *sorted((folder / "guard.toml.d").glob("*.toml"))]:
        if path.name == "guard.toml" and not path.exists():
            continue
        try:
            raw = tomllib.loads(read_guarded(path).decode())
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise Broken("settings-syntax", file=str(path), why=str(error)[:120]) from error
        parse_settings(raw, str(path))  # names the file the fault is in
        for section, table in raw.items():
            known = merged.setdefault(section, {})
            if isinstance(known, dict) and isinstance(table, Mapping):
                known.update(table)
    return parse_settings(merged, str(folder / "guard.toml"))


def load_settings_or_last_good(folder: Path, state: Path) -> tuple[Settings, GuardError | None]:
    """The settings, and the fault for which the last good ones had to be used.

    Raises:
        Broken: as `load_settings`, when there are no last good ones.
    """
    kept = state / "last-good-settings.json"
    try:
        settings = load_settings(folder)
    except GuardError as fault:
        try:
            return parse_settings(json.loads(kept.read_text()), str(kept)), fault
        except (OSError, ValueError):
            raise fault from None
    try:
        _keep(kept, settings)
    except (OSError, GuardError) as error:  # the registry lies in the same folder, and says it louder
        log.warning("the last good settings could not be kept: %s", error)
    return settings, None


def _keep(kept: Path, settings: Settings) -> None:
    fresh = kept.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    write_new(fresh, json.dumps(asdict(settings)).encode(), secret=True)
    fresh.replace(kept)
