"""The book of rules in force: the one that comes with the scheme, and what the organization says instead in rules.toml."""

import tomllib
from importlib import resources
from pathlib import Path

from guard.core.errors import Broken, GuardError
from guard.core.rulebook import Rulebook, parse_rulebook
from guard.org.files import read_guarded
from guard.schemes import PACKAGED
from guard.words import reasons

FILE = "rules.toml"


def shipped_rulebook(scheme: str) -> Rulebook:
    """The book that comes with a packaged scheme; for a scheme of one's own an empty one, in which every reason is one's own."""
    if scheme not in PACKAGED:
        return Rulebook(scheme, {}, {})
    text = resources.files("guard.schemes").joinpath(f"{scheme}.rules.toml").read_text("utf-8")
    return parse_rulebook(tomllib.loads(text), f"{scheme}.rules.toml", scheme, reasons())


def load_rulebook(folder: Path, scheme: str) -> Rulebook:
    """The shipped book with what /etc/media-guard/rules.toml says instead, where there is one.

    Raises:
        Broken: `file-...`, `rulebook-invalid`.
    """
    shipped, path = shipped_rulebook(scheme), folder / FILE
    try:
        raw = tomllib.loads(read_guarded(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Broken("rulebook-invalid", file=str(path), why=str(error)[:120]) from error
    except Broken as error:
        if error.code == "file-missing":
            return shipped
        raise
    return shipped.amended(parse_rulebook(raw, str(path), scheme, reasons(), shipped))


def load_rulebook_or_shipped(folder: Path, scheme: str) -> tuple[Rulebook, GuardError | None]:
    """The book, and the fault for which nothing of the organization's own is in it: half of a book is never cited."""
    try:
        return load_rulebook(folder, scheme), None
    except GuardError as fault:
        return shipped_rulebook(scheme), fault
