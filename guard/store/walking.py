"""Walking a long chain beside the daemon: in as many processes as there are processors, none of which it waits for."""

import asyncio
import os
import sqlite3
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import guard
from guard.core.errors import Broken
from guard.store.chain import BATCH, Verification, check, connect, hash_of, newest

MOST_PROCESSES = 4
LONG = 2 * BATCH  # entries; less is walked at once
_CHILD = "import sys; sys.path.insert(0, sys.argv.pop(1)); from guard.store.chain import main; main()"
_ROOT = str(Path(guard.__file__).resolve().parent.parent)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Witness:
    """A head that is known from elsewhere. `hash` may be only the beginning of it; `source` as in `Verification.witness`."""

    sequence: int
    hash: str
    source: str


async def walk(path: Path, host: str, witnesses: Sequence[Witness], progress: Progress) -> Verification:
    """Check every entry, then every head of `host` (an opaque id) that is known; `progress` gets entries done and in all.

    Raises:
        Broken: `registry-corrupted`, `registry-failed`.
    """
    try:
        total = await asyncio.to_thread(_newest, path)
        bad, why = await _chain(path, total, progress)
        if why:
            return Verification(max(0, bad - 1), ok=False, first_bad=bad, why=why)
        return await asyncio.to_thread(compare, path, total, host, witnesses)
    except sqlite3.DatabaseError as error:
        raise _fault(path, str(error)) from error


def compare(path: Path, total: int, host: str, witnesses: Sequence[Witness]) -> Verification:
    """Hold a sound chain against heads: those of `witnesses`, those that were signed here, those that media carried back.

    The lowest that differs is named; where one is beyond the end the journal was cut, whatever was written since.
    """
    with closing(connect(path)) as file:
        tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        found = [w for w in witnesses if not (hash_of(file, w.sequence) or "").startswith(w.hash or "?")]
        for way in ("ASC", "DESC"):
            if "heads" in tables:
                found += [Witness(seq, digest, "signed") for seq, digest in file.execute(_SIGNED + way + _ONE)]
            if "travel" in tables:
                found += [Witness(*row) for row in file.execute(_CARRIED + way + _ONE, (host,))]
    if not found:
        return Verification(total, ok=True)
    found.sort(key=lambda witness: witness.sequence)
    lowest, highest = found[0], found[-1]
    if highest.sequence > total:
        first = min(lowest.sequence, total + 1)
        return Verification(total, ok=False, first_bad=first, why="cut-off", witness=highest.source)
    return Verification(total, ok=False, first_bad=lowest.sequence, why="rewritten", witness=lowest.source)


_SIGNED = """SELECT h.seq, h.hash FROM heads h LEFT JOIN journal j ON j.seq = h.seq
WHERE j.hash IS NOT h.hash ORDER BY h.seq """
_CARRIED = """SELECT t.journal_sequence, t.journal_hash, t.medium FROM travel t LEFT JOIN journal j ON j.seq = t.journal_sequence
WHERE t.host = ? AND t.journal_sequence > 0 AND substr(j.hash, 1, 32) IS NOT t.journal_hash ORDER BY t.journal_sequence """
_ONE = " LIMIT 1"


def _newest(path: Path) -> int:
    with closing(connect(path)) as file:
        return newest(file)


async def _chain(path: Path, total: int, progress: Progress) -> tuple[int, str]:
    if total < LONG:
        found = await asyncio.to_thread(check, path, 1, total)
        progress(total, total)
        return found
    processes = min(MOST_PROCESSES, os.cpu_count() or 1)
    edges = [total * number // processes for number in range(processes + 1)]
    done = [0] * processes

    def told(number: int, count: int) -> None:
        done[number] = count
        progress(sum(done), total)

    walks = [
        asyncio.ensure_future(_process(path, edges[number] + 1, edges[number + 1], partial(told, number)))
        for number in range(processes)
    ]
    try:
        for finished in walks:  # the earliest fault counts, whoever is done first
            bad, why = await finished
            if why:
                return bad, why
        return 0, ""
    finally:
        for running in walks:
            running.cancel()
        await asyncio.gather(*walks, return_exceptions=True)


async def _process(path: Path, first: int, last: int, told: Callable[[int], None]) -> tuple[int, str]:
    words = ("-IS", "-c", _CHILD, _ROOT, str(path), str(first), str(last))
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=PIPE, stderr=PIPE)
    try:
        return await _outcome(process, path, told)
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _outcome(process: Process, path: Path, told: Callable[[int], None]) -> tuple[int, str]:
    assert process.stdout is not None and process.stderr is not None  # noqa: PT018 - both were asked for
    async for line in process.stdout:
        mark, *rest = line.decode().split()
        if mark == "=":
            await process.wait()
            return int(rest[0]), rest[1] if len(rest) > 1 else ""
        told(int(mark))
    complaint = (await process.stderr.read()).decode(errors="replace").strip().rpartition("\n")[2]
    raise _fault(path, complaint)


def _fault(path: Path, complaint: str) -> Broken:
    damaged = "malformed" in complaint or "not a database" in complaint
    return Broken("registry-corrupted" if damaged else "registry-failed", path=str(path), why=complaint[-120:])
