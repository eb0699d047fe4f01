"""Heads of the journal: signed while something happens, never by a clock alone; kept for ever; and they show what was cut."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from guard.core.certificate import Certificate, Role, sign_certificate
from guard.core.cose import key_id, seal
from guard.core.errors import Broken, Hostile
from guard.core.head import Head, read_head, sign_head
from guard.core.keyring import Keyring
from guard.org.keys import new_signer
from guard.store.chain import Verification
from guard.store.database import Database
from guard.store.heads import EVERY, Sealing, SignedHead, newest_signed
from guard.store.journal import Journal

ISSUER, HOST = new_signer(), new_signer()
KEYRING = Keyring({key_id(ISSUER.public_key): ISSUER.public_key})
CERTIFICATE = sign_certificate(
    Certificate(Role.HOST, HOST.public_key, "a1" * 8, "b2" * 8, "cn", (1,), 100, 200), ISSUER
)


def _sign(sequence: int, digest: str) -> SignedHead:
    return SignedHead(sequence, digest, 150, sign_head(sequence, digest, 150, "a1" * 8, HOST, CERTIFICATE))


class World:
    def __init__(self, folder: Path) -> None:
        self.folder, self.seconds = folder, 0.0
        self.database = Database(folder / "registry.db")
        self.journal = Journal(
            self.database, folder / "journal.head", lambda: "now", Sealing("a1" * 8, _sign, lambda: self.seconds)
        )

    async def signed(self) -> list[int]:
        return [head.sequence for head in await self.database.read(lambda c: newest_signed(c, 1000))]


def _play(folder: Path, story: Callable[[World], Awaitable[None]]) -> None:
    async def whole() -> None:
        world = World(folder)
        await story(world)
        await world.database.close()

    asyncio.run(whole())


def _edit(folder: Path, *statements: str) -> None:
    file = sqlite3.connect(folder / "registry.db")
    for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        file.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        file.execute(statement)
    file.commit()
    file.close()


def test_a_head_says_what_the_host_signed_and_verifies_by_the_issuer_alone() -> None:
    cose = sign_head(7, "cd" * 32, 150, "a1" * 8, HOST, CERTIFICATE)
    assert read_head(cose, KEYRING) == Head(7, "cd" * 32, 150, "a1" * 8, "b2" * 8)
    assert len(cose) < 512


@pytest.mark.parametrize(
    ("cose", "code"),
    [
        (sign_head(7, "cd" * 32, 150, "ff" * 8, HOST, CERTIFICATE), "head-forged"),
        (sign_head(7, "cd" * 32, 150, "a1" * 8, new_signer(), CERTIFICATE), "head-forged"),
        (sign_head(7, "cd" * 32, 150, "a1" * 8, HOST, CERTIFICATE)[:-1], "head-malformed"),
        (seal(HOST, {}, b"mhead/1"), "head-malformed"),
        (
            seal(HOST, {6: 150, 7: b"\xa1" * 8, -70001: {1: 0, 2: b"1" * 32}}, b"mhead/1", {-70002: CERTIFICATE}),
            "head-malformed",
        ),
        (
            seal(HOST, {6: 150, 7: b"\xa1" * 8, -70001: {1: 1, 2: b"1" * 32}}, b"mrecord/1", {-70002: CERTIFICATE}),
            "head-forged",
        ),
    ],
    ids=["another host", "another key", "cut off", "empty", "number 0", "a record"],
)
def test_what_is_no_head_of_this_host_is_refused(cose: bytes, code: str) -> None:
    with pytest.raises(Hostile) as caught:
        read_head(cose, KEYRING)
    assert caught.value.code == code


def test_an_issuer_that_is_not_trusted_vouches_for_no_head() -> None:
    with pytest.raises(Hostile) as caught:
        read_head(sign_head(7, "cd" * 32, 150, "a1" * 8, HOST, CERTIFICATE), Keyring({}))
    assert caught.value.code == "record-unknown-issuer"


def test_heads_are_signed_by_count_and_by_the_hour_but_only_while_something_happens(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.journal.append("started", "guard")
        assert await world.signed() == [1]
        for _ in range(EVERY):
            await world.journal.append("x", "y")
        assert await world.signed() == [EVERY + 1, 1]
        await world.journal.append("x", "y")
        world.seconds = 3601.0
        assert await world.signed() == [EVERY + 1, 1], "an hour alone signs nothing"
        await world.journal.append("x", "y")
        assert await world.signed() == [EVERY + 3, EVERY + 1, 1]
        assert (await world.journal.verify()).ok
        assert len(await world.signed()) == 3, "this very entry was signed already"
        await world.journal.append("x", "y")
        head = await world.journal.signed_head()
        assert head.sequence == EVERY + 4 == read_head(head.cose, KEYRING).sequence
        assert (await world.journal.signed_head()) == head

    _play(tmp_path, story)


def test_an_entry_that_was_not_written_is_not_signed(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        def fail(_: object) -> None:
            raise Hostile("option-type", option="x")

        with pytest.raises(Hostile):
            await world.journal.write("x", "y", {}, fail)
        assert await world.signed() == []
        with pytest.raises(Broken, match="journal-unsigned"):
            await world.journal.signed_head()

    _play(tmp_path, story)


def test_without_the_file_beside_it_a_cut_or_rewritten_tail_is_shown_by_the_signed_heads(tmp_path: Path) -> None:
    async def fill(world: World) -> None:
        for _ in range(5):
            await world.journal.append("x", "y")
        await world.journal.signed_head()

    async def look(world: World) -> None:
        found.append(await world.journal.verify())

    found: list[Verification] = []
    _play(tmp_path, fill)
    (tmp_path / "journal.head").unlink()
    _play(tmp_path, look)
    _edit(tmp_path, "DELETE FROM journal WHERE seq > 3")
    _play(tmp_path, look)
    assert found == [
        Verification(5, ok=True),
        Verification(3, ok=False, first_bad=4, why="cut-off", witness="signed"),
    ]


@pytest.mark.parametrize("statement", ["UPDATE heads SET hash = 'x'", "DELETE FROM heads"])
def test_the_file_itself_refuses_to_forget_a_head(tmp_path: Path, statement: str) -> None:
    async def fill(world: World) -> None:
        await world.journal.append("x", "y")

    _play(tmp_path, fill)
    file = sqlite3.connect(tmp_path / "registry.db")
    with pytest.raises(sqlite3.IntegrityError, match="forgets nothing"):
        file.execute(statement)
    file.close()
