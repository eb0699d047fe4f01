"""Verifying a long journal beside plain SHA-256 over the same bytes: `python -m tests.bench.verify [ENTRIES]`.

Two peers: each entry hashed by itself, because a chain needs a digest for each, and all of them as one stream, which is what the
processor can do. Both have the bytes in memory; the walk has to get them out of SQLite first.
"""

import asyncio
import hashlib
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from guard.core.entry import entry_hash
from guard.store.chain import START, check
from guard.store.walking import walk

_REASON = {"rule": "level-above-host", "level": "机密", "host_level": "内部"}
_SEEN = {
    "manufacturer": "Kingston",
    "product": "DataTraveler 3.0",
    "serial": "08606E6D418ABF10E70D012A",
    "capacity": 31 * 10**9,
}
KINDS: tuple[tuple[str, dict[str, object]], ...] = (
    ("arrived", {"port": "3-1:1.0"}),
    ("intent", {"verdict": "refused", "severity": "alarm", "reasons": [_REASON], "user": "alice", "seen": _SEEN}),
    ("result", {"verdict": "refused", "severity": "alarm", "reasons": [_REASON], "user": "alice", "disk": "sda"}),
    ("left", {"left": 1_790_000_000}),
)


def _entries(count: int) -> Iterator[tuple[int, str, str, str, str, str]]:
    before = START
    for seq in range(1, count + 1):
        kind, data = KINDS[seq % 4]
        text = json.dumps({**data, "n": seq}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        at, subject = "2026-11-25T21:10:14.123456Z", f"{seq // 4:032x}"
        before = entry_hash(seq, at, kind, subject, text, before)
        yield seq, at, kind, subject, text, before


@dataclass(frozen=True, slots=True)
class Cost:
    """The least of three, because others are at work on a machine too: seconds on the clock, and of all processors together."""

    clock: float
    cpu: float

    @classmethod
    def of(cls, act: Callable[[], object], share: float = 1.0) -> "Cost":
        """`share`: how many times as much the whole is."""
        clocks, cpus = [], []
        for _ in range(3):
            begun, spent = time.perf_counter(), _cpu()
            act()
            clocks.append(time.perf_counter() - begun)
            cpus.append(_cpu() - spent)
        return cls(share * min(clocks), share * min(cpus))


def _cpu() -> float:
    found = os.times()
    return found.user + found.system + found.children_user + found.children_system


def _fill(path: Path, count: int) -> list[bytes]:
    """A journal of so many entries; the bytes that are hashed of the first 200,000."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA journal_mode=WAL")
        file.execute(
            "CREATE TABLE journal (seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, subject TEXT, data TEXT, hash TEXT)"
        )
        file.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", _entries(count))
        file.commit()
        some = file.execute(
            "SELECT CAST(json_array(seq, at, kind, subject, data, hash) AS BLOB) FROM journal LIMIT 200000"
        )
        return [bytes(text) for (text,) in some]


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with TemporaryDirectory() as folder:
        path = Path(folder) / "registry.db"
        texts = _fill(path, count)
        share, size, stream = count / len(texts), sum(map(len, texts)) / len(texts), b"".join(texts)
        costs = {
            "SHA-256, all as one stream": Cost.of(lambda: hashlib.sha256(stream).hexdigest(), share),
            "SHA-256, each entry": Cost.of(lambda: [hashlib.sha256(text).hexdigest() for text in texts], share),
            "verify, one process": Cost.of(lambda: check(path, 1, count)),
            "verify, as the guard does it": Cost.of(lambda: asyncio.run(walk(path, "", (), lambda done, total: None))),
        }
    whole, each = list(costs.values())[:2]
    print(f"{count:,} entries of {size:.0f} bytes, {os.cpu_count()} processors, load {os.getloadavg()[0]:.0f}")
    print(
        f"{'':30}{'seconds':>9}{'CPU s':>8}{'us each':>9}{'speed of each':>15}{'of the stream':>15}   by the clock (by CPU time)"
    )
    for name, cost in costs.items():
        ratios = f"{each.clock / cost.clock:8.2f} ({each.cpu / cost.cpu:.2f})"
        ratios += f"{whole.clock / cost.clock:8.2f} ({whole.cpu / cost.cpu:.2f})"
        print(f"{name:30}{cost.clock:9.2f}{cost.cpu:8.2f}{cost.clock / count * 1e6:9.2f}{ratios}")


if __name__ == "__main__":
    main()
