"""The lives of media: every step with its people and papers, in the history and in the journal in one transaction."""

from collections.abc import Callable

from sqlalchemy import Connection, Row, desc, insert, select, update

from guard.core.errors import Refused
from guard.core.life import MediumState, Papers, Standing, Step, stepped
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.queries import Listing, Page, iso
from guard.store.tables import media, steps

Check = Callable[[Connection, Row[tuple[object, ...]]], None]


class Lives:
    """Steps and their history."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Both are of this host."""
        self._database, self._journal = database, journal

    async def take(
        self,
        medium_id: str,
        step: Step,
        papers: Papers,
        by: tuple[str, int],
        now: int,
        check: Check = lambda connection, row: None,
        order: str = "",
    ) -> tuple[Standing, Standing]:
        """Take a step; returns the standing before and after. `by` is name and uid; `order`: the id of the order it carries out.

        `check` gets the medium's row in the same transaction and may refuse.

        Raises:
            Refused: `medium-unknown`, `step-illegal`, `step-two-people`, or what `check` raises.
            Hostile: `step-needs`.
        """
        found: list[Standing] = []
        data: dict[str, object] = {}

        def act(connection: Connection) -> None:
            row = _row(connection, medium_id)
            before = standing_of(row)
            after = stepped(before, step, papers, ordered=bool(order))
            check(connection, row)
            connection.execute(update(media).where(media.c.id == medium_id).values(columns_of(after, now)))
            data.update(note_step(connection, medium_id, step, before, after, papers, by, now, order=order))
            found.extend((before, after))

        await self._journal.write("step", medium_id, data, act)
        return found[0], found[1]

    async def standing(self, medium_id: str) -> Standing:
        """Who answers for a medium now.

        Raises:
            Refused: `medium-unknown`.
        """
        return standing_of(await self._database.read(lambda connection: _row(connection, medium_id)))

    async def history(self, page: Page) -> Listing:
        """The steps of one medium or of all, newest first."""
        query = select(steps).order_by(desc(steps.c.seq)).limit(page.limit)
        if page.medium:
            query = query.where(steps.c.medium == page.medium)
        if page.before:
            query = query.where(steps.c.seq < page.before)
        texts = ("medium", "step", "before", "after", "by", "approved_by", "form", "why", "holder", "department")
        rows = await self._database.read(lambda connection: list(connection.execute(query)))
        return [
            {
                **{name: getattr(row, name) for name in texts},
                "at": iso(row.at),
                "due": iso(row.due),
                "level_before": row.level_before,
                "level": row.level,
                "order": row.ordered,
                "seq": row.seq,
            }
            for row in rows
        ]


def note_step(
    connection: Connection,
    medium_id: str,
    step: Step,
    before: Standing | None,
    after: Standing,
    papers: Papers,
    by: tuple[str, int],
    now: int,
    *,
    levels: tuple[str, str] = ("", ""),
    order: str = "",
) -> dict[str, object]:
    """Write a step into the history; returns what the journal is to say. `levels` where a label changed them."""
    receiving = after.state is MediumState.IN_TRANSFER
    row: dict[str, object] = {
        "step": str(step),
        "before": str(before.state) if before else "",
        "after": str(after.state),
        "by": by[0],
        "approved_by": papers.approved_by,
        "form": papers.form,
        "why": papers.why,
        "holder": after.receiver if receiving else after.holder,
        "department": after.receiver_department if receiving else after.department,
        "due": after.due,
        "level_before": levels[0],
        "level": levels[1],
        "ordered": order,
    }
    connection.execute(insert(steps).values({**row, "medium": medium_id, "at": now, "uid": by[1]}))
    return {key: value for key, value in row.items() if value not in ("", None)}


def standing_of(row: Row[tuple[object, ...]]) -> Standing:
    """From a row of the media."""
    return Standing(MediumState(row.state), row.holder, row.department, row.due, row.receiver, row.receiver_department)


def columns_of(standing: Standing, now: int) -> dict[str, object]:
    """The columns that say it."""
    return {
        "state": standing.state,
        "holder": standing.holder,
        "department": standing.department,
        "due": standing.due,
        "receiver": standing.receiver,
        "receiver_department": standing.receiver_department,
        "since": now,
    }


def _row(connection: Connection, medium_id: str) -> Row[tuple[object, ...]]:
    row = connection.execute(select(media).where(media.c.id == medium_id)).first()
    if row is None:
        raise Refused("medium-unknown", medium=medium_id[:32])
    return row
