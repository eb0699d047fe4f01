"""Who may do what: polkit is asked about the caller's bus name, and anything but a clear yes is a no."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from guard.bus import authority
from guard.bus.authority import Action, Owner
from guard.bus.caller import Caller
from guard.bus.connection import BusError, Connection
from guard.ctl.client import MANAGER, NAME, ROOT, SIMULATION
from tests.bus.polkit import PretendedPolkit
from tests.bus.world import DAEMON, LENIENT, NOBODY, Bus, running_bus

JOURNAL = """
try:
    print(bus.unique_name, await bus.ask(NAME, ROOT, MANAGER, 'Journal', 'a{sv}a{sv}', [{}, {}], interactive=%s))
except BusError as fault:
    print(bus.unique_name, fault.name)
"""


def _with_polkit(says: str, story: Callable[[Bus, PretendedPolkit], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with running_bus() as bus:
            polkit = await PretendedPolkit.on(bus.address, says)
            await story(bus, polkit)
            polkit.close()

    asyncio.run(whole())


@pytest.mark.parametrize("interactive", [False, True])
def test_polkit_is_asked_about_the_bus_name_and_its_yes_counts(interactive: bool) -> None:
    async def story(bus: Bus, polkit: PretendedPolkit) -> None:
        said = (await bus.later(NOBODY, JOURNAL % interactive)).stdout
        assert "Variant" in said
        ((subject, action, details, flags, _),) = polkit.asked
        assert subject == ["system-bus-name", {"name": said.split()[0]}]
        assert (action, details, flags) == ("org.mediaguard.audit", {}, int(interactive))
        assert polkit.taken_back == []

    _with_polkit("yes", story)


@pytest.mark.parametrize("says", ["no", "error", "nonsense"])
def test_anything_but_a_clear_yes_is_a_no(says: str) -> None:
    async def story(bus: Bus, polkit: PretendedPolkit) -> None:
        said = (await bus.later(NOBODY, JOURNAL % False)).stdout
        assert "AccessDenied" in said
        assert "Variant" not in said
        assert len(polkit.asked) == 1

    _with_polkit(says, story)


def test_without_polkit_nobody_but_root_decides_and_is_told_that_it_is_missing() -> None:
    async def story() -> None:
        async with running_bus() as bus:
            assert "AuthoritySilent" in (await bus.later(NOBODY, JOURNAL % False)).stdout
            assert "Variant" in (await bus.later(0, JOURNAL % False)).stdout

    asyncio.run(story())


def test_a_polkit_that_never_answers_is_a_no_and_its_dialog_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "ANSWER_SECONDS", 0.3)

    async def story(bus: Bus, polkit: PretendedPolkit) -> None:
        said = (await bus.later(NOBODY, JOURNAL % False)).stdout
        assert "org.mediaguard.Error.AuthoritySilent" in said
        assert "Variant" not in said
        await polkit.hears(1, 1)
        assert polkit.taken_back == [polkit.asked[0][4]]

    _with_polkit("nothing", story)


@pytest.mark.parametrize(("language", "sentence"), [("en", "did not answer in time"), ("zh", "没有及时应答")])
def test_that_nobody_answered_is_said_with_what_to_do(
    language: str, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "ANSWER_SECONDS", 0.3)
    script = f"""
try:
    await bus.ask(NAME, ROOT, MANAGER, 'Journal', 'a{{sv}}a{{sv}}', [{{}}, {{'language': Variant('s', '{language}')}}])
except BusError as fault:
    print(fault.text)
"""

    async def story(bus: Bus, polkit: PretendedPolkit) -> None:
        said = (await bus.later(NOBODY, script)).stdout
        assert sentence in said
        assert "systemctl status polkit" in said

    _with_polkit("nothing", story)


def test_what_anybody_sees_of_his_own_is_shown_though_polkit_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authority, "ANSWER_SECONDS", 0.3)
    script = """
