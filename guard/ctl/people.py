"""Holders: who they are, what they may hold, and what is left to settle when one of them leaves."""

from collections.abc import Callable
from typing import Any

import click

from guard.ctl.client import Client
from guard.ctl.paint import emit_json, line, table
from guard.words import word

_KEYS = ("name", "account", "department", "clearance", "state", "holds", "since", "why")
_MEDIA = ("id", "number", "effective_level", "state", "department", "receiver", "present")
_REMINDERS = ("about", "medium", "number", "at", "late", "what")
_why = click.option("--why", required=True, help="For the record.")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def people(client: Client, as_json: bool) -> None:
    """Holders with department, clearance and how many media each answers for."""
    (rows,) = client.call("People", "a{sv}", [])
    if as_json:
        emit_json([{key: row.get(key) for key in _KEYS} for row in rows])
    else:
        table(rows, _KEYS[:6], client.language)


@click.command()
@click.argument("name")
@click.option("--account", default="", help="Login on this computer, where there is one.")
@click.option("--department", default="", help="Where they work.")
@click.pass_obj
def person(client: Client, name: str, account: str, department: str) -> None:
    """Enter a holder, or change account and department of one."""
    client.call("PutPerson", "sa{sv}a{sv}", [name, {"account": account, "department": department}])
    line(word("said-person", client.language, holder=name))


@click.command()
@click.argument("name")
@click.argument("level", required=False, default="")
@_why
@click.pass_obj
def clearance(client: Client, name: str, level: str, why: str) -> None:
    """The highest level that somebody may hold; without a level, take it away."""
    client.call("SetClearance", "sssa{sv}", [name, level, why])
    line(word("said-clearance" if level else "said-no-clearance", client.language, holder=name, level=level))


@click.command()
@click.argument("name")
@_why
@click.pass_obj
def leaves(client: Client, name: str, why: str) -> None:
    """Somebody leaves or moves: their media are refused at once, and listed, until each is settled."""
    client.call("Depart", "sbsa{sv}", [name, True, why])
    rows = _held(client, name)
    line(word("said-leaves", client.language, holder=name, count=len(rows)))
    table(rows, _MEDIA, client.language)


@click.command()
@click.argument("name")
@_why
@click.pass_obj
def stays(client: Client, name: str, why: str) -> None:
    """Somebody does not leave after all."""
    client.call("Depart", "sbsa{sv}", [name, False, why])
    line(word("said-stays", client.language, holder=name))


@click.command("sign-off")
@click.argument("name")
@_why
@click.pass_obj
def sign_off(client: Client, name: str, why: str) -> None:
    """Sign that everything of somebody who leaves is settled."""
    client.call("SignOff", "ssa{sv}", [name, why])
    line(word("said-signed-off", client.language, holder=name))


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def held(client: Client, name: str, as_json: bool) -> None:
    """Everything that somebody answers for."""
    rows = _held(client, name)
    if as_json:
        emit_json([{key: row.get(key) for key in _MEDIA} for row in rows])
    else:
        table(rows, _MEDIA, client.language)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def reminders(client: Client, as_json: bool) -> None:
    """What you should do about the media that you hold: give back, show, renew, clear."""
    (rows,) = client.call("Reminders", "a{sv}", [])
    if as_json:
        emit_json([{key: row.get(key) for key in _REMINDERS} for row in rows])
    for row in () if as_json else rows or ({"what": word("remind-nothing", client.language)},):
        line(row["what"])


def _held(client: Client, name: str) -> list[dict[str, Any]]:
    return client.rows("Media", holder=name, limit=1000)


COMMANDS: list[Callable[..., Any]] = [people, person, clearance, leaves, stays, sign_off, held, reminders]
