"""Bulk-only transport (USB Mass Storage Class, Bulk-Only Transport 1.0), with the recoveries that real sticks need.

Where the kernel knows better than the specification, this does what the kernel does (drivers/usb/storage/transport.c). Every
loop has an end; what is still wrong after it is an error. There is no USB reset here: it would bind the kernel's driver in spite
of the claim.
"""

import struct
from typing import NamedTuple

from guard.core.errors import Hostile
from guard.usb.usbfs import Babbled, Gone, Pipe, Stalled, TimedOut, TransferError

_COMMAND, _STATUS = 0x43425355, b"USBS"
_WRAPPER = 13
TIMEOUT = 5_000  # milliseconds for one stage
TRIES = 3  # of one command
HANGS = 2  # of these, how many may end without an answer in time
_RECOVERY_TIMEOUT = 2_000  # milliseconds; a device that does not even answer this is lost
GOOD, FAILED = 0, 1


class Answer(NamedTuple):
    """What came back: the data, and whether the command succeeded."""

    data: bytes
    status: int


class BulkOnly:
    """One interface with its two bulk endpoints."""

    def __init__(self, pipe: Pipe, interface: int, endpoint_in: int, endpoint_out: int) -> None:
        """Addresses as in the descriptors."""
        self._pipe, self._interface = pipe, interface
        self._in, self._out = endpoint_in, endpoint_out
        self._tag = 0
        self._signature = b""

    def max_lun(self) -> int:
        """GET MAX LUN; a device that stalls, hangs or says nothing has one unit."""
        try:
            answer = self._pipe.control(0xA1, 0xFE, 0, self._interface, 1, TIMEOUT)
        except Gone:
            raise Hostile("device-gone") from None
        except TransferError:
            return 0
        return answer[0] if answer and answer[0] < 16 else 0  # as the kernel does: what cannot be is none

    def receive(self, lun: int, command: bytes, length: int, milliseconds: int = TIMEOUT) -> Answer:
        """A command whose data comes from the device.

        Raises:
            Hostile: `device-gone`, `device-hangs`, `device-protocol`.
        """
        return self._retry(lun, command, length, b"", milliseconds)

    def send(self, lun: int, command: bytes, data: bytes = b"", milliseconds: int = TIMEOUT) -> Answer:
        """A command with data for the device, or with none.

        Raises:
            Hostile: as `receive`.
        """
        return self._retry(lun, command, 0, data, milliseconds)

    def _retry(self, lun: int, command: bytes, length: int, data: bytes, milliseconds: int) -> Answer:
        hangs = 0
        for _ in range(TRIES):
            try:
                return self._once(lun, command, length, data, milliseconds)
            except Gone:
                raise Hostile("device-gone") from None
            except TimedOut:
                hangs += 1
                if hangs == HANGS:
                    raise Hostile("device-hangs") from None
            except TransferError:
                pass
            self._recover()
        raise Hostile("device-protocol")

    def _once(self, lun: int, command: bytes, length: int, data: bytes, milliseconds: int) -> Answer:
        self._tag = (self._tag + 1) & 0xFFFFFFFF
        wanted = length or len(data)
        wrapper = struct.pack("<IIIBBB", _COMMAND, self._tag, wanted, 0x80 if length else 0, lun, len(command))
        if self._pipe.bulk_out(self._out, wrapper + command.ljust(16, b"\0"), milliseconds) != 31:
            raise Babbled
        received = b""
        try:
            if length:
                received = self._pipe.bulk_in(self._in, length, milliseconds)
            elif data and self._pipe.bulk_out(self._out, data, milliseconds) != len(data):
                raise Babbled
        except Stalled:
            self._pipe.clear_halt(self._in if length else self._out)
        if length != _WRAPPER and self._is_status(received):  # the status came in the place of the data
            return Answer(b"", self._checked(received))
        return Answer(received, self._checked(self._read_status(milliseconds)))

    def _read_status(self, milliseconds: int) -> bytes:
        for _ in range(2):
            try:
                found = self._pipe.bulk_in(self._in, _WRAPPER, milliseconds)
            except Stalled:
                self._pipe.clear_halt(self._in)
                continue
            if found:  # some send an empty packet first
                return found
        return self._pipe.bulk_in(self._in, _WRAPPER, milliseconds)

    def _is_status(self, data: bytes) -> bool:
        signature = self._signature or _STATUS
        return len(data) == _WRAPPER and data[:8] == signature + self._tag.to_bytes(4, "little")

    def _checked(self, status: bytes) -> int:
        if len(status) != _WRAPPER or status[4:8] != self._tag.to_bytes(4, "little") or status[12] > FAILED:
            raise Babbled
        if not self._signature:
            self._signature = status[:4]  # some are odd; as the kernel does: learn it once, then insist on it
        if status[:4] != self._signature:
            raise Babbled
        return status[12]

    def _recover(self) -> None:
        """Reset recovery, section 5.3.4: class request, then both halts."""
        try:
            self._pipe.control(0x21, 0xFF, 0, self._interface, 0, _RECOVERY_TIMEOUT)
        except Gone:
            raise Hostile("device-gone") from None
        except TimedOut:
            raise Hostile("device-hangs") from None
        except TransferError:
            pass
        for endpoint in (self._in, self._out):
            try:
                self._pipe.clear_halt(endpoint)
            except Gone:
                raise Hostile("device-gone") from None
            except TransferError:
                continue
