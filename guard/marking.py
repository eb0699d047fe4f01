"""Writing to a medium inside the gate: the label at registration, a travel record at a visit. Nothing else is ever written.

A medium that carries none of our labels is written only by `write_label`, which a person approved.
"""

import secrets
from dataclasses import dataclass
from pathlib import Path

from guard.core.area import RING, RING_END, SLOT, frame, label_writes
from guard.core.cose import Signer
from guard.core.errors import Broken, Hostile, Refused
from guard.core.label import MAX_GENERATION, Label, sign_label
from guard.core.ports import Claim
from guard.core.record import Record, record_hash, sign_record
from guard.core.request import Grant
from guard.core.ring import place
from guard.core.scheme import Level, Scheme
from guard.core.sighting import Sighting
from guard.core.verdict import Access, Severity, Verdict
from guard.formatting import Progress, clear_area, initialize
from guard.inspection import why_not_in_place


@dataclass(frozen=True, slots=True)
class Written:
    """A travel record that is on the medium: its sequence, its hash, and the block as written."""

    sequence: int
    hash: str
    block: bytes


def new_label(sighting: Sighting, grant: Grant, scheme: Scheme, number: str, now: int) -> Label:
    """The label a grant asks for. A medium that carries one of ours keeps its id and gets the next generation.

    Raises:
        Refused: `label-worn-out` after four thousand million generations.
    """
    old = sighting.label
    if old is not None and old.generation == MAX_GENERATION:
        raise Refused("label-worn-out")
    return Label(
        medium_id=old.medium_id if old else secrets.token_hex(16),
        generation=old.generation + 1 if old else 1,
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


async def write_record(claim: Claim, sighting: Sighting, record: Record, signer: Signer, certificate: bytes) -> Written:
    """Append one travel record, flushed and read back.

    Raises:
        Hostile: `device-...`, `device-forgets`.
        Broken: `record-too-large`.
    """
    unit = sighting.unit
    cose = sign_record(record, signer, certificate)
    if len(cose) > unit.block_size - 12:
        raise Broken("record-too-large", size=len(cose))
    block = frame(cose, unit.block_size, record=True)
    offset = place(record.sequence, unit.block_size)
    if not RING <= offset < RING_END:
        raise RuntimeError("a record outside the ring")
    await claim.write(unit.lun, offset, block)
    await claim.flush(unit.lun)
    if await claim.read(unit.lun, offset, unit.block_size) != block:
        raise Hostile("device-forgets")
    return Written(record.sequence, record_hash(cose), block)


def next_record(sighting: Sighting, verdict: Verdict, scheme: Scheme, high_water: Level, now: int) -> Record:
    """The record of this visit. The host's own fields come from its certificate; the time is cut to the hour.

    What was refused or is read-only leaves the high water as it was.
    """
    label = sighting.label
    if label is None:
        raise RuntimeError("a record needs a label")
    return Record(
        sequence=sighting.log.newest_sequence + 1,
        previous=sighting.log.newest_hash,
        medium_id=label.medium_id,
        generation=label.generation,
        host_id="",
        network_id="",
        scheme=scheme.id,
        host_level_codes=(),
        arrived=now - now % 3600,
        access=Access(verdict.access),
        alarm=verdict.severity is Severity.ALARM,
        high_water_codes=scheme.codes(high_water),
    )
