"""Which files come and go: told for each visit; what appeared where no guard was is told, and the innocent are not accused."""

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from guard.core.contents import State
from guard.core.errors import Broken, Hostile
from guard.core.manifest import Manifest
from guard.core.settings import FilesSettings, Settings
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access, Severity
from guard.core.volumes import Volume, Wish
from guard.store.queries import Page
from tests.flow.host import Host, stick

DAY = 86_400


def _stick(folder: Path) -> tuple[Path, Path]:
    """An image, and the folder that plays its file system."""
    image = stick(folder)
    files = image.with_name(image.name + ".files")
    files.mkdir()
    return image, files


def _put(path: Path, text: str = "x") -> None:
    """A file that says of itself that it is old, as one that came from another computer does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def _host(folder: Path, **files: Any) -> Host:
    host = Host.found(folder, "office", "机密")
    host.settings = replace(Settings(), files=FilesSettings(**files))
    return host


async def _registered(host: Host, image: Path) -> None:
    visit = await host.register(await host.plug(image), "机密")
    assert visit.access is Access.READ_WRITE
    await _remove(host, await _listed(host, visit))


async def _listed(host: Host, visit: VisitSnapshot) -> VisitSnapshot:
    """Until its files are known."""

    def known() -> bool:
        contents = host.visit_at(visit.port).contents
        return contents is not None and contents.state is not State.LISTING

    await host.until(known)
    return host.visit_at(visit.port)


async def _plugged(host: Host, image: Path) -> VisitSnapshot:
    host.now += DAY
    return await _listed(host, await host.plug(image))


async def _remove(host: Host, visit: VisitSnapshot) -> VisitSnapshot:
    host.now += 60
    await host.guard.escort_of(visit.id).eject()
    left = host.visit_at(visit.port)
    await host.pull(visit)
    return left


async def _changes(host: Host, visit: VisitSnapshot) -> list[tuple[object, object]]:
    return [(row["what"], row["path"]) for row in await host.files.changes(visit.id, Page(limit=1000))]


def _rules(visit: VisitSnapshot) -> list[str]:
    assert visit.contents is not None
    return [finding.rule for finding in visit.contents.findings]


def _play(folder: Path, story: Callable[[Host, Path, Path], Awaitable[None]], **files: Any) -> None:
    async def whole() -> None:
        image, medium = _stick(folder)
        _put(medium / "plan.odt", "old plan")
        host = _host(folder / "a", **files)
        host.now = int(time.time()) + DAY
        async with host:
            await _registered(host, image)
            await story(host, image, medium)
            assert host.troubles == []

    asyncio.run(whole())


def test_a_visit_tells_which_files_came_and_which_went(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        visit = await _plugged(host, image)
        assert visit.contents is not None
        assert (visit.contents.state, visit.contents.files, visit.contents.size) == (State.ARRIVED, 1, 8)
        _put(medium / "reports" / "new.pdf", "new")
        (medium / "plan.odt").unlink()
        left = await _remove(host, visit)
        assert left.contents is not None
        assert (left.contents.state, left.contents.counts) == (State.LEFT, (("came", 2), ("went", 1)))
        assert await _changes(host, visit) == [("came", "reports"), ("came", "reports/new.pdf"), ("went", "plan.odt")]
        again = await _plugged(host, image)
        assert again.contents is not None
        assert (again.contents.counts, _rules(again)) == ((), [])

    _play(tmp_path, story)


def test_the_journal_has_counts_and_a_hash_and_no_name(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        _put(medium / "secret-name.txt")
        visit = await _plugged(host, image)
        rows = [
            row for row in await host.queries.journal(Page(subject=visit.id, limit=1000)) if row["kind"] == "manifest"
        ]
        (data,) = [row["data"] for row in rows]
        assert isinstance(data, dict)
        assert (data["files"], data["counts"], data["left"], len(data["sha256"])) == (2, {"appeared": 1}, False, 64)
        whole = str(await host.queries.journal(Page(limit=1000)))
        assert "secret-name" not in whole
        assert "plan.odt" not in whole
        assert (await host.journal.verify()).ok

    _play(tmp_path, story)


def test_a_hidden_folder_that_appears_between_two_visits_is_undeclared_and_an_alarm(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        _put(medium / ".sys" / "collect.db")
        _put(medium / "Reports.exe")
        _put(medium / "plan.odt", "other plan, longer")
        visit = await _plugged(host, image)
        assert visit.access is Access.READ_WRITE, "the verdict was there before"
        assert visit.contents is not None
        assert [(f.rule, f.severity) for f in visit.contents.findings] == [
            ("files-suspicious", Severity.ALARM),
            ("files-undeclared", Severity.WARNING),
        ]
        rows = await host.files.changes(visit.id, Page())
        assert [(row["what"], row["path"], row["odd"]) for row in rows] == [
            ("appeared", ".sys", ["hidden-folder"]),
            ("appeared", "Reports.exe", ["program"]),
            ("appeared", ".sys/collect.db", []),
            ("altered", "plan.odt", []),
        ]
        listed = (await host.queries.visits(Page(limit=1)))[0]
        assert isinstance(listed["files"], dict)
        assert (listed["files"]["undeclared"], listed["files"]["state"]) == (4, "arrived")
        await _remove(host, visit)
        assert _rules(await _plugged(host, image)) == [], "told once"

    _play(tmp_path, story)


def test_a_folder_that_windows_makes_by_itself_is_no_alarm(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        _put(medium / "System Volume Information" / "WPSettings.dat")
        visit = await _plugged(host, image)
        assert visit.contents is not None
        assert (visit.contents.counts, _rules(visit)) == ((), [])
        assert len(await _changes(host, visit)) == 2, "and yet it is on record"

    _play(tmp_path, story)


def test_what_was_only_pulled_accuses_nobody(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        visit = await _plugged(host, image)
        _put(medium / "written-here.exe")
        await host.pull(visit)
        again = await _plugged(host, image)
        assert again.contents is not None
        assert (again.contents.counts, _rules(again)) == ((("unclear", 1),), [])

    _play(tmp_path, story)


def test_what_is_written_while_it_is_still_being_listed_came_in_this_visit(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        host.now = int(time.time()) - DAY  # the medium is mounted now, and the file is younger than that
        (medium / "quick.exe").write_text("copied at once")
        visit = await _plugged(host, image)
        assert visit.contents is not None
        assert (visit.contents.counts, _rules(visit)) == ((("came", 1),), [])

    _play(tmp_path, story)


def test_another_guarded_host_explains_what_changed_and_a_read_only_visit_needs_one_manifest(tmp_path: Path) -> None:
    async def story(office: Host, image: Path, medium: Path) -> None:
        async with office.enrol(tmp_path / "b", "office", "机密") as other:
            other.now = office.now
            visit = await _plugged(other, image)
            _put(medium / "from-there.txt")
            await _remove(other, visit)
        back = await _plugged(office, image)
        assert _rules(back) == ["files-elsewhere"]
        assert back.contents is not None
        assert back.contents.findings[0].severity is Severity.INFO
        await _remove(office, back)
        _put(medium / "from-nowhere.txt")
        assert _rules(await _plugged(office, image)) == ["files-undeclared"]

    _play(tmp_path, story)


def test_a_read_only_visit_is_known_to_leave_as_it_came(tmp_path: Path) -> None:
    async def whole() -> None:
        image, medium = _stick(tmp_path)
        _put(medium / "plan.odt")
        host = _host(tmp_path / "a")
        host.now = int(time.time()) + DAY
        async with host:
            visit = await host.register(await host.plug(image), "机密", access="read-only")
            assert visit.access is Access.READ_ONLY
            visit = await _listed(host, visit)
            assert visit.contents is not None
            assert visit.contents.state is State.LEFT
            await host.pull(visit)  # just pulled: nothing can have been written here
            _put(medium / "evil.exe")
            assert _rules(await _plugged(host, image)) == ["files-suspicious", "files-undeclared"]

    asyncio.run(whole())


def test_severity_is_a_matter_of_policy_and_a_host_may_list_nothing(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        _put(medium / "evil.exe")
        visit = await _plugged(host, image)
        assert visit.contents is not None
        assert [f.severity for f in visit.contents.findings] == [Severity.NOTICE, Severity.ALARM]

    _play(tmp_path, story, undeclared="alarm", suspicious="notice")

    async def nothing() -> None:
        image, _ = _stick(tmp_path / "c")
        host = _host(tmp_path / "b", manifest=False)
        async with host:
            visit = await host.register(await host.plug(image), "机密")
            await host.guard.escort_of(visit.id).eject()
            assert all(known.contents is None for known in host.told)

    (tmp_path / "c").mkdir()
    asyncio.run(nothing())


def test_hashes_find_what_names_sizes_and_times_hide(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        _put(medium / "plan.odt", "OLD PLAN")
        visit = await _plugged(host, image)
        assert await _changes(host, visit) == [("altered", "plan.odt")]
        await _remove(host, visit)
        _put(medium / "plan.odt", "MZ\0\0plan")
        (row,) = await host.files.changes((await _plugged(host, image)).id, Page())
        assert (row["odd"], len(str(row["hash"]))) == (["disguised", "program"], 64)

    _play(tmp_path, story, hashes="small")


def test_names_go_after_their_time_and_the_counts_stay(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        _put(medium / "new.txt")
        visit = await _plugged(host, image)
        await _remove(host, visit)
        host.now += 40 * DAY
        assert len(await _changes(host, visit)) == 1
        await _plugged(host, image)
        assert await _changes(host, visit) == []
        found = await host.queries.visit(visit.id)
        assert found is not None
        assert isinstance(found["files"], dict)
        assert found["files"]["appeared"] == 1

    _play(tmp_path, story, keep_days=30)


class _Faulty:
    """A lister that cannot do it, or does not come to an end."""

    def __init__(self, fault: Exception | None) -> None:
        self.fault, self.cancelled, self.began = fault, 0, asyncio.Event()

    async def list(self, volume: Volume, wish: Wish) -> Manifest:
        self.began.set()
        if self.fault is not None:
            raise self.fault
        try:
            await asyncio.Event().wait()
        finally:
            self.cancelled += 1
        return Manifest(())


def test_a_listing_that_fails_is_told_and_the_medium_works_all_the_same(tmp_path: Path) -> None:
    async def whole(fault: Exception) -> None:
        folder = tmp_path / type(fault).__name__
        folder.mkdir()
        image, _ = _stick(folder)
        host = _host(folder / "a")
        async with host:
            lister = _Faulty(fault)
            object.__setattr__(host.parts, "lister", lister)
            visit = await host.register(await host.plug(image), "机密")
            visit = await _listed(host, visit)
            assert visit.access is Access.READ_WRITE
            assert visit.contents is not None
            assert (visit.contents.state, _rules(visit)) == (State.UNKNOWN, ["files-unknown"])
            await _remove(host, visit)
            found = await host.queries.visit(visit.id)
            assert found is not None
            assert isinstance(found["files"], dict)
            assert found["files"]["state"] == "unknown"

    asyncio.run(whole(Hostile("manifest-answer")))
    asyncio.run(whole(Broken("lister-unavailable")))


def test_a_pull_ends_a_listing_that_is_under_way(tmp_path: Path) -> None:
    async def whole() -> None:
        image, _ = _stick(tmp_path)
        host = _host(tmp_path / "a")
        async with host:
            lister = _Faulty(None)
            object.__setattr__(host.parts, "lister", lister)
            visit = await host.register(await host.plug(image), "机密")
            await lister.began.wait()
            host.ports.unplug(visit.port)
            await host.until(lambda: host.told[-1].stage == "gone")
            assert lister.cancelled == 1

    asyncio.run(whole())


def test_a_medium_without_a_file_system_has_nothing_to_list(tmp_path: Path) -> None:
    async def story(host: Host, image: Path, medium: Path) -> None:
        shutil.rmtree(medium)
        host.now += DAY
        visit = await host.plug(image)
        assert visit.contents is None
        await _remove(host, visit)

    _play(tmp_path, story)
