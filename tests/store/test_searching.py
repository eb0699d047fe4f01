"""Searching finds exactly what a look at every row would find, in the same order, and looks at no whole table."""

import asyncio
import itertools
import random
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import insert

from guard.store import searching
from guard.store.database import Database, casefold
from guard.store.queries import Page, Queries
from guard.store.searching import among_all
from guard.store.tables import media

WORDS = ("张三", "张三丰", "Özil", "ИВАНОВ", "Ann", "ANN-Marie", "50%", "a_b", "x/y", "", "li", "第二研究室", "D 1")
PARTS = (
    "张三",
    "三",
    "öz",
    "ÖZ",
    "Иван",
    "ann",
    "AN",
    "0%",
    "_",
    "/",
    "li",
    "研究",
    "M-1",
    "S7",
    "nothing",
    "'",
    '"',
    ";--",
)


def _rows(count: int) -> list[dict[str, object]]:
    chance = random.Random(11)
    return [
        {
            "id": f"{n:032x}",
            "number": f"M-{n}",
            "scheme": "cn",
            "level": "公开",
            "kind": "work",
            "networks": "[]",
            "holder": chance.choice(WORDS),
            "department": chance.choice(WORDS),
            "serial": chance.choice(("", f"S{n}", f"s{n % 7}")),
            "state": "registered",
            "may_import": 0,
            "generation": 1,
            "hardware": "",
            "high_water": "公开",
            "registered_here": 1,
            "since": chance.randrange(50),
        }
        for n in range(count)
    ]


def _naive(rows: list[dict[str, object]], part: str) -> list[object]:
    names = ("number", "holder", "department", "serial")
    found = [row for row in rows if any(part.casefold() in str(row[name]).casefold() for name in names)]
    return [row["id"] for row in sorted(found, key=lambda row: (row["since"], row["id"]), reverse=True)]


@pytest.mark.parametrize("newest", [0, 3, 100, 1000])
def test_what_is_found_is_what_a_look_at_every_row_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest: int
) -> None:
    monkeypatch.setattr(searching, "NEWEST", newest)
    rows = _rows(300)

    async def story() -> None:
        database = Database(tmp_path / "registry.db")
        await database.write(lambda connection: connection.execute(insert(media), rows))
        queries = Queries(database, {})
        for part, limit in itertools.product(PARTS, (5, 1000)):
            found = [row["id"] for row in await queries.media(Page(search=part, limit=limit), frozenset())]
            assert found == _naive(rows, part)[:limit], part
            past = [row["id"] for row in await queries.media(Page(search=part, limit=limit, past=""), frozenset())]
            assert past == sorted(map(str, _naive(rows, part)))[:limit], part
            lost = await queries.media(Page(search=part, limit=limit, state="lost"), frozenset())
            assert lost == [], part
        await database.close()

    asyncio.run(story())


def test_the_table_itself_is_never_walked_only_indexes_and_found_rows(tmp_path: Path) -> None:
    async def story() -> None:
        database = Database(tmp_path / "registry.db")
        await database.write(lambda connection: connection.execute(insert(media), _rows(300)))
        await Queries(database, {}).media(Page(holder="Ann"), frozenset())
        await database.close()

    asyncio.run(story())
    file = sqlite3.connect(tmp_path / "registry.db")
    file.create_function("casefold", 1, casefold, deterministic=True)
    question = f"EXPLAIN QUERY PLAN SELECT * FROM media WHERE {among_all('x').text}"
    steps = [str(row[3]) for row in file.execute(question, {"part": "%x%", "folded": "%x%"})]
    held = "holder COLLATE NOCASE IN ('ann', 'Ann') OR id IN ('1') OR (receiver != '' AND receiver COLLATE NOCASE IN ('ann'))"
    steps += [str(row[3]) for row in file.execute(f"EXPLAIN QUERY PLAN SELECT * FROM media WHERE {held}")]
    file.close()
    walked = [step for step in steps if step.startswith("SCAN media") and "COVERING INDEX" not in step]
    assert len(steps) > 8
    assert walked == []
