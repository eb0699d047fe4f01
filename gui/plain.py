"""What comes from the bus, made plain: any value is taken without an error, and texts hide, turn around and control nothing."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

LONGEST_TEXT, MOST_ITEMS = 2048, 1000
Untrusted = Mapping[str, object]
_UNSHOWABLE = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})


def text(value: object) -> str:
    """A text without anything that hides, turns around or controls; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    return "".join(
        c if unicodedata.category(c) not in _UNSHOWABLE else "\N{REPLACEMENT CHARACTER}" for c in value[:LONGEST_TEXT]
    )


def map_of(value: object) -> Untrusted:
    """A map; an empty one for what is none."""
    return value if isinstance(value, Mapping) else {}


def rows_of(value: object) -> list[Untrusted]:
    """A list of maps; what is none is left out."""
    return [row for row in value[:MOST_ITEMS] if isinstance(row, Mapping)] if isinstance(value, list) else []


def texts(value: object) -> tuple[str, ...]:
    """A list of texts."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        return ()
    return tuple(text(item) for item in value[:MOST_ITEMS])


def number(value: object) -> int:
    """A number; 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def time_of(value: object) -> datetime | None:
    """An ISO time; None for what is none."""
    try:
        found = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
