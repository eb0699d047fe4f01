"""The journal of this host was cut or rewritten, with every copy on this computer; a stick remembers. And the innocent twins."""

import asyncio
import shutil
import sqlite3
from pathlib import Path

from guard.core.entry import entry_hash
from guard.core.verdict import Access
from guard.store.queries import Page
from tests.flow.host import Host, stick

DATABASE = "guard.db"


async def _visit(host: Host, image: Path) -> None:
    visit = await host.plug(image)
    assert visit.access is Access.READ_WRITE
    await host.pull(visit)


async def _registered(host: Host, image: Path) -> None:
    await host.pull(await host.register(await host.plug(image), "机密"))


def _back_up(host: Host, place: Path) -> None:
    """Everything that is on this computer."""
    place.mkdir()
    for name in (DATABASE, "head"):
        shutil.copy(host.state / name, place / name)


def _restore(place: Path, host: Host) -> None:
    for path in host.state.glob(f"{DATABASE}-*"):
        path.unlink()
    for name in (DATABASE, "head"):
        shutil.copy(place / name, host.state / name)


def _rewrite_from(host: Host, first: int) -> None:
    """What root can do: another story from entry `first` on, with a sound chain, and no copy on this computer that tells."""
    file = sqlite3.connect(host.state / DATABASE)
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    before = file.execute("SELECT hash FROM journal WHERE seq = ?", (first - 1,)).fetchone()[0]
    rows = file.execute(
        "SELECT seq, at, kind, subject, data FROM journal WHERE seq >= ? ORDER BY seq", (first,)
    ).fetchall()
    for seq, at, kind, subject, data in rows:
        other = "somebody else" if seq == first else subject
        before = entry_hash(seq, at, kind, other, data, before)
        file.execute("UPDATE journal SET subject = ?, hash = ? WHERE seq = ?", (other, before, seq))
    file.execute("DELETE FROM heads WHERE seq >= ?", (first,))
    file.execute("DELETE FROM travel")
    file.commit()
    file.close()
    (host.state / "head").unlink()


async def _damages(host: Host) -> list[tuple[object, object]]:
    rows = await host.queries.journal(Page(limit=1000, kind="journal-damaged"))
    return [(row["subject"], row["data"]["why"]) for row in rows]  # type: ignore[index]


def test_a_tail_that_was_cut_with_every_copy_on_this_computer_is_named_by_the_stick(tmp_path: Path) -> None:
    async def story() -> None:
        image, other = stick(tmp_path), stick(tmp_path, "other.img")
        host = Host.found(tmp_path / "a", "office", "机密")
        async with host:
            await _registered(host, image)
        _back_up(host, tmp_path / "older")
        async with host:
            for _ in range(4):
                await _visit(host, image)
        _restore(tmp_path / "older", host)
        async with host:
            assert (await host.journal.verify()).ok, "nothing on this computer tells"
            await _registered(host, other)
            assert await _damages(host) == [], "a stick that was not here meanwhile knows nothing"
        _restore(tmp_path / "older", host)
        async with host:
            visit = await host.plug(image)
            assert visit.access is Access.READ_WRITE, "the stick has done nothing wrong"
            assert await _damages(host) == [(visit.medium, "cut-off")]
            assert [code for code in host.troubles if code.startswith("journal-")] == ["journal-cut-off"]
            found = await host.journal.verify()
            assert (found.ok, found.witness) == (False, visit.medium)
            assert found.why in ("cut-off", "rewritten"), "whichever record's head is the lowest that is missed"
            await host.pull(visit)
            await host.pull(await host.plug(image))
            assert len(await _damages(host)) == 1, "told once"

    asyncio.run(story())


def test_an_entry_that_was_rewritten_with_all_that_came_after_it_is_named_by_the_stick(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        host = Host.found(tmp_path / "a", "office", "机密")
        async with host:
            await _registered(host, image)
            await _visit(host, image)
        _rewrite_from(host, 3)
        async with host:
            assert (await host.journal.verify()).ok, "nothing on this computer tells"
            visit = await host.plug(image)
            assert await _damages(host) == [(visit.medium, "rewritten")]
            found = await host.journal.verify()
            assert (found.ok, found.why, found.witness) == (False, "rewritten", visit.medium)
            assert "journal-rewritten" in host.troubles

    asyncio.run(story())


def test_whoever_changed_nothing_is_not_accused(tmp_path: Path) -> None:
    """The same journal; a newer one; a backup that has all the stick knows; the heads of another host."""

    async def story() -> None:
        image, other = stick(tmp_path), stick(tmp_path, "other.img")
        host = Host.found(tmp_path / "a", "office", "机密")
        async with host:
            await _registered(host, image)
            await _visit(host, image)
        _back_up(host, tmp_path / "newer")
        async with host:
            await _registered(host, other)
        _restore(tmp_path / "newer", host)
        async with host:
            await _visit(host, image)
            async with host.enrol(tmp_path / "b", "office", "机密") as elsewhere:
                await _visit(elsewhere, image)
                assert await _damages(elsewhere) == []
                assert (await elsewhere.journal.verify()).ok
            await _visit(host, image)
            assert await _damages(host) == []
            assert (await host.journal.verify()).ok
            assert host.troubles == []

    asyncio.run(story())


def test_a_cut_in_the_journal_alone_is_found_without_the_stick(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        host = Host.found(tmp_path / "a", "office", "机密")
        async with host:
            await _registered(host, image)
            await _visit(host, image)
        (host.state / "head").unlink()
        file = sqlite3.connect(host.state / DATABASE)
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f"DROP TRIGGER {name}")
        file.execute("DELETE FROM journal WHERE seq > 3")
        file.execute("DELETE FROM heads WHERE seq > 3")
        file.commit()
        file.close()
        async with host:
            found = await host.journal.verify()
            assert not found.ok
            assert len(found.witness) == 32

    asyncio.run(story())
