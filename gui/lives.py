"""The life of media, as the daemon tells it, taken from the bus into frozen values."""

from dataclasses import dataclass
from datetime import datetime

from gui.plain import Untrusted, number, text, time_of


@dataclass(frozen=True, slots=True)
class StepTaken:
    """A step in the life of a medium. `approved_by` and `form` as on the paper form; levels where a label changed them."""

    medium: str
    at: datetime | None
    step: str
    before: str
    after: str
    by: str
    approved_by: str
    form: str
    why: str
    holder: str
    department: str
    due: datetime | None
    level_before: str
    level: str


@dataclass(frozen=True, slots=True)
class Holder:
    """Who may hold media. `state`: active, leaving, left. `clearance` "": none. `holds`: how many they answer for."""

    name: str
    department: str
    clearance: str
    state: str
    holds: int


@dataclass(frozen=True, slots=True)
class Order:
    """What two people decide. `kind`: clear, destroy, lower. `state`: proposed, confirmed, declined, done."""

    id: str
    kind: str
    medium: str
    level: str
    state: str
    why: str
    proposed_by: str
    confirmed_by: str
    expires: datetime | None


def parse_holder(untrusted: Untrusted) -> Holder:
    """A row of the people."""
    get = untrusted.get
    return Holder(
        name=text(get("name")),
        department=text(get("department")),
        clearance=text(get("clearance")),
        state=text(get("state")),
        holds=number(get("holds")),
    )


def parse_order(untrusted: Untrusted) -> Order:
    """A row of the orders."""
    get = untrusted.get
    return Order(
        id=text(get("id")),
        kind=text(get("kind")),
        medium=text(get("medium")),
        level=text(get("level")),
        state=text(get("state")),
        why=text(get("why")),
        proposed_by=text(get("proposed_by")),
        confirmed_by=text(get("confirmed_by")),
        expires=time_of(get("expires")),
    )


def parse_step(untrusted: Untrusted) -> StepTaken:
    """A row of the history."""
    get = untrusted.get
    return StepTaken(
        medium=text(get("medium")),
        at=time_of(get("at")),
        step=text(get("step")),
        before=text(get("before")),
        after=text(get("after")),
        by=text(get("by")),
        approved_by=text(get("approved_by")),
        form=text(get("form")),
        why=text(get("why")),
        holder=text(get("holder")),
        department=text(get("department")),
        due=time_of(get("due")),
        level_before=text(get("level_before")),
        level=text(get("level")),
    )
