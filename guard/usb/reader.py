"""The daemon's side of the reader: hands over the descriptor of a claimed device, and offers what comes back as a `Claim`.

One worker stands ready, so that a plug does not wait for a process to start; each serves one claim and is thrown away.
After an admission the next one is started late, so that it takes no processor from what the plug waits for: udev and udisks
look at the disk for a while after it is there; for the same reason the one that was used ends only then. When a stick is gone
both happens at once, because another may follow.
Time and bytes are limited here, because the worker cannot be trusted to do it.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from guard.core.descriptors import Alternate
from guard.core.errors import Broken, Hostile
from guard.core.ports import MOST_DISCARDED, Claim
from guard.core.unit import Unit
from guard.usb.wire import HELLO, MAX_DATA, MAX_PACKET, Request, Verb, pack_open, parse_answer, parse_units

SOCKET = Path("/run/media-guard/reader.sock")
START_SECONDS = 20.0  # until a fresh worker is locked in, on a slow and busy computer
ANSWER_SECONDS = 60.0  # one command with all its recoveries
CLAIM_SECONDS = 60.0  # all waiting of one claim together, and one second more for each of these:
SLOWEST = 64 * 1024  # bytes a second; what is slower is no medium
LOOKED_AT_SECONDS = 5.0  # a disk is new that long for udev and udisks, on a slow computer
MOST_USED = 8  # that wait for their end
MOST_BYTES = 1 << 30  # in one claim, both ways, and beyond that each unit whole so many times:
WHOLE = 3  # overwritten, read back, and something over
Connect = Callable[[], socket.socket]


class Reader:
    """Starts readers. `connect` gives the socket of a fresh one."""

    def __init__(self, connect: Connect | None = None, spin_up_seconds: int = 30) -> None:
        """Without `connect`, systemd's socket starts the reader."""
        self._connect = connect or _through_systemd
        self._spin_up_seconds = spin_up_seconds
        self._ready: socket.socket | None = None
        self._used: list[socket.socket] = []
        self._later: asyncio.TimerHandle | None = None
        # Many sticks at once: as many workers start together as there are processors, or all would be too late.
        self._starts = asyncio.Semaphore(max(2, os.cpu_count() or 1))

    def prepare_later(self, seconds: float = LOOKED_AT_SECONDS) -> None:
        """Have a worker stand ready when that time is over; a claim that comes before starts its own."""
        if self._later is not None:
            self._later.cancel()
        self._later = asyncio.get_running_loop().call_later(seconds, self.prepare)

    def prepare(self) -> None:
        """Have a worker stand ready; where none can be started, the next claim says so. Those that are used up end."""
        while self._used:
            self._used.pop().close()
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
        async with self._starts:
            channel = await self._hand_over(question.pack(), usbfs)
        try:
            answer = await _answer(channel, self._spin_up_seconds + CLAIM_SECONDS / 2)
            yield _ReaderClaim(channel, parse_units(parse_answer(answer, None)))
        except BaseException:
            channel.close()
            raise
        self._let_go(channel)

    def _let_go(self, channel: socket.socket) -> None:
        """The worker gives the device back (the gate takes it away in any case) and ends when the next one is prepared."""
        try:
            channel.send(Request(Verb.CLOSE, 0, 0, 0).pack())
        except OSError:
            channel.close()
            return
        self._used.append(channel)
        if len(self._used) > MOST_USED:
            self._used.pop(0).close()

    async def _hand_over(self, packet: bytes, usbfs: int) -> socket.socket:
        """The worker that stands ready may have ended meanwhile; then a fresh one. Only one that is locked in gets anything."""
        for _ in range(2):
            channel, self._ready = self._ready, None
            try:
                channel = channel or self._connect()
                channel.setblocking(False)
                if await _locked_in(channel):
                    socket.send_fds(channel, [packet], [usbfs])
                    return channel
            except OSError:
                pass
            except BaseException:  # cancelled
                if channel is not None:
                    channel.close()
                raise
            if channel is not None:
                channel.close()
        raise Broken("reader-unavailable")


class _ReaderClaim:
    def __init__(self, channel: socket.socket, units: tuple[Unit, ...]) -> None:
        self._channel, self._units = channel, units
        self._left = MOST_BYTES + WHOLE * sum(unit.capacity for unit in units)
        self._seconds = CLAIM_SECONDS
        self._lock = asyncio.Lock()
        self._in_step = True

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

    async def read_last(self, lun: int) -> bytes:
        return await self._ask(Request(Verb.READ_LAST, lun, 0, 0), self._unit(lun, 0, 0).block_size)

    async def write_last(self, lun: int, data: bytes) -> None:
        if len(data) != self._unit(lun, 0, 0).block_size:
            raise RuntimeError("the last block is one block")
        await self._ask(Request(Verb.WRITE_LAST, lun, 0, 0, data), 0)

    async def discard(self, lun: int, offset: int, length: int) -> bool:
        unit = self._unit(lun, 0, 0)
        blocks, size = length // unit.block_size, unit.block_size
        if offset % size or length % size or not 0 < length <= MOST_DISCARDED or offset + length >= unit.capacity:
            raise RuntimeError("a discard is whole blocks, at most 1 GiB, and not of the last one")
        return await self._ask(Request(Verb.UNMAP, lun, offset // size, blocks), 1) == b"\1"

    async def flush(self, lun: int) -> None:
        self._unit(lun, 0, 0)
        await self._ask(Request(Verb.FLUSH, lun, 0, 0), 0)

    async def _ask(self, question: Request, length: int) -> bytes:
        size = length + len(question.data)
        async with self._lock:
            self._left -= size
            if self._left < 0 or not self._in_step:
                raise Hostile("device-protocol")
            # Until the whole answer is there: a question that is given up must not leave its answer to the next one.
            self._in_step = False
            clock = asyncio.get_running_loop().time
            self._seconds += size / SLOWEST
            started = clock()
            try:
                await asyncio.get_running_loop().sock_sendall(self._channel, question.pack())
            except OSError:
                raise Hostile("device-protocol") from None
            untrusted = await _answer(self._channel, min(ANSWER_SECONDS, self._seconds))
            self._seconds -= clock() - started
            self._in_step = True
            return parse_answer(untrusted, length)

    def _unit(self, lun: int, offset: int, length: int) -> Unit:
        if not 0 <= lun < len(self._units):
            raise RuntimeError(f"there is no unit {lun}")
        unit = self._units[lun]
        if offset < 0 or offset % unit.block_size or length % unit.block_size or not 0 <= length <= 1 << 20:
            raise RuntimeError("reads and writes are whole blocks, at most 1 MiB")
        if length and offset + length >= unit.capacity:
            raise Hostile("device-read-error", lun=lun, block=offset // unit.block_size)
        return unit


async def _locked_in(channel: socket.socket) -> bool:
    """Whether the worker has said that it is locked in; systemd hangs up where it cannot start one."""
    try:
        async with asyncio.timeout(START_SECONDS):
            return await asyncio.get_running_loop().sock_recv(channel, len(HELLO) + 1) == HELLO
    except TimeoutError:
        return False


async def _answer(channel: socket.socket, seconds: float) -> bytes:
    """One packet; a worker that is too slow says nothing."""
    try:
        async with asyncio.timeout(seconds):
            return await asyncio.get_running_loop().sock_recv(channel, MAX_PACKET + 1)
    except TimeoutError:
        raise Hostile("device-hangs") from None
    except OSError:
        raise Hostile("device-protocol") from None


def _through_systemd() -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
    try:
        channel.connect(str(SOCKET))
    except OSError:
        channel.close()
        raise
    return channel
