"""A medium approved read-only: it fits in every way, and still nothing of the user's reaches it."""

import asyncio
from pathlib import Path

import pytest

from guard.core.errors import Hostile
from guard.core.verdict import Access
from guard.store.queries import Page
from tests.flow.host import Host, stick


def test_a_medium_approved_read_only_opens_read_only_today_and_tomorrow_and_its_water_does_not_rise(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            visit = await host.register(await host.plug(image), "机密", access="read-only")
            assert (visit.access, visit.rules) == (Access.READ_ONLY, ("label-read-only", "fits"))
            await host.pull(visit)
            host.now += 86_400
            again = await host.plug(image)
            assert again.access is Access.READ_ONLY
            (row,) = await host.queries.media(Page(), frozenset())
            assert (row["access"], row["effective_level"]) == ("read-only", "机密")
            (written,) = [r for r in await host.queries.journal(Page(limit=1000)) if r["kind"] == "registered"]
            assert written["data"]["access"] == "read-only"  # type: ignore[index]
            assert not [v for v in host.told if v.access is Access.READ_WRITE]

    asyncio.run(story())


def test_another_approval_makes_it_writable_again_and_an_unknown_access_makes_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            visit = await host.register(await host.plug(image), "机密", access="read-only")
            before = image.read_bytes()
            with pytest.raises(Hostile) as caught:
                await host.register(visit, "机密", access="refused")
            assert caught.value.code == "access-unknown"
            assert image.read_bytes() == before
            visit = await host.register(host.visit_at(visit.port), "机密")
            assert (visit.access, visit.rules) == (Access.READ_WRITE, ("fits",))

    asyncio.run(story())
