"""A list of a hundred thousand sticks: how long it takes to take over, list, search, ask who holds what, and count.

    python -m tests.bench.stock [ROWS]

Wall clock on this machine, the median of several; the rows go the way they go over the bus, sixty at a time, each batch on disk.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy import update

from guard.core.inventory import Campaign, CampaignState, Shown
from guard.core.stocklist import parse_item
from guard.ctl.stock import BATCH
from guard.paper.form import Form, draw_department
from guard.paper.sticker import Sticker, draw_stickers
from guard.paper.tape import draw_tape
from guard.schemes import load_scheme
from guard.store.backup import check, save
from guard.store.database import Database
from guard.store.inventory import Inventories
from guard.store.journal import Journal
from guard.store.lives import Lives
from guard.store.marks import Marks
from guard.store.people import People
from guard.store.queries import Page, Queries
from guard.store.stock import Stock
from guard.store.tables import media
from guard.store.weekly import weekly

NOW, ASKED = 1_700_000_000, 7


async def _median(act: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(ASKED):
        begun = time.perf_counter()
        await act()
        taken.append(1000 * (time.perf_counter() - begun))
    return statistics.median(taken)


async def _reports(database: Database, queries: Queries) -> None:
    """Each report from question to paper: the guard's part and the drawing."""
    week = await weekly(database, NOW, NOW + 7 * 86_400, NOW + 7 * 86_400, {})
    print(f"summary of a week ({week.steps.total()} steps): ", end="")
    print(f"{await _median(lambda: weekly(database, NOW, NOW + 7 * 86_400, NOW, {})):.1f} ms")
    begun = time.perf_counter()
    rows: list[dict[str, object]] = []
    while more := await queries.media(
        Page(search="39处", limit=1000, past=str(rows[-1]["id"]) if rows else ""), frozenset()
    ):
        rows += more
    told = [{name: str(value) for name, value in row.items()} for row in rows]
    asked = time.perf_counter()
    paper = await asyncio.to_thread(draw_department, Form("bench", "2026-01-01", "en"), "39", told)
    print(
        f"register form of a department ({len(rows)} media, {len(paper) / 1e6:.1f} MB): asked {asked - begun:.2f} s, "
        f"drawn {time.perf_counter() - asked:.2f} s"
    )
    begun = time.perf_counter()
    stickers = [Sticker(str(row["id"]), str(row["number"]), "SECRET", "#b3261e", "A", "39") for row in rows[:270]]
    await asyncio.to_thread(draw_stickers, stickers, "sheet")
    print(f"ten sheets of stickers: {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    await asyncio.to_thread(draw_tape, stickers[0], 24)
    print(f"a sticker as PNG: {1000 * (time.perf_counter() - begun):.0f} ms")
    begun, past, count = time.perf_counter(), "", 0
    while page := await queries.media(Page(past=past, limit=1000), frozenset()):
        count, past = count + len(page), str(page[-1]["id"])
    print(f"export, {count} rows in pages: {time.perf_counter() - begun:.1f} s")


async def _inventory(database: Database, journal: Journal, count: int) -> None:
    """A campaign over all of them, and a review list in which a hundredth is due."""
    scheme = load_scheme("cn")
    inventories, marks = Inventories(database, journal, scheme), Marks(database, journal, scheme)
    begun = time.perf_counter()
    ident = await inventories.begin(Campaign("bench", NOW + 2 * count), "bench", NOW)
    print(f"begin an inventory of all: {time.perf_counter() - begun:.1f} s")
    numbers = iter(range(ASKED))

    async def count_one() -> None:
        medium = await inventories.by_code("", f"BM-{next(numbers):06d}")
        await inventories.seen(str(medium["id"]), Shown.SCANNED, "bench", NOW)

    due = update(media).where(media.c.number.like("BM-%00")).values(dated=NOW, ends=NOW)
    await database.write(lambda connection: connection.execute(due))
    for name, act in (
        ("tick one off", count_one),
        ("1000 that are missing", lambda: inventories.missing(ident, Page(limit=1000))),
        ("missing by department", lambda: inventories.departments(ident)),
        ("all inventories", lambda: inventories.listing(Page())),
        ("100 reviews", lambda: marks.reviews(Page(), 90, NOW)),
    ):
        print(f"{name}: {await _median(act):.1f} ms")
    begun = time.perf_counter()
    await inventories.end(ident, CampaignState.CALLED_OFF, "bench", "x", NOW)
    print(f"call it off: {time.perf_counter() - begun:.1f} s")


async def main(count: int) -> None:
    scheme = load_scheme("cn")
    levels = ("机密", "秘密", "工作秘密", "公开")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.db"
        database = Database(path)
        journal = Journal(database, Path(folder) / "head", lambda: "2026-01-01T00:00:00.000000Z")
        stock, queries = Stock(database, journal, scheme.id), Queries(database, {})
        people, lives = People(database, journal, scheme), Lives(database, journal)
        rows = [
            {
                "number": f"BM-{n:06d}",
                "level": levels[n % 4],
                "holder": f"持有人{n % 5000}",
                "department": f"{n % 40}处",
                "serial": f"SN{n:08d}",
            }
            for n in range(count)
        ]
        begun = time.perf_counter()
        for start in range(0, count, BATCH):
            batch = rows[start : start + BATCH]
            assert not await stock.taken([row["number"] for row in batch])
            await stock.take_over([parse_item(row, scheme) for row in batch], ("bench", 0), NOW + start)
        print(f"take over {count} rows: {time.perf_counter() - begun:.1f} s")
        await people.put("持有人7", "", "7处", "bench", NOW)
        (first,) = await queries.media(Page(limit=1), frozenset())

        def shown(**wanted: object) -> Callable[[], Awaitable[object]]:
            return lambda: queries.media(Page(**wanted), frozenset())  # type: ignore[arg-type]

        for name, act in (
            ("newest 100", shown()),
            ("1000 in a state", shown(limit=1000, state="acquired")),
            ("search a number", shown(search="BM-0999")),
            ("search the end of a number", shown(search="99999")),
            ("search a holder by two characters", shown(search="有人", limit=1000)),
            ("search a rare holder", shown(search="持有人4999")),
            ("search a department", shown(search="39处", limit=1000)),
            ("search a serial number", shown(search="SN77777")),
            ("search what is not there", shown(search="nothing")),
            ("held by one", shown(holder="持有人7", limit=1000)),
            ("a page of the export", shown(past=str(first["id"]), limit=1000)),
            ("history of one", lambda: lives.history(Page(medium=str(first["id"])))),
            ("all holders", people.listing),
        ):
            print(f"{name}: {await _median(act):.1f} ms")
        await _reports(database, queries)
        await _inventory(database, journal, count)
        begun = time.perf_counter()
        saved = Path(folder) / "saved.db"
        found = await asyncio.to_thread(save, path, saved)
        print(f"backup, checked ({found.media} media, {found.entries} entries): {time.perf_counter() - begun:.1f} s")
        assert check(saved) == found
        await database.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
