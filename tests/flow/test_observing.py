"""Observing until a day: everything opens, everything is told and on record, and the day ends it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from guard.core.errors import Broken, Refused
from guard.core.ports import Arrival, Disk
from guard.core.settings import GateSettings, parse_settings
from guard.core.verdict import Access, Severity
from guard.core.visit import Stage
from guard.health import Health
from guard.observing import Observing
from guard.sim.ports import SimulatedPorts
from guard.sim.stick import SUFFIX
from guard.store.queries import Page
from tests.flow.host import NOON, Host, stick

DAY = "2026-12-01"
ENDS = GateSettings(observe_until=DAY).observing_ends


async def _observing(host: Host) -> tuple[Observing, "asyncio.Task[None]"]:
    """The host's guard only observes from now on."""
    observing = Observing(ENDS, host.journal, Health(), lambda: host.now)
    observing.changed = host.guard.observing_ended
    host.parts = replace(host.parts, observed_until=lambda: observing.until)
    host.guard._parts = host.parts
    running = asyncio.create_task(observing.run())
    await asyncio.sleep(0)
    return observing, running


async def _kinds(host: Host) -> list[str]:
    return [str(row["kind"]) for row in await host.queries.journal(Page(limit=1000))]


def test_an_unknown_stick_opens_and_says_what_it_would_have_been_and_nothing_is_written_to_it(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        before = image.read_bytes()
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            _, running = await _observing(host)
            visit = await host.plug(image)
            assert (visit.stage, visit.access, visit.rules) == (
                Stage.OPEN,
                Access.READ_WRITE,
                ("observed", "not-labelled"),
            )
            assert visit.verdict is not None
            assert dict(visit.verdict.reasons[0].facts) == {"until": DAY, "would": "refused"}
            (row,) = await host.queries.visits(Page(limit=10))
            assert (row["verdict"], row["reasons"]) == ("read-write", ["observed", "not-labelled"])
            running.cancel()
        assert image.read_bytes() == before

    asyncio.run(story())


def test_what_the_guard_cannot_read_goes_where_it_went_before_there_was_a_guard(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        image.with_name(image.name + SUFFIX).write_text('{"serial": "UAS", "fault": "device-uas-only"}')
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            _, running = await _observing(host)
            visit = await host.plug(image)
            assert (visit.stage, visit.rules) == (Stage.OPEN, ("observed", "unreadable"))
            await host.guard.escort_of(visit.id).eject()
            (visit,) = host.guard.visits
            assert (visit.stage, visit.rules) == (Stage.SHUT, ("ejected",))
            running.cancel()
        assert host.troubles == []

    asyncio.run(story())


def test_the_day_ends_it_and_what_is_in_is_judged_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guard.observing._LOOK_SECONDS", 0.01)

    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            observing, running = await _observing(host)
            visit = await host.plug(stick(tmp_path))
            assert visit.stage is Stage.OPEN
            host.now = ENDS
            host.up = 0.0
            await running
            await host.until(lambda: all(v.stage is Stage.SHUT for v in host.guard.visits))
            (visit,) = host.guard.visits
            assert (visit.access, visit.rules) == (Access.REFUSED, ("not-labelled",))
            host.now = NOON
            assert observing.until == "", "a clock that is set back begins nothing"
            told = [kind for kind in await _kinds(host) if kind.startswith("observing")]
            assert told == ["observing-ended", "observing-began"]

    asyncio.run(story())


def test_an_alarm_stays_an_alarm_and_a_copy_teaches_the_registry_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "internet", "公开") as host:
            known = await host.register(await host.plug(image), "公开")
            await host.pull(known)
            copy = tmp_path / "copy.img"  # gets a serial number of its own
            copy.write_bytes(image.read_bytes())
            high = host.enrol(tmp_path / "b", "office", "机密")
            async with high:
                _, running = await _observing(high)
                visit = await high.plug(copy)
                assert visit.stage is Stage.OPEN
                assert "other-hardware" in visit.rules
                assert visit.verdict is not None
                assert visit.verdict.severity is Severity.ALARM
                facts = await high.registry.facts(known.medium)
                assert facts is None or facts.high_water != high.parts.host.level
                running.cancel()
            assert copy.read_bytes() == image.read_bytes(), "and no record was written to it"

    asyncio.run(story())


def test_what_will_be_refused_can_be_asked_for_and_approved_before_the_day(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            _, running = await _observing(host)
            visit = await host.plug(stick(tmp_path))
            again = await host.register(visit, "机密")
            assert (again.stage, again.rules) == (Stage.OPEN, ("fits",))
            running.cancel()

    asyncio.run(story())


def test_a_medium_in_use_is_not_pulled_from_under_its_user_by_an_approval(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            _, running = await _observing(host)
            visit = await host.plug(stick(tmp_path))

            async def busy(disks: tuple[str, ...]) -> None:
                raise Refused("still-in-use", disk=disks[0])

            host.parts = replace(host.parts, unmount=busy)
            host.guard.escort_of(visit.id)._walk._parts = host.parts
            with pytest.raises(Refused, match="still-in-use"):
                await host.register(visit, "机密")
            (visit,) = host.guard.visits
            assert (visit.stage, visit.rules) == (Stage.OPEN, ("observed", "not-labelled"))
            running.cancel()

    asyncio.run(story())


def test_a_device_that_fails_after_its_admission_passes_only_after_that_was_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            _, running = await _observing(host)
            seen: list[list[str]] = []
            admit, let_pass = SimulatedPorts.admit, SimulatedPorts.let_pass

            async def other_size(ports: SimulatedPorts, arrival: Arrival, access: Access) -> tuple[Disk, ...]:
                raise Broken("effect-other-size", disk="sda", size=1, expected=2)

            async def passed(ports: SimulatedPorts, arrival: Arrival) -> None:
                monkeypatch.setattr(SimulatedPorts, "admit", admit)
                seen.append([str(row["kind"]) for row in await host.queries.journal(Page(limit=2))])
                await let_pass(ports, arrival)

            monkeypatch.setattr(SimulatedPorts, "admit", other_size)
            monkeypatch.setattr(SimulatedPorts, "let_pass", passed)
            visit = await host.plug(stick(tmp_path))
            assert (visit.stage, visit.rules) == (Stage.OPEN, ("observed", "guard-failed"))
            assert seen == [["intent", "intent"]], "the newest entries, before anything opened"
            assert host.troubles == []
            running.cancel()

    asyncio.run(story())


def test_a_registry_that_does_not_answer_keeps_sticks_out_also_while_observing(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            _, running = await _observing(host)

            async def full(*_: object, **__: object) -> int:
                raise Broken("registry-full")

            host.journal.append = full  # type: ignore[method-assign, assignment]
            host.registry.intent = full  # type: ignore[method-assign, assignment]
            visit = await host.plug(stick(tmp_path))
            assert (visit.stage, visit.access) == (Stage.SHUT, Access.REFUSED)
            running.cancel()

    asyncio.run(story())


@pytest.mark.parametrize(
    "bad", ["tomorrow", "2026-13-01", "2026-1-1", "20261201", "0001-01-01", 20261201, True, ["2026-12-01"]]
)
def test_a_day_that_is_none_is_refused_by_name(bad: object) -> None:
    with pytest.raises(Broken) as fault:
        parse_settings({"gate": {"observe_until": bad}}, "guard.toml")
    assert fault.value.facts["key"] == "gate.observe_until"


def test_a_day_that_is_over_observes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            health = Health()
            over = Observing(NOON - 1, host.journal, health, lambda: host.now)
            await over.run()
            assert (over.until, health.state) == ("", "ok")
            assert [kind for kind in await _kinds(host) if kind.startswith("observing")] == []

    asyncio.run(story())
