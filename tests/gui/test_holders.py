"""The pages for holders and for orders of two people: buttons follow what may be done, and ask for exactly that."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from gui.console.holders import HoldersPage
from gui.console.orders import OrdersPage
from gui.desk import Desk
from gui.link import Link

LEAVES = {"name": "张三", "department": "一处", "clearance": "机密", "state": "leaving", "holds": 2}
STAYS = {"name": "李四", "department": "二处", "clearance": "", "state": "active", "holds": 0}


@pytest.fixture
def asked() -> list[Any]:
    return []


@pytest.fixture
def desk(asked: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    found = Desk(Link("en"))

    def ask(member: str, signature: str, arguments: list[Any], done: Any, failed: Any, **_: Any) -> None:
        asked.append((member, arguments, done))

    monkeypatch.setattr(found.link, "ask", ask)
    monkeypatch.setattr(QInputDialog, "getText", staticmethod(lambda *_: ("moves", True)))
    yield found
    found.link.stop()


def test_who_leaves_is_signed_off_only_when_nothing_is_left(qtbot: QtBot, desk: Desk, asked: list[Any]) -> None:
    page = HoldersPage(desk)
    qtbot.addWidget(page)
    page.show()
    asked[-1][2]([LEAVES, STAYS, {**LEAVES, "name": "王五", "holds": 0}])
    for place, buttons in enumerate([(False, True, False), (True, False, False), (False, True, True)]):
        page.table.selectRow(place)
        assert (page.leaves.isEnabled(), page.stays.isEnabled(), page.sign.isEnabled()) == buttons
    assert asked[-1][1] == [{"holder": "王五", "limit": 1000}]
    page.sign.click()
    assert asked[-1][:2] == ("SignOff", ["王五", "moves"])
    page.table.selectRow(1)
    page.leaves.click()
    assert asked[-1][:2] == ("Depart", ["李四", True, "moves"])


def test_an_answer_about_another_person_is_not_shown_for_this_one(qtbot: QtBot, desk: Desk, asked: list[Any]) -> None:
    page = HoldersPage(desk)
    qtbot.addWidget(page)
    page.show()
    asked[-1][2]([LEAVES, STAYS])
    page.table.selectRow(0)
    late = asked[-1][2]
    page.table.selectRow(1)
    late([{"id": "c1" * 16, "number": "MG-1", "level": "机密", "state": "active"}])
    assert page.media.rows == []
    asked[-1][2]([{"id": "c2" * 16, "number": "MG-2", "level": "机密", "state": "active"}])
    assert [row.number for row in page.media.rows] == ["MG-2"]


def test_only_what_waits_is_confirmed_or_declined(qtbot: QtBot, desk: Desk, asked: list[Any]) -> None:
    page = OrdersPage(desk)
    qtbot.addWidget(page)
    page.show()
    order = {"id": "d1" * 16, "kind": "clear", "medium": "c1" * 16, "state": "proposed", "proposed_by": "carol"}
    asked[-1][2]([order, {**order, "id": "d2" * 16, "state": "done"}])
    page.table.selectRow(1)
    assert not page.yes.isEnabled()
    assert not page.no.isEnabled()
    page.table.selectRow(0)
    page.yes.click()
    assert asked[-1][:2] == ("Confirm", ["d1" * 16, True, ""])
    page.no.click()
    assert asked[-1][:2] == ("Confirm", ["d1" * 16, False, "moves"])
