"""A computer without a guard: the same image as a disk that is no USB device, mounted with the kernel's own file systems."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.system.machine import Machine
from tests.system.sticks import KERNEL_NAMES, Stick

DISK = "/dev/disk/by-id/virtio-sidedoor"


@contextmanager
def plugged(guest: Machine, image: Path) -> Iterator[None]:
    """The image is DISK in the guest, and nobody there asks the guard."""
    file = {"driver": "file", "filename": str(image), "locking": "off"}
    guest.qmp("blockdev-add", node_name="side", driver="raw", file=file)
    try:
        guest.qmp("device_add", driver="virtio-blk-pci", id="side-door", drive="side", serial="sidedoor")
        guest.run(f"for _ in $(seq 100); do [ -b {DISK} ] && break; sleep 0.1; done; udevadm settle")
        yield
    finally:  # the guest is everybody's: what failed here must not fail the tests that follow
        guest.qmp("device_del", id="side-door")
        guest.qmp.wait("DEVICE_DELETED", "side-door")
        guest.qmp("blockdev-del", node_name="side")


def used_elsewhere(guest: Machine, stick: Stick, filesystem: str, act: str, option: str = "rw") -> None:
    """Mount the first partition, do something in its top folder, and unmount in order."""
    kind = KERNEL_NAMES.get(filesystem, filesystem)
    with plugged(guest, stick.image):
        guest.run(
            f"set -e; mkdir -p /mnt/side; mount -t {kind} -o {option} {DISK}-part1 /mnt/side; cd /mnt/side\n"
            f"{{ {act}; }} >/dev/null || exit 1\ncd /; umount /mnt/side\n"
            # Both computers of this story have one clock: FAT's steps of two seconds must not make the two one moment.
            "then=$(date +%s); until [ $(($(date +%s) - then)) -ge 3 ]; do sleep 0.2; done"
        )
