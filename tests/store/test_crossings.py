"""Crossings by any filter, page by page: nothing twice, nothing missing, and nothing searched through."""

import asyncio
import itertools
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.dialects import sqlite as dialect

from guard.core.errors import Hostile
from guard.store import tables
from guard.store.crossings import Crossings, crossings_query, parse_crossing_page
from guard.store.database import Database

NAMES = {"a" * 16: "office", "b" * 16: "internet"}
FILTERS: dict[str, str] = {
    "medium": "m1",
    "holder": "h1",
    "from_network": "a" * 16,
    "to_network": "b" * 16,
    "direction": "down",
    "severity": "alarm",
}


def _fill(folder: Path, count: int) -> None:
    async def whole() -> None:
        database = Database(folder / "registry.db")
        rows = [
            {
                "medium": f"m{n % 3}",
                "at": 1000 + n // 4,  # four at a time
                "from_network": "ab"[n % 2] * 16,
                "to_network": "ba"[n % 2] * 16,
                "from_level": "x",
                "to_level": "y",
                "direction": ("up", "down")[n % 2],
                "verdict": "refused",
                "source": "travel-log",
                "record": str(n),
                "severity": ("info", "warning", "alarm")[n % 3],
                "number": f"MG-{n % 3}",
                "holder": f"h{n % 3}",
                "visit": "",
            }
            for n in range(count)
        ]
        await database.write(lambda connection: connection.execute(insert(tables.crossings), rows))
        await database.close()

    asyncio.run(whole())


def _all(folder: Path, limit: int, **wanted: object) -> list[dict[str, object]]:
    async def whole() -> list[dict[str, object]]:
        database = Database(folder / "registry.db")
        crossings, found, before = Crossings(database, NAMES), list[dict[str, object]](), 0
        while rows := await crossings.listing({"limit": limit, "before": before, **wanted}):
            found += rows
            before = int(str(rows[-1]["seq"]))
        await database.close()
        return found

    return asyncio.run(whole())


@pytest.mark.parametrize("limit", [1, 3, 1000])
def test_pages_of_any_size_have_every_crossing_once_newest_first(tmp_path: Path, limit: int) -> None:
    _fill(tmp_path, 30)
    found = _all(tmp_path, limit)
    assert [row["seq"] for row in found] == list(range(30, 0, -1))


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"since": 1002, "until": 1004}, 8),
        ({"since": 1007}, 2),
        ({"until": 1000}, 0),
        ({"medium": "m1"}, 10),
        ({"holder": "h2", "until": 1003}, 4),
        ({"from_network": "office", "to_network": "internet"}, 15),
        ({"from_network": "a" * 16}, 15),
        ({"to_network": "office", "direction": "up"}, 0),
        ({"severity": "alarm", "direction": "down"}, 5),
        ({"holder": "h"}, 0),
        ({"holder": "%"}, 0),
    ],
)
def test_filters_are_exact_and_hold_together(tmp_path: Path, wanted: Mapping[str, object], count: int) -> None:
    _fill(tmp_path, 30)
    assert len(_all(tmp_path, 4, **wanted)) == count


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ({"since": -1}, "option-type"),
        ({"until": True}, "option-type"),
        ({"until": "2026"}, "option-type"),
        ({"holder": "x" * 65}, "option-type"),
        ({"state": "open"}, "option-unknown"),
    ],
)
def test_a_filter_of_a_wrong_type_is_refused(page: dict[str, object], code: str) -> None:
    with pytest.raises(Hostile) as caught:
        parse_crossing_page(page)
    assert caught.value.code == code


CHOICES = [chosen for size in range(len(FILTERS) + 1) for chosen in itertools.combinations(FILTERS, size)]


@pytest.mark.parametrize("chosen", CHOICES, ids="+".join)
def test_no_combination_of_filters_searches_through_or_sorts(tmp_path: Path, chosen: tuple[str, ...]) -> None:
    _fill(tmp_path, 1)
    file = sqlite3.connect(tmp_path / "registry.db")
    for since, place in itertools.product((0, 1001), (None, (1002, 7))):
        page = parse_crossing_page({"limit": 10, "since": since, **{name: FILTERS[name] for name in chosen}})
        query = crossings_query(page, place).compile(
            dialect=dialect.dialect(),
            compile_kwargs={"literal_binds": True},
        )
        plan = [str(row[3]) for row in file.execute(f"EXPLAIN QUERY PLAN {query}")]
        # with no filter at all the index by time is read from its end, as far as the page goes
        assert all(
            step.startswith("SEARCH") or (not chosen and "USING INDEX crossings_by_time" in step) for step in plan
        )
        assert not [step for step in plan if "TEMP B-TREE" in step], plan
    file.close()
