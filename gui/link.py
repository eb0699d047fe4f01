"""Between the bus and the window: a thread with an asyncio loop; events come in slices, so a flood never stops the window."""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from gui.bus import Failure
from gui.feed import MANAGER, Event, Feed
from gui.front import Front
from gui.popups import Notice, Popups

SLICE_SECONDS = 0.01
Done = Callable[[Any], None]
Failed = Callable[[str], None]


class Link(QObject):
    """Lives in the window's thread. `told` gives events in order; answers come back to the functions given with a call."""

    told = Signal(object)
    acted = Signal(str, str)
    tray_came = Signal()
    wanted = Signal(str, str)
    late = Signal()
    _ready = Signal()
    _again = Signal()

    def __init__(self, language: str, person: str = "", *, only: bool = False) -> None:
        """`person`: who to be on simulated ports. `only`: be the session's one program, found by those started later."""
        super().__init__()
        self.language, self.person = language, person
        self._events: deque[Event | Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._stopped = False
        self._feed = Feed(self._push, language, person)
        self._popups = Popups(self.acted.emit, self.tray_came.emit)
        self._front = Front(self.wanted.emit, self.late.emit) if only else None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="bus", daemon=True)
        self._ready.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        self._again.connect(self._drain, Qt.ConnectionType.QueuedConnection)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; calls under way are given up, and nothing is told any more: who listened may be gone by then."""
        with self._lock:
            self._stopped = True
        if self._thread.is_alive():
            self._later(self._loop.stop)
            self._thread.join(5)
        elif not self._loop.is_closed():  # it was never started
            self._loop.close()

    def ask(
        self,
        member: str,
        signature: str,
        arguments: list[Any],
        done: Done,
        failed: Failed,
        *,
        interface: str = MANAGER,
        interactive: bool = False,
        special: Mapping[str, Failed] | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> None:
        """Call a verb of the guard; exactly one of the functions is called, later, in this thread.

        `interactive`: the person asked for this just now, so polkit may show its dialog. `failed` gets a sentence, "" when
        the guard is away. `special` has other functions for errors of certain names. `options` are those of the verb.
        """

        async def act() -> None:
            try:
                found = await self._feed.ask(
                    member, signature, arguments, interface=interface, interactive=interactive, options=options
                )
            except Failure as failure:
                hear, sentence = (special or {}).get(failure.name, failed), failure.sentence
                self._push(lambda: hear(sentence))
            else:
                self._push(lambda: done(found))

        self._start(act())

    def show(self, key: str, notice: Notice) -> None:
        """Show a notice, or change the one under this key."""
        self._start(self._popups.show(key, notice))

    def close(self, key: str) -> None:
        """Take a notice away."""
        self._start(self._popups.close(key))

    def become(self, person: str) -> None:
        """Simulated ports: be somebody else from now on."""
        self.person = person
        self._later(lambda: self._feed.become(person))

    def reload(self) -> None:
        """Ask for everything anew: what one may see has changed."""
        self._later(self._feed.reload)

    def _later(self, what: Callable[[], None]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)

    def _start(self, what: Coroutine[Any, Any, Any]) -> None:
        if self._loop.is_closed() or not self._thread.is_alive():
            what.close()
        else:
            asyncio.run_coroutine_threadsafe(what, self._loop)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.create_task(self._feed.run())
        self._loop.create_task(self._popups.run())
        if self._front is not None:
            self._loop.create_task(self._front.run())
        try:
            self._loop.run_forever()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        finally:
            self._loop.close()

    def _push(self, event: Event | Callable[[], None]) -> None:
        """From the bus thread."""
        with self._lock:  # held while telling: `stop` returns before or after it, never in between
            if self._stopped:
                return
            self._events.append(event)
            if len(self._events) == 1:
                self._ready.emit()

    @Slot()
    def _drain(self) -> None:
        deadline = monotonic() + SLICE_SECONDS
        while monotonic() < deadline:
            with self._lock:
                if not self._events:
                    return
                event = self._events[0]
            try:
                if callable(event):
                    event()
                else:
                    self.told.emit(event)
            finally:
                with self._lock:
                    self._events.popleft()
        self._again.emit()