print(len(await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects', seconds=5)))
print(await bus.ask(NAME, ROOT, MANAGER, 'Visits', 'a{sv}a{sv}', [{}, {}], seconds=5))
"""

    async def story(bus: Bus, polkit: PretendedPolkit) -> None:
        done = await bus.later(NOBODY, script)
        assert done.returncode == 0, done.stderr
        assert str(NOBODY) in done.stdout

    _with_polkit("nothing", story)


def test_who_leaves_during_the_dialog_gets_nothing_done() -> None:
    leaves = """
asyncio.ensure_future(bus.ask(NAME, ROOT, MANAGER, 'Journal', 'a{sv}a{sv}', [{}, {}], interactive=True))
await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Peer', 'Ping')
"""

    async def story(bus: Bus, polkit: PretendedPolkit) -> None:
        await bus.later(NOBODY, leaves)
        await polkit.hears(1, 1)
        assert polkit.taken_back == [polkit.asked[0][4]]
        door = bus.service._door
        assert door is not None
        assert door._undecided == {}
        assert bus.service.callers._known == {}

    _with_polkit("nothing", story)


def test_with_polkit_hanging_the_state_of_the_guard_can_still_be_read() -> None:
    script = """
properties = 'org.freedesktop.DBus.Properties'
print(await bus.ask(NAME, ROOT, properties, 'Get', 'ss', [MANAGER, 'Health'], seconds=5))
print(len(await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Introspectable', 'Introspect', seconds=5)))
"""

    async def story(bus: Bus, polkit: PretendedPolkit) -> None:
        done = await bus.later(NOBODY, script)
        assert "ok" in done.stdout
        assert done.returncode == 0, done.stderr
        assert polkit.asked == []

    _with_polkit("nothing", story)


def test_interleaved_callers_are_never_taken_for_each_other() -> None:
    script = """
for _ in range(20):
    calls = [bus.ask(NAME, ROOT, MANAGER, 'Visits', 'a{sv}a{sv}', [{}, {}]) for _ in range(12)]
    for (rows,) in await asyncio.gather(*calls):
        print(plain(rows)[0]['uid'])
"""

    async def story() -> None:
        async with running_bus() as bus:
            uids = (0, NOBODY, DAEMON)
            done = await asyncio.gather(*(bus.later(uid, script) for uid in uids))
            for uid, said in zip(uids, done, strict=True):
                assert said.stdout.split() == [str(uid)] * 240, said.stderr

    asyncio.run(story())


def _allowed(caller: Caller, action: Action) -> bool:
    return asyncio.run(Owner(1000).allows(caller, action))


@pytest.mark.parametrize("action", list(Action))
def test_on_simulated_ports_a_stranger_may_do_nothing_whatever_his_name(action: Action) -> None:
    assert not _allowed(Caller(":1.5", 1001, "admin"), action)
    assert not _allowed(Caller(":1.5", 0, "auditor"), action)
    assert _allowed(Caller(":1.5", 1000, "dev"), action)


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("alice", {Action.REQUEST, Action.EJECT, Action.EVERYBODY, Action.SIMULATE}),
        ("auditor", {Action.AUDIT, Action.LOOK, Action.EVERYBODY, Action.SIMULATE}),
        ("system", {Action.ADMINISTER, Action.LOOK, Action.REQUEST, Action.EJECT, Action.EVERYBODY, Action.SIMULATE}),
        ("admin", set(Action)),
    ],
)
def test_pretended_persons_may_do_what_they_would(person: str, may: set[Action]) -> None:
    caller = Caller(":1.5", 123456, person, pretended=True)
    assert {action for action in Action if _allowed(caller, action)} == may


def test_two_persons_of_the_simulated_world_are_two_users_and_a_stranger_is_none() -> None:
    async def story() -> None:
        async with running_bus(LENIENT, owner_uid=0) as bus:
            uids = set()
            for person in ("person-1", "person-2"):
                client = await Connection.open(bus.address)
                await client.ask(NAME, ROOT, SIMULATION, "ActAs", "sa{sv}", [person, {}])
                ((row,),) = await client.ask(NAME, ROOT, MANAGER, "Visits", "a{sv}a{sv}", [{}, {}])
                uids.add(row["uid"].value)
                assert row["user"].value == person
                with pytest.raises(BusError, match="AccessDenied"):
                    await client.ask(NAME, ROOT, MANAGER, "Journal", "a{sv}a{sv}", [{}, {}])
                client.close()
            assert len(uids) == 2
            stranger = "print(await bus.ask(NAME, ROOT, SIMULATION, 'ActAs', 'sa{sv}', ['admin', {}]))"
            assert "AccessDenied" in (await bus.later(NOBODY, stranger)).stderr

    asyncio.run(story())
