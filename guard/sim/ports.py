"""Simulated ports: the same contract as real USB (guard.core.ports), with image files in the place of hardware."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from guard.core.errors import Broken, Hostile
from guard.core.ports import Arrival, Claim, Counters, Departure, Disk, PortEvent, UseChanged
from guard.core.unit import Unit
from guard.core.verdict import Access
from guard.core.volumes import Volume
from guard.sim.stick import FILES, Stick, descriptors, open_stick

MAX_PORTS = 16


@dataclass(slots=True)
class _Slot:
    """One occupied port and what the pretended kernel made of it."""

    arrival: Arrival
    image: Path
    stick: Stick
    unit: Unit
    disk: Disk | None = None
    claimed: bool = False


@dataclass(slots=True)
class SimulatedPorts:
    """Ports 1 to 16; `plug` and `unplug` are what a hand would do."""

    _slots: dict[str, _Slot] = field(default_factory=dict)
    _events: asyncio.Queue[PortEvent] = field(default_factory=asyncio.Queue)
    _disks: int = 0
    _turned: asyncio.Event = field(default_factory=asyncio.Event)

    def plug(self, image: Path) -> str:
        """Put a stick in; returns the name of the port.

        Raises:
            Hostile: `sim-not-an-image`, `sim-description`, `sim-plugged` (in a port already), `sim-ports-full`.
        """
        stick, unit = open_stick(image)
        if any(slot.image.samefile(image) for slot in self._slots.values()):
            raise Hostile("sim-plugged", file=str(image))
        free = (name for n in range(1, MAX_PORTS + 1) if (name := f"sim-{n}") not in self._slots)
        port = next(free, None)
        if port is None:
            raise Hostile("sim-ports-full", ports=MAX_PORTS)
        arrival = Arrival(
            port=port,
            token=secrets.token_hex(8),
            untrusted_descriptors=descriptors(stick),
            untrusted_manufacturer=stick.manufacturer,
            untrusted_product=stick.product,
            untrusted_serial=stick.serial,
        )
        self._slots[port] = _Slot(arrival, image, stick, unit)
        self._events.put_nowait(arrival)
        return port

    def unplug(self, port: str) -> None:
        """Pull the stick out, whatever is going on.

        Raises:
            Hostile: `sim-port-empty`.
        """
        slot = self._slots.pop(port, None)
        if slot is None:
            raise Hostile("sim-port-empty", port=port[:64])
        self._events.put_nowait(Departure(port, slot.arrival.token))

    def use(self, port: str, *, in_use: bool) -> None:
        """Mount what was admitted, or unmount it.

        Raises:
            Hostile: `sim-port-empty`.
        """
        slot = self._slots.get(port)
        if slot is None:
            raise Hostile("sim-port-empty", port=port[:64])
        self._events.put_nowait(UseChanged(port, slot.arrival.token, in_use))

    async def heard(self) -> None:
        """Wait until everything that happened so far was taken up by whoever watches."""
        await self._events.join()

    async def watch(self) -> AsyncIterator[PortEvent]:
        """Every plug and unplug, for ever."""
        while True:
            event = await self._events.get()
            yield event
            self._events.task_done()

    async def mounted_disks(self, arrival: Arrival) -> tuple[str, ...]:
        """None: nothing outlives the simulation."""
        return ()

    async def hold(self, arrival: Arrival) -> None:
        """Take the disk away."""
        self._slot(arrival).disk = None

    @asynccontextmanager
    async def claim(self, arrival: Arrival) -> AsyncIterator[Claim]:
        """Exclusive hold of the image, as the reader has of a real stick."""
        slot = self._slot(arrival)
        if slot.stick.fault:
            raise Hostile(slot.stick.fault)
        if slot.claimed or slot.disk is not None:
            raise RuntimeError(f"{arrival.port} is claimed or admitted already")
        slot.claimed = True
        try:
            yield _ImageClaim(self, slot)
        finally:
            slot.claimed = False

    async def admit(self, arrival: Arrival, access: Access) -> tuple[Disk, ...]:
        """A pretended disk, read-only unless the access says otherwise."""
        slot = self._slot(arrival)
        if not access.opens or slot.claimed:
            raise RuntimeError(f"{arrival.port} cannot be admitted as {access}")
        self._disks += 1
        self._turned.set()
        slot.disk = Disk(f"sim{self._disks}", 0, self._disks, read_only=access is Access.READ_ONLY)
        return (slot.disk,)

    def observe(self, on: bool) -> None:
        """Nothing: simulated sticks have no nodes."""

    async def let_pass(self, arrival: Arrival) -> None:
        """A pretended disk, whatever the stick is."""
        await self.admit(arrival, Access.READ_WRITE)

    async def shut(self, arrival: Arrival) -> None:
        """No disk any more; a stick that is gone is shut enough."""
        slot = self._slots.get(arrival.port)
        if slot is not None and slot.arrival.token == arrival.token:
            slot.disk = None

    async def counters(self, disk: Disk) -> Counters:
        """No write: whoever writes to the image does it behind the pretended kernel's back."""
        if all(slot.disk != disk for slot in self._slots.values()):
            raise Broken("effect-disk-gone", disk=disk.name)
        return Counters(disk.read_only, 0, 0)

    async def read_disk(self, disk: Disk, offset: int, length: int) -> bytes:
        """Read the image of an admitted stick."""
        for slot in self._slots.values():
            if slot.disk == disk:
                return await asyncio.to_thread(_read, slot.image, offset, length)
        raise Broken("effect-disk-gone", disk=disk.name)

    def of(self, disk: Disk) -> tuple[Volume, ...]:
        """A folder beside the image, `<file>.files`, plays its mounted file system, where there is one."""
        for slot in self._slots.values():
            folder = slot.image.with_name(slot.image.name + FILES)
            if slot.disk == disk and folder.is_dir():
                return (Volume(1, folder.stat().st_dev, os.fsencode(folder)),)
        return ()

    async def changed(self) -> None:
        """A stick is mounted as soon as it is admitted."""
        await self._turned.wait()
        self._turned.clear()

    def _slot(self, arrival: Arrival) -> _Slot:
        slot = self._slots.get(arrival.port)
        if slot is None or slot.arrival.token != arrival.token:
            raise Hostile("device-gone")
        return slot


