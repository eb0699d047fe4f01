"""What journald gets: every entry once and in order, after the commit; away or busy, it neither stops the guard nor loses one."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard import forwarding
from guard.core.journald import fields_of, message_id, packed
from guard.forwarding import Forwarding
from guard.store.database import Database
from guard.store.journal import Journal

DOCS = Path(__file__).resolve().parents[2] / "docs" / "journal.md"


def unpacked(datagram: bytes) -> dict[str, str]:
    """As journald reads it."""
    fields = {}
    while datagram:
        name, _, rest = datagram.partition(b"\n")
        if b"=" in name:
            key, _, value = name.partition(b"=")
            datagram = rest
        else:
            key, length = name, int.from_bytes(rest[:8], "little")
            value, datagram = rest[8 : 8 + length], rest[9 + length :]
        fields[key.decode()] = value.decode()
    return fields


class Journald:
    """A socket where journald would listen."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket: socket.socket | None = None

    def begin(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(self.path))

    def end(self) -> None:
        assert self._socket is not None
        self._socket.close()
        self.path.unlink()

    async def got(self, count: int) -> list[dict[str, str]]:
        assert self._socket is not None
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(20):
            return [unpacked(await loop.sock_recv(self._socket, 1 << 20)) for _ in range(count)]

    def more(self) -> bool:
        assert self._socket is not None
        try:
            self._socket.recv(1 << 20)
        except BlockingIOError:
            return False
        return True


class World:
    def __init__(self, folder: Path) -> None:
        self.folder, self.journald = folder, Journald(folder / "socket")
        self.database = Database(folder / "registry.db")
        self.journal = Journal(self.database, folder / "head", lambda: "2026-11-25T10:00:00.000000Z")

    @asynccontextmanager
    async def forwarding(self, behind: float = 0.0) -> AsyncIterator[None]:
        to = Forwarding(self.database, self.journal, self.folder / "forwarded", str(self.journald.path), behind)
        task = asyncio.ensure_future(to.run())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def _play(folder: Path, story: Callable[[World], Awaitable[None]]) -> None:
    async def whole() -> None:
        world = World(folder)
        await world.journal.append("started", "guard")
        (folder / "forwarded").write_text("0")
        world.journald.begin()
        try:
            await story(world)
        finally:
            world.journald.end()
            await world.database.close()

    asyncio.run(whole())


