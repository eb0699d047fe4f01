"""Arming: two harmless changes at safe removal, after which a computer without a guard leaves a trace also where it only looks.

1. FAT32: free count and next free cluster become "unknown". Whoever asks for the free space (every file manager) then counts and
   writes them.
2. FAT and exFAT: the last access of files in the root directory, of the first folders and of the files in them is set to a day long
   ago. Whoever reads such a file and keeps access times (Windows, Linux by default) then writes today's.

Only what was read and understood is changed: the fields of sound FSInfo sectors, of directory entries, and the checksums of
entry sets that were right before. Nothing of a file system that says it is dirty or damaged.

Sources: those of guard.core.filesystem; measured on Linux 6.1 (docs/used-elsewhere.md).
"""

from collections.abc import Callable, Generator
from functools import partial

from guard.core.filesystem import (
    ENTRY,
    FOLDER_BYTES,
    MAX_FOLDERS,
    ROOT_BYTES,
    Exfat,
    Fat,
    exfat_checksum,
    exfat_sets,
    fat_entries,
    little,
    read_exfat,
    read_fat,
)
from guard.core.fingerprint import MAX_PARTITIONS, PAGE, read_within
from guard.core.partition import Layout

# 2020-01-01 in the date of FAT, and as the time of exFAT, which says beside it that it is UTC
_DAY = ((2020 - 1980) << 9 | 1 << 5 | 1).to_bytes(2, "little")
_TIME, _UTC = bytes(2) + _DAY, b"\x80"
_UNKNOWN = b"\xff" * 8
_MEDIA_FAILURE_OR_DIRTY_OR_SECOND_FAT = 0b111

Writes = tuple[tuple[int, bytes], ...]
Reading = Generator[tuple[int, int], bytes, bytes]
Read = Callable[[int, int], Reading]
Changes = Generator[tuple[int, int], bytes, dict[int, bytes]]


def arm(layout: Layout, capacity: int, block_size: int) -> Generator[tuple[int, int], bytes, Writes]:
    """Yields (offset, length) to read, in bytes and multiples of 4096, sent back; returns what to write, whole blocks by offset.

    Never raises; an empty tuple where there is nothing to arm, or nothing that may be.
    """
    writes: dict[int, bytes] = {}
    for partition in layout.partitions[:MAX_PARTITIONS]:
        pages: dict[int, bytes] = {}
        end = min(partition.start + partition.length, capacity)
        changes = yield from _partition(partition.start, partial(_remember, pages, partition.start, end))
        for place, data in changes.items():
            first = place - place % block_size
            if not partition.start <= first <= first + block_size <= end:
                continue
            block = writes.get(first) or pages[first - first % PAGE][first % PAGE :][:block_size]
            within = place - first
            if len(block) == block_size:
                writes[first] = block[:within] + data + block[within + len(data) :]
    return tuple(sorted(writes.items()))


def _remember(pages: dict[int, bytes], start: int, end: int, offset: int, length: int) -> Reading:
    """Read a stretch of the partition and keep its pages, which are what will be written again."""
    reading = read_within(offset, length, start, end)
    try:
        first, width = next(reading)
        data = yield first, width
        for place in range(0, len(data), PAGE):
            pages[first + place] = data[place : place + PAGE]
        reading.send(data)
    except StopIteration as done:
        found: bytes = done.value
        return found
    raise RuntimeError("a stretch is read at once")


def _partition(start: int, read: Read) -> Changes:
    boot = yield from read(start, 512)
    if len(boot) < 512 or boot[510:512] != b"\x55\xaa":
        return {}
    if exfat := read_exfat(start, boot):
        if little(boot, 106, 2) & _MEDIA_FAILURE_OR_DIRTY_OR_SECOND_FAT:
            return {}
        return (yield from _exfat(exfat, read))
    if fat := read_fat(start, boot):
        return (yield from _fat(fat, boot, read))
    return {}


def _fat(fat: Fat, boot: bytes, read: Read) -> Changes:
    table = yield from read(fat.tables, 8)
    if not _sound(fat, boot, table):
        return {}
    changes: dict[int, bytes] = {}
    for place in fat.information:
        information = yield from read(place, 512)
        if information[:4] == b"RRaA" and information[484:488] == b"rrAa" and information[508:] == b"\0\0\x55\xaa":
            changes[place + 488] = _UNKNOWN
    root = (yield from read(fat.root, fat.root_length)) if fat.root >= fat.heap or not fat.wide else b""
    changes |= _fat_dates(fat.root, root)
    for number in list(fat.folders(root))[:MAX_FOLDERS]:
        place = fat.at(number)
        folder = yield from read(place, min(fat.cluster, FOLDER_BYTES))
        if number >= 2 and _begins_with_itself(fat, number, folder):
            changes |= _fat_dates(place, folder)
    return changes


def _sound(fat: Fat, boot: bytes, table: bytes) -> bool:
    """Unmounted cleanly and without a fault, by the byte in the boot sector and by the bits in the table's second entry."""
    if len(table) < 8 or table[0] != boot[21] or boot[65 if fat.wide else 37] & 3:
        return False
    if fat.wide:
        return little(table, 4, 4) & 0x0C000000 == 0x0C000000
    return boot[54:59] == b"FAT12" or little(table, 2, 2) & 0xC000 == 0xC000


def _begins_with_itself(fat: Fat, number: int, folder: bytes) -> bool:
    """Every folder begins with the entries "." and ".."; the first names the folder's own cluster."""
    named = little(folder, 26, 2) | (little(folder, 20, 2) << 16 if fat.wide else 0)
    dots = folder[:11] == b".          " and folder[ENTRY : ENTRY + 11] == b"..         "
    return dots and named == number and bool(folder[11] & folder[ENTRY + 11] & 0x10)


def _fat_dates(start: int, directory: bytes) -> dict[int, bytes]:
    return {start + place + 18: _DAY for place in fat_entries(directory)}


def _exfat(exfat: Exfat, read: Read) -> Changes:
    root = (yield from read(exfat.root, min(exfat.cluster, ROOT_BYTES))) if exfat.root >= exfat.heap else b""
    changes = _exfat_dates(exfat.root, root)
    for number in list(exfat.folders(root))[:MAX_FOLDERS]:
        if 2 <= number < exfat.clusters + 2:
            place = exfat.at(number)
            folder = yield from read(place, min(exfat.cluster, FOLDER_BYTES))
            changes |= _exfat_dates(place, folder)
    return changes


def _exfat_dates(start: int, directory: bytes) -> dict[int, bytes]:
    """Time and checksum stand in the first entry of a set, within one block: a set is never half changed."""
    changes = {}
    for place, length in exfat_sets(directory):
        entries = directory[place : place + length]
        if length >= 3 * ENTRY and entries[ENTRY] == 0xC0 and exfat_checksum(entries) == little(entries, 2, 2):
            entries = entries[:16] + _TIME + entries[20:24] + _UTC + entries[25:]
            changes[start + place] = entries[:2] + exfat_checksum(entries).to_bytes(2, "little") + entries[4:ENTRY]
    return changes
