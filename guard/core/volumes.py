"""The file systems of admitted disks, once somebody has mounted them, and who lists them."""

from dataclasses import dataclass
from typing import Protocol

from guard.core.manifest import DEEPEST, MOST_ENTRIES, Manifest
from guard.core.ports import Disk


@dataclass(frozen=True, slots=True)
class Volume:
    """A mounted file system of an admitted disk. `number` of its partition, 0 for the whole disk.

    `device` is what the kernel calls it (st_dev), so that nothing else that is found at `path` is taken for it.
    """

    number: int
    device: int
    path: bytes


@dataclass(frozen=True, slots=True)
class Wish:
    """How far to go: `seconds` in all; contents are hashed of files up to `hash_up_to` bytes (0: of none).

    Only of those that were made or written at `hash_since` (nanoseconds since 1970) or later.
    """

    seconds: int = 30
    hash_up_to: int = 0
    hash_since: int = 0
    entries: int = MOST_ENTRIES
    depth: int = DEEPEST


class Mounts(Protocol):
    """What is mounted where."""

    def of(self, disk: Disk) -> tuple[Volume, ...]:
        """The mounted file systems of an admitted disk; of one that is gone, none."""

    async def changed(self) -> None:
        """Return when something was mounted or unmounted since the last time."""


class Lister(Protocol):
    """Lists a file system without being able to do anything else."""

    async def list(self, volume: Volume, wish: Wish) -> Manifest:
        """Every entry, within the limits; when it is cancelled, nothing of the file system is held open any more.

        Raises:
            Hostile: `manifest-answer`, `manifest-gone` when it is not mounted there any more.
            Broken: `lister-unavailable`.
        """
