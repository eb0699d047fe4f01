"""Who sits at this computer: the active session of a seat, as logind knows it. A session over the network never counts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dbus_next import Message, MessageType

from guard.bus.connection import BusError, Connection, plain
from guard.core.errors import GuardError
from guard.core.evidence import SessionState

_LOGIND, _SEAT = "org.freedesktop.login1", "/org/freedesktop/login1/seat/seat0"
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
        self.seat = Seat()

    async def start(self) -> None:
        """Subscribe and look once; without logind nobody sits here."""
        try:
            await self._connection.follow(f"type='signal',sender='{_LOGIND}'")
        except (BusError, GuardError):
            return
        self.seat = await self._look()

    def receive(self, message: Message) -> None:
        """Take note of logind's signals."""
        if message.message_type is not MessageType.SIGNAL or not (message.path or "").startswith(
            "/org/freedesktop/login1"
        ):
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
        except (BusError, GuardError, ValueError):
            return Seat()
        session = plain(found)
        if session.get("Remote") or session.get("Class") != "user" or not session.get("Active"):
            return Seat()
        state = SessionState.LOCKED if session.get("LockedHint") else SessionState.ACTIVE
        return Seat(state, int(session["User"][0]), str(session.get("Name", "")))

    async def _get(self, path: str, interface: str, name: str) -> list[object]:
        return await self._connection.ask(_LOGIND, path, _PROPERTIES, "Get", "ss", [interface, name])
