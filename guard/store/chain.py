"""The chain of the journal, entry by entry. Standard library only: `walking` runs this in processes of its own.

SQLite writes exactly the JSON that `guard.core.entry` hashes, so that each entry costs one copy out of the database and one digest
(tests/store/test_chain.py holds the two together).
"""

import hashlib
import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

START = "0" * 64
BATCH = 20_000
_ROWS = """SELECT seq, CAST(json_array(seq, at, kind, subject, data) AS BLOB), hash
FROM journal WHERE seq > ? AND seq <= ? ORDER BY seq"""
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Verification:
    """Outcome of `verify`: `first_bad` is the sequence of the first broken entry, 0 if none; `why` a code, "" if ok.

    Codes: `missing`, `changed`, `extra` (below number 1), `rewritten` and `cut-off` (against a head that is known from elsewhere,
    which `witness` names: `head-file`, `signed`, `heads-file`, or the id of the medium that carried it).
    """

    entries: int
    ok: bool
    first_bad: int = 0
    why: str = ""
    witness: str = ""


def connect(path: Path) -> sqlite3.Connection:
    """Open a registry for reading alone; also one on a disk that cannot be written, where SQLite cannot put its lock file."""
    file = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        file.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()
    except sqlite3.OperationalError as error:
        file.close()
        if (
            error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            or not path.is_file()
        ):
            raise
        return sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True)
    return file


def newest(file: sqlite3.Connection) -> int:
    """The highest sequence, 0 for an empty journal."""
    return int(file.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0])


def hash_of(file: sqlite3.Connection, seq: int) -> str | None:
    """What an entry's hash is said to be; None where there is no such entry."""
    row = file.execute("SELECT CAST(hash AS BLOB) FROM journal WHERE seq = ?", (seq,)).fetchone()
    return bytes(row[0] or b"").decode("ascii", "replace") if row else None


def check(path: Path, first: int, last: int, progress: Progress = lambda done: None) -> tuple[int, str]:
    """Check entries `first` to `last` against each other and the one before; the first bad one and why, (0, "") for none.

    `progress` gets how many are done. Each batch is a transaction of its own, so the writer's log does not pile up behind it.

    Raises:
        sqlite3.Error: the database cannot be read.
    """
    with closing(connect(path)) as file:
        extra = file.execute("SELECT min(seq) FROM journal").fetchone()[0]
        if first == 1 and extra is not None and extra < 1:
            return int(extra), "extra"
        before = START if first == 1 else hash_of(file, first - 1) or ""
        for start in range(first - 1, last, BATCH):
            end = min(start + BATCH, last)
            try:
                bad, why, before = _batch(file.execute(_ROWS, (start, end)), start, end, before)
            except sqlite3.OperationalError as error:
                if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) != sqlite3.SQLITE_ERROR:
                    raise
                return _unreadable(file, start, end, before)
            if bad:
                return bad, why
            progress(end - first + 1)
    return 0, ""


def _batch(rows: sqlite3.Cursor, start: int, end: int, before: str) -> tuple[int, str, str]:
    copy, expected = hashlib.sha256().copy, start
    for seq, text, found in rows:
        expected += 1
        if seq != expected:
            return expected, "missing", before
        digest = copy()
        digest.update(b'%b,"%b"]' % (text[:-1], before.encode()))
        if digest.hexdigest() != found:
            return seq, "changed", before
        before = found
    return (expected + 1, "missing", before) if expected < end else (0, "", before)


def _unreadable(file: sqlite3.Connection, start: int, end: int, before: str) -> tuple[int, str]:
    """Some entry of the batch holds what is no text (a blob, bytes that are no UTF-8): find out which is the first bad one."""
    for seq in range(start + 1, end + 1):
        try:
            bad, why, before = _batch(file.execute(_ROWS, (seq - 1, seq)), seq - 1, seq, before)
        except sqlite3.OperationalError:
            return seq, "changed"
        if bad:
            return bad, why
    return 0, ""


def main() -> None:
    """For a process of its own: a path and two numbers; prints how many are done, then `= BAD WHY`."""
    path, first, last = sys.argv[1:4]
    with suppress(OSError):
        os.nice(10)  # where the sandbox lets us
    bad, why = check(Path(path), int(first), int(last), lambda done: print(done, flush=True))  # noqa: T201 - the pipe
    print("=", bad, why, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
