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

    The register knows the newest record before anything opens, so that no copy from before it passes, whatever fails later.

    Raises:
        Hostile, Broken: what writing raises.
    """
    for stay in stays:
        sighting = stay.seen()
        if sighting.label is None or not stay.trusted:
            continue
        await _write_arrival(parts, claim, stay)
        known, newest = stay.proof.registry, (sighting.log.newest_sequence, sighting.log.newest_hash)
        if stay.written is not None:
            newest = (stay.written.sequence, stay.written.hash)
        if newest[0] and not (known and known.record_seen == newest):
            await parts.registry.record_written(sighting.label.medium_id, *newest)


async def _write_arrival(parts: Parts, claim: Claim, stay: Stay) -> None:
    sighting, verdict, level = stay.seen(), stay.judged, effective_level(stay.proof, parts.scheme)
    if verdict.access is Access.HELD or sighting.unit.write_protected:
        return
    if not may_write_record(parts.scheme, parts.host.level, level):
        return
    high = stay.high_water(parts) if verdict.access is Access.READ_WRITE else stay.proof.travel.high_water
    identity, codes = parts.identity, parts.scheme.codes(high)
    record = next_record(sighting, verdict, identity.host, codes, parts.journal.head(), stay.proof.now)
    stay.written = await write_record(claim, sighting, record, parts.pen)


async def learn(parts: Parts, stay: Stay) -> None:
    """After the effect: keep the records, and if the medium is what it claims to be, its crossings.

    Raises:
        Broken: `registry-...`.
    """
    sighting = stay.sighting
    if sighting is None or sighting.label is None:
        return
    await note_travel(parts, stay)
    if not stay.trusted:
        return
    for crossing in await note_crossings(parts, stay):
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
