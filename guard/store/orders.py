"""Orders of two people in the register. Every change goes into the journal in the same transaction."""

import secrets
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Row, desc, func, insert, select, update

from guard.core.errors import Refused
from guard.core.life import Papers, Step, stepped
from guard.core.orders import EXPIRE_SECONDS, TO_A_LEVEL, Order, OrderKind, OrderState, check_carry_out, check_confirm
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.lives import columns_of, note_step, standing_of
from guard.store.marks import note_extension, note_release
from guard.store.naming import begins
from guard.store.queries import Listing, Page, iso
from guard.store.tables import media, orders

MOST_OPEN = 1000
_STEPS = {
    OrderKind.CLEAR: Step.CLEAR,
    OrderKind.DESTROY: Step.DESTROY,
    OrderKind.RELEASE: Step.RELEASE,
    OrderKind.EXTEND: Step.EXTEND,
}
_AT_ONCE = frozenset({OrderKind.DESTROY, OrderKind.RELEASE, OrderKind.EXTEND})  # on record when it is confirmed
Check = Callable[[Row[tuple[object, ...]], Order], None]


class Orders:
    """What was proposed, by whom, and who confirmed it."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Both are of this host."""
        self._database, self._journal = database, journal

    async def propose(
        self,
        kind: OrderKind,
        medium_id: str,
        level: str,
        papers: Papers,
        by: tuple[str, int],
        now: int,
        ends: int | None = None,
        check: Check = lambda row, order: None,
    ) -> str:
        """Write a proposal down; returns its id. `check` gets medium and order in the same transaction and may refuse.

        Raises:
            Refused: `medium-unknown`, `order-exists`, `order-quota`, `step-illegal`, or what `check` raises.
        """
        ident = secrets.token_hex(16)

        def act(connection: Connection) -> None:
            row = connection.execute(select(media).where(media.c.id == medium_id)).first()
            if row is None:
                raise Refused("medium-unknown", medium=medium_id[:32])
            if kind in _STEPS:
                stepped(standing_of(row), _STEPS[kind], papers, ordered=True)
            live = (orders.c.state.in_((OrderState.PROPOSED, OrderState.CONFIRMED)), orders.c.expires > now)
            if connection.execute(select(orders.c.id).where(orders.c.medium == medium_id, *live)).first():
                raise Refused("order-exists", medium=medium_id[:8])
            if (connection.execute(select(func.count()).where(*live)).scalar() or 0) >= MOST_OPEN:
                raise Refused("order-quota", quota=MOST_OPEN)
            values: dict[str, object] = {"id": ident, "kind": kind, "medium": medium_id, "level": level}
            values |= {
                "state": OrderState.PROPOSED,
                "why": papers.why,
                "approved_by": papers.approved_by,
                "form": papers.form,
            }
            values |= {"proposed_by": by[0], "proposed_uid": by[1], "proposed": now, "expires": now + EXPIRE_SECONDS}
            connection.execute(insert(orders).values(**values, ends=ends, confirmed_by="", confirmed_uid=-1))
            check(row, _order(connection, ident))

        data = {"kind": str(kind), "medium": medium_id, "level": level, "by": by[0], "why": papers.why}
        data |= {"ends": iso(ends)} if ends is not None else {}
        await self._journal.write("order", ident, data, act)
        return ident

    async def answer(
        self,
        ident: str,
        confirm: bool,
        by: tuple[str, int],
        why: str,
        now: int,
        check: Check = lambda row, order: None,
    ) -> Order:
        """Confirm or decline; what needs no medium is on record at once, the rest is carried out afterwards.

        `check` is asked once more before anything is confirmed: the medium may have changed since the proposal.

        Raises:
            Refused: `order-unknown`, `order-closed`, `order-expired`, `order-own`, `step-illegal`, or what `check` raises.
        """
        state = OrderState.CONFIRMED if confirm else OrderState.DECLINED

        def act(connection: Connection) -> None:
            order = _order(connection, ident)
            check_confirm(order, by[1], now)
            values = {"state": state, "confirmed_by": by[0], "confirmed_uid": by[1], "confirmed": now}
            connection.execute(update(orders).where(orders.c.id == ident).values(values))
            if confirm:
                check(connection.execute(select(media).where(media.c.id == order.medium)).one(), order)
            if confirm and order.kind in _AT_ONCE:
                carry_out(connection, _order(connection, ident), by, now)

        data = {"state": str(state), "by": by[0], "why": why}
        await self._journal.write("order-answered", ident, data, act)
        return await self.one(ident)

    async def one(self, ident: str) -> Order:
        """One order.

        Raises:
            Refused: `order-unknown`.
        """
        return await self._database.read(lambda connection: _order(connection, ident))

    async def lowering(self, medium_id: str, now: int) -> Order | None:
        """The confirmed order under which this medium may go to a lower level, None where there is none."""
        query = select(orders.c.id).where(
            orders.c.medium == medium_id,
            orders.c.kind.in_(TO_A_LEVEL),
            orders.c.state == OrderState.CONFIRMED,
            orders.c.expires > now,
        )

        def find(connection: Connection) -> Order | None:
            ident = connection.execute(query).scalar()
            return _order(connection, ident) if ident else None

        return await self._database.read(find)

    async def cleared(self, ident: str, by: tuple[str, int], now: int, told: Mapping[str, object]) -> None:
        """The medium of an order was cleared; `told` says how: octets, method, discarded.

        Raises:
            Refused: `order-...`, `step-illegal`.
        """
        data: dict[str, object] = {**told, "by": by[0]}

        def act(connection: Connection) -> None:
            order = _order(connection, ident)
            data["medium"] = order.medium
            check_carry_out(order, OrderKind.CLEAR, order.medium, now)
            carry_out(connection, order, by, now)
            fresh = {"record_sequence": 0, "record_hash": ""}
            connection.execute(update(media).where(media.c.id == order.medium).values(fresh))

        await self._journal.write("cleared", ident, data, act)

    async def listing(self, page: Page) -> Listing:
        """Orders, newest first."""
        query = select(orders).order_by(desc(orders.c.seq)).limit(page.limit)
        for column, wanted in (
            (orders.c.state, page.state),
            (orders.c.medium, page.medium),
            (orders.c.kind, page.kind),
        ):
            query = query.where(column == wanted) if wanted else query
        query = query.where(begins(orders.c.id, page.named)) if page.named else query
        query = query.where(orders.c.seq < page.before) if page.before else query
        rows = await self._database.read(lambda connection: list(connection.execute(query)))
        names = ("id", "kind", "medium", "level", "state", "why", "approved_by", "form", "proposed_by", "confirmed_by")
        times = ("proposed", "expires", "confirmed", "ends")
        return [
            {
                **{name: getattr(row, name) for name in names},
                **{name: iso(getattr(row, name)) for name in times},
                "seq": row.seq,
            }
            for row in rows
        ]


