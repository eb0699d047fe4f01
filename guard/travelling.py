"""What a visit brings to light of the medium's journey: its records, the crossings it tells of, and the one into this host."""

from collections.abc import Sequence

from guard.core.errors import Broken, GuardError
from guard.core.record import Record
from guard.core.travel import SEALED, Crossing, Direction, crossings, direction, host_level
from guard.parts import Parts
from guard.stay import Stay
from guard.store.registry import Learned


async def note_crossings(parts: Parts, stay: Stay) -> tuple[Crossing, ...]:
    """Write down every crossing that was not known; returns the new ones, oldest first.

    Raises:
        Broken: `registry-...`.
    """
    sighting = stay.seen()
    label = sighting.label
    number, holder = (label.number, label.holder) if label else ("", "")
    found: list[tuple[Crossing, Learned]] = []
    try:
        found = [
            (crossing, Learned("travel-log", crossing.record, number, holder))
            for crossing in crossings(sighting.log, parts.scheme)
        ]
        arrival = _into_here(parts, stay)
    except GuardError:  # another scheme; policy has refused the medium for it
        return ()
    if arrival is not None:
        record = stay.written.hash if stay.written else stay.visit.id
        found.append((arrival, Learned("registry", record, number, holder, stay.visit.id)))
    return tuple([crossing for crossing, learned in found if await parts.registry.crossed(crossing, learned)])


async def note_travel(parts: Parts, stay: Stay) -> None:
    """Keep every record that was read or written; also of a copy, whose records are as genuine as the original's.

    Raises:
        Broken: `registry-...`.
    """
    log = stay.seen().log
    await _hold_journal_against(parts, stay, [record for record in log.records if record.host_id == parts.host.host_id])
    found = list(zip(log.records, log.hashes, strict=True))
    if stay.written is not None:
        found.append((stay.written.record, stay.written.hash))
    await parts.registry.travelled(found)


async def _hold_journal_against(parts: Parts, stay: Stay, own: Sequence[Record]) -> None:
    """A record of this host has the head that its journal had then; a journal without it was cut, rewritten or replaced.

    The medium has done nothing wrong, so its verdict stays.
    """
    found = await parts.journal.contradicted([record.journal for record in own])
    if found is None:
        return
    head, why = found
    medium = stay.visit.number or stay.visit.medium
    await parts.journal.append("journal-damaged", stay.visit.medium, sequence=head.sequence, hash=head.hash, why=why)
    cut = why == "cut-off"
    parts.trouble(Broken("journal-cut-off" if cut else "journal-rewritten", seq=head.sequence, medium=medium))


def _into_here(parts: Parts, stay: Stay) -> Crossing | None:
    """The medium's visit before this one was on another network, as its newest record says, if that record is new here."""
    sighting, known = stay.seen(), stay.proof.registry
    if not sighting.log.records or sighting.label is None:
        return None
    newest = sighting.log.records[-1]
    seen_before = known is not None and known.record_seen is not None and known.record_seen[0] >= newest.sequence
    if seen_before or newest.network_id == parts.host.network_id:
        return None
    before = host_level(newest, parts.scheme)
    origin = newest.network_id or SEALED
    return Crossing(
        medium_id=sighting.label.medium_id,
        at=stay.visit.arrived,
        from_network=origin,
        to_network=parts.host.network_id,
        from_level=before,
        to_level=parts.host.level,
        direction=Direction.SAME if origin == SEALED else direction(parts.scheme, before, parts.host.level),
        access=stay.judged.access,
        severity=stay.judged.severity,
    )
