"""Clearing, destroying and lowering take two people, and only the medium that was meant is ever overwritten."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from guard.core.errors import Refused
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.store.queries import Page
from tests.flow.host import Host, stick
from tests.flow.keepers import CAROL, DAVE, keeping, ordering, refused

WHY = {"why": "x", "form": "BM-9"}


def _at(tmp_path: Path, story: Callable[[Host, VisitSnapshot, Path], Awaitable[None]]) -> None:
    async def whole() -> None:
        image = stick(tmp_path)
        with image.open("r+b") as file:
            file.seek(5 * 1024 * 1024)
            file.write(b"SECRET" * 1000)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await story(host, await host.register(await host.plug(image), "机密"), image)

    asyncio.run(whole())


def _read(image: Path) -> bytes:
    return image.read_bytes()


async def _confirmed(host: Host, kind: str, visit: VisitSnapshot, **more: object) -> str:
    order = await ordering(host).propose(CAROL, kind, visit.medium, {**WHY, **more}, {})
    await ordering(host).confirm(DAVE, order, True, "", {})
    return order


def test_a_cleared_medium_is_zero_from_end_to_end_and_nothing_else_was_touched(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        other = await host.register(await host.plug(stick(tmp_path, "other.img", 24 * 1024 * 1024)), "机密")
        before = _read(tmp_path / "other.img")
        order = await _confirmed(host, "clear", visit)
        assert await refused(ordering(host).clear(CAROL, other.id, order, {})) == "order-other"
        await host.guard.settle()
        done = await ordering(host).clear(CAROL, visit.id, order, {})
        assert (done["octets"], done["proposed_by"], done["confirmed_by"]) == (16 * 1024 * 1024, "carol", "dave")
        assert _read(image) == bytes(16 * 1024 * 1024)
        now = host.visit_at(visit.port)
        assert (now.access, now.rules) == (Access.REFUSED, ("not-labelled",)), "blank, and no alarm for a missing label"
        rows = {row["id"]: row["state"] for row in await host.queries.media(Page(), frozenset())}
        assert rows == {visit.medium: "cleared", other.medium: "registered"}
        assert before[5 * 1024 * 1024 :] == _read(tmp_path / "other.img")[5 * 1024 * 1024 :]
        label = slice(512 * 1024, 516 * 1024)
        assert before[label] == _read(tmp_path / "other.img")[label]
        (taken,) = await host.lives.history(Page(limit=1, medium=visit.medium))
        assert (taken["step"], taken["approved_by"], taken["form"]) == ("clear", "carol, dave", "BM-9")
        assert await refused(ordering(host).clear(CAROL, visit.id, order, {})) == "order-other"

    _at(tmp_path, story)


def test_what_was_shown_to_a_person_is_the_only_thing_that_is_cleared(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        order, before = await _confirmed(host, "clear", visit), _read(image)
        for shown in ("ab" * 16, "", 7):
            assert await refused(ordering(host).clear(CAROL, visit.id, order, {"medium": shown})) == "order-other"
        assert await host.queries.journal(Page(kind="clearing")) == []
        assert _read(image) == before
        assert (await ordering(host).clear(CAROL, visit.id, order, {"medium": visit.medium}))["medium"] == visit.medium
        assert _read(image) == bytes(len(before))

    _at(tmp_path, story)


@pytest.mark.parametrize("how", ["proposed", "declined", "expired", "other-medium", "destroy", "copy"])
def test_nothing_is_overwritten_without_a_confirmed_order_for_exactly_this_medium(tmp_path: Path, how: str) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        orders = ordering(host)
        if how == "other-medium":
            other = await host.register(await host.plug(stick(tmp_path, "other.img", 24 * 1024 * 1024)), "机密")
            order = await _confirmed(host, "clear", other)
        elif how == "destroy":
            await keeping(host).step(CAROL, visit.medium, "return", WHY, {})
            order = await _confirmed(host, "destroy", visit)
        else:
            order = await orders.propose(CAROL, "clear", visit.medium, WHY, {})
            if how != "proposed":
                await orders.confirm(DAVE, order, how != "declined", "no", {})
            host.now += 8 * 86_400 if how == "expired" else 0
        await host.guard.settle()
        if how == "copy":  # the label of the medium that was meant, on another stick
            await host.pull(visit)
            copied = shutil.copy(image, tmp_path / "copy.img")
            visit = await host.plug(Path(copied))
            image = Path(copied)
            assert "other-hardware" in visit.rules
        data = _read(image)[5 * 1024 * 1024 :]
        code = await refused(orders.clear(CAROL, visit.id, order, {}))
        assert code in ("order-not-confirmed", "order-expired", "order-other")
        assert _read(image)[5 * 1024 * 1024 :] == data
        assert await host.queries.journal(Page(kind="clearing")) == []

    _at(tmp_path, story)


def test_whoever_proposes_never_confirms_and_nothing_is_decided_twice(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        orders = ordering(host)
        order = await orders.propose(CAROL, "clear", visit.medium, WHY, {})
        assert await refused(orders.confirm(CAROL, order, True, "", {})) == "order-own"
        assert await refused(orders.propose(DAVE, "destroy", visit.medium, WHY, {})) in ("order-exists", "step-illegal")
        assert await refused(orders.confirm(DAVE, order, False, "", {})) == "why-missing"
        await orders.confirm(DAVE, order, False, "not yet", {})
        assert await refused(orders.confirm(DAVE, order, True, "", {})) == "order-closed"
        late = await orders.propose(CAROL, "clear", visit.medium, WHY, {})
        host.now += 7 * 86_400
        assert await refused(orders.confirm(DAVE, late, True, "", {})) == "order-expired"
        assert [row["state"] for row in await orders.orders(CAROL, {}, {})] == ["proposed", "declined"]
        assert host.visit_at(visit.port).access is Access.READ_WRITE

    _at(tmp_path, story)


def test_a_destroyed_medium_that_turns_up_is_an_alarm(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        assert await refused(ordering(host).propose(CAROL, "destroy", visit.medium, WHY, {})) == "step-illegal"
        await keeping(host).step(CAROL, visit.medium, "return", WHY, {})
        await _confirmed(host, "destroy", visit)
        await host.guard.settle()
        assert "destroyed" in host.visit_at(visit.port).rules

    _at(tmp_path, story)


def test_a_level_falls_only_by_two_people_and_only_on_an_emptied_medium(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        assert await refused(host.register(visit, "秘密", initialize=True)) == "level-lowered"
        await host.guard.settle()
        order = await _confirmed(host, "lower", visit, level="秘密")
        visit = host.visit_at(visit.port)
        for level, initialize in (("秘密", False), ("公开", True)):
            assert await refused(host.register(visit, level, initialize=initialize)) == "level-lowered"
            await host.guard.settle()
        lowered = await host.register(host.visit_at(visit.port), "秘密", initialize=True)
        (row,) = await host.queries.media(Page(), frozenset())
        assert (row["level"], row["effective_level"]) == ("秘密", "秘密")
        assert "below-host-level" in lowered.rules
        (found,) = await ordering(host).orders(CAROL, {}, {})
        assert (found["id"], found["state"]) == (order, "done")
        assert await refused(host.register(host.visit_at(visit.port), "公开", initialize=True)) == "level-lowered"
        (taken, _) = await host.lives.history(Page(medium=visit.medium))
        assert (taken["level_before"], taken["level"], taken["order"]) == ("机密", "秘密", order)

    _at(tmp_path, story)


def test_a_cleared_medium_begins_a_new_life_under_its_number_but_not_below_what_it_held(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        await ordering(host).clear(CAROL, visit.id, await _confirmed(host, "clear", visit), {})
        blank = host.visit_at(visit.port)
        assert await refused(host.register(blank, "公开", number=visit.number, initialize=True)) == "level-lowered"
        again = await host.register(host.visit_at(visit.port), "机密", number=visit.number, initialize=True)
        assert (again.medium, again.access) == (visit.medium, Access.READ_WRITE)
        (row,) = await host.queries.media(Page(), frozenset())
        assert (row["state"], row["generation"]) == ("registered", 2)

    _at(tmp_path, story)


def test_a_medium_that_is_pulled_while_it_is_cleared_is_not_on_record_as_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        order = await _confirmed(host, "clear", visit)

        async def pulled(*_: object) -> int:
            raise Refused("medium-gone")

        monkeypatch.setattr("guard.clearing.overwrite", pulled)
        assert await refused(ordering(host).clear(CAROL, visit.id, order, {})) == "medium-gone"
        await host.guard.settle()
        (row,) = await host.queries.media(Page(), frozenset())
        assert row["state"] == "registered"
        assert (await host.orders.one(order)).state == "confirmed"

    _at(tmp_path, story)
