"""A new medium under sealed records: its log is filled with records that stand for no visit, so that nobody can count the visits.

They have the form of real ones, under pseudonyms of their own, from a random sequence on. Only the auditors can tell them apart.
"""

import asyncio
import secrets

from guard.core.area import ARCHIVE, AREA_END, RING, RING_END, frame
from guard.core.label import Label
from guard.core.pen import filler_box
from guard.core.ports import Claim
from guard.core.record import JournalHead, Record, record_hash, sign_record
from guard.core.ring import archive_capacity, archive_place, capacity, place
from guard.core.unit import Unit
from guard.core.verdict import Access
from guard.org.keys import FileSigner
from guard.org.organization import pseudonym

_CHUNK = 64 * 1024
_FIRST, _SPREAD = 1000, 1 << 24  # where the sequence may begin


async def fill_log(claim: Claim, unit: Unit, label: Label, auditors: bytes, issuer: FileSigner) -> None:
    """Fill both rings; before the label is written, so that a medium is never half filled.

    Raises:
        Hostile: `device-...`.
    """
    ring, archive = await asyncio.to_thread(_rings, unit.block_size, label, auditors, issuer)
    for start, data in ((ARCHIVE, archive), (RING, ring)):
        for offset in range(0, len(data), _CHUNK):
            await claim.write(unit.lun, start + offset, data[offset : offset + _CHUNK])
    await claim.flush(unit.lun)


def _rings(size: int, label: Label, auditors: bytes, issuer: FileSigner) -> tuple[bytes, bytes]:
    """The ring of the window and the archive, full; takes some tenths of a second."""
    first = _FIRST + secrets.randbelow(_SPREAD)
    last = first + archive_capacity(size) - 1
    ring, archive = bytearray(RING_END - RING), bytearray(AREA_END - ARCHIVE)
    writers = [pseudonym(issuer) for _ in range(3 + secrets.randbelow(5))]
    before, left, writer = secrets.token_hex(32), False, writers[0]
    for sequence in range(first, last + 1):
        opened = sequence == last or secrets.randbelow(4) > 0
        left = not left and opened and sequence not in (first, last) and secrets.randbelow(2) > 0
        if not left:
            writer = secrets.choice(writers)
        cose = sign_record(_filler(label, sequence, before, auditors, opened=opened, left=left), *writer)
        before, block = record_hash(cose), frame(cose, size, sequence=sequence)
        offset = archive_place(sequence, size) - ARCHIVE
        archive[offset : offset + size] = block
        if sequence > last - capacity(size):
            offset = place(sequence, size) - RING
            ring[offset : offset + size] = block
    return bytes(ring), bytes(archive)


def _filler(label: Label, sequence: int, before: str, auditors: bytes, *, opened: bool, left: bool) -> Record:
    return Record(
        sequence=sequence,
        previous=before,
        medium_id=label.medium_id,
        generation=label.generation,
        host_id="",
        network_id="",
        scheme="",
        host_level_codes=(),
        arrived=0,
        access=Access.READ_WRITE if opened else Access.HELD,
        alarm=False,
        high_water_codes=label.level_codes,
        journal=JournalHead(0, "00" * 16),
        left=secrets.token_hex(16) if left else "",
        box=filler_box(label.medium_id, sequence, auditors, secrets.token_bytes(32)),
    )
