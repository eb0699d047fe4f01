"""The USB ports of this host: what guard.core.ports asks for, by udev, sysfs and usbfs."""

import asyncio
import errno
import fcntl
import mmap
import os
import re
import struct
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

from guard.core.descriptors import Alternate, Interface, parse_descriptors
from guard.core.errors import Broken, Hostile
from guard.core.ports import Arrival, Claim, Counters, Departure, Disk, PortEvent
from guard.core.verdict import Access
from guard.usb.gate import Gate
from guard.usb.plugged import GONE, Plugged
from guard.usb.reader import Reader
from guard.usb.uevent import Source, Udev
from guard.usb.uses import mounted_numbers, numbers_on
from guard.usb.watch import Watch

# linux/usbdevice_fs.h, linux/fs.h
_CLAIM_INTERFACE, _SET_INTERFACE, _DROP_PRIVILEGES = 0x8004550F, 0x80085504, 0x4004551E
_BLKGETDISKSEQ = 0x80081280
_DISK = re.compile(r"sd[a-z]{1,4}|sr\d{1,3}")


class UsbPorts:
    """All USB storage ports of this host. See guard.core.ports.Ports."""

    def __init__(
        self, runtime: Path, root: Path = Path("/"), source: Source | None = None, reader: Reader | None = None
    ) -> None:
        """`runtime` is /run/media-guard, where the udev rules look for release marks; none is left of an earlier run."""
        self._root = root
        self._reader = reader or Reader()
        self._gate = Gate(root, runtime)
        self._gate.forget_marks()
        self._watch = Watch(root, source or Udev(), self._gate)

    async def watch(self) -> AsyncGenerator[PortEvent, None]:
        """First everything present, then every change, for ever. For one listener."""
        self._reader.prepare()
        async with aclosing(self._watch.events()) as events:
            async for event in events:
                if isinstance(event, Departure):
                    self._reader.prepare()  # nobody looks at that disk any more, and another stick may follow it
                yield event

    def resweep(self) -> None:
        """Look at everything again: to be called when the computer wakes up."""
        self._watch.resweep()

    async def mounted_disks(self, arrival: Arrival) -> tuple[str, ...]:
        """Names of the disks that the kernel has made of a port, "sda", and that are mounted now.

        Raises:
            Hostile: `device-gone`.
        """
        return await asyncio.to_thread(self._mounted_disks, self._watch.plugged(arrival))

    async def hold(self, arrival: Arrival) -> None:
        """Take the authorization away and read back that no driver is bound.

        A disk that is still mounted loses its device here, as if it were pulled.

        Raises:
            Hostile: `device-gone`.
            Broken: `effect-still-open`, `sysfs-write`.
        """
        await self._gate.shut(self._watch.plugged(arrival))

    @asynccontextmanager
    async def claim(self, arrival: Arrival) -> AsyncIterator[Claim]:
        """Authorize without probing and claim; on leaving, the authorization is taken away again.

        Raises:
            Hostile: `device-gone`, `device-not-storage`, `device-uas-only`, `device-not-bulk-only`, and what reading raises.
            Broken: `effect-not-authorized`, `effect-driver-bound`, `usbfs-failed`.
        """
        plugged = self._watch.plugged(arrival)
        interface, alternate = _bulk_only(arrival)
        await self._gate.authorize(plugged)
        try:
            usbfs = self._open(plugged)
            try:
                _claim(usbfs, interface.number, alternate.setting)
                async with self._reader.open_claim(usbfs, interface.number, alternate) as claim:
                    plugged.units = claim.units
                    yield claim
            finally:
                os.close(usbfs)
        finally:
            await asyncio.shield(self._gate.shut(plugged))

    async def admit(self, arrival: Arrival, access: Access) -> tuple[Disk, ...]:
        """Release to the kernel's driver, read-write or read-only; returns when the disks are there, read back.

        Raises:
            Hostile: `device-gone`.
            Broken: `effect-...`; the port is shut then.
        """
        plugged = self._watch.plugged(arrival)
        if not plugged.units:
            raise RuntimeError(f"{arrival.port} was never read")
        try:
            return await self._gate.admit(plugged, access)
        finally:
            self._reader.prepare_later()

    def observe(self, on: bool) -> None:
        """Leave a mark for udev's rules, which then keep the nodes of phones and cameras open to their users."""
        self._gate.observe(on)

    async def let_pass(self, arrival: Arrival) -> None:
        """Release every function of the device, read-write, and leave the rest to the kernel.

        Raises:
            Hostile: `device-gone`.
            Broken: `sysfs-write`.
        """
        await self._gate.let_pass(self._watch.plugged(arrival))

    async def shut(self, arrival: Arrival) -> None:
        """Close the port, and with it the other functions of the device. One that is gone is shut.

        Raises:
            Broken: `effect-still-open`, `sysfs-write`.
        """
        self._reader.prepare()
        try:
            plugged = self._watch.plugged(arrival)
        except Hostile:
            return
        await self._gate.shut(plugged, whole_device=True)

    async def counters(self, disk: Disk) -> Counters:
        """Writes and discards of the disk's `stat`, in units of 512 bytes whatever its block size; `ro` of disk and partitions.

        Raises:
            Broken: `effect-disk-gone` also when the name belongs to another disk by now.
        """
        return await asyncio.to_thread(self._counters, disk)

    async def read_disk(self, disk: Disk, offset: int, length: int) -> bytes:
        """Read past the page cache.

        Raises:
            Hostile: `device-read-error`.
            Broken: `effect-disk-gone` also when the name belongs to another disk by now.
        """
        return await asyncio.to_thread(self._read_disk, disk, offset, length)

    def _mounted_disks(self, plugged: Plugged) -> tuple[str, ...]:
        names = sorted(path.rsplit("/", 1)[-1] for path in self._gate.disks_of(plugged).values())
        mounted = mounted_numbers(self._root)
        return tuple(name for name in names if mounted & numbers_on(self._root, name))

    def _open(self, plugged: Plugged) -> int:
        """The device's usbfs node, made sure to be this device's."""
        bus = int(plugged.read("busnum", of_device=True))
        node = self._root / "dev/bus/usb" / f"{bus:03d}" / f"{int(plugged.number):03d}"
        try:
            usbfs = os.open(node, os.O_RDWR | os.O_CLOEXEC)
        except OSError as error:
            raise _of_usbfs(error) from error
        opened = os.fstat(usbfs).st_rdev
        try:
            meant = plugged.read("dev", of_device=True).decode("ascii", "replace")
            if not plugged.there or f"{os.major(opened)}:{os.minor(opened)}" != meant:
                raise Hostile("device-gone")
        except Hostile:
            os.close(usbfs)
            raise
        return usbfs

    def _counters(self, disk: Disk) -> Counters:
        if not _DISK.fullmatch(disk.name):
            raise RuntimeError(f"{disk.name} is not the name of a disk")
        folder = self._root / "sys/class/block" / disk.name
        try:
            stat = [int(number) for number in (folder / "stat").read_text().split()]
            flags = [folder / "ro", *(path.parent / "ro" for path in sorted(folder.glob(f"{disk.name}*/partition")))]
            read_only = all(int(flag.read_text()) for flag in flags)
            counters = Counters(read_only, stat[4] + sum(stat[11:12]), 512 * (stat[6] + sum(stat[13:14])))
            same = int((folder / "diskseq").read_text()) == disk.sequence
        except (OSError, ValueError, IndexError) as error:
            raise Broken("effect-disk-gone", disk=disk.name) from error
        if not same:
            raise Broken("effect-disk-gone", disk=disk.name)
        return counters

    def _read_disk(self, disk: Disk, offset: int, length: int) -> bytes:
        if not _DISK.fullmatch(disk.name):
            raise RuntimeError(f"{disk.name} is not the name of a disk")
        try:
            file = os.open(self._root / "dev" / disk.name, os.O_RDONLY | os.O_DIRECT | os.O_CLOEXEC)
        except OSError as error:
            raise Broken("effect-disk-gone", disk=disk.name) from error
        try:
            with mmap.mmap(-1, length) as buffer:  # direct reading needs memory that begins at a page
                _same(file, disk)
                try:
                    count = os.preadv(file, [buffer], offset)
                except OSError as error:
                    if error.errno in GONE:
                        raise Broken("effect-disk-gone", disk=disk.name) from error
                    raise Hostile("device-read-error", lun=disk.lun, offset=offset) from error
                _same(file, disk)
                if count != length:
                    raise Hostile("device-read-error", lun=disk.lun, offset=offset)
                return buffer[:]
        finally:
            os.close(file)


