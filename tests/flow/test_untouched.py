"""Proof of no write: a read-only visit ends with it, signed where records may flow; anything else is an alarm."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from guard.core.ports import Counters, Disk
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access, Severity
from guard.sim.ports import SimulatedPorts
from guard.store.queries import Page
from tests.flow.host import Host, stick

IMPORT: dict[str, Any] = {"import": True}


class CountingPorts(SimulatedPorts):
    """Ports whose kernel counts what the test says, from the `after`th question on."""

    moved: Counters | None = None
    after = 1

    async def counters(self, disk: Disk) -> Counters:
        self.after -= 1
        counted = await super().counters(disk)
        return self.moved if self.moved is not None and self.after < 0 else counted


def _found(folder: Path, network: str, level: str) -> tuple[Host, CountingPorts]:
    host, ports = Host.found(folder, network, level), CountingPorts()
    host.ports = ports
    return host, ports


async def _remove(host: Host, visit: VisitSnapshot) -> VisitSnapshot:
    await host.guard.escort_of(visit.id).eject()
    shut = host.visit_at(visit.port)
    await host.pull(visit)
    return shut


async def _removals(host: Host) -> list[Any]:
    return [row["data"] for row in await host.queries.journal(Page(limit=1000)) if row["kind"] == "removed"]


def test_a_read_only_visit_ends_with_a_signed_proof_and_a_writable_one_without(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        host, _ = _found(tmp_path / "a", "office", "机密")
        async with host:
            await _remove(host, await host.register(await host.plug(image), "机密"))
            await _remove(host, await host.register(await host.plug(image), "机密", access="read-only"))
            rows = await host.queries.travel(Page(medium=(await host.queries.media(Page(), frozenset()))[0]["id"]), "")  # type: ignore[arg-type]
            told = [(row["verdict"], row["ended"], row["untouched"]) for row in rows]
            assert told[0] == ("read-only", "removed", True)
            assert not any(untouched for access, _, untouched in told if access == "read-write")
            assert await _removals(host) == [
                {"access": "read-only", "read_only": True, "writes": 0, "wrote": 0, "untouched": True},
                {"access": "read-write", "read_only": False, "writes": 0, "wrote": 0, "untouched": False},
            ]
            assert not [visit for visit in host.told if visit.severity is Severity.ALARM]

    asyncio.run(story())


@pytest.mark.parametrize("moved", [Counters(True, 1, 512), Counters(True, 1, 0), Counters(False, 0, 0)])
def test_what_moved_during_a_read_only_visit_is_an_alarm_and_the_water_rises(tmp_path: Path, moved: Counters) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "秘密")
        vault, ports = founded.enrol(tmp_path / "b", "vault", "机密"), CountingPorts()
        vault.ports = ports
        async with founded as office, vault:
            await _remove(office, await office.register(await office.plug(image), "秘密", **IMPORT))
            before = image.read_bytes()
            ports.moved = moved
            visit = await vault.plug(image)
            assert visit.access is Access.READ_ONLY
            shut = await _remove(vault, visit)
            assert (shut.rules, shut.severity) == (("written-read-only",), Severity.ALARM)
            assert (await _removals(vault))[0]["untouched"] is False
            (row,) = await vault.queries.media(Page(), frozenset())
            assert (row["level"], row["effective_level"]) == ("秘密", "机密")
            assert image.read_bytes() == before, "a host above the medium still writes nothing to it"
            assert (await vault.journal.verify()).ok

    asyncio.run(story())


def test_where_records_may_flow_the_record_itself_says_that_it_was_written(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        host, ports = _found(tmp_path / "a", "office", "机密")
        async with host:
            visit = await host.register(await host.plug(image), "机密", access="read-only")
            ports.moved, ports.after = Counters(True, 3, 4096), 0
            await _remove(host, visit)
            newest = (await host.queries.travel(Page(medium=visit.medium), ""))[0]
            assert (newest["alarm"], newest["untouched"], newest["written"]) == (True, False, 1)

    asyncio.run(story())


def test_a_disk_that_was_written_before_the_guard_saw_it_read_only_never_opens(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        host, ports = _found(tmp_path / "a", "office", "机密")
        async with host:
            await _remove(host, await host.register(await host.plug(image), "机密", access="read-only"))
            ports.moved, ports.after = Counters(True, 1, 512), 0
            visit = await host.plug(image)
            assert (visit.access, visit.rules) == (Access.REFUSED, ("guard-failed",))
            assert visit.disk == ""

    asyncio.run(story())
