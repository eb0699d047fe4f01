"""Clearing from the console: only what is ordered, confirmed, plugged in and looked at; the guard reads it anew, the bar moves."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.console.clearing import ClearDialog
from gui.console.orders import OrdersPage
from gui.desk import Desk
from gui.feed import Progressed, VisitGone, VisitSeen
from gui.link import Link
from gui.lives import parse_order
from gui.values import parse_visit
from tests.gui.desktop import Desktop

MEDIUM, ORDER = "c1" * 16, "d1" * 16
ROW = {
    "id": ORDER,
    "kind": "clear",
    "medium": MEDIUM,
    "state": "confirmed",
    "proposed_by": "carol",
    "confirmed_by": "dave",
}
VISIT = parse_visit({"id": "a1" * 16, "medium": MEDIUM, "number": "MG-0001", "stage": "open", "verdict": "read-write"})


@pytest.fixture
def asked() -> list[Any]:
    return []


@pytest.fixture
def desk(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    found = Desk(Link("en"))

    def ask(member: str, signature: str, arguments: list[Any], done: Any, failed: Any, **more: Any) -> None:
        asked.append((member, arguments, more.get("options"), done, failed))

    monkeypatch.setattr(found.link, "ask", ask)
    yield found
    found.link.stop()


def _words(dialog: ClearDialog) -> list[str]:
    return [label.text() for label in dialog.findChildren(QLabel)]


def test_only_a_confirmed_order_to_clear_whose_medium_is_plugged_in_can_be_carried_out(
    qtbot: QtBot, desk: Desk, asked: list[Any]
) -> None:
    page = OrdersPage(desk)
    qtbot.addWidget(page)
    page.show()
    states = ("confirmed", "proposed", "declined", "done")
    rows = [*({**ROW, "state": state} for state in states), {**ROW, "kind": "destroy"}, {**ROW, "medium": "ee" * 16}]
    asked[-1][3](rows)
    desk._take(VisitSeen(VISIT))
    found = []
    for place in range(len(rows)):
        page.table.selectRow(place)
        found.append(page.clear.isEnabled())
    assert found == [True, False, False, False, False, False]
    assert "Plug it in at this computer to clear it." in [label.text() for label in page.findChildren(QLabel)]
    page.table.selectRow(0)
    desk._take(VisitGone(VISIT.id))
    assert not page.clear.isEnabled(), "it was pulled"
    desk._take(VisitSeen(VISIT))
    assert page.clear.isEnabled()
    count = len(asked)
    desk._take(Progressed(ORDER, 100, "done"))
    assert [member for member, *_ in asked[count:]] == ["Orders"], "what was carried out is shown as that"


def test_nothing_is_asked_for_before_the_number_on_the_sticker_was_typed_and_then_with_the_id_that_was_shown(
    qtbot: QtBot, desk: Desk, asked: list[Any]
) -> None:
    dialog = ClearDialog(desk, parse_order(ROW), VISIT)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.ident.text() == f"Id: {MEDIUM}"
    for typed, ready in (("", False), ("MG-0002", False), (" mg-0001 ", True)):
        dialog.number.setText(typed)
        assert dialog.go.isEnabled() is ready
    QTest.keyClick(dialog.number, Qt.Key.Key_Return)
    assert (dialog.isVisible(), asked) == (True, []), "Enter neither clears nor closes"
    dialog.method.setCurrentIndex(1)
    dialog.go.click()
    verb, words, options, done, failed = asked[-1]
    assert (verb, words, options) == ("Clear", [VISIT.id, ORDER], {"method": "keys", "medium": MEDIUM})
    assert not dialog.go.isEnabled()
    desk._take(Progressed("ff" * 16, 70, "check"))
    assert dialog.bar.maximum() == 0, "that was something else"
    desk._take(Progressed(ORDER, 40, "overwrite"))
    assert (dialog.bar.isVisible(), dialog.bar.value()) == (True, 40)
    failed("This order is not about the medium that is plugged in.")
    assert "This order is not about the medium that is plugged in." in _words(dialog)
    assert (dialog.bar.isVisible(), dialog.go.isEnabled()) == (False, True)
    dialog.go.click()
    done({"octets": 5, "number": "<b>MG-0001</b>", "discarded": False})
    assert any("<b>MG-0001</b> is cleared" in word and "A copy of the header" in word for word in _words(dialog))
    assert [widget.isEnabled() for widget in (dialog.go, dialog.method)] == [False, False], "once is enough"


def test_an_admin_clears_what_another_one_confirmed_and_the_stick_is_zero(desktop: Desktop, qtbot: QtBot) -> None:
    visit, office = desktop.plug("to-clear"), desktop.office
    say = office.say
    say("register", visit.id, "--level", "INTERNAL", "--networks", "office", "--holder", "Alice")
    medium = next(row["id"] for row in office.rows("media") if row["present"])
    say("propose", "clear", medium, "--why", "worn out")
    (order,) = (row for row in office.rows("orders") if row["medium"] == medium)
    assert office.computer.ask("--as", "admin", "confirm", order["id"]).returncode == 0
    desktop.become("admin")
    page = OrdersPage(desktop.desk)
    qtbot.addWidget(page)
    page.show()
    desktop.until(lambda: page.table.rows)
    page.table.selectRow(next(place for place, row in enumerate(page.table.rows) if row.id == order["id"]))
    desktop.until(page.clear.isEnabled)
    page.clear.click()
    percents: list[int] = []
    desktop.desk.progressed.connect(lambda ident, percent, step: percents.append(percent))
    dialog = page.dialog
    dialog.number.setText(next(v.number for v in desktop.desk.visits.values() if v.medium == medium))
    dialog.go.click()
    desktop.until(lambda: any("is cleared: " in word for word in _words(dialog)))
    assert len(set(percents)) > 3, "the bar moved"
    assert sorted(percents) == percents
    image = Path(office.stick("to-clear")).read_bytes()
    assert image == bytes(len(image))
    assert next(row["state"] for row in office.rows("media") if row["id"] == medium) == "cleared"
