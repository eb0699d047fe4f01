"""Partition tables: what is read of a stranger's, and what we write ourselves."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.area import AREA_END, LABEL_A
from guard.core.partition import HEAD, Table, gap_fault, make_partition_table, parse_layout
from guard.core.request import Filesystem

MIB = 1024 * 1024
CHANCE = bytes(range(32))


def _image(folder: Path, size: int, table: str) -> bytes:
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(size)
    subprocess.run(["/usr/sbin/sfdisk", "-q", str(image)], input=table, text=True, check=True, capture_output=True)
    with image.open("rb") as file:
        return file.read(HEAD)


@pytest.mark.parametrize(
    ("table", "kind", "fault"),
    [
        ("start=2048,type=c", Table.MBR, ""),
        ("start=63,type=c", Table.MBR, "gap-too-small"),
        ("label:gpt\nstart=2048", Table.GPT, ""),
        ("label:gpt\nfirst-lba:34\nstart=40,size=10000", Table.GPT, "gap-too-small"),
        ("label:gpt\n", Table.GPT, "gap-no-partition"),
    ],
)
def test_tables_of_sfdisk_are_understood(tmp_path: Path, table: str, kind: Table, fault: str) -> None:
    layout = parse_layout(_image(tmp_path, 64 * MIB, table), 512)
    assert layout.table is kind
    assert gap_fault(layout, bytes(AREA_END - LABEL_A), blank=True) == fault


def test_a_gap_that_somebody_uses_is_left_alone() -> None:
    ((_, head),) = make_partition_table(64 * MIB, 512, Filesystem.EXFAT, CHANCE)
    layout = parse_layout(head.ljust(HEAD, b"\0"), 512)
    assert gap_fault(layout, b"\xff" * 1000, blank=True) == ""
    assert gap_fault(layout, b"GRUB".ljust(1000, b"\0"), blank=True) == "gap-in-use"
    assert gap_fault(layout, b"MGLB".ljust(1000, b"\0"), blank=False) == ""


def test_a_boot_sector_without_partitions_is_no_table() -> None:
    assert parse_layout(bytes(510) + b"\x55\xaa" + bytes(HEAD), 512).table is Table.NONE


@pytest.mark.parametrize("size", [64 * MIB, 3 << 40])
def test_what_we_write_is_what_sfdisk_reads(tmp_path: Path, size: int) -> None:
    image = tmp_path / "fresh"
    with image.open("wb") as file:
        file.truncate(size)
        for offset, data in make_partition_table(size, 512, Filesystem.EXFAT, CHANCE):
            file.seek(offset)
            file.write(data)
    done = subprocess.run(["/usr/sbin/sfdisk", "--dump", str(image)], text=True, capture_output=True, check=True)
    assert "start=        8192" in done.stdout
    checked = subprocess.run(["/usr/sbin/sfdisk", "--verify", str(image)], text=True, capture_output=True, check=False)
    assert "No errors detected" in checked.stdout
    with image.open("rb") as file:
        assert parse_layout(file.read(HEAD), 512).partitions[0].start == 4 * MIB


@given(st.binary(max_size=HEAD), st.sampled_from([512, 4096]))
def test_any_bytes_give_a_layout(untrusted: bytes, block_size: int) -> None:
    layout = parse_layout(untrusted, block_size)
    assert list(layout.partitions) == sorted(layout.partitions, key=lambda partition: partition.start)


@given(st.binary(min_size=64, max_size=64))
def test_any_table_entries_give_a_layout(entries: bytes) -> None:
    parse_layout(bytes(446) + entries + b"\x55\xaa" + bytes(HEAD - 512), 512)
