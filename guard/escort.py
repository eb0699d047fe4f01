"""One escort goes with one port from plug to unplug: one thing at a time, and pulling the stick cancels what is under way."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

from guard.clearing import Cleared
from guard.core.disposal import Method
from guard.core.errors import Refused
from guard.core.evidence import Once
from guard.core.label import Label
from guard.core.ports import Arrival
from guard.core.request import Grant
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access, Reason, Severity
from guard.formatting import Progress
from guard.handling import Handling
from guard.org.keys import FileSigner
from guard.parts import Parts
from guard.walk import Walk

Result = TypeVar("Result")


class Escort:
    """One device at one port."""

    def __init__(self, arrival: Arrival, parts: Parts) -> None:
        """Nothing happens before `begin`."""
        self.arrival = arrival
        self._walk = Walk(arrival, parts)
        self._handling = Handling(self._walk, parts)
        self._lock = asyncio.Lock()
        self._running: asyncio.Task[object] | None = None
        self._aside = parts.aside
        self._later: asyncio.Task[None] | None = None
        self.gone = False

    @property
    def visits(self) -> tuple[VisitSnapshot, ...]:
        """The visits at this port, one for each medium."""
        return tuple(stay.visit for stay in self._walk.stays)

    def sighting_of(self, visit: str) -> tuple[str, VisitSnapshot]:
        """The digest of what was seen ("" where nothing could be read) and the picture of a visit.

        Raises:
            Refused: `medium-gone`.
        """
        for stay in self._walk.stays:
            if stay.visit.id == visit:
                return stay.digest(self.arrival), stay.visit
        raise Refused("medium-gone")

    @property
    def waits_for_session(self) -> bool:
        """True while somebody has to unlock the screen first."""
        return any(stay.verdict is not None and stay.verdict.access is Access.HELD for stay in self._walk.stays)

    @property
    def failed(self) -> bool:
        """True where the guard itself could not do its part, so that it is worth another try when that is mended."""
        return any(stay.verdict is not None and "guard-failed" in stay.verdict.rules for stay in self._walk.stays)

    async def begin(self) -> None:
        """Judge what has just arrived, or judge again after something was mended."""
        await self._alone(self._walk.run())

    async def begin_again(self) -> None:
        """Somebody changed the medium: the visits end and new ones begin."""
        await self._alone(self._walk.run(fresh=True))

    async def register(
        self, visit: str, grant: Grant, digest: str, by: str, issuer: FileSigner, progress: Progress
    ) -> Label:
        """Sign a label and write it, then judge the medium like any other. `digest` "" takes the medium as it is now.

        Raises:
            Refused: `medium-gone`, `request-changed` if it is not what the request saw, `number-taken`, `gap-...`, ...
            Hostile, Broken: what reading and writing raise; the port is shut then.
        """
        return await self._alone(self._handling.register(visit, grant, digest, by, issuer, progress))

    async def let_in_once(self, visit: str, once: Once, digest: str, decided: Callable[[], Awaitable[None]]) -> None:
        """Judge the medium again with a person's decision about it; nothing is written for it, and it ends with the stay.

        `decided` puts the decision on record, after the medium was looked at and before anything opens.

        Raises:
            Refused: `medium-gone`, `request-changed`, `once-never`, or what `decided` raises.
            Hostile, Broken: what reading raises; the port is shut then.
        """
        await self._alone(self._handling.let_in_once(visit, once, digest, decided))

    async def clear(self, visit: str, order: str, method: Method, by: tuple[str, int], progress: Progress) -> Cleared:
        """Clear the medium of a confirmed order by a method, and read back what was overwritten.

        Raises:
            Refused: `medium-gone`, `order-...` where the order is not about exactly this medium, `device-write-protected`,
                `clear-not-encrypted`.
            Hostile, Broken: what reading and writing raise; the port is shut then.
        """
        return await self._alone(self._handling.clear(visit, order, method, by, progress))

    def mounts_changed(self) -> None:
        """Somewhere something was mounted or unmounted."""
        if not self.gone:
            self._walk.look_at_mounts()

    async def listed(self) -> None:
        """Wait for the listings of files that are under way."""
        await self._walk.listing.settle()

    async def unmount(self) -> None:
        """Unmount its disks, where they are mounted.

        Raises:
            Refused: `still-in-use`, `medium-gone`.
        """
        await self._alone(self._walk.unmount())

    async def eject(self) -> None:
        """Unmount, shut, and tell that the stick can be pulled.

        Raises:
            Refused: `not-open`, `still-in-use`.
        """
        await self._alone(self._walk.eject())

    async def leave(self) -> None:
        """The device is gone: whatever was under way ends, and the visits with it."""
        self.gone = True
        if self._later is not None:
            self._later.cancel()
        if self._running is not None and not self._running.done():
            self._running.cancel()
        async with self._lock:
            await self._walk.gone()

    async def use_changed(self, in_use: bool) -> None:
        """Somebody uses the disks, or nobody any more. What was known before is forgotten at once, whatever happens next."""
        self._walk.forget_rest()
        if not in_use:
            await self._alone(self._walk.take_rest())

    async def escaped(self, driver: str) -> None:
        """A driver bound without a verdict; the port is shut already. Say so, loudly."""
        found = Reason("escaped", Access.REFUSED, Severity.ALARM, (("driver", driver),))
        await self._alone(self._walk.close(found))

    async def write_down(self) -> None:
        """Write down what came of the last step, where that was left for later."""
        if self._walk.results.owed:
            with contextlib.suppress(Refused):  # pulled meanwhile, which writes it down too
                await self._alone(asyncio.sleep(0))

    async def _in_order(self, act: Coroutine[object, object, Result]) -> Result:
        """What came of the last step is written down before the next begins; what comes of this one, some time later."""
        try:
            await self._walk.write_results()
        except BaseException:
            act.close()
            raise
        try:
            return await act
        finally:
            if self._walk.results.owed:
                self._later = asyncio.ensure_future(self._write_later())

    async def _write_later(self) -> None:
        await asyncio.sleep(self._aside)
        await self.write_down()

    async def _alone(self, act: Coroutine[object, object, Result]) -> Result:
        """One thing at a time, not undone when the caller loses patience, ended when the stick is pulled."""
        async with self._lock:
            if self.gone:
                act.close()
                raise Refused("medium-gone")
            task = asyncio.ensure_future(self._in_order(act))
            self._running = task
            try:
                return await asyncio.shield(task)
            except asyncio.CancelledError:
                if not self.gone and not task.done():
                    await asyncio.wait([task])
                if self.gone:
                    raise Refused("medium-gone") from None
                raise
