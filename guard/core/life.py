"""The life of a medium: its states, and the only steps between them.

The states are those of the field's registers (购置、登记、配发、借用、移交、维修、回收、清除、销毁): each step has its place,
names the people in it and keeps their papers. A step that is not in the table is refused and the allowed ones are named.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from guard.core.errors import Hostile, Refused
from guard.core.medium import showable
from guard.core.options import parse_texts

MAX_HOLDER, MAX_DEPARTMENT, MAX_FORM, MAX_WHY = 64, 64, 64, 500
_DAY = 86_400
_LONGEST_LOAN = 366 * _DAY


class MediumState(StrEnum):
    """Where a medium is in its life."""

    ACQUIRED = "acquired"  # bought or taken over from an older list; no label yet
    REGISTERED = "registered"  # labelled and numbered
    ISSUED = "issued"  # somebody holds it for good
    LENT = "lent"  # somebody holds it until a day
    IN_TRANSFER = "in-transfer"  # offered to another holder, who has not accepted yet
    UNDER_REPAIR = "under-repair"
    RETURNED = "returned"  # back in the cabinet
    REVOKED = "revoked"  # withdrawn from use
    LOST = "lost"
    CLEARED = "cleared"  # overwritten and checked; it carries no label
    DESTROYED = "destroyed"
    ARCHIVED = "archived"  # its papers are closed


class Step(StrEnum):
    """What happens to a medium."""

    ACQUIRE = "acquire"  # it was taken over from an older list
    REGISTER = "register"  # a label was signed for it
    RELABEL = "relabel"  # another label, while it is in use
    ISSUE = "issue"
    LEND = "lend"
    RETURN = "return"
    STOCK = "stock"  # from the cabinet back among those that may be used
    HAND_OVER = "hand-over"  # to another holder, who accepts or declines
    ACCEPT = "accept"
    DECLINE = "decline"
    SEND_TO_REPAIR = "send-to-repair"
    REPAIRED = "repaired"
    WITHDRAW = "withdraw"
    RESTORE = "restore"
    REPORT_LOST = "report-lost"
    FOUND = "found"
    CLEAR = "clear"
    DESTROY = "destroy"
    ARCHIVE = "archive"
    RELEASE = "release"  # its term is over, and it may go to a lower level
    EXTEND = "extend"  # its term ends later


S = MediumState
USABLE = frozenset({S.ACQUIRED, S.REGISTERED, S.ISSUED, S.LENT})  # a label on it may open a port
HELD = frozenset(
    {S.REGISTERED, S.ISSUED, S.LENT, S.IN_TRANSFER, S.UNDER_REPAIR, S.REVOKED, S.LOST}
)  # somebody answers for it
ENDED = frozenset({S.DESTROYED, S.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Way:
    """From which states a step may be taken and where it leads; `to` None: it stays where it is. `needs` are papers.

    `two_people`: only as an order that one person proposed and another confirmed. `by_label`: with a label or an older list.
    `by_receiver`: only by the person it was offered to.
    """

    start: frozenset[MediumState]
    to: MediumState | None
    needs: frozenset[str] = frozenset()
    two_people: bool = False
    by_label: bool = False
    by_receiver: bool = False


_WHO = frozenset({"holder"})
_REVIEWED = USABLE | {S.UNDER_REPAIR, S.RETURNED, S.REVOKED}
WAYS: Mapping[Step, Way] = {
    Step.ACQUIRE: Way(frozenset(), S.ACQUIRED, by_label=True),
    Step.REGISTER: Way(frozenset({S.ACQUIRED, S.RETURNED, S.CLEARED}), S.REGISTERED, by_label=True),
    Step.RELABEL: Way(frozenset({S.REGISTERED, S.ISSUED, S.LENT}), None, by_label=True),
    Step.ISSUE: Way(frozenset({S.REGISTERED, S.RETURNED}), S.ISSUED, _WHO),
    Step.LEND: Way(frozenset({S.REGISTERED, S.RETURNED, S.ISSUED}), S.LENT, _WHO | {"due"}),
    Step.RETURN: Way(frozenset({S.REGISTERED, S.ISSUED, S.LENT}), S.RETURNED),
    Step.STOCK: Way(frozenset({S.RETURNED}), S.REGISTERED),
    Step.HAND_OVER: Way(frozenset({S.REGISTERED, S.ISSUED}), S.IN_TRANSFER, _WHO),
    Step.ACCEPT: Way(frozenset({S.IN_TRANSFER}), S.ISSUED, by_receiver=True),
    Step.DECLINE: Way(frozenset({S.IN_TRANSFER}), S.ISSUED, by_receiver=True),
    Step.SEND_TO_REPAIR: Way(frozenset({S.REGISTERED, S.ISSUED, S.RETURNED}), S.UNDER_REPAIR),
    Step.REPAIRED: Way(frozenset({S.UNDER_REPAIR}), S.RETURNED),
    Step.WITHDRAW: Way(frozenset({S.REGISTERED, S.ISSUED, S.LENT, S.IN_TRANSFER, S.RETURNED}), S.REVOKED),
    Step.RESTORE: Way(frozenset({S.REVOKED}), S.REGISTERED),
    Step.REPORT_LOST: Way(
        frozenset(
            {
                S.ACQUIRED,
                S.REGISTERED,
                S.ISSUED,
                S.LENT,
                S.IN_TRANSFER,
                S.UNDER_REPAIR,
                S.RETURNED,
                S.REVOKED,
                S.CLEARED,
            }
        ),
        S.LOST,
    ),
    Step.FOUND: Way(frozenset({S.LOST}), S.RETURNED),
    Step.CLEAR: Way(frozenset({S.REGISTERED, S.ISSUED, S.RETURNED, S.REVOKED}), S.CLEARED, two_people=True),
    Step.DESTROY: Way(
        frozenset({S.ACQUIRED, S.RETURNED, S.REVOKED, S.CLEARED, S.UNDER_REPAIR}), S.DESTROYED, two_people=True
    ),
    Step.ARCHIVE: Way(frozenset({S.LOST, S.DESTROYED}), S.ARCHIVED),
    Step.RELEASE: Way(_REVIEWED, None, two_people=True),
    Step.EXTEND: Way(_REVIEWED, None, two_people=True),
}


@dataclass(frozen=True, slots=True)
class Papers:
    """What is written down with a step. `due`: when a loan ends, seconds since 1970; `approved_by`, `form`: of the paper."""

    why: str
    approved_by: str = ""
    form: str = ""
    holder: str = ""
    department: str = ""
    due: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Who answers for a medium now. `receiver` while it is offered to somebody; `due` while it is lent."""

    state: MediumState
    holder: str = ""
    department: str = ""
    due: int | None = None
    receiver: str = ""
    receiver_department: str = ""


