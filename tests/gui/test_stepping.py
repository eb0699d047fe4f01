"""The form of a step can be sent only when it is filled in, and sends what was filled in."""

from typing import Any

import pytest
from PySide6.QtWidgets import QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from gui.console.stepping import BY_HAND, LifeList, StepDialog
from gui.desk import Desk
from gui.link import Link
from gui.values import parse_medium

MEDIUM = parse_medium({"id": "c1" * 16, "number": "MG-0001", "state": "registered", "steps": list(BY_HAND)})


@pytest.mark.parametrize("step", BY_HAND)
def test_a_step_is_sent_with_everything_it_needs_and_not_before(qtbot: QtBot, step: str) -> None:
    dialog = StepDialog(MEDIUM, step)
    qtbot.addWidget(dialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert not ok.isEnabled()
    dialog.why.setText("  ")
    assert not ok.isEnabled()
    dialog.why.setText("x")
    to_somebody = step in ("issue", "lend", "hand-over")
    assert ok.isEnabled() is not to_somebody
    dialog.holder.setText("李四")
    assert ok.isEnabled()
    papers = dialog.papers()
    assert papers["why"] == "x"
    assert ("holder" in papers) is to_somebody
    assert ("due" in papers) is (step == "lend")


def test_the_history_of_a_medium_is_plain_text_newest_first(qtbot: QtBot) -> None:
    desk = Desk(Link("en"))
    asked: list[Any] = []
    desk.rows = lambda member, wanted, done, failed: asked.append((member, wanted, done))  # type: ignore[method-assign]
    shown = LifeList(desk)
    qtbot.addWidget(shown)
    shown.ask("c1" * 16)
    ((member, wanted, done),) = asked
    assert (member, wanted["medium"]) == ("History", "c1" * 16)
    row = {"step": "issue", "at": "2026-11-24T10:00:00Z", "by": "carol", "holder": "<b>李四</b>", "department": "二处"}
    done([{**row, "approved_by": "王", "form": "7"}, {"step": "register", "by": "root", "level": "机密"}])
    labels = [label.text() for label in shown.findChildren(QLabel)]
    assert "to 二处 <b>李四</b>, approved by 王, form 7, by carol" in labels[0]
    assert "机密" in labels[1]
    desk.link.stop()
