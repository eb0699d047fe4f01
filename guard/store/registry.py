"""What this host knows of media, visits and crossings. Every change goes into the journal in the same transaction."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, Row, func, insert, literal_column, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from guard.core.errors import Hostile, Refused
from guard.core.evidence import Left, RegistryFacts
from guard.core.fingerprint import Fingerprint
from guard.core.inventory import Shown
from guard.core.label import Label
from guard.core.life import WAYS, MediumState, Papers, Standing, Step, stepped
from guard.core.orders import OrderState
from guard.core.people import PersonState
from guard.core.record import Record
from guard.core.scheme import Level, Scheme
from guard.core.snapshot import VisitSnapshot
from guard.core.travel import Crossing, host_level
from guard.core.verdict import Access
from guard.store.database import Database
from guard.store.inventory import note_seen
from guard.store.journal import Journal
from guard.store.labels import note_label
from guard.store.lives import columns_of, note_step, standing_of
from guard.store.people import find
from guard.store.tables import crossings, departures, media, orders, visits
from guard.store.travel import left_known, note

_Row = Row[tuple[object, ...]]


@dataclass(frozen=True, slots=True)
class Learned:
    """How a crossing became known: `source` is "registry" or "travel-log", `record` the hash of its record or a visit's id.

    `number` and `holder` are the medium's at that time; `visit` is "" where it was at another computer.
    """

    source: str
    record: str
    number: str = ""
    holder: str = ""
    visit: str = ""


class Registry:
    """The one writer of the register; reads that an admission needs are here, listings are in `queries`."""

    def __init__(self, database: Database, journal: Journal, scheme: Scheme) -> None:
        """All three are of this host."""
        self._database, self._journal, self._scheme = database, journal, scheme

    async def facts(self, medium_id: str) -> RegistryFacts | None:
        """What is known of a medium id; None for one never seen here."""

        def query(connection: Connection) -> tuple[_Row | None, _Row | None, bool]:
            row = connection.execute(select(media).where(media.c.id == medium_id)).first()
            left = connection.execute(select(departures).where(departures.c.medium == medium_id)).first()
            holder = find(connection, row.holder, self._scheme) if row else None
            return row, left, holder is not None and holder.state is not PersonState.ACTIVE

        row, left, departed = await self._database.read(query)
        if row is None:
            return None
        parts = tuple((part, digest) for part, digest in json.loads(left.parts)) if left else ()
        return RegistryFacts(
            state=MediumState(row.state),
            generation_seen=row.generation,
            record_seen=(row.record_sequence, row.record_hash) if row.record_sequence else None,
            high_water=self._scheme.level(row.high_water) if row.high_water else Level(()),
            inspection_due=row.inspection_due,
            holder_departed=departed or bool(row.holder_departed),
            holder=row.holder,
            due=row.due,
            ends=row.ends,
            receiver=row.receiver,
            left=Left(Fingerprint(left.fingerprint, parts), left.at, left.record) if left else None,
        )

    async def held(self, medium_id: str) -> Level:
        """The highest that a medium has held, as far as the register knows.

        Raises:
            Refused: `medium-unknown`.
        """
        query = select(media.c.level, media.c.high_water).where(media.c.id == medium_id)
        row = await self._database.read(lambda connection: connection.execute(query).first())
        if row is None:
            raise Refused("medium-unknown", medium=medium_id[:32])
        return self._scheme.join(*(self._scheme.level(text) for text in (row.level, row.high_water) if text))

    async def plate(self, medium_id: str) -> tuple[str, str]:
        """Number and serial number of a medium; "" where they are not known."""
        query = select(media.c.number, media.c.serial).where(media.c.id == medium_id)
        row = await self._database.read(lambda c: c.execute(query).first())
        return (row.number, row.serial) if row else ("", "")

    async def known_hardware(self, digest: str) -> str:
        """The number of a registered medium with this hardware, "" for none; a cleared one has no label to miss."""
        query = select(media.c.number).where(media.c.hardware == digest, media.c.state != MediumState.CLEARED).limit(1)
        return await self._database.read(lambda c: c.execute(query).scalar()) or ""

    async def arrived(self, visit: VisitSnapshot) -> None:
        """A medium is there; nothing is known of it yet."""
        row = {**_visit_row(visit), "id": visit.id, "arrived": visit.arrived}
        await self._journal.write(
            "arrived", visit.id, {"port": visit.port}, lambda c: c.execute(insert(visits).values(row))
        )

    async def intent(self, visit: VisitSnapshot, label: Label | None, high_water: Level | None) -> None:
        """Before the act: the verdict, and the high water it will leave, on disk before anything opens."""
        data = {**_verdict_data(visit), "medium": visit.medium, "seen": _seen(visit)}

        def act(connection: Connection) -> None:
            connection.execute(update(visits).where(visits.c.id == visit.id).values(_visit_row(visit)))
            if label is not None:
                note_label(connection, self._scheme, label, visit.arrived, high_water)

        await self._journal.write("intent", visit.id, data, act)

    async def result(self, visit: VisitSnapshot, **data: object) -> None:
        """After the act: what was read back."""
        await self._journal.write(
            "result", visit.id, {**_verdict_data(visit), "disk": visit.disk, **data}, _store(visit)
        )

    async def left(self, visit: VisitSnapshot, kind: str = "left") -> None:
        """The medium is gone (`left`), or the guard was not there to see it go (`cut-short`)."""
        await self._journal.write(kind, visit.id, {"left": visit.left}, _store(visit))

    async def rose(self, label: Label, high_water: Level) -> None:
        """A medium that was let in read-only was written: from now on it is at least of this level."""

        def act(connection: Connection) -> None:
            note_label(connection, self._scheme, label, label.issued, high_water)

        await self._journal.write("rose", label.medium_id, {"level": str(high_water)}, act)

    async def record_written(self, medium_id: str, sequence: int, digest: str) -> None:
        """The newest travel record of a medium, as seen or written here."""
        values = {"record_sequence": sequence, "record_hash": digest}
        statement = update(media).where(media.c.id == medium_id, media.c.record_sequence <= sequence).values(values)
        await self._database.write(lambda c: c.execute(statement))

    async def travelled(self, records: Sequence[tuple[Record, str]]) -> None:
        """Keep verified records of a medium, given with their hashes; each once, however often it is seen."""
        lines = [(record, digest, self._level_of(record)) for record, digest in records]
        await self._database.write(lambda connection: note(connection, lines))

    async def keep_departure(self, medium_id: str, left: Left) -> None:
        """How a medium looked when it left here in order; takes the place of what was known of its departure before."""
        found = left.fingerprint
        row = {"at": left.at, "fingerprint": found.total, "parts": json.dumps(found.parts), "record": left.record}
        statement = upsert(departures).values(medium=medium_id, **row)
        statement = statement.on_conflict_do_update(index_elements=["medium"], set_=row)

        def write(connection: Connection) -> None:
            connection.execute(statement)
            left_known(connection, medium_id, left.record)

        await self._database.write(write)

    async def crossed(self, found: Crossing, learned: Learned) -> bool:
        """Note a crossing once; False if it was known."""
        row = {
            "medium": found.medium_id,
            "at": found.at,
            "from_network": found.from_network,
            "to_network": found.to_network,
            "from_level": str(found.from_level),
            "to_level": str(found.to_level),
            "direction": found.direction,
            "verdict": found.access,
            "severity": found.severity,
            "source": learned.source,
            "record": learned.record,
            "number": learned.number,
            "holder": learned.holder,
            "visit": learned.visit,
        }
        known = select(func.count()).where(crossings.c.medium == found.medium_id, crossings.c.record == learned.record)
        if await self._database.read(lambda c: c.execute(known).scalar()):
            return False
        statement = upsert(crossings).values(row).on_conflict_do_nothing()
        await self._journal.write("crossing", found.medium_id, row, lambda c: c.execute(statement))
        return True

    async def register(
        self, label: Label, by: str, visit: str, high_water: Level, *, erased: bool, lowered: str = ""
    ) -> None:
        """A label was signed for a medium and stands on it. `erased`: its travel log began anew with it.

        `lowered`: the order of two people that lets its high water fall to the label's level.
        """
        data = {
            "visit": visit,
            "by": by,
            "number": label.number,
            "generation": label.generation,
            "holder": label.holder,
        }
        data |= {"level": str(self._scheme.level_of_codes(label.level_codes)), "networks": list(label.networks)}
        data["access"] = Access.READ_ONLY if label.read_only else Access.READ_WRITE

        def act(connection: Connection) -> None:
            row = connection.execute(select(media).where(media.c.id == label.medium_id)).first()
            step, before = _labelling(row)
            note_label(connection, self._scheme, label, label.issued, high_water, by=by)
            after = stepped(before, step, Papers("")) if before else Standing(MediumState.REGISTERED)
            after = replace(after, holder=label.holder, due=None if step is Step.REGISTER else after.due)
            connection.execute(
                update(media).where(media.c.id == label.medium_id).values(columns_of(after, label.issued))
            )
            levels = (row.level if row else "", str(self._scheme.level_of_codes(label.level_codes)))
            note_step(
                connection,
                label.medium_id,
                step,
                before,
                after,
                Papers(""),
                (by, -1),
                label.issued,
                levels=levels,
                order=lowered,
            )
            note_seen(connection, label.medium_id, Shown.REGISTERED, by, label.issued, visit)
            if erased:
                fresh: dict[str, object] = {"record_sequence": 0, "record_hash": ""}
                if lowered:
                    fresh["high_water"] = levels[1]
                    connection.execute(update(orders).where(orders.c.id == lowered).values(state=OrderState.DONE))
                connection.execute(update(media).where(media.c.id == label.medium_id).values(fresh))

        data["erased"] = erased
        await self._journal.write("registered", label.medium_id, data, act)

    async def next_number(self, prefix: str) -> str:
        """The next free number, 0001 and on after the prefix."""

        def query(connection: Connection) -> str:
            count = connection.execute(select(func.max(literal_column("rowid"))).select_from(media)).scalar() or 0
            while True:
                count += 1
                number = f"{prefix}{count:04d}"
                if not connection.execute(select(media.c.id).where(media.c.number == number)).first():
                    return number

        return await self._database.read(query)

    async def predecessor(self, number: str, medium_id: str, hardware: str, *, kept: bool = False) -> tuple[str, int]:
        """The medium that a label of this number continues, and the newest generation that is known of it; ("", 0) for a new one.

        `medium_id` is that of the label on the medium, "" where it has none: then it may take the place of one that was acquired
        or cleared, or of one with the same hardware (32 bytes, hex), whose label was wiped. `kept`: its label has this number
        already, which takes it from nobody, also where another register has given it too.

        Raises:
            Refused: `number-taken`; `step-illegal` where its state forbids a label.
        """

        def query(connection: Connection) -> tuple[str, int]:
            same = connection.execute(select(media).where(media.c.number == number)).first()
            row = connection.execute(select(media).where(media.c.id == medium_id)).first() if medium_id else same
            if same is not None and same.id != (row.id if row else "") and not kept:
                raise Refused("number-taken", number=number)
            if row is None:
                return medium_id, 0
            step, before = _labelling(row)
            if before is not None:
                stepped(before, step, Papers(""))
            free = before is not None and before.state in (MediumState.ACQUIRED, MediumState.CLEARED)
            if not medium_id and not free and row.hardware != hardware:
                raise Refused("number-taken", number=number)
            return row.id, row.generation

        return await self._database.read(query)

    async def unfinished(self) -> tuple[tuple[str, str], ...]:
        """Visits without an end, as id and port."""
        query = select(visits.c.id, visits.c.interface).where(visits.c.left.is_(None)).order_by(visits.c.seq)
        return await self._database.read(lambda c: tuple((row.id, row.interface) for row in c.execute(query)))

    async def end_unfinished(self, visit: str, now: int) -> None:
        """Close a visit that the guard did not see the end of."""
        statement = update(visits).where(visits.c.id == visit, visits.c.left.is_(None)).values(left=now)
        await self._journal.write("cut-short", visit, {"left": now}, lambda c: c.execute(statement))

    def _level_of(self, record: Record) -> str:
        try:
            return str(host_level(record, self._scheme))
        except Hostile:  # another scheme; what it means is not known here
            return ""


def _labelling(row: Row[tuple[object, ...]] | None) -> tuple[Step, Standing | None]:
    """Which step a label is for a medium in the register, and how it stands there."""
    before = standing_of(row) if row is not None else None
    in_use = before is not None and before.state not in WAYS[Step.REGISTER].start
    return (Step.RELABEL if in_use else Step.REGISTER), before


def _store(visit: VisitSnapshot) -> Callable[[Connection], object]:
    statement = update(visits).where(visits.c.id == visit.id).values(_visit_row(visit))
    return lambda connection: connection.execute(statement)


def _visit_row(visit: VisitSnapshot) -> dict[str, object]:
    verdict = visit.verdict
    return {
        "medium": visit.medium,
        "interface": visit.interface or visit.port,
        "disk": visit.disk,
        "left": visit.left,
        # What was decided counts from the intent on: if the guard is killed then, nobody knows how far it came.
        "verdict": str(verdict.access if verdict else visit.access),
        "severity": str(verdict.severity) if verdict else "info",
        "reasons": json.dumps(
            [[r.rule, dict(r.facts)] for r in verdict.reasons] if verdict else [], ensure_ascii=False
        ),
        "user": visit.user,
        "uid": visit.uid,
        "network": visit.network,
        "level": visit.level,
        "seen": json.dumps(_seen(visit), ensure_ascii=False),
    }


def _seen(visit: VisitSnapshot) -> dict[str, object]:
    if visit.seen is None:
        return {}
    names = ("vendor_id", "product_id", "manufacturer", "product", "serial", "capacity", "block_size", "partitions")
    return {name: getattr(visit.seen, name) for name in names}


def _verdict_data(visit: VisitSnapshot) -> dict[str, object]:
    verdict = visit.verdict
    if verdict is None:
        return {"verdict": str(Access.HELD)}
    rules = [{"rule": reason.rule, **dict(reason.facts)} for reason in verdict.reasons]
    return {"verdict": str(verdict.access), "severity": str(verdict.severity), "reasons": rules, "user": visit.user}
