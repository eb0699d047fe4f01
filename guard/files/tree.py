"""The walk through one file system, from its root down: what is there, never beyond it, and never through a link."""

import ctypes
import fcntl
import hashlib
import os
import stat
import struct
import time
from collections.abc import Callable, Iterator

from guard.core.manifest import LONGEST_PATH, Cut, Entry, Kind
from guard.core.volumes import Wish
from guard.files.sandbox import FAT_GET_ATTRIBUTES, OPEN

_CHUNK = 128 * 1024
_FAT_HIDDEN = 2
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
# linux/stat.h: type, mode, mtime, ino, size, btime, mount id; the fields of struct statx up to the last of them
_MASK, _NOFOLLOW, _EMPTY_PATH, _NO_AUTOMOUNT = 0x1000 | 0x800 | 0x343, 0x100, 0x1000, 0x800
_STATX = struct.Struct("=IIQIIIHHQQQQqIIqIIqIIqIIIIIIQ")
_HAS_BORN, _HAS_MOUNT = 0x800, 0x1000


class Stat:
    """What statx(2) says of one name."""

    __slots__ = ("born", "device", "inode", "mode", "modified", "mount", "size")

    def __init__(self, raw: bytes) -> None:
        """`raw` is a struct statx."""
        f = _STATX.unpack_from(raw)
        self.mode, self.inode, self.size = f[6], f[8], f[9]
        self.born = _nanoseconds(f[15], f[16]) if f[0] & _HAS_BORN else 0
        self.modified = _nanoseconds(f[21], f[22])
        self.device = os.makedev(f[26], f[27])
        self.mount = f[28] if f[0] & _HAS_MOUNT else 0


def _nanoseconds(seconds: int, rest: int) -> int:
    """Since 1970; the years of a hostile file system end in 1677 and 2262."""
    return max(-(1 << 63), min((1 << 63) - 1, seconds * 10**9 + rest))


_libc = ctypes.CDLL(None, use_errno=True)
_buffer = ctypes.create_string_buffer(256)


def look(folder: int, name: bytes) -> Stat:
    """Look at a name in a folder, or with no name at the folder itself; links are not followed.

    Raises:
        OSError: as statx(2).
    """
    flags = _NOFOLLOW | _NO_AUTOMOUNT | (0 if name else _EMPTY_PATH)
    if _libc.statx(folder, name, flags, _MASK, _buffer) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return Stat(_buffer.raw)


class Tree:
    """One walk. When `entries` is at its end, `cut` and `unread` say how far it went. `wanted` is asked now and then."""

    def __init__(self, wish: Wish, wanted: Callable[[], None], clock: Callable[[], float] = time.monotonic) -> None:
        """`wanted` raises when nobody wants the rest any more."""
        self._wish, self._wanted, self._clock = wish, wanted, clock
        self._deadline = clock() + wish.seconds
        self._left = wish.entries
        self._fat = True
        self._looked = 0
        self.cut, self.unread = Cut.NONE, 0

    def entries(self, root: int) -> Iterator[Entry]:
        """Every entry below an open folder."""
        home = look(root, b"")
        self._device, self._mount = home.device, home.mount
        yield from self._folder(root, b"", 1)

    def _folder(self, folder: int, above: bytes, depth: int) -> Iterator[Entry]:
        """The files of a folder, then its folders with what is in them; one folder is open for each step down."""
        folders: list[tuple[bytes, Stat]] = []
        for name in self._names(folder):
            try:
                found = look(folder, name)
            except OSError:
                self.unread += 1
                continue
            if found.device != self._device or found.mount != self._mount:
                continue  # something else is mounted on it
            path = above + name
            if len(path) > LONGEST_PATH:
                self.unread += 1
            elif stat.S_ISDIR(found.mode):
                folders.append((name, found))
            else:
                yield self._file(folder, name, path, found)
        for name, found in folders:
            yield from self._below(folder, name, above + name, found, depth)

    def _names(self, folder: int) -> Iterator[bytes]:
        try:
            with os.scandir(folder) as listing:
                for item in listing:
                    if not self._may_go_on():
                        return
                    yield os.fsencode(item.name)
        except OSError:
            self.unread += 1

    def _may_go_on(self) -> bool:
        self._looked += 1
        if self._looked % 256 == 0:
            self._wanted()
        if self._left <= 0:
            self.cut = self.cut or Cut.ENTRIES
        elif self._clock() > self._deadline:
            self.cut = self.cut or Cut.TIME
        else:
            self._left -= 1
            return True
        return False

    def _below(self, parent: int, name: bytes, path: bytes, found: Stat, depth: int) -> Iterator[Entry]:
        try:
            folder = os.open(name, OPEN | os.O_DIRECTORY, dir_fd=parent)
        except OSError:
            self.unread += 1
            yield Entry(path, Kind.FOLDER, 0, found.modified, found.born)
            return
        try:
            now = look(folder, b"")
            if now.inode != found.inode or now.device != self._device or now.mount != self._mount:
                self.unread += 1
                return
            yield Entry(path, Kind.FOLDER, 0, found.modified, found.born, hidden=self._hidden(folder))
            if depth < self._wish.depth:
                yield from self._folder(folder, path + b"/", depth + 1)
            else:
                self.cut = self.cut or Cut.DEPTH
        finally:
            os.close(folder)

    def _file(self, folder: int, name: bytes, path: bytes, found: Stat) -> Entry:
        if stat.S_ISLNK(found.mode):
            return Entry(path, Kind.LINK, 0, found.modified, found.born)
        if not stat.S_ISREG(found.mode):
            return Entry(path, Kind.OTHER, 0, found.modified, found.born)
        entry = Entry(path, Kind.FILE, found.size, found.modified, found.born)
        if 0 < found.size <= self._wish.hash_up_to and (not found.born or entry.since(self._wish.hash_since)):
            return self._read(folder, name, entry, found)
        return entry

    def _read(self, folder: int, name: bytes, entry: Entry, found: Stat) -> Entry:
        """With hash; without, where it cannot be read whole within the time."""
        try:
            file = os.open(name, OPEN, dir_fd=folder)
        except OSError:
            return entry
        try:
            now = look(file, b"")
            if not stat.S_ISREG(now.mode) or (now.inode, now.device) != (found.inode, self._device):
                return entry
            digest, left, program = hashlib.sha256(), self._wish.hash_up_to, False
            while left > 0 and (part := os.read(file, min(_CHUNK, left))):
                program = program or (left == self._wish.hash_up_to and part.startswith(_PROGRAMS))
                digest.update(part)
                left -= len(part)
                self._wanted()
                if self._clock() > self._deadline:
                    self.cut = self.cut or Cut.TIME
                    return entry
        except OSError:
            return entry
        finally:
            os.close(file)
        path, kind, size, modified, born = entry.path, entry.kind, entry.size, entry.modified, entry.born
        return Entry(path, kind, size, modified, born, digest.digest(), program)

    def _hidden(self, folder: int) -> bool:
        """Whether FAT says so; other file systems are asked once."""
        if not self._fat:
            return False
        try:
            (attributes,) = struct.unpack("I", fcntl.ioctl(folder, FAT_GET_ATTRIBUTES, bytes(4)))
        except OSError:
            self._fat = False
            return False
        return bool(attributes & _FAT_HIDDEN)
