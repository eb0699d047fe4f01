"""How the registry grows: the questions of a plug and of an auditor, asked of registries of very different sizes.

    python -m tests.bench.growth [MOST MEDIA] [MOST ENTRIES] [PICTURE]

The registries have the guard's own tables and hash chain, filled in bulk. Figures are CPU milliseconds of all threads of one
question, the median of many, so that what else the machine does counts little; opening and verifying are done once.
"""

import asyncio
import hashlib
import json
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from guard.core.entry import entry_hash
from guard.schemes import load_scheme
from guard.store.chain import START
from guard.store.crossings import Crossings
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.queries import Page, Queries
from guard.store.registry import Registry
from tests.bench.lines import Line, picture

MEDIA = (1_000, 10_000, 100_000, 1_000_000)
ENTRIES_OF_A_MEDIUM = 10
ASKED = 40
NOW = 1_700_000_000
NETWORKS = ("aa" * 8, "bb" * 8, "cc" * 8)


def ident(number: int) -> str:
    """An opaque id, as random as real ones."""
    return hashlib.blake2b(number.to_bytes(8, "big"), digest_size=16).hexdigest()


def _media(count: int) -> Iterator[dict[str, object]]:
    for n in range(count):
        yield {
            "id": ident(n),
            "number": f"MG-{n + 1:04d}",
            "scheme": "corporate",
            "level": "INTERNAL",
            "kind": "work",
            "networks": json.dumps([NETWORKS[0]]),
            "holder": f"Holder {n % 5000}",
            "state": "lost" if n % 500 == 7 else "registered",
            "expires": None,
            "generation": 1,
            "hardware": ident(-n - 1 & 0xFFFFFFFFFFFF),
            "high_water": "INTERNAL",
            "since": NOW + n * 60,
        }


def _visits(count: int) -> Iterator[dict[str, object]]:
    for n in range(count):
        yield {
            "id": ident(n + (1 << 40)),
            "medium": ident(n),
            "interface": "3-1:1.0",
            "arrived": NOW + n * 60,
            "left": NOW + n * 60 + 30,
            "verdict": "read-write",
            "severity": "alarm" if n % 5000 == 9 else "info",
            "user": "alice",
            "uid": 1000 + n % 40,
            "network": NETWORKS[0],
            "reasons": "[]",
            "seen": "{}",
        }


def _crossings(count: int) -> Iterator[dict[str, object]]:
    for n in range(count):
        yield {
            "medium": ident(n),
            "at": NOW + n * 60,
            "from_network": NETWORKS[n % 3],
            "to_network": NETWORKS[(n + 1) % 3],
            "from_level": "INTERNAL",
            "to_level": "PUBLIC",
            "direction": "down",
            "verdict": "refused",
            "source": "travel-log",
            "record": ident(n + (1 << 41)),
        }


def _entries(count: int) -> Iterator[tuple[int, str, str, str, str, str]]:
    before, kinds = START, ("arrived", "intent", "result", "left")
    for seq in range(1, count + 1):
        at = "2026-11-25T10:00:00.000000Z"
        subject, kind = ident((seq >> 2) + (1 << 40)), "crossing" if seq % 1000 == 3 else kinds[seq & 3]
        data = f'{{"port":"3-1:1.0","user":"alice","verdict":"read-write","severity":"info","n":{seq}}}'
        before = entry_hash(seq, at, kind, subject, data, before)
        yield seq, at, kind, subject, data, before


def _fill(file: sqlite3.Connection, table: str, rows: Iterator[dict[str, object]]) -> None:
    """Columns that are not given get their default, or an empty one of their type."""
    columns = file.execute(f"PRAGMA table_info({table})").fetchall()
    first = next(rows)
    empty = {
        name: "" if kind == "TEXT" else 0 for _, name, kind, needed, default, _ in columns if needed and default is None
    }
    keyed = [column[1] for column in columns if column[1] in first or (column[1] in empty and column[1] != "seq")]
    text = f"INSERT INTO {table} ({','.join(keyed)}) VALUES ({','.join('?' * len(keyed))})"

    def all_rows() -> Iterator[list[object]]:
        yield [first.get(key, empty.get(key)) for key in keyed]
        for row in rows:
            yield [row.get(key, empty.get(key)) for key in keyed]

    file.executemany(text, all_rows())


def build(folder: Path, media: int, entries: int) -> None:
    """A registry as the guard would have it after years."""
    asyncio.run(_open(folder))
    file = sqlite3.connect(folder / "registry.db", isolation_level=None)
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-262144", "temp_store=MEMORY"):
        file.execute(f"PRAGMA {pragma}")
    indexes = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in indexes:
        file.execute(f"DROP INDEX {name}")
    file.execute("BEGIN")
    _fill(file, "media", _media(media))
    _fill(file, "visits", _visits(media))
    _fill(file, "crossings", _crossings(media))
    file.executemany("INSERT INTO journal VALUES (?,?,?,?,?,?)", _entries(entries))
    for _, sql in indexes:
        file.execute(sql)
    file.execute("COMMIT")
    newest = file.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    (folder / "journal.head").write_text(f"{newest[0]:020d} {newest[1]}\n")
    file.execute("PRAGMA journal_mode=WAL")
    file.close()


