"""The walk through a file system: everything that is there, nothing beyond it, and an end."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest

from guard.core.manifest import Cut, Entry, Kind, Manifest, shown
from guard.core.volumes import Wish
from guard.files.sandbox import OPEN
from guard.files.tree import Tree

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


def _walk(folder: Path, wish: Wish = Wish(), **more: object) -> tuple[dict[str, Entry], Tree]:  # noqa: B008
    tree = Tree(wish, lambda: None, **more)  # type: ignore[arg-type]
    root = os.open(folder, OPEN | os.O_DIRECTORY)
    try:
        return {shown(entry.path): entry for entry in tree.entries(root)}, tree
    finally:
        os.close(root)


def test_everything_is_told_with_kind_size_and_time(tmp_path: Path) -> None:
    (tmp_path / "docs" / "deep").mkdir(parents=True)
    (tmp_path / "docs" / "plan.odt").write_text("plan")
    os.utime(tmp_path / "docs" / "plan.odt", ns=(1, 1_700_000_000_123_000_000))
    (tmp_path / "link").symlink_to("/etc/shadow")
    os.mkfifo(tmp_path / "pipe")
    found, tree = _walk(tmp_path)
    assert {path: entry.kind for path, entry in found.items()} == {
        "docs": Kind.FOLDER,
        "docs/deep": Kind.FOLDER,
        "docs/plan.odt": Kind.FILE,
        "link": Kind.LINK,
        "pipe": Kind.OTHER,
    }
    plan = found["docs/plan.odt"]
    assert (plan.size, plan.modified, plan.digest) == (4, 1_700_000_000_123_000_000, b"")
    assert (tree.cut, tree.unread) == (Cut.NONE, 0)


def test_links_are_followed_nowhere_also_when_they_lead_to_folders(tmp_path: Path) -> None:
    (tmp_path / "etc").symlink_to("/etc")
    (tmp_path / "self").symlink_to(".")
    found, _ = _walk(tmp_path, Wish(hash_up_to=1 << 20))
    assert set(found) == {"etc", "self"}


@pytest.mark.parametrize(
    "name", [b"\xff\xfe", b"line\nbreak", b"\x1b[31m", "\u202egpj.exe".encode(), b"a\\b", b" ", b"-rf"]
)
def test_names_of_any_bytes_come_through_as_they_are(tmp_path: Path, name: bytes) -> None:
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))).write_text("x")
    root = os.open(tmp_path, OPEN | os.O_DIRECTORY)
    (entry,) = Tree(Wish(), lambda: None).entries(root)
    os.close(root)
    assert entry.path == name


def test_contents_are_hashed_by_size_and_age_and_programs_are_known_by_their_beginning(tmp_path: Path) -> None:
    (tmp_path / "small").write_bytes(b"MZ" + bytes(98))
    (tmp_path / "large").write_bytes(bytes(5000))
    (tmp_path / "empty").touch()
    found, _ = _walk(tmp_path, Wish(hash_up_to=1000))
    assert found["small"].digest == hashlib.sha256(b"MZ" + bytes(98)).digest()
    assert found["small"].program
    assert found["large"].digest == found["empty"].digest == b""
    found, _ = _walk(tmp_path, Wish(hash_up_to=10_000, hash_since=1 << 62))
    if found["small"].born:
        assert found["small"].digest == found["large"].digest == b"", "older than what is asked for"


def test_limits_end_the_walk_and_say_so(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"f{number}").touch()
    found, tree = _walk(tmp_path, Wish(entries=10))
    assert (len(found), tree.cut) == (10, Cut.ENTRIES)
    ticks = iter(range(1000))
    found, tree = _walk(tmp_path, Wish(seconds=5), clock=lambda: float(next(ticks)))
    assert (len(found), tree.cut) == (5, Cut.TIME)
    deep = tmp_path
    for _ in range(6):
        deep = deep / "d"
        deep.mkdir()
    found, tree = _walk(tmp_path, Wish(depth=3))
    assert tree.cut is Cut.DEPTH
    assert max(path.count("/") for path in found) == 2


def test_a_walk_that_nobody_wants_any_more_ends(tmp_path: Path) -> None:
    for number in range(600):
        (tmp_path / f"f{number}").touch()
    asked: list[int] = []

    class Unwanted(Exception): ...

    def wanted() -> None:
        asked.append(1)
        raise Unwanted

    root = os.open(tmp_path, OPEN | os.O_DIRECTORY)
    with pytest.raises(Unwanted):
        list(Tree(Wish(), wanted).entries(root))
    os.close(root)
    assert asked == [1]


@ROOT_ONLY
def test_what_is_mounted_on_a_folder_is_not_entered_not_even_the_same_file_system(tmp_path: Path) -> None:
    medium = tmp_path / "medium"
    medium.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "medium", str(medium)], check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        for name in ("other", "again", "deep"):
            (medium / name).mkdir()
        (medium / "deep" / "x").touch()
        subprocess.run(["mount", "-t", "tmpfs", "other", str(medium / "other")], check=True)
        (medium / "other" / "secret").touch()
        subprocess.run(["mount", "--bind", str(medium / "deep"), str(medium / "again")], check=True)
        found, tree = _walk(medium)
        assert (set(found), tree.unread) == ({"deep", "deep/x"}, 0)
    finally:
        subprocess.run(["umount", "-R", str(medium)], check=True)


def test_a_folder_that_cannot_be_read_is_counted_and_the_manifest_is_not_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shut").mkdir()
    real = os.open

    def open_but_one(path: object, flags: int, **more: int) -> int:
        if path == b"shut":
            raise PermissionError
        return real(path, flags, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", open_but_one)
    found, tree = _walk(tmp_path)
    assert (set(found), tree.unread) == ({"shut"}, 1)
    assert not Manifest.of(found.values(), tree.cut, tree.unread).complete
