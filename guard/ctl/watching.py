"""Live: what happens now, one line for each change; and the hand that plugs simulated sticks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from guard.ctl.client import SIMULATION, Client, Failure
from guard.ctl.paint import as_json as to_json
from guard.ctl.paint import line
from guard.sim.stick import new_stick
from guard.words import explain_reason, say, word

_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with all that is known of the visit.")
@click.pass_obj
def watch(client: Client, as_json: bool) -> None:
    """Show what is plugged in and judged, as it happens."""
    if as_json:
        client.follow(lambda path, visit: click.echo(to_json(visit)))
    line(word("watching", client.language))
    last: dict[str, tuple[str, str]] = {}

    def shown(path: str, visit: Mapping[str, Any]) -> None:
        state = (visit["Stage"], visit["Verdict"])
        if last.get(path) == state or visit["Stage"] in ("held", "reading", "judged"):
            return
        last[path] = state
        now = datetime.now().astimezone().strftime("%H:%M:%S")
        seen = visit["Seen"]
        what = f"{seen['manufacturer']} {seen['product']}".strip() or visit["Interface"]
        verdict = word(visit["Stage" if visit["Stage"] in ("arrived", "gone") else "Verdict"], client.language)
        line(f"{now}  {visit['Id'][:8]}  {visit['Interface']}  {what}: {verdict}  {', '.join(visit['Reasons'])}")
        if visit["Stage"] == "shut" and visit["Reasons"]:
            explanation = explain_reason(visit["Reasons"][0], {}, client.language)
            line(word("what-now", client.language, next=explanation.next), indent=10)
            if explanation.rule == "not-labelled":
                line(word("how-to-ask", client.language), indent=10)

    client.follow(shown)


@click.group()
def sim() -> None:
    """Simulated ports: image files as sticks."""


@sim.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def plug(client: Client, file: Path) -> None:
    """Put an image file in as a stick."""
    (port,) = client.call("Plug", "sa{sv}", [str(file.resolve())], interface=SIMULATION)
    client.settled(port)
    line(word("plugged", client.language, port=port))


@sim.command()
@click.argument("port")
@click.pass_obj
def unplug(client: Client, port: str) -> None:
    """Pull a stick out of a port."""
    client.call("Unplug", "sa{sv}", [port], interface=SIMULATION)
    line(word("unplugged", client.language, port=port))


@sim.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--size", default="64M", show_default=True, help="8M to 1T.")
@click.option(
    "--start", default="1M", show_default=True, help="Where the first partition starts; 0 for no partition table."
)
@click.pass_obj
def new(client: Client, file: Path, size: str, start: str) -> None:
    """Make the image of a stick as sold."""
    from guard.core.errors import GuardError  # noqa: PLC0415 - start fast

    try:
        new_stick(file, _bytes(size), _bytes(start))
    except GuardError as error:
        raise Failure(say(error.code, error.facts, client.language), 1) from error
    line(word("made", client.language, file=str(file)))


def _bytes(text: str) -> int:
    unit = _UNITS.get(text[-1:].upper(), 0)
    number = text[:-1] if unit else text
    if not number.isdecimal():
        raise click.UsageError(f"{text} is no size; write for example 64M.")
    return int(number) * (unit or 1)


COMMANDS: list[Callable[..., Any]] = [watch, sim]
