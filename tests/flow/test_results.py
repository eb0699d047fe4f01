"""What came of an admission is written down when the system is done with the new disk, and never lost or out of order."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.core.visit import Stage
from guard.store.queries import Page
from tests.flow.host import Host, stick

LONG = 3600.0


async def _kinds(host: Host, visit: VisitSnapshot) -> list[str]:
    rows = await host.queries.journal(Page(subject=visit.id, limit=50))
    return [str(row["kind"]) for row in reversed(rows)]


@asynccontextmanager
async def _open(folder: Path, aside: float = LONG) -> AsyncIterator[tuple[Host, VisitSnapshot]]:
    """A registered stick that has just been let in read-write."""
    image = stick(folder)
    host = Host.found(folder / "a", "office", "机密")
    host.aside = aside
    async with host:
        await host.pull(await host.register(await host.plug(image), "机密"))
        visit = await host.plug(image)
        assert (visit.stage, visit.access) == (Stage.OPEN, Access.READ_WRITE)
        yield host, visit


def test_the_person_is_told_before_it_is_written_down_and_the_pull_writes_it_first(tmp_path: Path) -> None:
    async def story() -> None:
        async with _open(tmp_path) as (host, visit):
            assert await _kinds(host, visit) == ["arrived", "intent"], (
                "the intent is on the disk, what came of it not yet"
            )
            await host.pull(visit)
            assert await _kinds(host, visit) == ["arrived", "intent", "result", "left"]
            assert (await host.journal.verify()).ok
        async with host:
            assert host.cut_short == ()

    asyncio.run(story())


def test_it_is_written_down_by_itself_a_moment_later(tmp_path: Path) -> None:
    async def story() -> None:
        grown = asyncio.Event()
        async with _open(tmp_path, aside=0.01) as (host, visit):
            host.journal.grown = lambda seq: grown.set()
            async with asyncio.timeout(10):
                while "result" not in await _kinds(host, visit):
                    await grown.wait()
                    grown.clear()
            assert await _kinds(host, visit) == ["arrived", "intent", "result"]
            assert host.visit_at(visit.port).stage is Stage.OPEN

    asyncio.run(story())


def test_a_refusal_is_written_down_at_once(tmp_path: Path) -> None:
    async def story() -> None:
        host = Host.found(tmp_path / "a", "office", "机密")
        host.aside = LONG
        async with host:
            visit = await host.plug(stick(tmp_path))
            assert (visit.stage, visit.access) == (Stage.SHUT, Access.REFUSED)
            assert await _kinds(host, visit) == ["arrived", "intent", "result"]

    asyncio.run(story())


def test_before_the_guard_ends_it_is_written_down_and_no_visit_lacks_its_result(tmp_path: Path) -> None:
    async def story() -> None:
        async with _open(tmp_path) as (host, visit):
            await host.guard.write_down()
            assert await _kinds(host, visit) == ["arrived", "intent", "result"]
            await host.guard.write_down()
            assert await _kinds(host, visit) == ["arrived", "intent", "result"], "once"

    asyncio.run(story())


def test_what_cannot_be_written_down_later_shuts_the_port_all_the_same(tmp_path: Path) -> None:
    async def story() -> None:
        async with _open(tmp_path) as (host, visit):
            other = sqlite3.connect(host.state / "guard.db")
            other.execute("BEGIN IMMEDIATE")
            await host.guard.write_down()
            failed = host.visit_at(visit.port)
            assert (failed.stage, failed.access, failed.rules) == (Stage.SHUT, Access.REFUSED, ("guard-failed",))
            assert not failed.disk
            other.rollback()
            other.close()
            await host.until_mended()
            mended = host.visit_at(visit.port)
            assert (mended.stage, mended.access) == (Stage.OPEN, Access.READ_WRITE)
            assert (await host.journal.verify()).ok

    asyncio.run(story())


def test_a_guard_killed_before_the_result_tells_what_was_decided_and_was_cut_short(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        async with _open(tmp_path) as (host, visit):
            host.guard._escorts.clear()  # nobody writes anything down any more
        async with host:
            assert host.cut_short == (visit.id,)
            assert "result" not in await _kinds(host, visit)
            row = next(row for row in await host.queries.visits(Page(limit=9)) if row["id"] == visit.id)
            assert row["verdict"] == "read-write", "it may have been open; nobody is told that it was held"
            assert row["left"]
            assert (await host.journal.verify()).ok

    asyncio.run(story())


def test_a_copy_from_before_a_visit_is_caught_also_when_the_guard_was_killed_before_its_result(tmp_path: Path) -> None:
    async def story() -> None:
        host, image = Host.found(tmp_path / "a", "office", "机密"), stick(tmp_path)
        host.aside = LONG
        async with host:
            await host.pull(await host.register(await host.plug(image), "机密"))
            before = image.read_bytes()
            visit = await host.plug(image)
            assert visit.access is Access.READ_WRITE
            assert image.read_bytes() != before, "the record of this visit is on the medium"
            assert "result" not in await _kinds(host, visit)
            host.guard._escorts.clear()  # nobody writes anything down any more
        host.ports.unplug(visit.port)
        image.write_bytes(before)
        async with host:
            caught = await host.plug(image)
            assert "rolled-back" in caught.rules
            assert (caught.stage, caught.access) == (Stage.SHUT, Access.REFUSED)
            assert image.read_bytes() == before, "nothing is written to an old copy"

    asyncio.run(story())
