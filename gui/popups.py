"""Desktop notifications over the session bus: one for each visit, changed in place. No Qt in here."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from dbus_next import BusType, Message, Variant

from gui.bus import BUS, Bus, Failure

SERVER, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
WATCHER = "org.kde.StatusNotifierWatcher"
RETRY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to a person. `actions` are pairs of id and button; the id "default" is a click on the message itself."""

    title: str
    body: str
    actions: tuple[tuple[str, str], ...] = ()
    urgent: bool = False
    icon: str = "media-guard"


class Popups:
    """Shows notices by a key of ours; where the desktop has no notifications, nothing is shown and nothing fails."""

    def __init__(self, acted: Callable[[str, str], None], tray_came: Callable[[], None]) -> None:
        """`acted` hears key and action; `tray_came` that a place for tray icons appeared."""
        self._acted, self._tray_came = acted, tray_came
        self._bus: Bus | None = None
        self._owner = ""
        self._numbers: dict[str, int] = {}
        self._keys: dict[int, str] = {}
        self._lock = asyncio.Lock()

    async def run(self) -> None:
        """For ever; also without a session bus."""
        while True:
            with contextlib.suppress(Failure):
                await self._follow()
            self._bus = None
            await asyncio.sleep(RETRY_SECONDS)

    async def show(self, key: str, notice: Notice) -> bool:
        """Show, or change what is shown under this key. False where nobody shows it."""
        async with self._lock:
            if self._bus is None:
                return False
            actions = [word for action in notice.actions for word in action]
            hints = {
                "urgency": Variant("y", 2 if notice.urgent else 1),
                "desktop-entry": Variant("s", "media-guard-tray"),
            }
            before = self._numbers.get(key, 0)
            words = ["Media Guard", before, notice.icon, notice.title, _escaped(notice.body), actions, hints, -1]
            try:
                (number,) = await self._bus.ask(SERVER, PATH, SERVER, "Notify", "susssasa{sv}i", words)
                self._owner = self._owner or await self._bus.owner(SERVER)
            except Failure:
                return False
            self._keys.pop(before, None)
            self._numbers[key], self._keys[int(number)] = int(number), key
            return True

    async def close(self, key: str) -> None:
        """Take it away."""
        async with self._lock:
            number = self._numbers.pop(key, 0)
            self._keys.pop(number, None)
            if number and self._bus is not None:
                try:
                    await self._bus.ask(SERVER, PATH, SERVER, "CloseNotification", "u", [number])
                except Failure:
                    return

    async def _follow(self) -> None:
        bus = await Bus.open(BusType.SESSION)
        try:
            bus.listen(self._receive)
            for name in (SERVER, WATCHER):
                await bus.follow(f"sender='{BUS}',member='NameOwnerChanged',arg0='{name}'")
            await bus.follow(f"interface='{SERVER}',path='{PATH}'")
            self._owner, self._bus = await bus.owner(SERVER), bus
            await bus.gone()
        finally:
            self._bus = None
            bus.close()

    def _receive(self, message: Message) -> None:
        if message.sender == BUS and message.member == "NameOwnerChanged":
            name, _, now = message.body
            if name == SERVER:
                self._owner = str(now)
                self._numbers.clear()
                self._keys.clear()
            elif name == WATCHER and now:
                self._tray_came()
        elif message.sender == self._owner and message.interface == SERVER:
            if message.member == "ActionInvoked" and message.signature == "us":
                key = self._keys.get(int(message.body[0]), "")
                if key:
                    self._acted(key, str(message.body[1]))
            elif message.member == "NotificationClosed" and message.signature == "uu":
                key = self._keys.pop(int(message.body[0]), "")
                if self._numbers.get(key) == int(message.body[0]):
                    self._numbers.pop(key, None)


def _escaped(body: str) -> str:
    """Servers may read a body as markup (Desktop Notifications, section on markup); ours never is."""
    return body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
