"""No entry of the journal can be removed, edited or moved without being named; and nothing that is whole is accused."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.core.entry import entry_hash
from guard.core.errors import Broken
from guard.store import walking
from guard.store.chain import START, Verification, check
from guard.store.walking import Witness, walk

COUNT = 12
TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
often = settings(deadline=None, max_examples=40)
COLUMNS = ("at", "kind", "subject", "data", "hash")


def journal(path: Path, entries: list[tuple[str, str, str, str]]) -> list[str]:
    """A file with this journal; its hashes."""
    hashes = [START]
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA synchronous=OFF")
        file.execute(
            "CREATE TABLE journal (seq INTEGER PRIMARY KEY, at TEXT, kind TEXT, subject TEXT, data TEXT, hash TEXT)"
        )
        for seq, (at, kind, subject, data) in enumerate(entries, 1):
            hashes.append(entry_hash(seq, at, kind, subject, data, hashes[-1]))
            file.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?)", (seq, at, kind, subject, data, hashes[-1]))
        file.commit()
    return hashes[1:]


def plain(path: Path, count: int = COUNT) -> list[str]:
    return journal(
        path, [("2026-11-25T10:00:00Z", "intent", f"v{n}", f'{{"n":{n},"级":"机密"}}') for n in range(count)]
    )


def walked(path: Path, *witnesses: Witness) -> Verification:
    return asyncio.run(walk(path, "", witnesses, lambda done, total: None))


def edit(path: Path, *statements: str | tuple[str, tuple[object, ...]]) -> None:
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA synchronous=OFF")
        for statement in statements:
            file.execute(*(statement if isinstance(statement, tuple) else (statement,)))
        file.commit()


@pytest.fixture
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


@often
@given(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=4))
def test_sqlite_writes_the_same_bytes_that_were_hashed_whatever_the_text(
    entries: list[tuple[str, str, str, str]],
) -> None:
    with TemporaryDirectory() as name:
        journal(Path(name) / "j.db", entries)
        assert check(Path(name) / "j.db", 1, len(entries)) == (0, "")


@often
@given(
    st.integers(1, COUNT),
    st.sampled_from(COLUMNS),
    st.one_of(TEXT, st.binary(max_size=8), st.none(), st.integers(-(1 << 62), 1 << 62)),
)
def test_any_edit_of_any_field_is_found_at_its_entry(place: int, column: str, value: object) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "j.db"
        plain(path)
        with closing(sqlite3.connect(path)) as file:
            before = file.execute(f"SELECT {column} FROM journal WHERE seq = ?", (place,)).fetchone()[0]
        edit(path, (f"UPDATE journal SET {column} = ? WHERE seq = ?", (value, place)))
        if before == value:
            assert walked(path).ok
        else:
            assert walked(path) == Verification(place - 1, ok=False, first_bad=place, why="changed")


@often
@given(st.sets(st.integers(1, COUNT), min_size=1))
def test_whatever_is_taken_out_is_found_at_the_first_that_is_gone(gone: set[int]) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "j.db"
        hashes = plain(path)
        edit(path, *((f"DELETE FROM journal WHERE seq = {n}") for n in gone))
        found = walked(path, Witness(COUNT, hashes[-1], "head-file"))
        left = max(set(range(1, COUNT + 1)) - gone, default=0)
        cut = min(gone) > left
        assert (found.ok, found.first_bad, found.why) == (False, min(gone), "cut-off" if cut else "missing")
        assert found.witness == ("head-file" if cut else "")


@often
@given(st.permutations(range(1, COUNT + 1)))
def test_another_order_is_found_at_the_first_that_moved(order: list[int]) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "j.db"
        plain(path)
        edit(
            path,
            *(f"UPDATE journal SET seq = {-new} WHERE seq = {old}" for new, old in enumerate(order, 1)),
            "UPDATE journal SET seq = -seq",
        )
        moved = [new for new, old in enumerate(order, 1) if new != old]
        found = walked(path)
        assert (found.first_bad, found.why) == ((moved[0], "changed") if moved else (0, ""))


@often
@given(st.integers(1, COUNT), st.integers(1, COUNT))
def test_a_tail_that_was_written_anew_is_found_by_whoever_knew_a_head_of_the_old_one(place: int, known: int) -> None:
    with TemporaryDirectory() as name:
        path = Path(name) / "j.db"
        hashes = plain(path)
        path.unlink()
        entries = [("2026-11-25T10:00:00Z", "intent", f"v{n}", f'{{"n":{n},"级":"机密"}}') for n in range(COUNT)]
        entries[place - 1] = ("2026-11-25T10:00:00Z", "intent", "somebody else", "{}")
        journal(path, entries)
        assert walked(path).ok, "the chain itself is sound"
        found = walked(path, Witness(known, hashes[known - 1][:32], "c1" * 16))
        assert (found.ok, found.first_bad) == ((True, 0) if known < place else (False, known))
        assert (found.why, found.witness) == (("", "") if known < place else ("rewritten", "c1" * 16))


def test_an_entry_before_the_first_is_found(folder: Path) -> None:
    plain(folder / "j.db")
    edit(folder / "j.db", "INSERT INTO journal VALUES (0, '', '', '', '', '')")
    assert walked(folder / "j.db").why == "extra"


def test_long_journals_are_walked_by_processes_of_their_own_and_the_first_fault_counts(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "LONG", 1)
    monkeypatch.setattr(walking, "MOST_PROCESSES", 3)
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    path, told = folder / "it's 100% #1?.db", []
    plain(path, 90)

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    assert asyncio.run(walk(path, "", (), progress)) == Verification(90, ok=True)
    assert told[-1] == (90, 90)
    edit(path, "UPDATE journal SET kind = 'x' WHERE seq = 80", "DELETE FROM journal WHERE seq = 31")
    assert walked(path) == Verification(30, ok=False, first_bad=31, why="missing")


@pytest.mark.parametrize("many", [False, True])
def test_a_file_that_is_no_registry_is_an_error_and_no_verdict(
    folder: Path, monkeypatch: pytest.MonkeyPatch, many: bool
) -> None:
    path = folder / "j.db"
    plain(path)
    if many:
        monkeypatch.setattr(walking, "LONG", 1)
        monkeypatch.setattr(walking, "_newest", lambda path: 12)
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(Broken) as caught:
        walked(path)
    assert caught.value.code == "registry-corrupted"
