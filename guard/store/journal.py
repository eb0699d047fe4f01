"""The journal: append-only, hash-chained (`chain`), an intent before each act and a result after it.

The head (the newest sequence and hash) is also kept in a small file beside the database, and signed from time to time (`heads`),
so that a cut tail shows.
"""

import asyncio
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, desc, insert, select

from guard.core.entry import entry_hash
from guard.core.errors import Broken
from guard.core.record import JournalHead
from guard.store.chain import START, Verification
from guard.store.database import Database
from guard.store.heads import Sealing, SignedHead, contradicted
from guard.store.tables import journal, open_intents
from guard.store.walking import Witness, walk


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as written."""

    seq: int
    at: str
    kind: str
    subject: str
    data: str
    before: str
    hash: str


def append(connection: Connection, at: str, kind: str, subject: str, data: Mapping[str, object]) -> Entry:
    """Add an entry within a transaction of the writer."""
    last = _last(connection)
    seq, before = (last[0] + 1, last[1]) if last else (1, START)
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    entry = Entry(seq, at, kind, subject, text, before, entry_hash(seq, at, kind, subject, text, before))
    row = {"seq": seq, "at": at, "kind": kind, "subject": subject, "data": text, "hash": entry.hash}
    connection.execute(insert(journal).values(row))
    if kind == "intent":
        connection.execute(insert(open_intents).values(seq=seq, subject=subject))
    elif kind in ("result", "left", "cut-short"):
        connection.execute(delete(open_intents).where(open_intents.c.subject == subject))
    return entry


class Journal:
    """The journal of this host. `iso` turns the clock into the text of an entry."""

    def __init__(self, database: Database, head: Path, iso: Callable[[], str], sealing: Sealing | None = None) -> None:
        """`head` is the file that remembers the newest entry; `sealing` signs it from time to time."""
        self._database, self._head, self._iso, self._sealing = database, head, iso, sealing
        self._newest: Entry | None = None
        self._contradicted: set[JournalHead] = set()
        self._verifying = asyncio.Lock()
        self.grown: Callable[[int], None] = lambda seq: None  # hears the newest sequence, behind its commit
        self.more = asyncio.Event()  # set behind each commit; for the one who follows all entries

    def head(self) -> JournalHead:
        """The newest entry that is on the disk. Asking before this run has appended one is a bug."""
        if self._newest is None:
            raise RuntimeError("nothing was appended yet")
        return JournalHead(self._newest.seq, self._newest.hash[:32])

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
            entry = append(connection, at, kind, subject, data)
            if self._sealing is not None:
                self._sealing.after_entry(connection, entry.seq, entry.hash)
            return entry

        loop = asyncio.get_running_loop()
        return await self._database.write(both, lambda entry: self._written(entry, loop))

    async def append_signed(self, kind: str, subject: str, data: Mapping[str, object]) -> tuple[Entry, SignedHead]:
        """Add an entry and sign the head that is this very entry.

        Raises:
            Broken: `registry-...`, `journal-unsigned` where there is no key.
        """
        at, sealing, loop = self._iso(), self._sealing, asyncio.get_running_loop()
        if sealing is None:
            raise Broken("journal-unsigned")

        def both(connection: Connection) -> tuple[Entry, SignedHead]:
            entry = append(connection, at, kind, subject, data)
            return entry, sealing.now(connection, entry.seq, entry.hash)

        return await self._database.write(both, lambda written: self._written(written[0], loop))

    def _written(self, entry: Entry, loop: asyncio.AbstractEventLoop) -> None:
        """Behind the commit, before any other write."""
        self._newest = entry
        loop.call_soon_threadsafe(self.grown, entry.seq)
        loop.call_soon_threadsafe(self.more.set)
        _remember(self._head, entry)

    async def newest(self, kinds: Sequence[str]) -> int | None:
        """When the newest entry of these kinds was written, in seconds since 1970; None where there is none.

        Raises:
            Broken: `registry-...`.
        """

        def query(connection: Connection) -> str | None:
            newest = [
                select(journal.c.seq, journal.c.at).where(journal.c.kind == kind).order_by(desc(journal.c.seq)).limit(1)
                for kind in kinds
            ]
            rows = [row for one in newest if (row := connection.execute(one).first())]
            return max(rows, key=lambda row: row.seq).at if rows else None

        at = await self._database.read(query)
        try:
            return None if at is None else int(datetime.fromisoformat(at).timestamp())
        except ValueError as error:
            raise Broken("registry-failed", path="journal", why=f"no time: {at}"[:64]) from error

    async def unfinished(self) -> tuple[str, ...]:
        """Subjects (visit ids) with an intent and no result: the guard was cut short there."""

        def query(connection: Connection) -> tuple[str, ...]:
            return tuple(connection.execute(select(open_intents.c.subject).distinct()).scalars())

        return await self._database.read(query)

    async def signed_head(self) -> SignedHead:
        """The newest entry, signed now.

        Raises:
            Broken: `registry-...`; `journal-unsigned` where there is no entry or no key.
        """
        sealing = self._sealing

        def sign(connection: Connection) -> SignedHead | None:
            last = _last(connection)
            return sealing.now(connection, *last) if sealing is not None and last is not None else None

        head = await self._database.write(sign)
        if head is None:
            raise Broken("journal-unsigned")
        return head

    async def contradicted(self, carried: Sequence[JournalHead]) -> tuple[JournalHead, str] | None:
        """One of these heads of ours, as media carried them, that the journal does not have, and what was done to it.

        What one medium told is told once in a run; raises `Broken` (`registry-...`).
        """
        fresh = [head for head in carried if head.sequence and head not in self._contradicted]
        found = await self._database.read(lambda connection: contradicted(connection, fresh)) if fresh else None
        if found is not None:
            self._contradicted.update(fresh)
        return found

    async def verify(self, progress: Callable[[int, int], None] = lambda done, total: None) -> Verification:
        """Walk the whole chain, one walk at a time; `progress` gets entries done and in all. What is whole is signed.

        Raises:
            Broken: `registry-...`.
        """
        async with self._verifying:
            remembered = await asyncio.to_thread(_recall, self._head)
            witnesses = [Witness(*remembered, source="head-file")] if remembered is not None else []
            host = self._sealing.host if self._sealing is not None else ""
            found = await walk(self._database.path, host, witnesses, progress)
            if found.ok and found.entries and self._sealing is not None:
                await self.signed_head()
            return found


def _last(connection: Connection) -> tuple[int, str] | None:
    row = connection.execute(select(journal.c.seq, journal.c.hash).order_by(desc(journal.c.seq)).limit(1)).first()
    return (row.seq, row.hash) if row else None


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
        text = head.read_text()
        if not text:  # made, and the power went before the first word was in it
            return None
        seq, found = text.split()
        return int(seq), found
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise Broken("registry-unwritable", path=str(head)) from error
