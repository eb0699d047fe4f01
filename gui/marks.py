"""The marks that a medium has had, as the daemon tells them, taken from the bus into frozen values."""

from dataclasses import dataclass
from datetime import datetime

from gui.plain import Untrusted, text, time_of


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark, as it stands on the sticker. `cancelled`: when another one took its place; None for the one that holds."""

    mark: str
    at: datetime | None
    by: str
    why: str
    ends: datetime | None
    cancelled: datetime | None


def parse_mark(untrusted: Untrusted) -> Mark:
    """A row of the marks."""
    get = untrusted.get
    return Mark(
        mark=text(get("mark")),
        at=time_of(get("at")),
        by=text(get("by")),
        why=text(get("why")),
        ends=time_of(get("ends")),
        cancelled=time_of(get("cancelled")),
    )
