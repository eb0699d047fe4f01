"""A guard that starts finds sticks that are bound and mounted: what was written to them is kept, and they are held all the same."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from guard.core.errors import Broken, GuardError, Refused
from guard.core.ports import Arrival, PortEvent
from guard.core.verdict import Access
from guard.sim.ports import SimulatedPorts
from tests.flow.host import Host, stick


class BoundPorts(SimulatedPorts):
    """Every stick was bound before the guard came; `did` says what happened to it, in order."""

    bound = True

    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []

    async def watch(self) -> AsyncIterator[PortEvent]:
        async for event in super().watch():
            yield replace(event, already_bound=self.bound) if isinstance(event, Arrival) else event

    async def mounted_disks(self, arrival: Arrival) -> tuple[str, ...]:
        return ("sda",)

    async def hold(self, arrival: Arrival) -> None:
        self.did.append("held")
        await super().hold(arrival)


def _host(folder: Path) -> tuple[Host, BoundPorts]:
    host = Host.found(folder / "a", "office", "机密")
    host.ports = ports = BoundPorts()
    return host, ports


def test_what_is_mounted_at_the_start_is_unmounted_before_it_is_held_and_judged_like_any_other(tmp_path: Path) -> None:
    async def story() -> None:
        founded, ports = _host(tmp_path)

        async def unmount(disks: tuple[str, ...]) -> None:
            ports.did.append(f"unmounted {' '.join(disks)}")

        async with founded as host:
            host.guard._parts = host.parts = replace(host.parts, unmount=unmount)
            image = stick(tmp_path)
            visit = await host.plug(image)
            assert ports.did == ["unmounted sda", "held"]
            assert (visit.access, visit.rules) == (Access.REFUSED, ("not-labelled",))
            await host.pull(visit)
            ports.did.clear()
            ports.bound = False
            await host.plug(image)
            assert ports.did == ["held"], "nobody is asked about what the gate has held from the beginning"
            assert host.troubles == []

    asyncio.run(story())


@pytest.mark.parametrize("fault", [Refused("still-in-use", disk="sda"), Broken("bus-unreachable", why="x"), None])
def test_whoever_does_not_unmount_keeps_no_port_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: GuardError | None
) -> None:
    """Files open on it, no udisks there, or one that never answers."""

    async def story() -> None:
        founded, ports = _host(tmp_path)
        monkeypatch.setattr("guard.leftovers.SECONDS", 0.01)

        async def unmount(disks: tuple[str, ...]) -> None:
            if fault is None:
                await asyncio.Event().wait()
            else:
                raise fault

        async with founded as host:
            host.guard._parts = host.parts = replace(host.parts, unmount=unmount)
            visit = await host.plug(stick(tmp_path))
            assert (visit.access, visit.rules, ports.did) == (Access.REFUSED, ("not-labelled",), ["held"])
            assert not visit.disk
            assert host.troubles == []

    asyncio.run(story())
