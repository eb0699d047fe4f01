"""The weekly summary as lines of text, the same on a terminal and on paper; and the paper: A4 upright."""

import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from guard.paper.fonts import font_for, use_font
from guard.paper.sheet import FAINT, HEIGHT, INK, MARGIN, WIDTH, Pen
from guard.words import word

Found = Mapping[str, Any]
_VERDICTS = ("read-write", "read-only", "refused", "held")
_OVERDUE = {
    "loan-over": "week-loan-over",
    "inspection-overdue": "week-inspection-overdue",
    "term-over": "week-term-over",
}
_WAYS, _LEFT = 8, 12
_SPACE = 10.0  # above a heading
_PAGE = (HEIGHT, WIDTH)


def lines_of(found: Found, language: str) -> Iterator[tuple[int, str]]:
    """Every line with its depth: 0 a heading, 1 what stands below it, 2 more about that."""

    def tell(key: str, **facts: str | int) -> str:
        return word(key, language, **facts)

    visits = found["visits"]
    yield 0, tell("week-visits", total=visits["total"], media=visits["media"])
    for verdict in _VERDICTS:
        if visits.get(verdict):
            yield 1, f"{tell(verdict)}: {visits[verdict]}"
    if found["steps"]:
        yield (
            1,
            f"{tell('steps-taken')}: {', '.join(f'{tell(step)} {count}' for step, count in found['steps'].items())}",
        )
    yield from _refused(found, language)
    yield 0, tell("week-incidents", count=found["alarms"])
    for row in found["incidents"]:
        who = f" {row['user']}" if row["user"] else ""
        yield (
            1,
            f"{row['at'][:16].replace('T', ' ')}{who}: {', '.join(row['rules'])} ({(row['medium'] or row['visit'])[:8]})",
        )
    yield from _more(found["alarms"], found["incidents"], language)
    yield 0, tell("week-crossings", count=sum(found["crossings"].values()), **_ways(found))
    for row in found["ways"][:_WAYS]:
        yield 1, f"{row['from_network']} → {row['to_network']}: {row['count']} ({tell(row['verdict'])})"
    yield 0, tell("week-requests", count=found["waiting"])
    for row in found["requests"][:_LEFT]:
        yield 1, f"{row['filed'][:10]} {row['requester']}: {row['purpose']} ({row['id'][:8]})"
    yield from _more(found["waiting"], found["requests"][:_LEFT], language)
    yield 0, tell("week-inventories", count=len(found["inventories"]))
    for row in found["inventories"]:
        yield 1, tell("week-inventory-over" if row["overdue"] else "week-inventory", **_inventory(row))
        for part in row["departments"]:
            where = part["department"] or tell("week-no-department")
            yield 2, tell("week-missing", department=where, missing=part["missing"], expected=part["expected"])
    yield 0, tell("week-overdue", count=sum(found["late"].values()))
    for row in found["overdue"]:
        whose = " ".join(filter(None, (row["holder"], row["department"])))
        yield 1, f"{row['number']} {whose}: {tell(_OVERDUE[row['why']], since=row['since'][:10])}"
    yield from _more(sum(found["late"].values()), found["overdue"], language)


def _refused(found: Found, language: str) -> Iterator[tuple[int, str]]:
    visits = found["visits"]
    yield 0, word("week-refused", language, count=visits.get("refused", 0))
    if visits.get("observed"):
        yield 1, word("week-observed", language, count=visits["observed"])
    for row in found["refused"]:
        yield 1, f"{row['count']} × {row['why']} [{row['rule']}]"
        yield 2, word("rule-cited", language, cites=row["cites"])


def draw_week(found: Found, organization: str, language: str) -> bytes:
    """A PDF.

    Raises:
        Broken: `report-font`.
    """
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415 - only who draws loads the library

    lines = list(lines_of(found, language))
    title = word("week-title", language, since=found["since"][:10], until=found["until"][:10])
    font = use_font(font_for([title, organization, *(text for _, text in lines)]))
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=_PAGE, invariant=1, pageCompression=1, lang=language)
    canvas.setTitle(title)
    pen = Pen(canvas, font)
    pages = _pages(pen, lines)
    for number, page in enumerate(pages, 1):
        top = _PAGE[1] - MARGIN
        pen.text(MARGIN, top - 4, pen.fit(organization, 300, 9.5), 9.5, FAINT)
        pen.text(_PAGE[0] - MARGIN, top - 4, "Media Guard", 9.5, FAINT, end="right")
        pen.text(MARGIN, top - 30, pen.fit(title, _PAGE[0] - 2 * MARGIN, 16), 16)
        pen.rule(MARGIN, top - 40, _PAGE[0] - MARGIN, INK, 1.2)
        y, above = top - 62, 0
        for depth, text in page:
            y -= _SPACE if depth == 0 and above else 0
            size, colour = _look(depth)
            pen.text(MARGIN + 14 * depth, y, text, size, colour)
            y -= _height(depth)
            above = depth
        for place, name in enumerate(("report-prepared", "report-reviewed", "report-date")):
            x = MARGIN + place * 175
            pen.text(x, MARGIN + 24, word(name, language), 8.5, FAINT)
            pen.rule(x, MARGIN + 20, x + 155)
        of = word("report-page", language, page=number, pages=len(pages))
        pen.text(_PAGE[0] - MARGIN, MARGIN, of, 8.5, FAINT, end="right")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def _pages(pen: Pen, lines: Sequence[tuple[int, str]]) -> list[list[tuple[int, str]]]:
    """Cut to the width and to the height; a heading does not stand alone at the foot."""
    room = _PAGE[1] - 2 * MARGIN - 62 - 50
    pages: list[list[tuple[int, str]]] = [[]]
    used = 0.0
    for depth, text in lines:
        size, _ = _look(depth)
        cut = pen.lines(text, _PAGE[0] - 2 * MARGIN - 14 * depth, size)
        space = _SPACE if depth == 0 else 0
        needs = len(cut) * _height(depth) + space + (_height(1) if depth == 0 else 0)
        if used + needs > room and pages[-1]:
            pages.append([])
            used = 0.0
        pages[-1] += [(depth, one) for one in cut]
        used += len(cut) * _height(depth) + space
    return pages


def _look(depth: int) -> tuple[float, str]:
    return ((12.0, INK), (9.5, INK), (8.5, FAINT))[depth]


def _height(depth: int) -> float:
    return (18.0, 14.5, 13.5)[depth]


def _ways(found: Found) -> dict[str, int]:
    return {way: found["crossings"].get(way, 0) for way in ("up", "down", "same")}


def _inventory(row: Found) -> dict[str, str | int]:
    scope = " ".join(filter(None, (row["department"], row["level"] and f"≥ {row['level']}")))
    title = f"{row['title']} ({scope})" if scope else row["title"]
    return {"title": title, "due": row["due"][:10], **{name: row[name] for name in ("expected", "seen", "missing")}}


def _more(count: int, shown: Sequence[object], language: str) -> Iterator[tuple[int, str]]:
    if count > len(shown):
        yield 1, word("week-more", language, count=count - len(shown))
