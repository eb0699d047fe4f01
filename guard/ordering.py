"""What takes two people: proposing and confirming orders, and carrying out the one to clear a medium."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Row

from guard.clearing import METHODS
from guard.core.classification import check_extend, check_release
from guard.core.disposal import Method, choices, parse_method, parse_technology
from guard.core.errors import Hostile, Refused
from guard.core.life import MAX_WHY, parse_papers
from guard.core.medium import showable
from guard.core.orders import TO_A_LEVEL, Order, OrderKind, parse_kind
from guard.core.request import parse_term
from guard.daemon import Guard
from guard.parts import Parts
from guard.store.marks import classification_of
from guard.store.queries import Listing, iso, parse_page
from guard.verbs import Caller
from guard.words import word

Options = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ordering:
    """The verbs about orders of two people."""

    guard: Guard
    parts: Parts
    progress: Callable[[str, int, str], None]

    def verbs(self) -> dict[str, Callable[..., Awaitable[object]]]:
        """By the names of the interface."""
        return {
            "Propose": self.propose,
            "Confirm": self.confirm,
            "Orders": self.orders,
            "Clear": self.clear,
            "Advice": self.advice,
        }

    async def propose(self, caller: Caller, kind: str, medium: str, papers: Options, options: Options) -> str:
        """Write a proposal down; somebody else has to confirm it."""
        wanted, now = parse_kind(kind), self.parts.clock()
        words = {key: papers.get(key, "") for key in ("level", "term")}
        for key, value in words.items():
            if not isinstance(value, str):
                raise Hostile("option-type", option=key)
        level, term = str(words["level"]), str(words["term"])
        if (wanted in TO_A_LEVEL) != bool(level):
            raise Hostile("order-level")
        if term and wanted is not OrderKind.EXTEND:
            raise Hostile("order-term")
        if level:
            level = str(self.parts.scheme.level(level))
        ends = None
        if wanted is OrderKind.EXTEND:
            held = self.parts.scheme.level(await self.parts.marks.level(medium))
            ends = parse_term(term, held, self.parts.scheme, now)
        found = parse_papers({key: value for key, value in papers.items() if key not in words}, now)
        by = (caller.user, caller.uid)
        return await self.parts.orders.propose(wanted, medium, level, found, by, now, ends, self._reviewed)

    def _reviewed(self, row: Row[tuple[object, ...]], order: Order) -> None:
        """What the end of a term allows; asked when it is proposed and when it is confirmed."""
        scheme = self.parts.scheme
        if order.kind is OrderKind.RELEASE:
            held = scheme.level(row.high_water or row.level)
            target = scheme.level(order.level)
            check_release(scheme, classification_of(row, scheme), held, target, self.parts.clock())
        elif order.kind is OrderKind.EXTEND:
            check_extend(classification_of(row, scheme), order.ends)

    async def confirm(self, caller: Caller, order: str, confirm: bool, why: str, options: Options) -> None:
        """Confirm or decline a proposal of somebody else."""
        text = showable(why, MAX_WHY)
        if not confirm and not text:
            raise Hostile("why-missing")
        now = self.parts.clock()
        found = await self.parts.orders.answer(order, confirm, (caller.user, caller.uid), text, now, self._reviewed)
        if confirm and found.kind is OrderKind.DESTROY:
            self.guard.judge_again({found.medium})
        if confirm and found.kind is OrderKind.EXTEND:
            self.guard.judge_again({found.medium}, "term-over")

    async def orders(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Orders, for those who see everything."""
        return await self.parts.orders.listing(parse_page(page, None))

    async def advice(self, caller: Caller, medium: str, about: Options, options: Options) -> Listing:
        """How a medium may be cleared or destroyed: what is recommended for its level and kind, why, and what it cannot promise."""
        if unknown := set(about) - {"technology", "encrypted"}:
            raise Hostile("option-unknown", option=min(unknown)[:32])
        technology = parse_technology(about.get("technology", "unknown"))
        encrypted = about.get("encrypted", False)
        if not isinstance(encrypted, bool):
            raise Hostile("option-type", option="encrypted")
        level = await self.parts.registry.held(medium)
        return [
            {
                "method": str(choice.method),
                "possible": choice.possible,
                "recommended": choice.recommended,
                "why": word(choice.why, caller.language),
                "limits": word(choice.limits, caller.language),
            }
            for choice in choices(self.parts.scheme, level, technology, encrypted)
        ]

    async def clear(self, caller: Caller, visit: str, order: str, options: Options) -> dict[str, object]:
        """Clear the medium of a visit, if a confirmed order is about exactly this one; returns the text of the certificate.

        The option `medium` is the id that a person saw before; an order about another one clears nothing.
        """
        by, method = (caller.user, caller.uid), parse_method(options.get("method", Method.OVERWRITE))
        if "medium" in options and options["medium"] != (await self.parts.orders.one(order)).medium:
            raise Refused("order-other")
        escort = self.guard.escort_of(visit)
        cleared = await escort.clear(
            visit, order, method, by, lambda percent, step: self.progress(order, percent, step)
        )
        self.progress(order, 100, "done")
        done = await self.parts.orders.one(order)
        number, serial = await self.parts.registry.plate(done.medium)
        return {
            "octets": cleared.octets,
            "method": METHODS[cleared.method],
            "discarded": cleared.discarded,
            "number": number,
            "serial": serial,
            "medium": done.medium,
            "proposed_by": done.proposed_by,
            "confirmed_by": done.confirmed_by,
            "by": caller.user,
            "at": iso(self.parts.clock()),
        }
