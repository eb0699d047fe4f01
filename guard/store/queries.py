"""Listings, newest first, with exactly the keys that scripts rely on. Times are ISO 8601 in UTC."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, Select, Table, desc, select

from guard.core.errors import Hostile
from guard.store.database import Database
from guard.store.tables import crossings, journal, media, requests, visits

MAX_LIMIT = 1000
Listing = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows: at most `limit`, older than `before` (a sequence number; 0 for the newest), of one user or of all."""

    limit: int = 100
    before: int = 0
    uid: int | None = None
    medium: str = ""
    severity: str = ""
    state: str = ""


def iso(seconds: int | None) -> str:
    """ISO 8601 with Z; "" for None."""
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_page(untrusted: Mapping[str, object], uid: int | None) -> Page:
    """Take the options of a listing.

    Raises:
        Hostile: `option-unknown`, `option-type`.
    """
    numbers, texts = {"limit": 100, "before": 0}, {"medium": "", "severity": "", "state": ""}
    for key, value in untrusted.items():
        if key in numbers and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53:
            numbers[key] = value
        elif key in texts and isinstance(value, str) and len(value) <= 64:
            texts[key] = value
        else:
            raise Hostile("option-type" if key in numbers or key in texts else "option-unknown", option=key[:32])
    return Page(max(1, min(numbers["limit"], MAX_LIMIT)), numbers["before"], uid, **texts)


class Queries:
    """The read side; runs beside the writer."""

    def __init__(self, database: Database, networks: Mapping[str, str]) -> None:
        """`networks` maps opaque ids to the names known at this host."""
        self._database, self._networks = database, networks

    async def media(self, page: Page, present: frozenset[str]) -> Listing:
        """All media known here; `present` are the ids that are plugged in now."""
        query = select(media).order_by(desc(media.c.since), media.c.id).limit(page.limit)
        if page.state:
            query = query.where(media.c.state == page.state)
        if page.medium:
            query = query.where(media.c.id == page.medium)
        return [
            {
                "id": row.id,
                "number": row.number,
                "level": row.level,
                "kind": row.kind,
                "networks": [self._network(ident) for ident in json.loads(row.networks)],
                "holder": row.holder,
                "state": row.state,
                "effective_level": row.high_water,
                "present": row.id in present,
                "expires": iso(row.expires),
                "generation": row.generation,
            }
            for row in await self._rows(query)
        ]

    async def visits(self, page: Page) -> Listing:
        """Visits at this host."""
        query = _paged(select(visits), visits, page)
        if page.uid is not None:
            query = query.where(visits.c.uid == page.uid)
        if page.medium:
            query = query.where(visits.c.medium == page.medium)
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
                "seq": row.seq,
            }
            for row in await self._rows(query)
        ]

    async def visit(self, ident: str) -> dict[str, object] | None:
        """One visit with the facts of its reasons and what was seen; None if there is none."""
        rows = await self._rows(select(visits).where(visits.c.id == ident))
        if not rows:
            return None
        row = rows[0]
        return {
            "id": row.id,
            "medium": row.medium,
            "verdict": row.verdict,
            "uid": row.uid,
            "arrived": iso(row.arrived),
            "left": iso(row.left),
            "reasons": json.loads(row.reasons),
            "seen": json.loads(row.seen),
        }

    async def crossings(self, page: Page) -> Listing:
        """Media that went from one network to another, seen here or told by their travel logs."""
        query = select(crossings).order_by(desc(crossings.c.at), desc(crossings.c.seq)).limit(page.limit)
        if page.medium:
            query = query.where(crossings.c.medium == page.medium)
        return [
            {
                "medium": row.medium,
                "at": iso(row.at),
                "from_network": self._network(row.from_network),
                "to_network": self._network(row.to_network),
                "from_level": row.from_level,
                "to_level": row.to_level,
                "direction": row.direction,
                "verdict": row.verdict,
                "source": row.source,
            }
            for row in await self._rows(query)
        ]

    async def requests(self, page: Page) -> Listing:
        """Requests, with what was wished."""
        query = _paged(select(requests), requests, page)
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
        rows = await self._rows(_paged(select(journal), journal, page))
        names = ("seq", "at", "kind", "subject")
        return [
            {**{name: getattr(row, name) for name in names}, "data": json.loads(row.data), "hash": row.hash}
            for row in rows
        ]

    def _network(self, ident: str) -> str:
        return self._networks.get(ident, ident)

    async def _rows(self, query: Select[tuple[object, ...]]) -> list[Row[tuple[object, ...]]]:
        def run(connection: Connection) -> list[Row[tuple[object, ...]]]:
            return list(connection.execute(query))

        return await self._database.read(run)


def _paged(query: Select[tuple[object, ...]], table: Table, page: Page) -> Select[tuple[object, ...]]:
    query = query.order_by(desc(table.c.seq)).limit(page.limit)
    return query.where(table.c.seq < page.before) if page.before else query
