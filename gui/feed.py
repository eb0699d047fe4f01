"""Follows the guard: what is there, what changes, when it is away; and carries calls. No Qt in here."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dbus_next import BusType, Message

from gui.bus import BUS, Bus, Failure, plain, variants
from gui.plain import text
from gui.values import Guard, Request, Visit, parse_guard, parse_request, parse_visit

NAME, ROOT, MANAGER, SIMULATION = (
    "org.mediaguard.Guard1",
    "/org/mediaguard/Guard1",
    "org.mediaguard.Guard1",
    "org.mediaguard.Simulation1",
)
_VISIT, _REQUEST = "org.mediaguard.Visit1", "org.mediaguard.Request1"
_TREE, _PROPERTIES = "org.freedesktop.DBus.ObjectManager", "org.freedesktop.DBus.Properties"
RETRY_SECONDS = 2.0
LONG_SECONDS = 3600.0  # formatting a large medium, verifying a long journal


@dataclass(frozen=True, slots=True)
class GuardSeen:
    """The guard is there; from now on everything else is told anew."""

    guard: Guard
    fresh: bool


@dataclass(frozen=True, slots=True)
class AllSeen:
    """Everything that is there was told since the guard was seen; what was not told is gone."""


@dataclass(frozen=True, slots=True)
class GuardLost:
    """It is stopped, or the bus cannot be reached."""


@dataclass(frozen=True, slots=True)
class VisitSeen:
    """A visit began or changed."""

    visit: Visit


@dataclass(frozen=True, slots=True)
class VisitGone:
    """The medium was pulled."""

    id: str


@dataclass(frozen=True, slots=True)
class RequestSeen:
    """A request was filed or decided."""

    request: Request


@dataclass(frozen=True, slots=True)
class Progressed:
    """How far something is; the id of a request, visit or order, or "verify"."""

    id: str
    percent: int
    step: str


@dataclass(frozen=True, slots=True)
class Crossed:
    """A crossing became known."""


@dataclass(frozen=True, slots=True)
class JournalGrew:
    """The newest entry's number."""

    seq: int


Event = GuardSeen | AllSeen | GuardLost | VisitSeen | VisitGone | RequestSeen | Progressed | Crossed | JournalGrew


