"""Media that went from one network to another, by any filter."""

from collections.abc import Callable
from typing import Any

import click

from guard.ctl.client import Client
from guard.ctl.listings import print_rows
from guard.ctl.period import crossing_filters, wanted_of


@click.command()
@crossing_filters
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 1000), help="At most so many rows.")
@click.option("--json", "as_json", is_flag=True, help="One JSON value on standard output, with stable keys.")
@click.pass_obj
def crossings(client: Client, /, limit: int, as_json: bool, **words: Any) -> None:
    """Media that went from one network to another, newest first."""
    print_rows(client, "crossings", as_json, client.rows("Crossings", limit=limit, **wanted_of(client, words)))


COMMANDS: list[Callable[..., Any]] = [crossings]
