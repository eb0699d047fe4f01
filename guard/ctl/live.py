"""Following the daemon's objects: from signals to pictures of visits."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from dbus_next import Message, MessageType

from guard.bus.connection import plain

_VISIT, _BUS = "org.mediaguard.Visit1", "org.freedesktop.DBus"


class Live:
    """Keeps the properties of each visit and shows a visit whenever it changed."""

    def __init__(self, owner: str, shown: Callable[[str, Mapping[str, Any]], None]) -> None:
        """`owner` is the daemon's own bus name. `shown` gets path and properties; a visit that is over has the stage `gone`."""
        self._owner, self._shown = owner, shown
        self._visits: dict[str, dict[str, Any]] = {}
        self._early: list[Message] | None = []  # what was said before it was known what is there
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def begin(self, objects: Mapping[str, Any]) -> None:
        """What was there when the daemon began to tell; what it told since then comes on top."""
        for path, interfaces in objects.items():
            self._add(path, interfaces)
        early, self._early = self._early or [], None
        for message in early:
            self._follow(message)

    def receive(self, message: Message) -> bool:
        """Take the signals of the daemon and of the bus; anybody may send a signal that looks like one, so the sender counts."""
        if message.sender == _BUS and message.member == "NameOwnerChanged":
            if message.body[1] == self._owner and not self.ended.done():
                self.ended.set_result(None)
        elif message.sender == self._owner and message.message_type is MessageType.SIGNAL:
            if self._early is None:
                self._follow(message)
            else:
                self._early.append(message)
        return False

    def _follow(self, message: Message) -> None:
        if message.member == "InterfacesAdded":
            self._add(*message.body)
        elif message.member == "InterfacesRemoved":
            gone = self._visits.pop(message.body[0], None)
            if gone is not None:
                self._shown(message.body[0], {**gone, "Stage": "gone"})
        elif message.member == "PropertiesChanged" and message.path in self._visits:
            self._visits[message.path].update(plain(message.body[1]))
            self._shown(message.path, self._visits[message.path])

    def _add(self, path: str, interfaces: Mapping[str, Any]) -> None:
        if _VISIT in interfaces:
            self._visits[path] = plain(interfaces[_VISIT])
            self._shown(path, self._visits[path])
