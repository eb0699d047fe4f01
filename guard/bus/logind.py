"""Who sits at this computer: the active session of a seat, as logind knows it. A session over the network never counts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dbus_next import Message, MessageType

from guard.bus.connection import BusError, Connection, plain
from guard.core.errors import GuardError
from guard.core.evidence import SessionState

_LOGIND, _SEAT = "org.freedesktop.login1", "/org/freedesktop/login1/seat/seat0"
_BUS, _BUS_PATH = "org.freedesktop.DBus", "/org/freedesktop/DBus"
_PROPERTIES = "org.freedesktop.DBus.Properties"


@dataclass(frozen=True, slots=True)
class Seat:
    """The state of the session in front of this computer, and whose it is."""

    state: SessionState = SessionState.ABSENT
    uid: int | None = None
    user: str = ""


class Logind:
    """Follows seat0. `changed` is called after a change, `resumed` when the computer wakes up."""

    def __init__(
        self, connection: Connection, changed: Callable[[], Awaitable[None]], resumed: Callable[[], Awaitable[None]]
    ) -> None:
        """Nothing is asked before `start`."""
        self._connection, self._changed, self._resumed = connection, changed, resumed
        self._again = asyncio.Event()
        self._owner = ""  # logind's unique name: anybody may send us a signal that looks like its own
        self.seat = Seat()

    async def start(self) -> None:
        """Subscribe and look once; without logind nobody sits here."""
        try:
            await self._connection.follow(f"type='signal',sender='{_LOGIND}'")
            await self._connection.follow(f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{_LOGIND}'")
            (self._owner,) = await self._connection.ask(_BUS, _BUS_PATH, _BUS, "GetNameOwner", "s", [_LOGIND])
        except (BusError, GuardError):
            self._again.set()
            return
        self.seat = await self._look()

    def owner_changed(self, name: str, owner: str) -> None:
        """The bus says who owns a name now: logind came, went or was started anew."""
        if name == _LOGIND:
            self._owner = owner
            self._again.set()

    def receive(self, message: Message) -> None:
        """Take note of logind's signals, and of nobody else's."""
        if message.message_type is not MessageType.SIGNAL or not self._owner or message.sender != self._owner:
            return
        if message.member == "PrepareForSleep" and message.body == [False]:
            self._waking = asyncio.ensure_future(self._resumed())
        self._again.set()

    async def follow(self) -> None:
        """Look again after each signal, for ever."""
        while True:
            await self._again.wait()
            self._again.clear()
            now = await self._look()
            if now != self.seat:
                self.seat = now
                await self._changed()

    async def _look(self) -> Seat:
        try:
            (active,) = await self._get(_SEAT, f"{_LOGIND}.Seat", "ActiveSession")
            ident, path = plain(active)
            if not ident:
                return Seat()
            ask = self._connection.ask
            (found,) = await ask(_LOGIND, path, _PROPERTIES, "GetAll", "s", [f"{_LOGIND}.Session"])
            session = plain(found)
            if session["Remote"] or session["Class"] != "user" or not session["Active"]:
                return Seat()
            state = SessionState.LOCKED if session["LockedHint"] else SessionState.ACTIVE
            return Seat(state, int(session["User"][0]), str(session.get("Name", "")))
        except (BusError, GuardError, ValueError, LookupError, TypeError):
            return Seat()  # nobody sits here as far as can be known

    async def _get(self, path: str, interface: str, name: str) -> list[object]:
        return await self._connection.ask(_LOGIND, path, _PROPERTIES, "Get", "ss", [interface, name])
