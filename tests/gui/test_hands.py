"""Without a mouse, and for those who do not see the screen: every control is reached and has a name."""

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QWidget,
)

from gui.application import Application
from gui.asking import RequestDialog
from gui.console.timeline import Stop, Timeline
from gui.feed import VisitSeen
from gui.values import parse_visit
from tests.gui.desktop import Desktop

CONTROLS = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QPlainTextEdit)


def _controls(window: QWidget) -> list[QWidget]:
    found = [child for kind in CONTROLS for child in window.findChildren(kind)]
    return [child for child in found if child.isVisibleTo(window) and not child.objectName().startswith("qt_")]


def _nameless(window: QWidget) -> list[str]:
    """What a screen reader could not name: no name, no text, no label beside it."""
    labelled = {label.buddy() for label in window.findChildren(QWidget) if hasattr(label, "buddy") and label.buddy()}
    return [
        type(child).__name__
        for child in _controls(window)
        if not child.accessibleName()
        and not (isinstance(child, QAbstractButton) and child.text())
        and child not in labelled
        and not (isinstance(child, QLineEdit) and child.placeholderText())
        and not isinstance(child, QHeaderView)
        and not isinstance(child.parent(), QComboBox)
    ]


def test_a_request_is_filed_with_the_keyboard_alone(desktop: Desktop) -> None:
    visit = desktop.plug("keys")
    desktop.application.ask(visit.id)
    dialog = desktop.application._dialogs[f"ask {visit.id}"]
    assert isinstance(dialog, RequestDialog)
    assert dialog.focusWidget() is dialog.purpose
    QTest.keyClicks(dialog.purpose, "slides")
    seen: list[QWidget] = []
    while dialog._send not in seen and len(seen) < 20:
        seen.append(dialog.focusWidget() or dialog)
        QTest.keyClick(seen[-1], Qt.Key.Key_Tab)
    assert dialog._send in seen
    filed: list[str] = []
    dialog.filed.connect(filed.append)
    QTest.keyClick(dialog._send, Qt.Key.Key_Space)
    desktop.until(lambda: filed)
    assert desktop.office.rows("requests")[0]["purpose"] == "slides"


def test_at_200_percent_of_a_full_hd_screen_every_window_opens_whole_and_none_needs_more(desktop: Desktop) -> None:
    visit = desktop.plug("large")
    application = desktop.application
    application.ask(visit.id)
    application.why(visit.id)
    application.show_mine()
    application.first()
    application.show_console()
    windows = [*application._dialogs.values(), application.mine, application.console]
    room = QSize(960, 540)
    for window in windows:
        assert window is not None
        least = window.minimumSizeHint().expandedTo(window.minimumSize())
        assert least.width() <= room.width(), type(window).__name__
        assert least.height() <= room.height(), type(window).__name__
        opened, screen = window.size(), window.screen().availableSize()
        assert opened.width() <= screen.width(), type(window).__name__
        assert opened.height() <= screen.height(), type(window).__name__


def test_every_control_has_a_name(desktop: Desktop) -> None:
    visit = desktop.plug("named")
    desktop.application.show_mine()
    assert not _nameless(desktop.application.mine)
    desktop.application.ask(visit.id)
    dialog = desktop.application._dialogs[f"ask {visit.id}"]
    assert not _nameless(dialog)
    assert isinstance(dialog, RequestDialog)
    dialog.purpose.setPlainText("to see the decision")
    filed: list[str] = []
    dialog.filed.connect(filed.append)
    dialog._send.click()
    desktop.until(lambda: filed)
    desktop.become("admin")
    desktop.application.show_console()
    console = desktop.application.console
    assert console is not None
    desktop.until(lambda: console.requests._request is not None)
    for row in range(console.pages.count()):
        console.pages.setCurrentRow(row)
        QApplication.processEvents()
        assert not _nameless(console), console.pages.item(row).text()


@pytest.mark.parametrize(("keys", "opened"), [([Qt.Key.Key_Return], "b"), ([Qt.Key.Key_Down, Qt.Key.Key_Return], "a")])
def test_a_stop_of_the_timeline_is_opened_with_arrows_and_enter(
    app: QApplication, keys: list[Qt.Key], opened: str
) -> None:
    timeline = Timeline()
    first, second = (parse_visit({"arrived": f"2026-01-0{day}T00:00:00Z"}).arrived for day in (1, 2))
    assert first is not None
    assert second is not None
    timeline.add([Stop(first, "office", "refused", "alice", "a"), Stop(second, "lab", "read-write", "alice", "b")])
    chosen: list[str] = []
    timeline.chosen.connect(chosen.append)
    for key in keys:
        QTest.keyClick(timeline, key)
    assert chosen == [opened]
    assert "office" in timeline.accessibleDescription()


def test_what_a_stick_calls_itself_is_never_read_as_markup(desktop: Desktop) -> None:
    """A name with markup in it stays text, in the window and in the notification."""
    hostile = "<img src=x><b>Kingston</b>"
    visit = parse_visit(
        {
            "id": "f" * 32,
            "stage": "shut",
            "verdict": "refused",
            "reasons": ["not-labelled"],
            "seen": {"product": hostile},
        }
    )
    application: Application = desktop.application
    desktop.link._push(VisitSeen(visit))
    desktop.until(lambda: visit.id in application.mine._cards)
    shown = [label for label in application.mine.findChildren(QLabel) if hostile in label.text()]
    assert shown
    assert not [label for label in shown if label.textFormat() != Qt.TextFormat.PlainText]
