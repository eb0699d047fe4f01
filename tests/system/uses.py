"""What each use elsewhere leaves behind: done by a kernel in a guest without the guard, told by the guard's own fingerprint.

    python -m tests.system.uses     prints the table of docs/used-elsewhere.md

Every use gets a file system of its own, all copies of one; the copies of one kind lie one after another on a disk, so that the
guest needs it plugged in once and mounts each through a loop device.
"""

import subprocess
import sys
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from guard.core.arming import arm
from guard.core.fingerprint import Fingerprint, fingerprint
from guard.core.partition import FIRST_PARTITION, HEAD, Layout, Partition, Table
from tests.system.image import image
from tests.system.machine import Machine
from tests.system.side_door import DISK, plugged
from tests.system.sticks import KERNEL_NAMES, MAKERS, MIB

SIZE = 64 * MIB
_LAYOUT = Layout(Table.MBR, (Partition(FIRST_PARTITION, SIZE - FIRST_PARTITION, "c"),))
_NAMES = {"fat32": "FAT32", "exfat": "exFAT", "ntfs": "NTFS", "ext4": "ext4"}
_ARMED = ("fat32", "exfat")  # the others need no arming
_CONTENTS = """mkdir -p /m/docs/deep
for file in letter docs/plan docs/old docs/deep/far; do head -c 20000 /dev/urandom >/m/$file.txt; done"""
_IN_PLACE = "dd if=/dev/urandom of=/m/{} bs=512 count=1 conv=notrunc status=none"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Use:
    """One row: what is said of it, the option of its mount, and the commands while it is mounted at /m."""

    name: str
    act: str
    option: str = "rw"


USES = (
    Use(
        "read-only mount, everything listed and read",
        "ls -lR /m; df /m; cat /m/*.txt /m/docs/*.txt /m/docs/deep/*",
        "ro",
    ),
    Use("mounted, nothing done", ":"),
    Use("file manager: listed, free space asked for", "ls -lR /m; df /m"),
    Use("a file of the top folder copied off", "cat /m/letter.txt"),
    Use("the same, on a later day", "date -s '+2 days'; cat /m/letter.txt"),
    Use("a file in a folder copied off", "cat /m/docs/plan.txt"),
    Use("both copied off without access times (`noatime`)", "cat /m/letter.txt /m/docs/plan.txt", "noatime"),
    Use("a file of the top folder rewritten in place", _IN_PLACE.format("letter.txt")),
    Use("a file two folders down rewritten in place", _IN_PLACE.format("docs/deep/far.txt")),
    Use("a file added in a folder", "head -c 20000 /dev/urandom >/m/docs/new.txt"),
    Use("a file deleted in a folder", "rm /m/docs/old.txt"),
)


def measure(guest: Machine) -> dict[str, list[tuple[str, ...]]]:
    """By column, for each of USES the parts that changed."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for filesystem, name in _NAMES.items():
        master = _filled(guest, filesystem)
        found[name] = _column(guest, filesystem, master)
        if filesystem in _ARMED:
            found[f"{name} armed"] = _column(guest, filesystem, _armed(master))
    return found


def table(found: dict[str, list[tuple[str, ...]]]) -> str:
    """In Markdown, a row for each use."""
    rows = [["done elsewhere", *found], ["---"] * (len(found) + 1)]
    for place, use in enumerate(USES):
        rows.append([use.name, *(", ".join(column[place]) or "-" for column in found.values())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _filled(guest: Machine, filesystem: str) -> bytes:
    """A fresh file system with a few files, unmounted in order."""
    disk = guest.folder / "uses.img"
    with disk.open("wb") as file:
        file.truncate(SIZE)
    part = guest.folder / "uses.part"
    with part.open("wb") as file:
        file.truncate(SIZE - FIRST_PARTITION)
    subprocess.run([*MAKERS[filesystem][1], str(part)], check=True, capture_output=True)
    with disk.open("r+b") as file:
        file.seek(FIRST_PARTITION)
        file.write(part.read_bytes())
    part.unlink()
    _in_the_guest(guest, disk, _mounted(filesystem, 0, Use("", _CONTENTS)))
    return disk.read_bytes()


def _column(guest: Machine, filesystem: str, master: bytes) -> list[tuple[str, ...]]:
    disk = guest.folder / "uses.img"
    with disk.open("wb") as file:
        for _ in USES:
            file.write(master)
    _in_the_guest(guest, disk, "\n".join(_mounted(filesystem, place, use) for place, use in enumerate(USES)))
    before = _fingerprint(master)
    with disk.open("rb") as file:
        return [_fingerprint(file.read(SIZE)).changed_since(before) for _ in USES]


def _mounted(filesystem: str, place: int, use: Use) -> str:
    kind = KERNEL_NAMES.get(filesystem, filesystem)
    where = f"-o {place * SIZE + FIRST_PARTITION} --sizelimit {SIZE - FIRST_PARTITION}"
    return f"""loop=$(losetup -f --show {where} "$disk"); now=$(date +%s)
mount -t {kind} -o {use.option} "$loop" /m
{{ {use.act}; }} >/dev/null
umount /m; date -s "@$now" >/dev/null; losetup -d "$loop" """


def _in_the_guest(guest: Machine, disk: Path, script: str) -> None:
    with plugged(guest, disk):
        guest.run(
            f"set -e; disk={DISK}; mkdir -p /m\n{script}\nudevadm settle; sync; blockdev --flushbufs $disk", timeout=300
        )


def _armed(master: bytes) -> bytes:
    """As the guard leaves it at a safe removal."""
    image_of_it = bytearray(master)
    writes = _answered(arm(_LAYOUT, SIZE, 512), master)
    assert writes, "there was something to arm"
    for offset, block in writes:
        image_of_it[offset : offset + len(block)] = block
    return bytes(image_of_it)


def _fingerprint(data: bytes) -> Fingerprint:
    return _answered(fingerprint(_LAYOUT, data[:HEAD], SIZE), data)


def _answered(search: Generator[tuple[int, int], bytes, Result], data: bytes) -> Result:
    try:
        offset, length = next(search)
        while True:
            offset, length = search.send(data[offset : offset + length])
    except StopIteration as done:
        found: Result = done.value
        return found


def main() -> int:
    """Boot, measure, print."""
    with Machine(image()) as guest:
        print(table(measure(guest)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
