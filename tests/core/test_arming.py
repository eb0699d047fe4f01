"""Arming: nothing but access dates and the free space of FSInfo ever changes, and everything in the file system stays as it was."""

import hashlib
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.core.arming import arm
from guard.core.filesystem import exfat_checksum
from guard.core.fingerprint import Part
from guard.core.partition import FIRST_PARTITION, HEAD, Layout, Partition, Table
from tests.core.test_fingerprint import take

MIB = 1024 * 1024
SIZE = 60 * MIB
LAYOUT = Layout(Table.MBR, (Partition(FIRST_PARTITION, SIZE, "c"),))
MAKERS = {
    "FAT12": ("mkfs.vfat", "-F", "12", "-s", "32"),
    "FAT16": ("mkfs.vfat", "-F", "16"),
    "FAT32": ("mkfs.vfat", "-F", "32", "-s", "1"),
    "exFAT": ("mkfs.exfat",),
    "ext4": ("mkfs.ext4", "-q", "-F"),
    "NTFS": ("mkntfs", "-F", "-Q", "-q"),
}
CHECKERS = {"FAT": ("fsck.vfat", "-n"), "exF": ("fsck.exfat", "-n")}
FREE = range(488, 496)  # of an FSInfo sector
DATES = {"FAT": {18, 19}, "exF": {2, 3, 16, 17, 18, 19, 24}}  # of a directory entry


def armed(image: bytes, layout: Layout = LAYOUT, block_size: int = 512) -> tuple[bytes, list[tuple[int, bytes]]]:
    """The image afterwards, and the writes; each of them whole blocks that were read before."""
    read: set[int] = set()
    search = arm(layout, len(image), block_size)
    try:
        offset, length = next(search)
        while True:
            read.update(range(offset, offset + length, 512))
            offset, length = search.send(image[offset : offset + length])
    except StopIteration as done:
        writes = list(done.value)
    after = bytearray(image)
    for offset, data in writes:
        assert offset % block_size == 0
        assert len(data) == block_size
        assert read.issuperset(range(offset, offset + len(data), 512))
        after[offset : offset + len(data)] = data
    return bytes(after), writes


def changed_bytes(before: bytes, after: bytes) -> list[int]:
    """Places of the bytes that are not as they were."""
    return [
        place + n
        for place in range(0, len(before), 512)
        if before[place : place + 512] != after[place : place + 512]
        for n in range(512)
        if before[place + n] != after[place + n]
    ]


