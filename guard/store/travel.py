"""Where media have been, as their records tell: every verified record that was ever read from a medium or written to it here."""

from collections.abc import Sequence

from sqlalchemy import Connection, Row, desc, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from guard.core.record import Record
from guard.core.verdict import Access
from guard.store.tables import travel

Listing = list[dict[str, object]]
Line = Row[tuple[object, ...]]


def note(connection: Connection, records: Sequence[tuple[Record, str, str]]) -> None:
    """Keep records, given with hash and level; one that is known stays as it is."""
    rows = [_row(record, digest, level) for record, digest, level in records]
    if rows:
        connection.execute(upsert(travel).on_conflict_do_nothing(), rows)


def left_known(connection: Connection, medium: str, digest: str) -> None:
    """This host knows how the medium looked when the visit of this record ended."""
    this = (travel.c.medium == medium, travel.c.hash == digest)
    connection.execute(update(travel).where(*this).values(fingerprint=1))


def newest(connection: Connection, medium: str, limit: int, before: int) -> list[Line]:
    """The newest records of a medium, newest first; with `before` only those of a lower sequence."""
    query = select(travel).where(travel.c.medium == medium).order_by(desc(travel.c.sequence), desc(travel.c.seq))
    if before:
        query = query.where(travel.c.sequence < before)
    return list(connection.execute(query.limit(limit)))


def stops(lines: Sequence[Line], here: str) -> list[tuple[Line | None, Line | None, str]]:
    """Arrival, removal and end of each visit, newest first, of `lines` that are newest first.

    The end is "removed" (safely: there is a record of it), "unmounted" (and then pulled: no record, but this host saw how it
    left), "refused", "in" (it is in a port of host `here` now), or "unknown": nobody saw it go, so nobody knows what was done to
    it before the next record. "sealed": only the auditors can tell.
    """
    arrivals = {line.hash: line for line in lines if not line.removal}
    removals = {line.previous: line for line in lines if line.removal}
    found: list[tuple[Line | None, Line | None, str]] = []
    top = max((line.sequence for line in lines), default=0)
    for line in lines:
        if line.removal:
            if line.previous not in arrivals:  # its arrival was overwritten before anybody read it
                found.append((None, line, "removed"))
            continue
        removal = removals.get(line.hash)
        if removal is not None:
            end = "removed"
        elif line.fingerprint:
            end = "unmounted"
        elif line.access == Access.REFUSED:
            end = "refused"
        elif line.box and not line.access:
            end = "sealed"
        else:
            end = "in" if line.host == here and line.sequence == top else "unknown"
        found.append((line, removal, end))
    return found


def _row(record: Record, digest: str, level: str) -> dict[str, object]:
    return {
        "medium": record.medium_id,
        "sequence": record.sequence,
        "hash": digest,
        "previous": record.previous,
        "host": record.host_id,
        "network": record.network_id,
        "level": level,
        "hour": record.arrived or None,
        "access": "" if record.box and record.access is not Access.READ_WRITE else str(record.access),
        "alarm": int(record.alarm),
        "generation": record.generation,
        "removal": int(bool(record.left)),
        "fingerprint": int(bool(record.left)),
        "untouched": int(record.untouched),
        "written": record.written,
        "journal_sequence": record.journal.sequence,
        "journal_hash": record.journal.hash,
        "box": record.box.hex(),
        "visits": record.visits,
        "alarms": record.alarms,
        "first": record.first or None,
    }
