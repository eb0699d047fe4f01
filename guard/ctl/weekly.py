"""The weekly summary: on the terminal, as JSON, or as a PDF to file."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from guard.ctl.client import Client
from guard.ctl.paint import emit_json, line
from guard.ctl.papers import write_paper
from guard.ctl.period import seconds_of
from guard.words import word


@click.command()
@click.option(
    "--week",
    is_flag=False,
    flag_value="last",
    default="last",
    help="The last seven days (also without it), or a week of the calendar: 2026-W47.",
)
@click.option("--since", default="", help="From this day on, instead of a week.")
@click.option("--until", default="", help="To the end of this day.")
@click.option("--organization", default="", help="Stands at the top of the PDF.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="FILE.pdf")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def summary(
    client: Client, /, week: str, since: str, until: str, organization: str, out: Path | None, as_json: bool
) -> None:
    """What came, what was refused and by which rule, what is open or overdue, incidents and crossings; for admins and auditors."""
    if out is not None and out.suffix.lower() != ".pdf":
        raise click.UsageError("--out must end in .pdf.")
    bounds = {"since": seconds_of(since, "since"), "until": seconds_of(until, "until")} if since or until else {}
    wanted = {name: value for name, value in bounds.items() if value} or _week(week)
    (found,) = client.call("Summary", "a{sv}a{sv}", [wanted])
    if as_json:
        emit_json(found)
        return
    from guard.paper.week import draw_week, lines_of  # noqa: PLC0415 - start fast

    if out is not None:
        write_paper(client, out, lambda: draw_week(found, organization[:120], client.language))
        return
    line(word("week-title", client.language, since=found["since"][:10], until=found["until"][:10]))
    for depth, text in lines_of(found, client.language):
        line(text, indent=2 * depth)


def _week(text: str) -> dict[str, int]:
    """The bounds of a week of the calendar, by the clock of this computer; none for the last seven days."""
    if text == "last":
        return {}
    found = re.fullmatch(r"(\d{4})-W(\d{2})", text)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError:
        monday = None
    if monday is None:
        raise click.UsageError(f"--week {text} is no week; write for example 2026-W47, or leave it out.")
    start, end = (_midnight(monday + timedelta(days=days)) for days in (0, 7))
    return {"since": start, "until": end}


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day).astimezone(UTC).timestamp())


COMMANDS: list[Callable[..., Any]] = [summary]
