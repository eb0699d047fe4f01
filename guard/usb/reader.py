"""The daemon's side of the reader: hands over the descriptor of a claimed device, and offers what comes back as a `Claim`.

One worker stands ready at any time, so that a plug does not wait for a process to start; each serves one claim and is thrown away.
Time and bytes are limited here, because the worker cannot be trusted to do it.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from guard.core.descriptors import Alternate
from guard.core.errors import Broken, Hostile
from guard.core.ports import Claim, Unit
from guard.usb.wire import MAX_DATA, MAX_PACKET, Request, Verb, pack_open, parse_answer, parse_units

SOCKET = Path("/run/media-guard/reader.sock")
ANSWER_SECONDS = 60.0  # one command with all its recoveries
MOST_BYTES = 1 << 30  # in one claim, both ways
Connect = Callable[[], socket.socket]


class Reader:
    """Starts readers. `connect` gives the socket of a fresh one."""

    def __init__(self, connect: Connect | None = None, spin_up_seconds: int = 30) -> None:
        """Without `connect`, systemd's socket starts the reader."""
        self._connect = connect or _through_systemd
        self._spin_up_seconds = spin_up_seconds
        self._ready: socket.socket | None = None

    def prepare(self) -> None:
        """Have a worker stand ready; where none can be started, the next claim says so."""
        if self._ready is None:
            with contextlib.suppress(OSError):
                self._ready = self._connect()

    @asynccontextmanager
    async def open_claim(self, usbfs: int, interface: int, alternate: Alternate) -> AsyncIterator[Claim]:
        """Let a worker read a device through an open usbfs descriptor whose interface is claimed.

        Raises:
            Hostile: `device-...`.
            Broken: `reader-unavailable`.
        """
        endpoint_in, endpoint_out = alternate.bulk_in, alternate.bulk_out
        if endpoint_in is None or endpoint_out is None:
            raise Hostile("device-not-bulk-only")
        question = pack_open(interface, endpoint_in.address, endpoint_out.address, self._spin_up_seconds)
        channel = self._hand_over(question.pack(), usbfs)
        try:
            answer = await _answer(channel, self._spin_up_seconds + ANSWER_SECONDS)
            yield _ReaderClaim(channel, parse_units(parse_answer(answer, None)))
        finally:
            channel.close()
            self.prepare()

    def _hand_over(self, packet: bytes, usbfs: int) -> socket.socket:
        """The worker that stands ready may have died meanwhile; then a fresh one."""
        for _ in range(2):
            channel, self._ready = self._ready, None
            try:
                channel = channel or self._connect()
                channel.setblocking(False)
                socket.send_fds(channel, [packet], [usbfs])
            except OSError:
                if channel is not None:
                    channel.close()
                continue
            return channel
        raise Broken("reader-unavailable")


class _ReaderClaim:
    def __init__(self, channel: socket.socket, units: tuple[Unit, ...]) -> None:
        self._channel, self._units = channel, units
        self._left = MOST_BYTES
        self._lock = asyncio.Lock()

    @property
    def units(self) -> tuple[Unit, ...]:
        return self._units

    async def read(self, lun: int, offset: int, length: int) -> bytes:
        unit = self._unit(lun, offset, length)
        data = bytearray()
        for start in range(offset, offset + length, MAX_DATA):
            size = min(MAX_DATA, offset + length - start)
            question = Request(Verb.READ, lun, start // unit.block_size, size // unit.block_size)
            data += await self._ask(question, size)
        return bytes(data)

    async def write(self, lun: int, offset: int, data: bytes) -> None:
        unit = self._unit(lun, offset, len(data))
        for start in range(0, len(data), MAX_DATA):
            part = data[start : start + MAX_DATA]
            await self._ask(Request(Verb.WRITE, lun, (offset + start) // unit.block_size, 0, part), 0)

    async def flush(self, lun: int) -> None:
        self._unit(lun, 0, 0)
        await self._ask(Request(Verb.FLUSH, lun, 0, 0), 0)

    async def _ask(self, question: Request, length: int) -> bytes:
        self._left -= length + len(question.data)
        if self._left < 0:
            raise Hostile("device-protocol")
        async with self._lock:
            try:
                await asyncio.get_running_loop().sock_sendall(self._channel, question.pack())
            except OSError:
                raise Hostile("device-gone") from None
            return parse_answer(await _answer(self._channel, ANSWER_SECONDS), length)

    def _unit(self, lun: int, offset: int, length: int) -> Unit:
        unit = self._units[lun]
        if offset % unit.block_size or length % unit.block_size or not 0 <= length <= 1 << 20:
            raise RuntimeError("reads and writes are whole blocks, at most 1 MiB")
        return unit


async def _answer(channel: socket.socket, seconds: float) -> bytes:
    """One packet; a worker that died or is too slow says nothing."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().sock_recv(channel, MAX_PACKET + 1)
    except TimeoutError:
        raise Hostile("device-hangs") from None
    except OSError:
        raise Hostile("device-gone") from None


def _through_systemd() -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    try:
        channel.connect(str(SOCKET))
    except OSError:
        channel.close()
        raise
    return channel
