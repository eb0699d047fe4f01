"""Inventories in the register: campaigns, what was seen, what is missing. Each change is in the journal in the same transaction.

`media.inspection_due` says for each medium the first day that it owes, so that an admission reads nothing more for it.
"""

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, desc, func, insert, literal, or_, select, update

from guard.core.errors import Refused
from guard.core.inventory import COUNTED, Campaign, CampaignState, Duty, Shown, inspection_due
from guard.core.scheme import Scheme
from guard.store.database import Database
from guard.store.inventory_tables import campaigns, inspections
from guard.store.journal import Journal
from guard.store.naming import begins, numbered
from guard.store.queries import Listing, Page, iso
from guard.store.tables import media, people

MOST_OPEN = 50


class Inventories:
    """Who has to show what until when."""

    def __init__(self, database: Database, journal: Journal, scheme: Scheme) -> None:
        """All three are of this host."""
        self._database, self._journal, self._scheme = database, journal, scheme

    async def begin(self, wanted: Campaign, by: str, now: int) -> str:
        """Begin a campaign over the media that it covers now; returns its id.

        Raises:
            Refused: `inventory-empty`, `inventory-quota`.
        """
        ident = secrets.token_hex(16)
        scope = {"department": wanted.department, "level": str(wanted.level) if wanted.level else ""}
        data: dict[str, object] = {"title": wanted.title, **scope, "due": iso(wanted.due), "by": by}

        def act(connection: Connection) -> None:
            open_ones = select(func.count()).where(campaigns.c.state == CampaignState.OPEN)
            if (connection.execute(open_ones).scalar() or 0) >= MOST_OPEN:
                raise Refused("inventory-quota", quota=MOST_OPEN)
            values = {"id": ident, "title": wanted.title, **scope, "state": CampaignState.OPEN, "begun": now, "by": by}
            done = connection.execute(insert(campaigns).values(**values, due=wanted.due, closed_by="", why=""))
            (seq,) = done.inserted_primary_key or (0,)
            covered = select(literal(seq), media.c.id, _DEPARTMENT, media.c.holder).where(
                *self._scope(connection, wanted)
            )
            columns = ["campaign", "medium", "department", "holder"]
            data["media"] = connection.execute(insert(inspections).from_select(columns, covered)).rowcount
            if not data["media"]:
                raise Refused("inventory-empty")
            theirs = select(inspections.c.medium).where(inspections.c.campaign == seq)
            later = or_(media.c.inspection_due.is_(None), media.c.inspection_due > wanted.due)
            connection.execute(update(media).where(media.c.id.in_(theirs), later).values(inspection_due=wanted.due))

        await self._journal.write("inventory-began", ident, data, act)
        return ident

    async def end(self, ident: str, state: CampaignState, by: str, why: str, now: int) -> tuple[str, ...]:
        """Close a campaign, or call it off; returns the ids of media that owe less by it.

        Raises:
            Refused: `inventory-unknown`, `inventory-over`.
        """
        freed: list[str] = []
        data: dict[str, object] = {"state": str(state), "by": by, "why": why}

        def act(connection: Connection) -> None:
            row = _campaign(connection, ident)
            if row.state != CampaignState.OPEN:
                raise Refused("inventory-over", inventory=row.title)
            data["missing"] = connection.execute(_missing(row.seq, func.count())).scalar()
            values = {"state": state, "closed": now, "closed_by": by, "why": why}
            connection.execute(update(campaigns).where(campaigns.c.seq == row.seq).values(values))
            if state is CampaignState.CALLED_OFF:
                owing = select(inspections.c.medium).where(
                    inspections.c.campaign == row.seq, inspections.c.seen.is_(None)
                )
                freed.extend(connection.execute(owing).scalars())
                connection.execute(update(media).where(media.c.id.in_(owing)).values(inspection_due=_FIRST_OWED))

        await self._journal.write("inventory-ended", ident, data, act)
        return tuple(freed)

    async def seen(
        self, medium_id: str, how: Shown, by: str, now: int, visit: str = ""
    ) -> tuple[tuple[str, ...], int | None]:
        """A medium was shown: the titles of those it owed and for which that counts, and until when it has to be shown again."""
        found = await self._database.read(lambda connection: _settled(connection, medium_id, how, now))
        titles: list[str] = []
        if found:
            data: dict[str, object] = {
                "how": str(how),
                "by": by,
                "visit": visit,
                "inventories": [row.id for row in found],
            }

            def act(connection: Connection) -> None:
                titles.extend(note_seen(connection, medium_id, how, by, now, visit))

            await self._journal.write("counted", medium_id, data, act)
        left = select(media.c.inspection_due).where(media.c.id == medium_id)
        return tuple(titles), await self._database.read(lambda connection: connection.execute(left).scalar())

    async def by_code(self, ident: str, number: str) -> dict[str, object]:
        """The medium of this id or number.

        Raises:
            Refused: `sticker-unknown`; `sticker-ambiguous` for a number that two registers have given.
        """
        query = select(media).where(media.c.id == ident if ident else numbered(number)).limit(2)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        if len(rows) > 1:
            raise Refused("sticker-ambiguous", sticker=number)
        if not rows:
            raise Refused("sticker-unknown", sticker=ident or number)
        (row,) = rows
        names = ("id", "number", "level", "holder", "department", "state")
        return {name: getattr(row, name) for name in names}

    async def listing(self, page: Page) -> Listing:
        """Campaigns, newest first; how many media each expects, how many were seen, are missing, or are settled otherwise."""
        query = select(campaigns).order_by(desc(campaigns.c.seq)).limit(page.limit)
        query = query.where(campaigns.c.state == page.state) if page.state else query
        query = query.where(begins(campaigns.c.id, page.named)) if page.named else query
        query = query.where(campaigns.c.seq < page.before) if page.before else query
        names = ("id", "title", "department", "level", "state", "by", "closed_by", "why", "seq")

        def run(connection: Connection) -> Listing:
            rows = list(connection.execute(query))
            counts = counts_by(inspections.c.campaign).where(inspections.c.campaign.in_([row.seq for row in rows]))
            totals = {found[0]: found for found in connection.execute(counts.group_by(inspections.c.campaign))}
            times = ("begun", "due", "closed")
            return [
                {name: getattr(row, name) for name in names}
                | {name: iso(getattr(row, name)) for name in times}
                | told_counts(totals[row.seq])
                for row in rows
            ]

        return await self._database.read(run)

    async def departments(self, ident: str) -> Listing:
        """The counts of a campaign by department, as it was when it began.

        Raises:
            Refused: `inventory-unknown`.
        """

        def run(connection: Connection) -> Listing:
            column = inspections.c.department
            counts = counts_by(column).where(inspections.c.campaign == _campaign(connection, ident).seq)
            found = connection.execute(counts.group_by(column).order_by(column))
            return [{"department": row[0], **told_counts(row)} for row in found]

        return await self._database.read(run)

    async def missing(self, ident: str, page: Page) -> Listing:
        """What nobody has shown yet, by department, holder of that day and number; `page.after`: so many rows are passed over.

        Raises:
            Refused: `inventory-unknown`.
        """

        def run(connection: Connection) -> Listing:
            query = _missing(_campaign(connection, ident).seq, *media.c, inspections.c.department, inspections.c.holder)
            order = (inspections.c.department, inspections.c.holder, media.c.number)
            rows = connection.execute(query.order_by(*order).limit(page.limit).offset(page.after or 0)).mappings()
            return [
                {
                    "medium": row[media.c.id],
                    "number": row[media.c.number],
                    "level": row[media.c.high_water],
                    "state": row[media.c.state],
                    "department": row[inspections.c.department],
                    "holder": row[media.c.holder],
                    "holder_then": row[inspections.c.holder],
                }
                for row in rows
            ]

        return await self._database.read(run)

    def _scope(self, connection: Connection, wanted: Campaign) -> list[ColumnElement[bool]]:
        """The same as `Campaign.covers`, for all media at once: levels are compared by the scheme, and there are few of them."""
        conditions: list[ColumnElement[bool]] = [media.c.state.in_(COUNTED)]
        if wanted.department:
            conditions.append(func.casefold(_DEPARTMENT) == wanted.department.casefold())
        if wanted.level is not None:
            texts = connection.execute(select(media.c.high_water).distinct()).scalars()
            levels = [text for text in texts if self._scheme.dominates(self._scheme.level(text), wanted.level)]
            conditions.append(media.c.high_water.in_(levels))
        return conditions


