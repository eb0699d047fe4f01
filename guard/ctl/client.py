"""Asking the daemon: calls with plain values, errors as exit codes."""

import asyncio
import contextlib
import os
import re
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from guard.words import language_of, say

NAME, ROOT, MANAGER = "org.mediaguard.Guard1", "/org/mediaguard/Guard1", "org.mediaguard.Guard1"
SIMULATION = "org.mediaguard.Simulation1"
REFUSED, USAGE, UNREACHABLE, UNAUTHORIZED = 1, 2, 3, 4
_BUS, _TREE = "org.freedesktop.DBus", "org.freedesktop.DBus.ObjectManager"
_ERROR = "org.mediaguard.Error."
_ABSENT = frozenset(
    f"{_BUS}.Error.{name}"
    for name in ("ServiceUnknown", "NameHasNoOwner", "NoReply", "Disconnected", "Timeout", "TimedOut")
)
_DENIED = frozenset(f"{_BUS}.Error.{name}" for name in ("AccessDenied", "InteractiveAuthorizationRequired"))
_UNASKED = frozenset(  # never need a password
    {"Media", "Visits", "Requests", "Travel", "History", "Accept", "Explain", "Files", "Reminders", "Plug", "Unplug"}
)
AGENT_SECONDS = 5.0
LONG_SECONDS = 3600.0  # a registration with formatting, a verification of millions of entries
Result = TypeVar("Result")
Told = Callable[[str, int, str], None]


class Failure(Exception):
    """A sentence for the person, the exit status, and the code of the refusal ("" where there is none)."""

    def __init__(self, sentence: str, status: int, code: str = "") -> None:
        """All are final."""
        super().__init__(sentence, status, code)
        self.sentence, self.status, self.code = sentence, status, code


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
        self,
        member: str,
        signature: str,
        arguments: list[Any],
        *,
        interface: str = MANAGER,
        told: Told | None = None,
        options: Mapping[str, Any] | None = None,
    ) -> list[Any]:
        """Call a verb; `options` are added. `told` hears of progress.

        Raises:
            Failure: with the sentence and the exit status.
        """

        async def act(connection: Any) -> list[Any]:
            from guard.bus.connection import plain, to_map  # noqa: PLC0415 - start fast

            if told is not None:
                _hear(connection, await _owner(connection), told)
                await connection.ask(NAME, ROOT, _TREE, "GetManagedObjects")
            packed = [to_map(value) if isinstance(value, dict) else value for value in arguments]
            packed.append(to_map({**(options or {}), "language": self.language}))
            ask = connection.ask(
                NAME, ROOT, interface, member, signature, packed, interactive=sys.stdin.isatty(), seconds=LONG_SECONDS
            )
            answer: list[Any] = plain(await ask)
            return answer

        with _password_agent() if member not in _UNASKED else contextlib.nullcontext():
            return self._run(act, interface)

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

            await connection.follow(f"type='signal',sender='{_BUS}',member='NameOwnerChanged',arg0='{NAME}'")
            live = Live(await _owner(connection), shown)
            connection.listen(live.receive)
            (objects,) = await connection.ask(NAME, ROOT, _TREE, "GetManagedObjects")
            live.begin(objects)
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

            live = Live(await _owner(connection), shown)
            connection.listen(live.receive)
            (objects,) = await connection.ask(NAME, ROOT, _TREE, "GetManagedObjects")
            live.begin(objects)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(done.wait(), 60)

        self._run(act)

    def _run(self, act: Callable[[Any], Coroutine[Any, Any, Result]], interface: str = MANAGER) -> Result:
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
                if error.name == f"{_BUS}.Error.UnknownMethod" and (self.person or interface == SIMULATION):
                    raise self._not_simulated() from error
                raise self._failure(error.name, error.text) from error
            except GuardError as error:
                raise Failure(say("daemon-unreachable", {}, self.language), UNREACHABLE) from error
            finally:
                connection.close()

        return asyncio.run(connected())

    def _failure(self, name: str, text: str) -> Failure:
        if name in _ABSENT or ".Error.Spawn." in name or name.startswith("org.freedesktop.systemd1."):
            return Failure(say("daemon-unreachable", {}, self.language), UNREACHABLE)
        if name == _ERROR + "Starting":
            return Failure(say("starting", {}, self.language), UNREACHABLE)
        if name in _DENIED:
            return Failure(say("not-authorized", {}, self.language), UNAUTHORIZED)
        if name == _ERROR + "AuthoritySilent":
            return Failure(text, UNAUTHORIZED, _code(name))
        return Failure(text or name, REFUSED, _code(name))

    def _not_simulated(self) -> Failure:
        return Failure(say("sim-only", {}, self.language), REFUSED)


def _code(name: str) -> str:
    """From org.mediaguard.Error.PassphraseNeeded to passphrase-needed."""
    return re.sub(r"(?<=.)(?=[A-Z])", "-", name.removeprefix(_ERROR)).lower() if name.startswith(_ERROR) else ""


async def _owner(connection: Any) -> str:
    """The bus name behind the guard's name: signals of anybody else are not the guard's."""
    await connection.ask(NAME, ROOT, f"{_BUS}.Peer", "Ping", seconds=10)
    (owner,) = await connection.ask(_BUS, "/org/freedesktop/DBus", _BUS, "GetNameOwner", "s", [NAME], seconds=10)
    return str(owner)


def _hear(connection: Any, owner: str, told: Told) -> None:
    def receive(message: Any) -> bool:
        ours = (message.sender, message.interface, message.member) == (owner, MANAGER, "Progress")
        if ours and message.signature == "sus":
            told(*message.body)
        return False

    connection.listen(receive)


@contextmanager
def _password_agent() -> Iterator[None]:
    """Let polkit ask for a password on this terminal, as systemctl does; the agent closes the pipe once it is registered."""
    agent = shutil.which("pkttyagent")
    if agent is None or not sys.stdin.isatty() or os.geteuid() == 0:
        yield
        return
    ready, registered = os.pipe()
    command = [agent, "--process", str(os.getpid()), "--fallback", f"--notify-fd={registered}"]
    process = subprocess.Popen(command, pass_fds=(registered,))
    os.close(registered)
    try:
        select.select([ready], [], [], AGENT_SECONDS)
        os.close(ready)
        yield
    finally:
        process.terminate()
        process.wait()
