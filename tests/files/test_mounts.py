"""Where admitted disks are mounted, as the kernel tells it; and nothing else is taken for them."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from guard.core.ports import Disk
from guard.core.volumes import Volume
from guard.files.mounts import KernelMounts

DISK = Disk("sda", 0, 7, read_only=False)
MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sdb1 rw
30 22 8:17 / /media/alice/MY\040STICK\134\012x rw,nosuid shared:9 - vfat /dev/sda1 rw
31 22 8:17 / /mnt/again rw - vfat /dev/sda1 rw
32 22 8:18 /sub /mnt/part rw - ext4 /dev/sda2 rw
33 22 253:0 / /media/alice/vault rw - ext4 /dev/mapper/luks rw
34 22 0:40 / /media/alice/net rw - nfs4 server:/x rw
35 22 8:33 / /media/bob/OTHER rw - vfat /dev/sdc1 rw
nonsense
36 22 x:y / /mnt/odd rw - vfat odd rw
"""


def _tree(root: Path, mounts: str = MOUNTS, sequence: str = "7") -> KernelMounts:
    block = root / "sys/class/block"
    for name, number, device in (
        ("sda", "", "8:16"),
        ("sda1", "1", "8:17"),
        ("sda2", "2", "8:18"),
        ("sda3", "3", "8:19"),
    ):
        folder = block / "sda" / name if number else block / name
        folder.mkdir(parents=True)
        (folder / "dev").write_text(device + "\n")
        if number:
            (folder / "partition").write_text(number + "\n")
    (block / "sda" / "diskseq").write_text(sequence + "\n")
    mapper = root / "sys/devices/virtual/block/dm-0"
    (mapper / "holders").mkdir(parents=True)
    (mapper / "dev").write_text("253:0\n")
    (block / "sda" / "sda3" / "holders").mkdir()
    (block / "sda" / "sda3" / "holders" / "dm-0").symlink_to(mapper)
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/mountinfo").write_text(mounts)
    return KernelMounts(root)


def test_partitions_and_what_is_opened_from_them_are_found_whole_and_once(tmp_path: Path) -> None:
    assert _tree(tmp_path).of(DISK) == (
        Volume(1, os.makedev(8, 17), b"/media/alice/MY STICK\\\nx"),
        Volume(3, os.makedev(253, 0), b"/media/alice/vault"),
    )


def test_a_disk_that_has_only_the_same_name_has_no_volumes(tmp_path: Path) -> None:
    mounts = _tree(tmp_path, sequence="8")
    assert mounts.of(DISK) == ()
    assert mounts.of(Disk("../sda", 0, 8, read_only=False)) == ()
    assert mounts.of(Disk("sdz", 0, 7, read_only=False)) == ()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_mount_and_an_unmount_wake_also_before_anybody_waits(tmp_path: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "x", str(tmp_path)], check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")

    async def story() -> None:
        mounts = KernelMounts()
        await mounts.changed()
        waiting = asyncio.ensure_future(mounts.changed())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        for command in (["umount", str(tmp_path)], ["mount", "-t", "tmpfs", "x", str(tmp_path)]):
            await asyncio.to_thread(subprocess.run, command, check=True)
            await asyncio.wait_for(waiting, 10)
            waiting = asyncio.ensure_future(mounts.changed())
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(story())
    subprocess.run(["umount", str(tmp_path)], check=True)
