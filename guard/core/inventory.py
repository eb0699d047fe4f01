"""An inventory (清查): which media must be shown until a day, and what counts as having been shown.

Source of the rule: CN-19, media are counted and checked regularly, and what is missing is followed up. The media of a campaign are
those of the register as it stood when the campaign began. Until its day a medium counts as seen when it is plugged in; from
then on it is refused, and somebody who may decide has to have it in hand: plugging it in once more would excuse anything.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from guard.core.errors import Hostile
from guard.core.life import MAX_DEPARTMENT, MediumState
from guard.core.medium import showable
from guard.core.options import parse_texts
from guard.core.request import MAX_NUMBER
from guard.core.scheme import Level, Scheme

MAX_TITLE, MAX_CODE = 80, 512
_DAY = 86_400
_LONGEST = 366 * _DAY
_IDENT = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
# Nobody can show what was lost, wiped or destroyed; those have papers of their own.
SETTLED = frozenset({MediumState.LOST, MediumState.CLEARED, MediumState.DESTROYED, MediumState.ARCHIVED})
COUNTED = frozenset(MediumState) - SETTLED


class CampaignState(StrEnum):
    """`closed`: what is missing is still owed. `called-off`: nothing is owed for it any more."""

    OPEN = "open"
    CLOSED = "closed"
    CALLED_OFF = "called-off"


class Shown(StrEnum):
    """How a medium was seen."""

    PLUGGED = "plugged"
    SCANNED = "scanned"  # by somebody who may decide, who had it in hand
    REGISTERED = "registered"  # its label was written anew meanwhile


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is wanted. `due`: until when, seconds since 1970; `department` "" and `level` None: whatever it is."""

    title: str
    due: int
    department: str = ""
    level: Level | None = None

    def covers(self, scheme: Scheme, state: MediumState, department: str, held: Level) -> bool:
        """Whether a medium belongs to it; `held` is the highest that it has held. A level means that one and all above."""
        if state not in COUNTED or (self.department and department.casefold() != self.department.casefold()):
            return False
        return self.level is None or scheme.dominates(held, self.level)


@dataclass(frozen=True, slots=True)
class Duty:
    """What one medium owes to one campaign."""

    due: int
    state: CampaignState
    seen: bool

    @property
    def owed(self) -> bool:
        """It still has to be shown."""
        return not self.seen and self.state is not CampaignState.CALLED_OFF

    def settled_by(self, how: Shown, now: int) -> bool:
        """Whether showing it now and so is enough."""
        return self.owed and (how is not Shown.PLUGGED or (self.state is CampaignState.OPEN and now < self.due))


def inspection_due(duties: Iterable[Duty]) -> int | None:
    """Until when a medium has to be shown: the first day that is owed; None for none."""
    return min((duty.due for duty in duties if duty.owed), default=None)


def parse_campaign(title: str, untrusted: Mapping[str, object], scheme: Scheme, now: int) -> Campaign:
    """Take what somebody wants to have counted: title and due (needed), department, level.

    Raises:
        Hostile: `option-unknown`, `option-type`, `option-too-long`, `inventory-title`, `inventory-due`, `level-unknown`.
    """
    limits = {"title": MAX_TITLE, "due": 32, "department": MAX_DEPARTMENT, "level": 128}
    found = dict.fromkeys(limits, "") | parse_texts({**untrusted, "title": title}, limits)
    if not found["title"]:
        raise Hostile("inventory-title")
    level = scheme.level(found["level"]) if found["level"] else None
    return Campaign(found["title"], _due(found["due"], now), found["department"], level)


def parse_code(untrusted: str) -> tuple[str, str]:
    """What stands on a sticker, as a scanner or a person types it: the id in it, else a number; one of the two is "".

    Raises:
        Hostile: `option-too-long`, `sticker-missing`.
    """
    if len(untrusted) > MAX_CODE:
        raise Hostile("option-too-long", option="code", limit=MAX_CODE)
    if found := _IDENT.search(untrusted.casefold()):
        return found[0], ""
    number = showable(untrusted, MAX_NUMBER)
    if not number:
        raise Hostile("sticker-missing")
    return "", number


def _due(text: str, now: int) -> int:
    """The end of a day, at most a year away: a day that is named counts whole."""
    if days := re.fullmatch(r"(\d{1,3})d", text):
        end = now + int(days[1]) * _DAY
    else:
        try:
            day = datetime.fromisoformat(text)
        except ValueError:
            raise Hostile("inventory-due", due=text) from None
        end = int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp()) + (_DAY - 1 if len(text) <= 10 else 0)
    if not now < end <= now + _LONGEST:
        raise Hostile("inventory-due", due=text)
    return end
