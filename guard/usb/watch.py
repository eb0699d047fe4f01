"""Which gated devices are there: everything present first, then every change, with no gap between the two.

The kernel recycles names, so each stay of a device has a token of its own. Events are udev's, after its rules; a device
that is gone before anybody could look at it still arrives and departs.
"""

import asyncio
import contextlib
import itertools
import logging
import re
import time
from collections.abc import AsyncGenerator, Coroutine
from pathlib import Path

from guard.core.descriptors import parse_descriptors
from guard.core.errors import GuardError, Hostile
from guard.core.ports import Arrival, Departure, Escaped, MediumChanged, PortEvent
from guard.usb.gate import STORAGE_DRIVERS, Gate
from guard.usb.plugged import PORT, Plugged
from guard.usb.system_disk import system_interfaces
from guard.usb.uevent import Overflow, Source, Uevent
from guard.usb.uses import Uses

log = logging.getLogger(__name__)
_MASS_STORAGE, _STILL_IMAGE = 0x08, 0x06
_DEVICE = re.compile(r"[1-9]\d{0,2}-[1-9]\d{0,2}(?:\.\d{1,3}){0,6}")
_BATCH = 256  # events handled before other tasks get their turn
_TEXT = 512  # bytes of a string descriptor; the bus allows 126 characters
_MAX_DESCRIPTORS = 65536


