"""Tables and sentences for a terminal, JSON for scripts. Text from devices is never taken for markup or terminal codes."""

import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

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
_IDS = frozenset({"id", "visit", "medium"})
_LEVELS = frozenset({"level", "effective_level"})
_WORDS = frozenset(
    {
        "verdict",
        "direction",
        "state",
        "severity",
        "kind",
        "source",
        "health",
        "ports",
        "ended",
        "step",
        "before",
        "after",
        "what",
        "phase",
        "order_kind",
    }
)
_TIMES = frozenset(
    {
        "arrived",
        "left",
        "at",
        "filed",
        "expires",
        "due",
        "modified",
        "ends",
        "dated",
        "cancelled",
        "until",
        "inspection_due",
    }
)
_NARROW = 11  # columns of the terminal for each column of a table: with less, each row is a list of its own
_UNPRINTABLE = re.compile(r"[^\x20-\x7e\n]")
ID_LENGTH = 8


def safe(text: str, limit: int = 2000) -> str:
    """The text with every control, format (bidi) and surrogate character as a space, so that a terminal obeys none."""
    return "".join(char if char.isprintable() else " " for char in text[:limit])


def as_json(value: object, indent: int | None = None) -> str:
    """JSON that reads as written, but for characters that a terminal would obey: those are escaped."""

    def escaped(found: re.Match[str]) -> str:
        char = found[0]
        return char if char.isprintable() else json.dumps(char)[1:-1]

    return _UNPRINTABLE.sub(escaped, json.dumps(value, ensure_ascii=False, indent=indent))


def emit_json(value: object) -> None:
    """One value on standard output."""
    sys.stdout.write(as_json(value, 1) + "\n")


def table(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], language: str, colours: Mapping[str, str] | None = None
) -> None:
    """A table, or one word where there is nothing; `colours` are those of the levels."""
    if not rows:
        line(word("none", language))
        return
    from rich.console import Console  # noqa: PLC0415 - start fast
    from rich.table import Table  # noqa: PLC0415 - start fast
    from rich.text import Text  # noqa: PLC0415 - start fast

    console = Console(highlight=False)
    texts = [[_cell(column, row.get(column), language) for column in columns] for row in rows]
    headings = [word(column, language) for column in columns]
    if sys.stdout.isatty() and console.width < _NARROW * len(columns):
        for row in rows:
            facts({column: row.get(column) for column in columns}, language)
            line("")
        return
    if not sys.stdout.isatty():  # whoever reads a pipe wants each row on one line
        console.width = sum(max(map(_width, column)) + 2 for column in zip(headings, *texts, strict=True))
    painted = Table(box=None, pad_edge=False, header_style="bold", show_edge=False)
    for column, heading in zip(columns, headings, strict=True):
        painted.add_column(heading, overflow="fold", no_wrap=column in _IDS)
    for row, cells in zip(rows, texts, strict=True):
        styles = [_style(column, str(row.get(column)), colours or {}) for column in columns]
        painted.add_row(*(Text(text, style=style) for text, style in zip(cells, styles, strict=True)))
    console.print(painted)


def facts(values: Mapping[str, Any], language: str) -> None:
    """A list of names and values."""
    names = {name: word(name, language) for name in values}
    widest = max(map(_width, names.values()), default=0)
    for name, value in values.items():
        filled = names[name] + " " * (widest - _width(names[name]))
        line(f"{filled}  {_cell(name, value, language, whole=True)}")


def line(text: str, indent: int = 0) -> None:
    """One line on standard output, safe for a terminal; out at once, for those who follow."""
    sys.stdout.write((" " * indent + safe(text)).rstrip() + "\n")
    sys.stdout.flush()


def complain(text: str) -> None:
    """One line on standard error, safe for a terminal."""
    sys.stderr.write(safe(text) + "\n")


def _cell(column: str, value: object, language: str, *, whole: bool = False) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else ""
    if isinstance(value, list):
        return ", ".join(_each(value))
    if isinstance(value, dict):
        return safe(json.dumps(value, ensure_ascii=False), 300)
    text = safe(str(value), 300)
    if column in _IDS:
        return text if whole else text[:ID_LENGTH]
    if column in _WORDS:
        return word(text, language)
    if column in _TIMES and text.endswith("Z"):
        return text[:16].replace("T", " ")
    return text


def _each(values: Iterable[object]) -> list[str]:
    return [safe(str(item), 80) for item in values]


def _style(column: str, value: str, colours: Mapping[str, str]) -> str:
    if column in _LEVELS:
        return colours.get(value.rsplit("+", maxsplit=1)[-1], "")
    return _COLOURS.get(value, "") if column in _WORDS else ""


def _width(text: str) -> int:
    """Cells on a terminal: Chinese characters take two, marks that combine take none."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
