"""Power cuts in the middle of a commit, by write order: nothing that was acknowledged is lost, nothing half done is believed.

SQLite's order in WAL mode with synchronous=FULL (sqlite.org/wal.html, "Checkpointing"; sqlite.org/atomiccommit.html): the frames of
a commit go into the log, which is then synced; only now a checkpoint may carry pages into the database, which is synced before the
log begins anew; the head file is written behind the commit. What was written since the last sync of its file may have reached the
disk in any part, sector by sector. So from the files as they were after each acknowledged commit, every state between two of them
that this order allows is built, and opened.
"""

import asyncio
import itertools
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import event, text

from guard.store.database import Database
from guard.store.journal import Journal

_SECTOR, _HEADER = 512, 32
_FILES = ("registry.db", "registry.db-wal", "journal.head")
_COMMITS = 20


@dataclass(frozen=True)
class _Disk:
    """The bytes of the three files; None where a file is not there."""

    database: bytes | None
    log: bytes | None
    head: bytes | None

    @classmethod
    def of(cls, folder: Path) -> "_Disk":
        return cls(*((folder / name).read_bytes() if (folder / name).exists() else None for name in _FILES))

    def put(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        for name, data in zip(_FILES, (self.database, self.log, self.head), strict=True):
            if data is not None:
                (folder / name).write_bytes(data)


def _mixed(before: bytes | None, after: bytes | None, chance: random.Random) -> Iterator[bytes | None]:
    """What may stand on the disk when `after` was written over `before` and the power went: all, none, and parts by sectors."""
    yield before
    yield after
    if after is None or before == after:
        return
    old = (before or b"").ljust(len(after), b"\0")
    sectors = [at for at in range(0, len(after), _SECTOR) if old[at : at + _SECTOR] != after[at : at + _SECTOR]]
    for kept in {chance.randrange(1, len(sectors)) for _ in range(4)} if len(sectors) > 1 else ():
        yield _patched(old, after, sectors[:kept])  # written in order, cut
        yield _patched(old, after, sectors[:kept])[
            : max(sectors[kept], len(before or b""))
        ]  # the file not made longer yet
        yield _patched(old, after, chance.sample(sectors, kept))  # written in any order
    yield after[: len(after) - 100] + b"\0" * 100  # torn within a sector


def _patched(old: bytes, new: bytes, sectors: list[int]) -> bytes:
    made = bytearray(old)
    for at in sectors:
        made[at : at + _SECTOR] = new[at : at + _SECTOR]
    return bytes(made)


def _cuts(before: _Disk, after: _Disk, chance: random.Random) -> Iterator[tuple[_Disk, bool]]:
    """Every state between two acknowledged commits that the order of writing allows; True where the commit is on the disk."""
    yield before, False
    for log in _mixed(_with_header_of(after.log, before.log), after.log, chance):
        yield _Disk(before.database, log, before.head), log == after.log
    if after.database != before.database:  # a checkpoint: the log was synced before it began
        for database in _mixed(before.database, after.database, chance):
            yield _Disk(database, after.log, before.head), True
    for head in (before.head, after.head, *([b""] if before.head is None else [])):
        yield _Disk(after.database, after.log, head), True


def _with_header_of(after: bytes | None, before: bytes | None) -> bytes | None:
    """A log that begins anew has its header synced before the first frame (SQLite's ticket ff5be73dee is why)."""
    return after[:_HEADER] + before[_HEADER:] if after and before else before


def _journal(folder: Path) -> tuple[Database, Journal]:
    database = Database(folder / "registry.db")
    return database, Journal(database, folder / "journal.head", lambda: "2026-01-01T00:00:00Z")


async def _recorded(folder: Path, chance: random.Random) -> list[_Disk]:
    """The files after each acknowledged commit."""
    database, journal = _journal(folder)
    await journal.append("started", "guard")
    assert database._engine is not None

    @event.listens_for(database._engine, "begin")
    def often(connection: object) -> None:
        connection.exec_driver_sql("PRAGMA wal_autocheckpoint=9")  # type: ignore[attr-defined]

    for pragma, value in (("synchronous", 2), ("journal_mode", "wal")):  # what the order above rests on
        assert await database.read(lambda c, name=pragma: c.execute(text(f"PRAGMA {name}")).scalar()) == value  # type: ignore[misc]

    found = [_Disk.of(folder)]
    for number in range(_COMMITS):
        size = chance.choice((10, 3_000, 20_000))
        await journal.append("intent", f"v{number}", size="x" * size)
        found.append(_Disk.of(folder))
    await database.close()
    return found


async def _opened(folder: Path) -> int:
    """How many entries are there after the power is back; the journal is whole, and goes on."""
    database, journal = _journal(folder)
    found = await journal.verify()
    assert found.ok, found
    assert await database.read(lambda c: c.execute(text("PRAGMA integrity_check")).scalar()) == "ok"
    await journal.append("mended", "guard")
    again = await journal.verify()
    assert (again.ok, again.entries) == (True, found.entries + 1)
    await database.close()
    return found.entries


@pytest.mark.parametrize("seed", range(2))
def test_a_power_cut_at_any_point_of_a_commit_loses_nothing_that_was_acknowledged(memory: Path, seed: int) -> None:
    async def story() -> None:
        chance = random.Random(seed)
        (memory / "running").mkdir()
        disks = await _recorded(memory / "running", chance)
        checkpoints = sum(a.database != b.database for a, b in itertools.pairwise(disks))
        assert checkpoints >= 3, "or nothing is tried there"
        tried, in_flight = 0, 0
        for number, (before, after) in enumerate(itertools.pairwise(disks), 1):
            for disk, committed in _cuts(before, after, chance):
                disk.put(memory / "after")
                entries = await _opened(memory / "after")
                assert entries in ((number + 1,) if committed else (number, number + 1)), (number, committed)
                in_flight += entries == number
                tried += 1
        print(f"{tried} states of the disk, {in_flight} of them before the commit, {checkpoints} checkpoints")
        assert tried > 8 * _COMMITS

    asyncio.run(story())


def test_a_head_file_that_was_made_and_not_yet_written_is_none(memory: Path) -> None:
    async def story() -> None:
        (memory / "running").mkdir()
        first = (await _recorded(memory / "running", random.Random(3)))[0]
        _Disk(first.database, first.log, b"").put(memory / "after")
        assert await _opened(memory / "after") == 1

    asyncio.run(story())


def test_what_was_acknowledged_and_is_gone_all_the_same_is_found(memory: Path) -> None:
    """The check of the check: a disk that lies about its syncs loses the last commit, and the head file names it."""

    async def story() -> None:
        (memory / "running").mkdir()
        disks = await _recorded(memory / "running", random.Random(9))
        lost = next((a, b) for a, b in itertools.pairwise(disks) if a.database == b.database and a.log != b.log)
        _Disk(lost[0].database, lost[0].log, lost[1].head).put(memory / "after")
        database, journal = _journal(memory / "after")
        found = await journal.verify()
        assert (found.ok, found.why) == (False, "cut-off")
        await database.close()

    asyncio.run(story())
