"""The end of a visit by safe removal: what the kernel wrote, and how the medium looks now, onto the medium and into the journal.

Whoever only pulls the stick leaves no such record, and the next visit knows that it knows nothing. A removal that is cut anywhere
leaves the record of the arrival as the newest, and that is the same.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

from guard.core.errors import GuardError
from guard.core.evidence import Left
from guard.core.policy import effective_level
from guard.core.ports import Arrival, Claim, Counters, Disk
from guard.core.verdict import Access, Reason, Severity
from guard.inspection import arm_unit, reading, take_fingerprint
from guard.marking import removal_record, write_record
from guard.parts import Parts
from guard.stay import Stay

log = logging.getLogger(__name__)
DONE = Reason("ejected", Access.REFUSED, Severity.INFO)
_ODD = Reason("written-read-only", Access.REFUSED, Severity.ALARM)


async def remove(parts: Parts, arrival: Arrival, stays: list[Stay], disks: tuple[Disk, ...]) -> Reason:
    """Shut a port whose disks are unmounted and note the removal; returns why it is shut now.

    A medium that does not take the record can be pulled all the same. What was written in spite of read-only is an alarm.
    """
    reason = DONE
    try:
        counted = {disk.lun: await parts.ports.counters(disk) for disk in disks}
        await parts.ports.shut(arrival)
        for stay in stays:
            if not await _in_the_journal(parts, stay, counted):
                reason = _ODD
        async with parts.ports.claim(arrival) as claim:
            for stay in stays:
                await _on_the_medium(parts, claim, stay, counted)
    except GuardError as fault:
        log.warning("%s: the removal could not be noted: %s", arrival.port, fault)
    return reason


async def _in_the_journal(parts: Parts, stay: Stay, counted: Mapping[int, Counters]) -> bool:
    """False where something was written although the medium was let in read-only: then it may hold whatever this host holds."""
    counters = counted[stay.seen().unit.lun]
    kept = stay.judged.access is not Access.READ_ONLY or counters.untouched
    await parts.journal.append(
        "removed",
        stay.visit.id,
        access=str(stay.judged.access),
        read_only=counters.read_only,
        writes=counters.writes,
        wrote=counters.written,
        untouched=counters.untouched,
    )
    label = stay.seen().label
    if not kept and label is not None:
        await parts.registry.rose(label, stay.high_water(parts))
    return kept


async def _on_the_medium(parts: Parts, claim: Claim, stay: Stay, counted: Mapping[int, Counters]) -> None:
    sighting, written = stay.seen(), stay.written
    counters = counted[sighting.unit.lun]
    armed = await arm_unit(claim, sighting.unit) if _may_arm(parts, stay) else 0
    now = await take_fingerprint(reading(claim, sighting.unit), sighting.unit)
    await parts.journal.append("fingerprint", stay.visit.id, fingerprint=now.total, armed=armed)
    if written is None or sighting.label is None:  # a host above the medium writes nothing to it
        return
    at = parts.clock()
    record = removal_record(written, now.total, counters, parts.journal.head(), at)
    if record.access is Access.READ_ONLY and not counters.untouched:
        codes = parts.scheme.codes(stay.high_water(parts))
        record = replace(record, access=Access.READ_WRITE, alarm=True, high_water_codes=codes)
    stay.written = await write_record(claim, sighting, record, parts.pen)
    await parts.registry.record_written(sighting.label.medium_id, stay.written.sequence, stay.written.hash)
    await parts.registry.travelled([(record, stay.written.hash)])
    await parts.registry.keep_departure(sighting.label.medium_id, Left(now, at, stay.written.hash))


def _may_arm(parts: Parts, stay: Stay) -> bool:
    """Only what was read-write here, carries our label and a record that says so."""
    if stay.written is None or stay.written.record.access is not Access.READ_WRITE:
        return False
    if parts.settings.removal.arm == "classified":
        return not parts.scheme.is_lowest(effective_level(stay.proof, parts.scheme))
    return parts.settings.removal.arm == "always"
