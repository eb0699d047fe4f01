"""Papers about media: stickers, and the certificate of what was cleared or destroyed."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from guard.core.errors import GuardError
from guard.ctl.client import REFUSED, Client, Failure
from guard.ctl.listings import full_id
from guard.ctl.paint import line
from guard.words import say, word

PAGE = 1000
TAPES = ("12", "18", "24", "29", "36", "62")
_COLOURS = {
    "red": "#b3261e",
    "dark_orange": "#a84300",
    "yellow": "#f2c200",
    "blue": "#0b57a4",
    "green": "#1a6b32",
    "magenta": "#8e2a8b",
    "bright_magenta": "#b45ab1",
}


@click.command()
@click.argument("media", metavar="MEDIUM...", nargs=-1, required=True)
@click.option("--paper", default="label", show_default=True, type=click.Choice(["label", "sheet"]))
@click.option("--tape", default="24", show_default=True, type=click.Choice(TAPES), help="Width in mm, for a PNG.")
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="FILE.pdf, or FILE.png for a printer of tapes (300 dpi); of several media FILE-NUMBER.png.",
)
@click.pass_obj
def sticker(client: Client, media: tuple[str, ...], paper: str, tape: str, out: Path) -> None:
    """Stickers to print: one a page for a label printer (62 x 29 mm), 27 on a sheet of A4, or a PNG each for a tape."""
    from guard.paper.sticker import Sticker, draw_stickers  # noqa: PLC0415 - start fast

    if out.suffix.lower() not in (".pdf", ".png"):
        raise click.UsageError("--out must end in .pdf or .png.")
    colours = {str(level["name"]): str(level["colour"]) for level in client.properties().get("Levels", ())}
    stickers = []
    for row in _rows_of(client, media):
        highest = str(row["level"]).rsplit("+", maxsplit=1)[-1]
        texts = (str(row[name]) for name in ("holder", "department"))
        colour = _COLOURS.get(colours.get(highest, ""), "#5f6368")
        stickers.append(Sticker(str(row["id"]), str(row["number"]), str(row["mark"]), colour, *texts))
    if out.suffix.lower() == ".pdf":
        write_paper(client, out, lambda: draw_stickers(stickers, paper))
        return
    from guard.paper.tape import draw_tape  # noqa: PLC0415 - start fast

    for one in stickers:
        file = out if len(stickers) == 1 else out.with_name(f"{out.stem}-{_plain(one.number)}{out.suffix}")
        write_paper(client, file, partial(draw_tape, one, int(tape)))


@click.command()
@click.argument("media", metavar="[MEDIUM]...", nargs=-1)
@click.option("--department", default="", help="The list of all that this department holds.")
@click.option("--organization", default="", help="Stands at the top.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.pdf")
@click.pass_obj
def form(client: Client, media: tuple[str, ...], department: str, organization: str, out: Path) -> None:
    """A register form to sign: of one medium with its history, or of a department with a line for each medium."""
    from guard.paper.form import Form, draw_department, draw_medium  # noqa: PLC0415 - start fast

    if bool(department) == bool(media) or len(media) > 1:
        raise click.UsageError("Name one medium, or a department with --department.")
    paper = Form(organization[:120], datetime.now(UTC).astimezone().date().isoformat(), client.language)
    if department:
        rows = [_told(client, row) for row in _of_department(client, department)]
        if not rows:
            raise Failure(word("form-empty", client.language, department=department), REFUSED)
        write_paper(client, out, lambda: draw_department(paper, department, rows))
        return
    (row,) = _rows_of(client, media)
    steps = client.rows("History", medium=str(row["id"]), limit=PAGE)
    told = [_told(client, step) for step in reversed(steps)]
    write_paper(client, out, lambda: draw_medium(paper, {**_told(client, row), "medium": str(row["id"])}, told))


def _of_department(client: Client, department: str) -> Iterator[dict[str, Any]]:
    """Page by page, by id; the guard searches, what is exactly this department counts."""
    past = ""
    while rows := client.rows("Media", past=past, search=department, limit=PAGE):
        yield from (row for row in rows if row["department"] == department)
        if len(rows) < PAGE:
            return
        past = str(rows[-1]["id"])


def _told(client: Client, row: Mapping[str, Any]) -> dict[str, str]:
    """A row in the words of a paper: days instead of moments, names of states and steps."""
    told = {name: ", ".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in row.items()}
    for name in ("since", "expires", "at"):
        if name in told:
            told[name] = told[name][:10]
    for name in ("state", "step", "kind"):
        if told.get(name):
            told[name] = word(told[name], client.language)
    return told


@click.command()
@click.argument("order", metavar="ORDER")
@click.option("--organization", default="", help="Stands at the top.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="FILE.pdf")
@click.pass_obj
def certificate(client: Client, order: str, organization: str, out: Path) -> None:
    """The certificate of an order that was carried out: which medium, how, checked how, and both names."""
    from guard.paper.certificate import Certificate, draw_certificate  # noqa: PLC0415 - start fast

    whole = full_id(client, order, "Orders")
    done = next(iter(client.rows("Orders", named=whole)), {})
    if done.get("state") != "done" or done["kind"] not in ("clear", "destroy"):
        raise Failure(word("certificate-none", client.language), REFUSED)
    (medium,) = client.rows("Media", medium=str(done["medium"])) or [{}]
    entry = next(iter(client.rows("Journal", kind="cleared", subject=whole)), {})
    cleared = entry.get("data", {})
    facts = {
        "number": medium.get("number", ""),
        "serial": medium.get("serial", ""),
        "medium": done["medium"],
        "level": medium.get("effective_level", ""),
        "order": whole,
        "form": done["form"],
        "approved_by": done["approved_by"],
        "why": done["why"],
        "method": _method(client, cleared),
        "octets": str(cleared.get("octets", "")),
        "at": str(entry.get("at", ""))[:19] or done["confirmed"],
    }
    texts = {name: str(value) for name, value in facts.items()}
    names = (str(done["proposed_by"]), str(done["confirmed_by"]))
    kind = "keys" if cleared.get("method") == "keys" else str(done["kind"])
    paper = Certificate(kind, texts, *names, organization[:120], client.language)
    write_paper(client, out, lambda: draw_certificate(paper))


def _method(client: Client, cleared: Mapping[str, Any]) -> str:
    """How it was done; nothing for what was destroyed by hand."""
    if not cleared:
        return ""
    how = word("certificate-method-keys" if cleared.get("method") == "keys" else "certificate-method", client.language)
    return how + (word("certificate-discarded", client.language) if cleared.get("discarded") is True else "")


def _rows_of(client: Client, media: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for one in media:
        whole = full_id(client, one, "Media")
        row = next((row for row in client.rows("Media", medium=whole) if row["id"] == whole), None)
        if row is None:
            raise Failure(word("unknown-id", client.language, ident=one), REFUSED)
        yield row


def _plain(number: str) -> str:
    """A number as a part of a file's name: nothing of it leads elsewhere."""
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in number)


def write_paper(client: Client, out: Path, draw: Callable[[], bytes]) -> None:
    """Draw and write, and say where; what goes wrong is a sentence."""
    try:
        out.write_bytes(draw())
    except GuardError as error:
        raise Failure(say(error.code, error.facts, client.language), REFUSED) from error
    except OSError as error:
        facts = {"path": str(out), "why": error.strerror or ""}
        raise Failure(say("file-unwritable", facts, client.language), REFUSED) from error
    line(word("said-drawn", client.language, file=str(out)))


COMMANDS: list[Callable[..., Any]] = [sticker, form, certificate]
