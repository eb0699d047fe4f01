"""The life of a medium on a running guard: each step takes effect at once, and each is on record with its people."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access, Severity
from guard.store.queries import Page
from tests.flow.host import Host, stick
from tests.flow.keepers import ALICE, CAROL, LISI, enter, keeping, refused

WHY = {"why": "x", "approved_by": "王主任", "form": "BM-7"}


def _at(tmp_path: Path, story: Callable[[Host, VisitSnapshot], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await enter(host, "lisi")
            await story(host, await host.register(await host.plug(stick(tmp_path)), "机密"))

    asyncio.run(whole())


async def _judged(host: Host, visit: VisitSnapshot, access: Access) -> VisitSnapshot:
    await host.guard.settle()
    await host.until(lambda: host.visit_at(visit.port).access is access)
    return host.visit_at(visit.port)


def test_a_hand_over_takes_the_medium_away_until_the_receiver_accepts(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        await verbs.step(CAROL, visit.medium, "hand-over", {**WHY, "holder": "lisi", "department": "二处"}, {})
        taken = await _judged(host, visit, Access.REFUSED)
        assert "in-transfer" in taken.rules
        assert await refused(verbs.accept(ALICE, visit.medium, True, "", {})) == "not-offered"
        assert await refused(verbs.accept(CAROL, visit.medium, True, "", {})) == "not-offered"
        assert host.visit_at(visit.port).access is Access.REFUSED
        await verbs.accept(LISI, visit.medium, True, "", {})
        again = await _judged(host, visit, Access.READ_WRITE)
        (row,) = await host.queries.media(Page(), frozenset())
        assert (row["holder"], row["department"], row["state"]) == ("lisi", "二处", "issued")
        await host.pull(again)
        assert (await host.plug(stick_of(host, again))).access is Access.READ_WRITE
        (row,) = await host.queries.media(Page(), frozenset())
        assert row["holder"] == "lisi", "the label still names the first holder, the register knows better"

    _at(tmp_path, story)


def stick_of(host: Host, visit: VisitSnapshot) -> Path:
    return host.folder.parent / "stick.img"


def test_what_is_declined_stays_with_its_holder(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        await verbs.step(CAROL, visit.medium, "hand-over", {**WHY, "holder": "lisi"}, {})
        assert await refused(verbs.accept(LISI, visit.medium, False, "", {})) == "why-missing"
        await verbs.accept(LISI, visit.medium, False, "not mine", {})
        await _judged(host, visit, Access.READ_WRITE)
        (row,) = await host.queries.media(Page(), frozenset())
        assert (row["holder"], row["receiver"]) == ("Zhang San", "")

    _at(tmp_path, story)


@pytest.mark.parametrize(
    ("steps", "rule", "severity"),
    [
        (["report-lost"], "lost", Severity.ALARM),
        (["return"], "returned", Severity.ALARM),
        (["withdraw"], "revoked", Severity.WARNING),
        (["send-to-repair"], "under-repair", Severity.WARNING),
        (["report-lost", "archive"], "archived", Severity.ALARM),
    ],
)
def test_a_medium_that_should_not_be_here_is_shut_at_once_and_is_an_incident(
    tmp_path: Path, steps: list[str], rule: str, severity: Severity
) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        for step in steps:
            await keeping(host).step(CAROL, visit.medium, step, WHY, {})
        shut = await _judged(host, visit, Access.REFUSED)
        assert rule in shut.rules
        assert shut.severity is severity
        await host.pull(shut)
        assert rule in (await host.plug(stick_of(host, shut))).rules
        assert not [v for v in host.told if v.access.opens and rule in v.rules]

    _at(tmp_path, story)


def test_a_loan_opens_until_its_day_and_not_a_second_longer(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        assert await refused(verbs.step(CAROL, visit.medium, "lend", {**WHY, "holder": "lisi"}, {})) == "step-needs"
        await verbs.step(CAROL, visit.medium, "lend", {**WHY, "holder": "lisi", "due": "7d"}, {})
        await host.pull(visit)
        host.now += 7 * 86_400 - 1
        last = await host.plug(stick_of(host, visit))
        assert last.access is Access.READ_WRITE
        await host.pull(last)
        host.now += 1
        late = await host.plug(stick_of(host, visit))
        assert (late.access, "loan-over" in late.rules) == (Access.REFUSED, True)

    _at(tmp_path, story)


def test_every_step_is_in_the_history_and_in_the_journal_with_its_people_and_a_refused_one_in_neither(
    tmp_path: Path,
) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        verbs = keeping(host)
        await host.pull(visit)
        for step in ("return", "stock", "withdraw", "restore"):
            await verbs.step(CAROL, visit.medium, step, WHY, {})
        before = await host.queries.journal(Page(limit=1000))
        for wrong in ("found", "destroy", "clear", "accept", "register", "nonsense"):
            assert await refused(verbs.step(CAROL, visit.medium, wrong, WHY, {})) in (
                "step-illegal",
                "step-two-people",
                "step-unknown",
            )
        assert await refused(verbs.step(CAROL, "00" * 16, "return", WHY, {})) == "medium-unknown"
        assert await host.queries.journal(Page(limit=1000)) == before
        rows = await verbs.history(CAROL, {"medium": visit.medium}, {})
        assert [row["step"] for row in rows] == ["restore", "withdraw", "stock", "return", "register"]
        assert {(row["by"], row["approved_by"], row["form"]) for row in rows[:-1]} == {("carol", "王主任", "BM-7")}
        assert (rows[-1]["by"], rows[-1]["level"]) == ("root", "机密")
        entries = [entry for entry in before if entry["kind"] == "step"]
        told = [entry["data"] for entry in entries]
        assert [(data["step"], data["by"], data["approved_by"]) for data in told] == [  # type: ignore[index]
            (step, "carol", "王主任") for step in ("restore", "withdraw", "stock", "return")
        ]
        assert await refused(verbs.history(ALICE, {"medium": visit.medium}, {})) == "medium-unknown"
        assert await refused(verbs.history(ALICE, {}, {})) == "not-authorized"

    _at(tmp_path, story)


def test_a_wiped_medium_is_registered_again_under_its_own_number_and_keeps_its_water(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot) -> None:
        await host.pull(visit)
        image = stick_of(host, visit)
        with image.open("r+b") as file:
            file.seek(512 * 1024)
            file.write(bytes(496 * 1024))
        blank = await host.plug(image)
        assert "label-gone" in blank.rules
        other = stick(tmp_path, "other.img", size=24 * 1024 * 1024)
        stranger = await host.plug(other)
        assert await refused(host.register(stranger, "公开", number=visit.number)) == "number-taken"
        assert await refused(host.register(blank, "公开", number=visit.number)) == "level-lowered"
        again = await host.register(host.visit_at(blank.port), "机密", number=visit.number)
        assert again.medium == visit.medium
        (row,) = [r for r in await host.queries.media(Page(), frozenset()) if r["id"] == visit.medium]
        assert (row["generation"], row["effective_level"]) == (2, "机密")

    _at(tmp_path, story)
