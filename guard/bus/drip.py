"""A number that only grows, told at once when it is quiet and at most a few times a second when it is not."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

SECONDS = 0.25


def _later(act: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_later(SECONDS, act)


@dataclass(slots=True)
class Drip:
    """`tell` gets the newest number; `later` calls back after the pause. The last number is always told."""

    tell: Callable[[int], None]
    later: Callable[[Callable[[], None]], None] = _later
    _newest: int = 0
    _told: int = 0
    _pausing: bool = False

    def grown(self, number: int) -> None:
        """There is more."""
        self._newest = max(self._newest, number)
        if not self._pausing:
            self._tell()

    def _tell(self) -> None:
        self._pausing = self._newest > self._told
        if self._pausing:
            self._told = self._newest
            self.tell(self._told)
            self.later(self._tell)
