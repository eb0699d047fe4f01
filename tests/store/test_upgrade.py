"""A registry of an older version is brought up to this one when it is opened; nothing in it is lost or weakened."""

import asyncio
import sqlite3
from pathlib import Path

from guard.core.verdict import Access
from guard.store.queries import Page
from guard.store.upgrades import VERSION
from tests.flow.host import Host, stick


def back_to_first(database: Path) -> None:
    """As version 1 would have left it."""
    old = sqlite3.connect(database)
    for index in ("media_of_holder", "media_offered", "media_of_department", "media_by_serial", "media_by_end"):
        old.execute(f"DROP INDEX {index}")
    for column in (
        "dated",
        "ends",
        "condition",
        "read_only",
        "department",
        "due",
        "receiver",
        "receiver_department",
        "serial",
    ):
        old.execute(f"ALTER TABLE media DROP COLUMN {column}")
    for table in ("travel", "steps", "departures", "people", "orders", "manifests", "visit_files", "file_changes"):
        old.execute(f"DROP TABLE {table}")
    for table in ("campaigns", "inspections", "marks"):
        old.execute(f"DROP TABLE {table}")
    for index in ("journal_by_kind", "journal_by_subject"):
        old.execute(f"DROP INDEX {index}")
    old.execute("DROP TABLE heads")
    for index in ("holder", "direction", "severity"):
        (name,) = old.execute(f"SELECT name FROM sqlite_master WHERE name LIKE 'crossings_%{index}'").fetchone()
        old.execute(f"DROP INDEX {name}")
    for column in ("severity", "number", "holder", "visit"):
        old.execute(f"ALTER TABLE crossings DROP COLUMN {column}")
    old.execute("PRAGMA user_version=1")
    old.commit()
    old.close()


def test_a_registry_of_the_first_version_is_upgraded_and_forgets_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as host:
            visit = await host.register(await host.plug(image), "机密")
            await host.pull(visit)
            async with founded.enrol(tmp_path / "b", "internet", "公开") as internet:
                await internet.pull(await internet.plug(image))
            host.now += 60
            await host.pull(await host.plug(image))
            before = [row["hash"] for row in await host.queries.journal(Page(limit=1000))]
        back_to_first(founded.state / "guard.db")
        async with founded as host:
            again = await host.plug(image)
            assert again.access is Access.READ_WRITE
            assert [row["access"] for row in await host.queries.media(Page(), frozenset())] == ["read-write"]
            stops = await host.queries.travel(Page(medium=again.medium), host.parts.host.host_id)
            assert [stop["ended"] for stop in stops] == ["in", "unknown", "refused", "unknown"]
            after = [row["hash"] for row in await host.queries.journal(Page(limit=1000))]
            assert after[-len(before) :] == before
            assert (await host.journal.verify()).ok
        upgraded = sqlite3.connect(founded.state / "guard.db")
        assert upgraded.execute("PRAGMA user_version").fetchone() == (VERSION,)
        tables = {name for (name,) in upgraded.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert {"manifests", "visit_files", "file_changes", "campaigns", "inspections", "marks"} <= tables
        ((dated, ends, expires),) = upgraded.execute("SELECT dated, ends, expires FROM media")
        assert (ends, dated is not None) == (expires, True)
        assert upgraded.execute("SELECT level, ends, cancelled FROM marks").fetchall() == [("机密", expires, None)]
        assert {"manifests", "visit_files", "file_changes"} <= tables
        indexes = {name for (name,) in upgraded.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
        assert {"media_of_holder", "media_offered", "media_of_department", "media_by_serial"} <= indexes
        for column in ("kind", "subject"):
            (plan,) = upgraded.execute(f"EXPLAIN QUERY PLAN SELECT * FROM journal WHERE {column}='x' ORDER BY seq")
            assert plan[3] == f"SEARCH journal USING INDEX journal_by_{column} ({column}=?)"
        (forgets_nothing,) = upgraded.execute(
            "SELECT count(*) FROM sqlite_master WHERE name LIKE 'heads_keeps_%'"
        ).fetchone()
        assert forgets_nothing == 2
        assert upgraded.execute("SELECT count(*) FROM heads").fetchone()[0] > 0
        kept = upgraded.execute(
            "SELECT source, severity, number, holder, length(visit) FROM crossings ORDER BY at"
        ).fetchall()
        assert kept == [
            ("travel-log", "warning", "MG-0001", "Zhang San", 0),
            ("registry", "info", "MG-0001", "Zhang San", 32),
        ]
        upgraded.close()

    asyncio.run(story())
