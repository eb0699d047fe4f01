"""The journal before an auditor: walked where it lives or as a file, held against heads from elsewhere, taken along."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from guard.ctl.client import REFUSED, Client, Failure
from guard.ctl.paint import complain, emit_json, line, table
from guard.ctl.progress import bar
from guard.words import say, word

PAGE = 1000
_WHY = {
    "missing": "why-missing",
    "changed": "why-changed",
    "extra": "why-extra",
    "cut-off": "why-cut-off",
    "rewritten": "why-rewritten",
    "head-forged": "why-head-forged",
}
_WITNESS = {"head-file": "witness-head-file", "signed": "witness-signed", "heads-file": "witness-heads-file"}
_HEAD_KEYS = ("host", "network", "seq", "hash", "at", "signature")


@click.command()
@click.option(
    "--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A registry.db or an export."
)
@click.option(
    "--heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Heads from elsewhere: heads --json, also --carried of another network.",
)
@click.option(
    "--trust", type=click.Path(exists=True, file_okay=False, path_type=Path), help="With --file: whose signatures hold."
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def verify(client: Client, /, file: Path | None, heads: Path | None, trust: Path | None, as_json: bool) -> None:
    """Walk the whole journal and name the first broken entry, if there is one. With --file without a guard."""
    if trust is not None and file is None:
        raise click.UsageError("--trust goes with --file.")
    known = _known_heads(heads) if heads else []
    if file is None:
        with bar("verify") as told:
            (found,) = client.call("Verify", "a{sv}", [], told=told)
        found = _held_against(client, dict(found), known)
    else:
        found = _verify_file(client, file, known, trust)
    _tell(client, found, as_json)


def _tell(client: Client, found: dict[str, Any], as_json: bool) -> None:
    if as_json:
        emit_json(found)
    elif found["ok"]:
        line(word("verified", client.language, entries=found["entries"]))
        if found.get("signed"):
            line(word("verified-signed", client.language, heads=found["signed"]))
    else:
        why = word(_WHY.get(found["why"], found["why"]), client.language)
        complain(word("broken-journal", client.language, first_bad=found["first_bad"], why=why))
        if found.get("witness"):
            told = _WITNESS.get(found["witness"], "witness-medium")
            complain(word(told, client.language, medium=found["witness"]))
    if not found["ok"]:
        raise click.exceptions.Exit(REFUSED)


def _known_heads(path: Path) -> list[dict[str, Any]]:
    try:
        rows = json.loads(path.read_text("utf-8"))
        return [
            {"host": str(r["host"]), "seq": int(r["seq"]), "hash": str(r["hash"])} for r in rows if len(r["hash"]) >= 32
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise click.UsageError(f"{path} is no list of heads; make one with: mediaguardctl heads --json.") from error


def _held_against(client: Client, found: dict[str, Any], known: list[dict[str, Any]]) -> dict[str, Any]:
    """The running journal against heads from elsewhere, the lowest first."""
    host = client.properties()["Host"] if known else ""
    for head in sorted(known, key=lambda head: head["seq"]):
        if not found["ok"] or head["host"] != host:
            continue
        rows = client.rows("Journal", after=head["seq"] - 1, limit=1)
        if not rows:
            return {**found, "ok": False, "first_bad": found["entries"] + 1, "why": "cut-off", "witness": "heads-file"}
        if not str(rows[0]["hash"]).startswith(head["hash"]):
            return {**found, "ok": False, "first_bad": head["seq"], "why": "rewritten", "witness": "heads-file"}
    return found


def _verify_file(client: Client, file: Path, known: list[dict[str, Any]], trust: Path | None) -> dict[str, Any]:
    from guard.core.errors import GuardError  # noqa: PLC0415 - start fast
    from guard.ctl.offline import verify_file  # noqa: PLC0415 - start fast

    try:
        with bar("verify") as told:
            return verify_file(file, known, trust, lambda percent: told("verify", percent, "verify"))
    except GuardError as error:
        raise Failure(say(error.code, error.facts, client.language), REFUSED) from error


@click.command()
@click.option("--carried", is_flag=True, help="Those of other hosts, as media carried them here.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1), help="At most so many.")
@click.option("--json", "as_json", is_flag=True, help="As verify --heads reads it.")
@click.pass_obj
def heads(client: Client, carried: bool, limit: int, as_json: bool) -> None:
    """Signed heads of the journal, newest first: what it was, for whoever trusts the issuer. For auditors."""
    rows: list[dict[str, Any]] = []
    while len(rows) < limit:
        before = {"before": rows[-1]["learned" if carried else "seq"]} if rows else {}
        more = client.rows(
            "Heads", limit=min(PAGE, limit - len(rows)), **before, **({"carried": True} if carried else {})
        )
        rows += more
        if not more:
            break
    keys = (*_HEAD_KEYS, "medium") if carried else _HEAD_KEYS
    if as_json:
        emit_json([{key: row.get(key) for key in keys} for row in rows])
    else:
        table(rows, ("host", "seq", "hash", "at", *(("medium",) if carried else ())), client.language)


def export_journal(client: Client, path: Path) -> None:
    """The whole journal as JSON lines: who it is of, every entry as it was hashed, every signed head.

    Raises:
        Failure: the file is there already or cannot be written.
    """
    try:
        _export(client, path)
    except FileExistsError as error:
        raise Failure(say("file-exists", {"path": str(path)}, client.language), REFUSED) from error
    except OSError as error:
        facts = {"path": str(path), "why": error.strerror or ""}
        raise Failure(say("file-unwritable", facts, client.language), REFUSED) from error


def _export(client: Client, path: Path) -> None:
    host = client.properties()
    count, after = 0, 0
    with bar("export") as told, path.open("x", encoding="utf-8") as out:

        def put(row: dict[str, Any]) -> None:
            out.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")

        put({"journal": 1, "host": host["Host"], "network": host["Network"], "version": host["Version"]})
        newest = client.rows("Journal", limit=1)
        total = newest[0]["seq"] if newest else 0
        while rows := client.rows("Journal", after=after, limit=PAGE, raw=True):
            for row in rows:
                put({key: row[key] for key in ("seq", "at", "kind", "subject", "data", "hash")})
            count, after = count + len(rows), rows[-1]["seq"]
            told("export", min(99, 100 * after // max(1, total)), "export")
        before: dict[str, Any] = {}
        while rows := client.rows("Heads", limit=PAGE, **before):
            for row in rows:
                put({"head": {key: row[key] for key in _HEAD_KEYS}})
            before = {"before": rows[-1]["seq"]}
    line(word("exported", client.language, entries=count, file=str(path)))


COMMANDS: list[Callable[..., Any]] = [verify, heads]
