"""A manifest: which files are on one file system of a medium, as a process without rights told it; and two of them compared.

Names are whatever bytes stand on the medium. They are kept as bytes, compared as bytes, and shown only through `shown`.
"""

import hashlib
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from guard.core.errors import Hostile

MOST_ENTRIES, DEEPEST, LONGEST_PATH = 100_000, 32, 4096
_ENTRY = struct.Struct(">BBQqqH")  # kind, flags, size, modified, born, length of the path; then the hash, then the path
_HASHED, _PROGRAM, _HIDDEN = 1, 2, 4
_QUARTER, _LONGEST_SHIFT = 900_000_000_000, 26 * 3_600_000_000_000  # nanoseconds


class Kind(IntEnum):
    """What an entry is. A link is never followed, and what is none of the first three is never opened."""

    FILE = 1
    FOLDER = 2
    LINK = 3
    OTHER = 4


class Cut(IntEnum):
    """Why a manifest ends before the file system does."""

    NONE = 0
    ENTRIES = 1
    TIME = 2
    DEPTH = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One name. `size` in bytes, 0 for what is no file; times in nanoseconds since 1970, `born` 0 where it is not kept.

    `digest` is the SHA-256 of the contents (32 bytes, empty where it was not taken), `program` True where the contents were read
    and begin like a program, `hidden` True where the file system itself says so (not by a dot).
    """

    path: bytes
    kind: Kind
    size: int = 0
    modified: int = 0
    born: int = 0
    digest: bytes = b""
    program: bool = False
    hidden: bool = False

    def pack(self) -> bytes:
        """As it goes from the lister to the daemon, and into the registry."""
        flags = _HASHED * bool(self.digest) | _PROGRAM * self.program | _HIDDEN * self.hidden
        head = _ENTRY.pack(self.kind, flags, self.size, self.modified, self.born, len(self.path))
        return head + self.digest + self.path

    def same_as(self, other: "Entry") -> bool:
        """Whether these two are the same file unchanged, as far as is known.

        FAT keeps local time, so a change of the clock to summer time moves every file by whole quarters of an hour: that alone is
        no change.
        """
        if self.kind is not other.kind:
            return False
        if self.kind is not Kind.FILE:
            return True
        if self.size != other.size or (self.digest and other.digest and self.digest != other.digest):
            return False
        shift = abs(self.modified - other.modified)
        return shift % _QUARTER == 0 and shift <= _LONGEST_SHIFT

    def since(self, moment: int) -> bool:
        """Whether the file system says that it was made or written at that moment (nanoseconds) or later."""
        return max(self.born, self.modified if self.kind is Kind.FILE else 0) >= moment

    def touched(self, since: int, until: int) -> bool:
        """Whether the file system says that it was made or written between these two moments (nanoseconds)."""
        moments = (self.born, self.modified) if self.kind is Kind.FILE else (self.born,)
        return any(since <= moment <= until for moment in moments)


@dataclass(frozen=True, slots=True)
class Manifest:
    """All entries of a file system, sorted by path. `unread` counts what could not be read; `cut` says why it ends early."""

    entries: tuple[Entry, ...]
    cut: Cut = Cut.NONE
    unread: int = 0

    @classmethod
    def of(cls, entries: Iterable[Entry], cut: Cut = Cut.NONE, unread: int = 0) -> "Manifest":
        """Sort; a path that stands there twice (a broken file system, or a hostile one) is kept once and counted as unread."""
        listed = list(entries)
        found = {entry.path: entry for entry in listed}
        twice = len(listed) - len(found)
        return cls(tuple(found[path] for path in sorted(found)), cut, unread + twice)

    @property
    def complete(self) -> bool:
        """Everything was seen: only then it means something that a file is not there."""
        return self.cut is Cut.NONE and not self.unread

    @property
    def files(self) -> int:
        """How many entries are no folders."""
        return sum(entry.kind is not Kind.FOLDER for entry in self.entries)

    @property
    def size(self) -> int:
        """Bytes in all files."""
        return sum(entry.size for entry in self.entries)

    def pack(self) -> bytes:
        """All entries, sorted: the same file system gives the same bytes."""
        return b"".join(entry.pack() for entry in self.entries)

    def digest(self) -> str:
        """SHA-256 in hex over everything that is in here."""
        head = b"media-guard manifest 1" + struct.pack(">BI", self.cut, self.unread)
        return hashlib.sha256(head + self.pack()).hexdigest()

    def with_digests_of(self, before: "Manifest") -> "Manifest":
        """The hashes of files that did not change need not be taken twice."""
        known = {entry.path: entry for entry in before.entries if entry.digest}
        entries = tuple(
            replace(entry, digest=known[entry.path].digest, program=known[entry.path].program)
            if not entry.digest and entry.path in known and entry.same_as(known[entry.path])
            else entry
            for entry in self.entries
        )
        return replace(self, entries=entries)


@dataclass(frozen=True, slots=True)
class Difference:
    """What is certain about two manifests of one file system; `changed` are the entries as they are now."""

    came: tuple[Entry, ...] = ()
    went: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()


def compare(before: Manifest, after: Manifest) -> Difference:
    """What came, went and changed. Of a manifest that is not complete nothing is taken to be missing."""
    old = {entry.path: entry for entry in before.entries}
    new = {entry.path for entry in after.entries}
    came = tuple(entry for entry in after.entries if entry.path not in old) if before.complete else ()
    went = tuple(entry for entry in before.entries if entry.path not in new) if after.complete else ()
    changed = tuple(entry for entry in after.entries if entry.path in old and not entry.same_as(old[entry.path]))
    return Difference(came, went, changed)


def parse_entries(untrusted: bytes) -> Iterator[Entry]:
    """The entries of a packet from the lister, or of a manifest in the registry.

    Raises:
        Hostile: `manifest-answer` for anything that no honest lister would send.
    """
    place = 0
    while place < len(untrusted):
        entry, place = _entry(untrusted, place)
        yield entry


def _entry(untrusted: bytes, place: int) -> tuple[Entry, int]:
    try:
        kind, flags, size, modified, born, length = _ENTRY.unpack_from(untrusted, place)
        known = Kind(kind)
    except (struct.error, ValueError) as error:
        raise Hostile("manifest-answer") from error
    place += _ENTRY.size
    hashed = 32 if flags & _HASHED else 0
    digest, path = untrusted[place : place + hashed], untrusted[place + hashed : place + hashed + length]
    sound = (
        flags <= 7 and len(digest) == hashed and len(path) == length and (known is Kind.FILE or not (size or hashed))
    )
    if not sound or not _is_path(path):
        raise Hostile("manifest-answer")
    entry = Entry(path, known, size, modified, born, digest, bool(flags & _PROGRAM), bool(flags & _HIDDEN))
    return entry, place + hashed + length


def _is_path(path: bytes) -> bool:
    """Relative, within the limits, and without a step up."""
    if not 0 < len(path) <= LONGEST_PATH or b"\0" in path:
        return False
    steps = path.split(b"/")
    return len(steps) <= DEEPEST and not any(step in (b"", b".", b"..") for step in steps)


def shown(path: bytes) -> str:
    r"""A path for people, terminals and tables: what does not show itself stands as \x1b or \u{202e}; no two read the same."""
    return "".join(_shown_char(char) for char in path.decode("utf-8", "surrogateescape"))


def _shown_char(char: str) -> str:
    if char == "\\":
        return "\\\\"
    if char.isprintable():
        return char
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return f"\\u{{{ord(char):x}}}"