class _ImageClaim:
    def __init__(self, ports: SimulatedPorts, slot: _Slot) -> None:
        self._ports, self._slot = ports, slot

    @property
    def units(self) -> tuple[Unit, ...]:
        return (self._slot.unit,)

    async def read(self, lun: int, offset: int, length: int) -> bytes:
        self._check(lun, offset, length)
        return await asyncio.to_thread(_read, self._slot.image, offset, length)

    async def write(self, lun: int, offset: int, data: bytes) -> None:
        self._check(lun, offset, len(data))
        if self._slot.stick.write_protected:
            raise Hostile("device-write-protected")
        await asyncio.to_thread(_write, self._slot.image, offset, data)

    async def read_last(self, lun: int) -> bytes:
        size = self._slot.unit.block_size
        return await self.read(lun, self._slot.unit.capacity - size, size)

    async def write_last(self, lun: int, data: bytes) -> None:
        await self.write(lun, self._slot.unit.capacity - self._slot.unit.block_size, data)

    async def discard(self, lun: int, offset: int, length: int) -> bool:
        self._check(lun, offset, length)
        return False  # an image is no flash

    async def flush(self, lun: int) -> None:
        self._check(lun, 0, 0)

    def _check(self, lun: int, offset: int, length: int) -> None:
        self._ports._slot(self._slot.arrival)  # noqa: SLF001 - a pulled stick answers nothing
        unit = self._slot.unit
        if lun != 0 or offset % unit.block_size or length % unit.block_size:
            raise RuntimeError("reads and writes are whole blocks of unit 0")
        if not 0 <= offset <= offset + length <= unit.capacity:
            raise Hostile("device-read-error", lun=lun, offset=offset)


def _read(image: Path, offset: int, length: int) -> bytes:
    with image.open("rb") as file:
        return os.pread(file.fileno(), length, offset)


def _write(image: Path, offset: int, data: bytes) -> None:
    with image.open("r+b") as file:
        os.pwrite(file.fileno(), data, offset)
        os.fsync(file.fileno())
