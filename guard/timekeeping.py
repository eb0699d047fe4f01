"""Whether the clock can be right. A clock behind the last verdict would make terms that are over run again, so media stay held.

Within one run the clock is held against the time since boot: what it said while it was ahead does not count against it. After a
restart there is only the journal. If that has verdicts of a clock that was ahead, root says so by making the file `clock-is-right`
beside the registry; the journal has that too.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from guard.core.errors import Broken
from guard.store.journal import Journal

TOLERANCE = 3600  # seconds; a clock that is set by hand or by radio may go back a little
WORD = "clock-is-right"


def since_boot() -> float:
    """Seconds since boot, suspends included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


class Timekeeper:
    """Asked before each verdict and before each label."""

    def __init__(
        self, journal: Journal, state: Path, clock: Callable[[], int], boot: Callable[[], float] = since_boot
    ) -> None:
        """`state` is the folder with the registry; `clock` gives seconds since 1970, `boot` seconds since boot."""
        self._journal, self._word, self._clock, self._boot = journal, state / WORD, clock, boot
        self._anchor: tuple[int, float] | None = (
            None  # the clock as it was when this run first believed it, and boot time then
        )

    async def check(self) -> None:
        """Return if the clock can be right.

        Raises:
            Broken: `clock-behind`; `registry-...`.
        """
        if self._word.exists():
            await self._journal.append("clock-set", "guard")
            self._word.unlink(missing_ok=True)
            self._anchor = None
        now, up = self._clock(), self._boot()
        if self._anchor is None:
            last = await self._journal.newest(("intent", "clock-set"))
            if last is not None and now < last - TOLERANCE:
                raise _behind(now, last)
            self._anchor = now, up
            return
        least = int(self._anchor[0] + up - self._anchor[1])
        if now < least - TOLERANCE:
            raise _behind(now, least)


def _behind(now: int, last: int) -> Broken:
    says, had = (datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC") for at in (now, last))
    return Broken("clock-behind", now=says, last=had, word=WORD)
