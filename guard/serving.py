"""Between the guard and the bus: what happens is shown, what is asked is handed on."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from dbus_next import Variant

from guard import __version__
from guard.bus.authority import ACTIONS, MANAGER, SIMULATION, Action
from guard.bus.caller import Caller
from guard.bus.connection import to_map
from guard.bus.service import Service
from guard.bus.udisks import unmount
from guard.core.errors import Broken, GuardError, Hostile
from guard.core.evidence import SessionState
from guard.core.medium import showable
from guard.core.ports import Arrival, Ports
from guard.core.snapshot import VisitSnapshot
from guard.core.travel import Crossing
from guard.core.visit import Stage
from guard.daemon import Guard
from guard.health import Health, notify
from guard.host import Host, clock
from guard.parts import Parts, Sitting
from guard.sim.ports import SimulatedPorts
from guard.store.queries import Page, iso
from guard.verbs import Verbs
from guard.words import LANGUAGES, say

RETRY_SECONDS = 2


class Serving:
    """Made before anything can fail, so that even a guard without configuration can say what is wrong."""

    def __init__(self, health: Health, config: Path) -> None:
        """`config` is /etc/media-guard."""
        self._health, self._config = health, config
        self._host: Host | None = None
        self._guard: Guard | None = None
        self._kind = "usb"
        health.changed = self._show_manager

    def begin(self, service: Service, ports: Ports, kind: str) -> None:
        """The bus is there."""
        self._service, self.ports, self._kind = service, ports, kind
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
        return Parts(
            ports=self.ports,
            registry=host.registry,
            journal=host.journal,
            identity=host.identity,
            scheme=host.scheme,
            settings=host.settings,
            host=host.facts,
            scratch=host.state,
            clock=clock,
            sitting=self._sitting,
            tell=self._tell,
            crossed=self._crossed,
            trouble=self._health.trouble,
            unmount=lambda disks: unmount(self._service.connection, disks),
        )

    def open(self, guard: Guard, host: Host) -> None:
        """From now on verbs are carried out."""
        self._guard = guard
        verbs = Verbs(
            guard=guard,
            parts=self.parts(host),
            queries=host.queries,
            config=self._config,
            sees_all=self._sees_all,
            progress=self._service.progress,
            told_request=self._show_request,
        )
        names: dict[str, Callable[..., Awaitable[object]]] = {
            "Request": verbs.request,
            "Approve": verbs.approve,
            "Reject": verbs.reject,
            "Register": verbs.register,
            "SetState": verbs.set_state,
            "Eject": verbs.eject,
            "Explain": verbs.explain,
            "Media": verbs.media,
            "Visits": verbs.visits,
            "Crossings": verbs.crossings,
            "Requests": verbs.requests,
            "Journal": verbs.journal,
            "Verify": verbs.verify,
        }
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
        if self._host is not None and not self._host.settings.session.required:
            return Sitting(SessionState.NOT_REQUIRED, seat.uid, seat.user)
        return Sitting(seat.state, seat.uid, seat.user)

    async def _sees_all(self, caller: object) -> bool:
        if not isinstance(caller, Caller):
            raise TypeError("callers are made by the bus alone")
        return await self._service.authority.allows(replace(caller, interactive=False), Action.AUDIT)

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
        found = await self._host.registry.request(ident)
        rows = await self._host.queries.requests(Page(limit=1000))
        for row in rows:
            if row["id"] == ident:
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
            }
        )
        notify(f"STATUS={' '.join([state, *(fault['en'] for fault in faults)])[:250]}")

    def _simulation(self, ports: SimulatedPorts) -> dict[tuple[str, str], Callable[..., Awaitable[object]]]:
        async def plug(caller: Caller, path: str, options: object) -> str:
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
