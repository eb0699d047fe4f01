"""The classification of a medium: a level from a day until an end, which is a day, a condition or both; and what its end allows.

Source of the rules: CN-6 (without a term it is the longest of the level, 30, 20 or 10 years, counted from the marked day), CN-7 (a
changed level or term: the old mark stays in the history, cancelled). By the law a secret whose term is over is one no longer; a
medium holds more than one, so nothing is released here before two people have looked, and never below what it has held besides.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from guard.core.errors import Hostile, Refused
from guard.core.options import parse_texts
from guard.core.request import parse_term
from guard.core.scheme import Level, Scheme

MAX_CONDITION = 64
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Classification:
    """`dated` and `ends` in seconds since 1970, `ends` None for no end; `condition` in words, "" for none."""

    level: Level
    dated: int
    ends: int | None
    condition: str = ""


class Phase(StrEnum):
    """Where a classification is. `condition`: no day has come, but somebody has to see whether the condition has come true."""

    RUNNING = "running"
    ENDING = "ending"
    OVER = "over"
    CONDITION = "condition"


def phase(found: Classification, warn_days: int, now: int) -> Phase:
    """Over at its end and not before; ending so many days ahead."""
    if found.ends is not None and now >= found.ends:
        return Phase.OVER
    if found.ends is not None and now >= found.ends - warn_days * _DAY:
        return Phase.ENDING
    return Phase.CONDITION if found.condition else Phase.RUNNING


def first_end(*ends: int | None) -> int | None:
    """The first of several ends; None where there is none."""
    return min((end for end in ends if end is not None), default=None)


def parse_classification(
    untrusted: Mapping[str, object], before: Classification, scheme: Scheme, now: int
) -> Classification:
    """Another date, term or condition for a medium; what is left out stays, and without a term a new date means the longest.

    Raises:
        Hostile: `option-...`, `classification-nothing`, `classification-date`, `term-invalid`.
    """
    found = parse_texts(untrusted, {"dated": 32, "term": 32, "condition": MAX_CONDITION})
    if not found:
        raise Hostile("classification-nothing")
    dated = _date(found["dated"], now) if found.get("dated") else before.dated
    ends = before.ends
    if "term" in found or "dated" in found:
        ends = parse_term(found.get("term", ""), before.level, scheme, dated)
    return Classification(before.level, dated, ends, found.get("condition", before.condition))


def check_not_longer(before: Classification, after: Classification) -> None:
    """One person alone may only let a classification end sooner.

    Raises:
        Refused: `term-longer`.
    """
    if before.ends is not None and (after.ends is None or after.ends > before.ends):
        raise Refused("term-longer")


def may_release(scheme: Scheme, level: Level, held: Level) -> bool:
    """Whether the end of a medium's own term says anything about what is on it: not where it has held something else or higher."""
    return scheme.dominates(level, held)


def check_release(scheme: Scheme, found: Classification, held: Level, target: Level, now: int) -> None:
    """Whether two people may release a medium to a lower level now. `held` is the highest that it has held.

    Raises:
        Refused: `review-early`, `review-high-water`, `review-not-lower`.
    """
    if phase(found, 0, now) not in (Phase.OVER, Phase.CONDITION):
        raise Refused("review-early")
    if not may_release(scheme, found.level, held):
        raise Refused("review-high-water", held=str(held), level=str(found.level))
    if target == found.level or not scheme.dominates(found.level, target):
        raise Refused("review-not-lower", level=str(found.level), wanted=str(target))


def check_extend(found: Classification, ends: int | None) -> None:
    """Whether an order to extend says something.

    Raises:
        Refused: `review-not-longer`.
    """
    if found.ends is None or (ends is not None and ends <= found.ends):
        raise Refused("review-not-longer")


def _date(text: str, now: int) -> int:
    try:
        day = datetime.fromisoformat(text)
    except ValueError:
        raise Hostile("classification-date", date=text) from None
    found = int((day if day.tzinfo else day.replace(tzinfo=UTC)).timestamp())
    if not 0 < found <= now:
        raise Hostile("classification-date", date=text)
    return found
