"""The few SCSI commands that the gate needs, as sticks understand them (SPC-4, SBC-3; quirks as in drivers/usb/storage)."""

import struct
import time
from collections.abc import Callable

from guard.core.errors import Hostile
from guard.core.unit import Unit
from guard.usb.bulk_only import GOOD, BulkOnly

CHUNK = 32 * 1024  # bytes; many devices have trouble with more in one command
BLOCK_SIZES = (512, 1024, 2048, 4096)
_PAUSE = 0.2  # seconds between two questions whether a disk has spun up
_START_MILLISECONDS = 30_000
_WRITE_MILLISECONDS = 20_000  # cheap flash tidies up before it takes more
_SMALL = 4 * 1024  # bytes; what a few devices do not give in one piece, they give in pieces of this
_NO_DEVICE = 0x1F  # peripheral type: nothing is there and nothing ever will be (SPC-4, 6.4.2)
_MOST_UNMAPPED = 1 << 22  # blocks; who says that there is no limit gets this one
_SENSE_TRIES = 12  # unit attentions and empty senses in a row before a device is given up
_NOT_READY, _ILLEGAL, _ATTENTION, _PROTECTED = 2, 5, 6, 7
_ABSENT, _BECOMING, _NEEDS_START = 0x3A, (0x04, 0x01), (0x04, 0x02)


