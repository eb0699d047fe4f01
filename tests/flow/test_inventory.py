"""An inventory: what is plugged in is ticked off, what is overdue stays out until somebody has it in hand, nothing else changes."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from guard.core.errors import Broken
from guard.core.settings import InventorySettings, Settings
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.counting import Counting
from guard.store.queries import Listing, Page
from tests.flow.host import Host, stick
from tests.flow.keepers import CAROL, DAVE, enter, keeping, refused

DAY = 86_400
WEEK = {"due": "7d"}


def _at(tmp_path: Path, story: Callable[[Host, VisitSnapshot], Awaitable[None]], overdue: str = "refused") -> None:
    async def whole() -> None:
        founded = Host.found(tmp_path / "a", "office", "机密")
        founded.settings = replace(Settings(), inventory=InventorySettings(overdue=overdue))
        async with founded as host:
            await enter(host, "Zhang San")
            await story(host, await host.register(await host.plug(stick(tmp_path)), "机密"))
            assert (await host.journal.verify()).ok

    asyncio.run(whole())


def _counting(host: Host) -> Counting:
    return Counting(host.guard, host.parts)


async def _missing(host: Host, ident: str) -> Listing:
    return await _counting(host).missing(DAVE, ident, {}, {})


async def _counts(host: Host) -> list[tuple[object, ...]]:
    names = ("state", "expected", "seen", "missing", "settled")
    return [tuple(row[name] for name in names) for row in await _counting(host).inventories(DAVE, {}, {})]


async def _in_hand(host: Host, visit: VisitSnapshot, access: Access) -> VisitSnapshot:
    await host.guard.settle()
    await host.until(lambda: host.visit_at(visit.port).access is access)
    return host.visit_at(visit.port)


def test_plugging_in_ticks_off_and_the_report_says_who_has_the_rest(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        await host.pull(visit)
        other = await host.register(await host.plug(stick(tmp_path, "b.img")), "机密")
        await host.pull(other)
        ident = await _counting(host).begin(CAROL, "Autumn", WEEK, {})
        assert await _counts(host) == [("open", 2, 0, 2, 0)]
        again = await host.plug(tmp_path / "stick.img")
        assert again.access is Access.READ_WRITE
        (left,) = await _missing(host, ident)
        assert (left["medium"], left["holder"], left["department"]) == (other.medium, "Zhang San", "二处")
        (row,) = await _counting(host).departments(DAVE, ident, {})
        assert row == {"department": "二处", "expected": 2, "seen": 1, "missing": 1, "settled": 0}
        (entry,) = await host.queries.journal(Page(kind="counted"))
        assert (entry["subject"], entry["data"]["how"], entry["data"]["visit"]) == (again.medium, "plugged", again.id)  # type: ignore[index]
        await host.pull(again)
        await host.pull(await host.plug(tmp_path / "stick.img"))
        assert len(await host.queries.journal(Page(kind="counted"))) == 1, "once is enough"

    _at(tmp_path, story)


def test_what_was_not_shown_in_time_stays_out_until_somebody_who_decides_has_it_in_hand(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        await host.pull(visit)
        ident = await _counting(host).begin(CAROL, "Autumn", WEEK, {})
        host.now += 7 * DAY
        for _ in range(2):
            late = await host.plug(tmp_path / "stick.img")
            assert (late.access, late.rules[0]) == (Access.REFUSED, "inspection-overdue")
            assert len(await _missing(host, ident)) == 1, "plugging it in late excuses nothing"
            await host.pull(late)
        await _counting(host).end(CAROL, ident, True, "time is over", {})
        late = await host.plug(tmp_path / "stick.img")
        assert late.access is Access.REFUSED, "closing it forgives nothing"
        found = await _counting(host).inspect(DAVE, f"MG|{visit.medium}", {})
        assert (found["counted"], found["inspection_due"]) == ("Autumn", "")
        await _in_hand(host, late, Access.READ_WRITE)
        assert await _counts(host) == [("closed", 1, 1, 0, 0)]
        kinds = [entry["kind"] for entry in await host.queries.journal(Page(limit=1000))]
        assert [kinds.count(kind) for kind in ("inventory-began", "inventory-ended", "counted")] == [1, 1, 1]

    _at(tmp_path, story)


@pytest.mark.parametrize(("overdue", "access"), [("read-only", Access.READ_ONLY), ("read-write", Access.READ_WRITE)])
def test_the_organization_may_only_be_told_of_what_is_overdue(tmp_path: Path, overdue: str, access: Access) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        await host.pull(visit)
        await _counting(host).begin(CAROL, "Autumn", WEEK, {})
        host.now += 7 * DAY
        late = await host.plug(tmp_path / "stick.img")
        assert late.access is access
        assert "inspection-overdue" in late.rules

    _at(tmp_path, story, overdue)


def test_what_is_in_use_stays_open_while_it_is_ticked_off(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        ident = await _counting(host).begin(CAROL, "Autumn", WEEK, {})
        told = len(host.told)
        assert (await _counting(host).inspect(DAVE, visit.medium, {}))["counted"] == "Autumn"
        await host.guard.settle()
        assert (host.visit_at(visit.port).access, len(host.told)) == (Access.READ_WRITE, told)
        assert await _missing(host, ident) == []

    _at(tmp_path, story)


def test_a_new_label_counts_as_having_been_seen_and_a_mistake_is_called_off(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        await _counting(host).begin(CAROL, "Autumn", WEEK, {})
        host.now += 7 * DAY
        await host.register(host.visit_at(visit.port), "机密")
        assert host.visit_at(visit.port).access is Access.READ_WRITE
        ident = await _counting(host).begin(CAROL, "By mistake", {"due": "1d"}, {})
        host.now += DAY
        await host.pull(visit)
        late = await host.plug(tmp_path / "stick.img")
        assert late.access is Access.REFUSED
        assert await refused(_counting(host).end(CAROL, ident, False, "", {})) == "why-missing"
        await _counting(host).end(CAROL, ident, False, "the wrong department", {})
        await _in_hand(host, late, Access.READ_WRITE)
        assert await refused(_counting(host).end(CAROL, ident, True, "x", {})) == "inventory-over"

    _at(tmp_path, story)


def test_only_what_the_inventory_covers_is_asked_for_and_what_is_lost_meanwhile_is_no_longer_missing(
    tmp_path: Path,
) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        begin = _counting(host).begin
        assert await refused(begin(CAROL, "x", {**WEEK, "level": "绝密"}, {})) == "inventory-empty"
        assert await refused(begin(CAROL, "x", {**WEEK, "department": "一处"}, {})) == "inventory-empty"
        assert await host.queries.journal(Page(kind="inventory-began")) == []
        await begin(CAROL, "x", {**WEEK, "level": "秘密", "department": "二处"}, {})
        await keeping(host).step(CAROL, visit.medium, "report-lost", {"why": "gone"}, {})
        assert await _counts(host) == [("open", 1, 0, 0, 1)]
        assert await refused(_counting(host).inspect(CAROL, "MG-9999", {})) == "sticker-unknown"
        assert (await _counting(host).inspect(CAROL, str(visit.number), {}))["state"] == "lost"

    _at(tmp_path, story)


def test_an_inventory_that_cannot_be_written_shuts_no_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        await host.pull(visit)
        ident = await _counting(host).begin(CAROL, "Autumn", WEEK, {})

        async def fail(*_: object) -> None:
            raise Broken("registry-disk-full", path="x")

        monkeypatch.setattr(type(host.parts.inventories), "seen", fail)
        again = await host.plug(tmp_path / "stick.img")
        assert again.access is Access.READ_WRITE
        assert "registry-disk-full" in host.troubles
        assert len(await _missing(host, ident)) == 1

    _at(tmp_path, story)


def test_a_copy_is_not_the_medium_and_ticks_nothing_off(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        await host.pull(visit)
        ident = await _counting(host).begin(CAROL, "Autumn", WEEK, {})
        copy = stick(tmp_path, "copy.img")
        copy.write_bytes((tmp_path / "stick.img").read_bytes())
        forged = await host.plug(copy)
        assert "other-hardware" in forged.rules
        assert len(await _missing(host, ident)) == 1

    _at(tmp_path, story)
