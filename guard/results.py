"""What came of a stay, on its way to the disk: written down when the system is done with a new disk, or before the next step.

Nothing waits for it. A guard that is killed before has its intent on the disk, and the visit is told as cut short.
"""

import asyncio
from collections.abc import Iterable

from guard.parts import Parts
from guard.recording import count, learn
from guard.stay import Stay


class Results:
    """The results at one port."""

    def __init__(self, parts: Parts) -> None:
        """Nothing is owed yet."""
        self._parts = parts
        self._owed: tuple[Stay, ...] = ()
        self._last: asyncio.Task[None] | None = None

    @property
    def owed(self) -> bool:
        """Something is still to be written down."""
        return bool(self._owed)

    def owe(self, stays: Iterable[Stay]) -> None:
        """An effect was carried out at these."""
        self._owed = (*self._owed, *stays)

    async def written(self) -> None:
        """Returns when nothing is owed any more; what was begun goes on when the caller is cancelled.

        Raises:
            Broken: `registry-...` where it could not be written.
        """
        if self._owed:
            owed, self._owed = self._owed, ()
            self._last = asyncio.ensure_future(self._write(owed))
            self._last.add_done_callback(lambda done: done.cancelled() or done.exception())
        last = self._last
        if last is not None:
            try:
                await asyncio.shield(last)
            finally:
                if last.done():
                    self._last = None

    async def _write(self, stays: tuple[Stay, ...]) -> None:
        for stay in stays:
            await self._parts.registry.result(stay.visit)
            await learn(self._parts, stay)
        await count(self._parts, stays)
