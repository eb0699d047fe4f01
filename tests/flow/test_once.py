"""A medium let in once: exactly that medium, for that stay, read-only, with nothing written to it; and attacks on that."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from guard.core.area import LABEL_A, LABEL_B, SLOT
from guard.core.errors import GuardError
from guard.core.evidence import SessionState
from guard.core.life import Papers, Step
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.store.queries import Page
from guard.verbs import Verbs
from tests.flow.host import Host, stick


@dataclass(frozen=True)
class _Person:
    uid: int
    user: str
    language: str = "en"


ALICE, CAROL, EVE = _Person(1000, "alice"), _Person(2000, "carol"), _Person(3000, "eve")


class _Desk:
    """The verbs of a host, as its callers have them."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.told: list[str] = []

        async def sees_all(caller: object) -> bool:
            return caller in (CAROL, EVE)

        async def told_request(ident: str) -> None:
            self.told.append(ident)

        self.verbs = Verbs(host.guard, host.parts, host.queries, host.config, sees_all, lambda *_: None, told_request)

    async def ask(self, visit: VisitSnapshot, by: _Person = ALICE) -> str:
        return await self.verbs.request(by, visit.id, {"purpose": "slides"}, {})

    async def once(self, request: str, by: _Person = CAROL, **more: object) -> None:
        await self.verbs.approve(by, request, {"once": True, **more}, {})

    async def refused(self, request: str, code: str, by: _Person = CAROL, **more: object) -> None:
        with pytest.raises(GuardError) as caught:
            await self.once(request, by, **more)
        assert caught.value.code == code

    async def state(self, request: str) -> str:
        return str((await self.host.requests.one(request)).state)

    async def entries(self, kind: str) -> list[dict[str, Any]]:
        rows = await self.host.queries.journal(Page(limit=1000))
        return [row for row in rows if row["kind"] == kind]

    def opened(self) -> list[str]:
        return [visit.id for visit in self.host.told if visit.access.opens]


def _bytes(image: Path) -> bytes:
    return image.read_bytes()


def _labels(image: Path) -> bytes:
    return b"".join(_bytes(image)[slot : slot + SLOT] for slot in (LABEL_A, LABEL_B))


