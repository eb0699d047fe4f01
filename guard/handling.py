"""What people have done to a medium that is in: a label, a clearing, one visit.

Each looks at the medium anew before anything counts.
Called by the escort alone, between the steps of the walk; afterwards everything at the port is judged like any other.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from guard.clearing import Cleared, clear_medium
from guard.core.descriptors import parse_descriptors
from guard.core.disposal import Method
from guard.core.errors import Refused
from guard.core.evidence import Once
from guard.core.label import Label
from guard.core.orders import OrderKind, check_carry_out
from guard.core.policy import decide, effective_level
from guard.core.request import Grant
from guard.core.verdict import Access
from guard.filling import fill_log
from guard.formatting import Progress
from guard.marking import new_label, prepare, write_label
from guard.org.keys import FileSigner
from guard.parts import Parts
from guard.stay import Stay, circumstances
from guard.walk import Walk


class Handling:
    """At one port, whose walk is given."""

    def __init__(self, walk: Walk, parts: Parts) -> None:
        """Nothing happens before somebody asks."""
        self._walk, self._parts = walk, parts

    async def register(
        self, visit: str, grant: Grant, digest: str, by: str, issuer: FileSigner, progress: Progress
    ) -> Label:
        parts = self._parts
        async with self._walk.looking_anew(visit, digest) as (claim, stay):
            sighting = stay.seen()
            number = grant.number or (sighting.label.number if sighting.label else "")
            number = number or await parts.registry.next_number(parts.settings.register.prefix)
            own, kept = (sighting.label.medium_id, sighting.label.number == number) if sighting.label else ("", False)
            known = await parts.registry.predecessor(number, own, sighting.hardware.digest().hex(), kept=kept)
            lowered = await self._lowering(stay, grant, known[0])
            await parts.journal.append("registering", visit, by=by, number=number, level=str(grant.level))
            erased = await prepare(claim, sighting, grant, parts.scratch, progress)
            label = new_label(sighting, grant, parts.scheme, number, known, parts.clock())
            if parts.pen.auditors and (erased or sighting.blank):
                await fill_log(claim, sighting.unit, label, parts.pen.auditors, issuer)
            await write_label(claim, sighting, label, issuer)
            await parts.registry.register(label, by, visit, grant.level, erased=erased, lowered=lowered)
        return label

    async def _lowering(self, stay: Stay, grant: Grant, medium_id: str) -> str:
        """The id of the order of two people under which this label is below what the medium has held; "" where it is not below."""
        parts = self._parts
        known = await parts.registry.facts(medium_id) if medium_id else None
        held = effective_level(
            replace(await self._walk.judging.evidence_of(stay, circumstances(self._parts)), registry=known),
            parts.scheme,
        )
        if parts.scheme.dominates(grant.level, held):
            return ""
        order = await parts.orders.lowering(medium_id, parts.clock())
        covered = order is not None and parts.scheme.dominates(grant.level, parts.scheme.level(order.level))
        if order is None or not covered or not grant.initialize:
            raise Refused("level-lowered", held=str(held), wanted=str(grant.level))
        return order.id

    async def clear(self, visit: str, order: str, method: Method, by: tuple[str, int], progress: Progress) -> Cleared:
        """Which medium it is is read anew with the port shut and claimed; only then is anything overwritten."""
        parts = self._parts
        async with self._walk.looking_anew(visit, "") as (claim, stay):
            sighting = stay.seen()
            label = sighting.label
            if label is None or label.hardware != sighting.hardware.digest().hex():
                raise Refused("order-other")
            check_carry_out(await parts.orders.one(order), OrderKind.CLEAR, label.medium_id, parts.clock())
            await parts.journal.append("clearing", order, visit=visit, medium=label.medium_id, by=by[0])
            cleared = await clear_medium(claim, sighting.unit, sighting.layout, method, progress)
            told = {"octets": cleared.octets, "method": str(cleared.method), "discarded": cleared.discarded}
            await parts.orders.cleared(order, by, parts.clock(), told)
        return cleared

    async def let_in_once(self, visit: str, once: Once, digest: str, decided: Callable[[], Awaitable[None]]) -> None:
        """Look before the decision counts: what is dangerous is not let in, and the decision stays undone."""
        async with self._walk.looking_anew(visit, digest) as (_, stay):
            stay.once, stay.once_for = once, stay.digest(self._walk.arrival)
            around = circumstances(self._parts, parse_descriptors(self._walk.arrival.untrusted_descriptors))
            for unit in self._walk.stays:
                verdict = decide(await self._walk.judging.evidence_of(unit, around), self._parts.scheme)
                never = [reason.rule for reason in verdict.reasons if reason.access is Access.REFUSED]
                if never:
                    raise Refused("once-never", rules=", ".join(never))
            await decided()
