"""What this host cannot do never lets a stick in: a registry missing, locked, damaged or full, and a guard cut short."""

import asyncio
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from guard.core.verdict import Access
from guard.store.queries import Page
from tests.flow.host import Host, stick


async def _registered(host: Host, image: Path) -> None:
    visit = await host.register(await host.plug(image), "机密")
    assert visit.access is Access.READ_WRITE
    await host.pull(visit)


async def _refused_for(host: Host, image: Path, code: str) -> str:
    visit = await host.plug(image)
    assert (visit.access, visit.rules) == (Access.REFUSED, ("guard-failed",))
    assert not visit.disk
    assert code in host.troubles
    return visit.port


async def _opens_by_itself(host: Host, port: str) -> None:
    await host.until_mended()
    visit = host.visit_at(port)
    assert (visit.access, visit.rules) == (Access.READ_WRITE, ("fits",))
    assert (await host.journal.verify()).ok


def test_a_locked_registry_keeps_sticks_out_and_lets_them_in_when_it_is_free(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            other = sqlite3.connect(host.state / "guard.db")
            other.execute("BEGIN IMMEDIATE")
            port = await _refused_for(host, image, "registry-locked")
            other.rollback()
            other.close()
            await _opens_by_itself(host, port)

    asyncio.run(story())


def test_a_missing_registry_folder_keeps_sticks_out_until_it_is_back(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            host.state.rename(tmp_path / "away")
            port = await _refused_for(host, image, "registry-missing")
            (tmp_path / "away").rename(host.state)
            await _opens_by_itself(host, port)

    asyncio.run(story())


def test_a_damaged_registry_keeps_sticks_out_and_is_named(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as host:
            await _registered(host, image)
        database = founded.state / "guard.db"
        shutil.copy(database, tmp_path / "backup")
        database.write_bytes(b"SQLite format 3\0" + b"\xa5" * 40_000)
        async with founded as host:
            assert host.troubles[0] == "registry-corrupted"
            port = await _refused_for(host, image, "registry-corrupted")
            shutil.copy(tmp_path / "backup", tmp_path / "fresh")
            (tmp_path / "fresh").rename(database)
            for leftover in ("guard.db-wal", "guard.db-shm"):
                (founded.state / leftover).unlink(missing_ok=True)
            await _opens_by_itself(host, port)

    asyncio.run(story())


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MiB, mounted; the tests run as root."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", str(place)], check=True)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk_keeps_sticks_out_loses_nothing_and_recovers(tmp_path: Path, small_disk: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        founded.state = small_disk
        async with founded as host:
            await _registered(host, image)
            before = len(await host.queries.journal(Page(limit=1000)))
            with pytest.raises(OSError, match="No space"):
                (small_disk / "filler").write_bytes(bytes(1 << 20))
            port = await _refused_for(host, image, "registry-disk-full")
            (small_disk / "filler").unlink()
            await _opens_by_itself(host, port)
            assert len(await host.queries.journal(Page(limit=1000))) > before

    asyncio.run(story())


def test_a_guard_cut_short_finds_its_unfinished_visit_closes_it_and_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as host:
            visit = await host.register(await host.plug(image), "机密")
            assert visit.access is Access.READ_WRITE
        founded.ports.unplug(visit.port)
        async with founded as host:
            assert host.cut_short == (visit.id,)
            kinds = [row["kind"] for row in await host.queries.journal(Page(limit=4))]
            assert kinds[:2] == ["started", "cut-short"]
            (row,) = [r for r in await host.queries.visits(Page()) if r["id"] == visit.id]
            assert row["left"]
            assert (await host.journal.verify()).ok

    asyncio.run(story())


@pytest.mark.parametrize(
    ("change", "first_bad", "why"),
    [
        ("UPDATE journal SET data = '{}' WHERE seq = 3", 3, "changed"),
        ("DELETE FROM journal WHERE seq = 3", 3, "missing"),
        ("UPDATE journal SET seq = seq + 1000 WHERE seq = 2", 2, "missing"),
        ("DELETE FROM journal WHERE seq > 4", 5, "cut-off"),
    ],
)
def test_a_journal_that_was_edited_behind_the_guards_back_is_named_by_entry(
    tmp_path: Path, change: str, first_bad: int, why: str
) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            other = sqlite3.connect(host.state / "guard.db")
            with pytest.raises(sqlite3.IntegrityError, match="forgets nothing"):
                other.execute(change)
            other.execute("DROP TRIGGER journal_keeps_entries")
            other.execute("DROP TRIGGER journal_keeps_words")
            other.execute(change)
            other.commit()
            other.close()
            found = await host.journal.verify()
            assert (found.ok, found.first_bad, found.why) == (False, first_bad, why)

    asyncio.run(story())


def test_a_stick_pulled_in_the_middle_leaves_no_open_visit(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            for _ in range(30):
                port = host.ports.plug(image)
                await asyncio.sleep(0)
                host.ports.unplug(port)
                await host.until(lambda: not host.guard.visits)
                await host.guard.settle()
            rows = await host.queries.visits(Page(limit=1000))
            assert len(rows) == 30
            assert all(row["left"] for row in rows)
            assert (await host.journal.verify()).ok

    asyncio.run(story())