class Scsi:
    """Commands for the units behind one interface."""

    def __init__(
        self,
        transport: BulkOnly,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`pause` is what waits while a disk spins up, `clock` what says how long that has taken; both in seconds."""
        self._transport, self._pause, self._clock = transport, pause, clock

    def units(self, spin_up_seconds: float) -> list[Unit]:
        """Every unit of the device, empty slots with `blocks` 0.

        Raises:
            Hostile: `device-...`.
        """
        deadline = self._clock() + spin_up_seconds
        return [self._unit(lun, deadline) for lun in range(self._transport.max_lun() + 1)]

    def read(self, unit: Unit, block: int, count: int) -> bytes:
        """READ(10), or READ(16) behind its reach; what does not come in one piece is asked for in small ones.

        Raises:
            Hostile: `device-read-error`.
        """
        self._check(unit, block, count)
        return self._read_well(unit, block, count)

    def read_last(self, unit: Unit) -> bytes:
        """The last block, for who has to see all of a medium; a device that says one too many has none.

        Raises:
            Hostile: `device-read-error`.
        """
        return self._read_well(unit, unit.blocks - 1, 1)

    def _read_well(self, unit: Unit, block: int, count: int) -> bytes:
        found = self._read(unit, block, count)
        small = max(1, _SMALL // unit.block_size)
        if found is not None:
            return found
        whole = b""
        for start in range(block, block + count, small) if count > small else ():
            piece = self._read(unit, start, min(small, block + count - start))
            if piece is None:
                break
            whole += piece
        else:
            if whole:
                return whole
        raise Hostile("device-read-error", lun=unit.lun, block=block)

    def _read(self, unit: Unit, block: int, count: int) -> bytes | None:
        length = count * unit.block_size
        for _ in range(3):
            answer = self._transport.receive(unit.lun, _address(0x28, 0x88, block, count), length)
            if answer.status == GOOD and len(answer.data) == length:
                return answer.data
            self._sense(unit.lun)
        return None

    def write(self, unit: Unit, block: int, data: bytes) -> None:
        """WRITE(10), or WRITE(16) behind its reach.

        Raises:
            Hostile: `device-write-protected`, `device-write-error`.
        """
        count = len(data) // unit.block_size
        self._check(unit, block, count)
        self._write(unit, block, count, data)

    def write_last(self, unit: Unit, data: bytes) -> None:
        """The last block, as `read_last`.

        Raises:
            Hostile: `device-write-protected`, `device-write-error`.
        """
        self._write(unit, unit.blocks - 1, 1, data)

    def _write(self, unit: Unit, block: int, count: int, data: bytes) -> None:
        for _ in range(3):
            answer = self._transport.send(unit.lun, _address(0x2A, 0x8A, block, count), data, _WRITE_MILLISECONDS)
            if answer.status == GOOD:
                return
            if self._sense(unit.lun)[0] == _PROTECTED:
                raise Hostile("device-write-protected")
        raise Hostile("device-write-error", lun=unit.lun, block=block)

    def unmap(self, unit: Unit, block: int, count: int) -> bool:
        """UNMAP (SBC-3, 5.28), in pieces as large as the device takes; False where it does not offer or not do it."""
        if not 0 <= block < block + count < unit.blocks:
            raise Hostile("device-write-error", lun=unit.lun, block=block)
        most = self._most_unmapped(unit.lun)
        for start in range(block, block + count, most) if most else ():
            part = min(most, block + count - start)
            words = struct.pack(">HHIQII", 22, 16, 0, start, part, 0)
            command = struct.pack(">BBIBHB", 0x42, 0, 0, 0, len(words), 0)
            if self._transport.send(unit.lun, command, words, _WRITE_MILLISECONDS).status != GOOD:
                self._sense(unit.lun)
                return False
        return bool(most)

    def _most_unmapped(self, lun: int) -> int:
        """Blocks in one UNMAP, 0 where it is not offered (SBC-3, 6.5.3 and 6.5.4); asked only of what is being cleared."""
        provisioning, limits = self._page(lun, 0xB2), self._page(lun, 0xB0)
        if len(provisioning) < 6 or not provisioning[5] & 0x80 or len(limits) < 28:
            return 0
        blocks, descriptors = struct.unpack_from(">II", limits, 20)
        return min(blocks, _MOST_UNMAPPED) if descriptors else 0

    def _page(self, lun: int, number: int) -> bytes:
        """A page of vital product data; nothing where the device does not have it."""
        answer = self._transport.receive(lun, bytes([0x12, 1, number, 0, 64, 0]), 64)
        if answer.status != GOOD:
            self._sense(lun)
            return b""
        return answer.data if answer.data[1:2] == bytes([number]) else b""

    def flush(self, unit: Unit) -> None:
        """SYNCHRONIZE CACHE(10); a device that does not know it has no cache.

        Raises:
            Hostile: `device-write-error`.
        """
        for _ in range(3):
            if self._transport.send(unit.lun, bytes([0x35]).ljust(10, b"\0"), milliseconds=30_000).status == GOOD:
                return
            if self._sense(unit.lun)[0] == _ILLEGAL:
                return
        raise Hostile("device-write-error", lun=unit.lun, block=0)

    def _unit(self, lun: int, deadline: float) -> Unit:
        inquiry = self._inquiry(lun)
        kind = inquiry[0] & 0x1F
        if inquiry[0] >> 5:  # the kernel makes no disk of what is not connected
            return Unit(lun, _NO_DEVICE, inquiry, 0, 512, None)
        if kind != 0:
            return Unit(lun, kind, inquiry, 1, 512, None)
        if not self._ready(lun, deadline):
            return Unit(lun, kind, inquiry, 0, 512, None)
        blocks, size = self._capacity(lun)
        if size not in BLOCK_SIZES or not 0 < blocks < 1 << 48:
            raise Hostile("device-block-size", size=size)
        return Unit(lun, kind, inquiry, blocks, size, self._write_protected(lun))

    def _inquiry(self, lun: int) -> bytes:
        """Exactly 36 bytes are asked for: many devices choke on more or less; a shorter answer is taken."""
        for _ in range(3):
            answer = self._transport.receive(lun, bytes([0x12, 0, 0, 0, 36, 0]), 36)
            if answer.status == GOOD and len(answer.data) >= 5:
                return answer.data
            self._sense(lun)
        raise Hostile("device-protocol")

    def _ready(self, lun: int, deadline: float) -> bool:
        """True when the medium can be read, False for an empty slot; waits for a disk that spins up."""
        started, odd = False, 0
        while True:
            if self._transport.send(lun, bytes(6)).status == GOOD:
                return True
            key, code = self._sense(lun)
            if key == _NOT_READY and code[0] == _ABSENT:
                return False
            if key == _NOT_READY and code == _NEEDS_START and not started:
                started = True
                command = bytes([0x1B, 0, 0, 0, 1, 0])
                if self._transport.send(lun, command, milliseconds=_START_MILLISECONDS).status != GOOD:
                    self._sense(lun)
            elif key == _ATTENTION:
                odd += 1
            else:
                odd += key != _NOT_READY
                self._pause(_PAUSE)
            if odd > _SENSE_TRIES or self._clock() > deadline:
                raise Hostile("device-not-ready")

    def _sense(self, lun: int) -> tuple[int, tuple[int, int]]:
        """REQUEST SENSE with exactly 18 bytes: key, code and qualifier; zeros where the device has nothing to say."""
        answer = self._transport.receive(lun, bytes([0x03, 0, 0, 0, 18, 0]), 18)
        data = answer.data.ljust(18, b"\0")
        return data[2] & 0x0F, (data[12], data[13])

    def _capacity(self, lun: int) -> tuple[int, int]:
        """READ CAPACITY(10); (16) only where (10) cannot tell, because some devices crash on it."""
        short = self._must(lun, bytes([0x25]).ljust(10, b"\0"), 8, 8)
        last, size = struct.unpack(">II", short)
        if last == 0xFFFFFFFF:
            long = self._must(lun, struct.pack(">BBQIBB", 0x9E, 0x10, 0, 32, 0, 0), 32, 12)
            last, size = struct.unpack_from(">QI", long)
        return last + 1, size

    def _write_protected(self, lun: int) -> bool | None:
        """MODE SENSE(6), all pages with 192 bytes as Windows asks, else 4 bytes, else not known."""
        for length in (192, 4):
            answer = self._transport.receive(lun, bytes([0x1A, 0, 0x3F, 0, length, 0]), length)
            if answer.status == GOOD and len(answer.data) >= 4:
                return bool(answer.data[2] & 0x80)
            self._sense(lun)
        return None

    def _must(self, lun: int, command: bytes, length: int, least: int) -> bytes:
        for _ in range(3):
            answer = self._transport.receive(lun, command, length)
            if answer.status == GOOD and len(answer.data) >= least:
                return answer.data
            self._sense(lun)
        raise Hostile("device-protocol")

    def _check(self, unit: Unit, block: int, count: int) -> None:
        """The last block is never touched but by its own verbs: some devices say one too many."""
        if not 0 < count * unit.block_size <= CHUNK:
            raise RuntimeError("a command moves one to 32 KiB")
        if not 0 <= block < block + count < unit.blocks:
            raise Hostile("device-read-error", lun=unit.lun, block=block)


def _address(ten: int, sixteen: int, block: int, count: int) -> bytes:
    if block + count < 1 << 32:
        return struct.pack(">BBIBHB", ten, 0, block, 0, count, 0)
    return struct.pack(">BBQIBB", sixteen, 0, block, count, 0, 0)
