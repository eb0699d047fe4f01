"""What there is: status, media, visits, crossings, requests, journal, one thing by its id, why it was judged so."""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from guard.ctl.client import REFUSED, Client, Failure
from guard.ctl.paint import complain, emit_json, facts, line, table
from guard.ctl.passphrase import passphrase_file, read_passphrase, with_passphrase
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
        "files",
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
        "severity",
        "holder",
        "number",
        "visit",
        "files",
    ),
    "travel": (
        "medium",
        "sequence",
        "host",
        "network",
        "level",
        "arrived",
        "left",
        "verdict",
        "alarm",
        "ended",
        "written",
        "untouched",
        "generation",
        "journal_seq",
        "journal_hash",
        "record",
        "removal",
        "visits",
        "alarms",
        "first",
        "sealed",
    ),
    "requests": ("id", "state", "visit", "requester", "purpose", "decided_by", "why"),
    "journal": ("seq", "at", "kind", "subject", "data", "hash"),
}
_SHOWN: dict[str, tuple[str, ...]] = {
    "media": ("id", "number", "level", "effective_level", "kind", "networks", "holder", "state", "present"),
    "visits": ("id", "medium", "arrived", "left", "verdict", "reasons", "severity", "user"),
    "crossings": ("at", "number", "holder", "from_network", "to_network", "direction", "verdict", "severity", "files"),
    "travel": ("arrived", "left", "host", "network", "level", "verdict", "alarm", "ended", "written"),
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
    health = {
        "state": found["Health"],
        "faults": [{"code": fault["code"], "what": fault[client.language]} for fault in found["Faults"]],
    }
    names = ("Version", "Host", "Network", "Level", "Scheme", "Ports")
    values: dict[str, Any] = {name.lower(): found[name] for name in names} | {"health": health}
    if as_json:
        emit_json(values)
        return
    facts({**values, "health": health["state"]}, client.language)
    for fault in health["faults"]:
        complain(fault["what"])


@click.command()
@click.option("--state", default="", help="Only media in this state.")
@click.option("--search", default="", help="Only media with this in number, holder, department or serial number.")
@_limit
@_json
@click.pass_obj
def media(client: Client, state: str, search: str, limit: int, as_json: bool) -> None:
    """All media known here (admins and auditors), or yours; newest first."""
    _list(client, "media", as_json, limit=limit, state=state, search=search)


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
@click.argument("medium", metavar="MEDIUM")
@click.option("--before", default=0, type=click.IntRange(0), help="Only visits before this number (sequence).")
@click.option("--key", type=click.Path(path_type=Path), help="The auditors' private key: opens sealed records here.")
@passphrase_file
@_limit
@_json
@click.pass_obj
def travel(
    client: Client, medium: str, before: int, key: Path | None, passphrase_file: Any, limit: int, as_json: bool
) -> None:
    """Where a medium has been and how each visit ended, as its own records tell; newest first."""
    wanted = {"limit": limit, **({"before": before} if before else {})}
    (rows,) = client.call("Travel", "sa{sv}a{sv}", [full_id(client, medium, "Media"), wanted])
    rows = [{**row, "sealed": row["network"] == "sealed"} for row in rows]
    if key is not None:
        from guard.ctl.unsealing import unsealed  # noqa: PLC0415 - start fast

        given = read_passphrase(passphrase_file)
        rows = with_passphrase(lambda phrase: unsealed(client, rows, key, phrase), given, client.language)
    if not as_json:
        rows = [{**row, "network": word("sealed", client.language)} if row["sealed"] else row for row in rows]
    print_rows(client, "travel", as_json, rows)


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
@click.option("--after", default=None, type=click.IntRange(0), help="Only entries after this number, oldest first.")
@click.option("--kind", default="", help="Only entries of this kind, for example intent.")
@click.option("--subject", default="", help="Only entries about this visit, request or medium (its whole id).")
@click.option("--export", type=click.Path(path_type=Path), help="The whole journal as JSON lines into this new file.")
@_limit
@_json
@click.pass_obj
def journal(
    client: Client, /, after: int | None, export: Path | None, limit: int, as_json: bool, **wanted: Any
) -> None:
    """What happened, newest first; for auditors."""
    if export is not None:
        from guard.ctl.verifying import export_journal  # noqa: PLC0415 - start fast

        export_journal(client, export)
        return
    since = {} if after is None else {"after": after}
    rows = client.rows("Journal", limit=limit, **since, **{key: value for key, value in wanted.items() if value})
    print_rows(client, "journal", as_json, rows)


@click.command()
@click.argument("ident", metavar="ID")
@_json
@click.pass_obj
def show(client: Client, ident: str, as_json: bool) -> None:
    """Everything about one medium (its id or number), visit or request."""
    members = ("Media", "Visits", "Requests")
    rows = [row for member in members for row in client.rows(member, named=ident, limit=2)]
    if len(rows) != 1:
        raise Failure(word("ambiguous" if rows else "unknown-id", client.language, ident=ident), REFUSED)
    if as_json:
        emit_json(rows[0])
    else:
        facts(rows[0], client.language)


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
    for difference in found["seen"].get("differences", ()):
        line(f"! {difference}")
    for reason in found["reasons"]:
        line(f"• {reason['what']} [{reason['rule']}]")
        line(reason["why"], indent=2)
        line(word("what-now", client.language, next=reason["next"]), indent=2)
        if reason.get("cites"):
            line(word("rule-cited", client.language, cites=reason["cites"]), indent=2)
        if reason["rule"] == "not-labelled":
            line(word("how-to-ask", client.language), indent=2)
    for finding in found.get("findings", ()):
        _tell(client, finding)


@click.command()
@click.argument("visit", metavar="VISIT")
@click.option("--after", default=0, type=click.IntRange(0), help="Only changes after this number.")
@_limit
@_json
@click.pass_obj
def files(client: Client, visit: str, after: int, limit: int, as_json: bool) -> None:
    """Which files came and went in a visit, and which are there that nobody declared; the ones to look at first, first."""
    ident = full_id(client, visit, "Visits")
    (found,) = client.call("Files", "sa{sv}a{sv}", [ident, {"limit": limit, "after": after}])
    if as_json:
        emit_json(found)
        return
    counts, language = found["files"], client.language
    if not counts:
        line(word("files-none", language))
        return
    line(word("files-line", language, **counts))
    for key, wanted in (
        ("files-undeclared-line", counts["undeclared"]),
        ("files-unclear-line", counts["unclear"]),
        ("files-incomplete", not counts["complete"]),
        ("files-arrived-only", counts["state"] == "arrived"),
    ):
        if wanted:
            line(word(key, language, **counts))
    for finding in found["findings"]:
        _tell(client, finding)
    rows = [{**row, "odd": [word(odd, language) for odd in row["odd"]]} for row in found["changes"]]
    if rows:
        table(rows, ("what", "path", "size", "modified", "odd"), language)
    if len(rows) == limit:
        line(word("files-more", language))


def _tell(client: Client, finding: dict[str, Any]) -> None:
    line(f"! {finding['what']} [{finding['rule']}]")
    line(finding["why"], indent=2)
    line(word("what-now", client.language, next=finding["next"]), indent=2)
    if finding.get("cites"):
        line(word("rule-cited", client.language, cites=finding["cites"]), indent=2)


def full_id(client: Client, prefix: str, member: str) -> str:
    """The whole id that starts so; for a medium, also by its number.

    Raises:
        Failure: when none does, or more than one.
    """
    if re.fullmatch("[0-9a-f]{32}", prefix):
        return prefix
    found = {str(row["id"]) for row in client.rows(member, named=prefix, limit=2)}
    if len(found) != 1:
        raise Failure(word("ambiguous" if found else "unknown-id", client.language, ident=prefix), REFUSED)
    return found.pop()


def _list(client: Client, name: str, as_json: bool, **wanted: object) -> None:
    rows = client.rows(name.capitalize(), **{key: value for key, value in wanted.items() if value})
    print_rows(client, name, as_json, rows)


def print_rows(client: Client, name: str, as_json: bool, rows: list[dict[str, Any]]) -> None:
    if as_json:
        emit_json([{key: row.get(key) for key in _KEYS[name]} for row in rows])
    else:
        rows = [{**row, "files": _in_short(row.get("files") or {})} for row in rows]
        table(rows, _SHOWN[name], client.language, _level_colours(client) if rows and name == "media" else None)


def _in_short(files: dict[str, Any]) -> str:
    """How many files came, went and changed in a visit, and how many nobody declared; "" where that is not known."""
    if not files:
        return ""
    undeclared = f" !{files['undeclared']}" if files["undeclared"] else ""
    return f"+{files['came']} -{files['went']} ~{files['changed']}{undeclared}"


def _level_colours(client: Client) -> dict[str, str]:
    """Colours of the levels in force, for a terminal; none for a scheme that is not a packaged one."""
    if not sys.stdout.isatty():
        return {}
    from guard.core.errors import GuardError  # noqa: PLC0415 - start fast
    from guard.schemes import load_scheme  # noqa: PLC0415 - start fast

    try:
        return {rank.id: rank.colour for rank in load_scheme(str(client.properties()["Scheme"])).ranks}
    except GuardError:
        return {}


COMMANDS: list[Callable[..., Any]] = [status, media, visits, travel, requests, journal, show, explain, files]
