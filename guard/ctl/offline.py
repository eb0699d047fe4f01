"""A journal as a file, far from the computer it is of: a registry.db, or an export as JSON lines."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from guard.core.entry import entry_hash
from guard.core.errors import Hostile
from guard.core.head import claimed_host, read_head
from guard.core.keyring import Keyring
from guard.org.trust import load_keyring
from guard.store.chain import START, Verification, connect
from guard.store.walking import Witness, walk

Progress = Callable[[int], None]
_TEXTS = ("at", "kind", "subject", "data", "hash")


def verify_file(path: Path, known: list[dict[str, Any]], trust: Path | None, progress: Progress) -> dict[str, Any]:
    """Walk it, hold it against `known` heads of the same host, and check the signed heads in it where `trust` says by whom.

    Raises:
        Broken: `registry-...`, `file-...`, `trust-...`.
        Hostile: `export-malformed`.
    """
    keyring = load_keyring(trust.parent if trust.name == "trust" else trust, _now()) if trust is not None else None
    database = _is_database(path)
    heads = list(_heads_of_database(path) if database else _heads_of_export(path))
    host = next((ident for cose in heads if (ident := claimed_host(cose))), "")
    witnesses = [Witness(head["seq"], head["hash"], "heads-file") for head in known if head["host"] == host]
    if keyring is not None:
        for cose in heads:
            head = _signed(cose, keyring, host)
            if head is None:
                return _result(Verification(0, ok=False, why="head-forged", witness="signed"), host, 0)
            witnesses.append(head)
    if database:
        found = asyncio.run(walk(path, host, witnesses, lambda done, total: progress(100 * done // max(1, total))))
    else:
        found = _walk_export(path, witnesses, progress)
    return _result(found, host, len(heads) if keyring is not None and found.ok else 0)


def _result(found: Verification, host: str, signed: int) -> dict[str, Any]:
    names = ("entries", "ok", "first_bad", "why", "witness")
    return {**{name: getattr(found, name) for name in names}, "host": host, "signed": signed}


def _signed(cose: bytes, keyring: Keyring, host: str) -> Witness | None:
    try:
        head = read_head(cose, keyring)
    except Hostile:
        return None
    return Witness(head.sequence, head.hash, "signed") if head.host_id == host else None


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def _heads_of_database(path: Path) -> Iterator[bytes]:
    with closing(connect(path)) as file:
        if file.execute("SELECT 1 FROM sqlite_master WHERE name = 'heads'").fetchone():
            yield from (bytes(cose) for (cose,) in file.execute("SELECT CAST(cose AS BLOB) FROM heads ORDER BY seq"))


def _heads_of_export(path: Path) -> Iterator[bytes]:
    for _, row in _lines(path):
        if "head" in row:
            try:
                yield bytes.fromhex(row["head"]["signature"])
            except (ValueError, KeyError, TypeError):
                raise Hostile("export-malformed", file=str(path)) from None


def _walk_export(path: Path, witnesses: list[Witness], progress: Progress) -> Verification:
    size, done, before, wrong = max(1, path.stat().st_size), 0, START, list[Witness]()
    by_sequence: dict[int, list[Witness]] = {}
    for witness in witnesses:
        by_sequence.setdefault(witness.sequence, []).append(witness)
    for place, row in _lines(path):
        if "seq" not in row:
            continue
        if row["seq"] != done + 1:
            return Verification(done, ok=False, first_bad=done + 1, why="missing")
        at, kind, subject, data, found = (str(row.get(name)) for name in _TEXTS)
        if entry_hash(done + 1, at, kind, subject, data, before) != found:
            return Verification(done, ok=False, first_bad=done + 1, why="changed")
        done, before = done + 1, found
        wrong += [w for w in by_sequence.get(done, ()) if not found.startswith(w.hash)]
        if done % 10_000 == 0:
            progress(100 * place // size)
    if wrong:
        return Verification(done, ok=False, first_bad=wrong[0].sequence, why="rewritten", witness=wrong[0].source)
    beyond = [w for w in witnesses if w.sequence > done]
    if beyond:
        return Verification(done, ok=False, first_bad=done + 1, why="cut-off", witness=beyond[0].source)
    return Verification(done, ok=True)


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    place = 0
    with path.open("rb") as file:
        for number, text in enumerate(file):
            place += len(text)
            try:
                row = json.loads(text)
            except ValueError:
                raise Hostile("export-malformed", file=str(path)) from None
            if not isinstance(row, dict) or (number == 0 and row.get("journal") != 1):
                raise Hostile("export-malformed", file=str(path))
            yield place, row


def _now() -> int:
    return int(datetime.now(UTC).timestamp())
