"""The disk that the running system needs is found through whatever lies between; a visiting stick never counts."""

from pathlib import Path

import pytest

from guard.usb.system_disk import system_interfaces
from tests.usb.tree import Tree

PORT = "3-1:1.0"
OTHER = "3-2:1.0"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    for name, port, number in (("sda", PORT, 0), ("sdb", OTHER, 1)):
        made.plug(port.partition(":")[0])
        path = made.disk(name, port)
        for minor, place in ((0, path), (1, f"{path}/{name}1")):
            (made.root / f"sys/dev/block/8:{number * 16 + minor}").symlink_to(made.root / place)
    return made


def _mounted(tree: Tree, *lines: str) -> None:
    tree.write("proc/self/mountinfo", "".join(f"{n} 1 {line}\n" for n, line in enumerate(lines)))


def _mapper(tree: Tree, name: str, number: str, *below: str) -> None:
    path = f"sys/devices/virtual/block/{name}"
    for slave in below:
        tree.write(f"{path}/slaves/{slave}", "")
    tree.write(f"{path}/dm/name", "vault\n")
    (tree.root / f"sys/class/block/{name}").symlink_to(tree.root / path)
    (tree.root / f"sys/dev/block/{number}").symlink_to(tree.root / path)


def test_a_root_file_system_on_a_usb_partition(tree: Tree) -> None:
    _mounted(tree, "8:1 / / rw - ext4 /dev/root rw", "0:5 / /proc rw - proc proc rw")
    assert system_interfaces(tree.root) == {PORT}


@pytest.mark.parametrize("point", ["/home", "/boot/efi", "/var", "/media2", "/run/mediation"])
def test_any_mount_that_is_not_a_visitors_place(tree: Tree, point: str) -> None:
    _mounted(tree, f"8:1 / {point} rw - ext4 /dev/sda1 rw")
    assert system_interfaces(tree.root) == {PORT}


@pytest.mark.parametrize("point", ["/media/stick", "/run/media/alice/stick", "/mnt", "/mnt/x", "/media/a\\040b"])
def test_a_stick_mounted_where_sticks_are_mounted_is_no_system_disk(tree: Tree, point: str) -> None:
    _mounted(tree, f"8:1 / {point} rw - vfat /dev/sda1 rw")
    assert system_interfaces(tree.root) == set()


def test_a_file_system_through_a_mapper(tree: Tree) -> None:
    _mapper(tree, "dm-0", "253:0", "sda1")
    _mounted(tree, "253:0 / / rw - ext4 /dev/mapper/vault rw")
    assert system_interfaces(tree.root) == {PORT}


def test_a_mirror_of_two_usb_disks_below_a_mapper(tree: Tree) -> None:
    _mapper(tree, "md0", "9:0", "sda1", "sdb1")
    _mapper(tree, "dm-0", "253:0", "md0")
    _mounted(tree, "253:0 / /home rw - ext4 /dev/mapper/vault rw")
    assert system_interfaces(tree.root) == {PORT, OTHER}


def test_swap_on_a_partition_and_in_a_file(tree: Tree) -> None:
    _mounted(tree, "8:17 / /data\\040x rw - ext4 /dev/sdb1 rw")
    tree.write("proc/swaps", "Filename\tType\n/dev/sda1 partition 1 0 -2\n")
    assert system_interfaces(tree.root) == {PORT, OTHER}
    tree.write("proc/swaps", "Filename\tType\n/media/s/swap file 1 0 -2\n")
    _mounted(tree, "8:17 / /media/s rw - ext4 /dev/sdb1 rw")
    assert system_interfaces(tree.root) == {OTHER}


def test_a_live_system_in_an_image_on_a_stick(tree: Tree) -> None:
    _mapper(tree, "loop0", "7:0")
    tree.write("sys/class/block/loop0/loop/backing_file", "/run/live/medium/root.squashfs\n")
    _mounted(tree, "8:1 / /run/live/medium ro - iso9660 /dev/sda1 ro", "7:0 / /usr ro - squashfs /dev/loop0 ro")
    assert system_interfaces(tree.root) == {PORT}


def test_btrfs_over_two_disks_has_no_number_of_its_own(tree: Tree) -> None:
    for name in ("sda1", "sdb1"):
        tree.write(f"sys/fs/btrfs/1234/devices/{name}", "")
    _mounted(tree, "0:30 /@ / rw - btrfs /dev/sda1 rw")
    assert system_interfaces(tree.root) == {PORT, OTHER}


def test_a_system_on_an_internal_disk_leaves_all_sticks_to_the_guard(tree: Tree) -> None:
    tree.write("sys/devices/pci/nvme0n1/size", "1\n")
    (tree.root / "sys/dev/block/259:0").symlink_to(tree.root / "sys/devices/pci/nvme0n1")
    _mounted(tree, "259:0 / / rw - ext4 /dev/nvme0n1 rw", "8:1 / /media/x rw - vfat /dev/sda1 rw", "garbage")
    assert system_interfaces(tree.root) == set()


def test_a_mount_that_the_own_sandbox_covers_is_seen_through_process_1(tree: Tree) -> None:
    _mounted(tree, "0:22 / /home ro - tmpfs tmpfs ro")
    tree.write("proc/1/mountinfo", "9 1 8:1 / /home rw - ext4 /dev/sda1 rw\n")
    assert system_interfaces(tree.root) == {PORT}
