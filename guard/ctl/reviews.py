"""The classification clock: what is due for review, the marks that a medium has had, another date or term."""

from collections.abc import Callable
from typing import Any

import click

from guard.ctl.client import Client
from guard.ctl.listings import full_id
from guard.ctl.paint import ID_LENGTH, emit_json, line, table
from guard.words import word

_KEYS = (
    "medium",
    "number",
    "level",
    "effective_level",
    "mark",
    "holder",
    "department",
    "state",
    "dated",
    "ends",
    "condition",
    "phase",
    "releasable",
    "released",
    "order",
    "order_kind",
)
_SHOWN = ("medium", "number", "mark", "holder", "department", "ends", "phase", "releasable", "released", "order_kind")
_MARKS = ("seq", "mark", "level", "dated", "ends", "condition", "at", "by", "why", "cancelled", "order")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")


@click.command()
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000), help="At most so many rows.")
@click.option("--after", default=0, type=click.IntRange(0), help="Pass so many rows over.")
@_json
@click.pass_obj
def reviews(client: Client, limit: int, after: int, as_json: bool) -> None:
    """Media whose classification is over, ends soon or has a condition. Nothing is released by itself: two people decide."""
    rows = client.rows("Reviews", limit=limit, after=after)
    if as_json:
        emit_json([{key: row.get(key) for key in _KEYS} for row in rows])
    else:
        table(rows, _SHOWN, client.language)


@click.command()
@click.argument("medium", metavar="MEDIUM")
@_json
@click.pass_obj
def marks(client: Client, medium: str, as_json: bool) -> None:
    """Every mark that a medium has had, newest first; those that do not count any more say since when."""
    (rows,) = client.call("Marks", "sa{sv}", [full_id(client, medium, "Media")])
    if as_json:
        emit_json([{key: row.get(key) for key in _MARKS} for row in rows])
    else:
        table(rows, ("mark", "dated", "ends", "by", "why", "cancelled"), client.language)


@click.command()
@click.argument("medium", metavar="MEDIUM")
@click.option("--dated", help="The day from which it is classified.")
@click.option("--term", help="5y, 90d or a date, counted from that day; the longest of the level if empty.")
@click.option("--condition", help="A condition in words that ends it too; empty takes it away.")
@click.option("--why", required=True, help="For the record.")
@click.pass_obj
def classify(client: Client, /, medium: str, why: str, **wanted: str | None) -> None:
    """Give a medium another date, term or condition. One person alone may only let it end sooner."""
    whole = full_id(client, medium, "Media")
    found: dict[str, Any] = {key: text for key, text in wanted.items() if text is not None}
    client.call("Classify", "sa{sv}sa{sv}", [whole, found, why])
    mark = next((str(row["mark"]) for row in client.rows("Media", medium=whole)), "")
    line(word("said-classified", client.language, medium=whole[:ID_LENGTH], mark=mark))


COMMANDS: list[Callable[..., Any]] = [reviews, marks, classify]
