"""The journal: append-only, hash-chained, an intent before each act and a result after it.

The hash of an entry is SHA-256 over the canonical JSON of [seq, at, kind, subject, data, hash before]. The head (the newest
sequence and hash) is also kept in a small file beside the database, so that a cut tail shows.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, desc, insert, select

from guard.core.errors import Broken
from guard.store.database import Database
from guard.store.tables import journal, open_intents

START = "0" * 64
BATCH = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as written."""

    seq: int
    at: str
    kind: str
    subject: str
    data: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """Outcome of `verify`: `first_bad` is the sequence of the first broken entry, 0 if none; `why` a code, "" if ok."""

    entries: int
    ok: bool
    first_bad: int = 0
    why: str = ""


def entry_hash(seq: int, at: str, kind: str, subject: str, data: str, before: str) -> str:
    """SHA-256 in hex."""
    text = json.dumps([seq, at, kind, subject, data, before], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def append(connection: Connection, at: str, kind: str, subject: str, data: Mapping[str, object]) -> Entry:
    """Add an entry within a transaction of the writer."""
    last = connection.execute(select(journal.c.seq, journal.c.hash).order_by(desc(journal.c.seq)).limit(1)).first()
    seq, before = (last.seq + 1, last.hash) if last else (1, START)
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    entry = Entry(seq, at, kind, subject, text, entry_hash(seq, at, kind, subject, text, before))
    row = {"seq": seq, "at": at, "kind": kind, "subject": subject, "data": text, "hash": entry.hash}
    connection.execute(insert(journal).values(row))
    if kind == "intent":
        connection.execute(insert(open_intents).values(seq=seq, subject=subject))
    elif kind in ("result", "left", "cut-short"):
        connection.execute(delete(open_intents).where(open_intents.c.subject == subject))
    return entry


class Journal:
    """The journal of this host. `iso` turns the clock into the text of an entry."""

    def __init__(self, database: Database, head: Path, iso: Callable[[], str]) -> None:
        """`head` is the file that remembers the newest entry."""
        self._database, self._head, self._iso = database, head, iso

    async def append(self, kind: str, subject: str, **data: object) -> Entry:
        """Add an entry; it is on the disk when this returns.

        Raises:
            Broken: `registry-...`.
        """
        return await self.write(kind, subject, data, lambda _: None)

    async def write(
        self, kind: str, subject: str, data: Mapping[str, object], act: Callable[[Connection], object]
    ) -> Entry:
        """Add an entry and do `act` in the same transaction: both have happened or neither.

        Raises:
            Broken: `registry-...`, or what `act` raises.
        """
        at = self._iso()

        def both(connection: Connection) -> Entry:
            act(connection)
            return append(connection, at, kind, subject, data)

        return await self._database.write(both, lambda entry: _remember(self._head, entry))

    async def unfinished(self) -> tuple[str, ...]:
        """Subjects (visit ids) with an intent and no result: the guard was cut short there."""

        def query(connection: Connection) -> tuple[str, ...]:
            return tuple(connection.execute(select(open_intents.c.subject).distinct()).scalars())

        return await self._database.read(query)

    async def verify(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Verification:
        """Walk the whole chain; `progress` gets entries done and in all.

        Raises:
            Broken: `registry-...`.
        """
        remembered = _recall(self._head)
        total = await self._database.read(_newest)
        done, before, hashes = 0, START, dict([remembered] if remembered else [])
        while True:
            rows = await self._database.read(lambda connection, start=done: _batch(connection, start))  # type: ignore[misc]
            for row in rows:
                if row[0] != done + 1:
                    return Verification(done, ok=False, first_bad=done + 1, why="missing")
                seq, at, kind, subject, data, found = row
                if entry_hash(seq, at, kind, subject, data, before) != found:
                    return Verification(done, ok=False, first_bad=seq, why="changed")
                if hashes.get(seq, found) != found:
                    return Verification(done, ok=False, first_bad=seq, why="rewritten")
                done, before = seq, found
            progress(done, max(total, done))
            if len(rows) < BATCH:
                break
        if remembered and remembered[0] > done:
            return Verification(done, ok=False, first_bad=done + 1, why="cut-off")
        return Verification(done, ok=True)


def _newest(connection: Connection) -> int:
    return connection.execute(select(journal.c.seq).order_by(desc(journal.c.seq)).limit(1)).scalar() or 0


def _batch(connection: Connection, start: int) -> list[tuple[int, str, str, str, str, str]]:
    text = "SELECT seq, at, kind, subject, data, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
    return [tuple(row) for row in connection.exec_driver_sql(text, (start, BATCH))]


def _remember(head: Path, entry: Entry) -> None:
    """After the commit: one short write in place, so that it is there whole or not at all. A crash between leaves it one behind."""
    try:
        target = os.open(head, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(target, f"{entry.seq:020d} {entry.hash}\n".encode(), 0)
            os.fdatasync(target)
        finally:
            os.close(target)
    except OSError as error:
        raise Broken("registry-unwritable", path=str(head)) from error


def _recall(head: Path) -> tuple[int, str] | None:
    try:
        seq, found = head.read_text().split()
        return int(seq), found
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Broken("registry-unwritable", path=str(head)) from error
