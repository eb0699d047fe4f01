"""The record of a visit, onto the medium; and what this host learns from the records that were there."""

from collections.abc import Sequence

from guard.core.errors import GuardError
from guard.core.inventory import Shown
from guard.core.policy import effective_level
from guard.core.ports import Claim
from guard.core.travel import may_write_record
from guard.core.verdict import Access
from guard.marking import next_record, write_record
from guard.parts import Parts
from guard.stay import Stay
from guard.travelling import note_crossings, note_travel


async def write_arrivals(parts: Parts, claim: Claim, stays: Sequence[Stay]) -> None:
    """The visit, onto every medium that may carry it: before its effect, and also when it is refused.

    Raises:
        Hostile, Broken: what writing raises.
    """
    for stay in stays:
        sighting, verdict = stay.seen(), stay.judged
        if sighting.label is None or not stay.trusted or verdict.access is Access.HELD:
            continue
        level = effective_level(stay.proof, parts.scheme)
        if sighting.unit.write_protected or not may_write_record(parts.scheme, parts.host.level, level):
            continue
        high = stay.high_water(parts) if verdict.access is Access.READ_WRITE else stay.proof.travel.high_water
        identity, codes = parts.identity, parts.scheme.codes(high)
        record = next_record(sighting, verdict, identity.host, codes, parts.journal.head(), stay.proof.now)
        stay.written = await write_record(claim, sighting, record, parts.pen)


async def learn(parts: Parts, stay: Stay) -> None:
    """After the effect: keep the records, and if the medium is what it claims to be, its crossings and its newest record.

    Raises:
        Broken: `registry-...`.
    """
    sighting = stay.sighting
    if sighting is None or sighting.label is None:
        return
    await note_travel(parts, stay)
    if not stay.trusted:
        return
    crossed = await note_crossings(parts, stay)
    newest = (stay.written.sequence, stay.written.hash) if stay.written else None
    if newest is None and sighting.log.records:
        newest = (sighting.log.newest_sequence, sighting.log.newest_hash)
    if newest is not None:
        await parts.registry.record_written(sighting.label.medium_id, *newest)
    for crossing in crossed:
        parts.crossed(crossing)


async def count(parts: Parts, stays: Sequence[Stay]) -> None:
    """Behind everything else of a visit: tick media off where an inventory waits for them. What cannot be written shuts no port."""
    for stay in stays:
        known = stay.evidence.registry if stay.evidence else None
        if known is None or known.inspection_due is None or not stay.trusted or stay.judged.access is Access.HELD:
            continue
        visit = stay.visit
        try:
            await parts.inventories.seen(visit.medium, Shown.PLUGGED, visit.user, stay.proof.now, visit.id)
        except GuardError as fault:
            parts.trouble(fault)
