"""Everything a decision may look at, frozen; and nothing else may be looked at."""

from dataclasses import dataclass
from enum import StrEnum

from guard.core.fingerprint import Fingerprint
from guard.core.label import Label
from guard.core.life import MediumState
from guard.core.scheme import BOTTOM, Level
from guard.core.verdict import Access


class SessionState(StrEnum):
    """Who sits at this computer: an unlocked local session, a locked one, none; or nobody has to."""

    ACTIVE = "active"
    LOCKED = "locked"
    ABSENT = "absent"
    NOT_REQUIRED = "not-required"


@dataclass(frozen=True, slots=True)
class HostFacts:
    """This computer: its opaque ids, the level of its network, and what it does with media that carry no label."""

    host_id: str
    network_id: str
    network_name: str
    level: Level
    unregistered: Access = Access.REFUSED
    personal_allowed: bool = False
    changed_elsewhere: Access = Access.READ_WRITE
    inspection_overdue: Access = Access.REFUSED


@dataclass(frozen=True, slots=True)
class Left:
    """How a medium looked when it last left this host in order; `record` is the hash of its newest travel record then."""

    fingerprint: Fingerprint
    at: int
    record: str


@dataclass(frozen=True, slots=True)
class RegistryFacts:
    """What this host's registry knows of the medium id on the label (or, without label, of the hardware)."""

    state: MediumState = MediumState.REGISTERED
    generation_seen: int = 0
    record_seen: tuple[int, str] | None = None  # sequence and hash of the newest travel record seen here
    high_water: Level = BOTTOM
    inspection_due: int | None = None
    holder_departed: bool = False
    holder: str = ""
    due: int | None = None  # when a loan ends
    ends: int | None = None  # when the classification ends, by the register
    receiver: str = ""
    left: Left | None = None


@dataclass(frozen=True, slots=True)
class TravelFacts:
    """What the travel log on the medium says, verified.

    `fault` is the code of a broken log ("" if sound); `high_water` joins the levels of all hosts where it was read-write;
    `known_record_present` is None when there is nothing to compare.
    `left` is the fingerprint at the newest safe removal, `left_at` its time (an hour, where a record tells of it), "" if the medium
    was read-write anywhere since.
    """

    fault: str = ""
    newest_sequence: int = 0
    high_water: Level = BOTTOM
    known_record_present: bool | None = None
    left: str = ""
    left_at: int = 0


@dataclass(frozen=True, slots=True)
class Once:
    """An admin's decision to let exactly this medium in for the rest of this stay; no label is written for it."""

    access: Access  # read-only, or read-write as far as the host allows that
    by: str
    request: str


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A window that an admin opened to work on this computer: media without a label may be read. `until` in seconds since 1970."""

    by: str
    until: int
    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole input of `guard.core.policy.decide`.

    `device_fault` and `label_fault` are error codes ("" if none); with `device_fault` nothing was read. `composite` names the
    other functions of a device that is more than storage. `hardware_known_as` is the number of a registered medium with the
    same hardware when the medium carries no label. `fingerprint` is taken now, None where there is none to compare. `once` is
    there only while the medium is exactly what was decided about.
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
    fingerprint: Fingerprint | None = None
    once: Once | None = None
    maintenance: Maintenance | None = None
