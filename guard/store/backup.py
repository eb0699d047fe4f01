"""Saving and restoring the registry file; nothing that is not whole is saved or put in place."""

import json
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from guard.core.entry import entry_hash
from guard.core.errors import Broken
from guard.store.chain import START
from guard.store.upgrades import VERSION


@dataclass(frozen=True, slots=True)
class Checked:
    """A registry that is whole: how many media and journal entries it has; `kept` is the file that it took the place of, if any."""

    media: int
    entries: int
    kept: str = ""


def save(registry: Path, target: Path) -> Checked:
    """Copy a registry in use into a new file, and check the copy.

    Raises:
        Broken: `registry-missing`, `file-exists`, `file-unwritable`, `backup-damaged`.
    """
    if not registry.exists():
        raise Broken("registry-missing", path=str(registry))
    try:
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        with closing(_open(registry)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except FileExistsError as error:
        raise Broken("file-exists", path=str(target)) from error
    except (OSError, sqlite3.Error) as error:
        raise Broken("file-unwritable", path=str(target), why=str(error)[:120]) from error
    return check(target)


def bring_back(saved: Path, registry: Path) -> Checked:
    """Put a saved registry in place, durably; the one before is kept beside it, with the head of its journal.

    Raises:
        Broken: `backup-damaged` before anything is touched; `file-unwritable`.
    """
    found = check(saved)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    fresh, kept = registry.with_suffix(".new"), registry.with_suffix(f".{stamp}")
    try:
        fresh.unlink(missing_ok=True)
        with closing(_open(saved)) as source, closing(sqlite3.connect(fresh)) as copy:
            source.backup(copy)
            _tell(copy, found, registry)
        fresh.chmod(0o600)
        check(fresh)
        if registry.exists():
            with closing(sqlite3.connect(registry)) as old:
                old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            registry.rename(kept)
        head = registry.with_name("journal.head")
        if head.exists():  # it names an entry that the saved registry may not have; the guard writes it anew
            head.rename(head.with_name(f"journal.head.{stamp}"))
        for part in ("-wal", "-shm"):
            registry.with_name(registry.name + part).unlink(missing_ok=True)
        fresh.rename(registry)
        folder = os.open(registry.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, sqlite3.Error) as error:
        raise Broken("file-unwritable", path=str(registry), why=str(error)[:120]) from error
    return Checked(found.media, found.entries + 1, str(kept))


def _tell(copy: sqlite3.Connection, found: Checked, registry: Path) -> None:
    """The journal goes on with what was put back, by whom, and what it took the place of."""
    last = copy.execute("SELECT hash FROM journal WHERE seq = ?", (found.entries,)).fetchone()
    replaced = {"entries": 0, "hash": ""}
    if registry.exists():
        with closing(_open(registry)) as old:
            row = old.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
            replaced = {"entries": row[0], "hash": row[1]} if row else replaced
    seq, at = found.entries + 1, datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    by = os.environ.get("SUDO_USER", "") or str(os.getuid())
    data = json.dumps({"by": by, "replaced": replaced}, sort_keys=True, separators=(",", ":"))
    row = (seq, at, "restored", "register", data)
    copy.execute(
        "INSERT INTO journal (seq, at, kind, subject, data, hash) VALUES (?, ?, ?, ?, ?, ?)",
        (*row, entry_hash(*row, last[0] if last else START)),
    )
    copy.commit()


def check(path: Path) -> Checked:
    """Look at every page of the file and at every entry of its journal.

    Raises:
        Broken: `backup-damaged`.
    """
    try:
        with closing(_open(path)) as database:
            (version,) = database.execute("PRAGMA user_version").fetchone()
            if not 1 <= version <= VERSION:
                raise Broken("backup-damaged", file=str(path), why=f"version {version}")
            (whole,) = database.execute("PRAGMA integrity_check(1)").fetchone()
            if whole != "ok":
                raise Broken("backup-damaged", file=str(path), why=str(whole)[:100])
            before, done = START, 0
            rows = database.execute("SELECT seq, at, kind, subject, data, hash FROM journal ORDER BY seq")
            for seq, at, kind, subject, data, found in rows:
                if seq != done + 1 or entry_hash(seq, at, kind, subject, data, before) != found:
                    raise Broken("backup-damaged", file=str(path), why=f"journal entry {done + 1}")
                before, done = found, seq
            (media,) = database.execute("SELECT count(*) FROM media").fetchone()
    except sqlite3.Error as error:
        raise Broken("backup-damaged", file=str(path), why=str(error)[:100]) from error
    return Checked(media, done)


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
