"""Who may hold media: holders with their department and clearance, and what happens when one of them leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from guard.core.errors import Hostile, Refused
from guard.core.life import MAX_DEPARTMENT, MAX_HOLDER
from guard.core.medium import showable
from guard.core.options import parse_texts
from guard.core.scheme import Level, Scheme

MAX_ACCOUNT = 32


class PersonState(StrEnum):
    """Where a holder stands. From `leaving` on their media are refused; `left` when a supervisor has signed that all is done."""

    ACTIVE = "active"
    LEAVING = "leaving"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Person:
    """A holder. `name` is what labels and the register say; `account` their login, "" for none; `clearance` None: none known."""

    name: str
    account: str = ""
    department: str = ""
    clearance: Level | None = None
    state: PersonState = PersonState.ACTIVE


def parse_person(untrusted_name: str, untrusted: Mapping[str, object]) -> tuple[str, str, str]:
    """Name, account and department as somebody enters them.

    Raises:
        Hostile: `option-unknown`, `option-type`, `option-too-long`, `holder-missing`.
    """
    limits = {"name": MAX_HOLDER, "account": MAX_ACCOUNT, "department": MAX_DEPARTMENT}
    found = dict.fromkeys(limits, "") | parse_texts({"name": untrusted_name, **untrusted}, limits)
    if not found["name"]:
        raise Hostile("holder-missing")
    return found["name"], found["account"], found["department"]


def check_may_hold(scheme: Scheme, person: Person | None, name: str, level: Level) -> None:
    """Whether a person may be given a medium of this level. Without a clearance on record, only what is of the lowest level.

    Raises:
        Refused: `holder-unknown`, `holder-leaving`, `clearance-missing`, `clearance-too-low`.
    """
    if person is None:
        raise Refused("holder-unknown", holder=showable(name, MAX_HOLDER))
    if person.state is not PersonState.ACTIVE:
        raise Refused("holder-leaving", holder=person.name)
    if scheme.is_lowest(level):
        return
    if person.clearance is None:
        raise Refused("clearance-missing", holder=person.name, level=str(level))
    if not scheme.dominates(person.clearance, level):
        raise Refused("clearance-too-low", holder=person.name, clearance=str(person.clearance), level=str(level))
