"""Tables and sentences for a terminal, JSON for scripts. Text from devices is never taken for markup or terminal codes."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from guard.core.medium import showable
from guard.words import word

_COLOURS = {
    "read-write": "green",
    "read-only": "yellow",
    "refused": "red",
    "held": "cyan",
    "alarm": "bold red",
    "warning": "yellow",
    "notice": "cyan",
    "open": "cyan",
    "approved": "green",
    "rejected": "red",
    "degraded": "red",
    "not-initialized": "red",
    "ok": "green",
}
_SHORT = frozenset({"id", "visit", "medium"})
ID_LENGTH = 8


def emit_json(value: object) -> None:
    """One value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], language: str) -> None:
    """A table, or one word where there is nothing."""
    from rich.console import Console  # noqa: PLC0415 - start fast
    from rich.table import Table  # noqa: PLC0415 - start fast
    from rich.text import Text  # noqa: PLC0415 - start fast

    if not rows:
        line(word("none", language))
        return
    painted = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column in columns:
        painted.add_column(word(column, language), overflow="fold", no_wrap=column in _SHORT)
    for row in rows:
        cells = []
        for column in columns:
            text = _cell(column, row.get(column), language)
            cells.append(Text(text, style=_COLOURS.get(str(row.get(column)), "")))
        painted.add_row(*cells)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 200)
    console.print(painted)


def facts(values: Mapping[str, Any], language: str) -> None:
    """A list of names and values."""
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        line(f"{word(name, language):<{width}}  {_cell(name, value, language)}")


def line(text: str, indent: int = 0) -> None:
    """One line on standard output, safe for a terminal."""
    sys.stdout.write(" " * indent + showable(text, 2000) + "\n")


def complain(text: str) -> None:
    """One line on standard error, safe for a terminal."""
    sys.stderr.write(showable(text, 2000) + "\n")


def _cell(column: str, value: object, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, list):
        return ", ".join(showable(str(item), 80) for item in value)
    if isinstance(value, dict):
        return showable(json.dumps(value, ensure_ascii=False), 300)
    text = showable(str(value), 300)
    if column in _SHORT:
        return text[:ID_LENGTH]
    if column in ("verdict", "direction", "state"):
        return word(text, language)
    if column in ("arrived", "left", "at", "filed") and text.endswith("Z"):
        return text[:16].replace("T", " ")
    return text
