"""A stick in Python that speaks bulk-only transport, strictly, and misbehaves by name. Its time is not real time."""

import struct
from collections import Counter
from dataclasses import dataclass, field

from guard.usb.usbfs import Babbled, Gone, Stalled, TimedOut

IN, OUT = 0x81, 0x02
NOT_READY, MEDIUM, HARDWARE, ILLEGAL, ATTENTION, PROTECTED = 2, 3, 4, 5, 6, 7
MOST_CALLS = 20_000
_DISK = bytes([0, 0x80, 4, 2, 31, 0, 0, 0]) + b"Maker   Stick           1.00"


@dataclass
class Slot:
    """One logical unit; `blocks` 0 is an empty slot."""

    blocks: int = 16384
    block_size: int = 512
    inquiry: bytes = _DISK
    protect: str = "off"  # off, on, short (only the 4-byte question), never
    bad: frozenset[int] = frozenset()
    written: dict[int, bytes] = field(default_factory=dict)
    unmaps: int = 0  # most blocks in one UNMAP; 0: it does not know it
    let_go: list[tuple[int, int]] = field(default_factory=list)

    def content(self, block: int) -> bytes:
        return self.written.get(block, struct.pack(">Q", block) * (self.block_size // 8))


class Stick:
    """The device's side. `faults` says how many times each misbehaviour happens."""

    def __init__(self, *slots: Slot, **faults: int) -> None:
        self.slots = slots or (Slot(),)
        self.left = Counter({name.replace("_", "-"): times for name, times in faults.items()})
        self.now = 0.0
        self.calls = 0
        self.commands: list[int] = []
        self.touched: set[tuple[int, int]] = set()
        self.resets = 0
        self.started = False
        self._halted: set[int] = set()
        self._wedged = False  # after a phase error only a reset recovery helps
        self._sense = (0, 0, 0)
        self._queue: list[bytes] = []
        self._tag = b""
        self._taking: tuple[Slot, int, int, int] | None = None
        self._unmapping: Slot | None = None

    # What the transport calls

    def bulk_out(self, endpoint: int, data: bytes, milliseconds: int) -> int:
        self._alive(endpoint, OUT)
        if self._taking is not None:
            slot, lun, block, count = self._taking
            self._taking = None
            if self._hit("hang-write"):
                self._wait(milliseconds)
            assert len(data) == count * slot.block_size
            if self._hit("write-stall"):
                self._halted.add(OUT)
                self._fail(MEDIUM, 0x0C, 0)
                self._status(1)
                raise Stalled
            for number in range(count):
                self.touched.add((lun, block + number))
                slot.written[block + number] = data[number * slot.block_size : (number + 1) * slot.block_size]
            self._status(0)
            return len(data)
        if self._unmapping is not None:
            self._let_go(self._unmapping, data)
            return len(data)
        if self._hit("hang-command"):
            self._wait(milliseconds)
        if self._wedged or self._queue or len(data) != 31 or data[:4] != b"USBC":
            self._halted |= {IN, OUT}
            raise Stalled
        self._tag = data[4:8]
        (wanted,) = struct.unpack_from("<I", data, 8)
        self._run(data[13], data[15 : 15 + data[14]], wanted)
        return 31

    def _let_go(self, slot: Slot, data: bytes) -> None:
        """UNMAP with one descriptor; what is let go of reads as zeros, or as an old stick's leftovers."""
        self._unmapping = None
        length, descriptors, start, count = struct.unpack(">HHxxxxQIxxxx", data)
        assert (length, descriptors) == (22, 16)
        assert 0 < count <= slot.unmaps
        slot.let_go.append((start, count))
        for block in range(start, start + count):
            if self.left["leftovers"]:
                slot.written.pop(block, None)
            else:
                slot.written[block] = bytes(slot.block_size)
        self._status(1 if self._hit("no-unmap") else 0)

    def bulk_in(self, endpoint: int, length: int, milliseconds: int) -> bytes:
        self._alive(endpoint, IN)
        if not self._queue:
            self._wait(milliseconds)
        packet = self._queue.pop(0)
        if packet == b"STALL":
            self._halted.add(IN)
            raise Stalled
        if packet == b"HANG":
            self._wait(milliseconds)
        if len(packet) > length:
            self._queue.clear()
            raise Babbled
        return packet

    def control(self, kind: int, request: int, value: int, index: int, length: int, milliseconds: int) -> bytes:
        self._alive(None, None)
        if (kind, request) == (0x21, 0xFF):
            if self._hit("hang-reset"):
                self._wait(milliseconds)
            self.resets += 1
            self._wedged, self._queue, self._taking = False, [], None
            return b""
        assert (kind, request, length) == (0xA1, 0xFE, 1)
        if self._hit("max-lun-stall"):
            raise Stalled
        if self._hit("max-lun-hang"):
            self._wait(milliseconds)
        if self._hit("max-lun-empty"):
            return b""
        return b"\xff" if self._hit("max-lun-255") else bytes([len(self.slots) - 1])

    def clear_halt(self, endpoint: int) -> None:
        self._alive(None, None)
        self._halted.discard(endpoint)

    # What it does

    def _alive(self, endpoint: int | None, own: int | None) -> None:
        self.calls += 1
        self.now += 0.001
        assert self.calls < MOST_CALLS, "the transport does not end"
        assert endpoint == own
        if self.left["gone-after"] and self.calls >= self.left["gone-after"]:
            raise Gone
        if endpoint in self._halted:
            raise Stalled

    def _wait(self, milliseconds: int) -> None:
        self.now += milliseconds / 1000
        raise TimedOut

    def _hit(self, name: str) -> bool:
        if self.left[name] > 0:
            self.left[name] -= 1
            return True
        return False

    def _fail(self, *sense: int) -> bytes | None:
        self._sense = (sense[0], sense[1], sense[2])
        return None

    def _status(self, status: int) -> None:
        signature = b"USBS" if not self.left["odd-signature"] else b"SUSB"
        tag = self._tag if not self._hit("wrong-tag") else b"\xff\xff\xff\xff"
        residue = 0 if not self.left["residue"] else 0xDEADBEEF
        if self._hit("phase-error"):
            status, self._wedged = 2, True
        if self._hit("empty-before-status"):
            self._queue.append(b"")
        if self._hit("stall-status"):
            self._queue.append(b"STALL")
        whole = signature + tag + struct.pack("<IB", residue, status)
        self._queue.append(whole[:12] if self._hit("short-status") else whole)

    def _run(self, lun: int, command: bytes, wanted: int) -> None:
        self.commands.append(command[0])
        answer = self._answer(lun, command)
        if command[0] in (0x2A, 0x8A) and answer is not None:
            self._taking = (self.slots[lun], lun, *_address(command))
        elif command[0] == 0x42 and answer is not None:
            self._unmapping = self.slots[lun]
        elif answer is None:
            if wanted:
                self._queue.append(b"STALL")
            self._status(1)
        elif command[0] in (0x28, 0x88) and self._hit("stall-data"):
            self._queue.append(b"STALL")
            self._fail(HARDWARE, 0x44, 0)
            self._status(1)
        elif command[0] in (0x28, 0x88) and self._hit("hang"):
            self._queue.append(b"HANG")
        elif command[0] in (0x28, 0x88) and self._hit("status-for-data"):
            self._status(1)
        elif command[0] in (0x28, 0x88) and self._hit("babble"):
            self._queue += [answer + bytes(512)]
        elif self.left["one-byte"] and len(answer) > 1:
            self._queue += [bytes([byte]) for byte in answer]
            self._status(0)
        else:
            if wanted:
                self._queue.append(answer[:wanted])
            self._status(0)

    def _answer(self, lun: int, command: bytes) -> bytes | None:
        """The data of a command, None for one that fails."""
        slot, code = self.slots[lun], command[0]
        if code == 0x03:
            key, additional, qualifier = self._sense
            self._sense = (0, 0, 0)
            return bytes([0x70, 0, key, 0, 0, 0, 0, 10, 0, 0, 0, 0, additional, qualifier, 0, 0, 0, 0])
        if code == 0x12:
            if command[1]:
                return self._page(slot, command[2])
            assert command[4] == 36
            return slot.inquiry
        if code == 0x1B:
            self.started = True
            return b""
        if code == 0x1A:
            if slot.protect == "never" or (slot.protect == "short" and command[4] != 4):
                return self._fail(ILLEGAL, 0x24, 0)
            return bytes([3, 0, 0x80 if slot.protect in ("on", "short") else 0, 0])
        if code == 0x42 and slot.unmaps:
            return b""
        if code == 0x35:
            return self._fail(ILLEGAL, 0x20, 0) if self.left["no-flush"] else b""
        return self._media_answer(lun, slot, command)

    def _page(self, slot: Slot, number: int) -> bytes | None:
        if not slot.unmaps or number not in (0xB0, 0xB2):
            return self._fail(ILLEGAL, 0x24, 0)
        if number == 0xB2:
            return bytes([0, 0xB2, 0, 4, 0, 0x80, 0, 0])
        return bytes([0, 0xB0, 0, 60]).ljust(20, b"\0") + struct.pack(">II", slot.unmaps, 1).ljust(44, b"\0")

    def _media_answer(self, lun: int, slot: Slot, command: bytes) -> bytes | None:
        code = command[0]
        if self._hit("attention"):
            return self._fail(ATTENTION, 0x29, 0)
        if not slot.blocks:
            return self._fail(NOT_READY, 0x3A, 0)
        if self.left["needs-start"] and not self.started:
            return self._fail(NOT_READY, 4, 2)
        if self._hit("becoming"):
            return self._fail(NOT_READY, 4, 1)
        if self._hit("silent-failure"):
            return self._fail(0, 0, 0)
        if code == 0x00:
            return b""
        if code == 0x25:
            return struct.pack(">II", min(slot.blocks - 1, 0xFFFFFFFF), slot.block_size)
        if code == 0x9E:
            return struct.pack(">QI", slot.blocks - 1, slot.block_size).ljust(32, b"\0")
        block, count = _address(command)
        if code in (0x28, 0x88):
            asked = range(block, block + count)
            self.touched |= {(lun, number) for number in asked}
            if slot.bad & set(asked) or count > (self.left["most-blocks"] or count):
                return self._fail(MEDIUM, 0x11, 0)
            return b"".join(map(slot.content, asked))
        if code in (0x2A, 0x8A):
            return self._fail(PROTECTED, 0x27, 0) if slot.protect == "on" else b""
        return self._fail(ILLEGAL, 0x20, 0)


def _address(command: bytes) -> tuple[int, int]:
    if command[0] in (0x28, 0x2A):
        block, count = struct.unpack(">xxIxHx", command)
    else:
        block, count = struct.unpack(">xxQIxx", command)
    return block, count