def exfat_folder(part: Path) -> None:
    """A file in the root directory and a folder with a file in it, set down by hand: no tool writes exFAT without a kernel."""
    image = bytearray(part.read_bytes())
    shift, cluster = image[108], 1 << (image[108] + image[109])
    heap, (root,) = (int.from_bytes(image[88:92], "little") << shift), struct.unpack_from("<I", image, 96)

    def at(number: int) -> int:
        return heap + (number - 2) * cluster

    def entries(name: str, attributes: int, number: int, length: int) -> bytes:
        file = struct.pack("<BBHHH", 0x85, 2, 0, attributes, 0) + bytes(24)
        stream = struct.pack("<BBBBHHQIIQ", 0xC0, 3, 0, len(name), 0, 0, length, 0, number, length)
        found = bytearray(file + stream + b"\xc1\0" + name.encode("utf-16-le").ljust(30, b"\0"))
        hashed = 0  # of the name, in capitals (section 7.6.4)
        for byte in name.upper().encode("utf-16-le"):
            hashed = ((hashed << 15 | hashed >> 1) + byte) & 0xFFFF
        found[36:38] = hashed.to_bytes(2, "little")
        found[2:4] = exfat_checksum(bytes(found)).to_bytes(2, "little")
        return bytes(found)

    place = at(root)
    while image[place]:
        if image[place] == 0x81:
            (bitmap,) = struct.unpack_from("<I", image, place + 20)
        place += 32
    free = root + 1
    listing = entries("letter.txt", 0x20, free, 5) + entries("docs", 0x10, free + 1, cluster)
    image[place : place + len(listing)] = listing
    image[at(free) : at(free) + 5] = b"hello"
    inside = entries("plan.txt", 0x20, free + 2, 4)
    image[at(free + 1) : at(free + 1) + len(inside)] = inside
    image[at(free + 2) : at(free + 2) + 4] = b"plan"
    for number in (free, free + 1, free + 2):
        image[at(bitmap) + (number - 2) // 8] |= 1 << (number - 2) % 8
    part.write_bytes(image)


@pytest.fixture(scope="module", params=MAKERS)
def partition(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A file system with a file and a folder in the root directory, and a file in the folder."""
    part = tmp_path_factory.mktemp("fs") / "part"
    with part.open("wb") as file:
        file.truncate(SIZE)
    subprocess.run([*MAKERS[request.param], str(part)], check=True, capture_output=True)
    if request.param.startswith("FAT"):
        subprocess.run(["mmd", "-i", part, "::docs"], check=True)
        for place in ("::letter.txt", "::a long name of a file.txt", "::docs/plan.txt"):
            subprocess.run(["mcopy", "-i", part, "/etc/hostname", place], check=True)
    elif request.param == "exFAT":
        exfat_folder(part)
    return request.param, part


def _image(part: Path) -> bytes:
    return bytes(FIRST_PARTITION) + part.read_bytes()


def _check(name: str, part: Path) -> tuple[int, str]:
    done = subprocess.run([*CHECKERS[name[:3]], str(part)], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def _contents(name: str, part: Path) -> dict[str, str]:
    if not name.startswith("FAT"):
        return {}
    names = ("::letter.txt", "::a long name of a file.txt", "::docs/plan.txt")
    return {
        place: hashlib.sha256(
            subprocess.run(["mtype", "-i", part, place], check=True, capture_output=True).stdout
        ).hexdigest()
        for place in names
    }


@pytest.mark.parametrize("block_size", [512, 4096])
def test_nothing_but_access_dates_and_the_count_of_free_space_changes_and_the_file_system_stays_sound(
    partition: tuple[str, Path], tmp_path: Path, block_size: int
) -> None:
    name, part = partition
    before = _image(part)
    after, writes = armed(before, block_size=block_size)
    if name in ("ext4", "NTFS"):
        assert writes == [], "they write at every use without being armed"
        return
    sound = _check(name, part)
    assert sound[0] == 0, sound
    places = [place - FIRST_PARTITION for place in changed_bytes(before, after)]
    information = [place for place in places if place < 8 * 512 and place % 512 in FREE]
    assert {place // 512 for place in information} == ({1, 7} if name == "FAT32" else set())
    assert {place % 32 for place in set(places) - set(information)} <= DATES[name[:3]]
    assert len(set(places) - set(information)) >= 3
    copy = tmp_path / "part"
    copy.write_bytes(after[FIRST_PARTITION:])
    assert _check(name, copy)[0] == 0, _check(name, copy)
    assert _contents(name, copy) == _contents(name, part)
    assert take(after)[0].changed_since(take(before)[0]) == (
        (Part.FREE_SPACE, Part.ROOT, Part.FOLDER) if name == "FAT32" else (Part.ROOT, Part.FOLDER)
    )
    assert armed(after, block_size=block_size)[1] == armed(after)[1] == [] or all(
        after[offset : offset + len(data)] == data for offset, data in armed(after)[1]
    ), "a second time there is nothing to change"


def test_power_may_be_cut_between_any_two_writes_of_the_arming(partition: tuple[str, Path], tmp_path: Path) -> None:
    name, part = partition
    before = _image(part)
    writes = armed(before)[1]
    image = bytearray(before[FIRST_PARTITION:])
    copy = tmp_path / "part"
    for offset, data in writes:
        image[offset - FIRST_PARTITION : offset - FIRST_PARTITION + len(data)] = data
        copy.write_bytes(image)
        assert _check(name, copy)[0] == 0, _check(name, copy)


FLAGS = {"FAT12": (37, 1), "FAT16": (37, 1), "FAT32": (65, 1), "exFAT": (106, 2)}


def test_a_file_system_that_was_not_unmounted_or_is_damaged_is_left_alone(partition: tuple[str, Path]) -> None:
    name, part = partition
    if name not in FLAGS:
        return
    assert armed(_image(part))[1]
    place, dirty = FLAGS[name]
    for bit in (dirty, dirty << 1):
        image = bytearray(_image(part))
        image[FIRST_PARTITION + place] |= bit
        assert armed(bytes(image))[1] == []
    if name in ("FAT16", "FAT32"):
        table = int.from_bytes(_image(part)[FIRST_PARTITION + 14 : FIRST_PARTITION + 16], "little") * 512
        image = bytearray(_image(part))
        image[FIRST_PARTITION + table + (7 if name == "FAT32" else 3)] &= 0xF3 if name == "FAT32" else 0x3F
        assert armed(bytes(image))[1] == []


def test_an_entry_set_with_a_wrong_checksum_is_not_touched(partition: tuple[str, Path]) -> None:
    name, part = partition
    if name != "exFAT":
        return
    image = bytearray(_image(part))
    place = bytes(image).find(b"\x85\x02", FIRST_PARTITION)
    image[place + 2] ^= 1
    after, writes = armed(bytes(image))
    assert writes
    assert after[place : place + 96] == bytes(image[place : place + 96])


def test_a_folder_that_does_not_begin_with_itself_is_not_touched(partition: tuple[str, Path]) -> None:
    """A cross link, by accident or on purpose: what stands there is somebody's file."""
    name, part = partition
    if not name.startswith("FAT"):
        return
    image = bytearray(_image(part))
    place = bytes(image).find(b".          \x10", FIRST_PARTITION)
    image[place + 26] ^= 1
    after, _ = armed(bytes(image))
    assert after[place : place + 4096] == bytes(image[place : place + 4096])


_FAT_FILE = b"FILE    TXT\x20" + bytes(20)
_FAT_FOLDER = b"DOCS       \x10" + bytes(14) + b"\5\0" + bytes(4)
_DOTS = b".          \x10" + bytes(14) + b"\5\0" + bytes(4) + b"..         \x10" + bytes(20)
_INFORMATION = b"RRaA" + bytes(480) + b"rrAa" + bytes(20) + b"\0\0\x55\xaa"


def _exfat_set(attributes: int) -> bytes:
    found = bytearray(
        b"\x85\2\0\0" + bytes((attributes,)) + bytes(27) + b"\xc0" + bytes(19) + b"\5" + bytes(11) + b"\xc1" + bytes(31)
    )
    found[2:4] = exfat_checksum(bytes(found)).to_bytes(2, "little")
    return bytes(found)


PIECES = [_FAT_FILE, _FAT_FOLDER, _DOTS, _INFORMATION, _exfat_set(0x20), _exfat_set(0x10)]
piece = st.tuples(st.integers(1, 640).map(lambda n: 512 * n), st.sampled_from(PIECES))


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["FAT32", "FAT16", "exFAT"]),
    st.integers(0, 2 * MIB),
    st.lists(st.tuples(st.integers(11, 511), st.integers(0, 255)), max_size=12),
    st.lists(piece, max_size=20),
    st.lists(st.tuples(st.integers(512, 2 * MIB - 65), st.binary(min_size=1, max_size=64)), max_size=12),
    st.sampled_from([512, 4096]),
)
def test_no_file_system_makes_it_raise_or_change_anything_else(
    name: str,
    length: int,
    boot: list[tuple[int, int]],
    pieces: list[tuple[int, bytes]],
    filling: list[tuple[int, bytes]],
    block_size: int,
) -> None:
    """Fields of the boot sector and anything behind it are hostile; what looks like an entry can only get a date."""
    start = MIB
    image = _hostile(name)
    for place, value in boot:
        image[start + place] = value
    image[start + 510 : start + 512] = b"\x55\xaa"
    for place, data in pieces + filling:
        image[start + place : start + place + len(data)] = data
    before = bytes(image)
    after, _ = armed(before, Layout(Table.MBR, (Partition(start, length, "c"),)), block_size)
    for place in changed_bytes(before, after):
        assert start + 512 <= place < min(start + length, len(image))
        sector = place - place % 512
        information = before[sector : sector + 4] == b"RRaA" and place % 512 in FREE
        assert information or (place - start) % 32 in DATES[name[:3]]


