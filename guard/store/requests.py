"""What employees have asked for and what was decided. Every change goes into the journal in the same transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from guard.core.errors import Refused
from guard.store.database import Database
from guard.store.journal import Journal
from guard.store.tables import requests


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


class Requests:
    """The requests of this host."""

    def __init__(self, database: Database, journal: Journal) -> None:
        """Both are of this host."""
        self._database, self._journal = database, journal

    async def file(self, request: Request, quota: int) -> None:
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

    async def one(self, ident: str) -> Request:
        """One request.

        Raises:
            Refused: `request-unknown`.
        """
        row = await self._database.read(lambda c: c.execute(select(requests).where(requests.c.id == ident)).first())
        if row is None:
            raise Refused("request-unknown", request=ident)
        fields = {name: getattr(row, name) for name in Request.__dataclass_fields__}
        return Request(**{**fields, "state": RequestState(row.state), "wishes": json.loads(row.wishes)})

    async def decide(
        self, ident: str, state: RequestState, by: str, by_uid: int, why: str, now: int, **more: object
    ) -> None:
        """Approve, reject or expire an open request; nobody decides his own. `more` goes into the journal.

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

        await self._journal.write("decided", ident, {"state": state, "by": by, "why": why, **more}, act)

    async def expire_of(self, visit: str, now: int) -> tuple[str, ...]:
        """The medium was pulled: its open requests can no longer be carried out."""
        query = select(requests.c.id).where(requests.c.visit == visit, requests.c.state == RequestState.OPEN)
        found = await self._database.read(lambda c: tuple(c.execute(query).scalars()))
        for ident in found:
            await self.decide(ident, RequestState.EXPIRED, "", -1, "medium-gone", now)
        return found
