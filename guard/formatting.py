"""Erases a medium inside the gate: a partition table and an empty file system, without the kernel ever having a disk of it.

The file system is made in a sparse file as large as the partition; then only what was written there goes onto the medium through
the reader, a few megabytes whatever its size. What the old contents leave behind in free blocks stays there: this is not clearing.
"""

import asyncio
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from guard.core.area import AREA_END, LABEL_A
from guard.core.errors import Broken, Refused
from guard.core.partition import FIRST_PARTITION, make_partition_table
from guard.core.ports import Claim
from guard.core.request import Filesystem
from guard.core.unit import Unit

CHUNK = 1024 * 1024
MIB = 1024 * 1024
TIMEOUT = 300
_COMMANDS = {
    Filesystem.EXFAT: ("mkfs.exfat",),
    Filesystem.EXT4: (
        "mke2fs",
        "-q",
        "-F",
        "-t",
        "ext4",
        "-E",
        "nodiscard,lazy_itable_init=1,lazy_journal_init=1",
        "-m",
        "0",
    ),
}

Progress = Callable[[int, str], None]


async def initialize(claim: Claim, unit: Unit, filesystem: Filesystem, scratch: Path, progress: Progress) -> None:
    """Erase one unit: zero the start of it, write a table with one partition at 4 MiB, and an empty file system in it.

    `progress` gets percent and a step ("table", "filesystem").

    Raises:
        Refused: `format-block-size` where the file system cannot live on this block size; `format-too-small`.
        Broken: `format-failed` with the program's last line.
    """
    if filesystem is Filesystem.EXFAT and unit.block_size != 512:
        raise Refused("format-block-size", filesystem=filesystem, block_size=unit.block_size)
    size = (unit.capacity - FIRST_PARTITION) // MIB * MIB
    if size < 8 * MIB:
        raise Refused("format-too-small", size=unit.capacity)
    with tempfile.TemporaryDirectory(dir=scratch, prefix="format-") as folder:
        image = Path(folder) / "filesystem"
        with image.open("xb") as file:
            file.truncate(size)
        await _run((*_COMMANDS[filesystem], str(image)))
        for offset in range(0, FIRST_PARTITION, CHUNK):
            await claim.write(unit.lun, offset, bytes(CHUNK))
        await claim.flush(unit.lun)
        progress(5, "table")
        extents = list(_extents(image))
        total, done = sum(length for _, length in extents) or 1, 0
        for start, length in extents:
            for offset in range(start, start + length, CHUNK):
                part = min(CHUNK, start + length - offset)
                data = await asyncio.to_thread(_read, image, offset, part)
                await claim.write(unit.lun, FIRST_PARTITION + offset, data)
                done += part
                progress(5 + 90 * done // total, "filesystem")
        await claim.flush(unit.lun)
        for offset, data in make_partition_table(unit.capacity, unit.block_size, filesystem, secrets.token_bytes(32)):
            await claim.write(unit.lun, offset, data)
        await claim.flush(unit.lun)
    progress(95, "label")


async def clear_area(claim: Claim, unit: Unit) -> None:
    """Zero the label area, so that no record of a former life is taken for one of this."""
    for offset in range(LABEL_A, AREA_END, CHUNK):
        await claim.write(unit.lun, offset, bytes(min(CHUNK, AREA_END - offset)))
    await claim.flush(unit.lun)


async def _run(command: tuple[str, ...]) -> None:
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={"PATH": path, "LC_ALL": "C"},
        )
    except OSError as error:
        raise Broken("format-failed", program=command[0], why=error.strerror or "it cannot be started") from error
    try:
        output, _ = await asyncio.wait_for(process.communicate(), TIMEOUT)
    except (TimeoutError, asyncio.CancelledError):
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        last = output.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise Broken("format-failed", program=command[0], why=last[0][:200] if last else f"exit {process.returncode}")


def _extents(image: Path) -> Iterator[tuple[int, int]]:
    """The parts of a sparse file that were written, as offset and length, in whole 4096-byte blocks."""
    with image.open("rb") as file:
        end, place = os.fstat(file.fileno()).st_size, 0
        while place < end:
            try:
                start = os.lseek(file.fileno(), place, os.SEEK_DATA)
            except OSError:  # ENXIO: nothing but holes follows
                return
            place = os.lseek(file.fileno(), start, os.SEEK_HOLE)
            first = start // 4096 * 4096
            yield first, min(end, -(-place // 4096) * 4096) - first


def _read(image: Path, offset: int, length: int) -> bytes:
    with image.open("rb") as file:
        return os.pread(file.fileno(), length, offset)
