"""Partition tables, as far as the gap before the first partition needs them: MBR, and GPT (UEFI 2.10, 5.3)."""

import struct
import uuid
import zlib
from dataclasses import dataclass
from enum import StrEnum

from guard.core.request import Filesystem

MIB = 1024 * 1024
FIRST_PARTITION = 4 * MIB
HEAD = 32 * 1024  # bytes from the start that `parse_layout` needs
MAX_ENTRIES = 128
_LARGEST_MBR = 2**32 - 1  # sectors


class Table(StrEnum):
    """Which kind of table a medium starts with."""

    MBR = "mbr"
    GPT = "gpt"
    NONE = "none"  # superfloppy or nothing at all
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Partition:
    """Start and length in bytes; `kind` is the MBR type in hex or the GPT type GUID."""

    start: int
    length: int
    kind: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The table and its partitions in the order of their starts."""

    table: Table
    partitions: tuple[Partition, ...] = ()

    @property
    def summary(self) -> str:
        """One line for people: "mbr, 1 partition from 1.0 MiB"."""
        if not self.partitions:
            return f"{self.table}, no partition"
        count = len(self.partitions)
        return f"{self.table}, {count} partition{'s' * (count > 1)} from {self.partitions[0].start / MIB:.1f} MiB"


def parse_layout(untrusted: bytes, block_size: int) -> Layout:
    """Parse the first HEAD bytes of a unit. Never raises: what is no table is `none`, what contradicts itself `invalid`."""
    if len(untrusted) < 512 or untrusted[510:512] != b"\x55\xaa":
        return Layout(Table.NONE)
    entries = [struct.unpack_from("<B3sB3sII", untrusted, 446 + 16 * n) for n in range(4)]
    used = [(status, kind, start, count) for status, _, kind, _, start, count in entries if kind and count]
    if any(kind == 0xEE for _, kind, _, _ in used):
        return _parse_gpt(untrusted, block_size)
    if not used or any(status & 0x7F for status, *_ in used) or any(start == 0 for _, _, start, _ in used):
        return Layout(Table.NONE)  # a boot sector of a file system carries the same signature
    found = [Partition(start * block_size, count * block_size, f"{kind:02x}") for _, kind, start, count in used]
    return _ordered(Table.MBR, found)


def gap_fault(layout: Layout, gap: bytes, blank: bool) -> str:
    """Why the label cannot go into the gap as it is ("" if it can): a code for `Refused`.

    `gap` are the bytes from LABEL_A to AREA_END; `blank` says that no label of ours is in it.
    """
    if layout.table is not Table.MBR and layout.table is not Table.GPT:
        return "gap-no-table"
    if not layout.partitions:
        return "gap-no-partition"
    if layout.partitions[0].start < MIB:
        return "gap-too-small"
    if blank and gap.strip(b"\0") and gap.strip(b"\xff"):
        return "gap-in-use"
    return ""


def make_partition_table(
    capacity: int, block_size: int, filesystem: Filesystem, chance: bytes
) -> tuple[tuple[int, bytes], ...]:
    """Writes (offset, data) of a fresh table with one partition from 4 MiB to the last whole MiB; GPT where MBR cannot reach.

    `chance` are 32 random bytes, for the ids of disk and partition.
    """
    first = FIRST_PARTITION // block_size
    count = (capacity - FIRST_PARTITION) // MIB * MIB // block_size
    if first + count <= _LARGEST_MBR:
        kind = 0x07 if filesystem is Filesystem.EXFAT else 0x83
        entry = struct.pack("<B3sB3sII", 0, b"\xfe\xff\xff", kind, b"\xfe\xff\xff", first, count)
        return ((0, _boot_record(entry, chance[:4]).ljust(block_size, b"\0")),)
    return _make_gpt(capacity // block_size, block_size, first, count - 2 * MIB // block_size, filesystem, chance)


def _boot_record(entry: bytes, signature: bytes) -> bytes:
    return bytes(440) + signature + bytes(2) + entry + bytes(48) + b"\x55\xaa"


def _make_gpt(
    blocks: int, block_size: int, first: int, count: int, filesystem: Filesystem, chance: bytes
) -> tuple[tuple[int, bytes], ...]:
    kinds = {
        Filesystem.EXFAT: uuid.UUID("EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"),
        Filesystem.EXT4: uuid.UUID("0FC63DAF-8483-4772-8E79-3D69D8477DE4"),
    }
    entry = kinds[filesystem].bytes_le + chance[:16] + struct.pack("<QQQ", first, first + count - 1, 0)
    entries = entry.ljust(128 * MAX_ENTRIES, b"\0")
    width, disk, last = len(entries) // block_size, chance[16:32], blocks - 1

    def header(here: int, other: int, table: int) -> bytes:
        fields = struct.pack("<QQQQ", here, other, 2 + width, last - width - 1) + disk
        fields += struct.pack("<QIII", table, MAX_ENTRIES, 128, zlib.crc32(entries))
        head = b"EFI PART" + struct.pack("<III", 0x10000, 92, 0) + bytes(4) + fields
        crc = struct.pack("<I", zlib.crc32(head))
        return (head[:16] + crc + head[20:]).ljust(block_size, b"\0")

    protective = struct.pack("<B3sB3sII", 0, b"\0\2\0", 0xEE, b"\xff\xff\xff", 1, min(last, _LARGEST_MBR))
    return (
        (0, _boot_record(protective, bytes(4)).ljust(block_size, b"\0")),
        (block_size, header(1, last, 2) + entries),
        ((last - width) * block_size, entries + header(last, 1, last - width)),
    )


def _parse_gpt(untrusted: bytes, block_size: int) -> Layout:
    head = untrusted[block_size : block_size + 92]
    if len(head) < 92 or head[:8] != b"EFI PART":
        return Layout(Table.INVALID)
    size, crc = struct.unpack_from("<II", head, 12)
    if size != 92 or zlib.crc32(head[:16] + bytes(4) + head[20:]) != crc:
        return Layout(Table.INVALID)
    table, number, width, entries_crc = struct.unpack_from("<QIII", head, 72)
    start, length = table * block_size, number * width
    if table < 2 or width != 128 or not 1 <= number <= MAX_ENTRIES or start + length > len(untrusted):
        return Layout(Table.INVALID)
    entries = untrusted[start : start + length]
    if zlib.crc32(entries) != entries_crc:
        return Layout(Table.INVALID)
    found = []
    for place in range(0, length, width):
        kind, (first, last) = entries[place : place + 16], struct.unpack_from("<QQ", entries, place + 32)
        if any(kind):
            if last < first:
                return Layout(Table.INVALID)
            guid = str(uuid.UUID(bytes_le=kind))
            found.append(Partition(first * block_size, (last - first + 1) * block_size, guid))
    return _ordered(Table.GPT, found)


def _ordered(table: Table, found: list[Partition]) -> Layout:
    return Layout(table, tuple(sorted(found, key=lambda partition: partition.start)))