class Watch:
    """Follows udev. `plugged` are the stays now, by port; the gate works on what stands there."""

    def __init__(self, root: Path, source: Source, gate: Gate) -> None:
        """`root` is where sys and proc are found."""
        self._root, self._source, self._gate = root, source, gate
        self._events: asyncio.Queue[PortEvent] = asyncio.Queue()
        self._arrivals: dict[str, Arrival] = {}
        self._plugged: dict[str, Plugged] = {}
        self._numbers: dict[str, str] = {}  # name of a USB device -> its number on the bus, as announced
        self._swept = 0
        self._uses = Uses(root, self._stays, self._events.put_nowait)
        self._tasks: set[asyncio.Task[None]] = set()
        boot = (root / "proc/sys/kernel/random/boot_id").read_text("ascii").strip().replace("-", "")
        # Monotonic time makes the tokens of this run different from those of every run before it.
        self._tokens = (f"{boot[:12]}-{time.monotonic_ns():x}-{n}" for n in itertools.count(1))

    async def events(self) -> AsyncGenerator[PortEvent, None]:
        """Everything present, then every change, for ever."""
        descriptor = self._source.start()
        loop = asyncio.get_running_loop()
        self.resweep()
        loop.add_reader(descriptor, self._readable)
        end = self._uses.begin()
        try:
            while True:
                yield await self._events.get()
        finally:
            loop.remove_reader(descriptor)
            end()

    def plugged(self, arrival: Arrival) -> Plugged:
        """The interface of a stay.

        Raises:
            Hostile: `device-gone` when that stay is over.
        """
        known = self._arrivals.get(arrival.port)
        plugged = self._plugged.get(arrival.port)
        if known is None or known.token != arrival.token or plugged is None:
            raise Hostile("device-gone")
        return plugged

    def resweep(self) -> None:
        """Compare what is known with what is there: at start, after lost events, after resume from suspend."""
        self._swept = int((self._root / "sys/kernel/uevent_seqnum").read_text("ascii"))
        devices = {path.name for path in (self._root / "sys/bus/usb/devices").iterdir() if _DEVICE.fullmatch(path.name)}
        for port in tuple(self._arrivals):
            plugged = self._plugged.get(port)
            if plugged is None or not plugged.there:
                self._depart(port)
        for device in sorted(devices):
            ports = self._gated_ports(device)
            for port in ports:
                if port not in self._arrivals:
                    self._arrive(port, swept=True)
        for port, plugged in tuple(self._plugged.items()):
            if plugged.ours:
                with contextlib.suppress(Hostile):
                    self._look_again(port, plugged)

    def handle(self, event: Uevent) -> None:
        """Take one event in."""
        if event.subsystem == "usb" and event.kind == "usb_device":
            self._device(event)
        elif event.subsystem == "usb" and event.kind == "usb_interface" and PORT.fullmatch(event.name):
            self._interface(event)
        elif event.subsystem == "block" and event.kind in ("disk", "partition"):
            port = next((part for part in reversed(event.path.split("/")) if PORT.fullmatch(part)), "")
            if event.action == "change" and port in self._plugged:
                self._uses.touched(port)
            if event.kind == "disk" and port in self._arrivals:
                self._disk(event, port)

    def _readable(self) -> None:
        for _ in range(_BATCH):
            try:
                event = self._source.read()
            except Overflow:
                log.warning("events were lost; looking at all devices again")
                self.resweep()
                continue
            if event is None:
                return
            self.handle(event)

    def _device(self, event: Uevent) -> None:
        if event.action == "remove":
            if event.sequence > self._swept:
                for port in [port for port in self._arrivals if port.startswith(event.name + ":")]:
                    self._depart(port)
            self._numbers.pop(event.name, None)
            return
        number = event.properties.get("DEVNUM", "").lstrip("0")
        if event.action == "add" and event.from_kernel and number:
            self._numbers[event.name] = number
        if event.action == "bind" and event.from_kernel:  # all interfaces are there: is it a phone or a camera?
            known = any(port.startswith(event.name + ":") for port in self._arrivals)
            if not known and event.properties.get("MEDIA_GUARD") == "gated":
                for port in self._gated_ports(event.name, gated=True):
                    self._arrive(port)

    def _interface(self, event: Uevent) -> None:
        port = event.name
        if event.action == "remove":
            if event.sequence > self._swept and port in self._arrivals:
                self._depart(port)
        elif event.action == "add" and event.from_kernel:
            if event.sequence <= self._swept:
                self._announced_before(event, port)
            elif self._is_storage(event, port):
                if port in self._arrivals:
                    self._depart(port)
                self._arrive(port)
        elif event.action == "bind" and event.from_kernel and event.sequence > self._swept:
            driver = event.properties.get("DRIVER", "")
            if STORAGE_DRIVERS.fullmatch(driver):
                self._bound(port, driver)

    def _announced_before(self, event: Uevent, port: str) -> None:
        """An event from before the sweep: the sweep has seen the device, or it came and went unseen."""
        if port not in self._arrivals and self._is_storage(event, port):
            self._arrive(port)
            self._depart(port)

    def _bound(self, port: str, driver: str) -> None:
        if port not in self._arrivals:
            self._arrive(port)
        plugged = self._plugged.get(port)
        if plugged is not None and plugged.binds_expected > 0:
            plugged.binds_expected -= 1
        else:
            self._escaped(port, driver)

    def _escaped(self, port: str, driver: str) -> None:
        arrival, plugged = self._arrivals[port], self._plugged.get(port)
        log.error("port %s: driver %s bound without a verdict; shutting it", port, driver)
        self._start(self._shut_and_tell(plugged, Escaped(port, arrival.token, driver)))

    def _disk(self, event: Uevent, port: str) -> None:
        if event.action == "add":
            self._gate.disk_ready(port, event.name)
        elif event.action == "change" and event.from_kernel and event.properties.get("DISK_MEDIA_CHANGE") == "1":
            arrival, plugged = self._arrivals[port], self._plugged.get(port)
            # A disk that goes because the guard shut its port is told by the kernel as a medium that changed.
            if not arrival.carries_system and plugged is not None and plugged.released:
                self._start(self._shut_and_tell(plugged, MediumChanged(port, arrival.token)))

    async def _shut_and_tell(self, plugged: Plugged | None, event: PortEvent) -> None:
        """The udev rules have shut it already; make sure, then tell."""
        if plugged is not None:
            try:
                await self._gate.shut(plugged)
            except GuardError as fault:
                log.error("port %s: %s", event.port, fault)  # the escort will find it open and say so
            # A disk that is pulled is told by the kernel as a medium that changed, too. The shutting has waited for the kernel's
            # lock of the device, which a pull holds until the device is gone: its departure follows, and nothing else came.
            if isinstance(event, MediumChanged) and not plugged.there:
                return
        self._events.put_nowait(event)

    def _look_again(self, port: str, plugged: Plugged) -> None:
        """Events may have been lost: a driver that nobody released, a medium that was changed, a disk that is ready."""
        arrival, driver = self._arrivals[port], plugged.driver
        disks = self._gate.disks_of(plugged)
        if plugged.disks:
            now = {self._gate.sequence_of(plugged, path) for path in disks.values()}
            if {disk.sequence for disk in plugged.disks} != now:
                self._start(self._shut_and_tell(plugged, MediumChanged(port, arrival.token)))
        elif STORAGE_DRIVERS.fullmatch(driver) and not plugged.released:
            self._escaped(port, driver)
        for path in disks.values():
            name = path.rsplit("/", 1)[-1]
            number = plugged.read(f"{path}/dev").decode("ascii", "replace")
            if (self._root / "run/udev/data" / f"b{number}").exists():
                self._gate.disk_ready(port, name)

    def _arrive(self, port: str, *, swept: bool = False) -> None:
        device = port.partition(":")[0]
        plugged: Plugged | None = None
        try:
            plugged = Plugged.open(self._root, port)
            if not swept and self._numbers.get(device, plugged.number) != plugged.number:
                plugged = None  # another device has the name by now; its own events will come
        except Hostile:
            if swept:
                return
        arrival = self._describe(port, plugged)
        self._arrivals[port] = arrival
        if plugged is not None:
            plugged.ours = not arrival.already_bound
            self._plugged[port] = plugged
        self._events.put_nowait(arrival)

    def _describe(self, port: str, plugged: Plugged | None) -> Arrival:
        token = f"{port}-{plugged.number if plugged else 0}-{next(self._tokens)}"
        if plugged is None:
            return Arrival(port, token, b"")
        try:
            bound = plugged.driver not in ("", "usbfs")
            return Arrival(
                port=port,
                token=token,
                untrusted_descriptors=_active(
                    plugged.read("descriptors", of_device=True, limit=_MAX_DESCRIPTORS),
                    plugged.read("bConfigurationValue", of_device=True),
                ),
                untrusted_manufacturer=_text(plugged, "manufacturer"),
                untrusted_product=_text(plugged, "product"),
                untrusted_serial=_text(plugged, "serial"),
                already_bound=bound,
                carries_system=bound and port in system_interfaces(self._root),
            )
        except Hostile:
            return Arrival(port, token, b"")

    def _stays(self) -> dict[str, tuple[str, Plugged]]:
        return {port: (self._arrivals[port].token, plugged) for port, plugged in self._plugged.items()}

    def _depart(self, port: str) -> None:
        self._uses.look()  # mounted again and pulled at once: that must be known before
        arrival = self._arrivals.pop(port)
        self._plugged.pop(port, None)
        self._gate.gone(port)
        self._events.put_nowait(Departure(port, arrival.token))

    def _is_storage(self, event: Uevent, port: str) -> bool:
        """By what the kernel announced; else by the descriptors, for other alternate settings."""
        if event.properties.get("INTERFACE", "").split("/")[0] == str(_MASS_STORAGE):
            return True
        return port in self._storage_ports(port.partition(":")[0])

    def _storage_ports(self, device: str) -> tuple[str, ...]:
        return tuple(port for port, classes in self._classes(device).items() if _MASS_STORAGE in classes)

    def _gated_ports(self, device: str, *, gated: bool = False) -> tuple[str, ...]:
        """Its storage interfaces; of a gated device without one (phone, camera) the first interface, to be refused by."""
        storage = self._storage_ports(device)
        if storage:
            return storage
        classes = self._classes(device)
        if not classes:
            return ()
        path = str((self._root / "sys/bus/usb/devices" / device).resolve())
        if gated or any(_STILL_IMAGE in of for of in classes.values()) or self._source.gated(path):
            return (min(classes),)
        return ()

    def _classes(self, device: str) -> dict[str, set[int]]:
        """The classes of each interface that is there: as it is set now, and in every alternate setting."""
        directory = self._root / "sys/bus/usb/devices" / device
        found: dict[str, set[int]] = {}
        with contextlib.suppress(OSError, Hostile, ValueError):
            for path in sorted(directory.glob(f"{device}:*")):
                found[path.name] = {int((path / "bInterfaceClass").read_text("ascii"), 16)}
            with (directory / "descriptors").open("rb") as file:
                raw = file.read(_MAX_DESCRIPTORS)
            description = parse_descriptors(_active(raw, (directory / "bConfigurationValue").read_bytes()))
            for interface in description.interfaces:
                for name, classes in found.items():
                    if name.rsplit(".", 1)[-1] == str(interface.number):
                        classes.update(alternate.interface_class for alternate in interface.alternates)
        return found

    def _start(self, act: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(act)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _active(untrusted: bytes, value: bytes) -> bytes:
    """The device descriptor and the configuration in use, which need not be the first; anything odd is left to the parser."""
    starts = []
    at = 18
    while at + 1 < len(untrusted) and untrusted[at] >= 2:
        if untrusted[at + 1] == 2 and at + 5 < len(untrusted):
            starts.append(at)
        at += untrusted[at]
    for start, end in itertools.zip_longest(starts, starts[1:], fillvalue=len(untrusted)):
        if value.strip() == str(untrusted[start + 5]).encode():
            return untrusted[:18] + untrusted[start:end]
    return untrusted


def _text(plugged: Plugged, name: str) -> str:
    try:
        return plugged.read(name, of_device=True, limit=_TEXT).decode("utf-8", "surrogateescape")
    except Hostile:
        return ""  # many sticks have no serial number
