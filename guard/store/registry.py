"""What this host knows of media, visits, crossings and requests. Every change goes into the journal in the same transaction."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from guard.core.errors import Refused
from guard.core.evidence import MediumState, RegistryFacts
from guard.core.label import Label
from guard.core.scheme import Level, Scheme
from guard.core.snapshot import VisitSnapshot
from guard.core.travel import Crossing
from guard.core.verdict import Access
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.tables import crossings, media, requests, visits


class RequestState(StrEnum):
    """Where a request is; only `open` changes."""

    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as filed."""

    id: str
    state: RequestState
    visit: str
    digest: str
    uid: int
    requester: str
    purpose: str
    wishes: Mapping[str, str]
    filed: int
    expires: int


class Registry:
    """The one writer of the register; reads that an admission needs are here, listings are in `queries`."""

    def __init__(self, database: Database, journal: Journal, scheme: Scheme) -> None:
        """All three are of this host."""
        self._database, self._journal, self._scheme = database, journal, scheme

    async def facts(self, medium_id: str) -> RegistryFacts | None:
        """What is known of a medium id; None for one never seen here."""
        row = await self._database.read(lambda c: c.execute(select(media).where(media.c.id == medium_id)).first())
        if row is None:
            return None
        return RegistryFacts(
            state=MediumState(row.state),
            generation_seen=row.generation,
            record_seen=(row.record_sequence, row.record_hash) if row.record_sequence else None,
            high_water=self._scheme.level(row.high_water) if row.high_water else Level(()),
            inspection_due=row.inspection_due,
            holder_departed=bool(row.holder_departed),
        )

    async def known_hardware(self, digest: str) -> str:
        """The number of a registered medium with this hardware, "" for none."""
        query = select(media.c.number).where(media.c.hardware == digest).limit(1)
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
                self._note_label(connection, label, visit.arrived, high_water)

        await self._journal.write("intent", visit.id, data, act)

    async def result(self, visit: VisitSnapshot, **data: object) -> None:
        """After the act: what was read back."""
        await self._journal.write(
            "result", visit.id, {**_verdict_data(visit), "disk": visit.disk, **data}, _store(visit)
        )

    async def left(self, visit: VisitSnapshot, kind: str = "left") -> None:
        """The medium is gone (`left`), or the guard was not there to see it go (`cut-short`)."""
        await self._journal.write(kind, visit.id, {"left": visit.left}, _store(visit))

    async def record_written(self, medium_id: str, sequence: int, digest: str) -> None:
        """The newest travel record of a medium, as seen or written here."""
        values = {"record_sequence": sequence, "record_hash": digest}
        statement = update(media).where(media.c.id == medium_id, media.c.record_sequence <= sequence).values(values)
        await self._database.write(lambda c: c.execute(statement))

    async def crossed(self, found: Crossing, source: str, record: str) -> bool:
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
            "source": source,
            "record": record,
        }
        known = select(func.count()).where(crossings.c.medium == found.medium_id, crossings.c.record == record)
        if await self._database.read(lambda c: c.execute(known).scalar()):
            return False
        statement = upsert(crossings).values(row).on_conflict_do_nothing()
        await self._journal.write("crossing", found.medium_id, row, lambda c: c.execute(statement))
        return True

    async def register(self, label: Label, by: str, visit: str, high_water: Level, *, erased: bool) -> None:
        """A label was signed for a medium and stands on it. `erased`: its travel log began anew with it."""
        data = {
            "visit": visit,
            "by": by,
            "number": label.number,
            "generation": label.generation,
            "holder": label.holder,
        }
        data |= {"level": str(self._scheme.level_of_codes(label.level_codes)), "networks": list(label.networks)}

        def act(connection: Connection) -> None:
            self._note_label(connection, label, label.issued, high_water, registered=True)
            if erased:
                fresh = {"record_sequence": 0, "record_hash": ""}
                connection.execute(update(media).where(media.c.id == label.medium_id).values(fresh))

        data["erased"] = erased
        await self._journal.write("registered", label.medium_id, data, act)

    async def next_number(self) -> str:
        """The next free number, MG-0001 and on."""

        def query(connection: Connection) -> str:
            count = connection.execute(select(func.count()).select_from(media)).scalar() or 0
            while True:
                count += 1
                number = f"MG-{count:04d}"
                if not connection.execute(select(media.c.id).where(media.c.number == number)).first():
                    return number

        return await self._database.read(query)

    async def number_taken(self, number: str, medium_id: str) -> bool:
        """True if another medium has this number."""
        query = select(media.c.id).where(media.c.number == number, media.c.id != medium_id)
        return await self._database.read(lambda c: c.execute(query).first()) is not None

    async def set_state(self, medium_id: str, state: MediumState, by: str, why: str, now: int) -> None:
        """A decision about a medium's life.

        Raises:
            Refused: `medium-unknown`.
        """

        def act(connection: Connection) -> None:
            statement = update(media).where(media.c.id == medium_id).values(state=state, since=now)
            if not connection.execute(statement).rowcount:
                raise Refused("medium-unknown", medium=medium_id)

        await self._journal.write("medium-state", medium_id, {"state": state, "by": by, "why": why}, act)

    async def unfinished(self) -> tuple[tuple[str, str], ...]:
        """Visits without an end, as id and port."""
        query = select(visits.c.id, visits.c.interface).where(visits.c.left.is_(None)).order_by(visits.c.seq)
        return await self._database.read(lambda c: tuple((row.id, row.interface) for row in c.execute(query)))

    async def end_unfinished(self, visit: str, now: int) -> None:
        """Close a visit that the guard did not see the end of."""
        statement = update(visits).where(visits.c.id == visit, visits.c.left.is_(None)).values(left=now)
        await self._journal.write("cut-short", visit, {"left": now}, lambda c: c.execute(statement))

    async def file_request(self, request: Request, quota: int) -> None:
        """File a request, within a quota of open requests for each user.

        Raises:
            Refused: `request-quota`, `request-exists`.
        """

        def act(connection: Connection) -> None:
            mine = select(func.count()).where(requests.c.state == RequestState.OPEN, requests.c.uid == request.uid)
            if (connection.execute(mine).scalar() or 0) >= quota:
                raise Refused("request-quota", quota=quota)
            same = select(requests.c.id).where(requests.c.visit == request.visit, requests.c.state == RequestState.OPEN)
            if found := connection.execute(same).scalar():
                raise Refused("request-exists", request=found)
            row = {
                "id": request.id,
                "state": request.state,
                "visit": request.visit,
                "digest": request.digest,
                "uid": request.uid,
                "requester": request.requester,
                "purpose": request.purpose,
                "wishes": json.dumps(dict(request.wishes), ensure_ascii=False),
                "filed": request.filed,
                "expires": request.expires,
            }
            connection.execute(insert(requests).values(row))

        data = {"visit": request.visit, "requester": request.requester, "purpose": request.purpose}
        await self._journal.write("request", request.id, data, act)

    async def request(self, ident: str) -> Request:
        """One request.

        Raises:
            Refused: `request-unknown`.
        """
        row = await self._database.read(lambda c: c.execute(select(requests).where(requests.c.id == ident)).first())
        if row is None:
            raise Refused("request-unknown", request=ident)
        fields = {name: getattr(row, name) for name in Request.__dataclass_fields__}
        return Request(**{**fields, "state": RequestState(row.state), "wishes": json.loads(row.wishes)})

    async def decide_request(self, ident: str, state: RequestState, by: str, by_uid: int, why: str, now: int) -> None:
        """Approve, reject or expire an open request; nobody decides his own.

        Raises:
            Refused: `request-unknown`, `request-closed`, `request-own`, `request-expired`.
        """

        def act(connection: Connection) -> None:
            row = connection.execute(select(requests).where(requests.c.id == ident)).first()
            if row is None:
                raise Refused("request-unknown", request=ident)
            if row.state != RequestState.OPEN:
                raise Refused("request-closed", request=ident, state=row.state)
            if state is not RequestState.EXPIRED and row.uid == by_uid:
                raise Refused("request-own", request=ident)
            if state is RequestState.APPROVED and now >= row.expires:
                raise Refused("request-expired", request=ident)
            values = {"state": state, "decided_by": by, "decided": now, "why": why}
            connection.execute(update(requests).where(requests.c.id == ident).values(values))

        await self._journal.write("decided", ident, {"state": state, "by": by, "why": why}, act)

    async def expire_requests_of(self, visit: str, now: int) -> tuple[str, ...]:
        """The medium was pulled: its open requests can no longer be carried out."""
        query = select(requests.c.id).where(requests.c.visit == visit, requests.c.state == RequestState.OPEN)
        found = await self._database.read(lambda c: tuple(c.execute(query).scalars()))
        for ident in found:
            await self.decide_request(ident, RequestState.EXPIRED, "", -1, "medium-gone", now)
        return found

    def _note_label(
        self, connection: Connection, label: Label, now: int, high_water: Level | None, *, registered: bool = False
    ) -> None:
        """Keep the newest generation and the highest water; neither ever falls here."""
        row = connection.execute(select(media).where(media.c.id == label.medium_id)).first()
        level = self._scheme.level_of_codes(label.level_codes)
        known = self._scheme.level(row.high_water) if row and row.high_water else Level(())
        high = self._scheme.join(level, known, high_water or Level(()))
        if row is not None and row.generation > label.generation:
            connection.execute(update(media).where(media.c.id == label.medium_id).values(high_water=str(high)))
            return
        values = {
            "number": label.number,
            "scheme": label.scheme,
            "level": str(level),
            "kind": label.kind,
            "networks": json.dumps(list(label.networks)),
            "holder": label.holder,
            "may_import": int(label.may_import),
            "expires": label.expires,
            "generation": label.generation,
            "hardware": label.hardware,
            "high_water": str(high),
        }
        if row is not None:
            connection.execute(update(media).where(media.c.id == label.medium_id).values(values))
            return
        fresh = {
            "id": label.medium_id,
            "state": MediumState.REGISTERED,
            "registered_here": int(registered),
            "since": now,
        }
        taken = connection.execute(select(media.c.id).where(media.c.number == label.number)).first()
        if taken:  # two organizations numbered alike; the id tells them apart
            values["number"] = f"{label.number} ({label.medium_id[:6]})"
        connection.execute(insert(media).values({**values, **fresh}))


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
        "verdict": str(visit.access),
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
