"""The marks on a medium's page: the one that its sticker carries holds, those before are struck out, and all are plain text."""

from typing import Any

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.console.marks import MarkList
from gui.console.medium import MediumPage
from gui.desk import Desk
from gui.link import Link
from gui.values import parse_medium

ROWS = [
    {
        "mark": "秘密★10年",
        "at": "2026-11-24T10:00:00Z",
        "by": "carol",
        "why": "<b>lowered</b>",
        "ends": "2036-11-24T00:00:00Z",
    },
    {"mark": "机密★20年", "at": "2026-01-05T10:00:00Z", "by": "dave", "cancelled": "2026-11-24T10:00:00Z"},
]


def test_the_mark_that_holds_is_bold_and_the_one_before_is_struck_out_with_the_day(qtbot: QtBot) -> None:
    desk = Desk(Link("en"))
    asked: list[Any] = []
    desk.call = lambda verb, signature, words, done, failed, **more: asked.append((verb, words, done))  # type: ignore[method-assign]
    shown = MarkList(desk)
    qtbot.addWidget(shown)
    shown.ask("c1" * 16)
    ((verb, words, done),) = asked
    assert (verb, words) == ("Marks", ["c1" * 16])
    done(ROWS)
    now, about, before, then = shown.findChildren(QLabel)
    assert [(label.text(), label.font().bold(), label.font().strikeOut()) for label in (now, before)] == [
        ("秘密★10年", True, False),
        ("机密★20年", False, True),
    ]
    assert "<b>lowered</b>, by carol" in about.text()
    assert "2036" in about.text()
    assert "cancelled on" in then.text()
    done([])
    assert [label.text() for label in shown.findChildren(QLabel) if label.isVisibleTo(shown)] == ["It has had no mark."]
    desk.link.stop()


def test_the_page_shows_the_text_of_the_sticker_and_asks_for_all_marks_only_for_who_may_audit(qtbot: QtBot) -> None:
    desk = Desk(Link("en"))
    asked: list[str] = []
    desk.link.ask = lambda member, *words, **more: asked.append(member)  # type: ignore[method-assign]
    for rights, editable, wanted in (({"audit"}, True, True), (set[str](), True, False), ({"audit"}, False, False)):
        asked.clear()
        desk.rights = frozenset(rights)
        page = MediumPage(desk, editable=editable)
        qtbot.addWidget(page)
        page.show_medium(parse_medium({"id": "c1" * 16, "number": "MG-1", "level": "INTERNAL", "mark": "INTERNAL"}))
        assert "Mark: INTERNAL" in [label.text() for label in page.findChildren(QLabel)], (
            "the same text as on its sticker"
        )
        assert ("Marks" in asked) is wanted, (rights, editable)
    desk.link.stop()
