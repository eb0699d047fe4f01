"""mediaguardctl report: what is asked for, what is written, and that a changed report is found whatever was changed."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from guard.ctl.client import Failure
from guard.paper.crossings import HEADER, csv_of, rows_of
from guard.paper.pdf import attachments_of, draw
from tests.ctl.desk import MEDIUM, Desk
from tests.paper.world import HOST_ID, paper, proof, row, trust

LISTED = {**{name: getattr(row(), name) for name in HEADER}, "seq": 3}


def _prove(arguments: list[Any]) -> list[Any]:
    text = json.dumps({**arguments[0], "by": "auditor"}, ensure_ascii=False, sort_keys=True)
    found = proof(text, arguments[0]["digest"][:32])
    return [{name: getattr(found, name) for name in found.__dataclass_fields__}]


@pytest.fixture
def office(desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Desk:
    """A daemon with one crossing, and a trust directory that vouches for it."""
    manager = {
        "Host": HOST_ID,
        "Network": "office",
        "Level": "INTERNAL",
        "Levels": [{"name": "INTERNAL", "label_en": "internal"}],
    }
    monkeypatch.setattr(desk.daemon, "properties", lambda: manager)
    monkeypatch.setenv("MEDIA_GUARD_CONFIG_DIR", str(trust(tmp_path / "config")))
    desk.daemon.listings["Crossings"] = [LISTED]
    desk.daemon.answers["Report"] = _prove
    return desk


@pytest.mark.parametrize("kind", ["pdf", "csv"])
def test_a_report_is_made_noted_in_the_journal_and_genuine(office: Desk, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"r.{kind}"
    made = office.type("report", "crossings", "--out", str(out), "--organization", "Institute", "--direction", "down")
    assert (made.status, made.err) == (0, "")
    ((_, [about]),) = [call for call in office.daemon.calls if call[0] == "Report"]
    assert (about["rows"], about["filters"]) == (1, {"direction": "down"})
    data = out.read_bytes() if kind == "csv" else attachments_of(out.read_bytes())[0]
    assert rows_of(data) == [row()]
    office.daemon.listings["Journal"] = [
        {"hash": proof(json.dumps({**about, "by": "auditor"}, sort_keys=True), about["digest"][:32]).hash}
    ]
    checked = office.type("report", "verify", str(out))
    assert (checked.status, checked.err) == (0, "")
    assert "genuine" in checked.out
    assert "The journal of this computer has that entry." in checked.out
    office.daemon.listings["Journal"] = []
    gone = office.type("report", "verify", str(out))
    assert gone.status == 1
    assert "does not have its entry 7" in gone.err


def test_all_pages_of_the_listing_are_asked_for(office: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def rows(member: str, **wanted: Any) -> list[dict[str, Any]]:
        asked.append(wanted)
        last = wanted.get("before", 2501)
        return [{**LISTED, "seq": seq} for seq in range(last - 1, max(0, last - 1001), -1)]

    monkeypatch.setattr(office.daemon, "rows", rows)
    assert office.type("report", "crossings", "--out", str(tmp_path / "r.csv"), "--medium", MEDIUM).status == 0
    assert [wanted.get("before", 0) for wanted in asked] == [0, 1501, 501]
    assert {wanted["medium"] for wanted in asked} == {MEDIUM}
    assert len(rows_of((tmp_path / "r.csv").read_bytes())) == 2500


@pytest.mark.parametrize(
    ("words", "since", "until"),
    [
        (("--since", "2026-11-01", "--until", "2026-11-30"), 1_793_462_400, 1_796_054_400),
        (("--since", "2026-11-01T08:00+08:00"), 1_793_491_200, None),
        (("--until", "2026-11-01T00:00Z"), None, 1_793_491_200),
    ],
)
def test_days_are_those_of_this_clock_and_the_last_one_counts_whole(
    office: Desk, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], since: int | None, until: int | None
) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        assert office.type("crossings", *words, "--json").status == 0
    finally:
        monkeypatch.undo()
        time.tzset()
    ((_, [wanted]),) = [call for call in office.daemon.calls if call[0] == "Crossings"]
    assert (wanted.get("since"), wanted.get("until")) == (since, until)


@pytest.mark.parametrize(
    "words",
    [
        ("--since", "yesterday"),
        ("--until", "2026-13-01"),
        ("--since", "1969-01-01"),
        ("--direction", "left"),
        ("--severity", "x"),
    ],
)
def test_what_is_no_filter_is_bad_usage(office: Desk, words: tuple[str, ...]) -> None:
    assert office.type("crossings", *words).status == 2
    assert office.daemon.calls == []


def test_a_report_never_overwrites_and_needs_a_known_kind(office: Desk, tmp_path: Path) -> None:
    out = tmp_path / "r.pdf"
    out.write_text("mine")
    answer = office.type("report", "crossings", "--out", str(out))
    assert (answer.status, out.read_text()) == (1, "mine")
    assert office.type("report", "crossings", "--out", str(tmp_path / "r.doc")).status == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("rows", "changed after it was made"),
        ("paper", "changed after it was made"),
        ("entry", "not the one that was signed"),
    ],
)
def test_a_changed_csv_is_found(office: Desk, tmp_path: Path, name: str, code: str) -> None:
    data, found = paper([row(), row(1)], drawn=False)
    beside = found.text()
    if name == "rows":
        data = csv_of([row()])
    elif name == "paper":
        beside["organization"] = "Somebody else"
    else:
        beside["proof"] = {**beside["proof"], "data": found.proof.data.replace("auditor", "nobody")}  # type: ignore[dict-item]
    (tmp_path / "r.csv").write_bytes(data)
    (tmp_path / "r.csv.proof").write_text(json.dumps(beside))
    answer = office.type("report", "verify", str(tmp_path / "r.csv"))
    assert answer.status == 1
    assert code in answer.err


def test_pages_that_show_something_else_than_the_attached_rows_are_found(office: Desk, tmp_path: Path) -> None:
    data, found = paper([row()])
    honest, other = draw(data, found), draw(csv_of([row(verdict="read-write", severity="info")]), found)
    forged = tmp_path / "r.pdf"
    (signed,) = {attachments_of(honest)[0]}
    assert len(signed) > 0
    start = other.index(b"/Type /EmbeddedFile")
    ours = honest[honest.index(b"/Type /EmbeddedFile") :]
    forged.write_bytes(other[:start] + ours)
    assert attachments_of(forged.read_bytes()) == (data, found)
    answer = office.type("report", "verify", str(forged))
    assert answer.status == 1
    assert "show something else" in answer.err


def test_a_report_of_a_host_that_nobody_vouches_for_is_refused(office: Desk, tmp_path: Path) -> None:
    data, found = paper([row()])
    (tmp_path / "r.pdf").write_bytes(draw(data, found))
    other = trust(tmp_path / "other")
    (other / "trust" / "issuers" / "c3.cert").unlink()
    answer = office.type("report", "verify", str(tmp_path / "r.pdf"), "--trust", str(other / "trust"))
    assert answer.status == 1
    assert "genuine" not in answer.out


def test_far_from_the_guard_it_is_checked_all_the_same(
    office: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, found = paper([row()])
    (tmp_path / "r.pdf").write_bytes(draw(data, found))

    def away() -> dict[str, Any]:
        raise Failure("no daemon", 3)

    monkeypatch.setattr(office.daemon, "properties", away)
    checked = json.loads(office.type("report", "verify", str(tmp_path / "r.pdf"), "--json").out)
    assert (checked["journal"], checked["pages"], checked["rows"], checked["by"]) == ("elsewhere", "same", 1, "auditor")
