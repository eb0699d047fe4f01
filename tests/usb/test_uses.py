"""When the disks that were let in are in use, and when they are at rest; by a pretended proc and sysfs."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from guard.core.ports import Disk, UseChanged
from guard.usb.plugged import Plugged
from guard.usb.uses import Uses
from tests.usb.tree import Tree

PORT = "3-1:1.0"
USED, FREE = UseChanged(PORT, "t1", in_use=True), UseChanged(PORT, "t1", in_use=False)
MOUNT = "36 25 {} / /media/alice/STICK rw,relatime shared:20 - vfat /dev/sda1 rw\n"


class Desk:
    """One disk with one partition, mounted or not, held or not."""

    def __init__(self, tree: Tree, read_only: bool = False) -> None:
        self.tree = tree
        tree.plug()
        path = tree.disk()
        tree.write(f"{path}/sda1/dev", "8:1\n")
        tree.write(f"{path}/sda1/holders/dm-0/dev", "253:0\n")
        tree.write("dev/sda", "")
        self.plugged = Plugged.open(tree.root, PORT)
        self.plugged.disks = (Disk("sda", 0, 7, read_only),)
        self.told: list[UseChanged] = []
        self.news = asyncio.Event()
        self.here = {PORT: ("t1", self.plugged)}
        self.uses = Uses(tree.root, lambda: self.here, self._tell, waits=(0.01, 0.01))

    def _tell(self, change: UseChanged) -> None:
        self.told.append(change)
        self.news.set()

    def mounts(self, *numbers: str) -> None:
        self.tree.write("proc/self/mountinfo", "".join(MOUNT.format(number) for number in numbers))
        self.uses.look()

    async def settled(self) -> None:
        for task in tuple(self.uses._settling.values()):
            await asyncio.wait([task])


def _on_a_desk(tmp_path: Path, story: Callable[[Desk], Awaitable[None]], *, read_only: bool = False) -> None:
    async def run() -> None:
        await story(Desk(Tree(tmp_path), read_only))

    asyncio.run(run())


@pytest.mark.parametrize("number", ["8:1", "8:0", "253:0"], ids=["partition", "disk", "mapper"])
def test_the_last_unmount_is_told_when_nobody_holds_the_disk_any_more(tmp_path: Path, number: str) -> None:
    async def story(desk: Desk) -> None:
        desk.mounts("8:17")
        assert desk.told == [], "another disk"
        desk.mounts(number, number)
        desk.mounts(number)
        assert desk.told == [USED]
        desk.mounts()
        assert desk.told == [USED], "not at once"
        await desk.settled()
        assert desk.told == [USED, FREE]

    _on_a_desk(tmp_path, story)


def test_what_is_still_held_is_not_at_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(desk: Desk) -> None:
        asked: list[int] = []

        def busy(path: Path, flags: int) -> int:
            asked.append(flags)
            raise OSError(16, os.strerror(16))

        monkeypatch.setattr("guard.usb.uses.os.open", busy)
        desk.mounts("8:1")
        desk.mounts()
        await desk.settled()
        assert desk.told == [USED]
        assert len(asked) == 2
        assert all(flags & os.O_EXCL for flags in asked)

    _on_a_desk(tmp_path, story)


def test_mounted_again_within_the_quiet_moment_is_in_use(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        desk.mounts("8:1")
        desk.mounts()
        desk.mounts("8:1")
        await desk.settled()
        assert desk.told == [USED, USED]

    _on_a_desk(tmp_path, story)


def test_written_without_a_mount_after_the_unmount_is_looked_at_again(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        desk.uses.touched(PORT)
        assert desk.told == [], "nobody has mounted it yet"
        desk.mounts("8:1")
        desk.mounts()
        await desk.settled()
        desk.uses.touched(PORT)
        await desk.settled()
        assert desk.told == [USED, FREE, USED, FREE]

    _on_a_desk(tmp_path, story)


def test_a_disk_that_was_let_in_read_only_is_of_no_interest_and_one_that_is_gone_is_forgotten(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        desk.mounts("8:1")
        assert desk.told == []
        desk.plugged.disks = (Disk("sda", 0, 7, read_only=False),)
        desk.mounts("8:1")
        desk.mounts()
        desk.here.clear()
        desk.uses.look()
        await asyncio.sleep(0.05)
        assert desk.told == [USED]
        assert desk.uses._used == {}

    _on_a_desk(tmp_path, story, read_only=True)
