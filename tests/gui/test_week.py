"""The week in the console: what the guard tells, with the rule behind each refusal, and a paper of it; nothing for strangers."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel

from gui.console.week import WeekPage
from tests.gui.desktop import Desktop


def _words(page: WeekPage) -> list[str]:
    return [label.text() for label in page.findChildren(QLabel)]


def _begin_inventory(desktop: Desktop) -> str:
    """One of a department with one medium, which nobody has shown since."""
    visit, say = desktop.plug("counted"), desktop.office.say
    say("person", "Counted Carl", "--department", "Lab")
    say("clearance", "Counted Carl", "INTERNAL", "--why", "x")
    say("register", visit.id, "--level", "INTERNAL", "--networks", "office", "--holder", "Counted Carl")
    say("inventory", "begin", "Autumn", "--due", "30d", "--department", "Lab")
    (ident,) = (row["id"] for row in desktop.office.rows("inventory", "list") if row["title"] == "Autumn")
    return str(ident)


def test_an_admin_sees_the_week_with_its_rules_and_saves_it_as_a_paper(
    desktop: Desktop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop.plug("weekly")
    inventory = _begin_inventory(desktop)
    desktop.become("admin")
    page = WeekPage(desktop.desk)
    page.show()
    desktop.until(lambda: page.titles)
    assert any(title.startswith("Plugged in: ") for title in page.titles)
    assert [word for word in _words(page) if "[not-labelled]" in word]
    assert [word for word in _words(page) if "By: ISO/IEC 27001" in word]
    assert any(title.startswith("Running inventories: ") for title in page.titles)
    assert [
        word for word in _words(page) if word.startswith("Autumn (Lab), until ") and "0 of 1 seen, 1 missing" in word
    ]
    assert "    Lab: 1 of 1 missing" in _words(page)
    out = tmp_path / "week"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), "PDF (*.pdf)"))
    page.paper.click()
    assert page.filing.busy
    desktop.until(lambda: page.paper.isEnabled() and not page.filing.busy, 50)
    assert (tmp_path / "week.pdf").read_bytes().startswith(b"%PDF-")
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".pdf"] == ["week.pdf"]
    page.close()
    desktop.office.say("inventory", "close", inventory, "--call-off", "--why", "x")


def test_an_employee_is_told_that_the_week_is_not_theirs_and_sees_nothing_of_it(desktop: Desktop) -> None:
    desktop.plug("others")
    page = WeekPage(desktop.desk)
    page.show()
    desktop.until(lambda: [word for word in _words(page) if "may not" in word])
    assert page.titles == []
    assert not [word for word in _words(page) if "[" in word]
    page.close()
