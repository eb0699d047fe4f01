"""Tables as files: CSV for spreadsheets, PDF for paper."""

import csv
import html
import io
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDateTime, QMarginsF
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QFileDialog, QWidget

from gui.looks import complain

translate = QCoreApplication.translate
_FORMULA = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "＝",
    "＋",
    "－",
    "＠",
)  # what spreadsheets run (CWE-1236), in China too
Row = Sequence[str]


def csv_text(headings: Row, rows: Iterable[Row]) -> str:
    """RFC 4180, with a byte order mark so that spreadsheets read Chinese; a cell that would run as a formula is made text."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(headings)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue()


def write_pdf(path: Path, title: str, headings: Row, rows: Iterable[Row]) -> None:
    """A4 across, a heading, and the table.

    Raises:
        OSError: when the file cannot be written.
    """
    with path.open("ab"):
        pass  # QPdfWriter says nothing when it cannot write
    writer = QPdfWriter(str(path))
    writer.setTitle(title)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageOrientation(QPageLayout.Orientation.Landscape)
    writer.setPageMargins(QMarginsF(12, 12, 12, 12), QPageLayout.Unit.Millimeter)
    writer.setResolution(120)
    document = QTextDocument()
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(writer.pageLayout().paintRectPixels(writer.resolution()).size().toSizeF())
    parts = [f"<h2>{html.escape(title)}</h2>"]
    parts.append(f"<p>{html.escape(QDateTime.currentDateTime().toString('yyyy-MM-dd HH:mm'))}</p>")
    parts.append('<table width="100%" cellspacing="0" cellpadding="4" border="1"><thead><tr>')
    parts += [f"<th align='left'>{html.escape(heading)}</th>" for heading in headings]
    parts.append("</tr></thead>")
    parts += ["<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows]
    parts.append("</table>")
    document.setHtml("".join(parts))
    document.print_(writer)


def save(parent: QWidget, name: str, title: str, headings: Row, rows: Sequence[Row]) -> str:
    """Ask where, and write there; the file that was written, "" for none."""
    kinds = "CSV (*.csv);;PDF (*.pdf)" if len(rows) <= 20_000 else "CSV (*.csv)"
    chosen, kind = QFileDialog.getSaveFileName(parent, translate("Export", "Export"), f"{name}.csv", kinds)
    if not chosen:
        return ""
    path = Path(chosen)
    try:
        if path.suffix.lower() == ".pdf" or (not path.suffix and "pdf" in kind):
            path = path.with_suffix(".pdf")
            write_pdf(path, title, headings, rows)
        else:
            path.write_text(csv_text(headings, rows), "utf-8")
    except OSError as error:
        why = os.strerror(error.errno or 0)
        complain(parent, translate("Export", "{0} cannot be written ({1}). Choose another folder.").format(path, why))
        return ""
    return str(path)
