"""What this host cannot do at the moment; told to systemd and to whoever asks."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from guard.core.errors import GuardError


@dataclass(slots=True)
class Health:
    """Faults by their code. `changed` is called after every change."""

    changed: Callable[[], None] = lambda: None
    troubled: asyncio.Event = field(default_factory=asyncio.Event)
    _faults: dict[str, GuardError] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Either "ok" or "degraded"."""
        return "degraded" if self._faults else "ok"

    @property
    def faults(self) -> tuple[GuardError, ...]:
        """What is wrong, oldest first."""
        return tuple(self._faults.values())

    def trouble(self, fault: GuardError) -> None:
        """Something is broken, or (code `mended`) what concerns the registry works again."""
        if fault.code == "mended":
            self._faults = {code: kept for code, kept in self._faults.items() if not _mendable(code)}
        else:
            self._faults[fault.code] = fault
            if _mendable(fault.code):
                self.troubled.set()
        self.changed()

    def over(self, code: str) -> None:
        """What was wrong under this code is not any more."""
        if self._faults.pop(code, None) is not None:
            self.changed()


def _mendable(code: str) -> bool:
    return code.startswith(("registry-", "reader-", "clock-"))


def notify(message: str) -> None:
    """Tell systemd (sd_notify(3)); nothing where systemd does not listen."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.sendto(message.encode(), address)


async def beat(answers: Callable[[], Awaitable[object]]) -> None:
    """Feed the watchdog of systemd three times in its interval, after each return of `answers` (sd_watchdog_enabled(3)).

    An error is an answer: that fault is known and tried again. Silence is none, and ends in a kill by systemd.
    """
    interval = int(os.environ.get("WATCHDOG_USEC", "0")) / 3_000_000
    if not interval:
        return
    while True:
        with contextlib.suppress(GuardError):
            await answers()
        notify("WATCHDOG=1")
        await asyncio.sleep(interval)
