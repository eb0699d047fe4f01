"""Used where no guard was: seen at the next visit; and the innocent twins are not accused."""

import asyncio
import subprocess
from pathlib import Path

import pytest

from guard.core.area import AREA_END, LABEL_A
from guard.core.errors import Hostile
from guard.core.settings import HostSettings, RemovalSettings, Settings
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access, Severity
from guard.store.queries import Page
from tests.flow.host import Host, stick

START = 1024 * 1024


def _stick(folder: Path) -> Path:
    image = stick(folder, size=64 * 1024 * 1024)
    part = folder / "part"
    with part.open("wb") as file:
        file.truncate(63 * 1024 * 1024)
    subprocess.run(["mkfs.vfat", "-F", "32", "-s", "1", str(part)], check=True, capture_output=True)
    with image.open("r+b") as file:
        file.seek(START)
        file.write(part.read_bytes())
    return image


def _copy_onto(image: Path, name: str) -> None:
    """What a computer without a guard would do."""
    subprocess.run(["mcopy", "-i", f"{image}@@{START}", "/etc/hostname", f"::{name}"], check=True, capture_output=True)


def _call_it_ntfs(image: Path) -> None:
    """Rewrite the partition table."""
    words = ("sfdisk", "-q", "--no-reread", "--part-type", str(image), "1", "7")
    subprocess.run(words, check=True, capture_output=True)


async def _remove(host: Host, visit: VisitSnapshot) -> None:
    await host.guard.escort_of(visit.id).eject()
    await host.pull(visit)


async def _registered(host: Host, image: Path) -> None:
    visit = await host.register(await host.plug(image), "机密")
    assert visit.access is Access.READ_WRITE
    await _remove(host, visit)


def test_a_file_that_came_from_a_computer_without_a_guard_is_reported_with_the_day_of_the_removal(
    tmp_path: Path,
) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            untouched = await host.plug(image)
            assert (untouched.access, untouched.rules) == (Access.READ_WRITE, ("fits",))
            await _remove(host, untouched)
            _copy_onto(image, "new.txt")
            visit = await host.plug(image)
            assert (visit.access, visit.rules) == (Access.READ_WRITE, ("changed-elsewhere", "fits"))
            assert visit.verdict is not None
            (reason,) = [found for found in visit.verdict.reasons if found.rule == "changed-elsewhere"]
            assert dict(reason.facts) == {"since": "2026-09-21", "parts": "free-space, allocation, root"}
            rows = await host.queries.journal(Page(limit=1000))
            assert [row["data"]["access"] for row in rows if row["kind"] == "removed"] == ["read-write"] * 2  # type: ignore[index]
            await _remove(host, visit)
            assert (await host.plug(image)).rules == ("fits",), "told once; the next removal is the new beginning"
            assert host.troubles == []

    asyncio.run(story())


def test_where_policy_says_so_a_changed_medium_stays_out(tmp_path: Path) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            _copy_onto(image, "new.txt")
        strict = Host(tmp_path / "a")
        strict.settings = Settings(host=HostSettings(changed_elsewhere="refused"))
        async with strict:
            visit = await strict.plug(image)
            assert (visit.access, visit.rules) == (Access.REFUSED, ("changed-elsewhere", "fits"))
            assert visit.disk == ""

    asyncio.run(story())


def test_what_was_only_pulled_is_unknown_and_accuses_nobody(tmp_path: Path) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            visit = await host.plug(image)
            _copy_onto(image, "here.txt")  # written while it was let in
            await host.pull(visit)
            assert (await host.plug(image)).rules == ("fits",)

    asyncio.run(story())


def test_another_host_of_the_organization_sees_it_too_and_its_own_writing_is_no_change(tmp_path: Path) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as office:
            await _registered(office, image)
            async with office.enrol(tmp_path / "b", "office", "机密") as other:
                visit = await other.plug(image)
                assert visit.rules == ("fits",)
                _copy_onto(image, "there.txt")
                await _remove(other, visit)
                assert (await office.plug(image)).rules == ("fits",)
                await office.pull(office.guard.visits[0])
            _copy_onto(image, "elsewhere.txt")
            assert (await office.plug(image)).rules == ("fits",), "it was only pulled at the office"

    asyncio.run(story())


