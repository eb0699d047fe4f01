"""All ports at once: follows the events, gives each port its escort, and tries again when something broken is mended."""

import asyncio
import logging
from collections.abc import Collection, Coroutine

from guard.core.errors import Broken, GuardError, Refused
from guard.core.ports import Arrival, Departure, Escaped, MediumChanged, PortEvent, UseChanged
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import OBSERVED
from guard.escort import Escort
from guard.parts import Parts

log = logging.getLogger(__name__)
RETRY_SECONDS = 2


class Guard:
    """The running guard of this host."""

    def __init__(self, parts: Parts, troubled: asyncio.Event) -> None:
        """`troubled` is set by whoever meets a broken part of this host; it wakes `mend`."""
        self._parts, self._troubled = parts, troubled
        self._escorts: dict[str, Escort] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def visits(self) -> tuple[VisitSnapshot, ...]:
        """All visits now."""
        return tuple(visit for escort in self._escorts.values() for visit in escort.visits)

    def escort_of(self, visit: str) -> Escort:
        """The escort of a visit that is still there.

        Raises:
            Refused: `medium-gone`.
        """
        for escort in self._escorts.values():
            if any(known.id == visit for known in escort.visits):
                return escort
        raise Refused("medium-gone")

    async def recover(self) -> tuple[str, ...]:
        """Close what an earlier run left open, and say so in the journal; returns the visits that were cut short.

        Raises:
            Broken: `registry-...`.
        """
        cut = [visit for visit, _ in await self._parts.registry.unfinished()]
        for visit in cut:
            await self._parts.registry.end_unfinished(visit, self._parts.clock())
        for subject in await self._parts.journal.unfinished():
            await self._parts.journal.append("cut-short", subject)
            if subject not in cut:
                cut.append(subject)
        await self._parts.journal.append("started", "guard", cut_short=len(cut))
        return tuple(cut)

    async def watch(self) -> None:
        """Follow the ports, for ever."""
        async for event in self._parts.ports.watch():
            self._handle(event)

    def _handle(self, event: PortEvent) -> None:
        escort = self._escorts.get(event.port)
        if isinstance(event, Arrival):
            if escort is not None:
                self._start(escort.leave())
            if event.carries_system:
                log.warning("port %s carries the running system and is left alone", event.port)
                self._start(self._note_system_disk(event))
                return
            fresh = Escort(event, self._parts)
            self._escorts[event.port] = fresh
            self._start(fresh.begin())
        elif escort is None or escort.arrival.token != event.token:
            return
        elif isinstance(event, Departure):
            del self._escorts[event.port]
            self._start(escort.leave())
        elif isinstance(event, MediumChanged):
            self._start(escort.begin_again())
        elif isinstance(event, Escaped):
            self._start(escort.escaped(event.driver))
        elif isinstance(event, UseChanged):
            self._start(escort.use_changed(event.in_use))

    async def follow_mounts(self) -> None:
        """Have the files of admitted media listed once somebody has mounted them, for ever."""
        while True:
            await self._parts.mounts.changed()
            self._mounts_changed()

    def _mounts_changed(self) -> None:  # on its own, so that nothing keeps the last escort until the next change
        for escort in tuple(self._escorts.values()):
            escort.mounts_changed()

    async def session_changed(self) -> None:
        """Somebody came, went, locked or unlocked: what waited for that is judged again."""
        for escort in tuple(self._escorts.values()):
            if escort.waits_for_session:
                self._start(escort.begin())

    def judge_again(self, media: Collection[str], rule: str = "") -> None:
        """Something in the register has changed for these media: where one of them is plugged in, it is judged anew at once.

        `rule`: only where that was a reason; what is open and stays so is not taken away from whoever uses it.
        """
        for escort in tuple(self._escorts.values()):
            theirs = (visit for visit in escort.visits if visit.medium and visit.medium in media)
            if any(not rule or rule in visit.rules for visit in theirs):
                self._start(escort.begin())

    def maintenance_changed(self) -> None:
        """A window for maintenance opened or closed: what has no label is judged again, after what is mounted was unmounted."""
        self._judge_again_for({"not-labelled", "maintenance"})

    def observing_ended(self) -> None:
        """Verdicts are carried out from now on: what was only told is judged again, after what is mounted was unmounted."""
        self._judge_again_for({OBSERVED})

    def _judge_again_for(self, rules: set[str]) -> None:
        for escort in tuple(self._escorts.values()):
            if any(rules & set(visit.rules) for visit in escort.visits):
                self._start(self._judge_again(escort))

    async def _judge_again(self, escort: Escort) -> None:
        try:
            await escort.unmount()
        except GuardError as fault:  # it is taken away in any case, as if it were pulled
            log.warning("port %s: %s", escort.arrival.port, fault)
        await escort.begin()

    async def mend(self) -> None:
        """While something is broken, try the registry until it works again; then judge again what had to be refused for it."""
        while True:
            await self._troubled.wait()
            await asyncio.sleep(RETRY_SECONDS)
            try:
                await self._parts.timekeeper.check()
                await self._parts.journal.append("mended", "guard")
            except Broken as fault:
                self._parts.trouble(fault)
                continue
            self._troubled.clear()
            self._parts.trouble(Broken("mended"))
            for escort in tuple(self._escorts.values()):
                if escort.failed or not escort.visits:
                    self._start(escort.begin())

    async def write_down(self) -> None:
        """Before the end: nothing that was left for later is lost."""
        for escort in tuple(self._escorts.values()):
            await escort.write_down()

    async def settle(self) -> None:
        """Wait until everything that was begun has ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        for escort in tuple(self._escorts.values()):
            await escort.listed()

    def _start(self, act: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(_quietly(act))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _note_system_disk(self, event: Arrival) -> None:
        try:
            await self._parts.journal.append("left-alone", event.port)
        except GuardError as fault:
            self._parts.trouble(fault)


async def _quietly(act: Coroutine[object, object, None]) -> None:
    """A stick that is pulled meanwhile is no news; everything else has been said where it happened."""
    try:
        await act
    except GuardError as fault:
        log.info("%s", fault)
