"""One medium during one stay: what was seen, what was decided, and the picture that others get of it."""

import secrets
from dataclasses import dataclass, replace

from guard.core.descriptors import parse_descriptors
from guard.core.errors import Hostile
from guard.core.evidence import Evidence
from guard.core.medium import showable
from guard.core.policy import effective_level
from guard.core.ports import Arrival
from guard.core.sighting import Sighting
from guard.core.snapshot import Seen, VisitSnapshot
from guard.core.verdict import Verdict
from guard.core.visit import Stage
from guard.marking import Written
from guard.parts import Parts

# With one of these findings the label or the log is not what it claims: nothing is written to the medium or learned from it.
_DISTRUST = frozenset({"other-hardware", "older-than-last-seen", "rolled-back", "travel-log-broken", "label-invalid"})


@dataclass(slots=True)
class Stay:
    """Changes as the walk goes on; `visit` is the frozen picture of it. `recorded`: the registry knows of the visit."""

    visit: VisitSnapshot
    recorded: bool = False
    sighting: Sighting | None = None
    evidence: Evidence | None = None
    verdict: Verdict | None = None
    written: Written | None = None

    @classmethod
    def at(cls, arrival: Arrival, parts: Parts) -> "Stay":
        """A medium has arrived; nothing is known of it."""
        sitting = parts.sitting()
        visit = VisitSnapshot(
            id=secrets.token_hex(16),
            port=arrival.port,
            medium="",
            stage=Stage.ARRIVED,
            arrived=parts.clock(),
            interface=arrival.port,
            uid=sitting.uid,
            user=sitting.user,
            network=parts.host.network_id,
            seen=_seen(arrival, None),
        )
        return cls(visit)

    def seen(self) -> Sighting:
        """What was seen; asking before anything was read is a bug."""
        if self.sighting is None:
            raise RuntimeError("nothing was read yet")
        return self.sighting

    @property
    def judged(self) -> Verdict:
        """The verdict; asking before it is there is a bug."""
        if self.verdict is None:
            raise RuntimeError("nothing was decided yet")
        return self.verdict

    @property
    def proof(self) -> Evidence:
        """The evidence; asking before it is there is a bug."""
        if self.evidence is None:
            raise RuntimeError("nothing was weighed yet")
        return self.evidence

    @property
    def trusted(self) -> bool:
        """The label and the travel log are what they claim to be, whatever else speaks against the medium."""
        return self.verdict is not None and not _DISTRUST.intersection(self.verdict.rules)

    def note(self, parts: Parts, arrival: Arrival) -> None:
        """Put verdict and sighting into the picture."""
        label = self.sighting.label if self.sighting else None
        level = str(effective_level(self.evidence, parts.scheme)) if label and self.evidence else ""
        sitting = parts.sitting()
        self.visit = replace(
            self.visit,
            medium=label.medium_id if label else "",
            number=label.number if label else "",
            level=level,
            verdict=self.verdict,
            uid=sitting.uid if self.visit.uid is None else self.visit.uid,
            user=self.visit.user or sitting.user,
            seen=_seen(arrival, self.sighting),
            disk="",
        )


def _seen(arrival: Arrival, sighting: Sighting | None) -> Seen:
    unit = sighting.unit if sighting else None
    try:
        description = parse_descriptors(arrival.untrusted_descriptors)
        ids = (description.vendor_id, description.product_id)
    except Hostile:
        ids = (0, 0)
    return Seen(
        vendor_id=ids[0],
        product_id=ids[1],
        manufacturer=showable(arrival.untrusted_manufacturer, 64),
        product=showable(arrival.untrusted_product, 64),
        serial=showable(arrival.untrusted_serial, 64),
        capacity=unit.capacity if unit else 0,
        block_size=unit.block_size if unit else 0,
        partitions=sighting.layout.summary if sighting else "",
        write_protected=unit.write_protected if unit else None,
    )
