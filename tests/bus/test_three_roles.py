"""The three roles (三员) over raw D-Bus, as three users: each act of each role is tried by each of the three, on the live guard.

polkit is pretended, and answers by the table of the packaged rules for the user behind the bus name. Whoever may not is refused
before anything is done: registry, journal, orders, holders and the stick in the port are the same before and after.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from guard.bus.authority import ACTIONS, MANAGER, Action
from guard.core.snapshot import VisitSnapshot
from guard.store.queries import Page
from tests.bus.live import Live, live_guard
from tests.bus.test_points_01_to_07 import METHODS, _words
from tests.flow.host import stick
from tests.test_roles import ROLES

SYSTEM, ADMIN, AUDITOR, SECOND = (
    1,
    2,
    3,
    4,
)  # users that every system knows; the fourth is another security administrator
USERS: Mapping[int, str] = {SYSTEM: "system", ADMIN: "admin", AUDITOR: "auditor"}
ASKING = [name for name in METHODS if ACTIONS[MANAGER, name] is not Action.EVERYBODY]
GRANT = {"level": "机密", "networks": "office", "holder": "Li Si"}


@dataclass(frozen=True)
class Act:
    """One act with words that make it happen; `words` may need what acts before it made."""

    member: str
    words: Callable[[dict[str, str]], tuple[object, ...]]
    by: int
    made: str = ""  # under which name its answer is kept
    reads: bool = False


def _told(*words: object) -> Callable[[dict[str, str]], tuple[object, ...]]:
    return lambda _: words


ACTS = (
    Act("PutPerson", _told("Li Si", {"department": "二处"}, {}), SYSTEM),
    Act("Import", _told([{"number": "OLD-1", "level": "机密"}], False, {}), SYSTEM),
    Act("SetClearance", _told("Li Si", "机密", "vetted", {}), ADMIN),
    Act(
        "Register",
        lambda made: (made["visit"], {"level": "机密", "holder": "Li Si", "networks": ["office"]}, {}),
        ADMIN,
        "medium",
    ),
    Act("Step", lambda made: (made["medium"], "return", {"why": "end of project"}, {}), ADMIN),
    Act("Depart", _told("Li Si", True, "moves", {}), SYSTEM),
    Act("SignOff", _told("Li Si", "settled", {}), ADMIN),
    Act("Propose", lambda made: ("destroy", made["medium"], {"why": "worn out"}, {}), ADMIN, "order"),
    Act("Confirm", lambda made: (made["order"], False, "not yet", {}), SECOND),
    Act("Maintenance", _told(5, "looking at a driver", {}), ADMIN),
    Act("Journal", _told({}, {}), AUDITOR, reads=True),
    Act("Crossings", _told({}, {}), AUDITOR, reads=True),
    Act("Orders", _told({}, {}), AUDITOR, reads=True),
    Act("Summary", _told({}, {}), AUDITOR, reads=True),
    Act("Verify", _told({}), AUDITOR, reads=True),
)


async def _state(live: Live, image: Path) -> tuple[object, ...]:
    """All that an act could have changed; the head of the journal is signed whenever somebody looks, and is no act."""
    host = live.host
    return (
        await live.state(),
        await host.people.listing(None),
        await host.orders.listing(Page(limit=100)),
        host.lives and len(await host.lives.history(Page(limit=100))),
        await asyncio.to_thread(image.read_bytes),
    )


def _play(folder: Path, story: Callable[[Live, VisitSnapshot, Path], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with live_guard(folder) as live:
            live.polkit.says = "roles"
            live.polkit.roles = {uid: ROLES[role] for uid, role in {**USERS, SECOND: "admin"}.items()}
            image = stick(folder)
            await story(live, await live.plug(image), image)

    asyncio.run(whole())


def test_each_act_of_each_role_is_done_by_whose_it_is_and_refused_to_the_others_without_a_trace(tmp_path: Path) -> None:
    async def story(live: Live, visit: VisitSnapshot, image: Path) -> None:
        made = {"visit": visit.id}
        for act in ACTS:
            words = [(act.member, METHODS[act.member], act.words(made))]
            action = str(ACTIONS[MANAGER, act.member])
            for uid, role in USERS.items():
                if ROLES[role][action][0] != "NO":
                    continue
                before = await _state(live, image)
                (answer,) = await live.calls(uid, words)
                assert answer["error"] == "AccessDenied", (role, act.member, answer)
                assert await _state(live, image) == before, (role, act.member)
            before = await _state(live, image)
            (answer,) = await live.calls(act.by, words)
            assert not (isinstance(answer, dict) and "error" in answer), (act.member, answer)
            await live.guard.settle()
            assert (await _state(live, image) != before) is not act.reads, act.member
            if act.made:
                made[act.made] = answer
        assert [row["state"] for row in await live.host.orders.listing(Page(limit=9))] == ["declined"]

    _play(tmp_path, story)


@pytest.mark.parametrize("uid", list(USERS), ids=list(USERS.values()))
def test_every_method_is_open_to_exactly_the_roles_of_the_packaged_table(tmp_path: Path, uid: int) -> None:
    async def story(live: Live, visit: VisitSnapshot, image: Path) -> None:
        role = USERS[uid]
        closed = [name for name in ASKING if ROLES[role][str(ACTIONS[MANAGER, name])][0] == "NO"]
        assert closed, "no role may do everything"
        before = await _state(live, image)
        for text in ("x", visit.id):
            answers = await live.calls(uid, [(name, METHODS[name], _words(METHODS[name], text)) for name in closed])
            assert {answer["error"] for answer in answers} == {"AccessDenied"}
        assert await _state(live, image) == before
        open_to = [name for name in ASKING if name not in closed]
        wanted = [(name, METHODS[name], _words(METHODS[name], "x")) for name in open_to if name != "Maintenance"]
        for answer in await live.calls(uid, wanted):
            assert not (isinstance(answer, dict) and answer.get("error") == "AccessDenied"), answer
        assert (await _state(live, image))[-1] == before[-1]

    _play(tmp_path, story)


LISTINGS: list[tuple[str, str, tuple[object, ...]]] = [
    ("People", METHODS["People"], ({},)),
    ("Media", METHODS["Media"], ({}, {})),
    ("Visits", METHODS["Visits"], ({}, {})),
]


def test_looking_is_a_right_of_its_own_and_gives_no_other(tmp_path: Path) -> None:
    async def story(live: Live, visit: VisitSnapshot, image: Path) -> None:
        (put,) = await live.calls(SYSTEM, [("PutPerson", METHODS["PutPerson"], ("Li Si", {}, {}))])
        assert put is None
        nothing = {key: ["NO", "NO"] for key in ROLES["system"]}
        looking, administering = str(Action.LOOK), str(Action.ADMINISTER)
        live.polkit.roles = {
            SYSTEM: {**nothing, looking: ["YES", "YES"]},
            ADMIN: {**nothing, administering: ["AUTH_SELF"]},
        }
        people, _, visits = await live.calls(SYSTEM, LISTINGS)
        assert ([row["name"] for row in people], [row["id"] for row in visits]) == (["Li Si"], [visit.id])
        assert await live.calls(ADMIN, LISTINGS) == [[], [], []], "who may enter holders and nothing else sees his own"
        before = await _state(live, image)
        for text in ("x", visit.id):
            everything = [(name, METHODS[name], _words(METHODS[name], text)) for name in ASKING]
            assert {answer["error"] for answer in await live.calls(SYSTEM, everything)} == {"AccessDenied"}
        assert await _state(live, image) == before, "seeing is not deciding"
        asked = [(action, flags) for _, action, _, flags, _ in live.polkit.asked if action == looking]
        assert asked
        assert {flags for _, flags in asked} == {0}, "nobody is asked for a password only for looking"

    _play(tmp_path, story)


def test_two_roles_beside_the_auditors_are_none_and_nobody_confirms_their_own_proposal(tmp_path: Path) -> None:
    async def story(live: Live, visit: VisitSnapshot, image: Path) -> None:
        live.polkit.roles = {SYSTEM: ROLES["admin"], AUDITOR: ROLES["both"], ADMIN: ROLES["admins"]}
        before = await _state(live, image)
        assert (await live.calls(AUDITOR, LISTINGS))[0] == []
        everything = [(name, METHODS[name], _words(METHODS[name], visit.id)) for name in ASKING]
        assert {answer["error"] for answer in await live.calls(AUDITOR, everything)} == {"AccessDenied"}
        assert await _state(live, image) == before
        put: list[Any] = [
            ("PutPerson", METHODS["PutPerson"], ("Li Si", {}, {})),
            ("SetClearance", METHODS["SetClearance"], ("Li Si", "机密", "x", {})),
        ]
        assert await live.calls(ADMIN, put) == [None, None], "two administrators may be one person"
        grant = {"level": "机密", "holder": "Li Si", "networks": ["office"]}
        medium = await live.call(ADMIN, "Register", METHODS["Register"], visit.id, grant, {})
        assert isinstance(medium, str), medium
        order = await live.call(ADMIN, "Propose", METHODS["Propose"], "clear", medium, {"why": "x"}, {})
        assert isinstance(order, str), order
        own = await live.call(ADMIN, "Confirm", METHODS["Confirm"], order, True, "", {})
        assert own["error"] == "OrderOwn"
        (row,) = await live.host.orders.listing(Page(limit=9))
        assert (row["state"], row["confirmed_by"]) == ("proposed", "")
        (held,) = await live.host.queries.media(Page(medium=medium), frozenset())
        assert held["state"] == "registered"

    _play(tmp_path, story)