def test_an_entry_is_told_with_what_a_collector_asks_for(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        async with world.forwarding():
            reasons = [{"rule": "level-above-host"}, {"rule": "network-not-listed"}]
            entry = await world.journal.append(
                "intent",
                "a1" * 16,
                verdict="refused",
                severity="alarm",
                reasons=reasons,
                user="alice",
                medium="c1" * 16,
            )
            _, got = await world.journald.got(2)
        assert got["MESSAGE"] == "intent a1a1a1a1 refused (level-above-host,network-not-listed)"
        assert (got["PRIORITY"], got["MESSAGE_ID"], got["SYSLOG_IDENTIFIER"]) == (
            "1",
            message_id("intent"),
            "media-guard",
        )
        assert (got["MEDIA_GUARD_SEQ"], got["MEDIA_GUARD_HASH"]) == (str(entry.seq), entry.hash)
        assert got["MEDIA_GUARD_RULES"] == "level-above-host,network-not-listed"
        assert (got["MEDIA_GUARD_USER"], got["MEDIA_GUARD_MEDIUM"]) == ("alice", "c1" * 16)
        assert json.loads(got["MEDIA_GUARD_DATA"])["verdict"] == "refused"

    _play(tmp_path, story)


def test_entries_that_gathered_are_told_in_order_and_none_is_left_behind(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        async with world.forwarding(behind=0.05):
            await world.journald.got(1)
            for number in range(5):
                await world.journal.append("x", str(number))
            assert [got["MEDIA_GUARD_SUBJECT"] for got in await world.journald.got(5)] == list("01234")
            await world.journal.append("x", "5")
            assert [got["MEDIA_GUARD_SUBJECT"] for got in await world.journald.got(1)] == ["5"]
            assert not world.journald.more(), "each once"

    _play(tmp_path, story)


def test_while_journald_is_away_the_guard_goes_on_and_all_is_told_later_once(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        async with world.forwarding():
            await world.journald.got(1)
            world.journald.end()
            for number in range(5):
                await world.journal.append("x", str(number))
            world.journald.begin()
            await world.journal.append("x", "5")
            assert [got["MEDIA_GUARD_SUBJECT"] for got in await world.journald.got(6)] == list("012345")
            assert not world.journald.more()

    _play(tmp_path, story)


def test_a_journald_that_does_not_read_stops_nobody_and_misses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwarding, "BUSY_SECONDS", 0.01)
    limit = int(Path("/proc/sys/net/unix/max_dgram_qlen").read_text())

    async def story(world: World) -> None:
        async with world.forwarding():
            for number in range(3 * limit):
                await world.journal.append("x", str(number))
            got = await world.journald.got(3 * limit + 1)
        assert [fields["MEDIA_GUARD_SEQ"] for fields in got] == [str(n) for n in range(1, 3 * limit + 2)]

    _play(tmp_path, story)


def test_what_was_told_is_not_told_again_after_a_restart_and_what_was_missed_is(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        async with world.forwarding():
            await world.journald.got(1)
            await world.journal.append("x", "before")
            await world.journald.got(1)
        await world.journal.append("x", "meanwhile")
        async with world.forwarding():
            assert [got["MEDIA_GUARD_SUBJECT"] for got in await world.journald.got(1)] == ["meanwhile"]
        assert not world.journald.more()

    _play(tmp_path, story)


def test_the_first_time_what_was_long_ago_is_not_told(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        (world.folder / "forwarded").unlink()
        async with world.forwarding():
            while not (world.folder / "forwarded").exists():
                await world.journal.append("x", "new")
                await asyncio.sleep(0)
            (got,) = await world.journald.got(1)
        assert got["MEDIA_GUARD_KIND"] == "x"

    _play(tmp_path, story)


def test_an_entry_that_no_datagram_holds_is_told_without_its_data(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        async with world.forwarding():
            await world.journald.got(1)
            await world.journal.append("x", "large", text="x" * 1_000_000)
            (got,) = await world.journald.got(1)
        assert "MEDIA_GUARD_DATA" not in got
        assert got["MEDIA_GUARD_SUBJECT"] == "large"

    _play(tmp_path, story)


@given(
    st.text(max_size=80), st.text(max_size=80), st.dictionaries(st.text(max_size=9), st.text(max_size=80), max_size=3)
)
def test_no_text_leaves_its_field(subject: str, kind: str, data: dict[str, str]) -> None:
    fields = fields_of(7, "now", kind, subject, json.dumps(data), "00")
    found = unpacked(packed(fields))
    assert {name: value.encode("utf-8", "replace").decode() for name, value in fields.items()} == found
    assert set(found) <= {
        *("MESSAGE", "PRIORITY", "MESSAGE_ID", "SYSLOG_IDENTIFIER"),
        *(f"MEDIA_GUARD_{name}" for name in ("SEQ", "AT", "KIND", "SUBJECT", "SEVERITY", "VERDICT", "RULES")),
        *(f"MEDIA_GUARD_{name}" for name in ("MEDIUM", "USER", "HASH", "DATA")),
    }


def test_every_message_id_that_is_documented_is_the_one_that_is_told() -> None:
    table = DOCS.read_text().partition("| kind | MESSAGE_ID |")[2]
    rows = [line.split("|") for line in table.splitlines() if line.startswith("| `")]
    documented = {row[1].strip().strip("`"): row[2].strip().strip("`") for row in rows if len(row) >= 4}
    assert len(documented) > 15
    assert documented == {kind: message_id(kind) for kind in documented}
