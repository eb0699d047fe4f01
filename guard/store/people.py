"""The holders in the register. Every change goes into the journal in the same transaction."""

from collections import Counter

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from guard.core.errors import Refused
from guard.core.life import HELD, MediumState
from guard.core.people import Person, PersonState
from guard.core.scheme import Scheme
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.queries import Listing, iso
from guard.store.tables import media, people

MOST = 10_000


class People:
    """Who holds media, and who is about to leave."""

    def __init__(self, database: Database, journal: Journal, scheme: Scheme) -> None:
        """All three are of this host."""
        self._database, self._journal, self._scheme = database, journal, scheme

    async def find(self, name: str) -> Person | None:
        """The person of this name or account; None for nobody."""
        return await self._database.read(lambda connection: find(connection, name, self._scheme))

    async def put(self, name: str, account: str, department: str, by: str, now: int) -> None:
        """Enter a person, or change account and department of one."""
        row = {"name": name, "key": name.casefold(), "account": account.casefold(), "department": department}
        fresh = {**row, "clearance": "", "state": PersonState.ACTIVE, "since": now, "why": "", "marked_by": -1}
        change = upsert(people).values(fresh).on_conflict_do_update(index_elements=["key"], set_=row)
        data = {"account": account, "department": department, "by": by}
        await self._journal.write("person", name, data, lambda connection: connection.execute(change))

    async def clear_for(self, name: str, clearance: str, by: str, why: str) -> None:
        """Set the highest level that somebody may hold; "" takes it away.

        Raises:
            Refused: `holder-unknown`.
        """

        def act(connection: Connection) -> None:
            person = _row(connection, name)
            connection.execute(update(people).where(people.c.key == person.key).values(clearance=clearance))

        await self._journal.write("clearance", name, {"clearance": clearance, "by": by, "why": why}, act)

    async def mark(self, name: str, state: PersonState, by: tuple[str, int], why: str, now: int) -> tuple[str, ...]:
        """Somebody leaves (or stays after all, or has left); returns the ids of the media that they still hold.

        Raises:
            Refused: `holder-unknown`; for `left`: `holder-not-leaving`, `holder-still-holds`, `sign-off-own`.
        """
        held: list[str] = []

        def act(connection: Connection) -> None:
            person = _row(connection, name)
            held.extend(_held(connection, person))
            if state is PersonState.LEFT:
                if person.state != PersonState.LEAVING:
                    raise Refused("holder-not-leaving", holder=person.name)
                if held:
                    raise Refused("holder-still-holds", holder=person.name, count=len(held))
                if person.marked_by == by[1] or person.account == by[0].casefold():
                    raise Refused("sign-off-own")
            values = {"state": state, "since": now, "why": why, "marked_by": by[1]}
            connection.execute(update(people).where(people.c.key == person.key).values(values))

        await self._journal.write("person-state", name, {"state": str(state), "by": by[0], "why": why}, act)
        return tuple(held)

    async def held(self, name: str) -> tuple[str, ...]:
        """The ids of what a person holds or is offered.

        Raises:
            Refused: `holder-unknown`.
        """

        def query(connection: Connection) -> tuple[str, ...]:
            return tuple(_held(connection, _row(connection, name)))

        return await self._database.read(query)

    async def listing(self, account: str | None = None) -> Listing:
        """All people with how many media they hold, by name; `account`: only theirs."""
        query = select(people).order_by(people.c.key).limit(MOST)
        if account is not None:
            query = query.where(people.c.account == account.casefold())
        names = ("name", "account", "department", "clearance", "state", "why")

        def run(connection: Connection) -> Listing:
            held = _held_by_name(connection)
            return [
                {
                    **{name: getattr(row, name) for name in names},
                    "holds": sum(held[name] for name in {row.key, row.account} - {""}),
                    "since": iso(row.since),
                }
                for row in connection.execute(query)
            ]

        return await self._database.read(run)


def find(connection: Connection, name: str, scheme: Scheme) -> Person | None:
    """Within a transaction: the person of this name or account."""
    key = name.casefold()
    if not key:
        return None
    row = connection.execute(select(people).where(people.c.key == key)).first()
    row = row or connection.execute(select(people).where(people.c.account == key).limit(1)).first()
    if row is None:
        return None
    clearance = scheme.level(row.clearance) if row.clearance else None
    return Person(row.name, row.account, row.department, clearance, PersonState(row.state))


def _row(connection: Connection, name: str) -> Row[tuple[object, ...]]:
    row = connection.execute(select(people).where(people.c.key == name.casefold())).first()
    if row is None:
        raise Refused("holder-unknown", holder=name[:64])
    return row


def _held_by_name(connection: Connection) -> Counter[str]:
    """How many media are in the hands of each name, in small letters."""
    query = select(media.c.holder, func.count()).where(media.c.state.in_(HELD)).group_by(media.c.holder)
    held: Counter[str] = Counter()
    for holder, number in connection.execute(query):
        held[holder.casefold()] += number
    return held


def _held(connection: Connection, person: Row[tuple[object, ...]]) -> list[str]:
    """What somebody answers for. What was lost or is with the repairer is theirs, too, until it is settled."""
    names = {person.key, person.account} - {""}
    query = select(media.c.id, media.c.holder).where(media.c.state.in_(HELD - {MediumState.REVOKED}))
    return [str(row.id) for row in connection.execute(query) if row.holder.casefold() in names]
