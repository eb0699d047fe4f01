"""Simulated ports where the power is cut in the middle of a write: half of it arrives, and nothing more is answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from guard.core.errors import Hostile
from guard.core.ports import Arrival, Claim
from guard.core.unit import Unit
from guard.sim.ports import SimulatedPorts


class CuttingPorts(SimulatedPorts):
    """`cut_at` is the write (from 1) at which the power goes, counted over all claims; None for never."""

    cut_at: int | None = None
    writes = 0
    reads: list[tuple[int, int]]  # offset and length of what was asked for, if somebody wants to know

    @asynccontextmanager
    async def claim(self, arrival: Arrival) -> AsyncIterator[Claim]:
        async with super().claim(arrival) as claim:
            yield _CutClaim(self, claim)


class _CutClaim:
    def __init__(self, ports: CuttingPorts, claim: Claim) -> None:
        self._ports, self._claim = ports, claim

    @property
    def units(self) -> tuple[Unit, ...]:
        return self._claim.units

    def _powered(self) -> None:
        if self._ports.cut_at is not None and self._ports.writes >= self._ports.cut_at:
            raise Hostile("device-gone")

    async def read(self, lun: int, offset: int, length: int) -> bytes:
        self._powered()
        if hasattr(self._ports, "reads"):
            self._ports.reads.append((offset, length))
        return await self._claim.read(lun, offset, length)

    async def write(self, lun: int, offset: int, data: bytes) -> None:
        self._powered()
        self._ports.writes += 1
        if self._ports.writes == self._ports.cut_at:
            before = await self._claim.read(lun, offset, len(data))
            half = len(data) // 2
            await self._claim.write(lun, offset, data[:half] + before[half:])
        self._powered()
        await self._claim.write(lun, offset, data)

    async def read_last(self, lun: int) -> bytes:
        self._powered()
        return await self._claim.read_last(lun)

    async def write_last(self, lun: int, data: bytes) -> None:
        self._powered()
        await self._claim.write_last(lun, data)

    async def discard(self, lun: int, offset: int, length: int) -> bool:
        return await self._claim.discard(lun, offset, length)

    async def flush(self, lun: int) -> None:
        self._powered()
        await self._claim.flush(lun)
