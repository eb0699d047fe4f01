"""Arrivals on their way to the disk: written down while the port is held and read, and on the disk before anything is decided."""

import asyncio
from collections.abc import Callable

from guard.phases import passed
from guard.stay import Stay
from guard.store.registry import Registry


class Arrivals:
    """The arrivals at one port, one after another."""

    def __init__(self, registry: Registry) -> None:
        """Nothing is written before `begin`."""
        self._registry = registry
        self._last: asyncio.Task[None] | None = None

    def begin(self, stay: Stay, then: Callable[[], None] = lambda: None) -> None:
        """Write an arrival down, also when the stick is pulled meanwhile; `then` is called when it is on the disk."""

        async def write() -> None:
            await self._registry.arrived(stay.visit)
            stay.recorded = True
            passed(stay.visit.port, "noted")
            then()

        self._last = asyncio.ensure_future(write())
        self._last.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def noted(self) -> None:
        """Returns when the newest is on the disk.

        Raises:
            Broken: `registry-...` where it could not be written.
        """
        if self._last is not None:
            await asyncio.shield(self._last)

    async def over(self) -> None:
        """Returns when none is under way, written or not."""
        if self._last is not None:
            await asyncio.wait([self._last])
