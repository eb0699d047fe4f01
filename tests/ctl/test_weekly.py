"""The summary on the terminal and as a paper: the same lines; nothing of a stick's own words is run or shown raw."""

from pathlib import Path
from typing import Any

import pytest

from guard.ctl.weekly import _week
from guard.paper.week import lines_of
from tests.ctl.desk import Desk

FOUND: dict[str, Any] = {
    "since": "2026-11-19T00:00:00Z",
    "until": "2026-11-26T00:00:00Z",
    "visits": {"total": 3, "media": 1, "read-write": 1, "refused": 2},
    "refused": [{"rule": "lost", "why": "Whoever has it", "cites": "Law, Article 28", "count": 2}],
    "incidents": [
        {"visit": "ab" * 16, "medium": "", "at": "2026-11-20T08:30:00Z", "user": "a\x1b[31m", "rules": ["lost"]}
    ],
    "alarms": 3,
    "crossings": {"down": 2},
    "ways": [{"from_network": "lab", "to_network": "internet", "verdict": "refused", "count": 2}],
    "steps": {"lend": 4},
    "requests": [{"id": "cd" * 16, "requester": "bob", "purpose": "slides", "filed": "2026-11-25T00:00:00Z"}],
    "waiting": 1,
    "inventories": [
        {
            "id": "aa" * 16,
            "title": "Autumn",
            "department": "",
            "level": "SECRET",
            "due": "2026-11-20T23:59:59Z",
            "overdue": True,
            "expected": 9,
            "seen": 5,
            "missing": 3,
            "settled": 1,
            "departments": [
                {"department": "D", "expected": 4, "seen": 2, "missing": 2, "settled": 0},
                {"department": "", "expected": 2, "seen": 1, "missing": 1, "settled": 0},
            ],
        }
    ],
    "overdue": [
        {
            "why": "loan-over",
            "since": "2026-11-01T00:00:00Z",
            "id": "ee" * 16,
            "number": "MG-3",
            "holder": "Zhang",
            "department": "D",
        }
    ],
    "late": {"loan-over": 1},
}


def test_the_week_is_told_with_the_rule_behind_each_refusal(desk: Desk) -> None:
    desk.daemon.answers["Summary"] = [FOUND]
    answer = desk.type("summary", "--week")
    assert answer.status == 0, answer.err
    for part in (
        "2 × Whoever has it [lost]",
        "Rule: Law, Article 28",
        "and 2 more",
        "MG-3 Zhang D: loan ended on 2026-11-01",
        "Running inventories: 1",
        "Autumn (≥ SECRET), overdue since 2026-11-20: 5 of 9 seen, 3 missing",
        "D: 2 of 4 missing",
        "without a department: 1 of 2 missing",
    ):
        assert part in answer.out, part
    assert "\x1b" not in answer.out
    assert desk.daemon.calls[-1] == ("Summary", [{}, {}]) or desk.daemon.calls[-1][1][0] == {}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_paper_has_the_same_lines_and_room_to_sign(desk: Desk, tmp_path: Path, language: str) -> None:
    desk.daemon.answers["Summary"], desk.daemon.language = [FOUND], language
    out = tmp_path / "w.pdf"
    answer = desk.type("summary", "--out", str(out))
    assert answer.status == 0, answer.err
    assert out.read_bytes().startswith(b"%PDF-")
    assert not [text for _, text in lines_of(FOUND, language) if "week-" in text or "{" in text]
    assert desk.type("summary", "--out", str(tmp_path / "w.csv")).status == 2
    assert not (tmp_path / "w.csv").exists()


def test_a_long_week_takes_more_pages_and_loses_no_line(tmp_path: Path) -> None:
    from guard.paper.week import draw_week  # noqa: PLC0415 - beside what it is compared with

    many = {**FOUND, "ways": [], "overdue": [{**FOUND["overdue"][0], "number": f"MG-{n}"} for n in range(50)]}
    assert draw_week(FOUND, "", "en").count(b"/Type /Page\n") == 1
    assert draw_week(many, "", "en").count(b"/Type /Page\n") == 2


def test_a_week_of_the_calendar_is_seven_days_and_nonsense_is_named(desk: Desk) -> None:
    found = _week("2026-W47")
    assert found["until"] - found["since"] in (7 * 86_400, 7 * 86_400 - 3600, 7 * 86_400 + 3600)
    for text in ("2026-W60", "2026-47", "x"):
        answer = desk.type("summary", "--week", text)
        assert answer.status == 2
        assert "is no week" in answer.err
    assert not [call for call in desk.daemon.calls if call[0] == "Summary"]
