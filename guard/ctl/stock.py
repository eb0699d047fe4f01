"""The register as a whole: taking over an older list, writing it out, saving and restoring it."""

import csv
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click

from guard.core.errors import GuardError, Hostile
from guard.ctl.client import REFUSED, UNREACHABLE, Client, Failure
from guard.ctl.paint import complain, emit_json, line, safe
from guard.words import say, word

BATCH, PAGE = 60, 1000
MOST_BYTES = 256 * 1024 * 1024
_EXPORTED = (
    "number",
    "serial",
    "level",
    "effective_level",
    "holder",
    "department",
    "kind",
    "state",
    "networks",
    "since",
    "expires",
    "inspection_due",
    "due",
    "mark",
    "id",
)
_STATE = Path("/var/lib/media-guard")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what is wrong, row by row.")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def take_over(client: Client, file: Path, dry_run: bool, as_json: bool) -> None:
    """Take over an older list of media from a CSV file; each number then waits for a label."""
    good, bad = 0, []
    for lines, rows in _batches(client, file):
        (refused,) = client.call("Import", "aa{sv}ba{sv}", [rows, dry_run])
        bad += [{"line": lines[row["row"]], "code": row["code"], "what": row["what"]} for row in refused]
        good += len(rows) - len(refused)
    if as_json:
        emit_json({"good": good, "bad": bad, "dry_run": dry_run})
    else:
        for row in bad:
            complain(word("bad-row", client.language, line=row["line"], what=row["what"]))
        line(word("said-dry" if dry_run else "said-imported", client.language, count=good, bad=len(bad)))
    if bad:
        raise click.exceptions.Exit(REFUSED)


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.pass_obj
def export(client: Client, file: Path) -> None:
    """Write all media to a CSV file that spreadsheets open."""
    count, past = 0, ""
    with file.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(_EXPORTED)
        while rows := client.rows("Media", past=past, limit=PAGE):
            writer.writerows([_cell(row.get(name)) for name in _EXPORTED] for row in rows)
            count, past = count + len(rows), str(rows[-1]["id"])
    line(word("said-exported", client.language, count=count, file=str(file)))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def backup(client: Client, file: Path) -> None:
    """Save the registry and its journal, whole and checked, while the guard runs (as root)."""
    from guard.store.backup import save  # noqa: PLC0415 - start fast

    found = _checked(client, lambda: save(_STATE / "registry.db", file))
    line(word("said-saved", client.language, file=str(file), media=found.media, entries=found.entries))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def restore(client: Client, file: Path) -> None:
    """Put a saved registry in the place of the present one, which is kept; the guard must be stopped (as root)."""
    from guard.store.backup import bring_back  # noqa: PLC0415 - start fast

    try:
        client.properties()
    except Failure as failure:
        if failure.status != UNREACHABLE:
            raise
    else:
        raise Failure(say("backup-running", {}, client.language), REFUSED)
    found = _checked(client, lambda: bring_back(file, _STATE / "registry.db"))
    words = {"media": found.media, "entries": found.entries, "kept": found.kept}
    line(word("said-restored", client.language, **words))


def _checked(client: Client, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except GuardError as error:
        raise Failure(say(error.code, error.facts, client.language), REFUSED) from error


def _batches(client: Client, file: Path) -> Iterator[tuple[list[int], list[dict[str, str]]]]:
    """Line numbers and rows, a few at a time; empty lines are passed over."""
    from guard.core.stocklist import columns_of  # noqa: PLC0415 - start fast

    try:
        reader = csv.reader(io.StringIO(_text(file)), strict=True)
        columns = columns_of(next(reader, []))
        lines: list[int] = []
        rows: list[dict[str, str]] = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            rows.append({name: cells[place].strip() for name, place in columns.items() if place < len(cells)})
            lines.append(reader.line_num)
            if len(rows) == BATCH:
                yield lines, rows
                lines, rows = [], []
        if rows:
            yield lines, rows
    except (csv.Error, UnicodeDecodeError, OSError) as error:
        facts = {"file": str(file), "why": safe(str(error), 100)}
        raise Failure(say("list-unreadable", facts, client.language), REFUSED) from error
    except Hostile as error:
        raise Failure(say(error.code, error.facts, client.language), REFUSED) from error


def _text(file: Path) -> str:
    """UTF-8, or what Chinese spreadsheets write without asking."""
    data = file.read_bytes()[:MOST_BYTES]
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _cell(value: object) -> str:
    """A text that no spreadsheet takes for a formula."""
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value if value is not None else "")
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


COMMANDS: list[Callable[..., Any]] = [take_over, export, backup, restore]
