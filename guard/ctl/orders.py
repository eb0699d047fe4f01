"""What takes two people: proposing, confirming, and clearing a medium that is plugged in."""

from collections.abc import Callable
from typing import Any

import click

from guard.ctl.client import Client
from guard.ctl.listings import full_id
from guard.ctl.paint import ID_LENGTH, emit_json, line, table
from guard.ctl.progress import bar
from guard.words import word

_KEYS = (
    "id",
    "kind",
    "medium",
    "level",
    "state",
    "why",
    "approved_by",
    "form",
    "proposed_by",
    "proposed",
    "expires",
    "confirmed_by",
    "confirmed",
    "ends",
)
_SHOWN = ("id", "kind", "medium", "level", "state", "proposed_by", "confirmed_by", "expires", "why")
_METHODS = {"overwrite": "method-overwrite", "keys": "method-keys", "destroy": "method-destroy"}


@click.command()
@click.argument("kind", type=click.Choice(["clear", "destroy", "lower", "release", "extend"]))
@click.argument("medium", metavar="MEDIUM")
@click.option("--why", required=True, help="For the record.")
@click.option("--level", default="", help="lower, release: the level it goes to.")
@click.option("--term", default="", help="extend: 5y, 90d or a date, counted from now; the longest if left out.")
@click.option("--approved-by", default="", help="Who signed the form.")
@click.option("--form", default="", help="Number of the form.")
@click.pass_obj
def propose(client: Client, /, kind: str, medium: str, **papers: str) -> None:
    """Propose what takes two people: clear, destroy, lower; at the end of a term release or extend. Another admin confirms it."""
    whole = full_id(client, medium, "Media")
    found = {key: text for key, text in papers.items() if text}
    (order,) = client.call("Propose", "ssa{sv}a{sv}", [kind, whole, found])
    line(word("said-proposed", client.language, order=order[:ID_LENGTH]))


@click.command()
@click.argument("order", metavar="ORDER")
@click.option("--decline", is_flag=True, help="Say no; needs --why.")
@click.option("--why", default="", help="For the record.")
@click.pass_obj
def confirm(client: Client, order: str, decline: bool, why: str) -> None:
    """Confirm what another admin has proposed, or decline it."""
    if decline and not why:
        raise click.UsageError("--decline needs --why.")
    whole = full_id(client, order, "Orders")
    client.call("Confirm", "sbsa{sv}", [whole, not decline, why])
    line(word("said-declined-order" if decline else "said-confirmed", client.language, order=whole[:ID_LENGTH]))


@click.command()
@click.option("--state", default="", help="proposed, confirmed, declined or done.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000), help="At most so many rows.")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def orders(client: Client, state: str, limit: int, as_json: bool) -> None:
    """Orders of two people, newest first."""
    wanted = {"limit": limit, "state": state} if state else {"limit": limit}
    rows = client.rows("Orders", **wanted)
    if as_json:
        emit_json([{key: row.get(key) for key in _KEYS} for row in rows])
    else:
        table(rows, _SHOWN, client.language)


@click.command()
@click.argument("visit", metavar="VISIT")
@click.argument("order", metavar="ORDER")
@click.option(
    "--method",
    default="overwrite",
    show_default=True,
    type=click.Choice(["overwrite", "keys"]),
    help="All of it, or the keys of its encrypted volumes.",
)
@click.option("--json", "as_json", is_flag=True, help="What stands on the certificate, as JSON.")
@click.pass_obj
def clear(client: Client, visit: str, order: str, method: str, as_json: bool) -> None:
    """Clear the medium that is plugged in, if the confirmed order is about exactly this one; what was overwritten is read back."""
    whole, ordered = full_id(client, visit, "Visits"), full_id(client, order, "Orders")
    with bar(ordered) as told:
        (done,) = client.call("Clear", "ssa{sv}", [whole, ordered], told=told, options={"method": method})
    if as_json:
        emit_json(done)
    else:
        said = "said-cleared-keys" if method == "keys" else "said-cleared"
        line(word(said, client.language, number=done["number"], octets=done["octets"]))
        line(word("said-discarded" if done.get("discarded") else "said-not-discarded", client.language))


@click.command()
@click.argument("medium", metavar="MEDIUM")
@click.option(
    "--technology",
    default="unknown",
    show_default=True,
    type=click.Choice(["flash", "magnetic", "unknown"]),
    help="What it stores with.",
)
@click.option("--encrypted", is_flag=True, help="Everything on it was always encrypted (LUKS).")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def advise(client: Client, medium: str, technology: str, encrypted: bool, as_json: bool) -> None:
    """How to dispose of a medium: what is recommended for its level and kind, why, and what it cannot promise."""
    about = {"technology": technology, "encrypted": encrypted}
    (rows,) = client.call("Advice", "sa{sv}a{sv}", [full_id(client, medium, "Media"), about])
    if as_json:
        emit_json(rows)
        return
    for row in rows:
        mark = "→" if row["recommended"] else "·" if row["possible"] else "×"
        line(f"{mark} {word(_METHODS[row['method']], client.language)}: {row['why']}")
        line(row["limits"], indent=2)


COMMANDS: list[Callable[..., Any]] = [propose, confirm, orders, advise, clear]