async def _open(folder: Path) -> None:
    database = Database(folder / "registry.db")
    await database.read(lambda connection: None)
    await database.close()


async def _cost(ask: Callable[[], Awaitable[object]], times: int = ASKED) -> float:
    """CPU milliseconds of one question, the median."""
    spent = []
    for _ in range(times):
        started = time.process_time()
        await ask()
        spent.append((time.process_time() - started) * 1000)
    return statistics.median(spent)


async def _ask(folder: Path, media: int) -> dict[str, float]:
    chance = random.Random(7)
    some = [chance.randrange(media) for _ in range(10_000)]
    scheme = load_scheme("corporate")
    database = Database(folder / "registry.db")
    journal = Journal(database, folder / "journal.head", lambda: "2026-11-25T10:00:00.000000Z")
    registry = Registry(database, journal, scheme)
    queries, crossings = Queries(database, {}), Crossings(database, {})
    found: dict[str, float] = {}
    found["open"] = await _cost(lambda: database.read(lambda connection: None), 1)
    await registry.facts(ident(0))
    found["admission: what is known"] = await _cost(lambda: registry.facts(ident(some.pop())))
    found["admission: hardware"] = await _cost(lambda: registry.known_hardware(ident(some.pop() + (1 << 50))))
    found["append"] = await _cost(lambda: journal.append("note", "growth", n=1))
    found["next number"] = await _cost(lambda: registry.next_number("MG-"))
    found["media, newest 100"] = await _cost(lambda: queries.media(Page(), frozenset()))
    found["media, lost"] = await _cost(lambda: queries.media(Page(state="lost"), frozenset()))
    found["visits of a medium"] = await _cost(lambda: queries.visits(Page(medium=ident(some.pop()))))
    found["visits, alarms"] = await _cost(lambda: queries.visits(Page(severity="alarm")))
    found["crossings, newest 100"] = await _cost(lambda: crossings.listing({}))
    found["crossings, two networks"] = await _cost(
        lambda: crossings.listing({"from_network": NETWORKS[0], "to_network": NETWORKS[1], "since": NOW + 60})
    )
    found["journal by kind"] = await _cost(lambda: queries.journal(Page(kind="crossing")))
    found["journal by subject"] = await _cost(lambda: queries.journal(Page(subject=ident(some.pop() + (1 << 40)))))
    await database.close()
    return found


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def _verify(folder: Path) -> tuple[float, float]:
    """CPU seconds of `verify` with its processes, and of SHA-256 over the same bytes."""
    database = Database(folder / "registry.db")
    journal = Journal(database, folder / "journal.head", lambda: "")
    started = time.process_time() + _children()
    found = await journal.verify()
    ours = time.process_time() + _children() - started
    assert found.ok, found
    await database.close()
    file = sqlite3.connect(folder / "registry.db")
    rows = file.execute("SELECT CAST(json_array(seq, at, kind, subject, data, hash) AS BLOB) FROM journal")
    plain = 0.0
    while batch := rows.fetchmany(50_000):
        started = time.process_time()
        for (data,) in batch:
            hashlib.sha256(data)
        plain += time.process_time() - started
    file.close()
    return ours, plain


def main() -> None:
    """Build, ask, print, draw."""
    most = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    most_entries = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    lines: dict[str, list[tuple[float, float]]] = {}
    for media in (size for size in MEDIA if size <= most):
        entries = min(media * ENTRIES_OF_A_MEDIUM, most_entries)
        with tempfile.TemporaryDirectory(prefix="media-guard-growth-") as name:
            folder, started = Path(name), time.monotonic()
            build(folder, media, entries)
            size = (folder / "registry.db").stat().st_size / 1e6
            print(
                f"\n{media:,} media, {entries:,} entries, {size:,.0f} MB, built in {time.monotonic() - started:.0f} s"
            )
            for what, cost in asyncio.run(_ask(folder, media)).items():
                print(f"  {what:28}{cost:10.2f} ms", flush=True)
                lines.setdefault(what, []).append((media, max(cost, 0.01)))
            ours, plain = asyncio.run(_verify(folder))
            print(
                f"  verify {ours:.2f} s CPU, SHA-256 over the same bytes {plain:.2f} s: {plain / ours:.2f} of its speed"
            )
    if len(sys.argv) > 3:
        drawn: dict[str, Line] = {what: line for what, line in lines.items() if what != "open"}
        text = picture("CPU time of one question", "media in the registry", "milliseconds", drawn)
        Path(sys.argv[3]).write_text(text)


if __name__ == "__main__":
    main()
