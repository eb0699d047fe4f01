"""Between the guard and the bus: what happens is shown, what is asked is handed on."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from dbus_next import Variant

from guard import __version__
from guard.bus.authority import ACTIONS, MANAGER, SIMULATION, Action, clearly_allows
from guard.bus.caller import Caller
from guard.bus.connection import to_map
from guard.bus.pictures import levels_of, networks_of, settings_of
from guard.bus.service import Service
from guard.bus.udisks import unmount
from guard.core.errors import Broken, GuardError, Hostile
from guard.core.evidence import SessionState
from guard.core.medium import showable
from guard.core.ports import Arrival, Ports
from guard.core.scheme import BOTTOM
from guard.core.snapshot import VisitSnapshot
from guard.core.travel import Crossing
from guard.core.visit import Stage
from guard.core.volumes import Lister, Mounts
from guard.counting import Counting
from guard.daemon import Guard
from guard.health import Health, notify
from guard.host import Host, clock
from guard.keeping import Keeping
from guard.maintenance import MaintenanceWindow
from guard.observing import Observing
from guard.ordering import Ordering
from guard.parts import Parts, Sitting
from guard.reminding import Reminding
from guard.reporting import Reporting
from guard.reviewing import Reviewing
from guard.sim.ports import SimulatedPorts
from guard.store.queries import Page, iso
from guard.verbs import Verbs
from guard.weekly import Summing
from guard.words import LANGUAGES, say

RETRY_SECONDS = 2
ASIDE_SECONDS = 2.0  # udev, udisks and a mount take less, also on a slow computer


class Serving:
    """Made before anything can fail, so that even a guard without configuration can say what is wrong."""

    def __init__(self, health: Health, config: Path) -> None:
        """`config` is /etc/media-guard."""
        self._health, self._config = health, config
        self._host: Host | None = None
        self._guard: Guard | None = None
        self._kind = "usb"
        self._window: MaintenanceWindow | None = None
        self.observing: Observing | None = None
        self._player: Caller | None = None  # on simulated ports: the person who plugged in last
        health.changed = self._show_manager

    def begin(self, service: Service, ports: Ports, mounts: Mounts, lister: Lister, kind: str) -> None:
        """The bus is there."""
        self._service, self.ports, self._kind = service, ports, kind
        self._mounts, self._lister = mounts, lister
        self._show_manager()

    def refuse_all(self, fault: GuardError) -> None:
        """Every verb answers with what is wrong."""
        self._health.trouble(fault)

        async def refuse(caller: Caller, *words: object) -> object:
            raise fault

        self._service.admit(dict.fromkeys(ACTIONS, refuse), say)

    def parts(self, host: Host) -> Parts:
        """The parts of a walk on this host."""
        self._host = host
        window = self._window = self._window or MaintenanceWindow(host.journal, self._health, clock)
        ends = host.settings.gate.observing_ends
        observing = self.observing = self.observing or Observing(ends, host.journal, self._health, clock)
        return Parts(
            ports=self.ports,
            registry=host.registry,
            requests=host.requests,
            lives=host.lives,
            people=host.people,
            orders=host.orders,
            stock=host.stock,
            journal=host.journal,
            identity=host.identity,
            scheme=host.scheme,
            rulebook=host.rulebook,
            settings=host.settings,
            host=host.facts,
            scratch=host.state,
            clock=clock,
            timekeeper=host.timekeeper,
            sitting=self._sitting,
            tell=self._tell,
            crossed=self._crossed,
            told_request=self._show_request,
            trouble=self._health.trouble,
            unmount=lambda disks: unmount(self._service.connection, disks),
            mounts=self._mounts,
            lister=self._lister,
            files=host.files,
            inventories=host.inventories,
            holdings=host.holdings,
            marks=host.marks,
            maintenance=lambda: window.now,
            observed_until=lambda: observing.until,
            aside=ASIDE_SECONDS if self._kind == "usb" else 0.0,
        )

    def open(self, guard: Guard, host: Host) -> None:
        """From now on verbs are carried out."""
        self._guard = guard
        host.journal.grown = self._service.journal.grown
        parts = self.parts(host)
        window = self._window = self._window or MaintenanceWindow(host.journal, self._health, clock)
        window.changed = guard.maintenance_changed
        if self.observing is not None:
            self.observing.changed, self.observing.mark = guard.observing_ended, self.ports.observe
        verbs = Verbs(
            guard=guard,
            parts=parts,
            queries=host.queries,
            config=self._config,
            sees_all=self._sees_all,
            progress=self._service.progress,
            told_request=self._show_request,
        )
        facts = host.facts
        reporting = Reporting(host.journal, host.database, host.crossings, facts.host_id, facts.network_id)
        names: dict[str, Callable[..., Awaitable[object]]] = {
            "Request": verbs.request,
            "Approve": verbs.approve,
            "Reject": verbs.reject,
            "Register": verbs.register,
            "Eject": verbs.eject,
            "Maintenance": window.asked,
            "Explain": verbs.explain,
            "Media": verbs.media,
            "Visits": verbs.visits,
            "Crossings": reporting.crossings,
            "Travel": verbs.travel,
            "Files": verbs.files,
            "Requests": verbs.requests,
            "Journal": verbs.journal,
            "Verify": verbs.verify,
            "Head": reporting.head,
            "Heads": reporting.heads,
            "Report": reporting.report,
            "Summary": Summing(parts, host.database).summary,
            "Rights": self._rights,
            "Reminders": Reminding(parts).reminders,
        }
        names |= Keeping(guard, verbs.parts, self._sees_all).verbs()
        names |= Counting(guard, verbs.parts).verbs()
        names |= Reviewing(guard, verbs.parts).verbs()
        names |= Ordering(guard, verbs.parts, self._service.progress).verbs()
        handlers: dict[tuple[str, str], Callable[..., Awaitable[object]]] = {
            (MANAGER, name): verb for name, verb in names.items()
        }
        if isinstance(self.ports, SimulatedPorts):
            handlers |= self._simulation(self.ports)
        self._service.admit(handlers, say)
        self._show_manager()

    async def recover(self, guard: Guard) -> None:
        """Close what an earlier run left open; what cannot be written now is written when the registry works again."""
        try:
            cut = await guard.recover()
        except GuardError as fault:
            self._health.trouble(fault)
            return
        if cut:
            notify(f"STATUS={len(cut)} visits were cut short by the last stop")

    async def seat_changed(self) -> None:
        """Somebody came, went, locked or unlocked."""
        if self._guard is not None:
            await self._guard.session_changed()

    async def resumed(self) -> None:
        """The computer woke up: look at all ports again."""
        resweep = getattr(self.ports, "resweep", None)
        if resweep is not None:
            resweep()

    def _sitting(self) -> Sitting:
        seat = self._service.logind.seat
        if self._player is not None:
            return Sitting(SessionState.NOT_REQUIRED, self._player.uid, self._player.user)
        if self._host is not None and not self._host.settings.session.required:
            return Sitting(SessionState.NOT_REQUIRED, seat.uid, seat.user)
        return Sitting(seat.state, seat.uid, seat.user)

    async def _rights(self, caller: Caller, options: object) -> dict[str, object]:
        rights = {"decide": Action.DECIDE, "audit": Action.AUDIT, "administer": Action.ADMINISTER}
        return {name: await self._may(caller, action) for name, action in rights.items()}

    async def _sees_all(self, caller: object) -> bool:
        if not isinstance(caller, Caller):
            raise TypeError("callers are made by the bus alone")
        return await self._may(caller, Action.LOOK) or await self._may(caller, Action.AUDIT)

    async def _may(self, caller: Caller, action: Action) -> bool:
        return await clearly_allows(self._service.authority, caller, action)

    def _tell(self, visit: VisitSnapshot) -> None:
        networks = self._host.identity.networks if self._host else {}
        self._service.show_visit(visit, networks)
        if visit.medium and visit.stage in (Stage.OPEN, Stage.SHUT):
            task = asyncio.ensure_future(self._show_medium(visit))
            self._showing = task

    async def _show_medium(self, visit: VisitSnapshot) -> None:
        if self._host is None:
            return
        with contextlib.suppress(GuardError):
            rows = await self._host.queries.media(Page(limit=1, medium=visit.medium), frozenset({visit.medium}))
            if rows:
                self._service.show_medium(visit, rows[0])

    async def _show_request(self, ident: str) -> None:
        if self._host is None:
            return
        found = await self._host.requests.one(ident)
        for row in await self._host.queries.requests(Page(limit=1, subject=ident)):
            self._service.show_request(found.uid, row)

    def _crossed(self, crossing: Crossing) -> None:
        names: Mapping[str, str] = self._host.identity.networks if self._host else {}
        self._service.crossing(
            {
                "medium": crossing.medium_id,
                "at": iso(crossing.at),
                "from_network": names.get(crossing.from_network, crossing.from_network),
                "to_network": names.get(crossing.to_network, crossing.to_network),
                "direction": str(crossing.direction),
                "verdict": str(crossing.access),
            }
        )

    def _show_manager(self) -> None:
        if not hasattr(self, "_service"):
            return
        host = self._host
        faults = [
            {"code": fault.code, **{to: say(fault.code, fault.facts, to) for to in LANGUAGES}}
            for fault in self._health.faults
        ]
        state = self._health.state if host is not None else "not-initialized"
        self._service.show_manager(
            {
                "Version": __version__,
                "Host": host.facts.host_id if host else "",
                "Network": host.facts.network_name if host else "",
                "Level": str(host.facts.level) if host else "",
                "Scheme": host.scheme.id if host else "",
                "Ports": self._kind,
                "Health": state,
                "Faults": Variant("aa{sv}", [to_map(dict(fault)) for fault in faults]),
                "Settings": settings_of(host.settings if host else None),
                "Levels": levels_of(host.scheme if host else None, host.facts.level if host else BOTTOM),
                "Networks": networks_of(host.identity.networks if host else {}),
            }
        )
        notify(f"STATUS={' '.join([state, *(fault['en'] for fault in faults)])[:250]}")

    def _simulation(self, ports: SimulatedPorts) -> dict[tuple[str, str], Callable[..., Awaitable[object]]]:
        async def plug(caller: Caller, path: str, options: object) -> str:
            self._player = caller if caller.pretended else None
            return ports.plug(Path(path))

        async def unplug(caller: Caller, port: str, options: object) -> None:
            ports.unplug(port)

        async def act_as(caller: Caller, person: str, options: object) -> None:
            name = showable(person, 32)
            if not name:
                raise Hostile("option-type", option="person")
            self._service.pretend(caller, name)

        return {(SIMULATION, "Plug"): plug, (SIMULATION, "Unplug"): unplug, (SIMULATION, "ActAs"): act_as}


async def hold_everything(serving: Serving, fault: GuardError, mended: Callable[[], bool]) -> None:
    """While the configuration is bad: keep every port shut, tell why, and return when it is good.

    On a computer that was never initialized, what was in use before the guard came stays in use.
    """
    serving.refuse_all(fault)
    shutting = asyncio.ensure_future(_shut_all(serving.ports, fault.code == "not-initialized"))
    try:
        while not mended():  # noqa: ASYNC110 - a file that an admin mends sends no event
            await asyncio.sleep(RETRY_SECONDS)
    finally:
        shutting.cancel()
        await asyncio.wait([shutting])


async def _shut_all(ports: Ports, spare_bound: bool) -> None:
    async for event in ports.watch():
        if isinstance(event, Arrival) and not event.carries_system and not (spare_bound and event.already_bound):
            with contextlib.suppress(Broken, Hostile):
                await ports.shut(event)
