"""Cutting the stream from the bus into messages, so that no stranger's message can end or stall the connection.

dbus-next 0.2.3 gives the connection up on a message type or header field it does not know, parses a message of any size
before anybody can refuse it, reads on for as long as there is anything to read, and keeps every signature it ever met.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from dbus_next import Message, SignatureTree
from dbus_next._private.unmarshaller import Unmarshaller

CHUNK = 32 * 1024  # read at a time; then everybody else has a turn
LONGEST_CALL = 64 * 1024  # calls and signals; nothing of ours comes near
LONGEST_ANSWER = 32 * 1024 * 1024  # answers come only when asked for
_LONGEST = 128 * 1024 * 1024  # D-Bus specification, "Message Format"
_FIXED = 16
_ANSWERS, _KNOWN = (2, 3), (1, 2, 3, 4)
_MOST_SIGNATURES = 512
_UNREADABLE = (
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    RecursionError,
    struct.error,
)


class Unframed(Exception):
    """The stream makes no sense any more; only a broken bus sends such a thing."""


@dataclass(slots=True)
class Frames:
    """Bytes in, messages out. `feed` gives each message and whether it was too long: then it has no body."""

    _inbox: bytearray = field(default_factory=bytearray)
    _skipping: int = 0

    def feed(self, data: bytes) -> Iterator[tuple[Message, bool]]:
        """Take bytes as they come.

        Raises:
            Unframed: when the connection cannot go on.
        """
        passed = min(self._skipping, len(data))
        self._skipping -= passed
        self._inbox += data[passed:]
        while len(self._inbox) >= _FIXED:
            kind, head, whole = _measure(self._inbox)
            longest = LONGEST_ANSWER if kind in _ANSWERS else LONGEST_CALL
            too_long = whole > longest
            wanted = whole if not too_long else head if head <= longest else _FIXED
            if len(self._inbox) < wanted:
                break
            frame = bytes(self._inbox[:wanted])
            self._skipping = max(0, whole - len(self._inbox))
            del self._inbox[:whole]
            message = _parse(_without_body(frame) if too_long else frame) if kind in _KNOWN else None
            if message is not None:
                yield message, too_long
        if len(SignatureTree._cache) > _MOST_SIGNATURES:  # noqa: SLF001 - the library never forgets one
            SignatureTree._cache.clear()  # noqa: SLF001


def _measure(inbox: bytearray) -> tuple[int, int, int]:
    """Type, length of the header with its padding, length of the whole message."""
    if inbox[0] not in b"lB":
        raise Unframed("no byte order")
    order = "<" if inbox[0] == ord("l") else ">"
    (body,) = struct.unpack_from(f"{order}I", inbox, 4)
    (fields,) = struct.unpack_from(f"{order}I", inbox, 12)
    head = _FIXED + (fields + 7) // 8 * 8
    if head + body > _LONGEST:
        raise Unframed("too long for any message")
    return inbox[1], head, head + body


def _without_body(frame: bytes) -> bytes:
    return frame[:4] + bytes(4) + frame[8:]


def _parse(frame: bytes) -> Message | None:
    """The message; None for one that the library cannot read, which is left out."""
    try:
        found = Unmarshaller(io.BytesIO(frame)).unmarshall()  # type: ignore[no-untyped-call]
    except _UNREADABLE:
        return None
    return found if isinstance(found, Message) else None
