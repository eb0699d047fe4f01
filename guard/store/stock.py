"""Taking over an older list of sticks: each becomes an acquired medium, and its number waits for a label."""

import secrets
from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

from guard.core.life import MediumState, Papers, Standing, Step
from guard.core.stocklist import Item
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.lives import note_step
from guard.store.tables import media


class Stock:
    """Written in batches; a batch is there whole or not at all."""

    def __init__(self, database: Database, journal: Journal, scheme: str) -> None:
        """`scheme` is the id of the one in force."""
        self._database, self._journal, self._scheme = database, journal, scheme

    async def taken(self, numbers: Sequence[str]) -> frozenset[str]:
        """Which of these numbers a medium has already."""
        query = select(media.c.number).where(media.c.number.in_(numbers))
        return await self._database.read(lambda connection: frozenset(connection.execute(query).scalars()))

    async def take_over(self, items: Sequence[Item], by: tuple[str, int], now: int) -> None:
        """Enter media that are not there yet."""
        rows = [{**_row(item, now), "scheme": self._scheme} for item in items]
        papers = Papers("")
        data = {"rows": len(items), "numbers": [item.number for item in items], "by": by[0]}

        def act(connection: Connection) -> None:
            connection.execute(insert(media), rows)
            for row, item in zip(rows, items, strict=True):
                after = Standing(MediumState.ACQUIRED, item.holder, item.department)
                levels = ("", item.level)
                note_step(connection, str(row["id"]), Step.ACQUIRE, None, after, papers, by, now, levels=levels)

        await self._journal.write("imported", "register", data, act)


def _row(item: Item, now: int) -> dict[str, object]:
    return {
        "id": secrets.token_hex(16),
        "number": item.number,
        "level": item.level,
        "high_water": item.level,
        "kind": item.kind,
        "networks": "[]",
        "holder": item.holder,
        "department": item.department,
        "serial": item.serial,
        "state": MediumState.ACQUIRED,
        "may_import": 0,
        "read_only": 0,
        "generation": 0,
        "hardware": "",
        "registered_here": 0,
        "since": now,
    }
