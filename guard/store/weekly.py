"""What happened in a stretch of time, counted: visits by verdict and rule, incidents, crossings, steps; what is open, overdue.

A visit's row is written when it arrives, so rows lie in the order of time: they are read from the newest down until one is older
than asked for. Nothing here needs an index of its own, and nothing is kept.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, desc, func, select

from guard.core.inventory import CampaignState
from guard.core.life import MediumState
from guard.core.verdict import OBSERVED
from guard.store.database import Database
from guard.store.inventory import counts_by, told_counts
from guard.store.inventory_tables import campaigns, inspections
from guard.store.queries import iso
from guard.store.tables import crossings, media, requests, steps, visits

MOST = 50  # rows of each list; the counts are of all
_IN_USE = (MediumState.REGISTERED, MediumState.ISSUED, MediumState.LENT, MediumState.IN_TRANSFER)
_SLACK = 86_400  # a clock that was set back: rows may be out of order by so many seconds


@dataclass(slots=True)
class Week:
    """Counts and lists; `rules` counts refused visits by rule and level of the medium, `pairs` crossings by networks.

    `inventories` are those that run, each with the departments where something is missing.
    """

    visits: Counter[str] = field(default_factory=Counter)
    media: set[str] = field(default_factory=set)
    rules: Counter[tuple[str, str]] = field(default_factory=Counter)
    incidents: list[dict[str, object]] = field(default_factory=list)
    alarms: int = 0
    directions: Counter[str] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    requests: list[dict[str, object]] = field(default_factory=list)
    waiting: int = 0
    inventories: list[dict[str, object]] = field(default_factory=list)
    overdue: list[dict[str, object]] = field(default_factory=list)
    late: Counter[str] = field(default_factory=Counter)


async def weekly(database: Database, since: int, until: int, now: int, networks: Mapping[str, str]) -> Week:
    """Everything from `since` (inclusive) to `until` (exclusive), seconds since 1970; what is open, runs or is overdue as of `now`.

    Raises:
        Broken: `registry-...`.
    """

    def run(connection: Connection) -> Week:
        week = Week()
        _visits(connection, since, until, week)
        _crossings(connection, since, until, networks, week)
        _steps(connection, since, until, week)
        _requests(connection, now, week)
        _inventories(connection, now, week)
        _overdue(connection, now, week)
        return week

    return await database.read(run)


def _visits(connection: Connection, since: int, until: int, week: Week) -> None:
    columns = (visits.c.id, visits.c.medium, visits.c.arrived, visits.c.verdict, visits.c.severity, visits.c.reasons)
    query = select(*columns, visits.c.user, visits.c.level).order_by(desc(visits.c.seq))
    for row in connection.execution_options(yield_per=500).execute(query):
        if row.arrived < since - _SLACK:
            break
        if not since <= row.arrived < until:
            continue
        rules = [rule for rule, _ in json.loads(row.reasons)]
        observed = OBSERVED in rules  # it opened, and would not have
        week.visits[OBSERVED if observed else row.verdict] += 1
        if row.medium:
            week.media.add(row.medium)
        if observed:
            rules.remove(OBSERVED)
        if observed or row.verdict == "refused":
            week.rules.update((rule, row.level) for rule in dict.fromkeys(rules))
        if row.severity == "alarm":
            week.alarms += 1
            if len(week.incidents) < MOST:
                told = {"visit": row.id, "medium": row.medium, "at": iso(row.arrived), "user": row.user, "rules": rules}
                week.incidents.append(told)


def _crossings(connection: Connection, since: int, until: int, networks: Mapping[str, str], week: Week) -> None:
    c = crossings.c
    query = select(c.direction, c.from_network, c.to_network, c.verdict, func.count().label("times"))
    query = query.where(c.at >= since, c.at < until)
    for row in connection.execute(query.group_by(c.direction, c.from_network, c.to_network, c.verdict)):
        week.directions[row.direction] += row.times
        pair = (networks.get(row.from_network, row.from_network), networks.get(row.to_network, row.to_network))
        week.pairs[*pair, row.verdict] += row.times


def _steps(connection: Connection, since: int, until: int, week: Week) -> None:
    query = select(steps.c.at, steps.c.step).order_by(desc(steps.c.seq))
    for row in connection.execution_options(yield_per=500).execute(query):
        if row.at < since - _SLACK:
            break
        if since <= row.at < until:
            week.steps[row.step] += 1


def _requests(connection: Connection, now: int, week: Week) -> None:
    r = requests.c
    query = select(r.id, r.requester, r.purpose, r.filed).where(r.state == "open", r.expires > now)
    week.waiting = connection.execute(select(func.count()).select_from(query.subquery())).scalar_one()
    for row in connection.execute(query.order_by(r.seq).limit(MOST)):
        told = {"id": row.id, "requester": row.requester, "purpose": row.purpose, "filed": iso(row.filed)}
        week.requests.append(told)


def _inventories(connection: Connection, now: int, week: Week) -> None:
    """Those that run, the first due first; of each the departments that miss something, the most first."""
    query = select(campaigns).where(campaigns.c.state == CampaignState.OPEN).order_by(campaigns.c.due, campaigns.c.seq)
    running = list(connection.execute(query.limit(MOST)))
    by = (inspections.c.campaign, inspections.c.department)
    counts = counts_by(*by).where(inspections.c.campaign.in_([row.seq for row in running])).group_by(*by)
    found = [(row[0], {"department": row[1], **told_counts(row)}) for row in connection.execute(counts.order_by(*by))]
    for row in running:
        departments = [told for campaign, told in found if campaign == row.seq]
        totals = {name: sum(told[name] for told in departments) for name in ("expected", "seen", "missing", "settled")}
        missing = sorted((told for told in departments if told["missing"]), key=lambda told: -told["missing"])
        told = {"id": row.id, "title": row.title, "department": row.department, "level": row.level, "due": iso(row.due)}
        over = {"overdue": row.due <= now, "departments": missing[:MOST]}
        week.inventories.append({**told, **totals, **over})


def _overdue(connection: Connection, now: int, week: Week) -> None:
    """Loans, inspections and terms that are over, of media that are in use; the longest over first."""
    m = media.c
    for why, column, states in (
        ("loan-over", m.due, (MediumState.LENT,)),
        ("inspection-overdue", m.inspection_due, _IN_USE),
        ("term-over", m.expires, _IN_USE),
    ):
        found = select(m.id, m.number, m.holder, m.department, column.label("since"))
        found = found.where(m.state.in_([str(state) for state in states]), column.is_not(None), column <= now)
        week.late[why] = connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
        for row in connection.execute(found.order_by(column, m.id).limit(MOST)):
            names = ("id", "number", "holder", "department")
            week.overdue.append({"why": why, "since": iso(row.since), **{name: getattr(row, name) for name in names}})
