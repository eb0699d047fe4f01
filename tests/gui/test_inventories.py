"""The page for inventories: a scanner can type as fast as it likes, and what is asked for is what was filled in."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QDate, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QInputDialog
from pytestqt.qtbot import QtBot

from gui.console import inventories
from gui.console.inventories import BeginDialog, InventoriesPage
from gui.desk import Desk
from gui.link import Link

OPEN = {"id": "e1" * 16, "title": "秋季", "state": "open", "expected": 3, "seen": 1, "missing": 2}
CLOSED = {**OPEN, "id": "e2" * 16, "title": "春季", "state": "closed"}
LOST = {"number": "MG-2", "level": "机密", "holder": "张三", "department": "二处", "state": "lost", "counted": ""}


@pytest.fixture
def asked() -> list[Any]:
    return []


@pytest.fixture
def desk(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    found = Desk(Link("en"))

    def ask(member: str, signature: str, arguments: list[Any], done: Any, failed: Any, **_: Any) -> None:
        asked.append((member, arguments, done, failed))

    monkeypatch.setattr(found.link, "ask", ask)
    monkeypatch.setattr(QInputDialog, "getText", staticmethod(lambda *_: ("a mistake", True)))
    yield found
    found.link.stop()


@pytest.fixture
def page(qtbot: QtBot, desk: Desk, asked: list[Any]) -> InventoriesPage:
    page = InventoriesPage(desk)
    qtbot.addWidget(page)
    page.show()
    asked[-1][2]([OPEN, CLOSED])
    return page


def test_what_is_over_is_not_ended_again_and_a_mistake_is_called_off_with_its_reason(
    page: InventoriesPage, asked: list[Any]
) -> None:
    page.table.selectRow(1)
    assert not page.close_it.isEnabled()
    assert not page.call_off.isEnabled()
    page.table.selectRow(0)
    assert asked[-1][:2] == ("Missing", [OPEN["id"], {"limit": 1000}])
    page.call_off.click()
    assert asked[-1][:2] == ("EndInventory", [OPEN["id"], False, "a mistake"])
    page.close_it.click()
    assert asked[-1][:2] == ("EndInventory", [OPEN["id"], True, "a mistake"])


def test_an_answer_about_another_inventory_is_not_shown_for_this_one(page: InventoriesPage, asked: list[Any]) -> None:
    page.table.selectRow(0)
    late = asked[-1][2]
    page.table.selectRow(1)
    late([{"medium": "c1" * 16, "number": "MG-1"}])
    assert page.media.rows == []
    asked[-1][2]([{"medium": "c2" * 16, "number": "MG-2", "holder": "张三"}])
    assert [row.number for row in page.media.rows] == ["MG-2"]


def test_a_scanner_types_the_next_code_before_the_first_is_answered(page: InventoriesPage, asked: list[Any]) -> None:
    for code in ("MG-1", "  ", "MG-2"):
        QTest.keyClicks(page.code, code)
        QTest.keyClick(page.code, Qt.Key.Key_Return)
    sent = [call for call in asked if call[0] == "Inspect"]
    assert [call[1] for call in sent] == [["MG-1"], ["MG-2"]]
    sent[0][3]("No medium has this code.")
    assert page._told.text() == "No medium has this code."
    sent[1][2](LOST)
    assert "nothing waits for it" in page._told.text()
    assert "lost: keep it" in page._told.text()
    assert asked[-1][0] == "Inventories", "the counts are asked for anew"


def test_nothing_begins_without_a_title_and_what_was_filled_in_is_asked_for(
    qtbot: QtBot, desk: Desk, page: InventoriesPage, asked: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    dialog = BeginDialog(desk)
    qtbot.addWidget(dialog)
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    dialog.title.setText(" 秋季清查 ")
    dialog.due.setDate(QDate.currentDate().addDays(9))
    dialog.department.setText("二处")
    monkeypatch.setattr(dialog, "exec", lambda: QDialog.DialogCode.Accepted)
    monkeypatch.setattr(inventories, "BeginDialog", lambda *_: dialog)
    page.begin.click()
    due = QDate.currentDate().addDays(9).toString("yyyy-MM-dd")
    assert asked[-1][:2] == ("BeginInventory", ["秋季清查", {"due": due, "department": "二处"}])
