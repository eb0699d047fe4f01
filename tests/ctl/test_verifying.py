"""An auditor far away: a registry or an export as a file, heads that media carried to another network, whose signatures hold."""

import asyncio
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from guard.reporting import Reporting
from guard.store.queries import Page
from tests.ctl.desk import Desk
from tests.flow.host import Host, stick


class Office:
    """A host with a history, its rows as the daemon gives them, and what another host learned from the stick."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal: list[dict[str, Any]] = []
        self.heads: list[dict[str, Any]] = []
        self.carried: list[dict[str, Any]] = []
        asyncio.run(self._play())
        self.database = folder / "a" / "state" / "guard.db"
        self.trust = folder / "a" / "config" / "trust"

    async def _play(self) -> None:
        image = stick(self.folder)
        async with Host.found(self.folder / "a", "office", "机密") as host:
            self.host = host.parts.host.host_id
            await host.pull(await host.register(await host.plug(image), "机密"))
            await host.pull(await host.plug(image))
            await host.journal.signed_head()
            self.journal = await host.queries.journal(Page(limit=1000, after=0, raw=True))
            self.heads = await _reporting(host).heads(None, {}, {})  # type: ignore[arg-type]
            async with host.enrol(self.folder / "b", "internet", "公开") as other:
                await other.pull(await other.plug(image))
                self.carried = await _reporting(other).heads(None, {"carried": True}, {})  # type: ignore[arg-type]

    def rows(
        self, member: str, limit: int = 100, after: int = 0, before: int = 0, **more: object
    ) -> list[dict[str, Any]]:
        if member == "Heads":
            return [row for row in self.heads if not before or row["seq"] < before][:limit]
        rows = [row for row in self.journal if row["seq"] > after]
        return rows[:limit] if "after" in more or after or more.get("raw") else rows[::-1][:limit]


def _reporting(host: Host) -> Reporting:
    facts = host.parts.host
    return Reporting(host.journal, host.database, host.crossed, facts.host_id, facts.network_id)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return Office(tmp_path_factory.mktemp("office"))


def _edited(office: Office, place: Path, *statements: str) -> str:
    """A copy of the registry, edited."""
    with sqlite3.connect(office.database) as original, sqlite3.connect(place) as copy:
        original.backup(copy)
        for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            copy.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            copy.execute(statement)
    return str(place)


def test_a_registry_is_checked_without_a_guard_and_its_signatures_by_the_trust_directory(
    desk: Desk, office: Office, tmp_path: Path
) -> None:
    file = _edited(office, tmp_path / "registry.db")
    assert desk.type("verify", "--file", file).out == f"The journal is whole: {len(office.journal)} entries.\n"
    answer = desk.type("verify", "--file", file, "--trust", str(office.trust))
    assert answer.out.splitlines()[1] == f"{len(office.heads)} heads in it are signed, and every signature holds."
    assert desk.daemon.calls == []


def test_on_a_disk_that_cannot_be_written_too(desk: Desk, office: Office, tmp_path: Path) -> None:
    file = _edited(office, tmp_path / "registry.db", "DELETE FROM journal WHERE seq = 2")
    tmp_path.chmod(0o500)
    try:
        answer = desk.type("verify", "--file", file)
    finally:
        tmp_path.chmod(0o700)
    assert answer.status == 1
    assert "entry 2 (it is missing)" in answer.err


def test_a_signature_that_does_not_hold_is_named(desk: Desk, office: Office, tmp_path: Path) -> None:
    file = _edited(
        office, tmp_path / "r.db", "UPDATE heads SET cose = substr(cose, 1, length(cose) - 1) || x'ff' WHERE seq = 1"
    )
    assert desk.type("verify", "--file", file).status == 0, "without a trust directory nobody can tell"
    answer = desk.type("verify", "--file", file, "--trust", str(office.trust), "--json")
    assert (answer.status, json.loads(answer.out)["why"]) == (1, "head-forged")


def test_heads_that_a_stick_carried_to_another_network_show_what_was_cut_here(
    desk: Desk, office: Office, tmp_path: Path
) -> None:
    cut = max(row["seq"] for row in office.carried if row["host"] == office.host) - 1
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(office.carried))
    whole = _edited(office, tmp_path / "whole.db")
    assert desk.type("verify", "--file", whole, "--heads", str(heads)).status == 0
    file = _edited(
        office,
        tmp_path / "cut.db",
        *(f"DELETE FROM {table} WHERE seq > {cut}" for table in ("journal", "heads")),
        "DELETE FROM travel",
    )
    assert desk.type("verify", "--file", file).status == 0, "nothing in it tells"
    found = json.loads(desk.type("verify", "--file", file, "--heads", str(heads), "--json").out)
    assert (found["ok"], found["why"], found["witness"], found["first_bad"]) == (
        False,
        "cut-off",
        "heads-file",
        cut + 1,
    )


def test_the_running_journal_is_held_against_them_too(
    desk: Desk, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(office.carried))
    desk.daemon.answers["Verify"] = [
        {"entries": len(office.journal), "ok": True, "first_bad": 0, "why": "", "witness": ""}
    ]
    monkeypatch.setattr(desk.daemon, "properties", lambda: {"Host": office.host})
    monkeypatch.setattr(desk.daemon, "rows", office.rows)
    assert desk.type("verify", "--heads", str(heads)).status == 0
    row = next(row for row in office.carried if row["host"] == office.host)
    heads.write_text(json.dumps([{**row, "hash": "00" * 16}]))
    answer = desk.type("verify", "--heads", str(heads))
    assert answer.status == 1
    assert f"entry {row['seq']} (it was written anew" in answer.err
    heads.write_text("[1]")
    assert desk.type("verify", "--heads", str(heads)).status == 2


@pytest.mark.parametrize("line", ["first", "middle", "last", "none"])
def test_an_export_is_checked_line_by_line(
    desk: Desk, office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setattr(desk.daemon, "rows", office.rows)
    file = tmp_path / "journal.jsonl"
    exported = desk.type("journal", "--export", str(file))
    assert exported.status == 0, exported.err
    lines = file.read_text().splitlines()
    assert len(lines) == 1 + len(office.journal) + len(office.heads)
    answer = desk.type("verify", "--file", str(file), "--trust", str(office.trust))
    assert answer.out.startswith(f"The journal is whole: {len(office.journal)} entries.\n{len(office.heads)} heads")
    if line == "none":
        return
    place = {"first": 1, "middle": len(office.journal) // 2, "last": len(office.journal)}[line]
    file.write_text("\n".join([*lines[:place], lines[place].replace('"at":"2', '"at":"3'), *lines[place + 1 :]]))
    found = json.loads(desk.type("verify", "--file", str(file), "--json").out)
    assert (found["ok"], found["first_bad"], found["why"]) == (False, place, "changed")
    file.write_text("\n".join([*lines[:place], *lines[place + 1 :]]))
    found = json.loads(desk.type("verify", "--file", str(file), "--trust", str(office.trust), "--json").out)
    assert (found["ok"], found["first_bad"]) == (False, place)


def test_another_file_is_no_journal_and_an_export_never_overwrites(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text("{}\n")
    answer = desk.type("verify", "--file", str(file))
    assert answer.status == 1
    assert "neither a registry nor an exported journal" in answer.err
    answer = desk.type("journal", "--export", str(file))
    assert (answer.status, file.read_text()) == (1, "{}\n")
    assert "Traceback" not in answer.err
