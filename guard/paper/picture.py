"""Media moving between networks, drawn: a lane for each network while one can follow each medium, else how many and when."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from guard.paper.crossings import VERDICTS, Paper, Row
from guard.paper.sheet import BAND, FAINT, RULE, TONES, Pen
from guard.words import word

FOLLOWED, LANES, MEDIA = 80, 8, 14  # crossings, networks and media that an eye can follow
_LABEL = 120.0
_TONES = ("#0b57a4", "#a84300", "#1a6b32", "#8e2a8b", "#00687a", "#7a5c00", "#b3261e", "#5b4bb7")
_STEPS = (3600, 10_800, 43_200, 86_400, 172_800, 432_000, 604_800, 2_592_000, 7_776_000, 31_536_000)


def draw_movement(pen: Pen, paper: Paper, rows: Sequence[Row], place: tuple[float, float, float, float]) -> None:
    """Into a place: left, bottom, width, height."""
    timed = sorted(((at, row) for row in rows if (at := paper.local(row.at)) is not None), key=lambda pair: pair[0])
    if can_follow(rows):
        _lanes(pen, timed, _networks(rows), place)
    else:
        _bars(pen, paper, timed, place)


def can_follow(rows: Sequence[Row]) -> bool:
    """Whether a line for each medium is still a picture."""
    return len(rows) <= FOLLOWED and len(_networks(rows)) <= LANES and len({row.medium for row in rows}) <= MEDIA


def _networks(rows: Sequence[Row]) -> list[str]:
    """The higher above the lower, as the directions of the crossings tell."""
    height: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for row in rows:
        way = {"up": -1, "down": 1}.get(row.direction, 0)
        height[row.from_network] += way
        height[row.to_network] -= way
        seen.update((row.from_network, row.to_network))
    return sorted(seen, key=lambda name: (-height[name] / seen[name], name))


def _lanes(
    pen: Pen, timed: Sequence[tuple[datetime, Row]], networks: list[str], place: tuple[float, float, float, float]
) -> None:
    left, bottom, width, height = place
    axis = 16.0
    lane = (height - axis) / max(1, len(networks))
    for number, network in enumerate(networks):
        top = bottom + height - number * lane
        if number % 2 == 0:
            pen.box(left, top - lane, width, lane, BAND)
        pen.text(left + 6, top - lane / 2 - 3, pen.fit(network, _LABEL - 14, 9), 9)
    first, last = timed[0][0], timed[-1][0]
    room = max(timedelta(hours=1), (last - first) * 0.06)
    start, span = first - room, (last - first) + 2 * room

    def x(at: datetime) -> float:
        return left + _LABEL + (at - start) / span * (width - _LABEL - 60)

    _axis(pen, start, span, place, x(start), x(start + span))
    journeys: dict[str, list[tuple[datetime, Row]]] = {}
    for at, row in timed:
        journeys.setdefault(row.medium, []).append((at, row))
    for number, journey in enumerate(journeys.values()):
        aside = ((number * 3) % 7 - 3) * min(6.0, lane / 9)

        def y(network: str, aside: float = aside) -> float:
            return bottom + height - (networks.index(network) + 0.5) * lane + aside

        _journey(pen, number, [(x(at), y(row.from_network), y(row.to_network), row) for at, row in journey])


def _journey(pen: Pen, number: int, hops: list[tuple[float, float, float, Row]]) -> None:
    canvas, tone = pen.canvas, _TONES[number % len(_TONES)]
    canvas.setStrokeColor(pen.colour(tone))
    canvas.setLineWidth(1.4)
    canvas.setDash([] if number < len(_TONES) else [4, 2])
    points = [(hops[0][0] - 26, hops[0][1]), *((x, there) for x, _, there, _ in hops)]
    for (x0, y0), (x1, y1) in pairwise(points):
        corner = x1 - min(14.0, max(0.0, x1 - x0))
        canvas.line(x0, y0, corner, y0)
        canvas.line(corner, y0, x1, y1)
    canvas.setDash([])
    for x, _, y, row in hops:
        mark(pen, x, y, row.verdict, tone)
    last = hops[-1]
    pen.text(last[0] + 7, last[2] + 4, pen.fit(last[3].number or last[3].medium[:8], 70, 7.5), 7.5, tone)


def mark(pen: Pen, x: float, y: float, verdict: str, tone: str) -> None:
    """Another shape for each verdict, not only another colour: cross, ring, dot."""
    canvas = pen.canvas
    canvas.setStrokeColor(pen.colour(tone))
    canvas.setLineWidth(1.6)
    if verdict == "refused":
        canvas.line(x - 3.5, y - 3.5, x + 3.5, y + 3.5)
        canvas.line(x - 3.5, y + 3.5, x + 3.5, y - 3.5)
    else:
        canvas.setFillColor(pen.colour("#ffffff" if verdict in ("read-only", "held") else tone))
        canvas.circle(x, y, 3.5, stroke=1, fill=1)


def _axis(
    pen: Pen, start: datetime, span: timedelta, place: tuple[float, float, float, float], first: float, last: float
) -> None:
    _, bottom, _, height = place
    seconds = span.total_seconds()
    step = next((step for step in _STEPS if seconds / step * 62 <= last - first), _STEPS[-1])
    shape = "%H:%M" if step < 86_400 else "%m-%d" if step < 2_592_000 else "%Y-%m"
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    tick = midnight
    while tick <= start + span:
        if tick >= start:
            x = first + (tick - start) / span * (last - first)
            pen.canvas.setStrokeColor(pen.colour(RULE))
            pen.canvas.setLineWidth(0.4)
            pen.canvas.line(x, bottom + 13, x, bottom + height)
            words = tick.strftime("%m-%d" if step < 86_400 and (tick.hour, tick.minute) == (0, 0) else shape)
            pen.text(x, bottom + 3, words, 7.5, FAINT, end="middle")
        tick += timedelta(seconds=step)


def _bars(
    pen: Pen, paper: Paper, timed: Sequence[tuple[datetime, Row]], place: tuple[float, float, float, float]
) -> None:
    """How many crossings in each stretch of time, by verdict."""
    left, bottom, width, height = place
    first, last = timed[0][0], timed[-1][0]
    days = (last - first).days + 1
    step = next((step for step in (1, 7, 30, 91, 365) if days / step <= 60), 365)
    start = first.replace(hour=0, minute=0, second=0, microsecond=0)
    counts: Counter[tuple[int, str]] = Counter(((at - start).days // step, row.verdict) for at, row in timed)
    slots = days // step + 1
    tallest = max(sum(counts[slot, verdict] for verdict in VERDICTS) for slot in range(slots + 1)) or 1
    room, base = width - 40, bottom + 16
    for share in (0.5, 1.0):
        y = base + (height - 26) * share
        pen.rule(left + 34, y, left + width, RULE, 0.4)
        pen.text(left + 30, y - 3, f"{round(tallest * share):,}", 7.5, FAINT, end="right")
    pen.rule(left + 34, base, left + width)
    each = room / slots
    for slot in range(slots):
        y = base
        for verdict in VERDICTS:
            tall = counts[slot, verdict] / tallest * (height - 26)
            pen.box(left + 36 + slot * each, y, max(1.0, each * 0.8), tall, TONES[verdict])
            y += tall
        if slot % max(1, round(slots / 12)) == 0:
            day = start + timedelta(days=slot * step)
            pen.text(
                left + 36 + slot * each, bottom + 4, f"{day:%Y-%m-%d}" if step >= 7 else f"{day:%m-%d}", 7.5, FAINT
            )
    unit = {1: "report-by-day", 7: "report-by-week"}.get(step, "report-by-days")
    pen.text(left + width, bottom + height - 6, word(unit, paper.language, days=step), 7.5, FAINT, end="right")
