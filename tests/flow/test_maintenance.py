"""A window for maintenance: what it lets in, what it never does, and that it ends by itself and is on record."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from guard.core.errors import Hostile, Refused
from guard.core.verdict import Access
from guard.core.visit import Stage
from guard.health import Health
from guard.maintenance import MaintenanceWindow
from guard.store.queries import Page
from tests.flow.host import Host, stick


async def _with_window(host: Host) -> MaintenanceWindow:
    """The host's guard looks at this window from now on."""
    health = Health()
    window = MaintenanceWindow(host.journal, health, lambda: host.now)
    window.changed = host.guard.maintenance_changed
    host.parts = replace(host.parts, maintenance=lambda: window.now)
    host.guard._parts = host.parts
    return window


async def _kinds(host: Host) -> list[str]:
    return [str(row["kind"]) for row in await host.queries.journal(Page(limit=1000))]


def test_a_stick_without_a_label_can_be_read_while_the_window_is_open_and_goes_when_it_ends(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        before = image.read_bytes()
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            window = await _with_window(host)
            refused = await host.plug(image)
            assert refused.access is Access.REFUSED
            await window.begin(30, "root", "new printer driver")
            await host.until(lambda: any(v.stage is Stage.OPEN for v in host.guard.visits))
            (visit,) = host.guard.visits
            assert (visit.access, visit.rules) == (Access.READ_ONLY, ("not-labelled", "maintenance"))
            await window.end("root")
            await host.until(lambda: all(v.stage is Stage.SHUT for v in host.guard.visits))
            (visit,) = host.guard.visits
            assert (visit.access, visit.rules) == (Access.REFUSED, ("not-labelled",))
            told = [kind for kind in await _kinds(host) if kind.startswith("maintenance")]
            assert told == ["maintenance-ended", "maintenance-began"]
            await host.guard.settle()
        assert image.read_bytes() == before

    asyncio.run(story())


def test_it_does_nothing_for_media_with_a_label(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as high:
            visit = await high.register(await high.plug(image), "机密")
            await high.pull(visit)
            low = high.enrol(tmp_path / "b", "internet", "公开")
            async with low as host:
                window = await _with_window(host)
                await window.begin(30, "root", "work")
                above = await host.plug(image)
                assert above.access is Access.REFUSED
                assert "above-ceiling" in above.rules
                assert "maintenance" not in above.rules
                await window.end("root")

    asyncio.run(story())


@pytest.mark.parametrize("forward", [60 * 30, 60 * 60 * 24 * 365])
def test_the_clock_ends_it_also_when_it_jumps(tmp_path: Path, forward: int) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            window = await _with_window(host)
            await window.begin(30, "root", "work")
            host.now += forward
            assert window.now is None
            assert (await host.plug(stick(tmp_path))).access is Access.REFUSED

    asyncio.run(story())


def test_a_clock_that_is_set_back_does_not_make_it_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guard.maintenance._LOOK_SECONDS", 0.01)

    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            window = await _with_window(host)
            await window.begin(30, "root", "work")
            host.now -= 60 * 60 * 24
            assert window._ending is not None
            window._ending.cancel()
            await window._end_in(0.05)
            assert window.now is None
            assert (await _kinds(host))[0] == "maintenance-ended"

    asyncio.run(story())


def test_without_a_reason_or_with_too_long_a_time_nothing_opens(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            window = await _with_window(host)
            for minutes, why, code in (
                (0, "x", "maintenance-minutes"),
                (241, "x", "maintenance-minutes"),
                (5, "", "why"),
            ):
                with pytest.raises(Hostile, match=code):
                    await window.begin(minutes, "root", why)
            with pytest.raises(Refused, match="maintenance-none"):
                await window.end("root")
            assert window.now is None
            assert "maintenance-began" not in await _kinds(host)

    asyncio.run(story())
