"""The three usbfs ioctls that a reader needs (linux/usbdevice_fs.h): bulk transfer, control transfer, clear halt. Never a reset."""

import ctypes
import errno
import fcntl
import struct
from typing import Protocol

CONTROL, BULK, CLEAR_HALT = 0xC0185500, 0xC0185502, 0x80045515
_GONE = (errno.ENODEV, errno.ESHUTDOWN, errno.ENOENT)
_HANGS = (errno.ETIMEDOUT, errno.EINTR)


class TransferError(Exception):
    """A transfer that did not work; the device may still be fine."""


class Stalled(TransferError):
    """The endpoint is halted: clear it and go on."""


class TimedOut(TransferError):
    """No answer in time."""


class Babbled(TransferError):
    """More than was asked for, or garbage on the wire."""


class Gone(TransferError):
    """The device is not there any more."""


class Pipe(Protocol):
    """What bulk-only transport needs of a device."""

    def bulk_in(self, endpoint: int, length: int, milliseconds: int) -> bytes:
        """At most `length` bytes."""

    def bulk_out(self, endpoint: int, data: bytes, milliseconds: int) -> int:
        """How many bytes were taken."""

    def control(self, kind: int, request: int, value: int, index: int, length: int, milliseconds: int) -> bytes:
        """A class request; `kind` bit 7 says that the device sends."""

    def clear_halt(self, endpoint: int) -> None:
        """Take the halt away."""


class UsbfsPipe:
    """The same over an open usbfs descriptor."""

    def __init__(self, descriptor: int) -> None:
        """The descriptor has claimed the interface already and may do nothing else."""
        self._descriptor = descriptor

    def bulk_in(self, endpoint: int, length: int, milliseconds: int) -> bytes:
        """See `Pipe`."""
        buffer = ctypes.create_string_buffer(length)
        count = self._ioctl(BULK, struct.pack("IIIxxxxQ", endpoint, length, milliseconds, ctypes.addressof(buffer)))
        return buffer.raw[:count]

    def bulk_out(self, endpoint: int, data: bytes, milliseconds: int) -> int:
        """See `Pipe`."""
        buffer = ctypes.create_string_buffer(data, len(data))
        words = struct.pack("IIIxxxxQ", endpoint, len(data), milliseconds, ctypes.addressof(buffer))
        return self._ioctl(BULK, words)

    def control(self, kind: int, request: int, value: int, index: int, length: int, milliseconds: int) -> bytes:
        """See `Pipe`."""
        buffer = ctypes.create_string_buffer(max(1, length))
        address = ctypes.addressof(buffer)
        words = struct.pack("BBHHHIxxxxQ", kind, request, value, index, length, milliseconds, address)
        count = self._ioctl(CONTROL, words)
        return buffer.raw[:count]

    def clear_halt(self, endpoint: int) -> None:
        """See `Pipe`."""
        self._ioctl(CLEAR_HALT, struct.pack("I", endpoint))

    def _ioctl(self, number: int, words: bytes) -> int:
        try:
            count: int = fcntl.ioctl(self._descriptor, number, bytearray(words), True)
        except OSError as error:
            raise _meaning(error) from error
        return count


def _meaning(error: OSError) -> TransferError:
    if error.errno == errno.EPIPE:
        return Stalled()
    if error.errno in _HANGS:
        return TimedOut()
    if error.errno in _GONE:
        return Gone()
    return Babbled()
