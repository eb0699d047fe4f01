"""Reading the journal while it grows: pages upward miss nothing, filters are exact, and every entry is told of."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from guard.core.errors import Hostile
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.queries import Queries, parse_page


def _with(tmp_path: Path, story: Callable[[Journal, Callable[..., Awaitable[list[Any]]]], Awaitable[None]]) -> None:
    async def whole() -> None:
        database = Database(tmp_path / "registry.db")
        journal, queries = Journal(database, tmp_path / "head", lambda: "now"), Queries(database, {})

        async def seqs(**page: object) -> list[Any]:
            return [row["seq"] for row in await queries.journal(parse_page(page, None))]

        for number in range(1, 10):
            await journal.append("odd" if number % 2 else "even", f"s{number % 3}")
        await story(journal, seqs)
        await database.close()

    asyncio.run(whole())


def test_pages_upward_are_oldest_first_and_miss_nothing_that_came_meanwhile(tmp_path: Path) -> None:
    async def story(journal: Journal, seqs: Callable[..., Awaitable[list[Any]]]) -> None:
        assert await seqs(after=0, limit=4) == [1, 2, 3, 4]
        await journal.append("odd", "s9")
        assert await seqs(after=4, limit=4) == [5, 6, 7, 8]
        assert await seqs(after=8) == [9, 10]
        assert await seqs(after=10) == []
        assert await seqs(after=2, before=5) == [3, 4]
        assert await seqs(limit=2) == [10, 9]

    _with(tmp_path, story)


def test_kind_and_subject_are_exact(tmp_path: Path) -> None:
    async def story(journal: Journal, seqs: Callable[..., Awaitable[list[Any]]]) -> None:
        assert await seqs(kind="even") == [8, 6, 4, 2]
        assert await seqs(kind="even", subject="s1", after=0) == [4]
        assert await seqs(subject="s0", after=3) == [6, 9]
        for near in ("eve", "even%", "EVEN", "s"):
            assert await seqs(kind=near) == []
            assert await seqs(subject=near) == []

    _with(tmp_path, story)


@pytest.mark.parametrize(
    "page", [{"after": -1}, {"after": True}, {"after": "1"}, {"kind": 1}, {"subject": "x" * 65}, {"kinds": "x"}]
)
def test_a_filter_of_a_wrong_type_is_refused(page: dict[str, object]) -> None:
    with pytest.raises(Hostile) as caught:
        parse_page(page, None)
    assert caught.value.code in ("option-type", "option-unknown")


def test_every_entry_is_told_of_once_it_can_be_read_and_one_that_failed_is_not(tmp_path: Path) -> None:
    async def story(journal: Journal, seqs: Callable[..., Awaitable[list[Any]]]) -> None:
        told: list[int] = []
        journal.grown = told.append
        await asyncio.gather(*(journal.append("odd", "s") for _ in range(5)))

        def fail(_: object) -> None:
            raise Hostile("option-type", option="x")

        with pytest.raises(Hostile):
            await journal.write("odd", "s", {}, fail)
        assert told == [10, 11, 12, 13, 14]
        assert (await seqs())[0] == 14

    _with(tmp_path, story)