def _patch(image: Path, offset: int, data: bytes) -> None:
    with image.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def _at(tmp_path: Path, level: str, story: Callable[[_Desk, Path], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Host.found(tmp_path / "a", "office", level) as host:
            await story(_Desk(host), stick(tmp_path))
            assert (await host.journal.verify()).ok

    asyncio.run(whole())


def test_a_stick_let_in_once_is_read_only_and_not_a_byte_of_it_changes_and_the_journal_names_who_decided(
    tmp_path: Path,
) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        before = _bytes(image)
        refused = await desk.host.plug(image)
        request = await desk.ask(refused)
        await desk.once(request)
        visit = desk.host.visit_at(refused.port)
        assert (visit.id, visit.access) == (refused.id, Access.READ_ONLY)
        assert visit.rules == ("not-labelled", "let-in-once")
        assert await desk.state(request) == "approved"
        decided, intent, result = [(await desk.entries(kind))[0] for kind in ("decided", "intent", "result")]
        assert decided["seq"] < intent["seq"] < result["seq"]
        assert (decided["data"]["by"], decided["data"]["once"]) == ("carol", "read-only")
        for entry in (intent, result):
            assert entry["subject"] == visit.id
            assert entry["data"]["verdict"] == "read-only"
            assert {"rule": "let-in-once", "by": "carol", "request": request} in entry["data"]["reasons"]
        await desk.host.pull(visit)
        assert _bytes(image) == before
        assert await desk.host.queries.media(Page(), frozenset()) == []

    _at(tmp_path, "机密", story)


def test_it_ends_with_the_unplug_and_asking_again_needs_another_decision(tmp_path: Path) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        visit = await desk.host.plug(image)
        request = await desk.ask(visit)
        await desk.once(request)
        await desk.host.pull(visit)
        again = await desk.host.plug(image)
        assert (again.access, again.rules) == (Access.REFUSED, ("not-labelled",))
        await desk.refused(request, "request-closed")
        assert set(desk.opened()) == {visit.id}

    _at(tmp_path, "机密", story)


def test_a_decision_that_comes_after_a_replug_opens_nothing(tmp_path: Path) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        visit = await desk.host.plug(image)
        request = await desk.ask(visit)
        await desk.host.pull(visit)
        again = await desk.host.plug(image)
        await desk.refused(request, "request-closed")
        assert desk.host.visit_at(again.port).access is Access.REFUSED
        assert desk.opened() == []

    _at(tmp_path, "机密", story)


def test_a_decision_about_one_stick_opens_no_other_and_not_the_same_one_with_other_contents(tmp_path: Path) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        other = await desk.host.plug(stick(tmp_path, "other.img"))
        visit = await desk.host.plug(image)
        request = await desk.ask(visit)
        _patch(image, 446, b"\x80")
        await desk.refused(request, "request-changed")
        assert await desk.state(request) == "open"
        assert {v.access for v in desk.host.guard.visits} == {Access.REFUSED}
        assert {v.id for v in desk.host.guard.visits} == {visit.id, other.id}
        assert desk.opened() == []

    _at(tmp_path, "机密", story)


def test_the_decision_for_a_stay_is_not_handed_to_what_takes_its_place_at_the_port(tmp_path: Path) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        visit = await desk.host.plug(image)
        await desk.once(await desk.ask(visit))
        escort = desk.host.guard.escort_of(visit.id)
        _patch(image, 446, b"\x80")
        await escort.begin()
        changed = desk.host.visit_at(visit.port)
        assert (changed.access, changed.rules) == (Access.REFUSED, ("not-labelled",))
        await escort.begin_again()
        fresh = desk.host.visit_at(visit.port)
        assert fresh.id != visit.id
        assert fresh.access is Access.REFUSED
        assert set(desk.opened()) == {visit.id}

    _at(tmp_path, "机密", story)


def test_nobody_lets_in_his_own_stick_not_even_an_admin_and_nothing_happens_at_the_port(tmp_path: Path) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        visit = await desk.host.plug(image)
        request = await desk.ask(visit, EVE)
        told = len(desk.host.told)
        await desk.refused(request, "request-own", EVE)
        assert len(desk.host.told) == told
        assert await desk.state(request) == "open"
        assert desk.opened() == []
        await desk.once(request, CAROL)
        assert desk.opened() == [visit.id]

    _at(tmp_path, "机密", story)


def test_two_admins_who_decide_at_once_do_not_leave_a_rejected_stick_open(tmp_path: Path) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        visit = await desk.host.plug(image)
        request = await desk.ask(visit)
        answers = await asyncio.gather(
            desk.once(request), desk.verbs.reject(EVE, request, "no", {}), return_exceptions=True
        )
        assert sum(isinstance(answer, GuardError) for answer in answers) == 1
        approved = await desk.state(request) == "approved"
        assert desk.host.visit_at(visit.port).access.opens is approved

    _at(tmp_path, "机密", story)


def test_writing_is_possible_on_a_host_of_the_lowest_level_alone(tmp_path: Path) -> None:
    async def high(desk: _Desk, image: Path) -> None:
        request = await desk.ask(await desk.host.plug(image))
        await desk.refused(request, "once-read-only", access="read-write")
        assert await desk.state(request) == "open"
        assert desk.opened() == []

    async def low(desk: _Desk, image: Path) -> None:
        visit = await desk.host.plug(image)
        await desk.once(await desk.ask(visit), access="read-write")
        assert desk.host.visit_at(visit.port).access is Access.READ_WRITE

    _at(tmp_path / "high", "机密", high)
    _at(tmp_path / "low", "公开", low)


@pytest.mark.parametrize("danger", ["copy", "wiped", "forged", "revoked", "lost"])
def test_what_was_refused_for_danger_is_not_let_in_once(tmp_path: Path, danger: str) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        host = desk.host
        visit = await host.register(await host.plug(image), "机密")
        await host.pull(visit)
        if danger == "copy":
            image = Path(shutil.copy(image, tmp_path / "copy.img"))
        elif danger in ("wiped", "forged"):
            for slot in (LABEL_A, LABEL_B):
                _patch(image, slot, bytes(SLOT)) if danger == "wiped" else _patch(image, slot + 200, b"\xff")
        else:
            step = Step.REPORT_LOST if danger == "lost" else Step.WITHDRAW
            await host.lives.take(visit.medium, step, Papers("x"), ("carol", 7), host.now)
        host.told.clear()
        refused = await host.plug(image)
        request, before = await desk.ask(refused), _bytes(image)
        with pytest.raises(GuardError) as caught:
            await desk.once(request)
        assert caught.value.code == "once-never"
        assert set(str(caught.value.facts["rules"]).split(", ")) <= set(refused.rules)
        assert await desk.state(request) == "open"
        assert host.visit_at(refused.port).access is Access.REFUSED
        assert desk.opened() == []
        if danger not in ("revoked", "lost"):  # there the label is sound, so the attempt is written into its log
            assert _bytes(image) == before

    _at(tmp_path, "机密", story)


def test_a_higher_medium_is_not_let_in_once_at_a_lower_host(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        high = Host.found(tmp_path / "a", "lab", "机密")
        low = high.enrol(tmp_path / "b", "internet", "公开")
        async with high as a, low as b:
            await a.pull(await a.register(await a.plug(image), "机密"))
            desk = _Desk(b)
            request = await desk.ask(await b.plug(image))
            await desk.refused(request, "once-never", access="read-write")
            assert desk.opened() == []

    asyncio.run(story())


def test_a_label_stays_as_it_is_when_its_medium_is_let_in_after_its_term_and_the_log_tells_of_it(
    tmp_path: Path,
) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        host = desk.host
        await host.pull(await host.register(await host.plug(image), "机密", term="1d"))
        host.now += 2 * 86_400
        visit = await host.plug(image)
        request, labels = await desk.ask(visit), _labels(image)
        await desk.once(request)
        visit = host.visit_at(visit.port)
        assert (visit.access, visit.rules) == (Access.READ_ONLY, ("term-over", "let-in-once", "fits"))
        await host.guard.escort_of(visit.id).begin()
        assert host.visit_at(visit.port).access is Access.READ_ONLY
        await host.pull(visit)
        assert _labels(image) == labels
        assert (await host.plug(image)).rules[0] == "term-over"

    _at(tmp_path, "机密", story)


def test_a_stick_let_in_while_the_screen_is_locked_waits_for_its_user_and_stays_shut_after_an_eject(
    tmp_path: Path,
) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        host = desk.host
        visit = await host.plug(image)
        request = await desk.ask(visit)
        host.sitting = replace(host.sitting, state=SessionState.LOCKED)
        await desk.once(request)
        assert host.visit_at(visit.port).access is Access.HELD
        assert desk.opened() == []
        host.sitting = replace(host.sitting, state=SessionState.ACTIVE)
        await host.guard.session_changed()
        await host.guard.settle()
        assert host.visit_at(visit.port).access is Access.READ_ONLY
        await desk.verbs.eject(ALICE, visit.id, {})
        await host.guard.escort_of(visit.id).begin()
        assert host.visit_at(visit.port).access is Access.REFUSED

    _at(tmp_path, "机密", story)


@pytest.mark.parametrize(
    "more", [{"level": "机密"}, {"holder": "x"}, {"initialize": True}, {"import": False}, {"networks": ["office"]}]
)
def test_words_of_a_label_do_not_go_with_once_and_nothing_is_decided(tmp_path: Path, more: dict[str, object]) -> None:
    async def story(desk: _Desk, image: Path) -> None:
        request = await desk.ask(await desk.host.plug(image))
        await desk.refused(request, "once-alone", CAROL, **more)
        assert await desk.state(request) == "open"
        assert await desk.entries("decided") == []
        assert desk.opened() == []

    _at(tmp_path, "机密", story)
