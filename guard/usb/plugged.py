"""One interface of one attached device in sysfs, held by descriptor and not by name."""

import contextlib
import errno
import os
import re
import threading
import weakref
from pathlib import Path

from guard.core.errors import Broken, Hostile
from guard.core.ports import Disk
from guard.core.unit import Unit

PORT = re.compile(r"[1-9]\d{0,2}-[1-9]\d{0,2}(?:\.\d{1,3}){0,6}:\d{1,3}\.\d{1,3}")
GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ESHUTDOWN})


class Plugged:
    """One interface of one attached device, by its directories in sysfs, opened once.

    When the device goes, the directories behind the descriptors are empty for ever, also when another device gets the same
    names: nothing meant for this device can reach that one.
    """

    def __init__(self, port: str, device: int, interface: int) -> None:
        """Takes both directory descriptors over; they are closed with the last user of this object."""
        self.port = port
        self._device, self._interface = device, interface
        weakref.finalize(self, _close, device, interface)
        self.number = self.read("devnum", of_device=True).decode("ascii", "replace")
        self.lock = threading.Lock()  # one writer at a time, in the order they came
        self.binds_expected = 0  # admissions whose bind event has not come yet
        self.released = False  # from the moment of an admission to the moment of its end
        self.ours = False  # held by the guard at least once; False for what was bound before the guard was there
        self.units: tuple[Unit, ...] = ()
        self.disks: tuple[Disk, ...] = ()

    @classmethod
    def open(cls, root: Path, port: str) -> "Plugged":
        """By name, which is good for this moment only.

        Raises:
            Hostile: `device-gone`.
        """
        if not PORT.fullmatch(port):
            raise Hostile("device-gone")
        devices = root / "sys/bus/usb/devices"
        flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
        try:
            device = os.open(devices / port.partition(":")[0], flags)
        except OSError as error:
            raise Hostile("device-gone") from error
        try:
            # Through the device, so that both are of the same one.
            interface = os.open(port, flags, dir_fd=device)
        except OSError as error:
            os.close(device)
            raise Hostile("device-gone") from error
        return cls(port, device, interface)

    @property
    def there(self) -> bool:
        """False as soon as the device, or this interface of it, is gone."""
        try:
            return self.read("devnum", of_device=True).decode("ascii", "replace") == self.number and bool(
                self.read("bInterfaceNumber")
            )
        except Hostile:
            return False

    @property
    def driver(self) -> str:
        """The driver that is bound, "" for none."""
        try:
            return os.readlink("driver", dir_fd=self._interface).rsplit("/", 1)[-1]
        except OSError:
            return ""

    @property
    def authorized(self) -> bool:
        """As the kernel says."""
        return self.read("authorized").strip() == b"1"

    def read(self, name: str, *, of_device: bool = False, limit: int = 4096) -> bytes:
        """An attribute of the interface or of its device.

        Raises:
            Hostile: `device-gone`.
        """
        try:
            file = os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._device if of_device else self._interface)
            try:
                parts = []
                while limit > 0 and (part := os.read(file, min(limit, 65536))):
                    parts.append(part)
                    limit -= len(part)
                return b"".join(parts).rstrip(b"\n") if name != "descriptors" else b"".join(parts)
            finally:
                os.close(file)
        except OSError as error:
            raise Hostile("device-gone") from error

    def write(self, name: str, value: bytes) -> None:
        """Write an attribute of the interface, after a last look whether this is still the device it was.

        Raises:
            Hostile: `device-gone`.
            Broken: `sysfs-write` when the kernel refuses.
        """
        if not self.there:
            raise Hostile("device-gone")
        try:
            file = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=self._interface)
            try:
                os.write(file, value)
            finally:
                os.close(file)
        except OSError as error:
            if error.errno in GONE:
                raise Hostile("device-gone") from error
            raise Broken("sysfs-write", file=name, error=os.strerror(error.errno or 0)) from error

    def entries(self, *below: str) -> tuple[str, ...]:
        """Names in a directory of the interface; of one that is not there, none."""
        try:
            directory = os.open(
                "/".join((".", *below)), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._interface
            )
        except OSError:
            return ()
        try:
            return tuple(sorted(os.listdir(directory)))  # noqa: PTH208 - by descriptor
        finally:
            os.close(directory)

    def siblings(self) -> tuple["Plugged", ...]:
        """The other interfaces of the same device."""
        found = []
        prefix = self.port.partition(":")[0] + ":"
        for name in sorted(os.listdir(self._device)):  # noqa: PTH208 - by descriptor
            if name.startswith(prefix) and name != self.port:
                with contextlib.suppress(OSError, Hostile):
                    interface = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self._device)
                    found.append(Plugged(name, os.dup(self._device), interface))
        return tuple(found)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)
