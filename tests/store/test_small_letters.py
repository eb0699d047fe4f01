"""Names are one name in capital and small letters, also where SQLite's own functions know ASCII alone."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import insert

from guard.core.inventory import parse_campaign
from guard.store.naming import Own
from guard.store.queries import Page
from guard.store.tables import media
from tests.flow.host import NOON, Host
from tests.store.test_searching import _rows


@pytest.mark.parametrize("name", ["Zhang San", "张三", "Özil", "Иванов Пётр", "ÅNGSTRÖM", "Émile Zola"])
def test_a_holder_is_found_counted_reminded_and_inspected_however_the_name_is_written(
    tmp_path: Path, name: str
) -> None:
    spellings = {name, name.casefold(), name.upper(), name.title()}

    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            rows = [{**row, "holder": "somebody else", "department": ""} for row in _rows(20)]
            for row, spelt in zip(rows, sorted(spellings), strict=False):
                row["holder"] = spelt
            await host.database.write(lambda connection: connection.execute(insert(media), rows))
            await host.people.put(name.upper(), "u1001", "Études", "carol", NOON)
            (person,) = await host.people.listing()
            assert person["holds"] == len(spellings)
            for asked in (*spellings, "u1001"):
                found = {str(row["holder"]) for row in await host.queries.media(Page(holder=asked), frozenset())}
                assert found == spellings, asked
            own = Own(frozenset(), frozenset({name.casefold()}))
            assert len(await host.queries.media(Page(), frozenset(), own)) == len(spellings)
            assert len(await host.parts.holdings.of({name.casefold()})) == len(spellings)
            campaign = parse_campaign("x", {"due": "7d", "department": "ÉTUDES"}, host.parts.scheme, NOON)
            ident = await host.parts.inventories.begin(campaign, "carol", NOON)
            missing = await host.parts.inventories.missing(ident, Page())
            assert {str(row["holder"]) for row in missing} == spellings
            assert "somebody else" not in {str(row["holder"]) for row in missing}

    asyncio.run(story())
