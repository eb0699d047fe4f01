"""Maintenance: an admin lets media without a label in, for reading and for minutes, to work on this computer.

It bends one rule, that nothing without a label is read; media with a label are judged as ever. It ends by itself: after its time on
the clock or since it began, whichever is over first, and with the daemon. Its beginning is in the journal before it counts.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Protocol

from guard.core.errors import Broken, GuardError, Hostile, Refused
from guard.core.evidence import Maintenance
from guard.core.medium import showable
from guard.core.request import MAX_PURPOSE
from guard.health import Health
from guard.store.journal import Journal
from guard.store.queries import iso

log = logging.getLogger(__name__)
LONGEST = 240  # minutes
_LOOK_SECONDS = 10.0  # the clock may be set forward meanwhile, or the computer sleep


class Caller(Protocol):
    """Who asks, made once at the edge of the bus."""

    @property
    def user(self) -> str:
        """The user's name."""


class MaintenanceWindow:
    """The one window of this guard. `changed` is called when it opened or closed: what is there is judged again."""

    def __init__(self, journal: Journal, health: Health, clock: Callable[[], int]) -> None:
        """Closed."""
        self._journal, self._health, self._clock = journal, health, clock
        self._open: Maintenance | None = None
        self._ending: asyncio.Task[None] | None = None
        self.changed: Callable[[], None] = lambda: None

    @property
    def now(self) -> Maintenance | None:
        """The window while it is open."""
        return self._open if self._open is not None and self._clock() < self._open.until else None

    async def asked(self, caller: Caller, minutes: int, why: str, options: Mapping[str, object]) -> None:
        """The verb of the bus: so many minutes from now on; 0 ends it."""
        if minutes:
            await self.begin(minutes, caller.user, why)
        else:
            await self.end(caller.user)

    async def begin(self, minutes: int, by: str, why: str) -> None:
        """Open it; one that is open already ends first, so that each has an entry of its own.

        Raises:
            Hostile: `maintenance-minutes`, `why-missing`.
            Broken: `registry-...`; nothing is open then.
        """
        text = showable(why, MAX_PURPOSE)
        if not 1 <= minutes <= LONGEST:
            raise Hostile("maintenance-minutes", longest=LONGEST)
        if not text:
            raise Hostile("why-missing")
        if self._open is not None:
            await self.end(by)
        until = self._clock() + minutes * 60
        await self._journal.append("maintenance-began", "guard", by=by, why=text, minutes=minutes, until=iso(until))
        self._open = Maintenance(by, until, text)
        self._ending = asyncio.ensure_future(self._end_in(minutes * 60.0))
        self._health.trouble(Broken("maintenance", by=by, until=str(iso(until)), why=text))
        self.changed()

    async def end(self, by: str) -> None:
        """Close it, before anything else happens.

        Raises:
            Refused: `maintenance-none`.
            Broken: `registry-...`; it is closed all the same.
        """
        if self._open is None:
            raise Refused("maintenance-none")
        self._open = None
        if self._ending is not None and self._ending is not asyncio.current_task():
            self._ending.cancel()
        self._health.over("maintenance")
        self.changed()
        await self._journal.append("maintenance-ended", "guard", by=by)

    async def _end_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        over = loop.time() + seconds
        while loop.time() < over and self.now is not None:  # noqa: ASYNC110 - a clock that is set sends no event
            await asyncio.sleep(min(_LOOK_SECONDS, max(0.0, over - loop.time())))
        try:
            await self.end("")
        except GuardError as fault:
            log.error("maintenance ended, and the journal could not be told: %s", fault)
            self._health.trouble(fault)