def note_seen(
    connection: Connection, medium_id: str, how: Shown, by: str, now: int, visit: str = ""
) -> tuple[str, ...]:
    """Within a transaction: a medium was shown; the titles of the campaigns for which that counts."""
    rows = _settled(connection, medium_id, how, now)
    if rows:
        values = {"seen": now, "how": how, "by": by, "visit": visit}
        mine = (inspections.c.medium == medium_id, inspections.c.campaign.in_([row.seq for row in rows]))
        connection.execute(update(inspections).where(*mine).values(values))
        due = inspection_due(duty for _, duty in _duties(connection, medium_id))
        connection.execute(update(media).where(media.c.id == medium_id).values(inspection_due=due))
    return tuple(str(row.title) for row in rows)


_ACCOUNT = select(people.c.department).where(people.c.account == func.casefold(media.c.holder), people.c.account != "")
# Who registers a medium names its holder; where they work is often only in the register of holders.
_DEPARTMENT: ColumnElement[str] = func.coalesce(
    func.nullif(media.c.department, ""),
    select(people.c.department).where(people.c.key == func.casefold(media.c.holder)).scalar_subquery(),
    _ACCOUNT.limit(1).scalar_subquery(),
    "",
)
_FIRST_OWED = (  # guard.core.inventory.inspection_due, for many at once
    select(func.min(campaigns.c.due))
    .join_from(inspections, campaigns, campaigns.c.seq == inspections.c.campaign)
    .where(
        inspections.c.medium == media.c.id,
        inspections.c.seen.is_(None),
        campaigns.c.state != CampaignState.CALLED_OFF,
    )
    .scalar_subquery()
)


