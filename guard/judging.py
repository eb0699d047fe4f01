"""From a claimed device to verdicts: one stay for each medium, a verified sighting, the evidence, and every intent on the disk.

Called by the walk alone, which carries out what was decided. Nothing here touches a port.
"""

from collections.abc import Sequence

from guard.arrivals import Arrivals
from guard.core.descriptors import DeviceDescription
from guard.core.errors import Hostile
from guard.core.evidence import Evidence
from guard.core.policy import decide
from guard.core.ports import Arrival, Claim
from guard.core.sighting import Circumstances, evidence_of
from guard.core.verdict import Access, Reason, Severity, Verdict, strictest
from guard.inspection import compared, inspect, look_further
from guard.parts import Parts
from guard.phases import passed
from guard.stay import Stay, circumstances


class Judging:
    """At one port."""

    def __init__(self, arrival: Arrival, parts: Parts, arrivals: Arrivals) -> None:
        """`arrivals` must be on the disk before anything is decided."""
        self._arrival, self._parts, self._arrivals = arrival, parts, arrivals

    async def see(self, claim: Claim, description: DeviceDescription, stays: list[Stay]) -> None:
        """Look at every unit with a medium in it; one that has no stay yet gets one.

        Raises:
            Hostile: `device-no-medium`, `device-not-a-disk`, or what reading raises.
            Broken: `registry-...`.
        """
        units = [unit for unit in claim.units if unit.blocks]
        if not units:
            raise Hostile("device-no-medium")
        if any(unit.device_type != 0 for unit in units):
            raise Hostile("device-not-a-disk")
        while len(stays) < len(units):
            stay = Stay.at(self._arrival, self._parts)
            stays.append(stay)
            await self._arrivals.noted()
            self._arrivals.begin(stay)
        keyring = self._parts.identity.keyring
        for stay, unit in zip(stays, units, strict=False):
            sighting = await inspect(claim, unit, self._arrival, description, keyring, self._parts.scheme)
            known = await self._parts.registry.facts(sighting.label.medium_id) if sighting.label else None
            since = known.record_seen[0] if known and known.record_seen else 0
            sighting = await look_further(claim, sighting, keyring, since)
            stay.look(await compared(claim, sighting, known.left if known else None))

    async def decide(self, description: DeviceDescription, stays: Sequence[Stay]) -> Access:
        """Decide on every unit; a device opens only as far as the strictest of them, and every intent is on the disk first.

        Raises:
            Broken: `registry-...`.
        """
        await self._arrivals.noted()
        around = circumstances(self._parts, description)
        for stay in stays:
            stay.evidence = await self.evidence_of(stay, around)
            stay.verdict = decide(stay.evidence, self._parts.scheme)
        passed(self._arrival.port, "decided")
        access = strictest(stay.judged.access for stay in stays)
        for stay in stays:
            if stay.judged.access is not access:
                stay.verdict = Verdict.of((*stay.judged.reasons, Reason("strictest-of-units", access, Severity.NOTICE)))
            carried_out = self._observed(stay)
            stay.note(self._parts, self._arrival)
            high = stay.high_water(self._parts) if carried_out is Access.READ_WRITE and stay.trusted else None
            await self._parts.registry.intent(stay.visit, stay.seen().label, high)
        return strictest(stay.judged.access for stay in stays)

    async def decide_unread(self, fault: Hostile, stays: Sequence[Stay]) -> Access:
        """Decide on a device that could not be read, by what it did.

        Raises:
            Broken: `registry-...`.
        """
        await self._arrivals.noted()
        around = circumstances(self._parts)
        for stay in stays:
            stay.sighting = None
            stay.evidence = Evidence(now=around.now, host=around.host, session=around.session, device_fault=fault.code)
            stay.verdict = decide(stay.evidence, self._parts.scheme)
            self._observed(stay)
            stay.note(self._parts, self._arrival)
            await self._parts.registry.intent(stay.visit, None, None)
        return strictest(stay.judged.access for stay in stays)

    async def evidence_of(self, stay: Stay, around: Circumstances) -> Evidence:
        """What was seen of a medium, together with what the registry knows of it.

        Raises:
            Broken: `registry-...`.
        """
        registry, sighting = self._parts.registry, stay.seen()
        label = sighting.label
        facts = await registry.facts(label.medium_id) if label else None
        known_as = await registry.known_hardware(sighting.hardware.digest().hex()) if sighting.blank else ""
        return evidence_of(sighting, around, self._parts.scheme, facts, known_as, stay.decided_once(self._arrival))

    def _observed(self, stay: Stay) -> Access:
        """What will be done: the verdict, or while the guard only observes, everything."""
        until = self._parts.observed_until()
        if until:
            stay.verdict = stay.judged.observed(until)
        return stay.judged.access
