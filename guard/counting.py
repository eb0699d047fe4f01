"""Inventories as they are asked for: beginning and ending a campaign, ticking off what somebody has in hand, what is missing."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from guard.core.errors import Hostile
from guard.core.inventory import CampaignState, Shown, parse_campaign, parse_code
from guard.core.life import MAX_WHY
from guard.core.medium import showable
from guard.daemon import Guard
from guard.parts import Parts
from guard.store.queries import Listing, iso, parse_page
from guard.verbs import Caller

Options = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Counting:
    """The verbs about inventories."""

    guard: Guard
    parts: Parts

    def verbs(self) -> dict[str, Callable[..., Awaitable[object]]]:
        """By the names of the interface."""
        return {
            "BeginInventory": self.begin,
            "EndInventory": self.end,
            "Inspect": self.inspect,
            "Inventories": self.inventories,
            "InventoryDepartments": self.departments,
            "Missing": self.missing,
        }

    async def begin(self, caller: Caller, title: str, wanted: Options, options: Options) -> str:
        """Begin a campaign over all media, those of a department, or those of a level and above."""
        now = self.parts.clock()
        campaign = parse_campaign(title, wanted, self.parts.scheme, now)
        return await self.parts.inventories.begin(campaign, caller.user, now)

    async def end(self, caller: Caller, inventory: str, keep: bool, why: str, options: Options) -> None:
        """Close a campaign; without `keep` it is called off, and nobody owes anything for it."""
        text = showable(why, MAX_WHY)
        if not text:
            raise Hostile("why-missing")
        state = CampaignState.CLOSED if keep else CampaignState.CALLED_OFF
        freed = await self.parts.inventories.end(inventory, state, caller.user, text, self.parts.clock())
        self.guard.judge_again(frozenset(freed), "inspection-overdue")

    async def inspect(self, caller: Caller, code: str, options: Options) -> dict[str, object]:
        """Tick a medium off that the caller has in hand: by what its sticker says. Where it is plugged in, it is judged again."""
        ident, number = parse_code(code)
        medium = await self.parts.inventories.by_code(ident, number)
        titles, due = await self.parts.inventories.seen(
            str(medium["id"]), Shown.SCANNED, caller.user, self.parts.clock()
        )
        if titles:
            self.guard.judge_again({str(medium["id"])}, "inspection-overdue")
        return {**medium, "counted": ", ".join(titles), "inspection_due": iso(due)}

    async def inventories(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Campaigns with their counts; for auditors."""
        return await self.parts.inventories.listing(parse_page(page, None))

    async def departments(self, caller: Caller, inventory: str, options: Options) -> Listing:
        """The counts of one campaign by department; for auditors."""
        return await self.parts.inventories.departments(inventory)

    async def missing(self, caller: Caller, inventory: str, page: Options, options: Options) -> Listing:
        """What is missing in one campaign; for auditors."""
        return await self.parts.inventories.missing(inventory, parse_page(page, None))
