"""Reports that a security office files: made of what the guard tells, proven by its journal, checked anywhere."""

import json
import os
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from guard import __version__
from guard.ctl.client import REFUSED, Client, Failure
from guard.ctl.paint import complain, emit_json, line
from guard.ctl.period import crossing_filters, wanted_of
from guard.ctl.progress import bar
from guard.words import say, word

PAGE = 1000


@click.group()
def report() -> None:
    """Reports to file, as PDF or CSV, with proof that they are genuine."""


@report.command()
@crossing_filters
@click.option("--organization", default="", help="Stands at the top.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="FILE.pdf or FILE.csv; must not be there.")
@click.pass_obj
def crossings(client: Client, /, organization: str, out: Path, **words: Any) -> None:
    """Media that went from one network to another: totals, a picture, the table, and the signed head of the journal."""
    from guard.core.errors import GuardError  # noqa: PLC0415 - start fast

    if out.suffix.lower() not in (".pdf", ".csv"):
        raise click.UsageError("--out must end in .pdf or .csv.")
    wanted = wanted_of(client, words)
    try:
        with bar("report") as told:
            rows = _rows(client, wanted, lambda percent: told("report", percent, "report"))
            count = _make(client, rows, wanted, organization, out)
    except GuardError as error:
        raise Failure(say(error.code, error.facts, client.language), REFUSED) from error
    line(word("report-made-file", client.language, rows=count, file=str(out)))


def _rows(client: Client, wanted: dict[str, Any], progress: Callable[[int], None]) -> list[dict[str, Any]]:
    """All of them, newest first; how far, by the place in the table of the last one read."""
    rows: list[dict[str, Any]] = []
    while more := client.rows("Crossings", limit=PAGE, **wanted, **({"before": rows[-1]["seq"]} if rows else {})):
        rows += more
        progress(100 - 100 * more[-1]["seq"] // max(1, rows[0]["seq"]))
        if len(more) < PAGE:
            break
    return rows


def _make(client: Client, listed: list[dict[str, Any]], wanted: dict[str, Any], organization: str, out: Path) -> int:
    from guard.paper.crossings import Paper, csv_of, digest_of, row_of  # noqa: PLC0415 - start fast

    rows = [row_of(row) for row in listed]
    data, guard = csv_of(rows), client.properties()
    ahead = datetime.now().astimezone().utcoffset()
    names = {
        str(row["name"]): str(row.get(f"label_{client.language}") or row["name"]) for row in guard.get("Levels", ())
    }
    drawn = out.suffix.lower() == ".pdf"
    paper = Paper(
        language=client.language,
        offset=round(ahead.total_seconds() / 60) if ahead else 0,
        organization=organization[:120],
        host_name=socket.gethostname()[:64],
        host=str(guard["Host"]),
        network=str(guard["Network"]),
        level=str(guard["Level"]),
        version=__version__,
        drawing="",
        levels=names,
    )
    if drawn:
        from guard.paper.pdf import with_drawing  # noqa: PLC0415 - the library takes a while

        paper = with_drawing(paper, rows)
    bounds = {name: wanted[name] for name in ("since", "until") if name in wanted}
    filters = {name: value for name, value in wanted.items() if name not in bounds}
    about: dict[str, Any] = {
        "report": "crossings",
        "digest": digest_of(data),
        "paper": paper.digest(),
        "rows": len(rows),
    }
    (proof,) = client.call("Report", "a{sv}a{sv}", [{**about, **bounds, "filters": filters}])
    _write(client, out, data, paper.proven(proof), drawn=drawn)
    return len(rows)


def _write(client: Client, out: Path, data: bytes, paper: Any, *, drawn: bool) -> None:
    if drawn:
        from guard.paper.pdf import draw  # noqa: PLC0415

        files = {out: draw(data, paper)}
    else:
        beside = json.dumps(paper.text(), ensure_ascii=False, sort_keys=True, indent=1) + "\n"
        files = {out: data, _beside(out): beside.encode()}
    for path, content in files.items():
        try:
            with path.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        except FileExistsError as error:
            raise Failure(say("file-exists", {"path": str(path)}, client.language), REFUSED) from error
        except OSError as error:
            facts = {"path": str(path), "why": error.strerror or ""}
            raise Failure(say("file-unwritable", facts, client.language), REFUSED) from error


def _beside(out: Path) -> Path:
    return out.with_name(f"{out.name}.proof")


@report.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--trust", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Whose signatures hold, if not ours."
)
@click.option("--json", "as_json", is_flag=True)
@click.pass_obj
def verify_report(client: Client, file: Path, trust: Path | None, as_json: bool) -> None:
    """Check a report: its signature, its rows, its pages, and the journal, where this is the computer that made it."""
    from guard.core.errors import GuardError  # noqa: PLC0415 - start fast
    from guard.ctl.checking import check_report  # noqa: PLC0415 - start fast

    folder = trust or Path(os.environ.get("MEDIA_GUARD_CONFIG_DIR", "/etc/media-guard"))
    try:
        found = check_report(file, _beside(file), folder, int(datetime.now(UTC).timestamp()))
        found["journal"] = _in_journal(client, found)
    except GuardError as error:
        raise Failure(say(error.code, error.facts, client.language), REFUSED) from error
    if as_json:
        emit_json(found)
        return
    names = ("host", "network", "seq", "at", "by", "rows")
    line(word("report-good", client.language, **{name: found[name] for name in names}))
    line(word("report-here" if found["journal"] == "has it" else "report-elsewhere", client.language))
    if found["pages"] == "unknown":
        complain(word("report-undrawn", client.language))


def _in_journal(client: Client, found: dict[str, Any]) -> str:
    """Either "has it", or "elsewhere" where this is not the computer that made it, or nobody may look here.

    Raises:
        Hostile: `report-not-in-journal`.
    """
    from guard.core.errors import Hostile  # noqa: PLC0415 - start fast

    try:
        if client.properties()["Host"] != found["host"]:
            return "elsewhere"
        rows = client.rows("Journal", after=found["seq"] - 1, limit=1)
    except Failure:
        return "elsewhere"
    if not rows or rows[0]["hash"] != found["hash"]:
        raise Hostile("report-not-in-journal", seq=found["seq"])
    return "has it"


COMMANDS: list[Callable[..., Any]] = [report]
