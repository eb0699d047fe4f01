"""Asking the daemon: calls with plain values, errors as exit codes."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from guard.words import language_of, say

NAME, ROOT, MANAGER = "org.mediaguard.Guard1", "/org/mediaguard/Guard1", "org.mediaguard.Guard1"
SIMULATION = "org.mediaguard.Simulation1"
REFUSED, USAGE, UNREACHABLE, UNAUTHORIZED = 1, 2, 3, 4
LONG_SECONDS = 3600.0  # a registration with formatting, a verification of millions of entries
Result = TypeVar("Result")
Told = Callable[[str, int, str], None]


class Failure(Exception):
    """A sentence for the person and the exit status."""

    def __init__(self, sentence: str, status: int) -> None:
        """Both are final."""
        super().__init__(sentence, status)
        self.sentence, self.status = sentence, status


@dataclass(frozen=True, slots=True)
class Client:
    """One invocation: in which language, and on simulated ports as which person."""

    language: str
    person: str = ""

    @classmethod
    def here(cls, person: str = "") -> "Client":
        """For the language of this terminal."""
        return cls(language_of(), person)

    def rows(self, member: str, **wanted: object) -> list[dict[str, Any]]:
        """A listing."""
        found = self.call(member, "a{sv}a{sv}", [wanted])
        return list(found[0])

    def call(
        self, member: str, signature: str, arguments: list[Any], *, interface: str = MANAGER, told: Told | None = None
    ) -> list[Any]:
        """Call a verb; `options` are added. `told` hears of progress.

        Raises:
            Failure: with the sentence and the exit status.
        """

        async def act(connection: Any) -> list[Any]:
            from guard.bus.connection import plain, to_map  # noqa: PLC0415 - start fast

            if told is not None:
                _hear(connection, told)
                await connection.ask(NAME, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
            packed = [to_map(value) if isinstance(value, dict) else value for value in arguments]
            packed.append(to_map({"language": self.language}))
            ask = connection.ask(
                NAME, ROOT, interface, member, signature, packed, interactive=sys.stdin.isatty(), seconds=LONG_SECONDS
            )
            answer: list[Any] = plain(await ask)
            return answer

        with _password_agent():
            return self._run(act)

    def properties(self) -> dict[str, Any]:
        """The manager's properties."""

        async def act(connection: Any) -> dict[str, Any]:
            from guard.bus.connection import plain  # noqa: PLC0415 - start fast

            words = [MANAGER]
            (found,) = await connection.ask(
                NAME, ROOT, "org.freedesktop.DBus.Properties", "GetAll", "s", words, seconds=10
            )
            answer: dict[str, Any] = plain(found)
            return answer

        return self._run(act)

    def follow(self, shown: Callable[[str, Mapping[str, Any]], None]) -> None:
        """Show every change of a visit until interrupted; `shown` gets the visit's id and its properties."""

        async def act(connection: Any) -> None:
            from guard.ctl.live import Live  # noqa: PLC0415 - start fast

            live = Live(shown)
            connection.listen(live.receive)
            manager = "org.freedesktop.DBus.ObjectManager"
            (objects,) = await connection.ask(NAME, ROOT, manager, "GetManagedObjects")
            live.begin(objects)
            await connection.follow(
                f"type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{NAME}'"
            )
            await asyncio.wait(
                [asyncio.ensure_future(connection.gone()), live.ended], return_when=asyncio.FIRST_COMPLETED
            )
            raise Failure(say("daemon-unreachable", {}, self.language), UNREACHABLE)

        self._run(act)

    def settled(self, port: str) -> None:
        """Wait until the visit at a port has been judged, so that what is typed next finds it so."""

        async def act(connection: Any) -> None:
            from guard.ctl.live import Live  # noqa: PLC0415 - start fast

            done = asyncio.Event()

            def shown(path: str, visit: Mapping[str, Any]) -> None:
                if visit["Interface"] == port and visit["Stage"] in ("open", "shut", "gone"):
                    done.set()

            live = Live(shown)
            connection.listen(live.receive)
            manager = "org.freedesktop.DBus.ObjectManager"
            (objects,) = await connection.ask(NAME, ROOT, manager, "GetManagedObjects")
            live.begin(objects)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), 60)

        self._run(act)

    def _run(self, act: Callable[[Any], Coroutine[Any, Any, Result]]) -> Result:
        async def connected() -> Result:
            from guard.bus.connection import BusError, Connection, to_map  # noqa: PLC0415 - start fast
            from guard.core.errors import GuardError  # noqa: PLC0415 - start fast

            try:
                connection = await Connection.open()
            except GuardError as error:
                raise Failure(say(error.code, error.facts, self.language), UNREACHABLE) from error
            try:
                if self.person:
                    words = [self.person, to_map({})]
                    await connection.ask(NAME, ROOT, SIMULATION, "ActAs", "sa{sv}", words)
                return await act(connection)
            except BusError as error:
                raise self._failure(error.name, error.text) from error
            except GuardError as error:
                raise Failure(say("daemon-unreachable", {}, self.language), UNREACHABLE) from error
            finally:
                connection.close()

        return asyncio.run(connected())

    def _failure(self, name: str, text: str) -> Failure:
        if name in (
            "org.freedesktop.DBus.Error.ServiceUnknown",
            "org.freedesktop.DBus.Error.NameHasNoOwner",
            "org.freedesktop.DBus.Error.NoReply",
        ):
            return Failure(say("daemon-unreachable", {}, self.language), UNREACHABLE)
        if name == "org.freedesktop.DBus.Error.AccessDenied":
            return Failure(say("not-authorized", {}, self.language), UNAUTHORIZED)
        return Failure(text, REFUSED)


def _hear(connection: Any, told: Told) -> None:
    def receive(message: Any) -> bool:
        if message.member == "Progress" and message.interface == MANAGER:
            told(*message.body)
        return False

    connection.listen(receive)


@contextmanager
def _password_agent() -> Any:
    """Let polkit ask for a password on this terminal, as systemctl does."""
    agent = shutil.which("pkttyagent")
    if agent is None or not sys.stdin.isatty() or os.geteuid() == 0:
        yield
        return
    process = subprocess.Popen([agent, "--process", str(os.getpid()), "--fallback"])
    try:
        yield
    finally:
        process.terminate()
        process.wait()
