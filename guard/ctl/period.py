"""The filters of crossings on the command line; days are those of this computer's clock."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from guard.ctl.client import Client
from guard.ctl.listings import full_id

_NAMES = ("medium", "holder", "from_network", "to_network", "direction", "severity")
_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option("--since", default="", help="From this day or time on: 2026-11-01, 2026-11-01T08:00, ...+08:00."),
    click.option("--until", default="", help="Up to this time, or to the end of this day."),
    click.option("--medium", default="", help="Only of this medium."),
    click.option("--holder", default="", help="Only of media whose label named this holder."),
    click.option("--from", "from_network", default="", help="Only from this network (name or id)."),
    click.option("--to", "to_network", default="", help="Only to this network."),
    click.option("--direction", default="", type=click.Choice(["", "up", "down", "same"])),
    click.option("--severity", default="", type=click.Choice(["", "info", "notice", "warning", "alarm"])),
)


def crossing_filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """All options that say which crossings."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def wanted_of(client: Client, words: dict[str, Any]) -> dict[str, Any]:
    """What to ask the guard for; takes its own options out of `words`.

    Raises:
        UsageError: for what is no date.
    """
    bounds = {"since": seconds_of(words.pop("since"), "since"), "until": seconds_of(words.pop("until"), "until")}
    texts = {name: words.pop(name) for name in _NAMES}
    if texts["medium"]:
        texts["medium"] = full_id(client, texts["medium"], "Media")
    return {name: value for name, value in (bounds | texts).items() if value}


def seconds_of(text: str, option: str) -> int:
    """Seconds since 1970 of a day or time, 0 for none; `until` a day means until its end."""
    if not text:
        return 0
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError(f"--{option} {text} is no date; write for example 2026-11-30.") from error
    if option == "until" and len(text) <= len("2026-11-30"):
        found += timedelta(days=1)
    seconds = int(found.astimezone(UTC).timestamp())
    if seconds <= 0:
        raise click.UsageError(f"--{option} {text} is before 1970.")
    return seconds
