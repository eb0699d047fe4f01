"""What the kernel counts of a disk, as the proof of no write reads it."""

import asyncio
from pathlib import Path

import pytest

from guard.core.errors import Broken
from guard.core.ports import Counters, Disk
from guard.usb.ports import UsbPorts
from tests.usb.test_watch import Script
from tests.usb.tree import Tree

DISK = Disk("sda", 0, 7, read_only=True)
READ_ONLY_USE = "1 0 8 5 0 0 0 0 0 5 5 0 0 0 0 9 0"


def _counters(root: Path, stat: str, disk: Disk = DISK, *, ro: int = 1, part_ro: int = 1) -> Counters:
    tree = Tree(root)
    tree.plug()
    path = tree.disk(ro=ro, part_ro=part_ro)
    tree.write(f"{path}/stat", f"{stat}\n")
    return asyncio.run(UsbPorts(tree.runtime, tree.root, Script()).counters(disk))


def test_reads_and_flushes_alone_leave_a_medium_untouched(tmp_path: Path) -> None:
    counted = _counters(tmp_path, READ_ONLY_USE)
    assert counted == Counters(read_only=True, writes=0, written=0)
    assert counted.untouched


@pytest.mark.parametrize(
    "stat",
    [
        "1 0 8 5 1 0 0 0 0 5 5 0 0 0 0 0 0",
        "1 0 8 5 0 0 8 0 0 5 5 0 0 0 0 0 0",
        "1 0 8 5 0 0 0 0 0 5 5 1 0 0 0 0 0",
        "1 0 8 5 0 0 0 0 0 5 5 0 0 8 0 0 0",
        "1 0 8 5 2 0 16 0 0 5 5",  # a kernel before 4.18 counts no discards
    ],
)
def test_every_write_and_every_discard_counts(tmp_path: Path, stat: str) -> None:
    assert not _counters(tmp_path, stat).untouched


@pytest.mark.parametrize(("ro", "part_ro"), [(0, 1), (1, 0)])
def test_a_flag_that_fell_on_disk_or_partition_is_no_proof(tmp_path: Path, ro: int, part_ro: int) -> None:
    assert not _counters(tmp_path, READ_ONLY_USE, ro=ro, part_ro=part_ro).untouched


def test_another_disk_that_took_the_name_proves_nothing(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="effect-disk-gone"):
        _counters(tmp_path, READ_ONLY_USE, Disk("sda", 0, 8, read_only=True))
