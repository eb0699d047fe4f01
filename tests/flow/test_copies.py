"""Copies, old images, holes and cut power: what is caught, by whom, and which innocent twins are not accused."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guard.core.area import AREA_END, WINDOW, WINDOW_SIZE, frame
from guard.core.record import record_hash, sign_record
from guard.core.ring import archive_place, log_in, place
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access, Severity
from guard.store.queries import Page
from tests.flow.cutting import CuttingPorts
from tests.flow.host import Host, stick

IMPORT: dict[str, Any] = {"import": True}
HOSTS = (
    "office",
    "desk",
    "vault",
    "internet",
)  # desk: another computer of the office; vault above, internet below the medium


@dataclass
class World:
    """Four computers and one medium of level 秘密, as its image; `known` is the newest record of it each of them has seen."""

    image: Path
    hosts: dict[str, Host]
    medium: str = ""
    known: dict[str, tuple[int, str]] = field(default_factory=dict)
    highest: dict[str, str] = field(default_factory=dict)

    @classmethod
    async def made(cls, folder: Path, stack: AsyncExitStack) -> "World":
        office = Host.found(folder / "office", "office", "秘密")
        hosts = {"office": office}
        for name, network, level in (
            ("desk", "office", "秘密"),
            ("vault", "vault", "机密"),
            ("internet", "internet", "公开"),
        ):
            hosts[name] = office.enrol(folder / name, network, level)
        for host in hosts.values():
            host.ports = CuttingPorts()
            await stack.enter_async_context(host)
        world = cls(stick(folder), hosts)
        visit = await office.register(await office.plug(world.image), "秘密", **IMPORT)
        world.medium = visit.medium
        await world.leave("office", visit, eject=True)
        return world

    @property
    def area(self) -> bytes:
        return self.image.read_bytes()[WINDOW:AREA_END]

    def restore(self, area: bytes) -> None:
        with self.image.open("r+b") as file:
            file.seek(WINDOW)
            file.write(area)

    def chain(self) -> dict[int, str]:
        """Every record in the window, by sequence."""
        keyring = self.hosts["office"].parts.identity.keyring
        log = log_in(self.area[:WINDOW_SIZE], self.medium, keyring, 512, since=1)
        return dict(zip((record.sequence for record in log.records), log.hashes, strict=True))

    def older(self, name: str) -> bool:
        """This host has seen a record that is not on the medium now."""
        sequence, digest = self.known.get(name, (0, ""))
        return sequence > 0 and self.chain().get(sequence) != digest

    async def visit(self, name: str, *, cut_at: int | None = None) -> VisitSnapshot:
        ports = self.hosts[name].ports
        assert isinstance(ports, CuttingPorts)
        ports.writes, ports.cut_at = 0, cut_at
        return await self.hosts[name].plug(self.image)

    async def leave(self, name: str, visit: VisitSnapshot, *, eject: bool) -> None:
        host = self.hosts[name]
        if eject and host.visit_at(visit.port).access.opens:
            await host.guard.escort_of(visit.id).eject()
        await host.pull(visit)
        chain = self.chain()
        facts = await host.registry.facts(self.medium)
        assert facts is not None
        if facts.record_seen is not None:
            self.known[name] = facts.record_seen
            assert facts.record_seen[0] <= max(chain, default=0) or self.older(name)


async def _use(world: World, name: str, *, eject: bool = True) -> VisitSnapshot:
    visit = await world.visit(name)
    await world.leave(name, visit, eject=eject)
    return visit


acts = st.one_of(
    st.tuples(st.just("visit"), st.sampled_from(HOSTS), st.booleans(), st.none() | st.integers(1, 6)),
    st.tuples(st.just("restore"), st.integers(0, 20), st.none(), st.none()),
)


@settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
@given(st.lists(acts, min_size=2, max_size=8))
def test_over_any_journey_a_medium_is_accused_exactly_where_it_has_forgotten_and_its_level_never_falls(
    journey: list[tuple[str, Any, Any, Any]],
) -> None:
    """Visits to four computers, safely ended or not, the power cut at any write, and any earlier state of the medium put back."""

    async def story(folder: Path) -> None:
        async with AsyncExitStack() as stack:
            world = await World.made(folder, stack)
            states = [world.area]
            for what, which, eject, cut_at in journey:
                if what == "restore":
                    world.restore(states[which % len(states)])
                    continue
                before, forgotten = world.area, world.older(which)
                visit = await world.visit(which, cut_at=cut_at)
                rules = set(visit.rules)
                assert ("rolled-back" in rules) is forgotten or "unreadable" in rules
                assert not rules & {
                    "travel-log-broken",
                    "label-invalid",
                    "label-gone",
                    "other-hardware",
                    "guard-failed",
                }
                if which == "vault":
                    assert visit.access is (Access.REFUSED if forgotten else Access.READ_ONLY)
                elif which == "internet" or forgotten:
                    assert not visit.access.opens
                elif cut_at is None:
                    assert visit.access is Access.READ_WRITE
                    assert visit.severity is Severity.INFO
                await world.leave(which, visit, eject=eject)
                if which == "vault" or forgotten:
                    assert world.area == before, "nothing is written by a host above the medium, or to a copy"
                for name, host in world.hosts.items():
                    for row in await host.queries.media(Page(), frozenset()):
                        assert row["effective_level"] == world.highest.setdefault(name, str(row["effective_level"]))
                states.append(world.area)
            for host in world.hosts.values():
                assert host.troubles == []

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(story(Path(folder)))


def test_a_clone_and_its_original_part_at_their_first_use_and_the_second_to_show_up_is_caught(tmp_path: Path) -> None:
    async def story() -> None:
        async with AsyncExitStack() as stack:
            world = await World.made(tmp_path, stack)
            clone = world.area
            assert (await _use(world, "office")).access is Access.READ_WRITE
            original = world.area
            world.restore(clone)
            assert (await _use(world, "desk")).access is Access.READ_WRITE, "the desk has seen neither"
            clone = world.area
            caught = await _use(world, "office")
            assert (caught.access, caught.severity) == (Access.REFUSED, Severity.ALARM)
            assert "rolled-back" in caught.rules
            assert world.area == clone
            world.restore(original)
            assert "rolled-back" in (await _use(world, "desk")).rules
            assert (await _use(world, "office")).access is Access.READ_WRITE, (
                "the original is still good where it was used"
            )
            told = await world.hosts["office"].queries.travel(Page(medium=world.medium), "")
            assert len({row["record"] for row in told if row["sequence"] == 3}) == 2, "both branches are on record"

    asyncio.run(story())


def test_every_earlier_state_is_caught_by_every_host_that_saw_a_newer_one(tmp_path: Path) -> None:
    async def story() -> None:
        async with AsyncExitStack() as stack:
            world = await World.made(tmp_path, stack)
            states = []
            for name in ("office", "desk", "internet", "vault", "office", "desk", "vault", "internet"):
                states.append(world.area)
                visit = await _use(world, name, eject=name == "office")
                assert "rolled-back" not in visit.rules
            newest, caught = world.area, []
            for number, state in enumerate(states):
                world.restore(state)
                for name in [name for name in HOSTS if world.older(name)]:
                    visit = await _use(world, name)
                    assert ("rolled-back" in visit.rules, visit.access) == (True, Access.REFUSED)
                    caught.append((number, name))
                assert world.area == state, "nothing is written to an old copy"
            assert {name for number, name in caught if number == 0} == set(HOSTS)
            assert [name for number, name in caught if number == 7] == ["internet"]
            world.restore(newest)
            for name in HOSTS:
                assert "rolled-back" not in (await _use(world, name)).rules

    asyncio.run(story())


@pytest.mark.parametrize("harm", ["flipped", "removed", "both-places"])
def test_a_record_that_was_flipped_or_taken_away_is_healed_or_named(tmp_path: Path, harm: str) -> None:
    async def story() -> None:
        async with AsyncExitStack() as stack:
            world = await World.made(tmp_path, stack)
            for _ in range(3):
                await _use(world, "office")
            data = bytearray(world.image.read_bytes())
            for offset in (place(4, 512), archive_place(4, 512))[: 2 if harm == "both-places" else 1]:
                data[offset : offset + 512] = bytes(512) if harm != "flipped" else data[offset : offset + 511] + b"\xff"
            world.restore(bytes(data[WINDOW:AREA_END]))
            for name in ("office", "desk"):
                visit = await _use(world, name)
                if harm == "both-places":
                    assert (visit.access, "travel-log-broken" in visit.rules) == (Access.REFUSED, True)
                else:
                    assert visit.access is Access.READ_WRITE

    asyncio.run(story())


def test_a_clock_that_is_wrong_by_a_day_accuses_nobody(tmp_path: Path) -> None:
    async def story() -> None:
        async with AsyncExitStack() as stack:
            world = await World.made(tmp_path, stack)
            for days, name in ((1, "office"), (-1, "desk"), (0, "office"), (-1, "desk")):
                world.hosts[name].now += days * 86_400
                visit = await _use(world, name)
                assert (visit.access, visit.severity) == (Access.READ_WRITE, Severity.INFO)

    asyncio.run(story())


def test_after_ten_thousand_visits_a_medium_is_read_at_once_and_still_known_and_still_as_high(tmp_path: Path) -> None:
    """The last five hundred records of them, as the office signs them, made in one go: both rings have wrapped many times."""

    async def story() -> None:
        async with AsyncExitStack() as stack:
            world = await World.made(tmp_path, stack)
            early, identity = world.area, world.hosts["office"].parts.identity
            log = log_in(early[:WINDOW_SIZE], world.medium, identity.keyring, 512)
            record, before, data = log.records[0], log.newest_hash, bytearray(world.image.read_bytes())
            for sequence in range(9_501, 10_001):
                record = replace(record, sequence=sequence, previous=before)
                cose = sign_record(record, identity.signer, identity.host_certificate)
                before, block = record_hash(cose), frame(cose, 512, sequence=sequence)
                for offset in (place(sequence, 512), archive_place(sequence, 512)):
                    data[offset : offset + 512] = block
            world.restore(bytes(data[WINDOW:AREA_END]))
            await _use(world, "office")
            ports = world.hosts["office"].ports
            assert isinstance(ports, CuttingPorts)
            ports.reads = []
            visit = await world.visit("office")
            assert (visit.access, visit.rules) == (Access.READ_WRITE, ("fits",))
            area = [(offset, length) for offset, length in ports.reads if WINDOW <= offset < AREA_END]
            assert area[0] == (WINDOW, WINDOW_SIZE)
            assert {length for _, length in area[1:]} <= {512}, "what was written is read back, a block at a time"
            assert len(area) == 3
            await world.leave("office", visit, eject=True)
            visit = await _use(world, "desk")
            assert (visit.access, visit.level) == (Access.READ_WRITE, "秘密")
            rows = await world.hosts["desk"].queries.travel(Page(limit=1000, medium=world.medium), "")
            assert len(rows) > 400, "the archive told a host that had never seen it"
            world.restore(early)
            assert "rolled-back" in (await _use(world, "office")).rules

    asyncio.run(story())