def test_a_visit_that_could_write_nothing_keeps_the_fingerprint(tmp_path: Path) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as office:
            await _registered(office, image)
            async with office.enrol(tmp_path / "b", "internet", "公开") as internet:
                refused = await internet.plug(image)
                assert refused.access is Access.REFUSED
                await internet.pull(refused)
            _copy_onto(image, "elsewhere.txt")
            assert "changed-elsewhere" in (await office.plug(image)).rules

    asyncio.run(story())


async def _facts(host: Host, image: Path) -> dict[str, str]:
    """What is said at the next visit about use elsewhere; nothing for nothing."""
    visit = await host.plug(image)
    assert visit.verdict is not None
    found = [dict(reason.facts) for reason in visit.verdict.reasons if reason.rule == "changed-elsewhere"]
    assert visit.rules == (("changed-elsewhere", "fits") if found else ("fits",))
    await host.pull(visit)
    return found[0] if found else {}


def test_a_wiped_label_is_an_alarm_and_a_rewritten_partition_table_is_named(tmp_path: Path) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            _call_it_ntfs(image)
            assert await _facts(host, image) == {"since": "2026-09-21", "parts": "partition-table"}
            with image.open("r+b") as file:
                file.seek(LABEL_A)
                file.write(bytes(AREA_END - LABEL_A))
            wiped = await host.plug(image)
            assert (wiped.access, wiped.rules, wiped.severity) == (Access.REFUSED, ("label-gone",), Severity.ALARM)

    asyncio.run(story())


class _Power:
    """Goes at one of the writes: of that block `kept` bytes arrive."""

    def __init__(self, kept: int) -> None:
        self.kept, self.cut_at, self.writes = kept, 0, 0

    def write(self, image: Path, offset: int, data: bytes) -> None:
        self.writes += 1
        with image.open("r+b") as file:
            file.seek(offset)
            file.write(data if self.writes <= self.cut_at else data[: self.kept])
        if self.writes > self.cut_at:
            raise Hostile("device-gone")


