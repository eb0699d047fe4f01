"""What udev says about a device, as a value; and the place where it is heard."""

import errno
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import pyudev

# What is asked of an event. Taking all of them takes longer than everything else that is done about one.
_ASKED = ("SEQNUM", "SYNTH_UUID", "DEVNUM", "DRIVER", "INTERFACE", "DISK_MEDIA_CHANGE", "MEDIA_GUARD")


@dataclass(frozen=True, slots=True)
class Uevent:
    """One event after udev's rules have run. `path` is the device's path below /sys; `sequence` the kernel's number."""

    action: str
    subsystem: str
    kind: str  # DEVTYPE: usb_device, usb_interface, disk, partition
    name: str
    path: str
    sequence: int = 0
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def from_kernel(self) -> bool:
        """False for events that somebody replays (`udevadm trigger`)."""
        return "SYNTH_UUID" not in self.properties


class Overflow(Exception):
    """Events were lost; only looking at everything again helps."""


class Source(Protocol):
    """Where events come from."""

    def start(self) -> int:
        """Begin to listen; returns the descriptor that becomes readable."""

    def read(self) -> Uevent | None:
        """The next event, None for none now. Raises `Overflow`."""

    def gated(self, path: str) -> bool:
        """True where the udev rules have marked the USB device at this sysfs path as gated."""


class Udev:
    """The real source: udev's own multicast, so that its rules have run before anything is heard."""

    def __init__(self) -> None:
        """Connects nothing yet."""
        self._context = pyudev.Context()
        self._monitor = pyudev.Monitor.from_netlink(self._context, "udev")
        self._monitor.filter_by("usb")
        self._monitor.filter_by("block")

    def start(self) -> int:
        """Begin to listen."""
        self._monitor.start()
        return int(self._monitor.fileno())

    def read(self) -> Uevent | None:
        """The next event, None for none now."""
        try:
            device = self._monitor.poll(timeout=0)
        except OSError as error:
            if error.errno == errno.ENOBUFS:
                raise Overflow from error
            raise
        if device is None:
            return None
        told = device.properties
        properties = {key: str(value) for key in _ASKED if (value := told.get(key)) is not None}
        return Uevent(
            action=str(device.action),
            subsystem=str(device.subsystem),
            kind=str(device.device_type),
            name=str(device.sys_name),
            path=str(device.sys_path),
            sequence=int(properties.get("SEQNUM", "0")),
            properties=properties,
        )

    def gated(self, path: str) -> bool:
        """What the rules have found out and udev has kept."""
        try:
            device = pyudev.Devices.from_sys_path(self._context, path)
            return bool(device.properties.get("MEDIA_GUARD") == "gated")
        except (pyudev.DeviceNotFoundError, OSError):
            return False
