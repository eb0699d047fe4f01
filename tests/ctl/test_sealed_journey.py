"""Two computers as programs, each with its own bus, and one stick: what the low one has and says, and what an auditor reads."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from guard.org.trust import load_identity
from guard.sim.run import Computer

pytestmark = pytest.mark.timeout(300)


def _must(computer: Computer, *words: str) -> str:
    done = computer.ask(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _rows(computer: Computer, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(_must(computer, *words, "--json"))
    return found


@pytest.fixture
def computers(tmp_path: Path) -> Iterator[tuple[Computer, Computer]]:
    office, internet = (Computer.at(tmp_path, name) for name in ("office", "internet"))
    (tmp_path / "words").write_text("correct horse\n")
    network = ("--network", "vault-network-7", "--level", "INTERNAL", "--host", "archive-pc")
    sealing = ("--auditors-key", str(tmp_path / "auditors.key"), "--auditors-passphrase-file", str(tmp_path / "words"))
    _must(office, "init", "--scheme", "corporate", *network, *sealing)
    bundle = ("--network", "internet", "--level", "PUBLIC", "--host", "reception", "--out", str(tmp_path / "bundle"))
    _must(office, "enrol-host", *bundle)
    _must(internet, "init", "--bundle", str(tmp_path / "bundle"))
    _must(office, "check-config")
    try:
        office.start()
        internet.start()
        yield office, internet
    finally:
        internet.stop()
        office.stop()


def test_an_auditor_reads_the_attempt_on_the_internet_and_the_internet_reads_nothing_of_the_office(
    computers: tuple[Computer, Computer], tmp_path: Path
) -> None:
    office, internet = computers
    stick = tmp_path / "stick.img"
    _must(office, "sim", "new", str(stick), "--size", "64M")
    _must(office, "sim", "plug", str(stick))
    visit = _rows(office, "visits")[0]
    grant = ("--level", "INTERNAL", "--networks", "vault-network-7", "--holder", "Alice")
    _must(office, "register", str(visit["id"]), *grant)
    _must(office, "sim", "unplug", str(visit["interface"]))
    _must(internet, "sim", "plug", str(stick))
    attempt = _rows(internet, "visits")[0]
    assert (attempt["verdict"], attempt["severity"]) == ("refused", "alarm")
    medium = str(attempt["medium"])

    said = {name: _must(internet, name, "--json") for name in ("media", "visits", "crossings", "requests", "journal")}
    said |= {
        "travel": _must(internet, "travel", medium, "--limit", "1000", "--json"),
        "table": _must(internet, "media"),
    }
    _must(internet, "sim", "unplug", str(attempt["interface"]))
    here, there = (load_identity(computer.folder / "config", 1_790_000_000).host for computer in (office, internet))
    secrets = [here.subject_id, *(str(row["hash"])[:32] for row in _rows(office, "journal"))]
    files = {str(path): path.read_bytes() for path in internet.folder.rglob("*") if path.is_file()}
    for name, data in {**files, "stick": stick.read_bytes(), **{k: v.encode() for k, v in said.items()}}.items():
        for word in ("vault-network-7", "archive-pc", *secrets):
            assert word.encode() not in data, (name, word)
        for word in secrets:
            assert bytes.fromhex(word) not in data, (name, word)
    told = [row for row in json.loads(said["travel"]) if row["host"] != there.subject_id]
    assert len(told) > 200, "far more than there were visits"
    assert {(row["network"], row["level"], row["arrived"], row["alarm"]) for row in told} == {("sealed", "", "", False)}

    _must(office, "sim", "plug", str(stick))
    key = ("--key", str(tmp_path / "auditors.key"), "--passphrase-file", str(tmp_path / "words"))
    journey = _rows(office, "travel", medium, *key)
    assert [(row["network"], row["verdict"], row["ended"]) for row in journey] == [
        ("vault-network-7", "read-write", "in"),
        ("internet", "refused", "refused"),
        ("vault-network-7", "read-write", "unknown"),
    ]
    assert (journey[1]["host"], journey[1]["level"], journey[1]["alarm"]) == (there.subject_id, "PUBLIC", True)
    assert str(journey[1]["arrived"]).startswith("20")
    assert "sealed" in {row["from_network"] for row in _rows(office, "crossings")}
    assert office.ask("travel", medium, "--key", str(tmp_path / "auditors.key")).returncode == 1, (
        "the passphrase is needed"
    )
