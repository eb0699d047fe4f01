"""The page for reviews: what may be proposed follows what a medium has held, and what is under way is not proposed again."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QDialog, QDialogButtonBox
from pytestqt.qtbot import QtBot

from gui.console import reviews
from gui.console.reviews import ProposeDialog, ReviewsPage
from gui.desk import Desk
from gui.feed import GuardSeen
from gui.link import Link
from gui.values import parse_guard

OVER = {
    "medium": "c1" * 16,
    "number": "MG-1",
    "level": "机密",
    "mark": "机密★20年",
    "ends": "2020-01-01T00:00:00Z",
    "phase": "over",
    "releasable": True,
}
LEVELS = [{"name": "公开"}, {"name": "机密", "longest_years": 20}]


@pytest.fixture
def asked() -> list[Any]:
    return []


@pytest.fixture
def desk(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    found = Desk(Link("en"))

    def ask(member: str, signature: str, arguments: list[Any], done: Any, failed: Any, **_: Any) -> None:
        asked.append((member, arguments, done))

    monkeypatch.setattr(found.link, "ask", ask)
    found._take(GuardSeen(parse_guard({"Levels": LEVELS}, "en"), fresh=True))
    yield found
    found.link.stop()


@pytest.fixture
def page(qtbot: QtBot, desk: Desk, asked: list[Any]) -> ReviewsPage:
    page = ReviewsPage(desk)
    qtbot.addWidget(page)
    page.show()
    rows = [
        OVER,
        {**OVER, "number": "MG-2", "phase": "ending"},
        {**OVER, "number": "MG-3", "releasable": False},
        {**OVER, "number": "MG-4", "order_kind": "release", "released": "公开"},
        {**OVER, "number": "MG-5", "phase": "condition", "condition": "公布前", "ends": ""},
    ]
    asked[-1][2](rows)
    return page


def test_what_may_be_proposed_follows_what_the_medium_has_held_and_what_is_under_way(page: ReviewsPage) -> None:
    found = []
    for place in range(5):
        page.table.selectRow(place)
        found.append((page.release.isEnabled(), page.extend.isEnabled()))
    assert found == [(True, True), (False, True), (False, True), (False, False), (True, False)]


@pytest.mark.parametrize(
    ("kind", "papers"),
    [
        ("release", {"why": "looked", "level": "公开", "form": "7"}),
        ("extend", {"why": "looked", "term": "20y", "form": "7"}),
    ],
)
def test_nothing_is_proposed_without_a_reason_and_what_was_filled_in_is_asked_for(
    page: ReviewsPage, asked: list[Any], monkeypatch: pytest.MonkeyPatch, kind: str, papers: dict[str, str]
) -> None:
    def fill(dialog: ProposeDialog) -> QDialog.DialogCode:
        button = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
        assert not button.isEnabled()
        dialog.why.setText(" looked ")
        dialog.form.setText("7")
        assert button.isEnabled()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(reviews.ProposeDialog, "exec", fill)
    page.table.selectRow(0)
    (page.release if kind == "release" else page.extend).click()
    assert asked[-1][:2] == ("Propose", [kind, OVER["medium"], papers])


def test_a_level_that_it_has_already_is_not_offered(desk: Desk, page: ReviewsPage) -> None:
    page.table.selectRow(0)
    assert page.table.chosen is not None
    dialog = ProposeDialog(desk, page.table.chosen, "release", page)
    assert [dialog.level.itemData(row) for row in range(dialog.level.count())] == ["公开"]
