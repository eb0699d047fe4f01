"""Who holds something is reminded of it in their language; nobody is told what others hold."""

import asyncio
from pathlib import Path

from sqlalchemy import Connection, insert

from guard.core.snapshot import VisitSnapshot
from guard.reminding import Reminding
from guard.store.file_tables import visit_files
from guard.store.queries import Listing
from tests.flow.host import Host, stick
from tests.flow.keepers import ALICE, CAROL, LISI, Caller, enter, keeping
from tests.flow.test_inventory import _counting

DAY = 86_400


async def _told(host: Host, caller: Caller) -> Listing:
    return await Reminding(host.parts).reminders(caller, {})


def test_a_loan_an_inspection_and_the_end_of_a_term_are_told_to_the_holder_alone(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await enter(host, "Li Si", account="lisi")
            await enter(host, "alice", account="alice")
            visit = await host.register(await host.plug(stick(tmp_path)), "机密", term="30d")
            await host.pull(visit)
            papers = {"why": "x", "holder": "Li Si", "due": "10d"}
            await keeping(host).step(CAROL, visit.medium, "lend", papers, {})
            assert [row["about"] for row in await _told(host, LISI)] == ["term"]
            await _counting(host).begin(CAROL, "x", {"due": "12d"}, {})
            host.now += 8 * DAY
            told = await _told(host, LISI)
            assert [(row["about"], row["late"]) for row in told] == [
                ("loan", False),
                ("inspection", False),
                ("term", False),
            ]
            assert "lent until" in str(told[0]["what"])
            host.now += 2 * DAY
            chinese = Caller(LISI.uid, "lisi", "zh")
            assert "归还" in str((await _told(host, chinese))[0]["what"])
            assert (await _told(host, chinese))[0]["late"] is True
            assert await _told(host, ALICE) == []
            assert await _told(host, CAROL) == [], "whoever decides is not whoever holds"

    asyncio.run(story())


def test_files_that_stay_for_long_are_told_of_until_the_medium_was_seen_empty(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await enter(host, "lisi", account="lisi")
            visit = await host.register(await host.plug(stick(tmp_path)), "机密", holder="lisi")
            await host.pull(visit)

            async def seen_with(files: int, *, complete: bool = True) -> None:
                here: VisitSnapshot = await host.plug(tmp_path / "stick.img")
                row = {"visit": here.id, "at": host.now, "state": "left", "files": files, "size": 0}
                row |= {"complete": int(complete), "counts": "{}", "findings": "[]"}

                def write(connection: Connection) -> None:
                    connection.execute(insert(visit_files).prefix_with("OR REPLACE").values(row))

                await host.pull(here)
                await host.database.write(write)

            await seen_with(3)
            host.now += 60 * DAY
            await seen_with(5)
            host.now += 29 * DAY
            assert await _told(host, LISI) == []
            host.now += DAY
            assert [row["about"] for row in await _told(host, LISI)] == ["clearing"]
            await seen_with(0, complete=False)
            assert len(await _told(host, LISI)) == 1, "what could not be read whole was not seen empty"
            await seen_with(0)
            assert await _told(host, LISI) == []

    asyncio.run(story())
