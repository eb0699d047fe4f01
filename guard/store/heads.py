"""Heads of this journal, signed while it grows and kept for ever: what it was can be shown to whoever trusts the issuer."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row, desc, insert, select

from guard.core.record import JournalHead
from guard.store.tables import heads, journal, travel

EVERY, SECONDS = 256, 3600.0  # entries between two heads at most; and time, while something happens


@dataclass(frozen=True, slots=True)
class SignedHead:
    """The newest entry at a time (whole seconds since 1970), and the COSE bytes that say so."""

    sequence: int
    hash: str
    at: int
    cose: bytes


Sign = Callable[[int, str], SignedHead]


class Sealing:
    """When the next head is due. No timer: where nothing happens there is nothing to sign."""

    def __init__(self, host: str, sign: Sign, clock: Callable[[], float] = time.monotonic) -> None:
        """`host` is our opaque id; `sign` is called on the writer's thread; `clock` gives seconds that never go back."""
        self.host, self._sign, self._clock = host, sign, clock
        self._sequence, self._at = -EVERY, 0.0

    def after_entry(self, connection: Connection, sequence: int, digest: str) -> None:
        """Sign in the transaction of the entry, where one is due."""
        if sequence - self._sequence >= EVERY or self._clock() - self._at >= SECONDS:
            self.now(connection, sequence, digest)

    def now(self, connection: Connection, sequence: int, digest: str) -> SignedHead:
        """Sign, unless this very entry was signed before."""
        row = connection.execute(select(heads).where(heads.c.seq == sequence)).first()
        if row is not None and row.hash == digest:
            return SignedHead(row.seq, row.hash, row.at, row.cose)
        head = self._sign(sequence, digest)
        if row is None:
            values = {"seq": sequence, "hash": digest, "at": head.at, "cose": head.cose}
            connection.execute(insert(heads).values(values))
        self._sequence, self._at = sequence, self._clock()
        return head


def contradicted(connection: Connection, carried: Sequence[JournalHead]) -> tuple[JournalHead, str] | None:
    """The highest head that is beyond the end of this journal ("cut-off"), else the lowest that is another here ("rewritten").

    None where the journal has all of them.
    """
    other = None
    for head in sorted(carried, key=lambda head: head.sequence, reverse=True):
        found = connection.execute(select(journal.c.hash).where(journal.c.seq == head.sequence)).scalar()
        if found is None:
            return head, "cut-off"
        if not found.startswith(head.hash):
            other = head
    return (other, "rewritten") if other else None


def newest_signed(connection: Connection, limit: int, before: int = 0) -> list[SignedHead]:
    """The newest first; with `before` those below this sequence."""
    query = select(heads).order_by(desc(heads.c.seq)).limit(limit)
    if before:
        query = query.where(heads.c.seq < before)
    return [SignedHead(row.seq, row.hash, row.at, row.cose) for row in connection.execute(query)]


def carried(connection: Connection, host: str, limit: int, before: int = 0) -> list[Row[tuple[object, ...]]]:
    """Heads of other hosts that media carried here, the newest learned first; with `before` those learned before this number."""
    query = select(travel).where(travel.c.host != host, travel.c.journal_sequence > 0)
    if before:
        query = query.where(travel.c.seq < before)
    return list(connection.execute(query.order_by(desc(travel.c.seq)).limit(limit)))
