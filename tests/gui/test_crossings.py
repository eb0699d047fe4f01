"""The page of crossings: the guard filters, and the export is the report that proves itself, whoever asks for it."""

from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QDate
from PySide6.QtWidgets import QFileDialog

from gui.console import filing
from gui.console.crossings import CrossingsPage
from gui.console.sieve import Sieve
from gui.values import parse_medium
from tests.gui.desktop import Desktop
from tests.gui.pictures import _travel


@pytest.fixture
def page(desktop: Desktop) -> CrossingsPage:
    """As an auditor, with a medium that went to the other network and back."""
    if not desktop.office.rows("crossings"):
        _travel(desktop.office, Path(desktop.office.stick("traveller")))
    desktop.become("auditor")
    page = CrossingsPage(desktop.desk)
    page.show()
    desktop.until(lambda: page.model.rows)
    return page


def test_filters_are_asked_of_the_guard_and_all_that_was_chosen_stays(desktop: Desktop, page: CrossingsPage) -> None:
    both = len(page.model.rows)
    desktop.until(lambda: page.sieve.holder.count() > 1 and page.sieve.before.count() > 1)
    page.sieve.direction.setCurrentIndex(page.sieve.direction.findData("down"))
    desktop.until(lambda: 0 < len(page.model.rows) < both)
    assert {row.direction for row in page.model.rows} == {"down"}
    page.sieve.severity.setCurrentIndex(page.sieve.severity.findData("info"))
    desktop.until(lambda: not page.model.rows)
    page.sieve.severity.setCurrentIndex(0)
    page.sieve.holder.setCurrentIndex(page.sieve.holder.findData("Alice"))
    desktop.until(lambda: page.model.rows)
    assert page.sieve.wanted() == {"direction": "down", "holder": "Alice"}
    page.sieve.period.setCurrentIndex(page.sieve.period.findData("before"))
    desktop.until(lambda: not page.model.rows)


@pytest.mark.parametrize("kind", ["pdf", "csv"])
def test_the_export_is_a_report_that_holds(
    desktop: Desktop, page: CrossingsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    for name, value in desktop.office.computer.environment.items():
        monkeypatch.setenv(name, value)
    out = tmp_path / f"crossings.{kind}"
    out.write_text("what was there, and may be overwritten: the dialog has asked")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(out), ""))
    page.sieve.direction.setCurrentIndex(page.sieve.direction.findData("down"))
    page.export.click()
    assert page.filing.busy
    desktop.until(lambda: page.export.isEnabled() and not page.filing.busy, 50)
    said = desktop.office.say("report", "verify", str(out))
    assert "genuine" in said
    assert "by auditor" in said
    (entry, *_) = desktop.office.rows("journal", "--kind", "report")
    assert entry["data"]["filters"] == {"direction": "down"}
    assert not list(tmp_path.glob(".crossings-*"))


def test_without_the_command_line_it_says_what_to_install(
    desktop: Desktop, page: CrossingsPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(filing, "_program", lambda: None)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "r.pdf"), ""))
    monkeypatch.setattr("gui.console.crossings.complain", lambda _, sentence: said.append(sentence))
    page.export.click()
    desktop.until(lambda: said)
    assert "Install the package media-guard" in said[0]
    assert page.export.isEnabled()
    assert not list(tmp_path.iterdir())


def test_a_period_is_whole_days_of_this_clock(app: object) -> None:
    sieve = Sieve()
    assert sieve.wanted() == {}
    sieve.period.setCurrentIndex(sieve.period.findData("days"))
    sieve.since.setDate(QDate(2026, 11, 1))
    sieve.until.setDate(QDate(2026, 11, 30))
    first, after = (datetime(2026, month, 1).astimezone() for month in (11, 12))
    assert sieve.wanted() == {"since": int(first.timestamp()), "until": int(after.timestamp())}
    sieve.period.setCurrentIndex(sieve.period.findData("before"))
    first_day, last_day = sieve.days()
    assert first_day is not None
    assert last_day is not None
    assert (first_day.day(), last_day.addDays(1).day()) == (1, 1)


def test_what_was_chosen_stays_when_more_is_known_and_choosing_asks_once(app: object) -> None:
    sieve, told = Sieve(), list[None]()
    media = [parse_medium({"id": f"{n}" * 32, "number": f"MG-{n}", "holder": f"H{n}"}) for n in range(3)]
    sieve.know(["a", "b"], media[:2])
    sieve.changed.connect(lambda: told.append(None))
    sieve.medium.setCurrentIndex(2)
    sieve.know(["a", "b", "c"], media)
    assert sieve.wanted() == {"medium": "1" * 32}
    assert len(told) == 1
