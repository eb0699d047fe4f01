"""The end of a term releases nothing by itself: two people look, never below what was held, and every mark stays on record."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.reviewing import Reviewing
from guard.store.queries import Page
from tests.flow.host import Host, stick
from tests.flow.keepers import CAROL, DAVE, ordering, refused

DAY = 86_400
WHY = {"why": "x"}
RELEASE: dict[str, object] = {**WHY, "level": "公开"}


def _at(tmp_path: Path, story: Callable[[Host, VisitSnapshot], Awaitable[None]], term: str = "30d") -> None:
    async def whole() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            visit = await host.register(await host.plug(stick(tmp_path)), "机密", term=term)
            await story(host, visit)
            assert (await host.journal.verify()).ok

    asyncio.run(whole())


def _reviewing(host: Host) -> Reviewing:
    return Reviewing(host.guard, host.parts)


async def _due(host: Host) -> list[Any]:
    return await _reviewing(host).reviews(DAVE, {}, {})


async def _marks(host: Host, medium: str) -> list[tuple[object, bool]]:
    return [(row["mark"], bool(row["cancelled"])) for row in await _reviewing(host).marks(DAVE, medium, {})]


async def _propose(host: Host, kind: str, medium: str, papers: dict[str, object]) -> str:
    return await ordering(host).propose(CAROL, kind, medium, papers, {})


async def _judged(host: Host, visit: VisitSnapshot, access: Access) -> None:
    await host.guard.settle()
    await host.until(lambda: host.visit_at(visit.port).access is access)


def test_at_the_end_of_its_term_a_medium_is_listed_and_released_only_by_two_people_and_a_new_label(
    tmp_path: Path,
) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        (row,) = await _due(host)
        assert (row["phase"], row["releasable"], row["released"]) == ("ending", True, "")
        assert await refused(_propose(host, "release", visit.medium, RELEASE)) == "review-early"
        host.now += 30 * DAY
        await host.pull(visit)
        shut = await host.plug(tmp_path / "stick.img")
        assert (shut.access, shut.rules[0]) == (Access.REFUSED, "term-over")
        assert [row["phase"] for row in await _due(host)] == ["over"]
        assert await refused(_propose(host, "release", visit.medium, {**WHY, "level": "机密"})) == "review-not-lower"
        order = await _propose(host, "release", visit.medium, RELEASE)
        assert await refused(ordering(host).confirm(CAROL, order, True, "", {})) == "order-own"
        assert await refused(host.register(shut, "公开", initialize=True)) == "level-lowered"
        await ordering(host).confirm(DAVE, order, True, "", {})
        (row,) = await _due(host)
        assert (row["released"], row["level"], row["order_kind"]) == ("公开", "机密", "release")
        (step, *_) = await host.lives.history(Page(medium=visit.medium))
        assert (step["step"], step["level_before"], step["level"], step["approved_by"]) == (
            "release",
            "机密",
            "公开",
            "carol, dave",
        )
        shut = host.visit_at(shut.port)
        assert shut.access is Access.REFUSED, "two names open nothing: its label still says what it said"
        assert await refused(host.register(shut, "公开")) == "level-lowered"
        host.now += DAY
        await host.register(host.visit_at(shut.port), "公开", initialize=True)
        assert await _due(host) == []
        marks = await _marks(host, visit.medium)
        assert [cancelled for _, cancelled in marks] == [False, True, True]
        assert marks[-1] == ("机密★30天", True)
        assert [entry["state"] for entry in await host.orders.listing(Page())] == ["done"]

    _at(tmp_path, story)


def test_what_has_held_something_higher_is_not_released_by_its_own_term(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        host.now += 30 * DAY
        order = await _propose(host, "release", visit.medium, RELEASE)
        label = host.guard.escort_of(host.visit_at(visit.port).id)._walk.stays[0].seen().label
        assert label is not None
        await host.registry.rose(label, host.parts.scheme.level("绝密"))
        assert await refused(ordering(host).confirm(DAVE, order, True, "", {})) == "review-high-water"
        (row,) = await _due(host)
        assert (row["releasable"], row["released"]) == (False, "")
        assert [entry["step"] for entry in await host.lives.history(Page(medium=visit.medium))] == ["register"]

    _at(tmp_path, story)


def test_one_person_lets_it_end_sooner_at_once_and_only_two_later(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        classify = _reviewing(host).classify
        assert await refused(classify(CAROL, visit.medium, {"term": "20y"}, "x", {})) == "term-longer"
        assert await refused(classify(CAROL, visit.medium, {"term": "10d"}, "", {})) == "why-missing"
        assert host.visit_at(visit.port).access is Access.READ_WRITE
        await classify(CAROL, visit.medium, {"term": "10d", "condition": "公布前"}, "decided anew", {})
        host.now += 10 * DAY
        await host.pull(visit)
        shut = await host.plug(tmp_path / "stick.img")
        assert "term-over" in shut.rules, "sooner than its label says"
        order = await _propose(host, "extend", visit.medium, {**WHY, "term": "5d"})
        assert await refused(ordering(host).confirm(CAROL, order, True, "", {})) == "order-own"
        assert host.visit_at(shut.port).access is Access.REFUSED
        await ordering(host).confirm(DAVE, order, True, "", {})
        await _judged(host, shut, Access.READ_WRITE)
        assert [cancelled for _, cancelled in await _marks(host, visit.medium)] == [False, True, True]
        host.now += 5 * DAY
        await host.pull(shut)
        assert "term-over" in (await host.plug(tmp_path / "stick.img")).rules

    _at(tmp_path, story)


def test_a_new_label_has_a_term_of_its_own_and_the_old_mark_stays(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        await _reviewing(host).classify(CAROL, visit.medium, {"term": "1d"}, "x", {})
        host.now += 2 * DAY
        await host.register(host.visit_at(visit.port), "机密", term="60d")
        await _judged(host, visit, Access.READ_WRITE)
        marks = await _marks(host, visit.medium)
        assert marks == [("机密★60天", False), ("机密★1天", True), ("机密★30天", True)]

    _at(tmp_path, story)


@pytest.mark.parametrize(
    ("kind", "papers", "code"),
    [
        ("release", WHY, "order-level"),
        ("release", {**RELEASE, "term": "5d"}, "order-term"),
        ("extend", {**WHY, "level": "公开"}, "order-level"),
        ("extend", {**WHY, "term": "1d"}, "review-not-longer"),
        ("extend", {**WHY, "term": "21y"}, "term-invalid"),
        ("extend", {**WHY, "term": 5}, "option-type"),
    ],
)
def test_an_order_that_says_too_little_or_too_much_is_none(
    tmp_path: Path, kind: str, papers: dict[str, object], code: str
) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        assert await refused(_propose(host, kind, visit.medium, papers)) == code
        assert await host.orders.listing(Page()) == []

    _at(tmp_path, story)


def test_the_longest_term_is_taken_without_one_and_is_no_review_yet(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        assert await _due(host) == []
        assert await _marks(host, visit.medium) == [("机密★20年", False)]
        await _reviewing(host).classify(CAROL, visit.medium, {"condition": "会议开始前"}, "x", {})
        assert [row["phase"] for row in await _due(host)] == ["condition"]
        assert (await _marks(host, visit.medium))[0] == ("机密★会议开始前", False)
        before = len(host.told)
        await host.guard.settle()
        assert (host.visit_at(visit.port).access, len(host.told)) == (Access.READ_WRITE, before), (
            "nobody lost it for that"
        )

    _at(tmp_path, story, term="")
