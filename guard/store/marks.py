"""The classification of each medium in the register: when it ends, what is due for review, and every mark that it has had."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, desc, insert, or_, select, update

from guard.core.classification import Classification, may_release, phase
from guard.core.errors import Hostile, Refused
from guard.core.inventory import COUNTED
from guard.core.mark import mark, term_of
from guard.core.orders import Order, OrderState
from guard.core.scheme import Scheme
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.mark_tables import marks
from guard.store.queries import Listing, Page, iso
from guard.store.tables import media, orders

_DAY = 86_400


class Marks:
    """Reads for reviews, and the change that one person may make. What two people decide is in `orders`."""

    def __init__(self, database: Database, journal: Journal, scheme: Scheme) -> None:
        """All three are of this host."""
        self._database, self._journal, self._scheme = database, journal, scheme

    async def change(
        self, medium_id: str, make: Callable[[Classification], Classification], by: str, why: str, now: int
    ) -> Classification:
        """Give a medium another date, term or condition; `make` gets what there is, and may refuse. Returns what it made.

        Raises:
            Refused: `medium-unknown`, or what `make` raises; Hostile: what `make` raises.
        """
        data: dict[str, object] = {"by": by, "why": why}
        made: list[Classification] = []

        def act(connection: Connection) -> None:
            row = connection.execute(select(media).where(media.c.id == medium_id)).first()
            if row is None:
                raise Refused("medium-unknown", medium=medium_id[:32])
            after = make(classification_of(row, self._scheme))
            data.update(level=str(after.level), dated=iso(after.dated), ends=iso(after.ends), condition=after.condition)
            note_mark(connection, medium_id, after, by, now, why=why)
            made.append(after)

        await self._journal.write("classified", medium_id, data, act)
        return made[0]

    async def level(self, medium_id: str) -> str:
        """What a medium is classified as now.

        Raises:
            Refused: `medium-unknown`.
        """
        query = select(media.c.level).where(media.c.id == medium_id)
        found = await self._database.read(lambda connection: connection.execute(query).scalar())
        if found is None:
            raise Refused("medium-unknown", medium=medium_id[:32])
        return str(found)

    async def history(self, medium_id: str) -> Listing:
        """Every mark of a medium, newest first; those that were cancelled say when.

        Raises:
            Refused: `medium-unknown`.
        """
        await self.level(medium_id)
        query = select(marks).where(marks.c.medium == medium_id).order_by(desc(marks.c.seq)).limit(1000)
        rows = await self._database.read(lambda connection: list(connection.execute(query)))
        return [
            {
                "mark": mark_text(self._scheme, row),
                **{name: getattr(row, name) for name in ("level", "condition", "by", "why", "seq")},
                **{name: iso(getattr(row, name)) for name in ("at", "dated", "ends", "cancelled")},
                "order": row.ordered,
            }
            for row in rows
        ]

    async def reviews(self, page: Page, warn_days: int, now: int) -> Listing:
        """What is due for review or will be within `warn_days`, first ends first; then what has a condition."""
        soon = or_(media.c.ends <= now + warn_days * _DAY, media.c.condition != "")
        mine = (media.c.state.in_(COUNTED), media.c.scheme == self._scheme.id)
        query = select(media).where(soon, *mine).order_by(media.c.ends.is_(None), media.c.ends)
        query = query.limit(page.limit).offset(page.after or 0)

        def run(connection: Connection) -> Listing:
            return [self._review(connection, row, warn_days, now) for row in connection.execute(query).all()]

        return await self._database.read(run)

    def _review(self, connection: Connection, row: Row[Any], warn_days: int, now: int) -> dict[str, object]:
        found = classification_of(row, self._scheme)
        live = (orders.c.state.in_((OrderState.PROPOSED, OrderState.CONFIRMED)), orders.c.expires > now)
        order = connection.execute(select(orders.c.id, orders.c.kind).where(orders.c.medium == row.id, *live)).first()
        latest = connection.execute(_live(row.id)).first()
        names = ("number", "level", "holder", "department", "condition", "state")
        return {
            "medium": row.id,
            **{name: getattr(row, name) for name in names},
            "effective_level": row.high_water,
            "mark": mark_text(self._scheme, row),
            "dated": iso(found.dated),
            "ends": iso(found.ends),
            "phase": str(phase(found, warn_days, now)),
            "releasable": may_release(self._scheme, found.level, self._scheme.level(row.high_water or row.level)),
            "released": latest.level if latest is not None and latest.level != row.level else "",
            "order": order.id if order else "",
            "order_kind": order.kind if order else "",
        }


def classification_of(row: Row[Any], scheme: Scheme) -> Classification:
    """From a row of the media; one that never had a label counts from when it was entered."""
    dated = row.since if row.dated is None else row.dated
    return Classification(scheme.level(row.level), dated, row.ends, row.condition)


def mark_text(scheme: Scheme, row: Row[Any]) -> str:
    """The mark as it stands on the medium; a level of a scheme that was in force before is told as it is."""
    try:
        level = scheme.level(row.level)
    except Hostile:
        return str(row.level)
    return mark(scheme, level, row.condition or (term_of(row.dated, row.ends) if row.dated is not None else ""))


def note_mark(
    connection: Connection, medium_id: str, found: Classification, by: str, now: int, *, why: str = ""
) -> None:
    """Within a transaction: another classification. The same once more changes nothing."""
    values = {"dated": found.dated, "ends": found.ends, "condition": found.condition}
    connection.execute(update(media).where(media.c.id == medium_id).values(values))
    _put(connection, {"medium": medium_id, "level": str(found.level), **values}, by, now, why, "")


def note_extension(connection: Connection, medium_id: str, order: Order, by: str, now: int) -> None:
    """Within a transaction: two people have extended the term of a medium."""
    row = connection.execute(select(media).where(media.c.id == medium_id)).one()
    connection.execute(update(media).where(media.c.id == medium_id).values(ends=order.ends))
    dated = row.since if row.dated is None else row.dated
    values = {"medium": medium_id, "level": row.level, "dated": dated, "ends": order.ends, "condition": row.condition}
    _put(connection, values, by, now, order.why, order.id)


def note_release(connection: Connection, medium_id: str, order: Order, by: str, now: int) -> None:
    """Within a transaction: two people have released a medium to a lower level; it has that level once a label says so."""
    values = {"medium": medium_id, "level": order.level, "dated": now, "ends": None, "condition": ""}
    _put(connection, values, by, now, order.why, order.id)


def _put(connection: Connection, values: dict[str, object], by: str, now: int, why: str, order: str) -> None:
    """The mark before it is cancelled and stays."""
    last = connection.execute(_live(str(values["medium"]))).first()
    if last is not None and all(getattr(last, name) == value for name, value in values.items()):
        return
    if last is not None:
        connection.execute(update(marks).where(marks.c.seq == last.seq).values(cancelled=now))
    connection.execute(insert(marks).values(**values, at=now, by=by, why=why, ordered=order))


def _live(medium_id: str) -> Any:
    mine = (marks.c.medium == medium_id, marks.c.cancelled.is_(None))
    return select(marks).where(*mine).order_by(desc(marks.c.seq)).limit(1)
