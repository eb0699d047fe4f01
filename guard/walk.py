"""The steps of one stay, in order: arrive, hold, see, decide, write down, carry out, check. It carries out what was decided.

Called by the escort alone, one step at a time. Whatever goes wrong ends with the port shut.
"""

import asyncio
import contextlib
import logging
from dataclasses import replace

from guard.core.descriptors import DeviceDescription, parse_descriptors
from guard.core.errors import Broken, GuardError, Hostile, Refused
from guard.core.evidence import Evidence
from guard.core.label import Label
from guard.core.policy import decide, effective_level
from guard.core.ports import Arrival, Claim, Disk
from guard.core.request import Grant
from guard.core.scheme import Level
from guard.core.sighting import Circumstances, Sighting, evidence_of
from guard.core.travel import may_write_record
from guard.core.verdict import Access, Reason, Severity, Verdict, strictest
from guard.core.visit import Stage, step
from guard.formatting import Progress
from guard.inspection import inspect, shows_the_same
from guard.marking import Written, new_label, next_record, prepare, write_label, write_record
from guard.org.keys import FileSigner
from guard.parts import Parts
from guard.stay import Stay
from guard.travelling import note_crossings

log = logging.getLogger(__name__)


class Walk:
    """What happens at one port; `stays` are the media there, one for each unit."""

    def __init__(self, arrival: Arrival, parts: Parts) -> None:
        """Nothing happens before `run`."""
        self.arrival = arrival
        self._parts = parts
        self._recording: asyncio.Task[None] | None = None
        self._stage = Stage.ARRIVED
        self.stays: list[Stay] = []

    async def gone(self) -> None:
        """The device is gone: its visits end, also one that nobody had time to look at."""
        if self._recording is not None:
            await asyncio.wait([self._recording])
        if not self.stays:
            self.stays = [Stay.at(self.arrival, self._parts)]
            with contextlib.suppress(GuardError):
                await self._record(self.stays[0])
        self._go(Stage.GONE)
        await self._end_visits()

    async def run(self, *, fresh: bool = False) -> None:
        """The one place where everything is caught: one stick must not take the others along."""
        try:
            if fresh:
                await self._end_visits()
                self.stays = []
            if not self.stays:
                await self._arrive()
            await self._judge()
        except Exception as fault:
            if not isinstance(fault, GuardError):
                log.exception("port %s: the walk failed", self.arrival.port)
            await self._fail(fault)

    async def _arrive(self) -> None:
        stay = Stay.at(self.arrival, self._parts)
        self.stays = [stay]
        self._stage = Stage.ARRIVED
        await self._record(stay)
        self._tell()

    async def _record(self, stay: Stay) -> None:
        """Write the arrival down, also when the stick is pulled meanwhile."""

        async def write() -> None:
            await self._parts.registry.arrived(stay.visit)
            stay.recorded = True

        self._recording = asyncio.ensure_future(write())
        await asyncio.shield(self._recording)

    async def _judge(self) -> None:
        if self.stays and not self.stays[0].recorded:
            await self._arrive()
        if self._stage not in (Stage.ARRIVED, Stage.SHUT):
            await self._parts.ports.shut(self.arrival)
            self._go(Stage.SHUT)
        await self._parts.ports.hold(self.arrival)
        self._go(Stage.HELD)
        try:
            description = parse_descriptors(self.arrival.untrusted_descriptors)
            async with self._parts.ports.claim(self.arrival) as claim:
                self._go(Stage.READING)
                await self._see(claim, description)
                access = await self._decide(description)
                self._go(Stage.JUDGED)
                await self._write_records(claim)
        except Hostile as fault:
            access = await self._decide_unread(fault)
        await self._carry_out(access)

    async def _see(self, claim: Claim, description: DeviceDescription) -> None:
        """One stay for each unit with a medium in it; verified sightings of all of them."""
        units = [unit for unit in claim.units if unit.blocks]
        if not units:
            raise Hostile("device-no-medium")
        if any(unit.device_type != 0 for unit in units):
            raise Hostile("device-not-a-disk")
        while len(self.stays) < len(units):
            stay = Stay.at(self.arrival, self._parts)
            self.stays.append(stay)
            await self._record(stay)
        keyring = self._parts.identity.keyring
        for stay, unit in zip(self.stays, units, strict=False):
            stay.sighting = await inspect(claim, unit, self.arrival, description, keyring, self._parts.scheme)

    async def _decide(self, description: DeviceDescription) -> Access:
        """Decide on every unit; a device opens only as far as the strictest of them, and every intent is on the disk first."""
        around = self._around(description)
        for stay in self.stays:
            stay.evidence = await self._evidence(stay.seen(), around)
            stay.verdict = decide(stay.evidence, self._parts.scheme)
        access = strictest(stay.judged.access for stay in self.stays)
        for stay in self.stays:
            if stay.judged.access is not access:
                stay.verdict = Verdict.of((*stay.judged.reasons, Reason("strictest-of-units", access, Severity.NOTICE)))
            stay.note(self._parts, self.arrival)
            high = self._high_water(stay) if access is Access.READ_WRITE else None
            await self._parts.registry.intent(stay.visit, stay.seen().label, high)
        return access

    async def _decide_unread(self, fault: Hostile) -> Access:
        around = self._around(None)
        for stay in self.stays:
            stay.sighting = None
            stay.evidence = Evidence(now=around.now, host=around.host, session=around.session, device_fault=fault.code)
            stay.verdict = decide(stay.evidence, self._parts.scheme)
            stay.note(self._parts, self.arrival)
            await self._parts.registry.intent(stay.visit, None, None)
        if self._stage is not Stage.JUDGED:
            self._stage = Stage.JUDGED
        return Access.REFUSED

    async def _evidence(self, sighting: Sighting, around: Circumstances) -> Evidence:
        registry, label = self._parts.registry, sighting.label
        facts = await registry.facts(label.medium_id) if label else None
        known_as = await registry.known_hardware(sighting.hardware.digest().hex()) if sighting.blank else ""
        return evidence_of(sighting, around, self._parts.scheme, facts, known_as)

    async def _write_records(self, claim: Claim) -> None:
        """The visit, onto every medium that may carry it: before its effect, and also when it is refused."""
        parts = self._parts
        for stay in self.stays:
            sighting, verdict = stay.seen(), stay.judged
            stay.written = None
            if sighting.label is None or not stay.trusted or verdict.access is Access.HELD:
                continue
            level = effective_level(stay.proof, parts.scheme)
            if sighting.unit.write_protected or not may_write_record(parts.scheme, parts.host.level, level):
                continue
            high = self._high_water(stay) if verdict.access is Access.READ_WRITE else stay.proof.travel.high_water
            record = next_record(sighting, verdict, parts.scheme, high, stay.proof.now)
            identity = parts.identity
            stay.written = await write_record(claim, sighting, record, identity.signer, identity.host_certificate)

    async def _carry_out(self, access: Access) -> None:
        if access.opens:
            disks = await self._parts.ports.admit(self.arrival, access)
            await self._check(disks)
        else:
            await self._parts.ports.shut(self.arrival)
        self._go(Stage.OPEN if access.opens else Stage.SHUT)
        for stay in self.stays:
            stay.visit = replace(stay.visit, stage=self._stage)
            rules = ", ".join(stay.judged.rules)
            log.info("%s: visit %s: %s (%s)", self.arrival.port, stay.visit.id[:8], stay.judged.access, rules)
            await self._parts.registry.result(stay.visit)
            await self._after(stay)
        self._tell()

    async def _check(self, disks: tuple[Disk, ...]) -> None:
        """What the device shows now must be what it showed in the gate."""
        for stay in self.stays:
            disk = next((disk for disk in disks if disk.lun == stay.seen().unit.lun), None)
            if disk is None:
                raise Broken("effect-no-disk", lun=stay.seen().unit.lun)
            written: Written | None = stay.written
            if not await shows_the_same(self._parts.ports, disk, stay.seen(), written.block if written else None):
                raise Hostile("changed-after-admission")
            stay.visit = replace(stay.visit, disk=disk.name)

    async def _after(self, stay: Stay) -> None:
        sighting = stay.sighting
        if sighting is None or sighting.label is None or not stay.trusted:
            return
        crossed = await note_crossings(self._parts, stay)
        newest = (stay.written.sequence, stay.written.hash) if stay.written else None
        if newest is None and sighting.log.records:
            newest = (sighting.log.newest_sequence, sighting.log.newest_hash)
        if newest is not None:
            await self._parts.registry.record_written(sighting.label.medium_id, *newest)
        for crossing in crossed:
            self._parts.crossed(crossing)

    async def register(
        self, visit: str, grant: Grant, digest: str, by: str, issuer: FileSigner, progress: Progress
    ) -> Label:
        parts, arrival = self._parts, self.arrival
        place = next((n for n, stay in enumerate(self.stays) if stay.visit.id == visit), None)
        if place is None:
            raise Refused("medium-gone")
        try:
            await parts.ports.shut(arrival)
            description = parse_descriptors(arrival.untrusted_descriptors)
            async with parts.ports.claim(arrival) as claim:
                await self._see(claim, description)
                sighting = self.stays[place].seen()
                if digest and sighting.digest(arrival) != digest:
                    raise Refused("request-changed")
                number = grant.number or (
                    sighting.label.number if sighting.label else await parts.registry.next_number()
                )
                if await parts.registry.number_taken(number, sighting.label.medium_id if sighting.label else ""):
                    raise Refused("number-taken", number=number)
                await parts.journal.append("registering", visit, by=by, number=number, level=str(grant.level))
                erased = await prepare(claim, sighting, grant, parts.scratch, progress)
                label = new_label(sighting, grant, parts.scheme, number, parts.clock())
                await write_label(claim, sighting, label, issuer)
                await parts.registry.register(label, by, visit, grant.level, erased=erased)
        except GuardError as fault:
            log.warning("port %s: registration failed: %s", arrival.port, fault)
            self._stage = Stage.SHUT
            await self.run()
            raise
        self._stage = Stage.SHUT
        await self.run()
        return label

    async def eject(self) -> None:
        """Unmount, shut, and say that the stick can be pulled."""
        if self._stage is not Stage.OPEN:
            raise Refused("not-open")
        await self._parts.unmount(tuple(stay.visit.disk for stay in self.stays))
        await self.close(Reason("ejected", Access.REFUSED, Severity.INFO))

    async def close(self, reason: Reason) -> None:
        """Shut, and say why; whatever the registry says to it, the port is shut."""
        try:
            await self._parts.ports.shut(self.arrival)
        finally:
            self._stage = Stage.SHUT
            for stay in self.stays:
                stay.verdict = Verdict.of((reason,))
                stay.visit = replace(stay.visit, verdict=stay.verdict, stage=self._stage, disk="")
            self._tell()
        for stay in self.stays:
            if stay.recorded:
                await self._parts.registry.result(stay.visit)

    async def _fail(self, fault: Exception) -> None:
        """The guard could not do its part (or the device changed its face): shut, then say so as far as that works."""
        code = fault.code if isinstance(fault, GuardError) else "internal"
        log.warning("%s: shut: %s", self.arrival.port, fault if isinstance(fault, GuardError) else code)
        if code == "changed-after-admission":
            reason = Reason(code, Access.REFUSED, Severity.ALARM)
        elif isinstance(fault, Hostile):
            reason = Reason("unreadable", Access.REFUSED, Severity.WARNING, (("fault", code),))
        else:
            reason = Reason("guard-failed", Access.REFUSED, Severity.ALARM, (("fault", code),))
            if not code.startswith("effect-"):  # that concerns this device alone, and trying again would not help
                self._parts.trouble(
                    fault if isinstance(fault, GuardError) else Broken("internal", incident=self.arrival.port)
                )
        try:
            await self.close(reason)
        except GuardError as second:
            log.error("port %s: %s, and then: %s", self.arrival.port, code, second)
            self._parts.trouble(second)

    async def _end_visits(self) -> None:
        for stay in self.stays:
            stay.visit = replace(stay.visit, stage=Stage.GONE, left=self._parts.clock(), disk="")
            self._parts.tell(stay.visit)
            if not stay.recorded:
                continue
            try:
                await self._parts.registry.expire_requests_of(stay.visit.id, self._parts.clock())
                await self._parts.registry.left(stay.visit)
            except GuardError as fault:
                self._parts.trouble(fault)

    def _around(self, description: DeviceDescription | None) -> Circumstances:
        parts = self._parts
        others = description.other_functions if description else ()
        model = f"{description.vendor_id:04x}:{description.product_id:04x}" if description else ""
        sitting = parts.sitting()
        return Circumstances(
            now=parts.clock(),
            host=parts.host,
            session=sitting.state,
            composite=others,
            model_approved=model in parts.settings.gate.approved_models,
        )

    def _high_water(self, stay: Stay) -> Level:
        return self._parts.scheme.join(effective_level(stay.proof, self._parts.scheme), self._parts.host.level)

    def _go(self, then: Stage) -> None:
        self._stage = step(self._stage, then)
        for stay in self.stays:
            stay.visit = replace(stay.visit, stage=self._stage)

    def _tell(self) -> None:
        for stay in self.stays:
            self._parts.tell(stay.visit)
