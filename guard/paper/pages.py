"""What stands on which page: the summary with its picture, the table, and how to check all of it."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from guard.paper.crossings import DIRECTIONS, VERDICTS, Paper, Row, Totals
from guard.paper.picture import can_follow, draw_movement, mark
from guard.paper.sheet import BAND, FAINT, HEIGHT, INK, MARGIN, RULE, SEVERITIES, TONES, WIDTH, Pen
from guard.words import word

Page = Callable[[Pen], None]
ROW, HEAD = 14.0, 20.0
_TOP, _BOTTOM = HEIGHT - MARGIN, MARGIN + 4
_PAIRS = 5
_COLUMNS = (  # heading, width
    ("report-time", 80.0),
    ("medium", 62.0),
    ("holder", 84.0),
    ("from_network", 84.0),
    ("to_network", 84.0),
    ("report-levels", 136.0),
    ("direction", 64.0),
    ("verdict", 54.0),
    ("severity", 48.0),
    ("source", 0.0),  # the rest
)


def pages_of(paper: Paper, rows: Sequence[Row], totals: Totals) -> list[Page]:
    """All pages in order."""
    each = int((_TOP - 26 - HEAD - _BOTTOM) // ROW)
    tables = [partial(_table, paper=paper, rows=rows[start : start + each]) for start in range(0, len(rows), each)]
    return [partial(_summary, paper=paper, rows=rows, totals=totals), *tables, partial(_proof, paper=paper)]


def period_text(paper: Paper) -> str:
    """The days that were asked for, or that there was no bound."""
    since, until = _number(paper.about.get("since")), _number(paper.about.get("until"))
    first, last = (_day(paper, since) if since else ""), (_day(paper, until - 1) if until else "")
    if not first and not last:
        return word("report-all-time", paper.language)
    return f"{first or '…'} – {last or '…'}"


def filters_text(paper: Paper) -> str:
    """Every filter by its name, or that there was none."""
    filters = paper.about.get("filters")
    if not isinstance(filters, dict) or not filters:
        return word("report-no-filter", paper.language)
    return "; ".join(
        f"{word(str(name), paper.language)}: {word(str(value), paper.language) if name in ('direction', 'severity') else value}"
        for name, value in sorted(filters.items())
    )


def offset_text(paper: Paper) -> str:
    """As UTC+08:00."""
    sign, minutes = "-" if paper.offset < 0 else "+", abs(paper.offset)
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"


def _summary(pen: Pen, paper: Paper, rows: Sequence[Row], totals: Totals) -> None:
    language, right = paper.language, WIDTH - MARGIN
    y = _TOP - 8
    if paper.organization:
        pen.text(MARGIN, y, pen.fit(paper.organization, 400, 10), 10, FAINT)
    pen.text(right, y, "Media Guard", 10, FAINT, end="right")
    y -= 26
    pen.text(MARGIN, y, word("report-title", language), 20)
    pen.text(right, y, period_text(paper), 14, end="right")
    y -= 10
    pen.rule(MARGIN, y, right, INK, 1.2)
    y = _facts(pen, paper, y - 16)
    y = _tiles(pen, paper, totals, len(rows), y - 6)
    if not rows:
        pen.text(WIDTH / 2, y - 90, word("report-nothing", language), 12, FAINT, end="middle")
        return
    bottom = _counts(pen, paper, totals, y - 18)
    pen.text(MARGIN, bottom - 16, word("report-movement" if can_follow(rows) else "report-counts", language), 10)
    _key(pen, paper, bottom - 16)
    draw_movement(pen, paper, rows, (MARGIN, _BOTTOM + 6, right - MARGIN, bottom - 26 - _BOTTOM - 6))


def _facts(pen: Pen, paper: Paper, y: float) -> float:
    language, about = paper.language, paper.about
    host = f"{paper.host_name} ({paper.host})" if paper.host_name else paper.host
    level = paper.levels.get(paper.level, paper.level)
    made = paper.local(paper.proof.at)
    when = f"{made:%Y-%m-%d %H:%M}" if made else paper.proof.at
    left = (
        ("report-host", host),
        ("report-network", f"{paper.network}, {level}"),
        ("report-filters", filters_text(paper)),
    )
    right = (
        ("report-made", word("report-made-by", language, at=when, by=str(about.get("by", "")))),
        ("report-times", offset_text(paper)),
        ("report-head", word("report-entry", language, seq=paper.proof.seq, hash=paper.proof.hash[:32])),
    )
    for x, facts in ((MARGIN, left), (WIDTH / 2 + 10, right)):
        for number, (name, value) in enumerate(facts):
            pen.text(x, y - number * 14, word(name, language), 9, FAINT)
            pen.text(x + 84, y - number * 14, pen.fit(value, WIDTH / 2 - MARGIN - 100, 9), 9)
    return y - 3 * 14


def _tiles(pen: Pen, paper: Paper, totals: Totals, count: int, y: float) -> float:
    tiles = [
        ("report-crossings", count, INK),
        ("report-media", totals.media, INK),
        *((direction, totals.direction(direction), INK) for direction in DIRECTIONS),
        *((verdict, totals.verdict(verdict), TONES[verdict]) for verdict in ("read-write", "read-only", "refused")),
        ("alarm", totals.severities["alarm"], SEVERITIES["alarm"]),
    ]
    each, height = (WIDTH - 2 * MARGIN + 6) / len(tiles), 42.0
    for number, (name, value, colour) in enumerate(tiles):
        x = MARGIN + number * each
        pen.box(x, y - height, each - 6, height, BAND)
        pen.text(x + 8, y - 22, f"{value:,}", 16, colour if value else FAINT)
        pen.text(x + 8, y - 36, pen.fit(word(name, paper.language), each - 20, 8.5), 8.5, FAINT)
    return y - height


def _counts(pen: Pen, paper: Paper, totals: Totals, y: float) -> float:
    """Direction by verdict on the left, pairs of networks on the right; the y below both."""
    language, middle = paper.language, MARGIN + 330.0
    verdicts = [verdict for verdict in VERDICTS if totals.verdict(verdict) or verdict != "held"]
    columns = [MARGIN + 130 + 62 * number for number in range(len(verdicts) + 1)]
    pen.text(MARGIN, y, word("direction", language), 8.5, FAINT)
    for x, name in zip(columns, [*verdicts, "report-all"], strict=True):
        pen.text(x, y, word(name, language), 8.5, FAINT, end="right")
    pen.rule(MARGIN, y - 5, columns[-1])
    line = y - 18
    for direction in DIRECTIONS:
        pen.text(MARGIN, line, f"{_arrow(direction)} {word(direction, language)}", 9)
        for x, verdict in zip(columns, verdicts, strict=False):
            pen.text(x, line, f"{totals.ways[direction, verdict]:,}", 9, end="right")
        pen.text(columns[-1], line, f"{totals.direction(direction):,}", 9, end="right")
        line -= 14
    pen.rule(MARGIN, line + 9, columns[-1])
    pairs = totals.ranked_pairs()
    kept, most = pairs[:_PAIRS], pairs[0][2]
    pen.text(middle + 40, y, word("report-pairs", language), 8.5, FAINT)
    for number, (before, after, count) in enumerate(kept):
        at = y - 14 - 12 * number
        pen.text(middle + 40, at, pen.fit(f"{before} → {after}", 190, 8.5), 8.5)
        x, room = middle + 240, WIDTH - MARGIN - middle - 240 - 40
        for verdict in VERDICTS:
            wide = totals.pairs[before, after, verdict] / most * room
            pen.box(x, at - 1, wide, 7.5, TONES[verdict])
            x += wide
        pen.text(WIDTH - MARGIN, at, f"{count:,}", 8.5, end="right")
    if len(pairs) > _PAIRS:
        rest = word(
            "report-more-pairs", language, pairs=len(pairs) - _PAIRS, count=sum(count for *_, count in pairs[_PAIRS:])
        )
        pen.text(middle + 40, y - 14 - 12 * _PAIRS, rest, 8.5, FAINT)
    return y - 14 - 12 * (_PAIRS + 1)


def _key(pen: Pen, paper: Paper, y: float) -> None:
    x = WIDTH - MARGIN
    for verdict in ("refused", "read-only", "read-write"):
        name = word(verdict, paper.language)
        pen.text(x, y, name, 8.5, FAINT, end="right")
        x -= pen.width(name, 8.5) + 10
        mark(pen, x, y + 3, verdict, TONES[verdict])
        x -= 16


def _table(pen: Pen, paper: Paper, rows: Sequence[Row]) -> None:
    language, right = paper.language, WIDTH - MARGIN
    y = _TOP - 8
    pen.text(MARGIN, y, word("report-title", language), 9, FAINT)
    pen.text(right, y, f"{period_text(paper)}   {offset_text(paper)}", 9, FAINT, end="right")
    y -= 10
    pen.box(MARGIN, y - HEAD + 2, right - MARGIN, HEAD - 2, BAND)
    places = _places()
    for (name, _), (x, width) in zip(_COLUMNS, places, strict=True):
        pen.text(x, y - 12, pen.fit(word(name, language), width, 8.5), 8.5, FAINT)
    y -= HEAD
    for row in rows:
        for (x, width), (text, colour) in zip(places, _cells(paper, row), strict=True):
            pen.text(x, y - 10, pen.fit(text, width, 8), 8, colour)
        y -= ROW
        pen.rule(MARGIN, y, right, RULE, 0.3)


def _places() -> list[tuple[float, float]]:
    x, found = MARGIN + 4, []
    for _, width in _COLUMNS:
        wide = width or WIDTH - MARGIN - x
        found.append((x, wide - 6))
        x += wide
    return found


def _cells(paper: Paper, row: Row) -> list[tuple[str, str]]:
    language, at = paper.language, paper.local(row.at)
    levels = f"{paper.levels.get(row.from_level, row.from_level)} → {paper.levels.get(row.to_level, row.to_level)}"
    return [
        (f"{at:%Y-%m-%d %H:%M}" if at else row.at, INK),
        (row.number or row.medium[:8], INK),
        (row.holder, INK),
        (row.from_network, INK),
        (row.to_network, INK),
        (levels, INK),
        (f"{_arrow(row.direction)} {word(row.direction, language)}", INK),
        (word(row.verdict, language), TONES.get(row.verdict, INK)),
        (word(row.severity, language), SEVERITIES.get(row.severity, INK)),
        (word(row.source, language), INK),
    ]


def _proof(pen: Pen, paper: Paper) -> None:
    language, proof = paper.language, paper.proof
    width = WIDTH - 2 * MARGIN
    y = _TOP - 12
    pen.text(MARGIN, y, word("report-proof-title", language), 14)
    y = pen.paragraph(MARGIN, y - 24, word("report-proof", language, seq=proof.seq), width, 9.5) - 8
    for name, value in (
        ("report-host", f"{paper.host_name} ({paper.host})"),
        ("report-entry-number", str(proof.seq)),
        ("report-entry-hash", proof.hash),
        ("report-digest", str(paper.about.get("digest", ""))),
        ("report-signature", proof.signature),
    ):
        pen.text(MARGIN, y, word(name, language), 9, FAINT)
        y = pen.paragraph(MARGIN + 130, y, value, width - 130, 8) - 4
    y -= 8
    pen.text(MARGIN, y, word("report-check-title", language), 11)
    for number, key in enumerate(("report-check-1", "report-check-2", "report-check-3"), 1):
        y = pen.paragraph(MARGIN, y - 16, f"{number}. {word(key, language)}", width, 9.5) + 10
    y = pen.paragraph(MARGIN, y - 22, word("report-limits", language), width, 9, FAINT)
    for number, key in enumerate(("report-prepared", "report-reviewed", "report-date")):
        x = MARGIN + number * (width / 3)
        pen.rule(x, MARGIN + 34, x + width / 3 - 24, INK)
        pen.text(x, MARGIN + 22, word(key, language), 9, FAINT)


def _arrow(direction: str) -> str:
    return {"up": "↑", "down": "↓"}.get(direction, "→")


def _day(paper: Paper, seconds: int) -> str:
    at = paper.local(datetime.fromtimestamp(seconds, UTC).isoformat())
    return f"{at:%Y-%m-%d}" if at else ""


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
