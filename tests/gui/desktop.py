"""Hands for tests: an office computer with a real guard, a desktop with a notification server, and patience without sleeping."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from dbus_next import BusType, Message, MessageType
from dbus_next.aio import MessageBus
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from guard.sim.run import Computer, _found
from gui.application import Application
from gui.link import Link
from gui.values import Visit

SERVER = "org.freedesktop.Notifications"


class Office:
    """One computer of an organization with two networks; `session` is a second, empty bus for the desktop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.computer, self.other = (Computer.at(folder, name) for name in ("office", "internet"))

    def __enter__(self) -> Self:
        _found(self.computer, self.other, self.folder)
        self.computer.start()
        path = self.folder / "session"
        config = self.folder / "session.conf"
        config.write_text(
            (self.computer.folder / "bus.conf").read_text().replace(str(self.computer.folder / "bus"), str(path))
        )
        self._bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"], stdout=subprocess.PIPE
        )
        assert self._bus.stdout is not None
        self._bus.stdout.readline()
        self.session = f"unix:path={path}"
        self.address = self.computer.environment["DBUS_SYSTEM_BUS_ADDRESS"]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._bus.stdout is not None
        self._bus.terminate()
        self._bus.wait()
        self._bus.stdout.close()
        self.computer.stop()

    def stick(self, name: str) -> str:
        """A new stick, as sold."""
        image = self.folder / f"{name}.img"
        if not image.exists():
            self.say("sim", "new", str(image), "--size", "16M")
        return str(image)

    def say(self, *words: str) -> str:
        done = self.computer.ask(*words)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rows(self, *words: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.say(*words, "--json"))
        return found

    def pull_everything(self) -> None:
        for visit in self.rows("visits"):
            if not visit["left"]:
                self.computer.ask("sim", "unplug", visit["interface"])

    def stop_guard(self) -> None:
        daemon = self.computer.processes.pop()
        daemon.terminate()
        daemon.wait(20)

    def start_guard(self) -> None:
        command = [sys.executable, "-m", "guard", "--ports", "simulated"]
        with (self.computer.folder / "log").open("ab") as log:
            daemon = subprocess.Popen(command, env=self.computer.environment, stdout=log, stderr=log)
        self.computer.processes.append(daemon)


@dataclass
class Shown:
    """A notification as the server got it."""

    number: int
    replaces: int
    title: str
    body: str
    actions: list[str]


@dataclass
class Server:
    """A notification server that keeps what it was told, on its own thread; `press` is a person's click."""

    shown: list[Shown] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)

    def start(self) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True)
        self._thread.start()
        assert ready.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(10)

    def press(self, number: int, action: str) -> None:
        message = Message.new_signal(f"/{SERVER.replace('.', '/')}", SERVER, "ActionInvoked", "us", [number, action])
        self._loop.call_soon_threadsafe(lambda: self._bus.send(message))

    async def _serve(self, ready: threading.Event) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self._bus = await MessageBus(bus_type=BusType.SESSION).connect()
        self._bus.add_message_handler(self._take)
        await self._bus.request_name(SERVER)
        ready.set()
        await self._end.wait()
        self._bus.disconnect()  # type: ignore[no-untyped-call]
        await self._bus.wait_for_disconnect()  # type: ignore[no-untyped-call]
        self._bus._stream.close()
        self._bus._sock.close()

    def _take(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != SERVER:
            return None
        if message.member == "Notify":
            _, replaces, _, title, body, actions, _, _ = message.body
            number = replaces or len(self.shown) + 1
            self.shown.append(Shown(number, replaces, title, body, actions))
            return Message.new_method_return(message, "u", [number])
        self.closed.append(message.body[0])
        return Message.new_method_return(message)


class Desktop:
    """The tray's program in this process, as alice."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.server = Server()

    def __enter__(self) -> Self:
        self.server.start()
        self.link = Link("en", "alice")
        self.application = Application(self.link)
        self.desk = self.application.desk
        self.link.start()
        self.until(lambda: self.desk.guard is not None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.link.stop()
        for window in QApplication.topLevelWidgets():
            window.close()
            window.deleteLater()
        QApplication.processEvents()
        self.server.stop()

    def until(self, true: Callable[[], object], seconds: float = 20) -> None:
        """Let the window live until something is so."""
        wait_until(true, seconds)

    def become(self, person: str) -> None:
        self.link.become(person)
        rights = {"admin": {"decide", "audit"}, "auditor": {"audit"}}.get(person, set())
        self.until(lambda: self.desk.guard is not None and self.desk.rights == rights)

    def plug(self, name: str) -> Visit:
        """Put a stick in and wait for the verdict."""
        ports: list[str] = []
        self.desk.plug(self.office.stick(name), ports.append, _fail)
        self.until(lambda: ports)

        def found() -> list[Visit]:
            return [visit for visit in self.desk.visits.values() if visit.interface == ports[0] and visit.settled]

        self.until(found)
        return found()[0]

    def unplug(self, visit: Visit) -> None:
        self.desk.unplug(visit.interface, lambda _: None, _fail)
        self.until(lambda: visit.id not in self.desk.visits)


def wait_until(true: Callable[[], object], seconds: float = 20) -> None:
    assert QApplication.instance() is not None, "take the fixture app: without it no loop waits"
    loop, tick, end = QEventLoop(), QTimer(), QTimer()
    failed: list[BaseException] = []

    def look() -> None:
        try:
            if true():
                loop.quit()
        except BaseException as error:
            failed.append(error)
            loop.quit()

    def give_up() -> None:
        failed.append(AssertionError("waited in vain"))
        loop.quit()

    tick.timeout.connect(look)
    end.setSingleShot(True)
    end.timeout.connect(give_up)
    tick.start(10)
    end.start(int(seconds * 1000))
    loop.exec()
    tick.stop()
    end.stop()
    if failed:
        raise failed[0]


def _fail(sentence: str) -> None:
    raise AssertionError(sentence)
