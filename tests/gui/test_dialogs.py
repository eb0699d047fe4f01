"""Every dialog in each of its states, by pytest-qt."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.asking import MAX_PURPOSE, RequestDialog
from gui.console.granting import GrantForm
from gui.first import FirstMedium
from gui.icons import picture_of
from gui.standing import Standing
from gui.values import parse_visit
from gui.why import WhyDialog
from gui.words import partitions_text
from tests.gui.desktop import Desktop


def _says(window: QWidget, words: str) -> bool:
    return any(words in label.text() for label in window.findChildren(QLabel) if label.isVisibleTo(window))


def test_a_request_can_be_sent_once_it_has_a_purpose_that_is_not_too_long(desktop: Desktop, qtbot: QtBot) -> None:
    visit = desktop.plug("asked")
    dialog = RequestDialog(desktop.desk, visit, "Alice")
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog._send.isEnabled()
    dialog.purpose.setPlainText("x" * (MAX_PURPOSE + 1))
    assert not dialog._send.isEnabled()
    assert _says(dialog, "too long")
    dialog.purpose.setPlainText("slides")
    assert not _says(dialog, "too long")
    with qtbot.waitSignal(dialog.filed, timeout=20_000) as filed:
        dialog._send.click()
    (row,) = [row for row in desktop.office.rows("requests") if row["id"] == filed.args[0]]
    assert (row["purpose"], row["state"]) == ("slides", "open")
    assert not dialog.isVisible()


def test_a_request_for_a_stick_that_was_pulled_says_so_and_stays_open(desktop: Desktop, qtbot: QtBot) -> None:
    visit = desktop.plug("pulled")
    dialog = RequestDialog(desktop.desk, visit, "Alice")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.purpose.setPlainText("slides")
    desktop.unplug(visit)
    before = desktop.office.rows("requests")
    dialog._send.click()
    qtbot.waitUntil(dialog._trouble.isVisible, timeout=20_000)
    assert dialog._trouble.text()
    assert dialog.isVisible()
    assert desktop.office.rows("requests") == before


def test_the_reasons_are_asked_for_shown_and_where_there_is_no_answer_that_is_said(
    desktop: Desktop, qtbot: QtBot
) -> None:
    visit = desktop.plug("why")
    dialog = WhyDialog(desktop.desk, visit)
    qtbot.addWidget(dialog)
    dialog.show()
    assert _says(dialog, "Asking the guard")
    qtbot.waitUntil(lambda: _says(dialog, "Rule: not-labelled"), timeout=20_000)
    assert _says(dialog, "What to do:")
    assert not _says(dialog, "Asking the guard")
    unknown = WhyDialog(desktop.desk, parse_visit({"id": "f" * 32}))
    qtbot.addWidget(unknown)
    unknown.show()
    qtbot.waitUntil(lambda: not _says(unknown, "Asking the guard"), timeout=20_000)
    assert not _says(unknown, "Rule:")


def test_a_grant_is_whole_with_holder_network_and_where_it_erases_the_word_for_it(
    desktop: Desktop, qtbot: QtBot
) -> None:
    form = GrantForm(desktop.desk)
    qtbot.addWidget(form)
    form.show()

    def whole() -> bool:
        return form.complete

    assert not whole()
    form.holder.setText("Alice")
    assert whole()
    form.networks.item(0).setCheckState(Qt.CheckState.Unchecked)
    for row in range(form.networks.count()):
        form.networks.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert not whole()
    form.networks.item(0).setCheckState(Qt.CheckState.Checked)
    form.initialize.setChecked(True)
    assert form.erase.isVisible()
    assert not whole()
    form.erase.setText("erase")
    assert not whole()
    form.erase.setText("ERASE")
    assert whole()


def test_the_first_medium_is_led_through_its_three_steps(desktop: Desktop, qtbot: QtBot) -> None:
    desktop.become("admin")
    dialog = FirstMedium(desktop.desk)
    qtbot.addWidget(dialog)
    dialog.show()
    assert _says(dialog, "1. Plug in")
    assert not dialog.register.isVisible()
    visit = desktop.plug("first")
    qtbot.waitUntil(lambda: _says(dialog, "2. Say what it is for"), timeout=20_000)
    assert not dialog.register.isEnabled()
    dialog.form.holder.setText("Alice")
    qtbot.waitUntil(dialog.register.isEnabled, timeout=20_000)
    dialog.register.click()
    qtbot.waitUntil(lambda: _says(dialog, "3. Done"), timeout=20_000)
    (row,) = [row for row in desktop.office.rows("visits") if row["id"] == visit.id]
    assert row["verdict"] == "read-write"
    assert not dialog.form.isVisible()


def test_the_four_icons_differ_in_shape_and_not_only_in_colour(qtbot: QtBot) -> None:
    def outline(standing: Standing) -> bytes:
        image = picture_of(standing, 32).toImage()
        return bytes(image.pixelColor(x, y).alpha() > 128 for y in range(32) for x in range(32))

    assert len({outline(standing) for standing in Standing}) == len(Standing) == 4


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("mbr, 1 partition from 1.0 MiB", "MBR, partitions: 1, the first at 1.0 MiB"),
        ("gpt, 12 partitions from 4.0 MiB", "GPT, partitions: 12, the first at 4.0 MiB"),
        ("none, no partition", "no partition table, no partition"),
        ("", ""),
        ("<b>mbr</b>", "<b>mbr</b>"),
    ],
)
def test_the_line_about_partitions_is_in_the_language_of_the_desktop(line: str, shown: str, qtbot: QtBot) -> None:
    assert partitions_text(line) == shown