def test_what_the_hostile_ones_are_made_of_is_armed_as_it_stands() -> None:
    for name in DATES:
        assert len(armed(bytes(_hostile({"FAT": "FAT32", "exF": "exFAT"}[name])), SMALL)[1]) >= 2


SMALL = Layout(Table.MBR, (Partition(MIB, 2 * MIB, "c"),))


def _hostile(name: str) -> bytearray:
    """The smallest thing that is taken for a file system, with a folder in its root directory."""
    image = bytearray(3 * MIB)
    image[MIB : MIB + 512] = _boot(name)
    if name == "exFAT":
        places = {40: _exfat_set(0x20) + _exfat_set(0x10), 32 + 3 * 8: _exfat_set(0x20)}
    else:
        root, heap = 16, 16 if name == "FAT32" else 20
        table = b"\xf8\xff\xff\x0f\xff\xff\xff\x0f"
        places = {1: _INFORMATION, 8: table, root: _FAT_FILE + _FAT_FOLDER, heap + 3: _DOTS + _FAT_FILE}
    for sector, data in places.items():
        image[MIB + sector * 512 : MIB + sector * 512 + len(data)] = data
    return image


def _boot(name: str) -> bytes:
    boot = bytearray(512)
    if name == "exFAT":
        boot[3:11] = b"EXFAT   "
        struct.pack_into("<IIIII", boot, 80, 24, 8, 32, 400, 3)
        boot[108:111] = bytes((9, 3, 1))
    else:
        struct.pack_into("<HBHBHHBH", boot, 11, 512, 1, 8, 1, 0 if name == "FAT32" else 64, 0, 0xF8, 0)
        if name == "FAT32":
            struct.pack_into("<IIIHH", boot, 36, 8, 0, 2, 1, 6)
            boot[82:90] = b"FAT32   "
        else:
            boot[22] = 8
            boot[54:62] = b"FAT16   "
    boot[510:] = b"\x55\xaa"
    return bytes(boot)


def test_what_is_beyond_the_partition_is_not_written(partition: tuple[str, Path]) -> None:
    name, part = partition
    if name not in FLAGS:
        return
    short = Layout(Table.MBR, (Partition(FIRST_PARTITION, 4096, "c"),))
    image = _image(part)
    after, _ = armed(image, short)
    assert after[FIRST_PARTITION + 4096 :] == image[FIRST_PARTITION + 4096 :]
    assert after[:FIRST_PARTITION] == image[:FIRST_PARTITION]
    assert HEAD < FIRST_PARTITION
