"""The daemon's side of the lister: one fresh process for each listing. Time and entries are limited here too."""

import asyncio
import contextlib
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from guard.core.errors import Broken, Hostile
from guard.core.manifest import Entry, Manifest
from guard.core.volumes import Volume, Wish
from guard.files.wire import MAX_PACKET, End, pack_job, parse_answer

SOCKET = Path("/run/media-guard/lister.sock")
START_SECONDS = 30.0  # until a fresh process is there, on a slow and busy computer
LET_GO_SECONDS = 5.0
Connect = Callable[[], socket.socket]


class FileLister:
    """See guard.core.volumes.Lister. `connect` gives the socket of a fresh process."""

    def __init__(self, connect: Connect | None = None) -> None:
        """Without `connect`, systemd's socket starts it."""
        self._connect = connect or _through_systemd

    async def list(self, volume: Volume, wish: Wish) -> Manifest:
        """Every entry, within the limits.

        Raises:
            Hostile: `manifest-answer`, `manifest-gone`.
            Broken: `lister-unavailable`.
        """
        try:
            channel = self._connect()
        except OSError as error:
            raise Broken("lister-unavailable") from error
        try:
            channel.setblocking(False)
            async with asyncio.timeout(START_SECONDS + wish.seconds):
                await asyncio.get_running_loop().sock_sendall(channel, pack_job(volume, wish))
                return await _gather(channel, wish)
        except TimeoutError:
            raise Hostile("manifest-answer") from None
        except OSError as error:
            raise Broken("lister-unavailable") from error
        finally:
            await asyncio.shield(_let_go(channel))


async def _gather(channel: socket.socket, wish: Wish) -> Manifest:
    entries: list[Entry] = []
    while True:
        untrusted = await asyncio.get_running_loop().sock_recv(channel, MAX_PACKET + 1)
        if not untrusted and not entries:
            raise Broken("lister-unavailable")
        answer = parse_answer(untrusted)
        if isinstance(answer, End):
            return await asyncio.to_thread(Manifest.of, entries, answer.cut, answer.unread)
        entries += answer
        if len(entries) > wish.entries:
            raise Hostile("manifest-answer")


async def _let_go(channel: socket.socket) -> None:
    """Hang up, and wait until the process has ended: whoever unmounts next must not find a folder open."""
    with contextlib.suppress(OSError, TimeoutError):
        channel.shutdown(socket.SHUT_WR)
        async with asyncio.timeout(LET_GO_SECONDS):
            while await asyncio.get_running_loop().sock_recv(channel, MAX_PACKET):
                pass
    channel.close()


def _through_systemd() -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    try:
        channel.connect(str(SOCKET))
    except OSError:
        channel.close()
        raise
    return channel


class Children:
    """For simulated ports: the same program as a child, with the rights of who runs the guard."""

    def __init__(self) -> None:
        """Without children."""
        self._running: list[subprocess.Popen[bytes]] = []

    def __call__(self) -> socket.socket:
        """The socket of a fresh one; those that have ended are let go."""
        self._running = [child for child in self._running if child.poll() is None]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {"MEDIA_GUARD_LISTER": "loose", "PYTHONPATH": ":".join(sys.path)}
        command = [sys.executable, "-m", "guard.files.worker"]
        with theirs:
            self._running.append(subprocess.Popen(command, stdin=theirs.fileno(), env=environment))
        return ours

    def wait(self) -> None:
        """Return when all have ended."""
        for child in self._running:
            child.wait()
