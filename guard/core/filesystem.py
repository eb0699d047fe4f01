"""Where FAT and exFAT keep what they write about themselves, as their boot sectors say; nothing of it is believed any further.

All places are bytes from the start of the medium; whoever reads there keeps to the partition.

Sources: Microsoft FAT specification 1.03, sections 3, 5 and 6; exFAT file system specification, sections 3, 6 and 7.
"""

from collections.abc import Iterator
from dataclasses import dataclass

ROOT_BYTES = 16 * 1024  # of the root directory and of an allocation bitmap; never beyond the first cluster
FOLDER_BYTES = 4096
MAX_FOLDERS = 6
ENTRY = 32
_MAX_CLUSTER = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Fat:
    """FAT12, FAT16 or FAT32 (`wide`). `information` are the places of the FSInfo sectors, the one in use first."""

    wide: bool
    cluster: int  # bytes
    tables: int
    heap: int
    root: int
    root_length: int
    information: tuple[int, ...]

    def at(self, number: int) -> int:
        """Where a cluster begins."""
        return self.heap + (number - 2) * self.cluster

    def folders(self, root: bytes) -> Iterator[int]:
        """The first clusters of the folders that a root directory names."""
        for place in fat_entries(root):
            entry = root[place : place + ENTRY]
            if entry[11] & 0x10:
                yield little(entry, 26, 2) | (little(entry, 20, 2) << 16 if self.wide else 0)


@dataclass(frozen=True, slots=True)
class Exfat:
    """An exFAT file system of `clusters` clusters."""

    cluster: int  # bytes
    clusters: int
    tables: int
    heap: int
    root: int

    def at(self, number: int) -> int:
        """Where a cluster begins."""
        return self.heap + (number - 2) * self.cluster

    def folders(self, root: bytes) -> Iterator[int]:
        """The first clusters of the folders that a root directory names."""
        for place, length in exfat_sets(root):
            if root[place + 4] & 0x10 and length > ENTRY and root[place + ENTRY] == 0xC0:
                yield little(root, place + ENTRY + 20, 4)


def read_fat(start: int, boot: bytes) -> Fat | None:
    """Parse the first sector of a partition; None for what is no FAT file system or contradicts itself."""
    wide = boot[82:90] == b"FAT32   "
    sector = little(boot, 11, 2)
    cluster = boot[13] * sector
    if not wide and boot[54:59] not in (b"FAT16", b"FAT12"):
        return None
    if not 512 <= sector <= 4096 or sector & (sector - 1) or not 0 < cluster <= _MAX_CLUSTER:
        return None
    reserved = little(boot, 14, 2)
    tables = start + reserved * sector
    entries = tables + boot[16] * (little(boot, 36, 4) if wide else little(boot, 22, 2)) * sector
    if not start < tables < entries:
        return None
    listed = 0 if wide else little(boot, 17, 2) * ENTRY
    heap = entries + listed
    numbers = (little(boot, 48, 2), little(boot, 50, 2) + little(boot, 48, 2)) if wide else ()
    return Fat(
        wide=wide,
        cluster=cluster,
        tables=tables,
        heap=heap,
        root=heap + (little(boot, 44, 4) - 2) * cluster if wide else entries,
        root_length=min(cluster if wide else listed, ROOT_BYTES),
        information=tuple(start + number * sector for number in numbers if 0 < number < reserved),
    )


def read_exfat(start: int, boot: bytes) -> Exfat | None:
    """Parse the first sector of a partition; None for what is no exFAT file system or contradicts itself."""
    sector_shift, cluster_shift = boot[108], boot[108] + boot[109]
    if boot[3:11] != b"EXFAT   " or not 9 <= sector_shift <= 12 or cluster_shift > 25:
        return None
    tables, heap = (start + (little(boot, place, 4) << sector_shift) for place in (80, 88))
    cluster = 1 << cluster_shift
    if not start < tables < heap:
        return None
    return Exfat(
        cluster=cluster,
        clusters=little(boot, 92, 4),
        tables=tables,
        heap=heap,
        root=heap + (little(boot, 96, 4) - 2) * cluster,
    )


def fat_entries(directory: bytes) -> Iterator[int]:
    """Places of the entries of files and folders in a directory, "." and ".." left out."""
    for place in range(0, len(directory) - ENTRY + 1, ENTRY):
        first, kind = directory[place], directory[place + 11]
        if first == 0:
            return
        if (
            first not in (0xE5, 0x2E) and not kind & 0x08
        ):  # with 0x08 it is the name of the volume or a part of a long name
            yield place


def exfat_sets(directory: bytes) -> Iterator[tuple[int, int]]:
    """Place and length of the set of entries of each file and folder, as far as the whole set is there."""
    place = 0
    while place + ENTRY <= len(directory) and directory[place]:
        length = ENTRY
        if directory[place] == 0x85:
            length += directory[place + 1] * ENTRY
            if place + length > len(directory):
                return
            yield place, length
        place += length


def exfat_checksum(entries: bytes) -> int:
    """The checksum of a set of entries, which leaves out its own two bytes (section 6.3.3)."""
    total = 0
    for place, byte in enumerate(entries):
        if place not in (2, 3):
            total = ((total << 15 | total >> 1) + byte) & 0xFFFF
    return total


def little(data: bytes, place: int, width: int) -> int:
    """A little-endian number; 0 beyond the end."""
    return int.from_bytes(data[place : place + width], "little")
