"""Registers without a wire between them count alike: two media may come by one number, and neither is turned away for it."""

import asyncio
import shutil
from pathlib import Path

import pytest

from guard.core.errors import Broken
from guard.core.settings import RegisterSettings, Settings, parse_settings
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.store.queries import Page
from tests.flow.host import Host, stick


async def _numbers(host: Host) -> dict[str, str]:
    return {str(row["id"]): str(row["number"]) for row in await host.queries.media(Page(), frozenset())}


def test_a_medium_numbered_like_another_comes_and_comes_again_under_its_number_and_its_id(tmp_path: Path) -> None:
    async def story() -> None:
        founded = Host.found(tmp_path / "a", "lab", "机密")
        other = founded.enrol(tmp_path / "b", "lab", "机密")
        for name in ("issuer.key", "issuer.cert"):  # an admin's computer with a register of its own
            shutil.copy(founded.config / name, other.config / name)
        async with founded as lab, other as annex:
            ours, theirs = stick(tmp_path, "ours.img"), stick(tmp_path, "theirs.img", size=24 * 1024 * 1024)

            async def labelled(host: Host, image: Path, holder: str) -> VisitSnapshot:
                visit = await host.register(await host.plug(image), "机密", number="MG-0001", holder=holder)
                await host.pull(visit)
                return visit

            first, second = await labelled(lab, ours, "Li Si"), await labelled(annex, theirs, "Wang Wu")
            for _ in range(3):
                visit = await lab.plug(theirs)
                assert (visit.access, visit.number) == (Access.READ_WRITE, "MG-0001")
                await lab.pull(visit)
            expected = {first.medium: "MG-0001", second.medium: f"MG-0001 ({second.medium[:6]})"}
            assert await _numbers(lab) == expected
            kept = await lab.register(await lab.plug(theirs), "机密", holder="Wang Wu")
            assert (kept.number, kept.access, kept.medium) == ("MG-0001", Access.READ_WRITE, second.medium)
            await lab.pull(kept)
            assert await _numbers(lab) == expected
            again = await lab.register(await lab.plug(theirs), "机密", number="MG-0002", holder="Wang Wu")
            await lab.pull(again)
            assert await _numbers(lab) == {first.medium: "MG-0001", second.medium: "MG-0002"}
            here = await lab.plug(ours)
            assert (here.access, here.medium) == (Access.READ_WRITE, first.medium)
            assert lab.troubles == []
            assert annex.troubles == []

    asyncio.run(story())


def test_a_register_numbers_with_its_own_prefix_and_passes_over_what_is_taken(tmp_path: Path) -> None:
    async def story() -> None:
        host = Host.found(tmp_path / "a", "lab", "机密")
        host.settings = Settings(register=RegisterSettings(prefix="科技-"))
        async with host:
            given = []
            for place, asked in enumerate(("", "科技-0003", "")):
                image = stick(tmp_path, f"{place}.img", size=(16 + place) * 1024 * 1024)
                visit = await host.register(await host.plug(image), "机密", number=asked)
                given.append(visit.number)
            assert given == ["科技-0001", "科技-0003", "科技-0004"]
            assert host.troubles == []

    asyncio.run(story())


def test_a_prefix_is_what_can_stand_on_a_label() -> None:
    for good in ("", "MG-", "科技-", "Lab 3/"):
        assert parse_settings({"register": {"prefix": good}}, "guard.toml").register.prefix == good
    for bad in ("x" * 17, "a\nb", " a", "a\u202eb", 7, ["MG-"]):
        with pytest.raises(Broken, match="settings-value"):
            parse_settings({"register": {"prefix": bad}}, "guard.toml")