def _bulk_only(arrival: Arrival) -> tuple[Interface, Alternate]:
    number = int(arrival.port.rsplit(".", 1)[-1])
    if not arrival.untrusted_descriptors:
        raise Hostile("device-gone")
    description = parse_descriptors(arrival.untrusted_descriptors)
    interface = next((found for found in description.interfaces if found.number == number), None)
    if interface is None or not interface.is_storage:
        raise Hostile("device-not-storage", functions=", ".join(description.other_functions))
    alternate = next((found for found in interface.alternates if found.bulk_only), None)
    if alternate is not None:
        return interface, alternate
    if any(found.attached_scsi for found in interface.alternates):
        raise Hostile("device-uas-only")
    raise Hostile("device-not-bulk-only")


def _claim(usbfs: int, interface: int, setting: int) -> None:
    """Claim, choose the alternate setting, and let nobody do more with this descriptor than that."""
    try:
        fcntl.ioctl(usbfs, _CLAIM_INTERFACE, struct.pack("I", interface))
        if setting:
            fcntl.ioctl(usbfs, _SET_INTERFACE, struct.pack("II", interface, setting))
        fcntl.ioctl(usbfs, _DROP_PRIVILEGES, struct.pack("I", 0))
    except OSError as error:
        raise _of_usbfs(error) from error


def _of_usbfs(error: OSError) -> Hostile | Broken:
    if error.errno in GONE:
        return Hostile("device-gone")
    return Broken("usbfs-failed", error=os.strerror(error.errno or errno.EIO))


def _same(file: int, disk: Disk) -> None:
    try:
        (sequence,) = struct.unpack("Q", fcntl.ioctl(file, _BLKGETDISKSEQ, bytes(8)))
    except OSError as error:
        raise Broken("effect-disk-gone", disk=disk.name) from error
    if sequence != disk.sequence:
        raise Broken("effect-disk-gone", disk=disk.name)
