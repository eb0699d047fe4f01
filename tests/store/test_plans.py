"""Whatever is asked of the registry, at a plug or by an auditor, is looked up in an index: nothing takes longer with every year."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from guard.core.verdict import Access
from guard.store.queries import Page
from tests.flow.host import Host, stick

Asked = dict[str, tuple[Any, ...]]


@pytest.fixture
def asked() -> Any:
    """Every statement that anybody executes meanwhile, with the parameters of its last time."""
    found: Asked = {}

    def note(conn: object, cursor: object, statement: str, parameters: Any, context: object, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE")):
            found[statement] = tuple(parameters[0] if many else parameters)

    event.listen(Engine, "before_cursor_execute", note)
    yield found
    event.remove(Engine, "before_cursor_execute", note)


def _faults(file: sqlite3.Connection, statement: str, parameters: tuple[Any, ...]) -> list[str]:
    """Steps that look at every row: a listing of the newest may walk along its index, as far as its limit and no further."""
    steps = [str(row[3]) for row in file.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
    walks = "WHERE" not in statement and ("LIMIT" in statement or "max(" in statement)
    return [step for step in steps if "TEMP B-TREE FOR ORDER" in step or (step.startswith("SCAN") and not walks)]


async def _everything(host: Host, image: Path) -> None:
    """A day with everything in it, then every listing with every filter."""
    visit = await host.register(await host.plug(image), "机密")
    assert visit.access is Access.READ_WRITE
    await host.pull(visit)
    host.now += 60
    await host.pull(await host.plug(image))
    queries = host.queries
    listings: tuple[Callable[[Page], Awaitable[Any]], ...] = (
        lambda page: queries.media(page, frozenset()),
        queries.visits,
        queries.requests,
        queries.journal,
    )
    filters: tuple[dict[str, Any], ...] = (
        {},
        {"before": 5},
        {"after": 1},
        {"uid": 1000},
        {"medium": visit.medium},
        {"severity": "alarm"},
        {"state": "lost"},
        {"kind": "intent"},
        {"subject": visit.id},
        {"uid": 1000, "state": "open"},
        {"before": 5, "kind": "intent"},
    )
    for listing in listings:
        for wanted in filters:
            await listing(Page(**wanted))
    await queries.visit(visit.id)
    await host.registry.next_number("MG-")


def test_no_statement_of_a_day_looks_at_every_row(tmp_path: Path, asked: Asked) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            asked.clear()  # the upgrade looks at its own tables
            await _everything(host, stick(tmp_path))

    asyncio.run(story())
    assert len(asked) > 25, "nothing was asked"
    file = sqlite3.connect(tmp_path / "a" / "state" / "guard.db")
    bad = {
        statement: faults for statement, parameters in asked.items() if (faults := _faults(file, statement, parameters))
    }
    file.close()
    assert bad == {}
