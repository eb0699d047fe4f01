"""Reminding holders: what the one who asks should do about the media in their hands, in a sentence each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from guard.core.reminders import About, reminders
from guard.parts import Parts
from guard.store.queries import Listing, iso
from guard.verbs import Caller, names_of
from guard.words import word

_SOON = {
    About.LOAN: "remind-loan",
    About.INSPECTION: "remind-inspection",
    About.TERM: "remind-term",
    About.CLEARING: "remind-clearing",
}
_LATE = {
    About.LOAN: "remind-loan-late",
    About.INSPECTION: "remind-inspection-late",
    About.TERM: "remind-term-late",
    About.CLEARING: "remind-clearing",
}


@dataclass(frozen=True, slots=True)
class Reminding:
    """The verb about reminders."""

    parts: Parts

    async def reminders(self, caller: Caller, options: Mapping[str, object]) -> Listing:
        """What the caller is reminded of, about what they hold themselves; the most urgent first."""
        person = await self.parts.people.find(caller.user)
        names = names_of(caller) | ({person.name.casefold()} if person else frozenset())
        now = self.parts.clock()
        found = reminders(await self.parts.holdings.of(names), self.parts.settings.reminders, now)
        return [
            {
                "about": str(one.about),
                "medium": one.medium,
                "number": one.number,
                "at": iso(one.at),
                "late": one.late,
                "what": word(
                    (_LATE if one.late else _SOON)[one.about],
                    caller.language,
                    number=one.number,
                    day=datetime.fromtimestamp(one.at, UTC).date().isoformat(),
                    days=self.parts.settings.reminders.clearing_days,
                ),
            }
            for one in found
        ]
