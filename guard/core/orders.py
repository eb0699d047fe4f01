"""What two different people decide: one proposes, another confirms. Clearing, destroying, lowering a level (三员, CN-22)."""

from dataclasses import dataclass
from enum import StrEnum

from guard.core.errors import Hostile, Refused
from guard.core.medium import showable

EXPIRE_SECONDS = 7 * 86_400


class OrderKind(StrEnum):
    """What is ordered."""

    CLEAR = "clear"
    DESTROY = "destroy"
    LOWER = "lower"
    RELEASE = "release"
    EXTEND = "extend"


TO_A_LEVEL = frozenset({OrderKind.LOWER, OrderKind.RELEASE})  # carried out when the medium is registered at that level


class OrderState(StrEnum):
    """Where an order is; only `proposed` and `confirmed` change."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Order:
    """One order about one medium. `level` is the level to which it goes, "" for none; `ends` the end of an extended term.

    Times are seconds since 1970.
    """

    id: str
    kind: OrderKind
    medium: str
    level: str
    state: OrderState
    why: str
    approved_by: str
    form: str
    proposed_by: str
    proposed_uid: int
    expires: int
    confirmed_by: str = ""
    ends: int | None = None


def parse_kind(untrusted: str) -> OrderKind:
    """A kind of order.

    Raises:
        Hostile: `order-kind-unknown`.
    """
    try:
        return OrderKind(untrusted)
    except ValueError:
        raise Hostile("order-kind-unknown", kind=showable(untrusted, 32), known=", ".join(OrderKind)) from None


def check_confirm(order: Order, uid: int, now: int) -> None:
    """Whether this user may answer this order now.

    Raises:
        Refused: `order-closed`, `order-expired`, `order-own`.
    """
    if order.state is not OrderState.PROPOSED:
        raise Refused("order-closed", state=order.state)
    if now >= order.expires:
        raise Refused("order-expired")
    if uid == order.proposed_uid:
        raise Refused("order-own")


def check_carry_out(order: Order, kind: OrderKind, medium_id: str, now: int) -> None:
    """Whether this order is confirmed, for this and for this medium, and still counts.

    Raises:
        Refused: `order-not-confirmed`, `order-expired`, `order-other`.
    """
    if order.kind is not kind or order.medium != medium_id:
        raise Refused("order-other")
    if order.state is not OrderState.CONFIRMED:
        raise Refused("order-not-confirmed", state=order.state)
    if now >= order.expires:
        raise Refused("order-expired")
