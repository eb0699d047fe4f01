"""Files of a visit on the desk: told once in the one notification, and long lists of hostile names stay usable."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from hypothesis import given
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from guard.words import explain_reason
from gui.contents import FileChange, Files, parse_changes, parse_files
from gui.desk import PAGE
from gui.files import FilesDialog
from gui.notices import notice_of
from gui.values import Explanation, Reason, Visit, parse_visit
from gui.words import files_short, files_text
from tests.gui.test_values import JUNK

COUNTS = {"state": "arrived", "files": 12, "size": 4_000_000, "complete": True, "came": 1, "went": 2, "changed": 3}


def _visit(*findings: str, verdict: str = "read-write") -> Visit:
    row = {"Id": "a" * 32, "Stage": "open", "Verdict": verdict, "Number": "MG-0007", "Reasons": ["fits"]}
    return parse_visit({**row, "Findings": list(findings), "Files": COUNTS})


def _explained(visit: Visit, language: str = "en") -> Explanation:
    facts = {"count": "2", "example": ".sys", "since": "2026-09-21", "fault": "manifest-answer"}
    told = [explain_reason(rule, facts, language) for rule in visit.findings]
    findings = tuple(Reason(t.rule, t.what, t.why, t.next) for t in told)
    return Explanation(visit.id, visit.verdict, (Reason("fits", "w", "y", "n"),), visit.seen, findings, visit.files)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("rule", ["files-suspicious", "files-undeclared"])
def test_undeclared_files_are_told_loudly_with_what_to_do(app: QApplication, rule: str, language: str) -> None:
    visit = _visit(rule)
    explanation = _explained(visit, language)
    notice = notice_of(visit, explanation, None)
    assert notice is not None
    assert notice.urgent
    assert "MG-0007" in notice.title
    assert explanation.findings[0].what in notice.body
    assert explanation.findings[0].next in notice.body
    assert "mediaguardctl" not in notice.body
    assert [name for name, _ in notice.actions] == ["default", "files", "eject"]


@pytest.mark.parametrize("rule", ["files-elsewhere", "files-unknown"])
def test_what_needs_no_deed_disturbs_nobody(app: QApplication, rule: str) -> None:
    visit = _visit(rule)
    assert notice_of(visit, _explained(visit), None) is None
    assert notice_of(_visit(), None, None) is None


@given(JUNK)
def test_any_answer_about_files_is_taken(junk: Any) -> None:
    files, changes = parse_files(junk), parse_changes(junk)
    assert all(isinstance(change.path, str) and "\u202e" not in change.path for change in changes)
    assert isinstance(files_short(files) + files_text(files), str)


def test_counts_are_told_in_short_and_in_a_sentence(app: QApplication) -> None:
    files = parse_files({**COUNTS, "undeclared": 4})
    assert files_short(files) == "+1 −2 ~3 ⚠ 4"
    assert "12 files" in files_text(files)
    assert "Undeclared since it left here: 4." in files_text(files)
    assert files_short(Files("listing")) == files_text(Files("unknown")) == ""


class _Desk:
    """Answers as the guard would, page by page."""

    def __init__(self, count: int) -> None:
        self.rows = [
            {"seq": n, "what": "appeared", "path": f"d{n % 97}/\\u{{202e}}file {n}.exe", "odd": ["program"], "size": n}
            for n in range(1, count + 1)
        ]
        self.asked: list[int] = []

    def files(
        self, visit: str, after: int, done: Callable[[Files, list[FileChange]], None], failed: Callable[[str], None]
    ) -> None:
        self.asked.append(after)
        done(parse_files(COUNTS), parse_changes(self.rows[after : after + PAGE]))


def test_ten_thousand_files_are_there_in_pages_and_can_be_searched_and_sorted_at_once(qtbot: QtBot) -> None:
    desk = _Desk(10_000)
    began = monotonic()
    dialog = FilesDialog(desk, "a" * 32, "MG-0007")  # type: ignore[arg-type] # the one verb it uses
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.search.setText("file 9999.exe")
    assert dialog.table.model().rowCount() == 1
    dialog.search.clear()
    dialog.table.sortByColumn(3, Qt.SortOrder.DescendingOrder)
    first = dialog.table.model().index(0, 1).data()
    assert first == f"d{10_000 % 97}/\\u{{202e}}file 10000.exe", "as the guard wrote it: nothing turns around"
    assert desk.asked == [n * PAGE for n in range(11)]
    assert monotonic() - began < 10
