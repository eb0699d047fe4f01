"""Who may hold what, and nobody leaves with a medium: each is settled first, and until then it is refused everywhere."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.store.queries import Page
from tests.flow.host import Host, stick
from tests.flow.keepers import CAROL, DAVE, LISI, Caller, enter, keeping, refused

WHY = {"why": "x"}


def _at(tmp_path: Path, story: Callable[[Host, VisitSnapshot], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await enter(host, "Zhang San", account="")
            await enter(host, "lisi")
            await story(host, await host.register(await host.plug(stick(tmp_path)), "机密"))

    asyncio.run(whole())


async def _judged(host: Host, visit: VisitSnapshot, access: Access) -> VisitSnapshot:
    await host.guard.settle()
    await host.until(lambda: host.visit_at(visit.port).access is access)
    return host.visit_at(visit.port)


def test_a_holder_leaves_and_is_signed_off_only_when_everything_is_settled(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        assert await refused(verbs.sign_off(DAVE, "Zhang San", "x", {})) == "holder-not-leaving"
        await verbs.depart(CAROL, "zhang san", True, "moves", {})
        shut = await _judged(host, visit, Access.REFUSED)
        assert "holder-departed" in shut.rules
        (row,) = await host.queries.media(Page(holder="ZHANG SAN"), frozenset())
        assert row["id"] == visit.medium
        assert await refused(verbs.sign_off(DAVE, "Zhang San", "x", {})) == "holder-still-holds"
        await verbs.step(CAROL, visit.medium, "hand-over", {**WHY, "holder": "lisi"}, {})
        assert await refused(verbs.sign_off(DAVE, "Zhang San", "x", {})) == "holder-still-holds"
        await verbs.accept(LISI, visit.medium, True, "", {})
        await _judged(host, visit, Access.READ_WRITE)
        assert await refused(verbs.sign_off(CAROL, "Zhang San", "x", {})) == "sign-off-own"
        await verbs.sign_off(DAVE, "Zhang San", "all settled", {})
        states = {row["name"]: (row["state"], row["holds"]) for row in await host.people.listing()}
        assert states == {"Zhang San": ("left", 0), "lisi": ("active", 1)}
        kinds = [(e["kind"], e["data"]["by"]) for e in await host.queries.journal(Page(kind="person-state"))]  # type: ignore[index]
        assert kinds == [("person-state", "dave"), ("person-state", "carol")]

    _at(tmp_path, story)


def test_who_stays_after_all_uses_his_media_again(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        await verbs.depart(CAROL, "Zhang San", True, "moves", {})
        await _judged(host, visit, Access.REFUSED)
        await verbs.depart(CAROL, "Zhang San", False, "a mistake", {})
        await _judged(host, visit, Access.READ_WRITE)

    _at(tmp_path, story)


@pytest.mark.parametrize(
    ("holder", "code"),
    [
        ("nobody-of-this-name", "holder-unknown"),
        ("daemon", "clearance-missing"),  # an account of the system that is not in the register
        ("wang", "clearance-too-low"),
        ("zhao", "clearance-missing"),
        ("qian", "holder-leaving"),
    ],
)
def test_who_may_not_hold_a_medium_gets_none(tmp_path: Path, holder: str, code: str) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        await enter(host, "wang", "秘密")
        await enter(host, "zhao", "")
        await enter(host, "qian", "绝密")
        await verbs.depart(CAROL, "qian", True, "x", {})
        before = await host.queries.media(Page(), frozenset())
        for step in ("issue", "lend", "hand-over"):
            papers = {**WHY, "holder": holder, "due": "7d"}
            assert await refused(verbs.step(CAROL, visit.medium, step, papers, {})) == code
        assert await host.queries.media(Page(), frozenset()) == before
        assert host.visit_at(visit.port).access is Access.READ_WRITE

    _at(tmp_path, story)


def test_a_clearance_that_fell_while_a_medium_was_on_its_way_is_found_at_the_acceptance(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        await verbs.step(CAROL, visit.medium, "hand-over", {**WHY, "holder": "lisi"}, {})
        await host.people.clear_for("lisi", "公开", "dave", "x")
        assert await refused(verbs.accept(LISI, visit.medium, True, "", {})) == "clearance-too-low"
        await _judged(host, visit, Access.REFUSED)

    _at(tmp_path, story)


def test_nobody_sets_his_own_clearance_and_an_account_must_exist(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        await enter(host, "Carol Chen", "公开", account="carol")
        assert await refused(verbs.set_clearance(CAROL, "Carol Chen", "绝密", "x", {})) == "clearance-own"
        assert await refused(verbs.set_clearance(DAVE, "Carol Chen", "绝密", "", {})) == "why-missing"
        assert await refused(verbs.put_person(CAROL, "X", {"account": "no-such-account"}, {})) == "account-unknown"
        await verbs.set_clearance(DAVE, "Carol Chen", "绝密", "x", {})
        assert {r["name"]: r["clearance"] for r in await host.people.listing()}["Carol Chen"] == "绝密"
        assert [r["name"] for r in await verbs.people(Caller(9, "lisi"), {})] == []
        assert len(await verbs.people(CAROL, {})) == 3

    _at(tmp_path, story)
