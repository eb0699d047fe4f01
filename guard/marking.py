"""Writing to a medium inside the gate: the label at registration, a travel record at a visit.

Nothing else is ever written, but for the arming at a safe removal (guard.inspection).
A medium that carries none of our labels is written only by `write_label`, which a person approved.
"""

import contextlib
import secrets
from dataclasses import dataclass, replace
from pathlib import Path

from guard.core.area import RING, RING_END, SLOT, frame, label_writes, room_for_record, unframe
from guard.core.certificate import Certificate
from guard.core.cose import Signer
from guard.core.errors import Broken, Hostile, Refused
from guard.core.label import MAX_GENERATION, Label, sign_label
from guard.core.pen import Pen
from guard.core.ports import Claim, Counters
from guard.core.record import JournalHead, Record, record_hash
from guard.core.request import Grant
from guard.core.ring import archive_place, place
from guard.core.scheme import Scheme
from guard.core.sighting import Sighting
from guard.core.unit import Unit
from guard.core.verdict import Access, Severity, Verdict
from guard.formatting import Progress, clear_area, initialize
from guard.inspection import why_not_in_place


@dataclass(frozen=True, slots=True)
class Written:
    """A travel record that is on the medium: what it says, its sequence, its hash, and the block as written."""

    record: Record
    sequence: int
    hash: str
    block: bytes


def new_label(sighting: Sighting, grant: Grant, scheme: Scheme, number: str, known: tuple[str, int], now: int) -> Label:
    """The label a grant asks for. A medium that carries one of ours keeps its id and gets the next generation.

    `known` are the id and the newest generation of the medium in the register that it continues, "" and 0 for a new one.

    Raises:
        Refused: `label-worn-out` after four thousand million generations.
    """
    old = sighting.label
    generation = max(old.generation if old else 0, known[1])
    if generation == MAX_GENERATION:
        raise Refused("label-worn-out")
    return Label(
        medium_id=known[0] or secrets.token_hex(16),
        generation=generation + 1,
        scheme=scheme.id,
        level_codes=scheme.codes(grant.level),
        kind=grant.kind,
        networks=grant.networks,
        may_import=grant.may_import,
        holder=grant.holder,
        number=number,
        issued=now,
        expires=grant.expires,
        hardware=sighting.hardware.digest().hex(),
        read_only=grant.read_only,
    )


async def prepare(claim: Claim, sighting: Sighting, grant: Grant, scratch: Path, progress: Progress) -> bool:
    """Make room for the label; True if the medium was erased for it.

    Raises:
        Refused: `device-write-protected`; `gap-...` where the medium would have to be erased and nobody asked for that.
    """
    unit = sighting.unit
    if unit.write_protected:
        raise Refused("device-write-protected")
    if grant.initialize:
        await initialize(claim, unit, grant.filesystem, scratch, progress)
        return True
    fault = await why_not_in_place(claim, sighting)
    if fault:
        raise Refused(fault)
    if sighting.blank:
        await clear_area(claim, unit)
    return False


async def write_label(claim: Claim, sighting: Sighting, label: Label, issuer: Signer) -> None:
    """Write both copies, the older first, each flushed and read back before the next.

    Raises:
        Hostile: `device-...`, `device-forgets` when the medium does not keep what was written.
    """
    lun = sighting.unit.lun
    for offset, data in label_writes(sighting.found, sign_label(label, issuer)):
        await claim.write(lun, offset, data)
        await claim.flush(lun)
        if await claim.read(lun, offset, SLOT) != data:
            raise Hostile("device-forgets")


async def write_record(claim: Claim, sighting: Sighting, record: Record, pen: Pen) -> Written:
    """Append one travel record to the window, flushed and read back; then to the archive, together with the one before it.

    The one before it may be missing there, if the power was cut between.

    Raises:
        Hostile: `device-...`, `device-forgets`.
        Broken: `record-too-large`.
    """
    unit = sighting.unit
    cose = pen.write(record, secrets.token_bytes(32))
    if len(cose) > room_for_record(unit.block_size):
        raise Broken("record-too-large", size=len(cose))
    block = frame(cose, unit.block_size, sequence=record.sequence)
    offset = place(record.sequence, unit.block_size)
    if not RING <= offset < RING_END:
        raise RuntimeError("a record outside the ring")
    await claim.write(unit.lun, offset, block)
    await claim.flush(unit.lun)
    if await claim.read(unit.lun, offset, unit.block_size) != block:
        raise Hostile("device-forgets")
    await _archive(claim, unit, record, block)
    return Written(record, record.sequence, record_hash(cose), block)


async def _archive(claim: Claim, unit: Unit, record: Record, block: bytes) -> None:
    size = unit.block_size
    blocks = {record.sequence: block}
    if record.sequence > 1:
        before = await claim.read(unit.lun, place(record.sequence - 1, size), size)
        with contextlib.suppress(Hostile):  # torn: the archive has it, or nobody
            if record_hash(unframe(before, record=True) or b"") == record.previous:
                blocks[record.sequence - 1] = before
    for sequence in sorted(blocks):
        await claim.write(unit.lun, archive_place(sequence, size), blocks[sequence])
    await claim.flush(unit.lun)


def removal_record(written: Written, fingerprint: str, counters: Counters, journal: JournalHead, now: int) -> Record:
    """The record of a safe removal, after the record of the arrival that was written."""
    return replace(
        written.record,
        sequence=written.sequence + 1,
        previous=written.hash,
        arrived=now - now % 3600,
        journal=journal,
        left=fingerprint,
        written=-(-counters.written // (1024 * 1024)),
        untouched=counters.untouched,
    )


def next_record(
    sighting: Sighting,
    verdict: Verdict,
    host: Certificate,
    high_water: tuple[int, ...],
    journal: JournalHead,
    now: int,
) -> Record:
    """The record of this visit to a host; the time is cut to the hour. It carries on what the newest record counts.

    What was refused or is read-only leaves the high water as it was.
    """
    label = sighting.label
    if label is None:
        raise RuntimeError("a record needs a label")
    hour, alarm = now - now % 3600, verdict.severity is Severity.ALARM
    before = next((record for record in reversed(sighting.log.records) if not record.box), None)
    return Record(
        sequence=sighting.log.newest_sequence + 1,
        previous=sighting.log.newest_hash,
        medium_id=label.medium_id,
        generation=label.generation,
        host_id=host.subject_id,
        network_id=host.network_id,
        scheme=host.scheme,
        host_level_codes=host.level_codes,
        arrived=hour,
        access=Access(verdict.access),
        alarm=alarm,
        high_water_codes=high_water,
        journal=journal,
        visits=before.visits + 1 if before else 1,
        alarms=(before.alarms if before else 0) + alarm,
        first=before.first if before else hour,
    )