def carry_out(connection: Connection, order: Order, by: tuple[str, int], now: int) -> None:
    """Within a transaction: take the step that was ordered. The order is used up; one to a lower level when a label says so."""
    row = connection.execute(select(media).where(media.c.id == order.medium)).one()
    before, step = standing_of(row), _STEPS[order.kind]
    names = f"{order.proposed_by}, {order.confirmed_by}"
    papers = Papers(order.why, order.approved_by or names, order.form)
    after = stepped(before, step, papers, ordered=True)
    connection.execute(update(media).where(media.c.id == order.medium).values(columns_of(after, now)))
    levels = (row.level, order.level) if order.kind is OrderKind.RELEASE else ("", "")
    note_step(connection, order.medium, step, before, after, papers, by, now, levels=levels, order=order.id)
    values: dict[str, object] = {"state": OrderState.DONE}
    if order.kind is OrderKind.RELEASE:
        note_release(connection, order.medium, order, names, now)
        values = {"expires": now + EXPIRE_SECONDS}
    elif order.kind is OrderKind.EXTEND:
        note_extension(connection, order.medium, order, names, now)
    connection.execute(update(orders).where(orders.c.id == order.id).values(values))


def _order(connection: Connection, ident: str) -> Order:
    row = connection.execute(select(orders).where(orders.c.id == ident)).first()
    if row is None:
        raise Refused("order-unknown", order=ident[:32])
    fields = {name: getattr(row, name) for name in Order.__dataclass_fields__}
    return Order(**{**fields, "kind": OrderKind(row.kind), "state": OrderState(row.state)})
