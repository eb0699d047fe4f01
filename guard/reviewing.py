"""The classification clock as it is asked for: what is due for review, the marks of a medium, another date or term."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from guard.core.classification import Classification, Phase, check_not_longer, parse_classification, phase
from guard.core.errors import Hostile
from guard.core.life import MAX_WHY
from guard.core.medium import showable
from guard.daemon import Guard
from guard.parts import Parts
from guard.store.queries import Listing, parse_page
from guard.verbs import Caller

Options = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The verbs about classifications."""

    guard: Guard
    parts: Parts

    def verbs(self) -> dict[str, Callable[..., Awaitable[object]]]:
        """By the names of the interface."""
        return {"Reviews": self.reviews, "Marks": self.marks, "Classify": self.classify}

    async def reviews(self, caller: Caller, page: Options, options: Options) -> Listing:
        """What is due for review, or soon will be; for auditors."""
        warn = self.parts.settings.reminders.term_days
        return await self.parts.marks.reviews(parse_page(page, None), warn, self.parts.clock())

    async def marks(self, caller: Caller, medium: str, options: Options) -> Listing:
        """Every mark that a medium has had; for auditors."""
        return await self.parts.marks.history(medium)

    async def classify(self, caller: Caller, medium: str, wanted: Options, why: str, options: Options) -> None:
        """Another date, term or condition; where the medium is plugged in, it is judged again at once."""
        text, now = showable(why, MAX_WHY), self.parts.clock()
        if not text:
            raise Hostile("why-missing")

        def make(before: Classification) -> Classification:
            after = parse_classification(wanted, before, self.parts.scheme, now)
            check_not_longer(before, after)
            return after

        after = await self.parts.marks.change(medium, make, caller.user, text, now)
        self.guard.judge_again({medium}, "" if phase(after, 0, now) is Phase.OVER else "term-over")