def _campaign(connection: Connection, ident: str) -> Row[tuple[object, ...]]:
    row = connection.execute(select(campaigns).where(campaigns.c.id == ident)).first()
    if row is None:
        raise Refused("inventory-unknown", inventory=ident[:32])
    return row


def _duties(connection: Connection, medium_id: str) -> Iterable[tuple[Row[tuple[object, ...]], Duty]]:
    query = (
        select(campaigns, inspections.c.seen)
        .join_from(inspections, campaigns, campaigns.c.seq == inspections.c.campaign)
        .where(inspections.c.medium == medium_id)
    )
    for row in connection.execute(query).all():
        yield row, Duty(row.due, CampaignState(row.state), row.seen is not None)


def _settled(connection: Connection, medium_id: str, how: Shown, now: int) -> list[Row[tuple[object, ...]]]:
    return [row for row, duty in _duties(connection, medium_id) if duty.settled_by(how, now)]


def _missing(seq: int, *columns: ColumnElement[Any]) -> Select[Any]:
    joined: Select[Any] = select(*columns).join_from(inspections, media, media.c.id == inspections.c.medium)
    return joined.where(inspections.c.campaign == seq, inspections.c.seen.is_(None), media.c.state.in_(COUNTED))


def counts_by(*by: ColumnElement[Any]) -> Select[Any]:
    """How many media were expected, seen, are missing, or are settled otherwise, beside these columns; grouping is the caller's."""
    unseen = inspections.c.seen.is_(None)
    sums = [
        func.sum(case((unseen & media.c.state.in_(COUNTED), 1), else_=0)),
        func.sum(case((unseen & media.c.state.not_in(COUNTED), 1), else_=0)),
    ]
    found: Select[Any] = select(*by, func.count(), func.count(inspections.c.seen), *sums)
    return found.join_from(inspections, media, media.c.id == inspections.c.medium)


def told_counts(row: Row[tuple[object, ...]]) -> dict[str, object]:
    """What `counts_by` counted, by name."""
    return dict(zip(("expected", "seen", "missing", "settled"), row[-4:], strict=True))
