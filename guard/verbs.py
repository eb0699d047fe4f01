"""What callers may ask for, each a few lines: the door has checked who asks and whether he may."""

import pwd
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from guard.core.errors import Hostile, Refused
from guard.core.evidence import Once
from guard.core.mark import mark, term_of
from guard.core.medium import showable
from guard.core.people import check_may_hold
from guard.core.request import MAX_PURPOSE, Grant, parse_grant, parse_once, parse_wishes
from guard.core.rulebook import categories_of
from guard.core.scheme import Level
from guard.core.snapshot import differences
from guard.core.verdict import OBSERVED, Access
from guard.daemon import Guard
from guard.org.trust import load_issuer
from guard.parts import Parts
from guard.store.naming import Own
from guard.store.queries import Listing, Page, Queries, parse_page
from guard.store.requests import Request, RequestState
from guard.words import explain_reason, word
from guard.words.cites import cited

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
        if picture.access.opens and OBSERVED not in picture.rules:
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
        await self.parts.requests.file(request, limits.quota)
        await self.told_request(request.id)
        return request.id

    async def approve(self, caller: Caller, request: str, grant: Options, options: Options) -> None:
        """Sign a label for the medium of a request, write it, and let the medium in; or, with `once`, only let it in."""
        found = await self.parts.requests.one(request)
        if found.state is not RequestState.OPEN:
            raise Refused("request-closed", request=request, state=found.state)
        if found.uid == caller.uid:
            raise Refused("request-own", request=request)
        if self.parts.clock() >= found.expires:
            raise Refused("request-expired", request=request)
        once = parse_once(grant)
        if once is not None:
            await self._let_in_once(caller, found, once)
        else:
            await self._label(caller, found.visit, self._grant(grant), found.digest, request)
            await self._approved(caller, request)
        await self.told_request(request)

    async def reject(self, caller: Caller, request: str, why: str, options: Options) -> None:
        """Turn a request down, with a reason for the requester."""
        text = showable(why, MAX_PURPOSE)
        if not text:
            raise Hostile("why-missing")
        now = self.parts.clock()
        await self.parts.requests.decide(request, RequestState.REJECTED, caller.user, caller.uid, text, now)
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

    async def explain(self, caller: Caller, ident: str, options: Options) -> dict[str, object]:
        """Why a visit was judged as it was, in the caller's language."""
        found = await self.queries.visit(ident)
        if found is None or (found["uid"] != caller.uid and not await self.sees_all(caller)):
            raise Refused("visit-unknown", visit=showable(ident, 32))
        categories = await self._categories(str(found["medium"]))
        judged, before, seen = found.pop("reasons"), found.pop("before"), found["seen"]
        assert isinstance(judged, list)
        assert isinstance(before, dict)
        assert isinstance(seen, dict)
        seen["differences"] = [
            word(f"changed-{name}", caller.language, before=str(before.get(name)), now=str(seen.get(name)))
            for name in differences(before, seen)
        ]
        return {
            **found,
            "reasons": [self._said(rule, facts, caller, categories) for rule, facts in judged],
            "findings": self._findings(found, caller, categories),
        }

    async def files(self, caller: Caller, visit: str, page: Options, options: Options) -> dict[str, object]:
        """Which files came and went in a visit: the counts, what was found, and a page of the changes."""
        found = await self.queries.visit(visit)
        if found is None or (found["uid"] != caller.uid and not await self.sees_all(caller)):
            raise Refused("visit-unknown", visit=showable(visit, 32))
        rows = await self.parts.files.changes(visit, parse_page(page, None))
        findings = self._findings(found, caller, await self._categories(str(found["medium"])))
        return {"files": found["files"], "findings": findings, "changes": rows}

    def _findings(self, found: Mapping[str, object], caller: Caller, categories: frozenset[str]) -> Listing:
        told = found["findings"]
        assert isinstance(told, list)
        return [{**self._said(rule, facts, caller, categories), "severity": grade} for rule, grade, facts in told]

    def _said(
        self, rule: str, facts: Mapping[str, str], caller: Caller, categories: frozenset[str]
    ) -> dict[str, object]:
        """A reason in words, and what it stands on; the level that it names counts as one of the medium's."""
        scheme, told = self.parts.scheme, explain_reason(rule, facts, caller.language)
        named = categories_of(scheme, Level(tuple(str(facts.get("level", "")).split("+"))))
        host = categories_of(scheme, self.parts.host.level)
        cites = cited(*self.parts.rulebook.behind(rule, categories | named, host), caller.language)
        return {"rule": rule, "what": told.what, "why": told.why, "next": told.next, "cites": cites}

    async def _categories(self, medium: str) -> frozenset[str]:
        """Whose secrets a medium holds, as far as the register knows it."""
        rows = await self.queries.media(Page(limit=1, medium=medium), frozenset()) if medium else []
        levels = [Level(tuple(str(row[name]).split("+"))) for row in rows for name in ("level", "effective_level")]
        return categories_of(self.parts.scheme, *levels)

    async def media(self, caller: Caller, page: Options, options: Options) -> Listing:
        """All media known here (auditors and admins), or those the caller holds or has in now."""
        present = frozenset(visit.medium for visit in self.guard.visits if visit.medium)
        wanted = parse_page(page, None)
        if await self.sees_all(caller):
            return [{**row, "mark": self._mark(row)} for row in await self.queries.media(wanted, present)]
        person = await self.parts.people.find(caller.user)
        names = {name for name in (caller.user, full_name(caller.uid), person.name if person else "") if name}
        own = Own(frozenset(v.medium for v in self.guard.visits if v.uid == caller.uid and v.medium), frozenset(names))
        accounts = {caller.user.casefold()} | ({person.name.casefold()} if person else set())
        return [
            {**row, "mark": self._mark(row), "offered": str(row["receiver"]).casefold() in accounts}
            for row in await self.queries.media(wanted, present, own)
        ]

    def _mark(self, row: Mapping[str, object]) -> str:
        dated, ends = (datetime.fromisoformat(str(row[name])) if row[name] else None for name in ("dated", "ends"))
        term = term_of(int(dated.timestamp()), int(ends.timestamp())) if dated and ends else ""
        try:
            level = self.parts.scheme.level(str(row["level"]))
            return mark(self.parts.scheme, level, str(row["condition"]) or term, self.parts.settings.scheme.owner)
        except Hostile:  # a level of a scheme that was in force before
            return str(row["level"])

    async def visits(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Visits: all, or the caller's own."""
        return await self.queries.visits(parse_page(page, await self._whose(caller)))

    async def travel(self, caller: Caller, medium: str, page: Options, options: Options) -> Listing:
        """Where a medium has been, by its records; for auditors and admins, and for whom it belongs to."""
        if all(row["id"] != medium for row in await self.media(caller, {"medium": medium}, {})):
            raise Refused("medium-unknown", medium=showable(medium, 32))
        present = any(visit.medium == medium and visit.access.opens for visit in self.guard.visits)
        wanted = parse_page({**page, "medium": medium}, None)
        return await self.queries.travel(wanted, self.parts.host.host_id if present else "")

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
        return {name: getattr(found, name) for name in ("entries", "ok", "first_bad", "why", "witness")}

    async def _whose(self, caller: Caller) -> int | None:
        return None if await self.sees_all(caller) else caller.uid

    def _grant(self, grant: Options) -> Grant:
        names = {name: ident for ident, name in self.parts.identity.networks.items()}
        return parse_grant(grant, self.parts.scheme, names, self.parts.clock())

    async def _approved(self, caller: Caller, request: str, **more: object) -> None:
        now, approved = self.parts.clock(), RequestState.APPROVED
        await self.parts.requests.decide(request, approved, caller.user, caller.uid, "", now, **more)

    async def _let_in_once(self, caller: Caller, request: Request, access: Access) -> None:
        """The decision is on record before anything opens; it is bound to exactly what the request saw, and to its stay."""
        host = self.parts.host.level
        if access is Access.READ_WRITE and not self.parts.scheme.is_lowest(host):
            raise Refused("once-read-only", host_level=str(host))
        escort = self.guard.escort_of(request.visit)
        once = Once(access, caller.user, request.id)
        await escort.let_in_once(
            request.visit, once, request.digest, lambda: self._approved(caller, request.id, once=access)
        )
        self.progress(request.id, 100, "done")

    async def _label(self, caller: Caller, visit: str, grant: Grant, digest: str, told: str) -> str:
        if not self.parts.scheme.dominates(self.parts.host.level, grant.level):
            raise Refused("level-above-host", level=str(grant.level), host_level=str(self.parts.host.level))
        person = await self.parts.people.find(grant.holder)
        if person is not None:
            check_may_hold(self.parts.scheme, person, grant.holder, grant.level)
        issuer = load_issuer(self.config, grant.passphrase)
        escort = self.guard.escort_of(visit)
        label = await escort.register(
            visit, grant, digest, caller.user, issuer, lambda percent, step: self.progress(told, percent, step)
        )
        self.progress(told, 100, "done")
        return label.medium_id


def names_of(caller: Caller) -> frozenset[str]:
    """The names under which the register may have a caller, in small letters."""
    return frozenset(name.casefold() for name in (caller.user, full_name(caller.uid)) if name)


def full_name(uid: int) -> str:
    """The name of a user as people write it; "" where the system knows none."""
    try:
        return pwd.getpwuid(uid).pw_gecos.split(",")[0]
    except KeyError:
        return ""
