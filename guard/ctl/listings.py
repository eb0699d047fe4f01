"""What there is: status, media, visits, crossings, requests, journal, one thing by its id, why it was judged so."""

from collections.abc import Callable
from typing import Any

import click

from guard.ctl.client import REFUSED, Client, Failure
from guard.ctl.paint import complain, emit_json, facts, line, table
from guard.words import word

_KEYS: dict[str, tuple[str, ...]] = {
    "media": ("id", "number", "level", "kind", "networks", "holder", "state", "effective_level", "present"),
    "visits": (
        "id",
        "medium",
        "interface",
        "disk",
        "arrived",
        "left",
        "verdict",
        "reasons",
        "severity",
        "user",
        "network",
    ),
    "crossings": (
        "medium",
        "at",
        "from_network",
        "to_network",
        "from_level",
        "to_level",
        "direction",
        "verdict",
        "source",
    ),
    "requests": ("id", "state", "visit", "requester", "purpose", "decided_by", "why"),
    "journal": ("seq", "at", "kind", "subject", "data", "hash"),
}
_SHOWN: dict[str, tuple[str, ...]] = {
    "media": ("id", "number", "level", "effective_level", "kind", "networks", "holder", "state", "present"),
    "visits": ("id", "medium", "arrived", "left", "verdict", "reasons", "severity", "user"),
    "crossings": ("medium", "at", "from_network", "to_network", "direction", "verdict", "source"),
    "requests": ("id", "state", "visit", "requester", "purpose", "decided_by", "why"),
    "journal": ("seq", "at", "kind", "subject", "data"),
}
_json = click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
_limit = click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 1000), help="At most so many rows."
)


@click.command()
@_json
@click.pass_obj
def status(client: Client, as_json: bool) -> None:
    """The guard itself: version, host, network, level, health."""
    found = client.properties()
    health = {"state": found["Health"], "faults": [fault[client.language] for fault in found["Faults"]]}
    names = ("Version", "Host", "Network", "Level", "Scheme", "Ports")
    values: dict[str, Any] = {name.lower(): found[name] for name in names} | {"health": health}
    if as_json:
        emit_json(values)
        return
    facts({**values, "health": health["state"]}, client.language)
    for fault in health["faults"]:
        complain(fault)


@click.command()
@click.option("--state", default="", help="Only media in this state.")
@_limit
@_json
@click.pass_obj
def media(client: Client, state: str, limit: int, as_json: bool) -> None:
    """All media known here (admins and auditors), or yours."""
    _list(client, "media", as_json, limit=limit, state=state)


@click.command()
@click.option("--medium", default="", help="Only visits of this medium.")
@click.option("--severity", default="", help="Only visits of this severity.")
@_limit
@_json
@click.pass_obj
def visits(client: Client, medium: str, severity: str, limit: int, as_json: bool) -> None:
    """What was plugged in, and its verdict; newest first."""
    if medium:
        medium = full_id(client, medium, "Media")
    _list(client, "visits", as_json, limit=limit, medium=medium, severity=severity)


@click.command()
@click.option("--medium", default="", help="Only crossings of this medium.")
@_limit
@_json
@click.pass_obj
def crossings(client: Client, medium: str, limit: int, as_json: bool) -> None:
    """Media that went from one network to another."""
    if medium:
        medium = full_id(client, medium, "Media")
    _list(client, "crossings", as_json, limit=limit, medium=medium)


@click.command()
@click.option("--state", default="", help="Only requests in this state.")
@_limit
@_json
@click.pass_obj
def requests(client: Client, state: str, limit: int, as_json: bool) -> None:
    """Requests: all (admins), or yours."""
    _list(client, "requests", as_json, limit=limit, state=state)


@click.command()
@click.option("--before", default=0, type=click.IntRange(0), help="Only entries before this number.")
@_limit
@_json
@click.pass_obj
def journal(client: Client, before: int, limit: int, as_json: bool) -> None:
    """What happened, newest first; for auditors."""
    _list(client, "journal", as_json, limit=limit, before=before)


@click.command()
@click.argument("ident", metavar="ID")
@_json
@click.pass_obj
def show(client: Client, ident: str, as_json: bool) -> None:
    """Everything about one medium, visit or request."""
    for member in ("Media", "Visits", "Requests"):
        rows = [row for row in client.rows(member, limit=1000) if str(row["id"]).startswith(ident)]
        if len(rows) > 1:
            raise Failure(word("ambiguous", client.language, ident=ident), REFUSED)
        if rows:
            if as_json:
                emit_json(rows[0])
            else:
                facts(rows[0], client.language)
            return
    raise Failure(word("unknown-id", client.language, ident=ident), REFUSED)


@click.command()
@click.argument("visit", metavar="VISIT")
@_json
@click.pass_obj
def explain(client: Client, visit: str, as_json: bool) -> None:
    """Why a visit was judged as it was, and what to do next."""
    ident = full_id(client, visit, "Visits")
    (found,) = client.call("Explain", "sa{sv}", [ident])
    if as_json:
        emit_json(found)
        return
    line(f"{word('verdict', client.language)}: {word(found['verdict'], client.language)}")
    for reason in found["reasons"]:
        line(f"• {reason['what']} [{reason['rule']}]")
        line(reason["why"], indent=2)
        line(word("what-now", client.language, next=reason["next"]), indent=2)


def full_id(client: Client, prefix: str, member: str) -> str:
    """The whole id that starts so.

    Raises:
        Failure: when none does, or more than one.
    """
    if len(prefix) == 32:
        return prefix
    found = {str(row["id"]) for row in client.rows(member, limit=1000) if str(row["id"]).startswith(prefix)}
    if len(found) != 1:
        raise Failure(word("ambiguous" if found else "unknown-id", client.language, ident=prefix), REFUSED)
    return found.pop()


def _list(client: Client, name: str, as_json: bool, **wanted: object) -> None:
    rows = client.rows(name.capitalize(), **{key: value for key, value in wanted.items() if value})
    if as_json:
        emit_json([{key: row.get(key) for key in _KEYS[name]} for row in rows])
    else:
        table(rows, _SHOWN[name], client.language)


COMMANDS: list[Callable[..., Any]] = [status, media, visits, crossings, requests, journal, show, explain]
