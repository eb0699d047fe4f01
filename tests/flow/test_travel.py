"""Where a medium has been and how each visit ended, as its own records tell it to the next host that may know."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from guard.bus.caller import Caller
from guard.core.errors import Refused
from guard.core.snapshot import VisitSnapshot
from guard.store.queries import Page
from tests.flow.host import Host, stick
from tests.flow.keepers import asking


async def _remove(host: Host, visit: VisitSnapshot) -> None:
    await host.guard.escort_of(visit.id).eject()
    await host.pull(visit)


async def _stops(host: Host, visit: VisitSnapshot, here: str = "") -> list[tuple[object, ...]]:
    rows = await host.queries.travel(Page(medium=visit.medium), here)
    return [(row["sequence"], row["host"], row["verdict"], row["ended"], row["alarm"]) for row in rows]


def test_every_visit_is_told_with_its_end_and_what_was_only_pulled_is_never_called_clean(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as office, founded.enrol(tmp_path / "b", "internet", "公开") as internet:
            await _remove(office, await office.register(await office.plug(image), "机密"))
            await office.pull(await office.plug(image))
            refused = await internet.plug(image)
            await internet.pull(refused)
            last = await office.plug(image)
            here, there = office.parts.host.host_id, internet.parts.host.host_id
            told = await _stops(office, last, here)
            assert told == [
                (5, here, "read-write", "in", False),
                (4, there, "refused", "refused", True),
                (3, here, "read-write", "unknown", False),
                (1, here, "read-write", "removed", False),
            ]
            await office.pull(last)
            assert (await _stops(office, last))[0] == (5, here, "read-write", "unknown", False)
            rows = await office.queries.travel(Page(medium=last.medium), "")
            heads = {row["seq"]: row["hash"] for row in await internet.queries.journal(Page(limit=1000))}
            assert str(heads[rows[1]["journal_seq"]]).startswith(str(rows[1]["journal_hash"]))
            assert rows[1]["network"] == internet.parts.host.network_id, "a name that is not known here stays an id"
            assert rows[0]["network"] == "office"
            summaries = [(row["visits"], row["alarms"], row["first"]) for row in rows]
            assert summaries == [(visits, int(visits > 2), "2026-09-21T14:00:00Z") for visits in (4, 3, 2, 1)]
            assert (await _stops(internet, refused))[0][:2] == (4, there)
            assert office.troubles == internet.troubles == []

    asyncio.run(story())


def test_what_was_unmounted_before_it_was_pulled_is_told_so_and_for_ever_and_by_this_host_alone(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密")
        async with founded as office, founded.enrol(tmp_path / "b", "office", "机密") as other:
            await _remove(office, await office.register(await office.plug(image), "机密"))
            unmounted = await office.plug(image)
            for in_use in (True, False):
                await office.use(unmounted, in_use=in_use)
            assert (await _stops(office, unmounted, office.parts.host.host_id))[0][3] == "in"
            await office.pull(unmounted)
            assert (await _stops(office, unmounted))[0][3] == "unmounted"
            mounted = await office.plug(image)
            await office.use(mounted, in_use=True)
            await office.pull(mounted)
            await _remove(office, await office.plug(image))
            ends = [stop[3] for stop in await _stops(office, mounted)]
            assert ends == ["removed", "unknown", "unmounted", "removed"], (
                "a later end takes nothing from an earlier one"
            )
            guest = await other.plug(image)
            assert "unmounted" not in [stop[3] for stop in await _stops(other, guest)], "no record says it"
            assert office.troubles == other.troubles == []

    asyncio.run(story())


def test_a_record_that_is_read_again_is_kept_once(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as office:
            visit = await office.register(await office.plug(image), "机密")
            for _ in range(3):
                await office.pull(visit)
                visit = await office.plug(image)
            assert [sequence for sequence, *_ in await _stops(office, visit)] == [4, 3, 2, 1]
            assert [row["sequence"] for row in await office.queries.travel(Page(2, 4, medium=visit.medium), "")] == [
                3,
                2,
            ]

    asyncio.run(story())


def test_a_host_above_the_medium_writes_no_record_and_knows_those_it_read(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "秘密")
        async with founded as office, founded.enrol(tmp_path / "b", "vault", "机密") as vault:
            importing: dict[str, Any] = {"import": True}
            await office.pull(await office.register(await office.plug(image), "秘密", **importing))
            before = image.read_bytes()
            visit = await vault.plug(image)
            assert [stop[1] for stop in await _stops(vault, visit, vault.parts.host.host_id)] == [
                office.parts.host.host_id
            ]
            await vault.pull(visit)
            assert image.read_bytes() == before

    asyncio.run(story())


def test_somebody_else_is_not_told_where_a_medium_has_been(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as office:
            visit = await office.register(await office.plug(stick(tmp_path)), "机密")
            verbs = asking(office)
            assert len(await verbs.travel(Caller("", 1000, "alice"), visit.medium, {}, {})) == 1
            with pytest.raises(Refused) as caught:
                await verbs.travel(Caller("", 1001, "mallory"), visit.medium, {}, {})
            assert caught.value.code == "medium-unknown"

    asyncio.run(story())
