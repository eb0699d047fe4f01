"""The steps of one stay, in order: arrive, hold, see, decide, write down, carry out, check. It carries out what was decided.

Called by the escort alone, one step at a time. Whatever goes wrong ends with the port shut.
"""

import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace

from guard.arrivals import Arrivals
from guard.core.descriptors import parse_descriptors
from guard.core.errors import Broken, GuardError, Hostile, Refused
from guard.core.failure import failure, of_the_host
from guard.core.ports import Arrival, Claim, Disk
from guard.core.verdict import Access, Reason, Verdict
from guard.core.visit import Stage, step
from guard.inspection import shows_the_same
from guard.judging import Judging
from guard.leftovers import let_go
from guard.listing import Listing
from guard.marking import Written
from guard.parts import Parts
from guard.phases import passed
from guard.recording import write_arrivals
from guard.removal import DONE, remove
from guard.resting import note_rest, take_rest
from guard.results import Results
from guard.stay import Stay

log = logging.getLogger(__name__)


class Walk:
    """What happens at one port; `stays` are the media there, one for each unit."""

    def __init__(self, arrival: Arrival, parts: Parts) -> None:
        """Nothing happens before `run`."""
        self.arrival = arrival
        self._parts = parts
        self._arrivals = Arrivals(parts.registry)
        self.judging = Judging(arrival, parts, self._arrivals)
        self.listing = Listing(parts)
        self.results = Results(parts)
        self._stage = Stage.ARRIVED
        self._disks: tuple[Disk, ...] = ()
        self._uses = 0
        self.stays: list[Stay] = []

    async def gone(self) -> None:
        """The device is gone: its visits end, also one that nobody had time to look at."""
        await self._arrivals.over()
        try:
            await self.results.written()
        except GuardError as fault:
            self._parts.trouble(fault)
        if not self.stays:
            self.stays = [Stay.at(self.arrival, self._parts)]
            self._arrivals.begin(self.stays[0])
            await self._arrivals.over()
        await note_rest(self._parts, self.stays)
        self._go(Stage.GONE)
        await self._end_visits()

    async def run(self, *, fresh: bool = False) -> None:
        """Judge what is there and carry it out; `fresh` for another medium than before."""
        await self._safely(self._run(fresh))

    async def write_results(self) -> None:
        """Write down what came of the last step; where that cannot be done, the port is shut."""
        await self._safely(self.results.written())

    async def _safely(self, act: Awaitable[None]) -> None:
        """The one place where everything is caught: one stick must not take the others along."""
        try:
            await act
        except Exception as fault:
            if not isinstance(fault, GuardError):
                log.exception("port %s: the walk failed", self.arrival.port)
            if self._stage is Stage.OPEN:
                with contextlib.suppress(GuardError):  # whoever has files open loses the medium all the same
                    await self.unmount()
            await self._fail(fault)

    async def _run(self, fresh: bool) -> None:
        await self._arrivals.over()
        if fresh:
            await self._end_visits()
            self.stays = []
        if not self.stays or not self.stays[0].recorded:
            self._arrive()
        await self._judge()

    def _arrive(self) -> None:
        """The arrival is written down while the port is held and read; nothing is decided before it is."""
        stay = Stay.at(self.arrival, self._parts)
        self.stays = [stay]
        self._stage = Stage.ARRIVED
        passed(self.arrival.port, "arrived")
        self._arrivals.begin(stay, self._tell)

    async def _judge(self) -> None:
        if self._stage not in (Stage.ARRIVED, Stage.SHUT):
            await self.listing.stop()
            if self._stage is Stage.OPEN:
                with contextlib.suppress(Refused):  # whoever has files open loses the medium all the same
                    await self.unmount()
            await self._parts.ports.shut(self.arrival)
            self._go(Stage.SHUT)
        elif self._stage is Stage.ARRIVED:
            await let_go(self._parts, self.arrival)
        await self._parts.ports.hold(self.arrival)
        await self._parts.timekeeper.check()
        self._go(Stage.HELD)
        passed(self.arrival.port, "held")
        try:
            description = parse_descriptors(self.arrival.untrusted_descriptors)
            async with self._parts.ports.claim(self.arrival) as claim:
                self._go(Stage.READING)
                passed(self.arrival.port, "ready")
                await self.judging.see(claim, description, self.stays)
                passed(self.arrival.port, "read")
                access = await self.judging.decide(description, self.stays)
                self._go(Stage.JUDGED)
                passed(self.arrival.port, "intent")
                await write_arrivals(self._parts, claim, self.stays)
                passed(self.arrival.port, "record")
        except Hostile as fault:
            access = await self.judging.decide_unread(fault, self.stays)
            self._stage = Stage.JUDGED
        await self._carry_out(access)

    async def _carry_out(self, access: Access) -> None:
        if access.opens and any(stay.sighting is None for stay in self.stays):
            self._disks = ()  # observing: what could not be read goes where it went before there was a guard
            await self._parts.ports.let_pass(self.arrival)
        elif access.opens:
            self._disks = await self._parts.ports.admit(self.arrival, access)
            passed(self.arrival.port, "disk")
            await self._check(self._disks)
        else:
            await self._parts.ports.shut(self.arrival)
        self._go(Stage.OPEN if access.opens else Stage.SHUT)
        for stay in self.stays:
            stay.visit = replace(stay.visit, stage=self._stage)
            rules = ", ".join(stay.judged.rules)
            log.info("%s: visit %s: %s (%s)", self.arrival.port, stay.visit.id[:8], stay.judged.access, rules)
        self.results.owe(self.stays)
        if not (access.opens and self._parts.aside):
            await self.results.written()
        passed(self.arrival.port, "done")
        self._tell()
        self.look_at_mounts()

    def look_at_mounts(self) -> None:
        """List what is mounted now."""
        if self._stage is Stage.OPEN and self._disks:
            self.listing.look(self.stays, self._disks)

    async def _check(self, disks: tuple[Disk, ...]) -> None:
        """What the device shows now must be what it showed in the gate."""
        for stay in self.stays:
            disk = next((disk for disk in disks if disk.lun == stay.seen().unit.lun), None)
            if disk is None:
                raise Broken("effect-no-disk", lun=stay.seen().unit.lun)
            written: Written | None = stay.written
            if not await shows_the_same(self._parts.ports, disk, stay.seen(), written.block if written else None):
                raise Hostile("changed-after-admission")
            if disk.read_only and not (await self._parts.ports.counters(disk)).untouched:
                raise Broken("effect-written", disk=disk.name)
            stay.visit = replace(stay.visit, disk=disk.name)

    @asynccontextmanager
    async def looking_anew(self, visit: str, digest: str) -> AsyncIterator[tuple[Claim, Stay]]:
        """The medium of a visit, shut, claimed and seen anew, if it is what the digest says; "" takes what is there.

        Whatever comes of it, everything at this port is judged like any other afterwards.
        """
        place = next((n for n, stay in enumerate(self.stays) if stay.visit.id == visit), None)
        if place is None:
            raise Refused("medium-gone")
        await self._parts.timekeeper.check()
        await self.listing.stop()
        if self._stage is Stage.OPEN:
            try:
                await self.unmount()
            except Refused:  # somebody uses it: nothing has happened
                self.look_at_mounts()
                raise
        self._forget_decisions()
        try:
            await self._parts.ports.shut(self.arrival)
            description = parse_descriptors(self.arrival.untrusted_descriptors)
            async with self._parts.ports.claim(self.arrival) as claim:
                await self.judging.see(claim, description, self.stays)
                stay = self.stays[place]
                if digest and stay.digest(self.arrival) != digest:
                    raise Refused("request-changed")
                yield claim, stay
        except GuardError as fault:
            log.warning("port %s: a decision could not be carried out: %s", self.arrival.port, fault)
            self._forget_decisions()
            self._stage = Stage.SHUT
            await self.run()
            raise
        self._stage = Stage.SHUT
        await self.run()

    def _forget_decisions(self) -> None:
        for stay in self.stays:
            stay.once, stay.once_for = None, ""

    async def eject(self) -> None:
        """Unmount, shut, and say that the stick can be pulled."""
        if self._stage is not Stage.OPEN:
            raise Refused("not-open")
        if not self._disks:  # nobody has read it, so there is nothing to note
            await self.unmount()
            await self.close(DONE)
            return
        left = await self.listing.depart(self.stays, self._disks)
        await self.unmount()
        reason = await remove(self._parts, self.arrival, self.stays, self._disks)
        await self.listing.departed(left)
        await self.close(reason)

    async def unmount(self) -> None:
        """Unmount what the kernel has made of this port.

        Raises:
            Refused: `still-in-use`.
        """
        disks = tuple(stay.visit.disk for stay in self.stays if stay.visit.disk)
        disks = disks or await self._parts.ports.mounted_disks(self.arrival)
        if disks:
            await self._parts.unmount(disks)

    def forget_rest(self) -> None:
        """Somebody uses the disks: how the media look is open again."""
        self._uses += 1
        for stay in self.stays:
            stay.rest = None

    async def take_rest(self) -> None:
        """Nobody uses the disks any more: they may be pulled as they are now."""
        uses = self._uses
        if self._stage is Stage.OPEN:
            await take_rest(self._parts, self._disks, self.stays)
        if uses != self._uses:  # meanwhile somebody does again
            self.forget_rest()

    async def close(self, reason: Reason) -> None:
        """Shut, and say why; whatever the registry says to it, the port is shut."""
        try:
            await self.listing.stop()
            await self._parts.ports.shut(self.arrival)
        finally:
            self._stage = Stage.SHUT
            self._forget_decisions()
            for stay in self.stays:
                stay.verdict = Verdict.of((reason,))
                stay.visit = replace(stay.visit, verdict=stay.verdict, stage=self._stage, disk="")
            self._tell()
        await self._arrivals.over()
        for stay in self.stays:
            if stay.recorded:
                await self._parts.registry.result(stay.visit)

    async def _fail(self, fault: Exception) -> None:
        """The guard could not do its part (or the device changed its face): shut, then say so as far as that works."""
        reason = failure(fault)
        log.warning("%s: shut: %s", self.arrival.port, fault if isinstance(fault, GuardError) else "internal")
        if of_the_host(fault):
            self._parts.trouble(
                fault if isinstance(fault, GuardError) else Broken("internal", incident=self.arrival.port)
            )
        try:
            if of_the_host(fault) or not await self._let_pass(reason):
                await self.close(reason)
        except GuardError as second:
            log.error("port %s: %s, and then: %s", self.arrival.port, fault, second)
            self._parts.trouble(second)

    async def _let_pass(self, reason: Reason) -> bool:
        """Observing: what this device did wrong is told, and shuts nothing. False where it is not to be had."""
        until = self._parts.observed_until()
        if not until:
            return False
        verdict = Verdict.of((reason,)).observed(until)
        try:
            await self._parts.ports.shut(self.arrival)
            await self._arrivals.noted()
            for stay in self.stays:
                stay.verdict = verdict
                stay.visit = replace(stay.visit, verdict=verdict, disk="")
                await self._parts.registry.intent(stay.visit, None, None)
            await self._parts.ports.let_pass(self.arrival)
            self._stage, self._disks = Stage.OPEN, ()
            for stay in self.stays:
                stay.visit = replace(stay.visit, stage=self._stage)
                await self._parts.registry.result(stay.visit)
        except GuardError as fault:
            log.warning("%s: not let pass: %s", self.arrival.port, fault)
            return False
        self._tell()
        return True

    async def _end_visits(self) -> None:
        await self.listing.stop()
        for stay in self.stays:
            stay.visit = replace(stay.visit, stage=Stage.GONE, left=self._parts.clock(), disk="")
            self._parts.tell(stay.visit)
            if not stay.recorded:
                continue
            try:
                for request in await self._parts.requests.expire_of(stay.visit.id, self._parts.clock()):
                    await self._parts.told_request(request)
                await self._parts.registry.left(stay.visit)
            except GuardError as fault:
                self._parts.trouble(fault)

    def _go(self, then: Stage) -> None:
        self._stage = step(self._stage, then)
        for stay in self.stays:
            stay.visit = replace(stay.visit, stage=self._stage)

    def _tell(self) -> None:
        for stay in self.stays:
            self._parts.tell(stay.visit)
