"""The fingerprint of a file system's bookkeeping: what changes it, what does not, and what a hostile one cannot make it do."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.fingerprint import Fingerprint, Part, fingerprint
from guard.core.partition import FIRST_PARTITION, HEAD, Layout, Partition, Table

MIB = 1024 * 1024
BUDGET = 128 * 1024
MAKERS = {
    "FAT12": ("mkfs.vfat", "-F", "12", "-s", "32"),
    "FAT16": ("mkfs.vfat", "-F", "16"),
    "FAT32": ("mkfs.vfat", "-F", "32"),
    "exFAT": ("mkfs.exfat",),
    "ext4": ("mkfs.ext4", "-q", "-F"),
    "NTFS": ("mkntfs", "-F", "-Q", "-q"),
}
LAYOUT = Layout(Table.MBR, (Partition(FIRST_PARTITION, 60 * MIB, "c"),))


def take(image: bytes, layout: Layout = LAYOUT) -> tuple[Fingerprint, list[tuple[int, int]]]:
    """The hashes, and what was read for them."""
    reads = []
    search = fingerprint(layout, image[:HEAD], len(image))
    try:
        offset, length = next(search)
        while True:
            reads.append((offset, length))
            offset, length = search.send(image[offset : offset + length])
    except StopIteration as done:
        return done.value, reads


@pytest.fixture(scope="module", params=MAKERS)
def partition(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A file system with a directory and files in it."""
    folder = tmp_path_factory.mktemp("fs")
    part = folder / "part"
    with part.open("wb") as file:
        file.truncate(60 * MIB)
    subprocess.run([*MAKERS[request.param], str(part)], check=True, capture_output=True)
    if request.param.startswith("FAT"):
        subprocess.run(["mmd", "-i", part, "::docs"], check=True)
        for place in ("::letter.txt", "::docs/plan.txt"):
            subprocess.run(["mcopy", "-i", part, "/etc/hostname", place], check=True)
    if request.param == "NTFS":
        subprocess.run(["ntfscp", part, "/etc/hostname", "letter.txt"], check=True, capture_output=True)
    return request.param, part


def _image(part: Path) -> bytes:
    return bytes(FIRST_PARTITION) + part.read_bytes()


def test_the_same_bytes_have_the_same_fingerprint_within_the_budget(partition: tuple[str, Path]) -> None:
    image = _image(partition[1])
    first, reads = take(image)
    assert take(image)[0] == first
    assert len(first.total) == 32
    assert all(len(digest) == 16 for _, digest in first.parts)
    assert sum(length for _, length in reads) <= BUDGET
    assert all(offset % 4096 == length % 4096 == 0 for offset, length in reads)
    assert all(FIRST_PARTITION <= offset < len(image) for offset, _ in reads)


def test_what_the_guard_writes_itself_is_no_change(partition: tuple[str, Path]) -> None:
    image = bytearray(_image(partition[1]))
    first, _ = take(bytes(image))
    image[512 * 1024 : 1008 * 1024] = b"x" * (496 * 1024)  # label area and records
    assert take(bytes(image))[0] == first


def test_a_rewritten_partition_table_is_a_change(partition: tuple[str, Path]) -> None:
    image = bytearray(_image(partition[1]))
    first, _ = take(bytes(image))
    image[450] ^= 1
    after, _ = take(bytes(image))
    assert after.total != first.total
    assert after.changed_since(first) == (Part.TABLE,)


def _mtools(*words: str) -> Callable[[Path], None]:
    def act(part: Path) -> None:
        subprocess.run([words[0], "-i", str(part), *words[1:]], check=True, capture_output=True)

    return act


def _debugfs(command: str) -> Callable[[Path], None]:
    def act(part: Path) -> None:
        subprocess.run(["debugfs", "-w", "-R", command, str(part)], check=True, capture_output=True)

    return act


def _ntfscp(part: Path) -> None:
    subprocess.run(["ntfscp", str(part), "/etc/passwd", "new.txt"], check=True, capture_output=True)


FATS = ("FAT12", "FAT16", "FAT32")
CHANGES = [
    *((name, _mtools("mcopy", "/etc/passwd", "::new.txt"), {Part.ALLOCATION, Part.ROOT}) for name in FATS),
    *((name, _mtools("mcopy", "/etc/passwd", "::docs/new.txt"), {Part.ALLOCATION, Part.FOLDER}) for name in FATS),
    *((name, _mtools("mdel", "::docs/plan.txt"), {Part.ALLOCATION, Part.FOLDER}) for name in FATS),
    *((name, _mtools("mren", "::letter.txt", "::other.txt"), {Part.ROOT}) for name in FATS),
    ("ext4", _debugfs("write /etc/passwd new"), {Part.SUPERBLOCK}),
    ("ext4", _debugfs("mkdir docs"), {Part.SUPERBLOCK}),
    ("NTFS", _ntfscp, {Part.FILES}),
]


@pytest.mark.parametrize("change", range(len(CHANGES)))
def test_a_file_that_came_went_or_was_renamed_is_a_change(
    change: int, tmp_path: Path, partition: tuple[str, Path]
) -> None:
    name, act, parts = CHANGES[change]
    if name != partition[0]:
        return
    part = tmp_path / "part"
    shutil.copyfile(partition[1], part)
    before, _ = take(_image(part))
    act(part)
    after, _ = take(_image(part))
    assert after.total != before.total
    assert set(after.changed_since(before)) - {Part.FREE_SPACE} == parts


@given(
    st.sampled_from([(3, b"EXFAT   "), (3, b"NTFS    "), (82, b"FAT32   "), (54, b"FAT16   "), (0, b"LUKS\xba\xbe")]),
    st.binary(max_size=512),
    st.binary(max_size=2048),
    st.integers(0, 2 * MIB),
)
def test_no_file_system_makes_it_raise_read_outside_or_read_much(
    name: tuple[int, bytes], boot: bytes, filling: bytes, length: int
) -> None:
    start = MIB
    image = bytearray(2 * MIB)
    image[start : start + len(boot)] = boot
    image[start + 4096 : start + 4096 + len(filling)] = filling
    image[start + name[0] : start + name[0] + len(name[1])] = name[1]
    found, reads = take(bytes(image), Layout(Table.MBR, (Partition(start, length, "c"),)))
    assert len(found.total) == 32
    assert sum(width for _, width in reads) <= BUDGET
    assert all(start <= offset < min(start + length, len(image)) for offset, _ in reads)


def test_the_log_of_ntfs_is_found_where_its_record_says(partition: tuple[str, Path]) -> None:
    """Windows writes its first pages at every mount, also where nothing else changes."""
    if partition[0] != "NTFS":
        return
    image = bytearray(_image(partition[1]))
    first, _ = take(bytes(image))
    place = bytes(image).find(b"\xff" * 8192, FIRST_PARTITION)  # what mkntfs fills the log with
    assert place % 4096 == 0
    image[place + 4096 : place + 4100] = b"RSTR"
    assert take(bytes(image))[0].changed_since(first) == (Part.LOG,)


def test_the_fixed_fields_of_exfat_are_believed_only_within_the_partition(partition: tuple[str, Path]) -> None:
    if partition[0] != "exFAT":
        return
    image = bytearray(_image(partition[1]))
    image[FIRST_PARTITION + 96 : FIRST_PARTITION + 100] = b"\xff\xff\xff\xff"  # the root directory beyond the end
    _, reads = take(bytes(image))
    assert all(offset + length <= len(image) for offset, length in reads)