class Feed:
    """One connection to the system bus, made anew whenever it is lost."""

    def __init__(self, tell: Callable[[Event], None], language: str, person: str = "") -> None:
        """`tell` gets every event in order. `person`: who to be on simulated ports."""
        self._tell, self.language, self._person = tell, language, person
        self._bus: Bus | None = None
        self._owner = ""
        self._waiting: list[Message] | None = None
        self._objects: dict[str, tuple[str, dict[str, Any]]] = {}
        self._manager: dict[str, Any] = {}
        self._turned = asyncio.Event()

    async def run(self) -> None:
        """For ever."""
        while True:
            with contextlib.suppress(Failure):
                await self._follow()
            self._away()
            await asyncio.sleep(RETRY_SECONDS)

    async def ask(
        self,
        member: str,
        signature: str,
        arguments: list[Any],
        *,
        interface: str = MANAGER,
        interactive: bool = True,
        options: Mapping[str, Any] | None = None,
    ) -> Any:
        """Call a verb; options with the language are added. The one value it gives, or None.

        Raises:
            Failure: with a sentence for the person, "" where there is nobody to answer.
        """
        if self._bus is None or not self._owner:
            raise Failure("", "")
        packed = [variants(value) if isinstance(value, dict) else value for value in arguments]
        packed.append(variants({**(options or {}), "language": self.language}))
        found = await self._bus.ask(
            self._owner,
            ROOT,
            interface,
            member,
            signature + "a{sv}",
            packed,
            interactive=interactive,
            seconds=LONG_SECONDS,
        )
        return found[0] if found else None

    def become(self, person: str) -> None:
        """Simulated ports: be somebody else, and see what they see."""
        self._person = person
        self._turned.set()

    def reload(self) -> None:
        """Ask for everything anew."""
        self._turned.set()

    async def _follow(self) -> None:
        bus = await Bus.open(BusType.SYSTEM)
        try:
            bus.listen(self._receive)
            await bus.follow(f"sender='{BUS}',member='NameOwnerChanged',arg0='{NAME}'")
            lost = asyncio.ensure_future(bus.gone())
            self._bus = bus
            self._owner = await bus.owner(NAME)
            while not lost.done():
                self._turned.clear()
                if self._owner:
                    await self._load(bus)
                else:
                    self._away()
                turned = asyncio.ensure_future(self._turned.wait())
                await asyncio.wait([turned, lost], return_when=asyncio.FIRST_COMPLETED)
                turned.cancel()
        finally:
            self._bus, self._owner = None, ""
            bus.close()

    async def _load(self, bus: Bus) -> None:
        """Everything that is there; what changes meanwhile waits, so that no change is lost between the two."""
        owner, self._waiting = self._owner, []
        try:
            if self._person:
                await bus.ask(owner, ROOT, SIMULATION, "ActAs", "sa{sv}", [self._person, {}])
            (objects,) = await bus.ask(owner, ROOT, _TREE, "GetManagedObjects")
            (manager,) = await bus.ask(owner, ROOT, _PROPERTIES, "GetAll", "s", [MANAGER])
        except Failure:
            self._waiting = None
            if self._owner == owner:  # it is there and does not answer: ask once more
                self._away()
                asyncio.get_running_loop().call_later(RETRY_SECONDS, self._turned.set)
            return
        self._objects, self._manager = {}, dict(manager)
        self._tell(GuardSeen(parse_guard(self._manager, self.language), fresh=True))
        for path, interfaces in objects.items():
            self._add(path, interfaces)
        self._tell(AllSeen())
        waiting, self._waiting = self._waiting, None
        for message in waiting or ():
            self._change(message)

    def _receive(self, message: Message) -> None:
        if message.sender == BUS and message.member == "NameOwnerChanged":
            name, _, now = message.body
            if name == NAME:
                self._owner = str(now)
                self._turned.set()
        elif message.sender == self._owner and self._owner:
            if self._waiting is not None:
                self._waiting.append(message)
            else:
                self._change(message)

    def _change(self, message: Message) -> None:
        body = plain(message.body)
        match message.member, message.signature:
            case "InterfacesAdded", "oa{sa{sv}}":
                self._add(body[0], body[1])
            case "InterfacesRemoved", "oas":
                self._remove(body[0])
            case "PropertiesChanged", "sa{sv}as" if message.path == ROOT and body[0] == MANAGER:
                self._manager.update(body[1])
                self._tell(GuardSeen(parse_guard(self._manager, self.language), fresh=False))
            case "PropertiesChanged", "sa{sv}as" if message.path in self._objects:
                kind, known = self._objects[message.path]
                known.update(body[1])
                self._show(kind, known)
            case "Progress", "sus":
                self._tell(Progressed(text(body[0]), int(body[1]), text(body[2])))
            case "Crossing", "a{sv}":
                self._tell(Crossed())
            case "JournalGrew", "x":
                self._tell(JournalGrew(int(body[0])))

    def _add(self, path: str, interfaces: Mapping[str, Any]) -> None:
        for kind in (_VISIT, _REQUEST):
            if kind in interfaces:
                self._objects[path] = (kind, dict(interfaces[kind]))
                self._show(kind, self._objects[path][1])

    def _remove(self, path: str) -> None:
        kind, known = self._objects.pop(path, ("", {}))
        if kind == _VISIT:
            self._tell(VisitGone(text(known.get("Id"))))

    def _show(self, kind: str, known: Mapping[str, Any]) -> None:
        self._tell(VisitSeen(parse_visit(known)) if kind == _VISIT else RequestSeen(parse_request(known)))

    def _away(self) -> None:
        self._objects, self._manager = {}, {}
        self._tell(GuardLost())
