"""An older list becomes acquired media, whose numbers wait for a label; a saved registry comes back whole or not at all."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from guard.core.errors import Broken
from guard.core.verdict import Access
from guard.store.backup import bring_back, check, save
from guard.store.queries import Page
from tests.flow.host import Host, stick
from tests.flow.keepers import CAROL, keeping, refused

ROW = {"number": "BM-001", "level": "机密", "holder": "张三", "department": "一处", "serial": "S1"}


def test_a_dry_run_changes_nothing_and_names_every_bad_row(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            rows = [ROW, {**ROW, "level": "x"}, ROW, {**ROW, "number": "BM-002"}]
            bad = await keeping(host).take_over(CAROL, rows, True, {})
            assert [(row["row"], row["code"]) for row in bad] == [(1, "level-unknown"), (2, "number-taken")]
            assert await host.queries.media(Page(), frozenset()) == []
            assert await host.queries.journal(Page(kind="imported")) == []
            assert await keeping(host).take_over(CAROL, rows, False, {}) == bad
            again = await keeping(host).take_over(CAROL, rows, False, {})
            assert [row["code"] for row in again] == ["number-taken", "level-unknown", "number-taken", "number-taken"]
            assert len(await host.queries.media(Page(), frozenset())) == 2

    asyncio.run(story())


def test_a_number_of_the_list_gets_its_label_and_keeps_its_history_and_its_level(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await keeping(host).take_over(CAROL, [ROW], False, {})
            visit = await host.plug(stick(tmp_path))
            assert await refused(host.register(visit, "公开", number="BM-001")) == "level-lowered"
            registered = await host.register(host.visit_at(visit.port), "机密", number="BM-001")
            assert registered.access is Access.READ_WRITE
            (row,) = await host.queries.media(Page(search="M-00"), frozenset())
            assert (row["state"], row["serial"], row["id"]) == ("registered", "S1", registered.medium)
            history = await host.lives.history(Page(medium=registered.medium))
            assert [entry["step"] for entry in history] == ["register", "acquire"]

    asyncio.run(story())


def test_a_saved_registry_comes_back_whole_and_an_edited_one_does_not(tmp_path: Path) -> None:
    saved = tmp_path / "saved.db"

    async def story() -> None:
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as host:
            await keeping(host).take_over(CAROL, [ROW], False, {})
            first = await asyncio.to_thread(save, host.state / "guard.db", saved)
            assert first.media == 1
            await keeping(host).take_over(CAROL, [{**ROW, "number": "BM-002"}], False, {})
        found = bring_back(saved, founded.state / "guard.db")
        assert (found.media, found.entries) == (1, first.entries + 1)
        assert check(Path(found.kept)).media == 2, "the one before is kept"
        (founded.state / "head").unlink()
        async with founded as host:
            assert [row["number"] for row in await host.queries.media(Page(), frozenset())] == ["BM-001"]
            assert (await host.journal.verify()).ok
            (entry,) = await host.queries.journal(Page(kind="restored"))
            assert entry["data"]["replaced"]["entries"] > first.entries  # type: ignore[index]

    asyncio.run(story())


@pytest.mark.parametrize("how", ["edited", "cut", "garbage", "newer"])
def test_a_registry_that_is_not_whole_is_not_put_in_place(tmp_path: Path, how: str) -> None:
    saved = tmp_path / "saved.db"

    async def story() -> None:
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as host:
            for number in ("1", "2"):
                await keeping(host).take_over(CAROL, [{**ROW, "number": number}], False, {})
        save(founded.state / "guard.db", saved)
        before = (founded.state / "guard.db").read_bytes()
        if how == "garbage":
            saved.write_bytes(b"x" * 8192)
        else:
            database = sqlite3.connect(saved)
            for trigger in ("journal_keeps_words", "journal_keeps_entries"):
                database.execute(f"DROP TRIGGER {trigger}")
            database.execute(
                {
                    "edited": "UPDATE journal SET data='{}' WHERE seq=2",
                    "cut": "DELETE FROM journal WHERE seq=2",
                    "newer": "PRAGMA user_version=999",
                }[how]
            )
            database.commit()
            database.close()
        with pytest.raises(Broken, match="backup-damaged"):
            bring_back(saved, founded.state / "guard.db")
        assert (founded.state / "guard.db").read_bytes() == before

    asyncio.run(story())
