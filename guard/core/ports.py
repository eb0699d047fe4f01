"""What the guard needs of USB: the small interface that the real ports and the simulated ports both keep.

A *port* is one storage interface of one attached device, named as the kernel names it ("3-1:1.0"). Names are
recycled by the kernel, so each stay also has a `token` that is never used twice; every call names the arrival.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from guard.core.unit import Unit
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


@dataclass(frozen=True, slots=True)
class UseChanged:
    """The disks of an admitted port are mounted now (`in_use`), or the last mount is gone and everything is written."""

    port: str
    token: str
    in_use: bool


PortEvent = Arrival | Departure | MediumChanged | Escaped | UseChanged


@dataclass(frozen=True, slots=True)
class Disk:
    """A disk that the kernel made of an admitted unit, as read back from sysfs."""

    name: str
    lun: int
    sequence: int
    read_only: bool


@dataclass(frozen=True, slots=True)
class Counters:
    """What the kernel did to an admitted disk since it appeared: requests and bytes that write or discard.

    `read_only`: the flag of the disk and of every partition is set now.
    """

    read_only: bool
    writes: int
    written: int

    @property
    def untouched(self) -> bool:
        """Proof of no write: the flag holds, and nothing was counted since before anybody could see the disk."""
        return self.read_only and not self.writes and not self.written


MOST_DISCARDED = 1 << 30  # bytes in one call


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

    async def read_last(self, lun: int) -> bytes:
        """The last block, which `read` and `write` never touch: some devices say one too many and hang on it."""

    async def write_last(self, lun: int, data: bytes) -> None:
        """Write the last block."""

    async def discard(self, lun: int, offset: int, length: int) -> bool:
        """UNMAP of at most MOST_DISCARDED bytes; False where the medium does not offer it, or does not do it."""

    async def flush(self, lun: int) -> None:
        """SYNCHRONIZE CACHE."""


class Ports(Protocol):
    """All USB storage ports of this host."""

    def watch(self) -> AsyncIterator[PortEvent]:
        """First everything present, then every change, for ever."""

    async def mounted_disks(self, arrival: Arrival) -> tuple[str, ...]:
        """Names of the disks that the kernel has made of a port and that are mounted now."""

    async def hold(self, arrival: Arrival) -> None:
        """Take the authorization away and read back that no driver is bound."""

    def claim(self, arrival: Arrival) -> AbstractAsyncContextManager[Claim]:
        """Authorize without probing and claim; on leaving, the claim is released (no driver binds by that)."""

    async def admit(self, arrival: Arrival, access: Access) -> tuple[Disk, ...]:
        """Release to the kernel's driver, read-write or read-only; returns when the disks are there, read back.

        Raises:
            Broken: `effect-...` when the effect is not as meant; the port is shut before the error is raised.
        """

    def observe(self, on: bool) -> None:
        """From now on verdicts are only told, or (False) carried out: who may open the nodes of devices follows from that."""

    async def let_pass(self, arrival: Arrival) -> None:
        """Release the device as it is, all functions of it, with nothing waited for and nothing read back: to observe alone.

        Raises:
            Hostile: `device-gone`.
            Broken: `sysfs-write`.
        """

    async def shut(self, arrival: Arrival) -> None:
        """Close the port for good (until the next arrival): no driver, no disk, read back.

        Raises:
            Broken: `effect-still-open` when the kernel does not follow.
        """

    async def counters(self, disk: Disk) -> Counters:
        """What the kernel wrote to an admitted disk so far (Documentation/block/stat.rst); SCSI pass-through is not counted.

        Raises:
            Broken: `effect-disk-gone`.
        """

    async def read_disk(self, disk: Disk, offset: int, length: int) -> bytes:
        """Read past the caches of an admitted disk, to compare with what the gate read."""
