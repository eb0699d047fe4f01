"""What callers may ask for, each a few lines: the door has checked who asks and whether he may."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from guard.core.errors import Hostile, Refused
from guard.core.evidence import MediumState
from guard.core.medium import showable
from guard.core.request import MAX_PURPOSE, Grant, parse_grant, parse_wishes
from guard.daemon import Guard
from guard.org.trust import load_issuer
from guard.parts import Parts
from guard.store.queries import Listing, Queries, parse_page
from guard.store.registry import Request, RequestState
from guard.words import explain_reason

_DAY = 86_400
Options = Mapping[str, object]


class Caller(Protocol):
    """Who asks, made once at the edge of the bus."""

    @property
    def uid(self) -> int:
        """The user."""

    @property
    def user(self) -> str:
        """The user's name."""

    @property
    def language(self) -> str:
        """Either "en" or "zh"."""


@dataclass(frozen=True, slots=True)
class Verbs:
    """The verbs of org.mediaguard.Guard1. `sees_all` asks whether a caller may see what belongs to others."""

    guard: Guard
    parts: Parts
    queries: Queries
    config: Path
    sees_all: Callable[[Caller], Awaitable[bool]]
    progress: Callable[[str, int, str], None]
    told_request: Callable[[str], Awaitable[None]]

    async def request(self, caller: Caller, visit: str, wishes: Options, options: Options) -> str:
        """File a request for a medium that was refused; bound to exactly what was seen."""
        wanted = parse_wishes(wishes)
        escort = self.guard.escort_of(visit)
        digest, picture = escort.sighting_of(visit)
        if picture.access.opens:
            raise Refused("request-needless")
        if not digest:
            raise Refused("request-unreadable")
        if picture.uid is not None and picture.uid != caller.uid and not await self.sees_all(caller):
            raise Refused("request-not-yours")
        now, limits = self.parts.clock(), self.parts.settings.requests
        request = Request(
            id=secrets.token_hex(16),
            state=RequestState.OPEN,
            visit=visit,
            digest=digest,
            uid=caller.uid,
            requester=caller.user,
            purpose=wanted.purpose,
            wishes={name: getattr(wanted, name) for name in ("holder", "level", "network", "term", "kind")},
            filed=now,
            expires=now + limits.expire_days * _DAY,
        )
        await self.parts.registry.file_request(request, limits.quota)
        await self.told_request(request.id)
        return request.id

    async def approve(self, caller: Caller, request: str, grant: Options, options: Options) -> None:
        """Sign a label for the medium of a request, write it, and let the medium in."""
        found = await self.parts.registry.request(request)
        if found.state is not RequestState.OPEN:
            raise Refused("request-closed", request=request, state=found.state)
        if found.uid == caller.uid:
            raise Refused("request-own", request=request)
        if self.parts.clock() >= found.expires:
            raise Refused("request-expired", request=request)
        wanted = self._grant(grant)
        await self._label(caller, found.visit, wanted, found.digest, request)
        now = self.parts.clock()
        await self.parts.registry.decide_request(request, RequestState.APPROVED, caller.user, caller.uid, "", now)
        await self.told_request(request)

    async def reject(self, caller: Caller, request: str, why: str, options: Options) -> None:
        """Turn a request down, with a reason for the requester."""
        text = showable(why, MAX_PURPOSE)
        if not text:
            raise Hostile("why-missing")
        now = self.parts.clock()
        await self.parts.registry.decide_request(request, RequestState.REJECTED, caller.user, caller.uid, text, now)
        await self.told_request(request)

    async def register(self, caller: Caller, visit: str, grant: Options, options: Options) -> str:
        """Register a medium at the registrar's own station, without a request; returns the medium's id."""
        return await self._label(caller, visit, self._grant(grant), "", visit)

    async def eject(self, caller: Caller, visit: str, options: Options) -> None:
        """Unmount and shut, so that the medium can be pulled."""
        escort = self.guard.escort_of(visit)
        _, picture = escort.sighting_of(visit)
        if picture.uid != caller.uid and not await self.sees_all(caller):
            raise Refused("not-yours")
        await escort.eject()

    async def set_state(self, caller: Caller, medium: str, state: str, why: str, options: Options) -> None:
        """Say that a medium is lost, destroyed, revoked, or back in use."""
        try:
            wanted = MediumState(state)
        except ValueError:
            raise Hostile("state-unknown", state=showable(state, 32), known=", ".join(MediumState)) from None
        text = showable(why, MAX_PURPOSE)
        if not text:
            raise Hostile("why-missing")
        await self.parts.registry.set_state(medium, wanted, caller.user, text, self.parts.clock())

    async def explain(self, caller: Caller, ident: str, options: Options) -> dict[str, object]:
        """Why a visit was judged as it was, in the caller's language."""
        found = await self.queries.visit(ident)
        if found is None or (found["uid"] != caller.uid and not await self.sees_all(caller)):
            raise Refused("visit-unknown", visit=showable(ident, 32))
        sentences = [explain_reason(rule, facts, caller.language) for rule, facts in found.pop("reasons")]  # type: ignore[attr-defined]
        return {**found, "reasons": [{"rule": s.rule, "what": s.what, "why": s.why, "next": s.next} for s in sentences]}

    async def media(self, caller: Caller, page: Options, options: Options) -> Listing:
        """All media known here (auditors and admins), or those the caller has in now."""
        present = frozenset(visit.medium for visit in self.guard.visits if visit.medium)
        rows = await self.queries.media(parse_page(page, None), present)
        if await self.sees_all(caller):
            return rows
        mine = {visit.medium for visit in self.guard.visits if visit.uid == caller.uid}
        return [row for row in rows if row["id"] in mine]

    async def visits(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Visits: all, or the caller's own."""
        return await self.queries.visits(parse_page(page, await self._whose(caller)))

    async def crossings(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Crossings; for auditors and admins."""
        return await self.queries.crossings(parse_page(page, None))

    async def requests(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Requests: all, or the caller's own."""
        return await self.queries.requests(parse_page(page, await self._whose(caller)))

    async def journal(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Journal entries; for auditors."""
        return await self.queries.journal(parse_page(page, None))

    async def verify(self, caller: Caller, options: Options) -> dict[str, object]:
        """Walk the whole journal."""
        found = await self.parts.journal.verify(
            lambda done, total: self.progress("verify", 100 * done // max(1, total), "verify")
        )
        return {"entries": found.entries, "ok": found.ok, "first_bad": found.first_bad, "why": found.why}

    async def _whose(self, caller: Caller) -> int | None:
        return None if await self.sees_all(caller) else caller.uid

    def _grant(self, grant: Options) -> Grant:
        names = {name: ident for ident, name in self.parts.identity.networks.items()}
        return parse_grant(grant, self.parts.scheme, names, self.parts.clock())

    async def _label(self, caller: Caller, visit: str, grant: Grant, digest: str, told: str) -> str:
        if not self.parts.scheme.dominates(self.parts.host.level, grant.level):
            raise Refused("level-above-host", level=str(grant.level), host_level=str(self.parts.host.level))
        issuer = load_issuer(self.config, grant.passphrase)
        escort = self.guard.escort_of(visit)
        label = await escort.register(
            visit, grant, digest, caller.user, issuer, lambda percent, step: self.progress(told, percent, step)
        )
        self.progress(told, 100, "done")
        return label.medium_id
