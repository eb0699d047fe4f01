"""A clock that is behind what was seen here before opens nothing: terms that are over would run again."""

import asyncio
from pathlib import Path

import pytest

from guard.core.errors import Broken
from guard.core.verdict import Access
from guard.store.queries import Page
from guard.timekeeping import TOLERANCE, WORD
from tests.flow.host import Host, stick

YEAR = 365 * 86_400


def _shift(host: Host, seconds: int) -> None:
    """Somebody sets the clock; the time since boot goes on as it was."""
    host.now += seconds
    host.up -= seconds


async def _registered(host: Host, image: Path, term: str = "") -> None:
    await host.pull(await host.register(await host.plug(image), "机密", **({"term": term} if term else {})))


def test_a_year_back_keeps_sticks_out_opens_none_whose_term_is_over_and_mends_by_itself(tmp_path: Path) -> None:
    async def story() -> None:
        image, dated = stick(tmp_path), stick(tmp_path, "dated.img")
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            await _registered(host, dated, "1d")
            host.now += 2 * 86_400
            await host.pull(await host.plug(dated))
            _shift(host, -YEAR)
            host.told.clear()
            visits = [await host.plug(image), await host.plug(dated)]
            assert [(v.access, v.rules) for v in visits] == [(Access.REFUSED, ("guard-failed",))] * 2
            assert "clock-behind" in host.troubles
            with pytest.raises(Broken, match="clock-behind"):
                await host.register(visits[0], "机密")
            assert not [v for v in host.told if v.access.opens]
            before = len(await host.queries.journal(Page(limit=1000)))
            _shift(host, YEAR)
            await host.until_mended()
            assert host.visit_at(visits[0].port).access is Access.READ_WRITE
            assert host.visit_at(visits[1].port).rules[0] == "term-over"
            assert not [v for v in host.told if v.access.opens and v.id == visits[1].id]
            assert len(await host.queries.journal(Page(limit=1000))) < before + 12, "no entry for each try"

    asyncio.run(story())


def test_an_hour_back_is_a_clock_that_was_set_and_one_second_more_is_not(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            _shift(host, -TOLERANCE)
            await host.pull(await host.plug(image))
            assert "clock-behind" not in host.troubles
            _shift(host, -1)
            assert (await host.plug(image)).access is Access.REFUSED

    asyncio.run(story())


def test_a_guard_that_starts_with_a_dead_clock_battery_waits_for_the_right_time(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as host:
            await _registered(host, image)
        _shift(founded, -30 * YEAR)
        founded.told.clear()
        async with founded as host:
            refused = await host.plug(image)
            assert refused.access is Access.REFUSED
            host.ports.unplug(refused.port)
            await host.guard.settle()
            await host.plug(stick(tmp_path, "unreadable.img"))
        async with founded as host:  # what was written down meanwhile has not become the truth
            assert (await host.plug(image)).access is Access.REFUSED
            assert not [v for v in host.told if v.access.opens]
            _shift(host, 30 * YEAR)
            await host.until_mended()
            assert [v for v in host.told if v.access is Access.READ_WRITE]

    asyncio.run(story())


def test_a_clock_that_ran_ahead_and_is_right_again_does_no_harm_while_the_guard_has_seen_both(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            _shift(host, YEAR)
            await host.pull(await host.plug(image))
            _shift(host, -YEAR)
            assert (await host.plug(image)).access is Access.READ_WRITE
            assert "clock-behind" not in host.troubles

    asyncio.run(story())


def test_after_a_restart_only_roots_word_makes_a_clock_right_that_is_behind_and_the_word_counts_once(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as host:
            await _registered(host, image)
            _shift(host, YEAR)
            await host.pull(await host.plug(image))
        _shift(founded, -YEAR)
        async with founded as host:
            visit = await host.plug(image)
            assert visit.access is Access.REFUSED
            (host.state / WORD).touch()
            await host.until_mended()
            assert host.visit_at(visit.port).access is Access.READ_WRITE
            assert not (host.state / WORD).exists()
            (entry,) = [e for e in await host.queries.journal(Page(limit=1000)) if e["kind"] == "clock-set"]
            assert entry["subject"] == "guard"
            assert (await host.journal.verify()).ok
        _shift(founded, -YEAR)
        async with founded as host:
            assert (await host.plug(stick(tmp_path, "third.img"))).access is Access.REFUSED

    asyncio.run(story())
