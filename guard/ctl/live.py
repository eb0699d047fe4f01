"""Following the daemon's objects: from signals to pictures of visits."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from guard.bus.connection import plain

_VISIT = "org.mediaguard.Visit1"


class Live:
    """Keeps the properties of each visit and shows a visit whenever it changed."""

    def __init__(self, shown: Callable[[str, Mapping[str, Any]], None]) -> None:
        """`shown` gets path and properties; a visit that is over has the stage `gone`."""
        self._shown = shown
        self._visits: dict[str, dict[str, Any]] = {}
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def begin(self, objects: Mapping[str, Any]) -> None:
        """What is there now."""
        for path, interfaces in objects.items():
            self._add(path, interfaces)

    def receive(self, message: Any) -> bool:
        """Take the daemon's signals."""
        if message.member == "InterfacesAdded":
            self._add(*message.body)
        elif message.member == "InterfacesRemoved":
            gone = self._visits.pop(message.body[0], None)
            if gone is not None:
                self._shown(message.body[0], {**gone, "Stage": "gone"})
        elif message.member == "PropertiesChanged" and message.path in self._visits:
            self._visits[message.path].update(plain(message.body[1]))
            self._shown(message.path, self._visits[message.path])
        elif message.member == "NameOwnerChanged" and not message.body[2] and not self.ended.done():
            self.ended.set_result(None)
        return False

    def _add(self, path: str, interfaces: Mapping[str, Any]) -> None:
        if _VISIT in interfaces:
            self._visits[path] = plain(interfaces[_VISIT])
            self._shown(path, self._visits[path])
