"""The story of a stick on simulated ports: refused, registered, used, taken elsewhere and back."""

import asyncio
import shutil
from pathlib import Path

import pytest

from guard.core.errors import Refused
from guard.core.verdict import Access, Severity
from tests.flow.host import Host, stick


def test_an_unknown_stick_is_refused_and_nothing_is_written_to_it(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        before = image.read_bytes()
        async with Host.found(tmp_path / "a", "office", "公开") as host:
            visit = await host.plug(image)
            assert visit.access is Access.REFUSED
            assert visit.rules == ("not-labelled",)
            assert not visit.disk
        assert image.read_bytes() == before

    asyncio.run(story())


def test_a_registered_stick_opens_read_write_without_replugging_and_again_the_next_day(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            visit = await host.plug(image)
            visit = await host.register(visit, "机密")
            assert (visit.access, visit.rules) == (Access.READ_WRITE, ("fits",))
            assert visit.disk
            await host.pull(visit)
            host.now += 86_400
            again = await host.plug(image)
            assert again.access is Access.READ_WRITE
            assert again.medium == visit.medium
            assert (await host.journal.verify()).ok

    asyncio.run(story())


def test_a_stick_tells_host_a_that_it_was_at_host_b_although_they_share_nothing(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        first = Host.found(tmp_path / "a", "lab", "机密")
        second = first.enrol(tmp_path / "b", "internet", "公开")
        async with first as a, second as b:
            visit = await a.plug(image)
            visit = await a.register(visit, "机密")
            await a.pull(visit)
            refused = await b.plug(image)
            assert (refused.access, refused.severity) == (Access.REFUSED, Severity.ALARM)
            assert "above-ceiling" in refused.rules
            assert [c.direction for c in b.crossings] == ["down"]
            await b.pull(refused)
            back = await a.plug(image)
            assert back.access is Access.READ_WRITE
            rows = await a.crossed.listing({})
            assert sorted((row["direction"], row["source"]) for row in rows) == [
                ("down", "travel-log"),
                ("up", "registry"),
            ]
            await a.pull(back)
            await a.plug(image)
            assert len(await a.crossed.listing({})) == 2

    asyncio.run(story())


def test_a_lower_medium_is_read_only_on_a_higher_host_which_writes_nothing_to_it(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        low = Host.found(tmp_path / "a", "internet", "公开")
        high = low.enrol(tmp_path / "b", "lab", "机密")
        async with low as a, high as b:
            visit = await a.plug(image)
            visit = await a.register(visit, "公开", "", **{"import": True})
            await a.pull(visit)
            before = image.read_bytes()
            visit = await b.plug(image)
            assert visit.access is Access.READ_ONLY
            assert image.read_bytes() == before
            assert [c.direction for c in b.crossings] == ["up"]
            await b.pull(visit)
            await b.plug(image)
            assert len(b.crossings) == 1

    asyncio.run(story())


def test_a_byte_copy_on_another_stick_is_refused_with_an_alarm(tmp_path: Path) -> None:
    async def story() -> None:
        image, copy = stick(tmp_path), tmp_path / "copy.img"
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            visit = await host.register(await host.plug(image), "机密")
            await host.pull(visit)
            shutil.copy(image, copy)
            before = copy.read_bytes()
            visit = await host.plug(copy)
            assert (visit.access, visit.severity) == (Access.REFUSED, Severity.ALARM)
            assert "other-hardware" in visit.rules
            assert copy.read_bytes() == before

    asyncio.run(story())


def test_an_older_image_put_back_on_the_same_stick_is_found_by_the_host_that_saw_the_newer(tmp_path: Path) -> None:
    async def story() -> None:
        image, old = stick(tmp_path), tmp_path / "old"
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            visit = await host.register(await host.plug(image), "机密")
            await host.pull(visit)
            shutil.copy(image, old)
            visit = await host.plug(image)
            await host.pull(visit)
            image.write_bytes(old.read_bytes())
            visit = await host.plug(image)
            assert "rolled-back" in visit.rules
            assert visit.access is Access.REFUSED

    asyncio.run(story())


def test_a_wiped_stick_of_ours_is_an_alarm_and_not_a_new_stick(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            visit = await host.register(await host.plug(image), "机密")
            await host.pull(visit)
            with image.open("r+b") as file:
                file.seek(512 * 1024)
                file.write(bytes(512 * 1024))
            visit = await host.plug(image)
            assert visit.rules == ("label-gone",)
            assert visit.severity is Severity.ALARM

    asyncio.run(story())


def test_a_stick_without_room_for_the_label_is_erased_only_when_the_admin_says_so(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path, start=32 * 1024, size=64 * 1024 * 1024)
        before = image.read_bytes()
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            visit = await host.plug(image)
            with pytest.raises(Refused) as caught:
                await host.register(visit, "机密")
            assert caught.value.code == "gap-too-small"
            assert image.read_bytes() == before
            assert host.visit_at(visit.port).access is Access.REFUSED
            visit = await host.register(visit, "机密", initialize=True)
            assert visit.access is Access.READ_WRITE
            assert "from 4.0 MiB" in str(visit.seen)

    asyncio.run(story())


def test_a_medium_whose_term_is_over_can_be_asked_for_and_renewed_although_its_refusal_was_written_onto_it(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await host.pull(await host.register(await host.plug(image), "机密", term="1d"))
            host.now += 2 * 86_400
            visit = await host.plug(image)
            assert (visit.access, visit.rules[0]) == (Access.REFUSED, "term-over")
            digest, _ = host.guard.escort_of(visit.id).sighting_of(visit.id)
            visit = await host.register(visit, "机密", digest=digest)
            assert (visit.access, visit.rules) == (Access.READ_WRITE, ("fits",))
            with pytest.raises(Refused) as caught:
                await host.register(visit, "机密", digest=digest)
            assert caught.value.code == "request-changed"

    asyncio.run(story())
