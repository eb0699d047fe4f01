"""Everything a decision may look at, frozen; and nothing else may be looked at."""

from dataclasses import dataclass
from enum import StrEnum

from guard.core.label import Label
from guard.core.scheme import BOTTOM, Level
from guard.core.verdict import Access


class SessionState(StrEnum):
    """Who sits at this computer: an unlocked local session, a locked one, none; or nobody has to."""

    ACTIVE = "active"
    LOCKED = "locked"
    ABSENT = "absent"
    NOT_REQUIRED = "not-required"


class MediumState(StrEnum):
    """Where a registered medium is in its life."""

    REGISTERED = "registered"
    REVOKED = "revoked"
    LOST = "lost"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class HostFacts:
    """This computer: its opaque ids, the level of its network, and what it does with media that carry no label."""

    host_id: str
    network_id: str
    network_name: str
    level: Level
    unregistered: Access = Access.REFUSED
    personal_allowed: bool = False


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """What this host's registry knows of the medium id on the label (or, without label, of the hardware)."""

    state: MediumState = MediumState.REGISTERED
    generation_seen: int = 0
    record_seen: tuple[int, str] | None = None  # sequence and hash of the newest travel record seen here
    high_water: Level = BOTTOM
    inspection_due: int | None = None
    holder_departed: bool = False


@dataclass(frozen=True, slots=True)
class TravelFacts:
    """What the travel log on the medium says, verified.

    `fault` is the code of a broken log ("" if sound); `high_water` joins the levels of all hosts where it was read-write;
    `known_record_present` is None when there is nothing to compare.
    """

    fault: str = ""
    newest_sequence: int = 0
    high_water: Level = BOTTOM
    known_record_present: bool | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole input of `guard.core.policy.decide`.

    `device_fault` and `label_fault` are error codes ("" if none); with `device_fault` nothing was read. `composite` names the
    other functions of a device that is more than storage. `hardware_known_as` is the number of a registered medium with
    the same hardware when the medium carries no label.
    """

    now: int
    host: HostFacts
    session: SessionState
    device_fault: str = ""
    composite: tuple[str, ...] = ()
    model_approved: bool = False
    label: Label | None = None
    label_fault: str = ""
    label_level: Level = BOTTOM
    hardware_matches: bool = False
    hardware_known_as: str = ""
    write_protected: bool = False
    registry: RegistryFacts | None = None
    travel: TravelFacts = TravelFacts()
