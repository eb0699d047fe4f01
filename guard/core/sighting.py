"""What was seen of one unit through the gate, and what a decision makes of it."""

import hashlib
from dataclasses import dataclass, field

from guard.core.area import SLOT, Found
from guard.core.evidence import Evidence, HostFacts, Maintenance, Once, RegistryFacts, SessionState
from guard.core.fingerprint import Fingerprint
from guard.core.label import Label
from guard.core.medium import Hardware
from guard.core.partition import Layout
from guard.core.ports import Arrival
from guard.core.ring import TravelLog
from guard.core.scheme import BOTTOM, Level, Scheme
from guard.core.travel import travel_facts
from guard.core.unit import Unit


@dataclass(frozen=True, slots=True)
class Sighting:
    """One unit as read through the gate, verified.

    `window` are the raw bytes of labels and newest records and `table` the raw start of the unit: they are read once more
    through the disk after admission. `found` says in which slot the label stands. `label_fault` is the code of a label that
    cannot be trusted ("" for a sound one or none). `fingerprint` is taken only where there is one to compare with. `unread` is the
    offset of a copy of the label that the device cannot read any more; the other one counts.
    """

    unit: Unit
    hardware: Hardware
    table: bytes = field(repr=False)
    window: bytes = field(repr=False)
    layout: Layout
    found: Found
    label: Label | None
    label_fault: str
    log: TravelLog
    fingerprint: Fingerprint | None = None
    unread: tuple[int, ...] = ()

    @property
    def blank(self) -> bool:
        """No trace of a label of ours."""
        return self.label is None and not self.label_fault

    def digest(self, arrival: Arrival, newest_record: str) -> str:
        """Binds a request to exactly this: the stay, the device, the unit and its contents; SHA-256 in hex.

        `newest_record` is the hash of the newest record in the log but for what the guard itself has added during the stay.
        """
        hashed = hashlib.sha256(b"media-guard sighting 1")
        for part in (
            arrival.port.encode(),
            arrival.token.encode(),
            arrival.untrusted_descriptors,
            self.hardware.digest(),
            self.table,
            self.window[:SLOT] + self.window[-SLOT:],
            newest_record.encode(),
        ):
            hashed.update(len(part).to_bytes(4, "big") + part)
        return hashed.hexdigest()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """All that a decision looks at besides the medium itself."""

    now: int
    host: HostFacts
    session: SessionState
    composite: tuple[str, ...]
    model_approved: bool
    maintenance: Maintenance | None = None


def label_level(label: Label | None, scheme: Scheme) -> Level:
    """The level the label states; the bottom without a label.

    Raises:
        Hostile: `label-other-scheme`, `level-code-unknown`.
    """
    return scheme.level_of_codes(label.level_codes) if label else BOTTOM


def evidence_of(
    sighting: Sighting,
    around: Circumstances,
    scheme: Scheme,
    registry: RegistryFacts | None,
    known_as: str,
    once: Once | None = None,
) -> Evidence:
    """Put together what was seen and what is known."""
    label = sighting.label
    return Evidence(
        now=around.now,
        host=around.host,
        session=around.session,
        composite=around.composite,
        model_approved=around.model_approved,
        label=label,
        label_fault=sighting.label_fault,
        label_level=label_level(label, scheme),
        hardware_matches=label is not None and label.hardware == sighting.hardware.digest().hex(),
        hardware_known_as=known_as if sighting.blank else "",
        write_protected=sighting.unit.write_protected is True,
        registry=registry,
        travel=travel_facts(
            sighting.log, scheme, registry.record_seen if registry else None, registry.left if registry else None
        ),
        once=once,
        maintenance=around.maintenance,
        fingerprint=sighting.fingerprint,
    )
