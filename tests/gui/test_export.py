"""Files for spreadsheets and paper; what a stick calls itself must not run in either."""

import csv
import io
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gui.console.export import csv_text, write_pdf
from gui.console.lanes import Hop, Lanes
from gui.values import parse_crossing

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\ttab",
    'quote " and , comma',
    "line\nbreak",
    "机密",
    "＝1+1",
    "＠SUM",
    "\n=1",
)


def test_a_spreadsheet_reads_every_cell_and_runs_none() -> None:
    read = list(csv.reader(io.StringIO(csv_text(["Name"], [[cell] for cell in HOSTILE]).removeprefix("\ufeff"))))
    assert [row[0].removeprefix("'") for row in read[1:]] == list(HOSTILE)
    assert not [row for row in read[1:] if row[0].startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＠"))]


def test_a_table_on_paper_reads_no_markup(app: QApplication, tmp_path: Path) -> None:
    plain = tmp_path / "plain.pdf"
    write_pdf(plain, "Media", ["Name"], [["<img src='file:///etc/passwd'>"]])
    assert plain.read_bytes()[:5] == b"%PDF-"
    assert b"/Subtype /Image" not in plain.read_bytes()


def test_a_file_that_cannot_be_written_is_an_error_and_no_silence(app: QApplication, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_pdf(tmp_path / "no" / "such.pdf", "t", ["h"], [])


def test_the_picture_has_a_lane_for_each_network_and_opens_what_is_chosen(app: QApplication) -> None:
    lanes = Lanes()
    lanes.resize(900, 300)
    hops = [_hop("2026-01-01T08:00:00Z", "office"), _hop("2026-01-02T08:00:00Z", "internet", "v" * 32)]
    lanes.show_hops(hops, ["office"])
    assert lanes.networks == ["office", "lab", "internet"]
    opened: list[Hop] = []
    lanes.chosen.connect(opened.append)
    area = lanes.rect().toRectF()
    at = QPointF(lanes._x(hops[1].at.timestamp(), area), lanes._y("internet", area) + lanes._aside("m"))
    assert lanes._nearest(at) == 1
    assert lanes._nearest(at + QPointF(0, 60)) == -1
    QTest.mouseClick(lanes, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not opened
    QTest.mouseClick(lanes, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert opened == [hops[1]]
    before = lanes._to - lanes._from
    lanes.zoom(2.0)
    assert round(before / (lanes._to - lanes._from), 3) == 2.0
    lanes.whole()
    assert len(opened) == 1, "looking closer opens nothing"


def _hop(at: str, to: str, visit: str = "") -> Hop:
    row = parse_crossing({"at": at, "medium": "m", "from_network": "lab", "to_network": to, "verdict": "refused"})
    assert row.at is not None
    return Hop(row.at, row.medium, "MG-1", row.from_network, row.to_network, "down", row.verdict, visit)
