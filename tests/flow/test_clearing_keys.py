"""Destroying the keys of an encrypted medium: exactly the ordered one, nothing else of it, and never what is not encrypted."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from guard.clearing import METHODS
from guard.core.disposal import Method
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.store.queries import Page
from tests.core.test_luks import luks1, luks2
from tests.flow.host import Host, stick
from tests.flow.keepers import CAROL, ordering, refused
from tests.flow.test_orders import _confirmed, _read

MIB, SIZE = 1024 * 1024, 48 * 1024 * 1024
KEYS = {"method": "keys"}


def _at(tmp_path: Path, head: bytes, story: Callable[[Host, VisitSnapshot, Path], Awaitable[None]]) -> None:
    async def whole() -> None:
        image = stick(tmp_path, size=SIZE)
        with image.open("r+b") as file:
            file.seek(MIB)
            file.write(head)
            file.seek(MIB + 300_000)
            file.write(b"SLOT" * 1000)
            file.seek(40 * MIB)
            file.write(b"CIPHERTEXT" * 1000)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await story(host, await host.register(await host.plug(image), "机密"), image)

    asyncio.run(whole())


@pytest.mark.parametrize("head", [luks1(), luks2()], ids=["LUKS1", "LUKS2"])
def test_header_and_key_slots_are_gone_the_label_too_and_the_ciphertext_was_not_touched(
    tmp_path: Path, head: bytes
) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        before = _read(image)
        order = await _confirmed(host, "clear", visit)
        done = await ordering(host).clear(CAROL, visit.id, order, KEYS)
        after = _read(image)
        area = 2 * MIB if head[7] == 1 else 16 * MIB
        assert after[32 * 1024 : MIB + area] == bytes(MIB + area - 32 * 1024)
        assert after[MIB + area :] == before[MIB + area :]
        assert b"SLOT" not in after
        assert (done["method"], done["discarded"]) == (METHODS[Method.KEYS], False)
        assert done["octets"] == MIB + area - 32 * 1024
        (entry,) = await host.queries.journal(Page(kind="cleared"))
        assert entry["data"] == {
            "by": "carol",
            "discarded": False,
            "medium": visit.medium,
            "method": "keys",
            "octets": MIB + area - 32 * 1024,
        }
        now = host.visit_at(visit.port)
        assert (now.access, now.rules) == (Access.REFUSED, ("not-labelled",))
        (row,) = await host.queries.media(Page(), frozenset())
        assert row["state"] == "cleared"

    _at(tmp_path, head, story)


def test_what_is_not_encrypted_is_not_cleared_by_keys_and_not_a_byte_is_changed(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        order = await _confirmed(host, "clear", visit)
        before = _read(image)
        assert await refused(ordering(host).clear(CAROL, visit.id, order, KEYS)) == "clear-not-encrypted"
        await host.guard.settle()
        window = slice(512 * 1024, MIB)  # a visit is recorded there, as at any plug
        after = _read(image)
        assert after[: window.start] == before[: window.start]
        assert after[window.stop :] == before[window.stop :]
        assert (
            await refused(ordering(host).clear(CAROL, visit.id, order, {"method": "shred"})) == "clear-method-unknown"
        )
        (row,) = await host.queries.media(Page(), frozenset())
        assert row["state"] == "registered"
        assert host.visit_at(visit.port).access is Access.READ_WRITE, "it is judged anew and still the medium it was"
        done = await ordering(host).clear(CAROL, visit.id, order, {})
        assert done["octets"] == SIZE

    _at(tmp_path, b"FAT32", story)


def test_keys_of_another_medium_are_never_destroyed_by_an_order_about_this_one(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        other = stick(tmp_path, "other.img", SIZE)
        with other.open("r+b") as file:
            file.seek(MIB)
            file.write(luks2())
        second = await host.register(await host.plug(other), "机密")
        keys = other.read_bytes()[MIB : 17 * MIB]
        order = await _confirmed(host, "clear", visit)
        assert await refused(ordering(host).clear(CAROL, second.id, order, KEYS)) == "order-other"
        assert other.read_bytes()[MIB : 17 * MIB] == keys

    _at(tmp_path, luks2(), story)


def test_what_is_advised_follows_what_the_medium_has_held(tmp_path: Path) -> None:
    async def story(host: Host, visit: VisitSnapshot, image: Path) -> None:
        told = await ordering(host).advice(CAROL, visit.medium, {"technology": "flash", "encrypted": True}, {})
        assert [row["method"] for row in told if row["recommended"]] == ["destroy"]
        assert all(row["limits"] for row in told)
        assert await refused(ordering(host).advice(CAROL, "00" * 16, {}, {})) == "medium-unknown"
        assert (
            await refused(ordering(host).advice(CAROL, visit.medium, {"technology": "tape"}, {}))
            == "technology-unknown"
        )

    _at(tmp_path, luks2(), story)
