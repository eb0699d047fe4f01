"""Crossings by period, medium, holder, networks, direction and severity; each filter has an index, so that none is a search."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, desc, literal, select, tuple_

from guard.core.errors import Hostile
from guard.store.database import Database
from guard.store.queries import FILES, MAX_LIMIT, Listing, files_of, iso, with_files
from guard.store.tables import crossings

_TEXTS = ("medium", "holder", "from_network", "to_network", "direction", "severity")


@dataclass(frozen=True, slots=True)
class CrossingPage:
    """Which crossings, the newest first: at most `limit`, behind `before` (the `seq` of a row that was listed; 0 for none).

    `since` (inclusive) and `until` (exclusive) are seconds since 1970, 0 for no bound. Networks are opaque ids.
    """

    limit: int = 100
    before: int = 0
    since: int = 0
    until: int = 0
    medium: str = ""
    holder: str = ""
    from_network: str = ""
    to_network: str = ""
    direction: str = ""
    severity: str = ""


def parse_crossing_page(untrusted: Mapping[str, object]) -> CrossingPage:
    """Take the options of the listing.

    Raises:
        Hostile: `option-unknown`, `option-type`.
    """
    numbers, texts = {"limit": 100, "before": 0, "since": 0, "until": 0}, dict.fromkeys(_TEXTS, "")
    for key, value in untrusted.items():
        if key in numbers and isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53:
            numbers[key] = value
        elif key in texts and isinstance(value, str) and len(value) <= 64:
            texts[key] = value
        else:
            raise Hostile("option-type" if key in {*numbers, *texts} else "option-unknown", option=key[:32])
    limit = max(1, min(numbers["limit"], MAX_LIMIT))
    return CrossingPage(limit, numbers["before"], numbers["since"], numbers["until"], **texts)


def crossings_query(page: CrossingPage, place: tuple[int, int] | None) -> Select[tuple[object, ...]]:
    """The rows of a page; `place` is the time and sequence of the row it begins behind."""
    query = with_files(select(crossings, *FILES), crossings.c.visit)
    query = query.order_by(desc(crossings.c.at), desc(crossings.c.seq)).limit(page.limit)
    for name in _TEXTS:
        if getattr(page, name):
            query = query.where(crossings.c[name] == getattr(page, name))
    if page.since:
        query = query.where(crossings.c.at >= page.since)
    if page.until:
        query = query.where(crossings.c.at < page.until)
    if place is not None:
        query = query.where(tuple_(crossings.c.at, crossings.c.seq) < tuple_(literal(place[0]), literal(place[1])))
    return query


class Crossings:
    """The read side; runs beside the writer."""

    def __init__(self, database: Database, networks: Mapping[str, str]) -> None:
        """`networks` maps opaque ids to the names known at this host; a caller may use either."""
        self._database, self._networks = database, networks
        self._ids = {name: ident for ident, name in networks.items()}

    async def listing(self, untrusted: Mapping[str, object]) -> Listing:
        """Media that went from one network to another, seen here or told by their travel logs.

        Raises:
            Hostile: `option-unknown`, `option-type`.
            Broken: `registry-...`.
        """
        named = {
            key: self._ids.get(value, value) if key.endswith("_network") and isinstance(value, str) else value
            for key, value in untrusted.items()
        }
        page = parse_crossing_page(named)

        def run(connection: Connection) -> Listing:
            place = None
            if page.before:
                behind = select(crossings.c.at, crossings.c.seq).where(crossings.c.seq == page.before)
                row = connection.execute(behind).first()
                place = (row.at, row.seq) if row else (0, 0)
            return [
                {
                    "medium": row.medium,
                    "at": iso(row.at),
                    "from_network": self._networks.get(row.from_network, row.from_network),
                    "to_network": self._networks.get(row.to_network, row.to_network),
                    "from_level": row.from_level,
                    "to_level": row.to_level,
                    "direction": row.direction,
                    "verdict": row.verdict,
                    "source": row.source,
                    "severity": row.severity,
                    "holder": row.holder,
                    "number": row.number,
                    "visit": row.visit,
                    "files": files_of(row),
                    "seq": row.seq,
                }
                for row in connection.execute(crossings_query(page, place))
            ]

        return await self._database.read(run)
