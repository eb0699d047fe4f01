"""The daemon's side of a listing: what it does with a good lister, and with one that lies, stalls, talks nonsense or dies."""

import asyncio
import contextlib
import os
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.core.errors import Broken, GuardError, Hostile
from guard.core.manifest import Cut, Entry, Kind, Manifest
from guard.core.volumes import Volume, Wish
from guard.files import lister as listing
from guard.files.lister import Children, FileLister
from guard.files.wire import MAX_PACKET, End, pack_end, pack_entries, pack_gone, pack_job, parse_answer, unpack_job

VOLUME = Volume(1, 5, b"/media/alice/STICK")
Talk = Callable[[socket.socket], None]


def _list(talk: Talk, wish: Wish = Wish()) -> Manifest:  # noqa: B008
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def live() -> None:
        with theirs, contextlib.suppress(OSError):
            theirs.settimeout(20)
            theirs.recv(MAX_PACKET)
            talk(theirs)

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    return asyncio.run(FileLister(lambda: ours).list(VOLUME, wish))


def _says(*answers: bytes) -> Talk:
    def talk(channel: socket.socket) -> None:
        for answer in answers:
            channel.send(answer)

    return talk


def _entries(*names: str) -> bytes:
    return pack_entries(b"".join(Entry(name.encode(), Kind.FILE, 1).pack() for name in names))


def test_the_job_goes_over_whole() -> None:
    wish = Wish(7, 1 << 40, 1_790_000_000_000_000_000, 99, 5)
    assert unpack_job(pack_job(VOLUME, wish)) == (Volume(0, 5, VOLUME.path), wish)
    for bad in (b"", b"\x02" + pack_job(VOLUME, wish)[1:], pack_job(Volume(0, 5, b"relative"), wish)):
        with pytest.raises(Exception, match=r"question|requires"):
            unpack_job(bad)


def test_packets_become_one_sorted_manifest() -> None:
    found = _list(_says(_entries("b", "a"), _entries("c"), pack_end(End(Cut.TIME, 3))))
    assert ([entry.path for entry in found.entries], found.cut, found.unread) == ([b"a", b"b", b"c"], Cut.TIME, 3)


LIES = {
    "nothing but its end": (),
    "an end that is none": (b"\x02\x09\0\0\0\0",),
    "a short end": (b"\x02\0",),
    "no known answer": (b"\x07hello",),
    "an empty answer of entries and then silence": (b"\x01", b"\x00"),
    "a path that leads out": (_entries("../etc/shadow"),),
    "an end after half an entry": (_entries("a")[:-1], pack_end(End(Cut.NONE, 0))),
    "more entries than asked for": (_entries(*map(str, range(6))), pack_end(End(Cut.NONE, 0))),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lister_that_lies_or_dies_makes_no_manifest(lie: str) -> None:
    with pytest.raises(GuardError, match=r"manifest-answer|lister-unavailable"):
        _list(_says(*LIES[lie]), Wish(entries=5))


def test_what_was_unmounted_meanwhile_is_gone_and_where_no_lister_starts_that_is_said() -> None:
    with pytest.raises(Hostile, match="manifest-gone"):
        _list(_says(pack_gone()))

    def refused() -> socket.socket:
        raise ConnectionRefusedError

    with pytest.raises(Broken, match="lister-unavailable"):
        asyncio.run(FileLister(refused).list(VOLUME, Wish()))


def test_a_lister_that_stalls_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "START_SECONDS", 0.2)
    monkeypatch.setattr(listing, "LET_GO_SECONDS", 0.2)
    done = threading.Event()

    def stalls(channel: socket.socket) -> None:
        done.wait(20)

    with pytest.raises(Hostile, match="manifest-answer"):
        _list(stalls, Wish(seconds=0))
    done.set()


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_any_answer_is_taken_or_refused_with_one_of_two_codes(untrusted: bytes) -> None:
    try:
        found = parse_answer(untrusted)
    except Hostile as error:
        if error.code not in ("manifest-answer", "manifest-gone"):
            raise
    else:
        assert isinstance(found, End) or all(entry.path for entry in found)


def test_the_real_process_lists_a_folder_and_only_the_device_that_was_meant(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "plan.odt").write_text("plan")
    (tmp_path / "way-out").symlink_to("/")
    children = Children()
    device = tmp_path.stat().st_dev

    async def both() -> Manifest:
        found = await FileLister(children).list(Volume(1, device, os.fsencode(tmp_path)), Wish(hash_up_to=100))
        with pytest.raises(Hostile, match="manifest-gone"):
            await FileLister(children).list(Volume(1, device + 1, os.fsencode(tmp_path)), Wish())
        with pytest.raises(Hostile, match="manifest-gone"):
            await FileLister(children).list(Volume(1, device, os.fsencode(tmp_path / "gone")), Wish())
        return found

    found = asyncio.run(both())
    children.wait()
    assert [(e.path, e.kind) for e in found.entries] == [
        (b"docs", Kind.FOLDER),
        (b"docs/plan.odt", Kind.FILE),
        (b"way-out", Kind.LINK),
    ]
    assert found.complete
    assert found.entries[1].digest


def test_when_a_listing_is_cancelled_its_process_has_ended(tmp_path: Path) -> None:
    for folder in range(40):
        (tmp_path / f"d{folder}").mkdir()
        for number in range(50):
            (tmp_path / f"d{folder}" / f"f{number}").touch()
    children = Children()
    volume = Volume(1, tmp_path.stat().st_dev, os.fsencode(tmp_path))

    async def story() -> None:
        task = asyncio.ensure_future(FileLister(children).list(volume, Wish()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
    assert [child.wait(10) for child in children._running] == [0]
