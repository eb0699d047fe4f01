"""A sector that cannot be read any more: one copy of the label is enough, and a worn label never passes for a blank medium."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from guard.core.area import AREA_END, LABEL_A, LABEL_B, RING, SLOT
from guard.core.errors import Hostile
from guard.core.ports import Arrival, Claim, Disk
from guard.core.settings import HostSettings, Settings
from guard.core.unit import Unit
from guard.core.verdict import Access
from guard.sim.ports import SimulatedPorts
from tests.flow.host import Host, stick


class WornPorts(SimulatedPorts):
    """Every read that touches one of `worn` (offsets in bytes) fails, in the gate and through the disk; writes seem to work."""

    worn: tuple[int, ...] = ()

    def check(self, offset: int, length: int) -> None:
        if any(offset <= place < offset + length for place in self.worn):
            raise Hostile("device-read-error", lun=0, offset=offset)

    @asynccontextmanager
    async def claim(self, arrival: Arrival) -> AsyncIterator[Claim]:
        async with super().claim(arrival) as claim:
            yield _WornClaim(self, claim)

    async def read_disk(self, disk: Disk, offset: int, length: int) -> bytes:
        self.check(offset, length)
        return await super().read_disk(disk, offset, length)


class _WornClaim:
    def __init__(self, ports: WornPorts, claim: Claim) -> None:
        self._ports, self._claim = ports, claim

    @property
    def units(self) -> tuple[Unit, ...]:
        return self._claim.units

    async def read(self, lun: int, offset: int, length: int) -> bytes:
        self._ports.check(offset, length)
        return await self._claim.read(lun, offset, length)

    async def write(self, lun: int, offset: int, data: bytes) -> None:
        await self._claim.write(lun, offset, data)

    async def read_last(self, lun: int) -> bytes:
        return await self._claim.read_last(lun)

    async def write_last(self, lun: int, data: bytes) -> None:
        await self._claim.write_last(lun, data)

    async def discard(self, lun: int, offset: int, length: int) -> bool:
        return await self._claim.discard(lun, offset, length)

    async def flush(self, lun: int) -> None:
        await self._claim.flush(lun)


def _worn(folder: Path) -> tuple[Host, WornPorts]:
    host = Host.found(folder / "a", "office", "机密")
    host.ports = ports = WornPorts()
    return host, ports


@pytest.mark.parametrize("place", [LABEL_A, LABEL_A + 4095, LABEL_B + 512], ids=["A", "last-of-A", "B"])
def test_a_copy_of_the_label_that_cannot_be_read_keeps_nobody_out(tmp_path: Path, place: int) -> None:
    async def story() -> None:
        founded, ports = _worn(tmp_path)
        async with founded as host:
            image = stick(tmp_path)
            await host.pull(await host.register(await host.plug(image), "机密"))
            ports.worn = (place,)
            for _ in range(2):
                visit = await host.plug(image)
                assert (visit.access, visit.rules) == (Access.READ_WRITE, ("fits",))
                await host.guard.escort_of(visit.id).eject()
                await host.pull(visit)
            with image.open("r+b") as file:  # the copy that is left, torn
                file.seek((LABEL_B if place < RING else LABEL_A) + 100)
                file.write(b"torn")
            assert (await host.plug(image)).access is Access.REFUSED
            assert host.troubles == []

    asyncio.run(story())


@pytest.mark.parametrize("worn", [(LABEL_A, LABEL_B), (RING,), (RING + SLOT,)], ids=["both", "record", "later-record"])
def test_both_copies_or_a_record_that_cannot_be_read_keep_the_medium_out_and_it_is_no_new_one(
    tmp_path: Path, worn: tuple[int, ...]
) -> None:
    async def story() -> None:
        founded, ports = _worn(tmp_path)
        async with founded as host:
            image = stick(tmp_path)
            await host.pull(await host.register(await host.plug(image), "机密"))
            ports.worn = worn
            visit = await host.plug(image)
            assert (visit.access, visit.rules) == (Access.REFUSED, ("unreadable",))
            assert not visit.disk

    asyncio.run(story())


def test_where_media_without_a_label_are_let_in_a_worn_label_does_not_pass_for_none(tmp_path: Path) -> None:
    """The other copy wiped: what cannot be read may have been a label, and the host has never seen the medium."""

    async def story() -> None:
        founded, _ = _worn(tmp_path)
        async with founded as office:
            image = stick(tmp_path)
            await office.pull(await office.register(await office.plug(image), "机密"))
            internet = office.enrol(tmp_path / "b", "internet", "公开")
        internet.ports = ports = WornPorts()
        internet.settings = Settings(host=HostSettings(unregistered="read-write"))
        ports.worn = (LABEL_A,)
        with image.open("r+b") as file:
            file.seek(LABEL_A)
            file.write(bytes(AREA_END - LABEL_A))
        async with internet:
            visit = await internet.plug(image)
            assert (visit.access, visit.rules) == (Access.REFUSED, ("unreadable",))
            ports.worn = ()
            await internet.pull(visit)
            assert (await internet.plug(image)).access is Access.READ_WRITE, "readable, it is as blank as it looks"

    asyncio.run(story())
