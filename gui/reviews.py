"""Classifications that are due for review, as the daemon tells them, taken from the bus into frozen values."""

from dataclasses import dataclass
from datetime import datetime

from gui.plain import Untrusted, text, time_of


@dataclass(frozen=True, slots=True)
class Review:
    """One medium. `phase`: over, ending, condition, running. `released`: to which level two people have released it, "" for none.

    `releasable`: it has held nothing besides its own level. `order_kind`: what is under way, "" for nothing.
    """

    medium: str
    number: str
    level: str
    mark: str
    holder: str
    department: str
    ends: datetime | None
    condition: str
    phase: str
    releasable: bool
    released: str
    order_kind: str

    @property
    def may_release(self) -> bool:
        """Proposing it makes sense: its term is over or its condition may have come true, and nothing is under way."""
        return self.releasable and (self.phase == "over" or bool(self.condition)) and not self.order_kind

    @property
    def may_extend(self) -> bool:
        """There is an end that can be put off, and nothing is under way."""
        return self.ends is not None and not self.order_kind


def parse_review(untrusted: Untrusted) -> Review:
    """A row of the reviews."""
    get = untrusted.get
    return Review(
        medium=text(get("medium")),
        number=text(get("number")),
        level=text(get("level")),
        mark=text(get("mark")),
        holder=text(get("holder")),
        department=text(get("department")),
        ends=time_of(get("ends")),
        condition=text(get("condition")),
        phase=text(get("phase")),
        releasable=get("releasable") is True,
        released=text(get("released")),
        order_kind=text(get("order_kind")),
    )
