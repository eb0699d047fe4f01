"""What the keepers of the register may ask for: steps in the life of a medium, and the people who hold media."""

import pwd
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Row

from guard.core.errors import GuardError, Hostile, Refused
from guard.core.life import MAX_WHY, USABLE, Papers, Step, parse_papers, parse_step
from guard.core.medium import showable
from guard.core.people import Person, PersonState, check_may_hold, parse_person
from guard.core.stocklist import Item, parse_item
from guard.daemon import Guard
from guard.parts import Parts
from guard.store.lives import Check
from guard.store.people import find
from guard.store.queries import Listing, parse_page
from guard.verbs import Caller, names_of
from guard.words import say

Options = Mapping[str, object]
_GIVES = (Step.ISSUE, Step.LEND, Step.HAND_OVER)


@dataclass(frozen=True, slots=True)
class Keeping:
    """The verbs about the life of media and about holders. `sees_all` asks whether a caller may see what belongs to others."""

    guard: Guard
    parts: Parts
    sees_all: Callable[[Caller], Awaitable[bool]]

    def verbs(self) -> dict[str, Callable[..., Awaitable[object]]]:
        """By the names of the interface."""
        return {
            "Step": self.step,
            "Accept": self.accept,
            "History": self.history,
            "People": self.people,
            "PutPerson": self.put_person,
            "Depart": self.depart,
            "SignOff": self.sign_off,
            "SetClearance": self.set_clearance,
            "Import": self.take_over,
        }

    async def step(self, caller: Caller, medium: str, step: str, papers: Options, options: Options) -> None:
        """Take a step in the life of a medium."""
        now = self.parts.clock()
        await self._take(caller, medium, parse_step(step), parse_papers(papers, now), now)

    async def accept(self, caller: Caller, medium: str, accept: bool, why: str, options: Options) -> None:
        """Take over, or decline, what is offered to the caller: by account, because people may write their full name themselves."""
        text = showable(why, MAX_WHY)
        if not accept and not text:
            raise Hostile("why-missing")
        receiver = (await self.parts.lives.standing(medium)).receiver
        person = await self.parts.people.find(receiver) if receiver else None
        account = person.account if person and person.account else receiver
        if not receiver or account.casefold() != caller.user.casefold():
            raise Refused("not-offered", medium=showable(medium, 32))
        await self._take(caller, medium, Step.ACCEPT if accept else Step.DECLINE, Papers(text), self.parts.clock())

    async def history(self, caller: Caller, page: Options, options: Options) -> Listing:
        """The steps of a medium: for those who see everything, and for its holder."""
        wanted = parse_page(page, None)
        if not await self.sees_all(caller):
            if not wanted.medium:
                raise Refused("not-authorized", action="org.mediaguard.audit")
            if (await self.parts.lives.standing(wanted.medium)).holder.casefold() not in names_of(caller):
                raise Refused("medium-unknown", medium=wanted.medium[:32])
        return await self.parts.lives.history(wanted)

    async def people(self, caller: Caller, options: Options) -> Listing:
        """Holders: all of them, or the caller."""
        return await self.parts.people.listing(None if await self.sees_all(caller) else caller.user)

    async def put_person(self, caller: Caller, name: str, person: Options, options: Options) -> None:
        """Enter a holder, or change account and department of one."""
        wanted, account, department = parse_person(name, person)
        if account and not _account_exists(account):
            raise Refused("account-unknown", account=account)
        await self.parts.people.put(wanted, account, department, caller.user, self.parts.clock())

    async def depart(self, caller: Caller, name: str, leaves: bool, why: str, options: Options) -> None:
        """A holder leaves or moves (or stays after all): their media are judged anew at once."""
        state = PersonState.LEAVING if leaves else PersonState.ACTIVE
        held = await self._mark(caller, name, state, why)
        self.guard.judge_again(held)

    async def sign_off(self, caller: Caller, name: str, why: str, options: Options) -> None:
        """Everything of a holder who leaves is settled."""
        await self._mark(caller, name, PersonState.LEFT, why)

    async def set_clearance(self, caller: Caller, name: str, level: str, why: str, options: Options) -> None:
        """The highest level that somebody may hold."""
        text = showable(why, MAX_WHY)
        if not text:
            raise Hostile("why-missing")
        person = await self.parts.people.find(name)
        if person is None:
            raise Refused("holder-unknown", holder=showable(name, 64))
        if person.account and person.account == caller.user.casefold():
            raise Refused("clearance-own")
        clearance = str(self.parts.scheme.level(level)) if level else ""
        await self.parts.people.clear_for(person.name, clearance, caller.user, text)

    async def take_over(
        self, caller: Caller, rows: Sequence[Options], dry: bool, options: Options
    ) -> list[dict[str, object]]:
        """Enter the media of an older list, a few rows at a time; `dry`: only say what is wrong, which is what it returns."""
        good: dict[str, Item] = {}
        bad: list[dict[str, object]] = []
        taken = await self.parts.stock.taken([str(row.get("number", "")) for row in rows])
        for place, row in enumerate(rows):
            try:
                item = parse_item(row, self.parts.scheme)
                if item.number in taken or item.number in good:
                    raise Refused("number-taken", number=item.number)
                good[item.number] = item
            except GuardError as fault:
                bad.append({"row": place, "code": fault.code, "what": say(fault.code, fault.facts, caller.language)})
        if good and not dry:
            await self.parts.stock.take_over(list(good.values()), (caller.user, caller.uid), self.parts.clock())
        return bad

    async def _mark(self, caller: Caller, name: str, state: PersonState, why: str) -> tuple[str, ...]:
        text = showable(why, MAX_WHY)
        if not text:
            raise Hostile("why-missing")
        return await self.parts.people.mark(name, state, (caller.user, caller.uid), text, self.parts.clock())

    async def _take(self, caller: Caller, medium: str, step: Step, papers: Papers, now: int) -> None:
        check = self._may_receive(step, papers)
        before, after = await self.parts.lives.take(medium, step, papers, (caller.user, caller.uid), now, check)
        if before.state is not after.state and not {before.state, after.state} <= USABLE:
            self.guard.judge_again({medium})

    def _may_receive(self, step: Step, papers: Papers) -> Check:
        """Who gets a medium is known, stays, and is cleared for it; asked once more when it is accepted."""
        scheme = self.parts.scheme

        def check(connection: Connection, row: Row[tuple[object, ...]]) -> None:
            name = papers.holder if step in _GIVES else row.receiver if step is Step.ACCEPT else ""
            if name:
                level = scheme.level(row.high_water or row.level)
                check_may_hold(scheme, find(connection, name, scheme) or _by_system(name), name, level)

        return check


def _by_system(name: str) -> Person | None:
    """Somebody who has an account on this system (NSS, so SSSD, too), but is not in the register."""
    return Person(name, account=name) if _account_exists(name) else None


def _account_exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except (KeyError, ValueError):
        return False
    return True
