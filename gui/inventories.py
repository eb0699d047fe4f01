"""Inventories, as the daemon tells them, taken from the bus into frozen values."""

from dataclasses import dataclass
from datetime import datetime

from gui.plain import Untrusted, number, rows_of, text, time_of


@dataclass(frozen=True, slots=True)
class Inventory:
    """One campaign. `state`: open, closed, called-off. `settled`: lost, cleared, destroyed or archived meanwhile."""

    id: str
    title: str
    department: str
    level: str
    state: str
    due: datetime | None
    expected: int
    seen: int
    missing: int
    settled: int


@dataclass(frozen=True, slots=True)
class Running:
    """An inventory that runs, in the summary of a week: whether its day is over, and what each department misses of how many."""

    inventory: Inventory
    overdue: bool
    departments: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """A medium that nobody has shown. `holder` is who answers for it now."""

    medium: str
    number: str
    level: str
    state: str
    department: str
    holder: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What became of a code: the medium, and for which inventories it counted ("" for none)."""

    number: str
    level: str
    holder: str
    department: str
    state: str
    counted: str


def parse_inventory(untrusted: Untrusted) -> Inventory:
    """A row of the inventories."""
    get = untrusted.get
    return Inventory(
        id=text(get("id")),
        title=text(get("title")),
        department=text(get("department")),
        level=text(get("level")),
        state=text(get("state")),
        due=time_of(get("due")),
        expected=number(get("expected")),
        seen=number(get("seen")),
        missing=number(get("missing")),
        settled=number(get("settled")),
    )


def parse_running(untrusted: Untrusted) -> Running:
    """A row of the inventories in a summary."""
    parts = rows_of(untrusted.get("departments"))
    return Running(
        inventory=parse_inventory(untrusted),
        overdue=untrusted.get("overdue") is True,
        departments=tuple(
            (text(p.get("department")), number(p.get("missing")), number(p.get("expected"))) for p in parts
        ),
    )


def parse_missing(untrusted: Untrusted) -> Missing:
    """A row of what is missing."""
    return Missing(**{name: text(untrusted.get(name)) for name in Missing.__dataclass_fields__})


def parse_counted(untrusted: Untrusted) -> Counted:
    """The answer to a code."""
    return Counted(**{name: text(untrusted.get(name)) for name in Counted.__dataclass_fields__})
