"""Sealed records: the low side of a journey learns nothing of the high side, and the auditors learn all of it."""

import asyncio
from pathlib import Path
from typing import Any, cast

import pytest

from guard.core.area import AREA_END, WINDOW, WINDOW_SIZE
from guard.core.errors import Broken
from guard.core.ring import capacity, log_in
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.ctl.client import Client, Failure
from guard.ctl.unsealing import unsealed
from guard.org.auditors import new_auditors_key
from guard.org.files import write_new
from guard.store.queries import Page
from tests.flow.host import Host, stick


class _Station:
    language = "en"

    def properties(self) -> dict[str, Any]:
        return {"Scheme": "cn"}


async def _remove(host: Host, visit: VisitSnapshot) -> None:
    if visit.access.opens:
        await host.guard.escort_of(visit.id).eject()
    await host.pull(visit)


async def _rows(host: Host, medium: str) -> list[dict[str, Any]]:
    rows = await host.queries.travel(Page(limit=1000, medium=medium), "")
    return [{**row, "sealed": row["network"] == "sealed"} for row in rows]


def test_the_auditors_read_the_whole_journey_and_the_low_side_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private, public = new_auditors_key("secret words")
    key = tmp_path / "auditors.key"
    write_new(key, private, secret=True)
    write_new(tmp_path / "other.key", new_auditors_key("")[0], secret=True)
    monkeypatch.setenv("MEDIA_GUARD_CONFIG_DIR", str(tmp_path / "office" / "config"))
    client = cast(Client, _Station())

    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "office", "secret-office", "机密", auditors=public)
        low = founded.enrol(tmp_path / "internet", "internet", "公开")
        audit = founded.enrol(tmp_path / "audit", "secret-office", "机密")
        async with founded as office, low as internet, audit as station:
            visit = await office.register(await office.plug(image), "机密")
            assert visit.access is Access.READ_WRITE
            await _remove(office, visit)
            await _remove(office, await office.plug(image))
            refused = await internet.plug(image)
            assert "above-ceiling" in refused.rules
            await _remove(internet, refused)
            hidden = [office.parts.host.host_id, office.journal.head().hash]
            for file in [image, *(path for path in internet.folder.rglob("*") if path.is_file())]:
                data = file.read_bytes()
                assert b"secret-office" not in data, file
                assert not [word for word in hidden if word.encode() in data or bytes.fromhex(word) in data], file
            told = await _rows(internet, visit.medium)
            others = [row for row in told if row["host"] != internet.parts.host.host_id]
            assert len(others) > 100, "the count tells nothing: the log was full from the beginning"
            assert {(row["network"], row["level"], row["arrived"], row["alarm"], row["written"]) for row in others} == {
                ("sealed", "", "", False, 0)
            }
            last = await station.plug(image)
            assert (last.access, last.rules) == (Access.READ_WRITE, ("fits",))
            seen = unsealed(client, await _rows(station, visit.medium), key, "secret words")
            assert [(row["network"], row["level"], row["verdict"], row["ended"], row["alarm"]) for row in seen] == [
                ("secret-office", "机密", "read-write", "unknown", False),
                ("internet", "公开", "refused", "refused", True),
                ("secret-office", "机密", "read-write", "removed", False),
                ("secret-office", "机密", "read-write", "removed", False),
            ]
            assert (seen[1]["host"], seen[1]["arrived"]) == (internet.parts.host.host_id, "2026-09-21T14:00:00Z")
            with pytest.raises(Failure):
                unsealed(client, await _rows(station, visit.medium), tmp_path / "other.key", "")
            assert office.troubles == internet.troubles == station.troubles == []

    asyncio.run(story())


def test_a_log_looks_the_same_before_and_after_many_visits(tmp_path: Path) -> None:
    _, public = new_auditors_key("")

    async def story() -> None:
        image = stick(tmp_path)
        async with Host.found(tmp_path / "a", "office", "机密", auditors=public) as office:
            visit = await office.register(await office.plug(image), "机密")
            await _remove(office, visit)
            for _ in range(3):
                area = image.read_bytes()[WINDOW:AREA_END]
                log = log_in(area[:WINDOW_SIZE], visit.medium, office.parts.identity.keyring, 512, since=1)
                assert (log.fault, log.lost, len(log.records)) == ("", 0, capacity(512) - 1)
                assert {(len(record.box), record.arrived, record.network_id) for record in log.records} == {
                    (112, 0, "")
                }
                assert log.records[0].sequence > 1000
                await _remove(office, await office.plug(image))

    asyncio.run(story())


def test_a_host_that_shall_seal_and_cannot_writes_no_record_at_all(tmp_path: Path) -> None:
    async def story() -> None:
        image = stick(tmp_path)
        founded = Host.found(tmp_path / "a", "office", "机密", auditors=new_auditors_key("")[1])
        (founded.config / "record.cert").unlink()
        async with founded as office:
            visit = await office.plug(image)
            with pytest.raises(Broken, match="records-no-auditors"):
                await office.register(visit, "机密")
            assert b"MGTR" not in image.read_bytes()
            assert b"MGLB" not in image.read_bytes()

    asyncio.run(story())
