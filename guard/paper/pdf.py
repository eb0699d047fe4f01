"""The report as PDF: the same inputs give the same bytes. The rows and the proof are attached to it as files."""

import io
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from guard import __version__
from guard.core.errors import Broken, Hostile
from guard.paper.crossings import Paper, Row, Totals, parse_paper, rows_of
from guard.paper.fonts import font_for, use_font
from guard.paper.pages import Page, pages_of
from guard.paper.sheet import FAINT, HEIGHT, MARGIN, WIDTH, Pen
from guard.words import word

ROWS, PROOF = "crossings.csv", "report.json"
MOST_BYTES = 256 * 1024 * 1024
_KIND, _BEGIN = b"/Type /EmbeddedFile", b"stream\n"


def with_drawing(paper: Paper, rows: Sequence[Row]) -> Paper:
    """Decide what it is drawn with, before it is proven.

    Raises:
        Broken: `report-font`.
    """
    texts = [paper.organization, paper.host_name, paper.network, *paper.levels.values()]
    texts += {
        text for row in rows for text in (row.number, row.holder, row.from_network, row.to_network, row.from_level)
    }
    texts.append(word("report-title", paper.language))
    return replace(paper, drawing=f"{_library()} {font_for(texts)}")


def can_draw(paper: Paper) -> bool:
    """Whether this computer would draw it as it was drawn: same version, library and font."""
    library, _, font = paper.drawing.rpartition(" ")
    if (paper.version, library) != (__version__, _library()):
        return False
    try:
        use_font(font)
    except Broken:
        return False
    return True


def _library() -> str:
    import reportlab  # noqa: PLC0415 - only who draws loads the library

    return f"reportlab {reportlab.__version__}"


def draw(data: bytes, paper: Paper) -> bytes:
    """The PDF of a CSV file and what stands beside it.

    Raises:
        Broken: `report-font`.
        Hostile: `report-malformed`.
    """
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - only who draws loads the library

    rows, font = rows_of(data), use_font(paper.drawing.rpartition(" ")[2])
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=1, lang=paper.language)
    _properties(canvas, paper)
    pen = Pen(canvas, font)
    pages = pages_of(paper, rows, Totals.of(rows))
    for number, page in enumerate(pages, 1):
        page(pen)
        _foot(pen, paper, number, pages)
        canvas.showPage()
    text = json.dumps(paper.text(), ensure_ascii=False, sort_keys=True, indent=1)
    _attach(canvas, {ROWS: data, PROOF: text.encode()})
    canvas.save()
    return out.getvalue()


def attachments_of(pdf: bytes) -> tuple[bytes, Paper]:
    """The rows and what stands beside them, out of a report that was drawn here.

    Raises:
        Hostile: `report-malformed`, `proof-malformed`.
    """
    found: list[bytes] = []
    place = pdf.find(_KIND)
    while place >= 0 and len(found) < 2:
        start = pdf.find(_BEGIN, place) + len(_BEGIN)
        try:
            found.append(zlib.decompressobj().decompress(pdf[start:], MOST_BYTES))
        except zlib.error:
            raise Hostile("report-malformed") from None
        place = pdf.find(_KIND, start)
    try:
        data, text = found
        return data, parse_paper(json.loads(text))
    except ValueError:
        raise Hostile("report-malformed") from None


def _properties(canvas: Any, paper: Paper) -> None:
    canvas.setTitle(word("report-title", paper.language))
    canvas.setAuthor(paper.organization or paper.host_name)
    canvas.setCreator(f"Media Guard {paper.version}")
    canvas.setSubject(f"{paper.host} {paper.proof.seq} {paper.proof.hash}")
    made = datetime.fromisoformat(paper.proof.at).astimezone(UTC)
    stamp = canvas._doc._timeStamp  # noqa: SLF001 - the library has no other way to a date that is given
    stamp.t, stamp.lt, stamp.YMDhms = made.timestamp(), tuple(made.utctimetuple()), tuple(made.utctimetuple())[:6]


def _attach(canvas: Any, files: Mapping[str, bytes]) -> None:
    """Embedded files (ISO 32000-1, 7.11.4); the library has no call for them."""
    from reportlab.pdfbase import pdfdoc  # noqa: PLC0415 - as above

    document, names = canvas._doc, []  # noqa: SLF001
    for name, data in sorted(files.items()):
        stream = pdfdoc.PDFStream(content=zlib.compress(data, 6), filters=[])
        stream.dictionary["Type"] = pdfdoc.PDFName("EmbeddedFile")
        stream.dictionary["Subtype"] = pdfdoc.PDFName("application#2Foctet-stream")
        stream.dictionary["Filter"] = pdfdoc.PDFName("FlateDecode")
        stream.dictionary["Params"] = pdfdoc.PDFDictionary({"Size": len(data)})
        reference = document.Reference(stream)
        spec = {
            "Type": pdfdoc.PDFName("Filespec"),
            "F": pdfdoc.PDFString(name),
            "UF": pdfdoc.PDFString(name),
            "AFRelationship": pdfdoc.PDFName("Data"),
            "EF": pdfdoc.PDFDictionary({"F": reference}),
        }
        names += [pdfdoc.PDFString(name), document.Reference(pdfdoc.PDFDictionary(spec))]
    tree = pdfdoc.PDFDictionary({"Names": pdfdoc.PDFArray(names)})
    document.Catalog.Names = pdfdoc.PDFDictionary({"EmbeddedFiles": tree})


def _foot(pen: Pen, paper: Paper, number: int, pages: Sequence[Page]) -> None:
    language, proof = paper.language, paper.proof
    pen.rule(MARGIN, MARGIN - 8, WIDTH - MARGIN)
    made = f"{proof.at[:16].replace('T', ' ')} UTC"
    left = word(
        "report-foot", language, seq=proof.seq, hash=proof.hash[:16], by=str(paper.about.get("by", "")), at=made
    )
    pen.text(MARGIN, MARGIN - 19, pen.fit(left, WIDTH - 2 * MARGIN - 110, 7.5), 7.5, FAINT)
    of = word("report-page", language, page=number, pages=len(pages))
    pen.text(WIDTH - MARGIN, MARGIN - 19, of, 7.5, FAINT, end="right")
