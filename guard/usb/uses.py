"""Whether the disks that were let in read-write are in use: mounted, or held by whatever lies on them.

The kernel says when mounts change (POLLPRI on mountinfo, proc(5)); udev says when somebody wrote past the mounts. A mount leaves
the list before its file system has written everything, and other mount namespaces have lists of their own; so a disk is at rest
only when it can be opened exclusively.
"""

import asyncio
import errno
import os
import select
from collections.abc import Callable, Mapping
from pathlib import Path

from guard.core.ports import UseChanged
from guard.usb.plugged import Plugged

WAITS = (1.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)  # seconds; a slow stick writes for a while after it is gone from the list


class Uses:
    """Follows the mounts of this host. `stays` are the interfaces that are plugged in now, by port, with their tokens."""

    def __init__(
        self,
        root: Path,
        stays: Callable[[], Mapping[str, tuple[str, Plugged]]],
        tell: Callable[[UseChanged], None],
        waits: tuple[float, ...] = WAITS,
    ) -> None:
        """`root` is where proc, sys and dev are found."""
        self._root, self._stays, self._tell, self._waits = root, stays, tell, waits
        self._used: dict[str, bool] = {}  # by token: was mounted once; is now
        self._settling: dict[str, asyncio.Task[None]] = {}

    def begin(self) -> Callable[[], None]:
        """Listen from now on, until what is returned is called."""
        loop = asyncio.get_running_loop()
        mounts = (self._root / "proc/self/mountinfo").open("rb")
        changes = select.epoll()  # of its own: mountinfo can be read at any time, only POLLPRI means a change
        try:
            changes.register(mounts, select.EPOLLPRI)
        except PermissionError:  # an ordinary file, in tests: nothing will be said about it
            changes.close()
            mounts.close()
            return lambda: None

        def look() -> None:
            changes.poll(0)
            self.look()

        def end() -> None:
            loop.remove_reader(changes.fileno())
            changes.close()
            mounts.close()

        loop.add_reader(changes.fileno(), look)
        return end

    def look(self) -> None:
        """Compare the mounts with what was known of each port."""
        mounted = mounted_numbers(self._root)
        stays = self._stays()
        for token in set(self._used) - {token for token, _ in stays.values()}:
            self._used.pop(token)
            if token in self._settling:
                self._settling.pop(token).cancel()
        for port, (token, plugged) in stays.items():
            now = bool(mounted & self._numbers(plugged))
            if now and not self._used.get(token, False):
                self._used[token] = True
                self._tell(UseChanged(port, token, in_use=True))
            elif not now and self._used.get(token, False):
                self._used[token] = False
                self._settle(port, token, plugged)

    def touched(self, port: str) -> None:
        """Somebody had a disk or partition of this port open for writing, without a mount perhaps."""
        token, plugged = self._stays()[port]
        if self._used.get(token) is False:
            self._tell(UseChanged(port, token, in_use=True))
            self._settle(port, token, plugged)

    def _settle(self, port: str, token: str, plugged: Plugged) -> None:
        if token in self._settling:
            self._settling[token].cancel()
        self._settling[token] = asyncio.ensure_future(self._when_at_rest(port, token, plugged))

    async def _when_at_rest(self, port: str, token: str, plugged: Plugged) -> None:
        for seconds in self._waits:
            await asyncio.sleep(seconds)
            if self._used.get(token) is not False or not plugged.disks:
                return
            if all(await asyncio.gather(*(asyncio.to_thread(self._free, disk.name) for disk in plugged.disks))):
                self._tell(UseChanged(port, token, in_use=False))
                return

    def _free(self, disk: str) -> bool:
        """Nobody holds the disk or a partition of it. Held by us for an instant only: whoever mounts then tries in vain."""
        try:
            os.close(os.open(self._root / "dev" / disk, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC))
        except OSError as error:
            return error.errno != errno.EBUSY
        return True

    def _numbers(self, plugged: Plugged) -> frozenset[str]:
        """Device numbers of what was let in read-write, of its partitions, and of what lies on them."""
        names = [disk.name for disk in plugged.disks if not disk.read_only]
        return frozenset().union(*(numbers_on(self._root, name) for name in names))


def mounted_numbers(root: Path) -> frozenset[str]:
    """Device numbers ("8:1") of all that is mounted now."""
    lines = (root / "proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    return frozenset(fields[2] for line in lines if len(fields := line.split(" ", 3)) > 3)


def numbers_on(root: Path, disk: str) -> frozenset[str]:
    """Device numbers of a disk, of its partitions, and of what lies on them."""
    folder = root / "sys/class/block" / disk
    patterns = ("dev", f"{disk}*/dev", "holders/*/dev", f"{disk}*/holders/*/dev")
    return frozenset(_text(file) for pattern in patterns for file in folder.glob(pattern)) - {""}


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except OSError:
        return ""
