"""The program itself on an X server: its icon, its menu, and its end."""

import json
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from tests.gui.desktop import Office, wait_until
from tests.gui.screen import screen, tray_environment


class Program:
    """A process whose lines can be waited for."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.put(line.strip())

    def next(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.lines.get(timeout=20))
        return found

    def type(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        status = self.process.wait(20)
        self._reader.join(5)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()
        return status


@pytest.fixture
def start(environment: dict[str, str]) -> Iterator[Callable[..., Program]]:
    """Start `python -m MODULE ...`; what still runs at the end is ended."""
    started: list[Program] = []

    def start(*words: str) -> Program:
        started.append(Program([sys.executable, "-m", *words], environment))
        return started[-1]

    yield start
    for program in started:
        if program.process.returncode is None:
            program.end(signal.SIGKILL)


@pytest.fixture
def environment(office: Office, tmp_path: Path) -> Iterator[dict[str, str]]:
    with screen() as display:
        yield tray_environment(office, display, tmp_path / "runtime")


def _watcher(start: Callable[..., Program]) -> Program:
    watcher = start("tests.gui.watcher")
    assert watcher.next() == {"ready": True}
    return watcher


def test_the_icon_comes_also_where_its_place_appears_later_and_comes_back(start: Callable[..., Program]) -> None:
    tray = start("gui", "--window")
    watcher = _watcher(start)
    first = watcher.next()
    assert first["icon"], "the icon has pictures"
    assert "Console for admins and auditors" in first["menu"]
    watcher.end()
    watcher = _watcher(start)
    assert watcher.next()["menu"]
    watcher.end()
    assert tray.end() == 0
    assert "Traceback" not in "".join(tray.lines.queue)


def test_a_stopped_guard_is_another_icon_at_once_and_the_program_ends_cleanly(
    office: Office, start: Callable[..., Program]
) -> None:
    watcher = _watcher(start)
    tray = start("gui")
    watcher.next()
    while "checked before they open" not in (well := _look(watcher))["tip"][0] + well["tip"][1]:
        pass
    office.stop_guard()
    try:
        while "not running" not in (ill := _look(watcher))["tip"][0] + ill["tip"][1]:
            pass
    finally:
        office.start_guard()
    assert ill["icon"] != well["icon"]
    while "checked before they open" not in (well := _look(watcher))["tip"][0] + well["tip"][1]:
        pass
    assert tray.end(signal.SIGINT) == 0
    watcher.end()
    assert "Traceback" not in "".join(tray.lines.queue)


def test_the_story_on_a_real_desktop(
    app: QApplication, office: Office, environment: dict[str, str], start: Callable[..., Program]
) -> None:
    """A real place for icons (trayer, XEmbed), real notifications (dunst): plug, told, clicked, approved, told no more."""
    helpers = [
        subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for command in (["openbox"], ["trayer", "--edge", "bottom"], ["dunst"])
    ]

    def ask(*command: str) -> str:
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=20
        ).stdout.strip()

    try:
        wait_until(lambda: ask("dunstctl", "count", "displayed") == "0")
        tray = start("gui", "--play", str(office.folder))
        wait_until(lambda: ask("xdotool", "search", "--name", "Simulated USB ports"))
        office.say("--as", "alice", "sim", "plug", office.stick("desktop"))
        visit = office.rows("visits")[0]
        wait_until(lambda: ask("dunstctl", "count", "displayed") == "1")
        assert not ask("xdotool", "search", "--onlyvisible", "--name", "^Media Guard$")
        ask("dunstctl", "action")
        wait_until(lambda: ask("xdotool", "search", "--onlyvisible", "--name", "^Media Guard$"))
        office.say("--as", "alice", "request", visit["id"], "--purpose", "slides")
        request = office.rows("requests")[0]
        grant = ("--level", "INTERNAL", "--networks", "office", "--holder", "Alice")
        office.say("--as", "admin", "approve", request["id"], *grant)
        assert office.rows("visits")[0]["verdict"] == "read-write"
        wait_until(lambda: ask("dunstctl", "count", "displayed") == "0")
        assert tray.end() == 0
        assert "Traceback" not in "".join(tray.lines.queue)
    finally:
        for helper in helpers:
            helper.terminate()
            helper.wait(10)


def test_a_second_start_shows_the_window_of_the_first(
    environment: dict[str, str], start: Callable[..., Program]
) -> None:
    def shown(title: str) -> bool:
        words = ["xdotool", "search", "--onlyvisible", "--name", title]
        return bool(subprocess.run(words, env=environment, capture_output=True, check=False, timeout=20).stdout)

    watcher = _watcher(start)
    tray = start("gui")
    watcher.next()
    second = start("gui", "--window")
    assert second.wait() == 0
    wait_until(lambda: shown("^Media Guard$"))
    assert not shown("^Console")
    assert start("gui", "--console").wait() == 0
    wait_until(lambda: shown("^Console"))
    assert tray.process.poll() is None
    assert tray.end() == 0
    watcher.end()
    assert "Traceback" not in "".join([*tray.lines.queue, *second.lines.queue])


def test_an_icon_alone_loads_nothing_of_the_console() -> None:
    """Memory by module counts, not by clock or scale: most people never open it."""
    code = "import sys, gui.application; print(*(name for name in sys.modules if name.startswith('gui.console.')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert set(done.stdout.split()) <= {"gui.console.medium", "gui.console.timeline"}


def test_without_a_screen_the_program_says_what_to_use_instead(environment: dict[str, str]) -> None:
    blind = {name: value for name, value in environment.items() if name != "DISPLAY"}
    done = subprocess.run(
        [sys.executable, "-m", "gui"], env=blind, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 1
    assert done.stderr == "media-guard-tray needs a desktop. Without one use: mediaguardctl\n"


def _look(watcher: Program) -> dict[str, Any]:
    watcher.type("look")
    return watcher.next()
