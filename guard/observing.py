"""Observing: until a day in the settings, verdicts are told and not carried out, so that an admin sees what is to come.

Everything is held, read, judged and written down as ever; then it opens. Only the settings begin it, so no caller on the bus can,
and the day ends it, so that one who forgets it is guarded from then on. Without the daemon the gate holds what it always holds.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime

from guard.core.errors import Broken, GuardError
from guard.health import Health
from guard.store.journal import Journal

log = logging.getLogger(__name__)
_LOOK_SECONDS = 10.0  # the clock may be set meanwhile, or the computer sleep


class Observing:
    """`ends` in seconds since 1970, 0 for never begun. `mark` tells the ports; `changed` is called at the end: judge what is in."""

    def __init__(self, ends: int, journal: Journal, health: Health, clock: Callable[[], int]) -> None:
        """Whether it has begun is a question of the clock alone; the clock going back does not begin it anew."""
        self._ends, self._journal, self._health, self._clock = ends, journal, health, clock
        self._over = False
        self.changed: Callable[[], None] = lambda: None
        self.mark: Callable[[bool], None] = lambda _: None

    @property
    def until(self) -> str:
        """The day it ends, while it lasts; "" when verdicts are carried out."""
        if not self._over and self._clock() >= self._ends:
            self._over = True
        return "" if self._over else datetime.fromtimestamp(self._ends, UTC).strftime("%Y-%m-%d")

    async def run(self) -> None:
        """Tell that it has begun, and when it is over; returns then."""
        until = self.until
        if not until:
            return
        self.mark(True)
        self._health.trouble(Broken("observing", until=until))
        await self._tell("observing-began", until)
        while self.until:  # noqa: ASYNC110 - a clock that is set sends no event
            await asyncio.sleep(min(_LOOK_SECONDS, max(0.1, self._ends - self._clock())))
        self.mark(False)
        self._health.over("observing")
        self.changed()
        await self._tell("observing-ended", until)

    async def _tell(self, kind: str, until: str) -> None:
        try:
            await self._journal.append(kind, "guard", until=until)
        except GuardError as fault:
            log.error("%s, and the journal could not be told: %s", kind, fault)
            self._health.trouble(fault)
