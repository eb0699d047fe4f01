"""Listings, newest first, with exactly the keys that scripts rely on. Times are ISO 8601 in UTC."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, desc, or_, select, text

from guard.core.errors import Hostile
from guard.core.life import MediumState, allowed
from guard.store.database import Database
from guard.store.file_tables import visit_files
from guard.store.naming import Own, begins, held_by, numbered
from guard.store.searching import among_all, among_newest
from guard.store.tables import journal, media, people, requests, visits
from guard.store.travel import Line, newest, stops

MAX_LIMIT = 1000
Listing = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows: at most `limit`, older than `before` (a sequence number; 0 for the newest), of one user or of all.

    `holder` is a name or an account, `search` a part of number, holder, department or serial number, `named` the beginning of an
    id or a medium's number. With `past` (an id) media come by id, those after it. With `after` (a sequence number) the rows newer
    than that, oldest first, so that nothing is missed between two pages.
    """

    limit: int = 100
    before: int = 0
    uid: int | None = None
    medium: str = ""
    severity: str = ""
    state: str = ""
    kind: str = ""
    subject: str = ""
    holder: str = ""
    search: str = ""
    named: str = ""
    past: str | None = None
    after: int | None = None
    raw: bool = False


def iso(seconds: int | None) -> str:
    """ISO 8601 with Z; "" for None."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_page(untrusted: Mapping[str, object], uid: int | None) -> Page:
    """Take the options of a listing.

    Raises:
        Hostile: `option-unknown`, `option-type`.
    """
    numbers = {"limit": 100, "before": 0, "after": -1}
    texts = dict.fromkeys(("medium", "severity", "state", "kind", "subject", "holder", "search", "named", "past"), "")
    raw = untrusted.get("raw", False) is True
    for key, value in untrusted.items():
        if key in numbers and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53:
            numbers[key] = value
        elif key in texts and isinstance(value, str) and len(value) <= 64:
            texts[key] = value
        elif key != "raw" or not isinstance(value, bool):
            raise Hostile(
                "option-type" if key == "raw" or key in numbers or key in texts else "option-unknown", option=key[:32]
            )
    after = numbers["after"] if "after" in untrusted else None
    last = texts.pop("past")
    past = last if "past" in untrusted else None
    return Page(
        max(1, min(numbers["limit"], MAX_LIMIT)), numbers["before"], uid, after=after, raw=raw, past=past, **texts
    )


class Queries:
    """The read side; runs beside the writer."""

    def __init__(self, database: Database, networks: Mapping[str, str]) -> None:
        """`networks` maps opaque ids to the names known at this host."""
        self._database, self._networks = database, networks

    async def media(self, page: Page, present: frozenset[str], own: Own | None = None) -> Listing:
        """All media known here, or somebody's own; `present` are the ids that are plugged in now."""
        query = select(media).limit(page.limit)
        if page.past is None:
            query = query.order_by(desc(media.c.since), desc(media.c.id))
        else:
            query = query.where(media.c.id > page.past).order_by(media.c.id)
        if page.state:
            query = query.where(media.c.state == page.state)
        if page.medium:
            query = query.where(media.c.id == page.medium)
        if page.named:
            query = query.where(or_(begins(media.c.id, page.named), numbered(page.named)))
        if own is not None:
            query = query.where(own.among())
        if page.holder:
            query = query.where(held_by(await self._known_as(page.holder)))
        return [self._medium(row, present) for row in await self._searched(query, page)]

    async def _known_as(self, name: str) -> set[str]:
        """The names and accounts of a holder, by one of them."""
        key = name.casefold()
        rows = await self._rows(
            select(people.c.name, people.c.account).where(or_(people.c.key == key, people.c.account == key))
        )
        return {name, *(row.name for row in rows), *(row.account for row in rows if row.account)}

    async def _searched(self, query: Select[tuple[object, ...]], page: Page) -> list[Row[tuple[object, ...]]]:
        """With a search the newest rows alone where they are enough, which is so for whatever is frequent."""
        if not page.search:
            return await self._rows(query)
        if query.whereclause is None:
            rows = await self._rows(among_newest(page.search).limit(page.limit))
            if len(rows) == page.limit:
                return rows
            query = query.order_by(None).order_by(text("+media.since DESC"), desc(media.c.id))  # by rowid, then sorted
        return await self._rows(query.where(among_all(page.search)))

    def _medium(self, row: Row[Any], present: frozenset[str]) -> dict[str, object]:
        return {
            "id": row.id,
            "number": row.number,
            "level": row.level,
            "kind": row.kind,
            "networks": [self._network(ident) for ident in json.loads(row.networks)],
            "holder": row.holder,
            "department": row.department,
            "receiver": row.receiver,
            "due": iso(row.due),
            "serial": row.serial,
            "state": row.state,
            "steps": [str(step) for step in allowed(MediumState(row.state))],
            "effective_level": row.high_water,
            "access": "read-only" if row.read_only else "read-write",
            "present": row.id in present,
            "expires": iso(row.expires),
            "dated": iso(row.dated),
            "ends": iso(row.ends),
            "condition": row.condition,
            "inspection_due": iso(row.inspection_due),
            "since": iso(row.since),
            "generation": row.generation,
        }

    async def visits(self, page: Page) -> Listing:
        """Visits at this host."""
        query = _paged(with_files(select(visits, *FILES), visits.c.id), visits, page)
        if page.uid is not None:
            query = query.where(visits.c.uid == page.uid)
        if page.medium:
            query = query.where(visits.c.medium == page.medium)
        if page.named:
            query = query.where(begins(visits.c.id, page.named))
        if page.severity:
            query = query.where(visits.c.severity == page.severity)
        return [
            {
                "id": row.id,
                "medium": row.medium,
                "interface": row.interface,
                "disk": row.disk,
                "arrived": iso(row.arrived),
                "left": iso(row.left),
                "verdict": row.verdict,
                "reasons": [rule for rule, _ in json.loads(row.reasons)],
                "severity": row.severity,
                "user": row.user,
                "network": self._network(row.network),
                "files": files_of(row),
                "seq": row.seq,
            }
            for row in await self._rows(query)
        ]

    async def visit(self, ident: str) -> dict[str, object] | None:
        """One visit with the facts of its reasons and findings, what was seen now and `before`; None if there is none."""
        rows = await self._rows(with_files(select(visits, *FILES), visits.c.id).where(visits.c.id == ident))
        if not rows:
            return None
        row = rows[0]
        earlier = select(visits).where(visits.c.medium == row.medium, visits.c.seq < row.seq)
        before = await self._rows(earlier.order_by(desc(visits.c.seq)).limit(1)) if row.medium else []
        return {
            "id": row.id,
            "medium": row.medium,
            "before": json.loads(before[0].seen) if before else {},
            "verdict": row.verdict,
            "uid": row.uid,
            "arrived": iso(row.arrived),
            "left": iso(row.left),
            "reasons": json.loads(row.reasons),
            "seen": json.loads(row.seen),
            "files": files_of(row),
            "findings": json.loads(row.findings or "[]"),
        }

    async def travel(self, page: Page, here: str) -> Listing:
        """Where a medium has been, one row for each visit; `here` is this host's id while the medium is in one of its ports."""
        lines = await self._database.read(lambda c: newest(c, page.medium, 2 * page.limit, page.before))
        return [self._stop(page.medium, *stop) for stop in stops(lines, here)][: page.limit]

    def _stop(self, medium: str, arrival: Line | None, removal: Line | None, end: str) -> dict[str, object]:
        last = removal or arrival
        first = arrival or removal
        assert first is not None
        assert last is not None
        return {
            "medium": medium,
            "sequence": first.sequence,
            "host": first.host,
            "network": "sealed" if first.box and not first.network else self._network(first.network),
            "level": first.level,
            "arrived": iso(arrival.hour) if arrival else "",
            "left": iso(removal.hour) if removal else "",
            "verdict": first.access,
            "alarm": bool(first.alarm or last.alarm),
            "ended": end,
            "written": last.written,
            "untouched": bool(last.untouched),
            "generation": first.generation,
            "journal_seq": last.journal_sequence,
            "journal_hash": last.journal_hash,
            "record": first.hash,
            "removal": removal.hash if removal else "",
            "visits": last.visits,
            "alarms": last.alarms,
            "first": iso(last.first),
            "box": arrival.box if arrival else "",
            "removal_sequence": removal.sequence if removal else 0,
            "removal_box": removal.box if removal else "",
        }

    async def requests(self, page: Page) -> Listing:
        """Requests, with what was wished; the subject of a page is one request."""
        query = _paged(select(requests), requests, page)
        if page.subject:
            query = query.where(requests.c.id == page.subject)
        if page.named:
            query = query.where(begins(requests.c.id, page.named))
        if page.uid is not None:
            query = query.where(requests.c.uid == page.uid)
        if page.state:
            query = query.where(requests.c.state == page.state)
        return [
            {
                "id": row.id,
                "state": row.state,
                "visit": row.visit,
                "requester": row.requester,
                "purpose": row.purpose,
                "decided_by": row.decided_by,
                "why": row.why,
                "filed": iso(row.filed),
                "wishes": json.loads(row.wishes),
                "seq": row.seq,
            }
            for row in await self._rows(query)
        ]

    async def journal(self, page: Page) -> Listing:
        """Journal entries."""
        query = _paged(select(journal), journal, page)
        if page.kind:
            query = query.where(journal.c.kind == page.kind)
        if page.subject:
            query = query.where(journal.c.subject == page.subject)
        rows = await self._rows(query)
        names = ("seq", "at", "kind", "subject")
        return [
            {
                **{name: getattr(row, name) for name in names},
                "data": row.data if page.raw else json.loads(row.data),
                "hash": row.hash,
            }
            for row in rows
        ]

    def _network(self, ident: str) -> str:
        return self._networks.get(ident, ident)

    async def _rows(self, query: Select[tuple[object, ...]]) -> list[Row[tuple[object, ...]]]:
        def run(connection: Connection) -> list[Row[tuple[object, ...]]]:
            return list(connection.execute(query))

        return await self._database.read(run)


