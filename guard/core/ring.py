"""The travel log on the medium: a ring of blocks, one record each, chained by hash.

Record `sequence` n stands in block (n - 1) mod capacity. So the newest record is found by bisection, and there is no pointer that
could be torn.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import pairwise

from guard.core.area import RING, RING_END, Torn, unframe
from guard.core.errors import GuardError
from guard.core.keyring import Keyring
from guard.core.record import FIRST_PREVIOUS, Record, read_record, record_hash

READ_BACK = 32  # how many of the newest records are read at an ordinary visit


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
    """How many records the ring holds: 480 with 512-byte blocks, 60 with 4096."""
    return (RING_END - RING) // block_size


def place(sequence: int, block_size: int) -> int:
    """The byte offset of a record on the medium."""
    return RING + (sequence - 1) % capacity(block_size) * block_size


def find_records(
    medium_id: str, keyring: Keyring, block_size: int, most: int = READ_BACK
) -> Generator[int, bytes, TravelLog]:
    """Yields byte offsets to read (one block each, sent back), and returns the newest records of a medium's log.

    Bisects for the newest record, then walks back: about ten blocks more than it returns. A torn block on the way makes it read
    the whole ring.
    """
    size = capacity(block_size)
    blocks: dict[int, _Block] = {}

    def look(index: int) -> Generator[int, bytes, _Block]:
        if index not in blocks:
            blocks[index] = _read_block((yield RING + index * block_size), index, size, medium_id, keyring)
        return blocks[index]

    newest = yield from _bisect(look, size)
    if any(block.torn for block in blocks.values()):
        for index in range(size):
            yield from look(index)
        newest = max((b.record.sequence for b in blocks.values() if b.record), default=0)
    for sequence in range(newest, max(0, newest - min(most, size)), -1):
        yield from look((sequence - 1) % size)
    return _log(blocks, newest, max(0, newest - min(most, size)), size)


@dataclass(frozen=True, slots=True)
class _Block:
    record: Record | None = None
    hash: str = ""
    fault: str = ""
    torn: bool = False


_Look = Callable[[int], Generator[int, bytes, _Block]]


def _bisect(look: _Look, size: int) -> Generator[int, bytes, int]:
    """The newest sequence, if no block is torn: the current lap fills the ring from its start."""
    first = yield from look(0)
    if first.record is None:
        return 0
    base, low, high = first.record.sequence, 0, size
    while high - low > 1:
        middle = (low + high) // 2
        found = yield from look(middle)
        if found.record is not None and found.record.sequence == base + middle:
            low = middle
        else:
            high = middle
    return base + low


def _log(blocks: dict[int, _Block], newest: int, before: int, size: int) -> TravelLog:
    for block in blocks.values():
        if block.fault:
            return TravelLog(fault=block.fault)
    kept: list[tuple[Record, str]] = []
    for sequence in range(before + 1, newest + 1):
        block = blocks[(sequence - 1) % size]
        if block.record is not None and block.record.sequence == sequence:
            kept.append((block.record, block.hash))
    records, hashes = tuple(record for record, _ in kept), tuple(digest for _, digest in kept)
    lost = newest - before - len(kept)
    return TravelLog(records, hashes, _chain_fault(kept), lost, complete=before == 0 and not lost)


def _chain_fault(kept: list[tuple[Record, str]]) -> str:
    if kept and kept[0][0].sequence == 1 and kept[0][0].previous != FIRST_PREVIOUS:
        return "record-chain-broken"
    for (older, digest), (newer, _) in pairwise(kept):
        if newer.sequence == older.sequence + 1 and newer.previous != digest:
            return "record-chain-broken"
    return ""


def _read_block(untrusted: bytes, index: int, size: int, medium_id: str, keyring: Keyring) -> _Block:
    try:
        cose = unframe(untrusted, record=True)
        if cose is None:
            return _Block()
        record = read_record(cose, keyring)
    except Torn:
        return _Block(torn=True)
    except GuardError as fault:
        return _Block(fault=fault.code)
    if record.medium_id != medium_id:
        return _Block(fault="record-of-another-medium")
    if (record.sequence - 1) % size != index:
        return _Block(fault="record-misplaced")
    return _Block(record, record_hash(cose))
