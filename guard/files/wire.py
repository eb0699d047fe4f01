"""Messages between the daemon and its lister. The daemon takes the lister for hostile: a file system may have taken it over."""

import struct
from dataclasses import dataclass
from enum import IntEnum

from guard.core.errors import Hostile
from guard.core.manifest import LONGEST_PATH, Cut, Entry, parse_entries
from guard.core.volumes import Volume, Wish

MAX_PACKET = 64 * 1024
BATCH = 32 * 1024  # bytes of entries after which a packet is sent
_JOB = struct.Struct(">BQIQqIH")
_END = struct.Struct(">BI")
_VERSION = 1


class Tag(IntEnum):
    """What an answer is; its first byte."""

    ENTRIES = 1
    END = 2
    GONE = 3


@dataclass(frozen=True, slots=True)
class End:
    """The last answer of a listing."""

    cut: Cut
    unread: int


def pack_job(volume: Volume, wish: Wish) -> bytes:
    """The one question."""
    limits = (wish.seconds, wish.hash_up_to, wish.hash_since, wish.entries, wish.depth)
    return _JOB.pack(_VERSION, volume.device, *limits) + volume.path


def unpack_job(packet: bytes) -> tuple[Volume, Wish]:
    """The lister's side.

    Raises:
        ValueError, struct.error: for anything that the daemon would not send.
    """
    version, device, seconds, up_to, since, entries, depth = _JOB.unpack_from(packet)
    path = packet[_JOB.size :]
    if version != _VERSION or not path.startswith(b"/") or len(path) > LONGEST_PATH:
        raise ValueError("a question that the daemon does not ask")
    return Volume(0, device, path), Wish(seconds, up_to, since, entries, depth)


def pack_entries(packed: bytes) -> bytes:
    """An answer with entries, packed already."""
    return bytes([Tag.ENTRIES]) + packed


def pack_end(end: End) -> bytes:
    """The answer after the last entry."""
    return bytes([Tag.END]) + _END.pack(end.cut, min(end.unread, 0xFFFFFFFF))


def pack_gone() -> bytes:
    """The answer where the file system is not mounted any more."""
    return bytes([Tag.GONE])


def parse_answer(untrusted: bytes) -> list[Entry] | End:
    """The daemon's side.

    Raises:
        Hostile: `manifest-gone`, or `manifest-answer` for what no honest lister would say, nothing included: then it is dead.
    """
    if untrusted[:1] == bytes([Tag.GONE]) and len(untrusted) == 1:
        raise Hostile("manifest-gone")
    if untrusted[:1] == bytes([Tag.ENTRIES]) and len(untrusted) <= MAX_PACKET:
        return list(parse_entries(untrusted[1:]))
    if untrusted[:1] == bytes([Tag.END]) and len(untrusted) == 1 + _END.size:
        cut, unread = _END.unpack_from(untrusted, 1)
        if cut in tuple(Cut):
            return End(Cut(cut), unread)
    raise Hostile("manifest-answer")
