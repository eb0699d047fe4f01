"""The weekly summary: what came, what was refused and by which rule, what is open or overdue, incidents."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from guard.core.errors import Hostile
from guard.core.rulebook import categories_of
from guard.core.scheme import Level
from guard.core.verdict import OBSERVED
from guard.parts import Parts
from guard.store.database import Database
from guard.store.queries import iso
from guard.store.weekly import weekly
from guard.verbs import Caller
from guard.words import explain_reason
from guard.words.cites import cited

Options = Mapping[str, object]
WEEK, LONGEST = 7 * 86_400, 366 * 86_400


@dataclass(frozen=True, slots=True)
class Summing:
    """The verb about a week."""

    parts: Parts
    database: Database

    async def summary(self, caller: Caller, period: Options, options: Options) -> dict[str, object]:
        """The last seven days, or another stretch of at most a year, in the caller's language."""
        now = self.parts.clock()
        since, until = _bounds(period, now)
        week = await weekly(self.database, since, until, now, self.parts.identity.networks)
        total, refused = week.visits.total(), week.visits["refused"] + week.visits[OBSERVED]
        return {
            "since": iso(since),
            "until": iso(until),
            "visits": {"total": total, "media": len(week.media), **_numbers(week.visits)},
            "refused": self._by_rule(week.rules, caller) if refused else [],
            "incidents": week.incidents,
            "alarms": week.alarms,
            "crossings": _numbers(week.directions),
            "ways": [
                {"from_network": before, "to_network": after, "verdict": verdict, "count": count}
                for (before, after, verdict), count in sorted(week.pairs.items(), key=lambda item: (-item[1], item[0]))
            ],
            "steps": _numbers(week.steps),
            "requests": week.requests,
            "waiting": week.waiting,
            "inventories": week.inventories,
            "overdue": week.overdue,
            "late": _numbers(week.late),
        }

    def _by_rule(self, rules: Counter[tuple[str, str]], caller: Caller) -> list[dict[str, object]]:
        """The most frequent first; one line for each rule and what it cites."""
        scheme, found = self.parts.scheme, Counter[tuple[str, str]]()
        host = categories_of(scheme, self.parts.host.level)
        for (rule, level), count in rules.items():
            medium = categories_of(scheme, Level(tuple(level.split("+"))))
            found[rule, cited(*self.parts.rulebook.behind(rule, medium, host), caller.language)] += count
        ranked = sorted(found.items(), key=lambda item: (-item[1], item[0]))
        return [
            {"rule": rule, "why": explain_reason(rule, {}, caller.language).why, "cites": cites, "count": count}
            for (rule, cites), count in ranked
        ]


def _numbers(counter: Counter[str]) -> dict[str, object]:
    return dict(sorted(counter.items()))


def _bounds(period: Options, now: int) -> tuple[int, int]:
    bounds = {"since": now - WEEK, "until": now + 1}
    for name, value in period.items():
        if name not in bounds:
            raise Hostile("option-unknown", option=name[:32])
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 40:
            raise Hostile("option-type", option=name)
        bounds[name] = value
    if not 0 < bounds["until"] - bounds["since"] <= LONGEST:
        raise Hostile("period-invalid", days=LONGEST // 86_400)
    return bounds["since"], bounds["until"]