FILES = (
    visit_files.c.state,
    visit_files.c.files,
    visit_files.c.size,
    visit_files.c.complete,
    visit_files.c.counts,
    visit_files.c.findings,
)


def with_files(query: Select[Any], visit: ColumnElement[str]) -> Select[Any]:
    """A query with `FILES` of the visit in that column."""
    return query.outerjoin(visit_files, visit_files.c.visit == visit)


def files_of(row: Any) -> dict[str, object]:
    """What is told of the files of a visit, from a row of `visit_files`; nothing where there is none."""
    if not row.state:
        return {}
    counts: dict[str, int] = json.loads(row.counts)
    head = {"state": row.state, "files": row.files, "size": row.size, "complete": bool(row.complete)}
    names = ("came", "went", "changed", "appeared", "altered", "vanished", "unclear")
    undeclared = sum(counts.get(what, 0) for what in ("appeared", "altered", "vanished"))
    return head | {name: counts.get(name, 0) for name in names} | {"undeclared": undeclared}


def _paged(query: Select[tuple[object, ...]], table: Table, page: Page) -> Select[tuple[object, ...]]:
    query = query.order_by(desc(table.c.seq) if page.after is None else table.c.seq).limit(page.limit)
    if page.after is not None:
        query = query.where(table.c.seq > page.after)
    return query.where(table.c.seq < page.before) if page.before else query
