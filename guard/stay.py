"""One medium during one stay: what was seen, what was decided, and the picture that others get of it."""

import secrets
from dataclasses import dataclass, replace

from guard.core.descriptors import DeviceDescription, parse_descriptors
from guard.core.errors import Hostile
from guard.core.evidence import Evidence, Once
from guard.core.fingerprint import Fingerprint
from guard.core.medium import showable
from guard.core.policy import effective_level
from guard.core.ports import Arrival
from guard.core.scheme import Level
from guard.core.sighting import Circumstances, Sighting
from guard.core.snapshot import Seen, VisitSnapshot
from guard.core.verdict import Verdict
from guard.core.visit import Stage
from guard.marking import Written
from guard.parts import Parts

# With one of these findings the label or the log is not what it claims: nothing is written to the medium or learned from it.
_DISTRUST = frozenset({"other-hardware", "older-than-last-seen", "rolled-back", "travel-log-broken", "label-invalid"})


@dataclass(slots=True)
class Stay:
    """Changes as the walk goes on; `visit` is the frozen picture of it. `recorded`: the registry knows of the visit.

    `once` is a decision to let the medium in for this stay, `once_for` the digest of the medium that was decided about.
    `rest` is how the medium looked when its last mount was gone, while nobody has used it since.
    `found_record` is the hash of the newest record that the guard has not written itself during the stay.
    """

    visit: VisitSnapshot
    recorded: bool = False
    sighting: Sighting | None = None
    evidence: Evidence | None = None
    verdict: Verdict | None = None
    written: Written | None = None
    rest: Fingerprint | None = None
    once: Once | None = None
    once_for: str = ""
    found_record: str = ""

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

    def look(self, sighting: Sighting) -> None:
        """The medium was read, perhaps once more."""
        before = self.sighting.log.newest_hash if self.sighting else ""
        if sighting.log.newest_hash != (self.written.hash if self.written else before):
            self.found_record = sighting.log.newest_hash
        self.sighting, self.written, self.rest = sighting, None, None

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

    def digest(self, arrival: Arrival) -> str:
        """What a request binds itself to: the medium as it is, but for records of this stay; "" where nothing was read."""
        return self.sighting.digest(arrival, self.found_record) if self.sighting else ""

    def decided_once(self, arrival: Arrival) -> Once | None:
        """The decision to let this in once, while it is exactly what was decided about."""
        return self.once if self.once_for and self.digest(arrival) == self.once_for else None

    @property
    def trusted(self) -> bool:
        """The label and the travel log are what they claim to be, whatever else speaks against the medium."""
        return self.verdict is not None and not _DISTRUST.intersection(self.verdict.rules)

    def high_water(self, parts: Parts) -> Level:
        """What its level is once it is, or was, written on this host."""
        return parts.scheme.join(effective_level(self.proof, parts.scheme), parts.host.level)

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


def circumstances(parts: Parts, description: DeviceDescription | None = None) -> Circumstances:
    """What a decision is made in now; `description` None for a device that could not be read."""
    others = description.other_functions if description else ()
    model = f"{description.vendor_id:04x}:{description.product_id:04x}" if description else ""
    return Circumstances(
        now=parts.clock(),
        host=parts.host,
        session=parts.sitting().state,
        composite=others,
        model_approved=model in parts.settings.gate.approved_models,
        maintenance=parts.maintenance(),
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
