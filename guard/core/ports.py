"""What the guard needs of USB: the small interface that the real ports and the simulated ports both keep.

A *port* is one storage interface of one attached device, named as the kernel names it ("3-1:1.0"). Names are
recycled by the kernel, so each stay also has a `token` that is never used twice; every call names the arrival.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from guard.core.verdict import Access


@dataclass(frozen=True, slots=True)
class Arrival:
    """A device with a gated interface is there. All `untrusted_` values are as the device says them."""

    port: str
    token: str
    untrusted_descriptors: bytes
    untrusted_manufacturer: str = ""
    untrusted_product: str = ""
    untrusted_serial: str = ""
    already_bound: bool = False
    carries_system: bool = False


@dataclass(frozen=True, slots=True)
class Departure:
    """The device of this stay is gone."""

    port: str
    token: str


@dataclass(frozen=True, slots=True)
class MediumChanged:
    """Somebody changed the medium behind a port (card reader); the authorization is already taken away."""

    port: str
    token: str


@dataclass(frozen=True, slots=True)
class Escaped:
    """A driver bound to a port that was not released; it was shut again at once."""

    port: str
    token: str
    driver: str


PortEvent = Arrival | Departure | MediumChanged | Escaped


@dataclass(frozen=True, slots=True)
class Unit:
    """One logical unit as read through the gate; `blocks` 0 means an empty slot.

    `inquiry` is the standard INQUIRY data, at most 36 bytes. `write_protected` is None where the device does not say.
    """

    lun: int
    device_type: int
    inquiry: bytes
    blocks: int
    block_size: int
    write_protected: bool | None

    @property
    def capacity(self) -> int:
        """Size in bytes."""
        return self.blocks * self.block_size


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk that the kernel made of an admitted unit, as read back from sysfs."""

    name: str
    lun: int
    sequence: int
    read_only: bool


class Claim(Protocol):
    """Exclusive hold of a port while its media are read and written behind the kernel's back.

    Offsets and lengths are bytes and multiples of the unit's block size; a length is at most 1 MiB.
    All calls raise `Hostile` (`device-...`) when the device does not do its part, `Broken` when this host does not.
    """

    @property
    def units(self) -> tuple[Unit, ...]:
        """All logical units, empty slots included."""

    async def read(self, lun: int, offset: int, length: int) -> bytes:
        """Exactly `length` bytes."""

    async def write(self, lun: int, offset: int, data: bytes) -> None:
        """Write whole blocks. Not durable before `flush`."""

    async def flush(self, lun: int) -> None:
        """SYNCHRONIZE CACHE."""


class Ports(Protocol):
    """All USB storage ports of this host."""

    def watch(self) -> AsyncIterator[PortEvent]:
        """First everything present, then every change, for ever."""

    async def hold(self, arrival: Arrival) -> None:
        """Take the authorization away and read back that no driver is bound."""

    def claim(self, arrival: Arrival) -> AbstractAsyncContextManager[Claim]:
        """Authorize without probing and claim; on leaving, the claim is released (no driver binds by that)."""

    async def admit(self, arrival: Arrival, access: Access) -> tuple[Disk, ...]:
        """Release to the kernel's driver, read-write or read-only; returns when the disks are there, read back.

        Raises:
            Broken: `effect-...` when the effect is not as meant; the port is shut before the error is raised.
        """

    async def shut(self, arrival: Arrival) -> None:
        """Close the port for good (until the next arrival): no driver, no disk, read back.

        Raises:
            Broken: `effect-still-open` when the kernel does not follow.
        """

    async def read_disk(self, disk: Disk, offset: int, length: int) -> bytes:
        """Read past the caches of an admitted disk, to compare with what the gate read."""
