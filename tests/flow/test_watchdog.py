"""systemd hears a beat after each answer, and nothing at all while there is none."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from guard.core.errors import Broken
from guard.health import beat


def _beats(
    folder: Path, monkeypatch: pytest.MonkeyPatch, answers: Callable[[], Awaitable[object]], seconds: float
) -> int:
    """How many beats come within that time, at one beat in 10 ms."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(folder / "notify"))
    monkeypatch.setenv("WATCHDOG_USEC", "30000")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(folder / "notify"))
        systemd.setblocking(False)

        heard: list[bytes] = []

        async def run() -> None:
            asyncio.get_running_loop().add_reader(systemd, lambda: heard.append(systemd.recv(64)))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(beat(answers), seconds)
            asyncio.get_running_loop().remove_reader(systemd)

        asyncio.run(run())
        with contextlib.suppress(BlockingIOError):
            while True:
                heard.append(systemd.recv(64))
        assert set(heard) <= {b"WATCHDOG=1"}
        return len(heard)


def test_it_beats_while_everything_answers_also_with_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = 0

    async def answers() -> None:
        nonlocal answered
        answered += 1
        if answered == 2:
            raise Broken("registry-unreadable")

    assert _beats(tmp_path, monkeypatch, answers, 0.3) >= 3


def test_it_never_beats_again_once_something_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def answers() -> None:
        nonlocal asked
        asked += 1
        if asked > 2:
            await asyncio.Event().wait()

    assert _beats(tmp_path, monkeypatch, answers, 0.3) == 2
    assert asked == 3


def test_where_systemd_keeps_no_watchdog_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)

    async def answers() -> None:
        raise AssertionError("asked")

    asyncio.run(beat(answers))
