"""What clients hear: each about what it may see, and nobody can speak for the bus or for logind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from dbus_next import Message, MessageType, Variant

from guard.bus.connection import Connection
from guard.bus.logind import Logind, Seat
from guard.bus.service import NOBODY as UNOWNED
from guard.bus.tree import WATCHERS_OF_USER, Tree, Watcher
from guard.core.evidence import SessionState
from tests.bus.world import LENIENT, NOBODY, empty_bus, running_bus

_LOGIN = "org.freedesktop.login1"
_SESSION = {"Remote": False, "Class": "user", "Active": True, "LockedHint": False, "User": [1000, "/u"], "Name": "ann"}


@dataclass
class _Said:
    """Stands in for a connection; keeps what was sent."""

    sent: list[tuple[str, str]] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.sent.append((str(message.destination), str(message.member)))


def _tree() -> tuple[Tree, _Said]:
    said = _Said()
    tree = Tree(said)  # type: ignore[arg-type]
    for name, uid, everything in ((":a", 1, False), (":b", 2, False), (":audit", 3, True)):
        assert tree.watch(name, Watcher(uid, everything))
    return tree, said


def test_a_visit_that_gets_a_user_is_announced_to_that_user_and_to_nobody_else() -> None:
    tree, said = _tree()
    tree.put("/x", UNOWNED, {"i": {"Stage": "shut"}})
    assert said.sent == [(":audit", "InterfacesAdded")]
    said.sent.clear()
    tree.put("/x", 1, {"i": {"Stage": "held"}})
    assert said.sent == [(":a", "InterfacesAdded"), (":audit", "PropertiesChanged")]
    said.sent.clear()
    tree.put("/x", 2, {"i": {"Stage": "held"}})
    assert said.sent == [(":a", "InterfacesRemoved"), (":b", "InterfacesAdded")]
    said.sent.clear()
    tree.drop("/x")
    assert said.sent == [(":b", "InterfacesRemoved"), (":audit", "InterfacesRemoved")]


def test_one_user_cannot_take_all_places_of_those_who_listen() -> None:
    tree, _ = _tree()
    taken = [tree.watch(f":9.{n}", Watcher(9, everything=False)) for n in range(WATCHERS_OF_USER + 5)]
    assert taken.count(True) == WATCHERS_OF_USER
    assert tree.watch(":10", Watcher(10, everything=False))
    assert all(tree.watch(f":0.{n}", Watcher(0, everything=True)) for n in range(600))


def test_nobody_can_say_in_the_name_of_the_bus_that_another_has_left() -> None:
    async def story() -> None:
        async with running_bus(LENIENT) as bus:
            bus.service.tree.watch(":1.777", Watcher(1, everything=False))
            forged = f"""
bus.send(Message(message_type=MessageType.SIGNAL, destination={bus.service.connection.unique_name!r},
                 path='/org/freedesktop/DBus', interface='org.freedesktop.DBus', member='NameOwnerChanged',
                 signature='sss', body=[':1.777', ':1.777', '']))
await bus.ask('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'GetId')
print("sent")
"""
            assert "sent" in (await bus.later(NOBODY, forged)).stdout
            assert ":1.777" in bus.service.tree._watchers

    asyncio.run(story())


@dataclass
class _Login:
    """A pretended logind."""

    address: str
    connection: Connection
    session: dict[str, Any]

    def receive(self, message: Message) -> bool:
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        if message.member == "Get":
            active = ["c1", "/s"] if self.session else ["", "/"]
            self.connection.send(Message.new_method_return(message, "v", [Variant("(so)", active)]))
        else:
            kinds = {bool: "b", str: "s", list: "(uo)"}
            values = {key: Variant(kinds[type(value)], value) for key, value in self.session.items()}
            self.connection.send(Message.new_method_return(message, "a{sv}", [values]))
        return True

    def says(self, member: str, signature: str = "", body: list[Any] | None = None) -> None:
        self.connection.send(_signal(member, signature, body or []))


def _signal(member: str, signature: str, body: list[Any], destination: str | None = None) -> Message:
    return Message(
        message_type=MessageType.SIGNAL,
        destination=destination,
        path="/org/freedesktop/login1",
        interface=f"{_LOGIN}.Manager",
        member=member,
        signature=signature,
        body=body,
    )


@asynccontextmanager
async def _seat(session: dict[str, Any]) -> AsyncIterator[tuple[Logind, _Login, asyncio.Queue[str]]]:
    told: asyncio.Queue[str] = asyncio.Queue()

    async def changed() -> None:
        told.put_nowait("changed")

    async def resumed() -> None:
        told.put_nowait("resumed")

    async with empty_bus(LENIENT) as address:
        login = _Login(address, await Connection.open(address), session)
        login.connection.listen(login.receive)
        await login.connection.own(_LOGIN)
        own = await Connection.open(address)
        logind = Logind(own, changed, resumed)

        def hear(message: Message) -> bool:
            if message.sender == "org.freedesktop.DBus" and message.member == "NameOwnerChanged":
                logind.owner_changed(message.body[0], message.body[2])
            logind.receive(message)
            return False

        own.listen(hear)
        await logind.start()
        following = asyncio.ensure_future(logind.follow())
        yield logind, login, told
        following.cancel()
        own.close()
        login.connection.close()


def _seen(session: dict[str, Any]) -> Seat:
    async def story() -> Seat:
        async with _seat(session) as (logind, _, _told):
            return logind.seat

    return asyncio.run(story())


def test_only_an_unlocked_local_session_of_a_user_counts() -> None:
    assert _seen(_SESSION) == Seat(SessionState.ACTIVE, 1000, "ann")
    assert _seen({**_SESSION, "LockedHint": True}) == Seat(SessionState.LOCKED, 1000, "ann")
    changes: list[dict[str, Any]] = [{"Remote": True}, {"Class": "greeter"}, {"Active": False}]
    for change in changes:
        assert _seen({**_SESSION, **change}) == Seat()
    for missing in ("LockedHint", "Remote", "User"):
        assert _seen({key: value for key, value in _SESSION.items() if key != missing}) == Seat()
    assert _seen({}) == Seat()


def test_lock_wake_and_the_end_of_logind_are_heard_and_a_stranger_is_not() -> None:
    async def story() -> None:
        async with _seat(dict(_SESSION)) as (logind, login, told):
            stranger = await Connection.open(login.address)
            mine = logind._connection.unique_name
            await stranger.send(_signal("PrepareForSleep", "b", [False], mine))
            login.says("PrepareForSleep", "b", [True])
            login.session["LockedHint"] = True
            login.says("SessionChanged")
            assert await asyncio.wait_for(told.get(), 5) == "changed"
            assert logind.seat.state is SessionState.LOCKED
            assert told.empty()
            login.says("PrepareForSleep", "b", [False])
            assert await asyncio.wait_for(told.get(), 5) == "resumed"
            login.connection.close()
            assert await asyncio.wait_for(told.get(), 5) == "changed"
            assert logind.seat == Seat()
            stranger.close()

    asyncio.run(story())
