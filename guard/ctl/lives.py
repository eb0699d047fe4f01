"""The life of a medium: a step, an acceptance, the history."""

from collections.abc import Callable
from typing import Any

import click

from guard.ctl.client import Client
from guard.ctl.listings import full_id
from guard.ctl.paint import ID_LENGTH, emit_json, line, table
from guard.words import word

STEPS = (
    "issue",
    "lend",
    "return",
    "stock",
    "hand-over",
    "send-to-repair",
    "repaired",
    "withdraw",
    "restore",
    "report-lost",
    "found",
    "archive",
)
_KEYS = (
    "seq",
    "medium",
    "at",
    "step",
    "before",
    "after",
    "by",
    "approved_by",
    "form",
    "holder",
    "department",
    "due",
    "level_before",
    "level",
    "order",
    "why",
)
_SHOWN = ("at", "medium", "step", "after", "by", "approved_by", "form", "holder", "level", "why")


@click.command()
@click.argument("medium", metavar="MEDIUM")
@click.argument("step", type=click.Choice(STEPS))
@click.option("--why", required=True, help="For the record.")
@click.option("--holder", default="", help="Who gets it: issue, lend, hand-over.")
@click.option("--department", default="", help="Of whom it goes to.")
@click.option("--due", default="", help="When a loan ends: 30d or a date.")
@click.option("--approved-by", default="", help="Who signed the form.")
@click.option("--form", default="", help="Number of the form.")
@click.pass_obj
def step(client: Client, /, medium: str, step: str, **papers: str) -> None:
    """Take a step in the life of a medium: issue it, lend it, take it back, hand it over, report it lost ..."""
    whole = full_id(client, medium, "Media")
    client.call("Step", "ssa{sv}a{sv}", [whole, step, {key: text for key, text in papers.items() if text}])
    state = next((str(row["state"]) for row in client.rows("Media", medium=whole)), step)
    line(word("said-step", client.language, medium=whole[:ID_LENGTH], state=word(state, client.language)))


@click.command()
@click.argument("medium", metavar="MEDIUM")
@click.pass_obj
def accept(client: Client, medium: str) -> None:
    """Accept a medium that is offered to you; you answer for it from then on."""
    whole = full_id(client, medium, "Media")
    client.call("Accept", "sbsa{sv}", [whole, True, ""])
    line(word("said-accepted", client.language, medium=whole[:ID_LENGTH]))


@click.command()
@click.argument("medium", metavar="MEDIUM")
@click.option("--why", required=True, help="For the one who offered it.")
@click.pass_obj
def decline(client: Client, medium: str, why: str) -> None:
    """Decline a medium that is offered to you."""
    whole = full_id(client, medium, "Media")
    client.call("Accept", "sbsa{sv}", [whole, False, why])
    line(word("said-declined", client.language, medium=whole[:ID_LENGTH]))


@click.command()
@click.argument("medium", metavar="[MEDIUM]", required=False, default="")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000), help="At most so many rows.")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def history(client: Client, medium: str, limit: int, as_json: bool) -> None:
    """The steps of a medium (or of all), newest first: what, when, by whom, approved by whom."""
    wanted: dict[str, Any] = {"limit": limit}
    if medium:
        wanted["medium"] = full_id(client, medium, "Media")
    rows = client.rows("History", **wanted)
    if as_json:
        emit_json([{key: row.get(key) for key in _KEYS} for row in rows])
    else:
        table(rows, _SHOWN, client.language)


COMMANDS: list[Callable[..., Any]] = [step, accept, decline, history]
