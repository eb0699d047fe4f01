"""Among thousands of media the right one is found by what is typed, and everybody sees their own however many others came since."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from guard.bus.caller import Caller
from guard.core.errors import Refused
from guard.store.inventory import Inventories
from guard.store.naming import Own
from guard.store.queries import Page, Queries
from guard.store.tables import media
from tests.flow.host import Host
from tests.flow.keepers import asking
from tests.store.test_searching import _rows

COUNT = 3000
OLD = "0" * 31 + "7"


async def _filled(host: Host) -> None:
    """The first are the oldest; number 7 is Ann's, number 8 is offered to her, number 9 has number 7's number on its label."""
    rows = [{**row, "holder": "Bob", "department": "", "since": n} for n, row in enumerate(_rows(COUNT))]
    rows[7]["holder"] = "Änn"
    rows[8]["receiver"] = "ann"
    rows[9]["number"] = f"M-7 ({str(rows[9]['id'])[:6]})"
    for row in rows:
        row.setdefault("receiver", "")
    await host.database.write(lambda connection: connection.execute(insert(media), rows))


def _in(folder: Path, story: Callable[[Host], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Host.found(folder / "a", "office", "机密") as host:
            await _filled(host)
            await story(host)

    asyncio.run(whole())


async def _named(queries: Queries, text: str) -> list[object]:
    return [row["number"] for row in await queries.media(Page(limit=2, named=text), frozenset())]


def test_the_oldest_of_thousands_is_found_by_a_part_of_its_id_or_by_its_number(tmp_path: Path) -> None:
    async def story(host: Host) -> None:
        assert await _named(host.queries, OLD) == ["M-7"]
        assert await _named(host.queries, OLD[:-1]) == ["M-15", "M-14"], "two are enough to know that it is not clear"
        assert await _named(host.queries, "M-100") == ["M-100"], "and not M-1000"
        for nothing in ("M-10 ", "m%", "M-_", "f", "'", "g", "\U0010ffff"):
            assert await _named(host.queries, nothing) == [], nothing

    _in(tmp_path, story)


def test_a_number_that_two_registers_gave_names_neither(tmp_path: Path) -> None:
    async def story(host: Host) -> None:
        twin = "M-7 (000000)"
        assert sorted(map(str, await _named(host.queries, "M-7"))) == ["M-7", twin]
        assert await _named(host.queries, twin) == [twin]
        inventories = Inventories(host.database, host.journal, host.parts.scheme)
        with pytest.raises(Refused) as caught:
            await inventories.by_code("", "M-7")
        assert caught.value.code == "sticker-ambiguous"
        assert (await inventories.by_code(OLD, ""))["number"] == "M-7"
        assert (await inventories.by_code("", "M-8"))["number"] == "M-8"

    _in(tmp_path, story)


def test_one_sees_what_is_ones_own_however_old_and_nothing_else(tmp_path: Path) -> None:
    async def story(host: Host) -> None:
        async def seen(
            *names: str, ids: frozenset[str] = frozenset(), search: str = "", named: str = ""
        ) -> list[object]:
            page = Page(limit=5, search=search, named=named)
            return [row["number"] for row in await host.queries.media(page, frozenset(), Own(ids, frozenset(names)))]

        assert await seen("änn", "ann") == ["M-8", "M-7"]
        assert await seen("ann", ids=frozenset({f"{42:032x}"})) == ["M-42", "M-8"]
        assert await seen("ann", search="M-") == ["M-8"], "a search shows nobody more than is theirs"
        assert await seen("ann", named="M-7") == []
        assert await seen("nobody") == await seen() == []

    _in(tmp_path, story)


def test_an_employee_asks_the_bus_and_gets_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("guard.verbs.full_name", lambda uid: "Änn")

    async def story(host: Host) -> None:
        rows = await asking(host).media(Caller(":1.7", 1001, "ann"), {"search": "M-"}, {})
        assert [(row["number"], row["offered"]) for row in rows] == [("M-8", True), ("M-7", False)]
        assert "Bob" not in json.dumps([row["holder"] for row in rows if row["number"] != "M-8"])

    _in(tmp_path, story)
