"""A fingerprint of a file system's own bookkeeping: what a computer without a guard would leave changed.

Taken at safe removal and compared at the next visit. It reads the partition table and, of each of the first two partitions,
at most 100 KiB: what its file system writes to when it is used. It says "changed", never by whom; a computer that only reads
(a read-only mount, FAT without access times) leaves nothing to see.

Sources: those of guard.core.filesystem; NTFS boot sector, file records and runs (kernel, fs/ntfs3/ntfs.h); kernel,
Documentation/filesystems/ext4/super.rst; LUKS2 on-disk format 1.1, section 2.
"""

import hashlib
from collections.abc import Generator
from dataclasses import dataclass
from enum import StrEnum

from guard.core.filesystem import FOLDER_BYTES, MAX_FOLDERS, ROOT_BYTES, Exfat, Fat, little, read_exfat, read_fat
from guard.core.partition import HEAD, Layout

SIZE = 16  # bytes of the whole
PART_SIZE = 8  # bytes of the hash of a part
MAX_PARTITIONS = 2
PAGE, TABLE, UNKNOWN = 4096, 8192, 65536
_MAX_CLUSTER = 32 * 1024 * 1024


class Part(StrEnum):
    """What a file system writes about itself, by what it is for."""

    TABLE = "partition-table"
    BOOT = "boot"
    FREE_SPACE = "free-space"
    ALLOCATION = "allocation"
    ROOT = "root"
    FOLDER = "folder"
    FILES = "file-table"
    LOG = "log"
    SUPERBLOCK = "superblock"
    HEADER = "encryption-header"
    CONTENTS = "contents"


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`total` is the hash of everything that was read, in hex; `parts` are hashes by part, in the order of `Part`."""

    total: str
    parts: tuple[tuple[str, str], ...] = ()

    def changed_since(self, before: "Fingerprint") -> tuple[str, ...]:
        """The parts that are not as they were, in the order of `Part`."""
        then, now = dict(before.parts), dict(self.parts)
        return tuple(part for part in Part if then.get(part) != now.get(part))


Reads = Generator[tuple[int, int], bytes, Fingerprint]
Walk = Generator[tuple[Part, int, int], bytes, None]


def fingerprint(layout: Layout, table: bytes, capacity: int) -> Reads:
    """Yields (offset, length) to read, in bytes and multiples of 4096, sent back; returns the hashes.

    `table` are the first HEAD bytes of the unit. Never raises: a file system that contradicts itself is read as far as it goes.
    """
    whole = hashlib.sha256(b"media-guard fingerprint 2" + table[:HEAD])
    parts = {Part.TABLE: hashlib.sha256(table[:HEAD])}
    for partition in layout.partitions[:MAX_PARTITIONS]:
        end = min(partition.start + partition.length, capacity)
        walk = _partition(partition.start)
        try:
            part, offset, length = next(walk)
            while True:
                data = yield from read_within(offset, length, partition.start, end)
                told = offset.to_bytes(8, "big", signed=True) + len(data).to_bytes(4, "big") + data
                whole.update(told)
                parts.setdefault(part, hashlib.sha256()).update(told)
                part, offset, length = walk.send(data.ljust(length, b"\0"))
        except StopIteration:
            continue
    named = tuple((str(part), parts[part].digest()[:PART_SIZE].hex()) for part in Part if part in parts)
    return Fingerprint(whole.digest()[:SIZE].hex(), named)


def read_within(offset: int, length: int, start: int, end: int) -> Generator[tuple[int, int], bytes, bytes]:
    """A stretch inside the partition, cut to it; the outside reads as nothing, whatever the file system claims."""
    if not start <= offset < end:
        return b""
    length = min(length, end - offset)
    first = offset - offset % PAGE
    width = -(-(offset + length - first) // PAGE) * PAGE
    data = yield first, width
    return data[offset - first : offset - first + length]


def _partition(start: int) -> Walk:
    boot = yield Part.BOOT, start, 512
    if exfat := read_exfat(start, boot):
        yield from _exfat(exfat)
    elif boot[3:11] == b"NTFS    ":
        yield from _ntfs(start, boot)
    elif fat := read_fat(start, boot):
        yield from _fat(start, fat)
    elif boot[:6] in (b"LUKS\xba\xbe", b"SKUL\xba\xbe"):
        yield Part.HEADER, start, 2 * PAGE
        yield Part.CONTENTS, start + _luks_data(boot), UNKNOWN
    else:
        superblock = yield Part.SUPERBLOCK, start + 512, PAGE - 512  # ext2 to ext4 write everything they do into it
        if superblock[568:570] != b"\x53\xef":
            yield Part.CONTENTS, start + PAGE, UNKNOWN - PAGE


def _fat(start: int, fat: Fat) -> Walk:
    yield Part.FREE_SPACE, start + 512, PAGE - 512
    for place in fat.information:
        if place >= start + PAGE:
            yield Part.FREE_SPACE, place, 512
    yield Part.ALLOCATION, fat.tables, TABLE
    root = yield Part.ROOT, fat.root, fat.root_length
    for number in list(fat.folders(root))[:MAX_FOLDERS]:
        yield Part.FOLDER, fat.at(number), min(fat.cluster, FOLDER_BYTES)


def _exfat(exfat: Exfat) -> Walk:
    yield Part.ALLOCATION, exfat.tables, PAGE
    root = yield Part.ROOT, exfat.root, min(exfat.cluster, ROOT_BYTES)
    for place in range(0, len(root) - 31, 32):
        if root[place] == 0x81:
            length = little(root, place + 24, 8)
            yield Part.ALLOCATION, exfat.at(little(root, place + 20, 4)), max(1, min(length, ROOT_BYTES))
            break
    for number in list(exfat.folders(root))[:MAX_FOLDERS]:
        yield Part.FOLDER, exfat.at(number), min(exfat.cluster, FOLDER_BYTES)


def _ntfs(start: int, boot: bytes) -> Walk:
    sector = little(boot, 11, 2)
    clusters = boot[13] if boot[13] <= 128 else 1 << (256 - boot[13])
    if not 512 <= sector <= 4096 or not 0 < clusters * sector <= _MAX_CLUSTER:
        return
    records = start + little(boot, 48, 8) * clusters * sector
    first = yield Part.FILES, records, 32 * 1024  # $MFT, $LogFile, $Volume, the root, $Bitmap
    yield Part.FILES, records + 64 * 1024, 16 * 1024  # the first files of users
    size = 1 << (256 - boot[64]) if boot[64] > 128 else boot[64] * clusters * sector
    if 512 <= size <= PAGE:
        journal = _first_run(first[2 * size : 3 * size])  # record 2 is $LogFile
        if journal:
            yield (
                Part.LOG,
                start + journal * clusters * sector,
                TABLE,
            )  # its restart pages: Windows writes them at every mount


def _first_run(record: bytes) -> int:
    """The first cluster of the data of an NTFS file record; 0 where it has none of its own."""
    place = little(record, 20, 2)
    while place + 64 <= len(record) and 24 <= little(record, place + 4, 4) <= len(record):
        if little(record, place, 4) == 0x80 and record[place + 8] == 1:
            run = place + little(record, place + 32, 2)
            if run >= len(record):
                return 0
            counted, placed = record[run] & 15, record[run] >> 4
            return little(record, run + 1 + counted, min(placed, 8))
        place += little(record, place + 4, 4)
    return 0


def _luks_data(boot: bytes) -> int:
    """Where the ciphertext begins: LUKS1 says so; LUKS2 begins at 16 MiB unless somebody asked for something else."""
    return int.from_bytes(boot[104:108], "big") * 512 if boot[6:8] == b"\0\1" else 16 * 1024 * 1024