@pytest.mark.parametrize("kept", [0, 256], ids=["whole", "torn"])
def test_power_may_be_cut_at_any_write_of_the_removal_and_nobody_is_accused(
    tmp_path: Path, kept: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of FSInfo, directories and the record: what was being written is not there at all, or by half."""

    async def story() -> None:
        image, power = _stick(tmp_path), _Power(kept)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            while True:
                visit = await host.plug(image)
                assert visit.rules == ("fits",), f"cut at write {power.cut_at}"
                _copy_onto(image, f"{power.cut_at}.txt")
                power.writes = 0
                with monkeypatch.context() as patch:
                    patch.setattr("guard.sim.ports._write", power.write)
                    await _remove(host, visit)
                if power.writes <= power.cut_at:
                    break
                power.cut_at += 1
            assert power.cut_at >= 4, "both copies of FSInfo, the root directory, the record"
            _copy_onto(image, "elsewhere.txt")
            assert "free-space" in (await _facts(host, image))["parts"], "a removal that was not cut is worth something"
            assert host.troubles == []

    asyncio.run(story())


@pytest.mark.parametrize("wrong", [-86_400, 86_400])
def test_a_clock_that_is_wrong_by_a_day_accuses_nobody_and_hides_nothing(tmp_path: Path, wrong: int) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as office:
            await _registered(office, image)
            async with office.enrol(tmp_path / "b", "office", "机密") as other:
                other.now += wrong
                visit = await other.plug(image)
                assert visit.rules == ("fits",)
                _copy_onto(image, "there.txt")
                await _remove(other, visit)
                assert await _facts(office, image) == {}
                await _remove(office, await office.plug(image))
                _copy_onto(image, "elsewhere.txt")
                assert "changed-elsewhere" in (await other.plug(image)).rules

    asyncio.run(story())


def test_a_visit_over_midnight_in_another_time_zone_accuses_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAT keeps local days and times; they are compared as bytes and never read."""

    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            monkeypatch.setenv("TZ", "Pacific/Kiritimati")
            host.now += 86_399 - host.now % 86_400
            visit = await host.plug(image)
            _copy_onto(image, "late.txt")
            host.now += 2
            await _remove(host, visit)
            monkeypatch.setenv("TZ", "Pacific/Pago_Pago")
            assert await _facts(host, image) == {}

    asyncio.run(story())


def _access_days(image: Path) -> set[bytes]:
    """The last days of access in the root directory."""
    part = image.read_bytes()[START:]
    reserved, tables, width = (int.from_bytes(part[a:b], "little") for a, b in ((14, 16), (16, 17), (36, 40)))
    root = (reserved + tables * width) * 512
    entries = [part[place : place + 32] for place in range(root, root + 512, 32)]
    return {entry[18:20] for entry in entries if entry[0] not in (0, 0xE5) and not entry[11] & 8}


@pytest.mark.parametrize(
    ("arm", "level", "armed"),
    [
        ("classified", "机密", True),
        ("classified", "公开", False),
        ("always", "公开", True),
        ("never", "机密", False),
    ],
)
def test_what_is_armed_is_set_by_level(tmp_path: Path, arm: str, level: str, armed: bool) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        host = Host.found(tmp_path / "a", "office", level)
        host.settings = Settings(removal=RemovalSettings(arm))
        async with host:
            visit = await host.register(await host.plug(image), level)
            assert visit.access is Access.READ_WRITE
            _copy_onto(image, "a.txt")
            await _remove(host, visit)
            assert (_access_days(image) == {b"\x21\x50"}) is armed
            rows = await host.queries.journal(Page(limit=1000, kind="fingerprint"))
            assert [row["data"]["armed"] > 0 for row in rows] == [armed]  # type: ignore[index]

    asyncio.run(story())


def test_what_is_not_written_here_is_not_armed_either(tmp_path: Path) -> None:
    """Read-only by its label; and a medium of nobody, let in read-write by a host of the lowest level."""

    async def story() -> None:
        image = _stick(tmp_path)
        _copy_onto(image, "a.txt")
        host = Host.found(tmp_path / "a", "office", "公开")
        host.settings = Settings(removal=RemovalSettings("always"), host=HostSettings(unregistered="read-write"))
        async with host:
            before = image.read_bytes()
            visit = await host.plug(image)
            assert (visit.access, visit.rules) == (Access.READ_WRITE, ("not-labelled",))
            await _remove(host, visit)
            assert image.read_bytes() == before
            visit = await host.register(await host.plug(image), "公开", access="read-only")
            assert visit.access is Access.READ_ONLY
            await _remove(host, visit)
            assert image.read_bytes()[START:] == before[START:]
            assert host.troubles == []

    asyncio.run(story())


async def _unmounted(host: Host, visit: VisitSnapshot) -> None:
    """Mounted, unmounted, and the guard has looked."""
    await host.use(visit, in_use=True)
    await host.use(visit, in_use=False)


def test_what_was_unmounted_before_it_was_pulled_is_known_at_the_next_visit_here(tmp_path: Path) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            visit = await host.plug(image)
            _copy_onto(image, "here.txt")
            await _unmounted(host, visit)
            host.now += 86_400
            await host.pull(visit)
            rows = await host.queries.journal(Page(limit=1000, kind="fingerprint"))
            assert ["how" in row["data"] for row in rows] == [True, False]  # type: ignore[operator]
            untouched = await host.plug(image)
            assert untouched.rules == ("fits",)
            await _unmounted(host, untouched)
            await host.pull(untouched)
            _copy_onto(image, "elsewhere.txt")
            assert await _facts(host, image) == {"since": "2026-09-22", "parts": "free-space, allocation, root"}
            assert await _facts(host, image) == {}, "that visit ended with nothing known"

    asyncio.run(story())


def test_a_medium_that_is_mounted_again_is_unknown_again(tmp_path: Path) -> None:
    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as host:
            await _registered(host, image)
            visit = await host.plug(image)
            await _unmounted(host, visit)
            host.ports.use(visit.port, in_use=True)
            _copy_onto(image, "here.txt")
            await host.pull(visit)  # at once
            assert await _facts(host, image) == {}

    asyncio.run(story())


def test_what_this_host_knows_alone_gives_way_to_what_the_medium_tells(tmp_path: Path) -> None:
    """Unmounted and pulled here, then used with a guard on another host, whatever way it left that one."""

    async def story() -> None:
        image = _stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密") as office:
            await _registered(office, image)
            async with office.enrol(tmp_path / "b", "office", "机密") as other:
                for end in (_remove, Host.pull):
                    visit = await office.plug(image)
                    await _unmounted(office, visit)
                    await office.pull(visit)
                    guest = await other.plug(image)
                    assert guest.rules == ("fits",), "the other host knows nothing of it"
                    _copy_onto(image, f"{guest.id}.txt")
                    await end(other, guest)
                    assert await _facts(office, image) == {}

    asyncio.run(story())
