"""What a holder is reminded of in time: giving back, showing, renewing, and clearing what has held classified files for long.

Source of the rule for clearing: 及时清理, files are taken off a medium once they are where they were carried to. A reminder
never changes a verdict.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from guard.core.life import USABLE, MediumState
from guard.core.settings import ReminderSettings

_DAY = 86_400


class About(StrEnum):
    """What it is about."""

    LOAN = "loan"
    INSPECTION = "inspection"
    TERM = "term"
    CLEARING = "clearing"


@dataclass(frozen=True, slots=True)
class Holding:
    """A medium as its holder has it. Times are seconds since 1970, None for none.

    `files_since`: since when it was never seen without files; `lowest`: what it has held is of the lowest level.
    """

    medium: str
    number: str
    state: MediumState
    lowest: bool
    due: int | None = None
    inspection_due: int | None = None
    ends: int | None = None
    files_since: int | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing to do until `at`; `late` when that has passed."""

    about: About
    medium: str
    number: str
    at: int
    late: bool


def reminders(holdings: Iterable[Holding], policy: ReminderSettings, now: int) -> tuple[Reminder, ...]:
    """What is due soon or late, the most urgent first. A span of 0 days turns one kind off."""
    found = []
    for one in holdings:
        if one.state not in USABLE:
            continue
        lent = one.due if one.state is MediumState.LENT else None
        cleared = None
        if one.files_since is not None and not one.lowest:
            cleared = one.files_since + policy.clearing_days * _DAY
        for about, at, days, ahead in (
            (About.LOAN, lent, policy.loan_days, policy.loan_days),
            (About.INSPECTION, one.inspection_due, policy.inspection_days, policy.inspection_days),
            (About.TERM, one.ends, policy.term_days, policy.term_days),
            (About.CLEARING, cleared, policy.clearing_days, 0),
        ):
            if at is not None and days and now >= at - ahead * _DAY:
                found.append(Reminder(about, one.medium, one.number, at, now >= at))
    return tuple(sorted(found, key=lambda reminder: (reminder.at, reminder.number, reminder.about)))
