"""Which USB interfaces carry the running system: its file systems and swap, down through mappers, arrays and loops.

Read from mountinfo, /proc/swaps and sysfs (kernel: Documentation/filesystems/proc.rst). The mounts are those of process 1
and our own: a service in its own mount namespace does not see what its sandbox covers. What is mounted where visiting
media are mounted does not count, so a stick cannot become a part of the system by being used.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_VISITORS = (PurePosixPath("/media"), PurePosixPath("/run/media"), PurePosixPath("/mnt"))
_INTERFACE = re.compile(r"\d+-\d+(?:\.\d+)*:\d+\.\d+")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class _Mount:
    number: str
    point: PurePosixPath
    source: str


def system_interfaces(root: Path = Path("/")) -> frozenset[str]:
    """Names of the USB interfaces ("3-1:1.0") under everything the running system uses.

    `root` is where proc and sys are found.
    """
    mounts = _mounts(root)
    waiting: set[str] = set()
    for mount in mounts:
        if not any(mount.point.is_relative_to(place) for place in _VISITORS):
            waiting.update(_of_mount(root, mount))
    for swap in _swaps(root):
        waiting.update(_of_file(root, mounts, swap))
    seen: set[str] = set()
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        device = (root / "sys/class/block" / name).resolve()
        found.update(part for part in device.parts if _INTERFACE.fullmatch(part))
        waiting.update(_names(device / "slaves"))
        waiting.update(_names(device.parent / "slaves") if (device / "partition").exists() else ())
        backing = _text(device / "loop/backing_file")
        if backing:
            waiting.update(_of_file(root, mounts, backing))
    return frozenset(found)


def _mounts(root: Path) -> tuple[_Mount, ...]:
    mounts = []
    both = (
        (root / "proc/self/mountinfo").read_text("utf-8", "surrogateescape") + "\n" + _text(root / "proc/1/mountinfo")
    )
    for line in both.splitlines():
        before, _, after = line.partition(" - ")
        fields, kind = before.split(" "), after.split(" ")
        if len(fields) >= 6 and len(kind) >= 2:
            mounts.append(_Mount(fields[2], PurePosixPath(_plain(fields[4])), _plain(kind[1])))
    return tuple(mounts)


def _swaps(root: Path) -> Iterator[str]:
    for line in _text(root / "proc/swaps").splitlines()[1:]:
        yield _plain(line.split(" ")[0].split("\t")[0])


def _of_mount(root: Path, mount: _Mount) -> Iterator[str]:
    """Block devices under a mounted file system; btrfs has no number of its own and may have several devices."""
    numbered = root / "sys/dev/block" / mount.number
    if numbered.exists():
        yield numbered.resolve().name
    elif mount.source.startswith("/dev/"):
        source = set(_named(root, mount.source))
        yield from source
        for volume in (root / "sys/fs/btrfs").glob("*/devices"):
            members = set(_names(volume))
            if members & source:
                yield from members


def _of_file(root: Path, mounts: tuple[_Mount, ...], path: str) -> Iterator[str]:
    """The device itself, or what the file system under a swap or image file lies on."""
    if path.startswith("/dev/"):
        yield from _named(root, path)
        return
    around = [mount for mount in mounts if PurePosixPath(path).is_relative_to(mount.point)]
    deepest = max(around, key=lambda mount: len(mount.point.parts), default=None)
    for mount in around:
        if deepest and mount.point == deepest.point:  # one over the other: all of them, to be on the safe side
            yield from _of_mount(root, mount)


def _named(root: Path, path: str) -> Iterator[str]:
    name = path.rsplit("/", 1)[-1]
    if path.startswith("/dev/mapper/"):
        for mapper in (root / "sys/class/block").glob("dm-*"):
            if _text(mapper / "dm/name").strip() == name:
                yield mapper.name
    elif (root / "sys/class/block" / name).exists():
        yield name


def _names(directory: Path) -> tuple[str, ...]:
    try:
        return tuple(entry.name for entry in directory.iterdir())
    except OSError:
        return ()


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape").rstrip("\n")
    except OSError:
        return ""


def _plain(escaped: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), escaped)
