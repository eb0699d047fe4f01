"""The service on the bus: one connection, the door, the tree, and who sits at this computer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from dbus_next import Message, MessageFlag, MessageType

from guard.bus.authority import MANAGER, Authority, Owner, Polkit
from guard.bus.caller import Caller, Callers
from guard.bus.connection import Connection, to_map
from guard.bus.door import Door, Handler, Say
from guard.bus.drip import Drip
from guard.bus.logind import Logind
from guard.bus.pictures import (
    medium_interfaces,
    medium_path,
    request_interfaces,
    request_path,
    visit_interfaces,
    visit_path,
)
from guard.bus.tree import ROOT, Tree
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Severity
from guard.core.visit import Stage

NAME = "org.mediaguard.Guard1"
_BUS = "org.freedesktop.DBus"
NOBODY = -1  # owner of what only those may see who see everything


@dataclass(slots=True)
class Hooks:
    """What the service tells the daemon: the seat changed, the computer woke up."""

    seat_changed: Callable[[], Awaitable[None]]
    resumed: Callable[[], Awaitable[None]]


class Service:
    """What the daemon shows. `open` connects, `serve` lets callers in."""

    def __init__(self, connection: Connection, hooks: Hooks, owner_uid: int | None) -> None:
        """`owner_uid`: with simulated ports, the user who runs the guard; None for the real thing with polkit."""
        self.connection = connection
        self.callers = Callers(connection)
        self.tree = Tree(connection)
        self.authority: Authority = Polkit(connection) if owner_uid is None else Owner(owner_uid)
        self.logind = Logind(connection, hooks.seat_changed, hooks.resumed)
        self._door: Door | None = None
        self._media: dict[str, str] = {}
        self._alarmed: set[tuple[str, str]] = set()  # visit and rule of findings that were told
        self.journal = Drip(lambda seq: self.tree.signal(NOBODY, MANAGER, "JournalGrew", "x", [seq]))
        connection.listen(self._receive)

    def admit(self, handlers: Mapping[tuple[str, str], Handler], say: Say) -> None:
        """From now on (or anew) calls are carried out by these handlers."""
        self._door = Door(self.connection, self.callers, self.authority, self.tree, handlers, say)

    async def serve(self) -> None:
        """Own the name and follow who leaves.

        Raises:
            Broken: `bus-name-taken`, `bus-unreachable`.
        """
        await self.connection.follow("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg2=''")
        await self.logind.start()
        await self.connection.own(NAME)

    def show_manager(self, properties: dict[str, object]) -> None:
        """The manager's own properties, for everybody."""
        self.tree.put(ROOT, None, {MANAGER: properties})

    def show_visit(self, visit: VisitSnapshot, networks: Mapping[str, str]) -> None:
        """A new picture of a visit; one that is over disappears."""
        path = visit_path(visit.id)
        owner = NOBODY if visit.uid is None else visit.uid
        if visit.stage is Stage.GONE:
            self.tree.drop(path)
            self._alarmed = {told for told in self._alarmed if told[0] != visit.id}
            if medium := self._media.pop(visit.id, ""):
                self.tree.drop(medium_path(medium))
            return
        self.tree.put(path, owner, visit_interfaces(visit, networks))
        verdict = visit.verdict
        if verdict is not None and verdict.severity is Severity.ALARM and visit.stage in (Stage.OPEN, Stage.SHUT):
            worst = next(reason.rule for reason in verdict.reasons if reason.severity is Severity.ALARM)
            self.tree.signal(owner, MANAGER, "Alarm", "sss", [visit.id, str(verdict.severity), worst])
        for finding in visit.contents.findings if visit.contents else ():
            if finding.severity is Severity.ALARM and (visit.id, finding.rule) not in self._alarmed:
                self._alarmed.add((visit.id, finding.rule))
                self.tree.signal(owner, MANAGER, "Alarm", "sss", [visit.id, str(finding.severity), finding.rule])

    def show_medium(self, visit: VisitSnapshot, row: Mapping[str, object]) -> None:
        """The medium of a visit that is there; one that went while its row was looked up is not shown any more."""
        if not self.tree.has(visit_path(visit.id)):
            return
        self._media[visit.id] = visit.medium
        owner = NOBODY if visit.uid is None else visit.uid
        self.tree.put(medium_path(visit.medium), owner, medium_interfaces(row))

    def show_request(self, uid: int, row: Mapping[str, object]) -> None:
        """A request, for its requester and those who see everything."""
        self.tree.put(request_path(str(row["id"])), uid, request_interfaces(row))

    def progress(self, ident: str, percent: int, step: str) -> None:
        """How far something is; the id is opaque, so everybody may hear it."""
        self.tree.signal(None, MANAGER, "Progress", "sus", [ident, max(0, min(100, percent)), step])

    def crossing(self, row: dict[str, object]) -> None:
        """A crossing that was not known."""
        self.tree.signal(NOBODY, MANAGER, "Crossing", "a{sv}", [to_map(row)])

    def pretend(self, caller: Caller, person: str) -> None:
        """Simulated ports only."""
        self.callers.pretend(caller, person)

    def _receive(self, message: Message) -> bool:
        if message.message_type is MessageType.SIGNAL:
            if message.sender == _BUS and message.member == "NameOwnerChanged":
                name, before, now = map(str, message.body)
                self.logind.owner_changed(name, now)
                if self._door is not None and before and not now:
                    self._door.left(name)
            self.logind.receive(message)
            return False
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        if self._door is not None:
            return self._door.receive(message)
        if not message.flags & MessageFlag.NO_REPLY_EXPECTED:
            self.connection.send(Message.new_error(message, "org.mediaguard.Error.Starting", "The guard is starting."))
        return True


async def until_lost(connection: Connection) -> None:
    """Returns when the bus is lost; then the daemon ends and systemd starts it anew, with the gate shut."""
    await connection.gone()
    await asyncio.sleep(0)
