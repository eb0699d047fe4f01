"""The travel log on the medium: two rings of blocks, one record each, chained by hash.

Record `sequence` n stands in block (n - 1) mod capacity, and its frame says n: there is no pointer that could be torn.
The short ring lies in the window and counts; its records stand in the archive, a longer ring, once more.
"""

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from guard.core.area import ARCHIVE, AREA_END, RING, RING_END, WINDOW, sequence_in, unframe
from guard.core.errors import GuardError
from guard.core.keyring import Keyring
from guard.core.record import FIRST_PREVIOUS, Record, read_record, record_hash

READ_BACK = 32  # how many of the newest records are verified at an ordinary visit
_PIECE = 64 * 1024  # bytes of the archive in one read


@dataclass(frozen=True, slots=True)
class TravelLog:
    """Verified records, oldest first, of the newest stretch of the ring.

    `hashes` go with `records`. `fault` is the code of what is wrong ("" if sound). `lost` counts torn or missing records between
    them. `complete` is True when the log was read back to its first record.
    """

    records: tuple[Record, ...] = ()
    hashes: tuple[str, ...] = ()
    fault: str = ""
    lost: int = 0
    complete: bool = True

    @property
    def newest_sequence(self) -> int:
        """0 for an empty log."""
        return self.records[-1].sequence if self.records else 0

    @property
    def newest_hash(self) -> str:
        """What the next record names as its previous one."""
        return self.hashes[-1] if self.hashes else FIRST_PREVIOUS


EMPTY = TravelLog()


def capacity(block_size: int) -> int:
    """How many records the ring in the window holds: 112 with 512-byte blocks, 14 with 4096."""
    return (RING_END - RING) // block_size


def place(sequence: int, block_size: int) -> int:
    """The byte offset of a record in the window's ring."""
    return RING + (sequence - 1) % capacity(block_size) * block_size


def archive_capacity(block_size: int) -> int:
    """How many records the archive holds: 480 with 512-byte blocks, 60 with 4096."""
    return (AREA_END - ARCHIVE) // block_size


def archive_place(sequence: int, block_size: int) -> int:
    """The byte offset of a record in the archive."""
    return ARCHIVE + (sequence - 1) % archive_capacity(block_size) * block_size


def log_in(
    window: bytes, medium_id: str, keyring: Keyring, block_size: int, most: int = READ_BACK, since: int = 0
) -> TravelLog:
    """The newest records of a medium in the bytes of its window: `most` of them, or those from `since` on.

    The oldest place of the ring is left out: a power cut may have torn it for the next record.
    """
    blocks = {}
    for offset in range(RING, RING_END, block_size):
        block = window[offset - WINDOW : offset - WINDOW + block_size]
        sequence = sequence_in(block)
        if sequence is not None:
            if place(sequence, block_size) != offset:
                return TravelLog(fault="record-misplaced")
            blocks[sequence] = block
    newest = max(blocks, default=0)
    first = min(newest - most + 1, since) if since else newest - most + 1
    first = max(1, first, newest - capacity(block_size) + 2)
    kept: dict[int, tuple[Record, str]] = {}
    for sequence in range(first, newest + 1):
        if sequence in blocks:
            found = _read_block(blocks[sequence], sequence, medium_id, keyring)
            if isinstance(found, str):
                return TravelLog(fault=found)
            kept[sequence] = found
    return _log(kept, newest - first + 1 - len(kept) if newest else 0)


def look_back(
    log: TravelLog, medium_id: str, keyring: Keyring, block_size: int, since: int
) -> Generator[tuple[int, int], bytes, TravelLog]:
    """Yields (offset, length) of the archive to read, and returns the log without holes and back to record `since`, if it is there.

    Only what the chain vouches for is taken from the archive. A record that is in neither place, between others that are, was
    taken away: a power cut tears the newest alone.
    """
    if log.fault or not log.records:
        return log
    kept = dict(zip((r.sequence for r in log.records), zip(log.records, log.hashes, strict=True), strict=True))
    oldest, sequence = min(kept), log.newest_sequence
    last = max(1, min(since, oldest), sequence - archive_capacity(block_size) + 1)
    piece, start = b"", 0
    while sequence > last:
        previous, sequence = kept[sequence][0].previous, sequence - 1
        if sequence in kept:
            continue
        offset = archive_place(sequence, block_size)
        if not start <= offset < start + len(piece):
            start = max(ARCHIVE, offset + block_size - _PIECE)
            piece = yield start, offset + block_size - start
        found = _read_block(piece[offset - start : offset - start + block_size], sequence, medium_id, keyring)
        if isinstance(found, str) or found[1] != previous:
            return TravelLog(fault="record-missing") if sequence > oldest else _log(kept, 0)
        kept[sequence] = found
    return _log(kept, 0)


def _log(kept: dict[int, tuple[Record, str]], lost: int) -> TravelLog:
    found = [kept[sequence] for sequence in sorted(kept)]
    records, hashes = tuple(record for record, _ in found), tuple(digest for _, digest in found)
    complete = not lost and (not records or records[0].sequence == 1)
    return TravelLog(records, hashes, _chain_fault(found), lost, complete)


def _chain_fault(kept: list[tuple[Record, str]]) -> str:
    if kept and kept[0][0].sequence == 1 and kept[0][0].previous != FIRST_PREVIOUS:
        return "record-chain-broken"
    for (older, digest), (newer, _) in pairwise(kept):
        if newer.sequence == older.sequence + 1 and newer.previous != digest:
            return "record-chain-broken"
    return ""


@lru_cache(
    maxsize=512
)  # a medium that comes again brings the same bytes; verifying them is most of the work of a verdict
def _read_block(untrusted: bytes, sequence: int, medium_id: str, keyring: Keyring) -> tuple[Record, str] | str:
    """The record of this sequence and its hash, or the code of the fault."""
    try:
        cose = unframe(untrusted, record=True)
        record = read_record(cose or b"", keyring)
    except GuardError as fault:
        return fault.code
    if record.medium_id != medium_id:
        return "record-of-another-medium"
    return (record, record_hash(cose or b"")) if record.sequence == sequence else "record-misplaced"