def allowed(state: MediumState) -> tuple[Step, ...]:
    """The steps that may be taken from here, in the order of the table."""
    return tuple(step for step, way in WAYS.items() if state in way.start)


def stepped(now: Standing, step: Step, papers: Papers, *, ordered: bool = False) -> Standing:
    """The standing after a step. `ordered`: two people have decided it.

    Raises:
        Refused: `step-illegal` naming the allowed steps, `step-two-people`, `step-no-holder`.
        Hostile: `step-needs` naming the missing paper.
    """
    way = WAYS[step]
    if now.state not in way.start:
        steps = ", ".join(allowed(now.state)) or "-"
        raise Refused("step-illegal", step=step, state=now.state, allowed=steps)
    if way.two_people and not ordered:
        raise Refused("step-two-people", step=step)
    for name in sorted(way.needs):
        if not getattr(papers, name):
            raise Hostile("step-needs", step=step, option=name)
    if step is Step.HAND_OVER and not now.holder:
        raise Refused("step-no-holder")
    state = way.to or now.state
    due = now.due if state is MediumState.LENT else None
    after = replace(now, state=state, receiver="", receiver_department="", due=due)
    match step:
        case Step.ISSUE | Step.LEND:
            lent = papers.due if step is Step.LEND else None
            return replace(after, holder=papers.holder, department=papers.department, due=lent)
        case Step.HAND_OVER:
            return replace(after, receiver=papers.holder, receiver_department=papers.department)
        case Step.ACCEPT:
            return replace(after, holder=now.receiver, department=now.receiver_department)
    return after


def parse_step(untrusted: str) -> Step:
    """A step by its name, of those that are taken by saying so.

    Raises:
        Hostile: `step-unknown`.
    """
    known = [step for step, way in WAYS.items() if not way.by_label and not way.by_receiver]
    if untrusted not in known:
        raise Hostile("step-unknown", step=showable(untrusted, 32), known=", ".join(known))
    return Step(untrusted)


def parse_papers(untrusted: Mapping[str, object], now: int) -> Papers:
    """Take what a caller writes down: why (needed), approved_by, form, holder, department, due ("30d" or a date).

    Raises:
        Hostile: `option-unknown`, `option-type`, `option-too-long`, `why-missing`, `due-invalid`.
    """
    limits = {"why": MAX_WHY, "approved_by": MAX_HOLDER, "form": MAX_FORM, "holder": MAX_HOLDER}
    limits |= {"department": MAX_DEPARTMENT, "due": 32}
    found = dict.fromkeys(limits, "") | parse_texts(untrusted, limits)
    if not found["why"]:
        raise Hostile("why-missing")
    due = parse_due(found.pop("due"), now)
    return Papers(**found, due=due)


def parse_due(text: str, now: int) -> int | None:
    """The end of a loan, at most a year away; None for "".

    Raises:
        Hostile: `due-invalid`.
    """
    if not text:
        return None
    if days := re.fullmatch(r"(\d{1,3})d", text):
        end = now + int(days[1]) * _DAY
    else:
        try:
            day = datetime.fromisoformat(text)
        except ValueError:
            raise Hostile("due-invalid", due=text) from None
        end = int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp())
    if not now < end <= now + _LONGEST_LOAN:
        raise Hostile("due-invalid", due=text)
    return end
