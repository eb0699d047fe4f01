"""The registry and the journal when the power goes, when somebody edits, and when there is much in them."""

import asyncio
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from guard.store.chain import Verification
from guard.store.database import Database
from guard.store.journal import Journal

_WRITER = """
import asyncio, sys
from pathlib import Path
from guard.store.database import Database
from guard.store.journal import Journal
async def main():
    database = Database(Path(sys.argv[1]) / "registry.db")
    journal = Journal(database, Path(sys.argv[1]) / "journal.head", lambda: "now")
    while True:
        entry = await journal.append("intent", "v", size="x" * 500)
        print(entry.seq, flush=True)
asyncio.run(main())
"""


def _verify(folder: Path) -> Verification:
    async def whole() -> Verification:
        database = Database(folder / "registry.db")
        found = await Journal(database, folder / "journal.head", lambda: "now").verify(lambda done, total: None)
        await database.close()
        return found

    return asyncio.run(whole())


def _append(folder: Path, count: int) -> None:
    async def whole() -> None:
        database = Database(folder / "registry.db")
        journal = Journal(database, folder / "journal.head", lambda: "now")
        for number in range(count):
            await journal.append("result", f"v{number}", number=number)
        await database.close()

    asyncio.run(whole())


@pytest.mark.parametrize("lines", [1, 2, 7, 20])
def test_killed_in_the_middle_of_appending_nothing_that_was_acknowledged_is_lost(tmp_path: Path, lines: int) -> None:
    writer = subprocess.Popen([sys.executable, "-c", _WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    acknowledged = 0
    for _ in range(lines):
        acknowledged = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    acknowledged = max([acknowledged, *(int(line) for line in writer.stdout.read().split() if line.isdecimal())])
    writer.wait()
    writer.stdout.close()
    found = _verify(tmp_path)
    assert found.ok, found
    assert found.entries >= acknowledged
    _append(tmp_path, 1)
    assert _verify(tmp_path) == Verification(found.entries + 1, ok=True)


_SWAP = "UPDATE journal SET seq = CASE seq WHEN 6 THEN -7 ELSE -6 END WHERE seq IN (6, 7);"
_EDITS: dict[str, tuple[str, int]] = {
    "a word in an entry": ("UPDATE journal SET data = replace(data, '4', '5') WHERE seq = 5", 5),
    "a time": ("UPDATE journal SET at = 'then' WHERE seq = 3", 3),
    "an entry is taken out": ("DELETE FROM journal WHERE seq = 4", 5),
    "the first is taken out": ("DELETE FROM journal WHERE seq = 1", 2),
    "the last is taken out": ("DELETE FROM journal WHERE seq = 9", 9),
    "the last three are taken out": ("DELETE FROM journal WHERE seq > 6", 7),
    "everything is taken out": ("DELETE FROM journal", 1),
    "two change places": (
        _SWAP + "UPDATE journal SET seq = -seq WHERE seq < 0",
        6,
    ),
    "a hash": ("UPDATE journal SET hash = '00' WHERE seq = 8", 8),
}


@pytest.mark.parametrize("edit", _EDITS)
def test_whoever_edits_the_journal_is_found_at_the_entry(tmp_path: Path, edit: str) -> None:
    _append(tmp_path, 9)
    assert _verify(tmp_path).ok
    statements, place = _EDITS[edit]
    file = sqlite3.connect(tmp_path / "registry.db")
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    file.executescript(statements)
    file.commit()
    file.close()
    found = _verify(tmp_path)
    assert not found.ok
    assert abs(found.first_bad - place) <= 1, (edit, found)


@pytest.mark.parametrize(
    "statement", ["UPDATE journal SET kind = 'x' WHERE seq = 1", "DELETE FROM journal WHERE seq = 1"]
)
def test_the_file_itself_refuses_to_forget(tmp_path: Path, statement: str) -> None:
    _append(tmp_path, 3)
    file = sqlite3.connect(tmp_path / "registry.db")
    with pytest.raises(sqlite3.IntegrityError, match="forgets nothing"):
        file.execute(statement)
    file.close()
    assert _verify(tmp_path) == Verification(3, ok=True)


QUERIES = (
    "SELECT * FROM media WHERE id = 'x'",
    "SELECT number FROM media WHERE hardware = 'x' LIMIT 1",
    "SELECT * FROM visits WHERE id = 'x'",
    "SELECT * FROM visits WHERE medium = 'x' AND seq < 9 ORDER BY seq DESC LIMIT 1",
    "SELECT * FROM visits WHERE medium = 'x' ORDER BY seq DESC LIMIT 100",
    "SELECT * FROM visits WHERE uid = 1 ORDER BY seq DESC LIMIT 100",
    "SELECT * FROM visits WHERE left IS NULL",
    "SELECT id FROM requests WHERE visit = 'x' AND state = 'open'",
    "SELECT count(*) FROM requests WHERE state = 'open' AND uid = 1",
    "SELECT * FROM crossings WHERE medium = 'x' AND record = 'y'",
    "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1",
)


@pytest.mark.parametrize("query", QUERIES)
def test_what_is_asked_at_every_plug_is_looked_up_and_never_searched_through(tmp_path: Path, query: str) -> None:
    _append(tmp_path, 1)
    file = sqlite3.connect(tmp_path / "registry.db")
    plan = [str(row[3]) for row in file.execute(f"EXPLAIN QUERY PLAN {query}")]
    file.close()
    whole = [step for step in plan if step.startswith("SCAN") and not re.search(r"ORDER BY seq DESC LIMIT 1$", query)]
    assert not whole, plan
    assert not [step for step in plan if "TEMP B-TREE" in step]
