"""Anybody on the bus may send a signal that looks like the guard's; only the guard's own count."""

import asyncio
from collections.abc import Mapping
from typing import Any

from dbus_next import Message, MessageType, Variant

from guard.ctl.client import MANAGER, ROOT, UNAUTHORIZED, Client, _code, _hear
from guard.ctl.live import Live

GUARD, STRANGER, BUS = ":1.5", ":1.66", "org.freedesktop.DBus"
PATH = f"{ROOT}/visits/a1"


def _signal(
    sender: str, member: str, signature: str, body: list[Any], path: str = ROOT, interface: str = MANAGER
) -> Message:
    message = Message(
        path=path, interface=interface, member=member, message_type=MessageType.SIGNAL, signature=signature, body=body
    )
    message.sender = sender
    return message


def _added(sender: str) -> Message:
    tree = {"org.mediaguard.Visit1": {"Stage": Variant("s", "open"), "Verdict": Variant("s", "read-write")}}
    return _signal(sender, "InterfacesAdded", "oa{sa{sv}}", [PATH, tree])


def _changed(sender: str) -> Message:
    body = ["org.mediaguard.Visit1", {"Stage": Variant("s", "shut")}, []]
    return _signal(sender, "PropertiesChanged", "sa{sv}as", body, path=PATH)


def _owner_changed(sender: str, before: str) -> Message:
    return _signal(sender, "NameOwnerChanged", "sss", [MANAGER, before, ""], interface=BUS)


def test_a_visit_is_followed_from_its_arrival_to_its_end() -> None:
    async def play() -> list[str]:
        stages: list[str] = []
        live = Live(GUARD, lambda path, visit: stages.append(visit["Stage"]))
        live.begin({})
        for message in (_added(GUARD), _changed(GUARD), _signal(GUARD, "InterfacesRemoved", "oas", [PATH, []])):
            assert live.receive(message) is False
        return stages

    assert asyncio.run(play()) == ["open", "shut", "gone"]


def test_what_changes_while_the_answer_with_everything_is_on_its_way_is_not_lost() -> None:
    async def play() -> list[str]:
        stages: list[str] = []
        live = Live(GUARD, lambda path, visit: stages.append(visit["Stage"]))
        live.receive(_changed(STRANGER))
        live.receive(_changed(GUARD))  # told right after the answer, and taken up before it
        assert stages == []
        live.begin({PATH: _added(GUARD).body[1]})
        return stages

    assert asyncio.run(play())[-1] == "shut"


def test_a_stranger_cannot_show_a_visit_change_one_or_end_the_watch() -> None:
    async def play() -> None:
        seen: list[Mapping[str, Any]] = []
        live = Live(GUARD, lambda path, visit: seen.append(visit))
        live.begin({})
        live.receive(_added(STRANGER))
        assert seen == []
        live.receive(_added(GUARD))
        live.receive(_changed(STRANGER))
        live.receive(_signal(STRANGER, "InterfacesRemoved", "oas", [PATH, []]))
        live.receive(_owner_changed(STRANGER, GUARD))
        live.receive(_owner_changed(BUS, STRANGER))
        assert [visit["Stage"] for visit in seen] == ["open"]
        assert not live.ended.done()
        live.receive(_owner_changed(BUS, GUARD))
        assert live.ended.done()

    asyncio.run(play())


def test_progress_of_a_stranger_moves_no_bar() -> None:
    told: list[tuple[str, int, str]] = []
    receivers: list[Any] = []

    class Connection:
        def listen(self, receive: Any) -> None:
            receivers.append(receive)

    _hear(Connection(), GUARD, lambda *step: told.append(step))
    receivers[0](_signal(STRANGER, "Progress", "sus", ["x", 100, "done"]))
    receivers[0](_signal(GUARD, "Progress", "s", ["x"]))
    receivers[0](_signal(GUARD, "Progress", "sus", ["x", 5, "table"]))
    assert told == [("x", 5, "table")]


def test_the_code_of_a_refusal_is_read_from_the_name_of_the_error() -> None:
    assert _code("org.mediaguard.Error.PassphraseNeeded") == "passphrase-needed"
    assert _code("org.freedesktop.DBus.Error.AccessDenied") == ""


def test_a_silent_authority_is_a_refusal_like_any_other_with_its_own_sentence() -> None:
    failure = Client("en")._failure("org.mediaguard.Error.AuthoritySilent", "It did not answer.")
    assert (failure.sentence, failure.status, failure.code) == ("It did not answer.", UNAUTHORIZED, "authority-silent")
