"""Where admitted disks are mounted: /proc/self/mountinfo and sysfs (Documentation/filesystems/proc.rst, section 3.5).

The mounts are those of this process's namespace; the host's reach it, because systemd makes it a slave of the host's.
"""

import asyncio
import os
import re
import select
from collections.abc import Iterator
from pathlib import Path

from guard.core.ports import Disk
from guard.core.volumes import Volume

MOST_VOLUMES = 16
_DISK = re.compile(r"sd[a-z]{1,4}")
_OCTAL = re.compile(rb"\\([0-7]{3})")


class KernelMounts:
    """See guard.core.volumes.Mounts."""

    def __init__(self, root: Path = Path("/")) -> None:
        """`root` is where proc and sys are found."""
        self._root = root
        self._turned: asyncio.Event | None = None
        self._epoll = select.epoll()

    def of(self, disk: Disk) -> tuple[Volume, ...]:
        """The oldest mount of each file system whole on the disk, its partitions, or what is opened from them (LUKS)."""
        if not _DISK.fullmatch(disk.name):
            return ()
        folder = self._root / "sys/class/block" / disk.name
        if _text(folder / "diskseq") != str(disk.sequence):
            return ()
        numbers: dict[int, int] = {}
        for number, device in _devices(folder):
            numbers.setdefault(device, number)
        try:
            mountinfo = (self._root / "proc/self/mountinfo").read_bytes()
        except OSError:
            return ()
        found: dict[int, Volume] = {}
        for device, path in _whole_mounts(mountinfo):
            if device in numbers and device not in found and len(found) < MOST_VOLUMES:
                found[device] = Volume(numbers[device], device, path)
        return tuple(sorted(found.values(), key=lambda volume: volume.number))

    async def changed(self) -> None:
        """The kernel wakes with POLLPRI; asyncio knows only readable, so an epoll of our own stands between.

        It is watched all the time: an event that is looked at twice is gone the second time.
        """
        if self._turned is None:
            self._turned = asyncio.Event()
            self._epoll.register(os.open(self._root / "proc/self/mountinfo", os.O_RDONLY), select.EPOLLPRI)
            asyncio.get_running_loop().add_reader(self._epoll.fileno(), self._wake)
            return  # whoever asks for the first time looks for himself
        await self._turned.wait()
        self._turned.clear()

    def _wake(self) -> None:
        self._epoll.poll(0)
        if self._turned is not None:
            self._turned.set()


def _whole_mounts(mountinfo: bytes) -> Iterator[tuple[int, bytes]]:
    """Device and path of every mount that shows a file system from its root, oldest first."""
    for line in mountinfo.splitlines():
        fields = line.split(b" ")
        major, _, minor = fields[2].partition(b":") if len(fields) > 5 else (b"", b"", b"")
        if major.isdigit() and minor.isdigit() and fields[3] == b"/":
            yield os.makedev(int(major), int(minor)), _OCTAL.sub(lambda m: bytes([int(m[1], 8)]), fields[4])


def _devices(disk: Path) -> Iterator[tuple[int, int]]:
    """Number of the partition (0 for the whole disk) and device of everything on a disk, down through mappers."""
    waiting = [(0, disk)]
    parts = [(_text(part), part.parent) for part in sorted(disk.glob(f"{disk.name}*/partition"))]
    waiting += [(int(number), folder) for number, folder in parts if number.isdecimal()]
    seen: set[str] = set()
    while waiting:
        number, folder = waiting.pop(0)
        if folder.name in seen:
            continue
        seen.add(folder.name)
        major, _, minor = _text(folder / "dev").partition(":")
        if major.isdecimal() and minor.isdecimal():
            yield number, os.makedev(int(major), int(minor))
        waiting += [(number, holder.resolve()) for holder in sorted((folder / "holders").glob("*"))]


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return ""
