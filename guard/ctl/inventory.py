"""Inventories (清查): begin one, tick media off by their stickers, see what is missing, close it."""

import sys
from collections.abc import Callable
from typing import Any

import click

from guard.ctl.client import REFUSED, Client, Failure
from guard.ctl.listings import full_id
from guard.ctl.paint import emit_json, line, table
from guard.words import word

_KEYS = (
    "id",
    "title",
    "department",
    "level",
    "state",
    "begun",
    "by",
    "due",
    "closed",
    "closed_by",
    "why",
    "expected",
    "seen",
    "missing",
    "settled",
)
_SHOWN = ("id", "title", "department", "level", "state", "until", "expected", "seen", "missing", "settled")
_COUNTS = ("department", "expected", "seen", "missing", "settled")
_MISSING = ("medium", "number", "level", "state", "department", "holder", "holder_then")
_json = click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")


@click.group()
def inventory() -> None:
    """Count the media of the register: until a day each is plugged in somewhere here, or its sticker is scanned."""


@inventory.command()
@click.argument("title")
@click.option("--due", required=True, help="Until when: 30d or a day, which counts whole.")
@click.option("--department", default="", help="Only media of this department.")
@click.option("--level", default="", help="Only media that have held this level or one above it.")
@click.pass_obj
def begin(client: Client, /, title: str, **wanted: str) -> None:
    """Begin an inventory. What is not seen until its day is refused until somebody who may decide ticks it off."""
    found = {key: text for key, text in wanted.items() if text}
    (ident,) = client.call("BeginInventory", "sa{sv}a{sv}", [title, found])
    line(word("said-inventory", client.language, ident=ident[:8]))


@inventory.command()
@click.argument("code", required=False, default="")
@_json
@click.pass_obj
def scan(client: Client, code: str, as_json: bool) -> None:
    """Tick off a medium in your hand, by its sticker's code or its number; without one, line by line as a scanner types them."""
    if code:
        _tell(client, _inspect(client, code), as_json)
        return
    failed = False
    for typed in sys.stdin:
        if not typed.strip():
            continue
        try:
            _tell(client, _inspect(client, typed.strip()), as_json)
        except Failure as failure:
            if failure.status != REFUSED:
                raise
            failed = True
            line(failure.sentence)
    if failed:
        raise Failure(word("scan-failed", client.language), REFUSED)


@inventory.command("list")
@click.option("--state", default="", help="open, closed or called-off.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000), help="At most so many rows.")
@_json
@click.pass_obj
def list_them(client: Client, state: str, limit: int, as_json: bool) -> None:
    """Inventories, newest first, with what was seen and what is missing."""
    rows = client.rows("Inventories", limit=limit, **({"state": state} if state else {}))
    if as_json:
        emit_json([{key: row.get(key) for key in _KEYS} for row in rows])
    else:
        table([{**row, "until": row["due"]} for row in rows], _SHOWN, client.language)


@inventory.command()
@click.argument("ident", metavar="INVENTORY")
@click.option("--by-department", is_flag=True, help="Only how many, for each department.")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 1000), help="At most so many rows.")
@click.option("--after", default=0, type=click.IntRange(0), help="Pass so many rows over.")
@_json
@click.pass_obj
def missing(client: Client, ident: str, by_department: bool, limit: int, after: int, as_json: bool) -> None:
    """What nobody has shown yet, by department and holder."""
    whole = full_id(client, ident, "Inventories")
    if by_department:
        (rows,) = client.call("InventoryDepartments", "sa{sv}", [whole])
    else:
        (rows,) = client.call("Missing", "sa{sv}a{sv}", [whole, {"limit": limit, "after": after}])
    columns = _COUNTS if by_department else _MISSING
    if as_json:
        emit_json([{key: row.get(key) for key in columns} for row in rows])
    else:
        table(rows, columns if by_department else columns[:-1], client.language)


@inventory.command()
@click.argument("ident", metavar="INVENTORY")
@click.option("--call-off", is_flag=True, help="It was a mistake: nothing is owed for it any more.")
@click.option("--why", required=True, help="For the record.")
@click.pass_obj
def close(client: Client, ident: str, call_off: bool, why: str) -> None:
    """Close an inventory: what is missing then is still owed, and refused from its day on."""
    whole = full_id(client, ident, "Inventories")
    client.call("EndInventory", "sbsa{sv}", [whole, not call_off, why])
    line(word("said-called-off" if call_off else "said-inventory-closed", client.language, ident=whole[:8]))


def _inspect(client: Client, code: str) -> dict[str, Any]:
    found: dict[str, Any] = client.call("Inspect", "sa{sv}", [code])[0]
    return found


def _tell(client: Client, found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit_json(found)
        return
    who = ", ".join(str(found[name]) for name in ("level", "department", "holder") if found[name])
    facts = {"number": str(found["number"]), "who": who, "counted": str(found["counted"])}
    line(word("said-counted" if found["counted"] else "said-not-counted", client.language, **facts))
    if found["state"] in ("lost", "cleared", "destroyed", "archived"):
        line(word("scan-settled", client.language, state=word(found["state"], client.language)))


COMMANDS: list[Callable[..., Any]] = [inventory]
