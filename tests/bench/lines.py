"""A small picture of lines, as SVG: nothing else is needed to look at a figure."""

import math
from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1b6ca8", "#c8553d", "#588157", "#8e6c8a", "#d4a017", "#444444", "#2a9d8f", "#9b2226")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM, LEGEND = 780, 400, 70, 40, 50, 200
Line = Sequence[tuple[float, float]]


def picture(title: str, across: str, up: str, lines: Mapping[str, Line]) -> str:
    """Both axes logarithmic. `lines` by name, each a sequence of points."""
    points = [point for line in lines.values() for point in line]
    low_x, high_x = _range([x for x, _ in points])
    low_y, high_y = _range([y for _, y in points])
    right, bottom = WIDTH - LEGEND, HEIGHT - BOTTOM

    def at(x: float, y: float) -> tuple[float, float]:
        across_part = (math.log10(x) - low_x) / (high_x - low_x)
        up_part = (math.log10(y) - low_y) / (high_y - low_y)
        return LEFT + across_part * (right - LEFT), bottom - up_part * (bottom - TOP)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>',
        f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="translate(16 {(TOP + bottom) / 2}) rotate(-90)" text-anchor="middle">{escape(up)}</text>',
    ]
    for power in range(low_x, high_x + 1):
        x, _ = at(10**power, 10**low_y)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(low_y, high_y + 1):
        _, y = at(10**low_x, 10**power)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    for number, (name, line) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        dashed = ' stroke-dasharray="5 4"' if number >= len(COLOURS) else ""
        path = " ".join("{:.1f},{:.1f}".format(*at(x, y)) for x, y in line)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>')
        parts += [
            f'<circle cx="{at(*point)[0]:.1f}" cy="{at(*point)[1]:.1f}" r="3" fill="{colour}"/>' for point in line
        ]
        y = TOP + 10 + 20 * number
        key = f'x1="{right + 12}" y1="{y - 4}" x2="{right + 28}" y2="{y - 4}"'
        parts.append(f'<line {key} stroke="{colour}" stroke-width="3"{dashed}/>')
        parts.append(f'<text x="{right + 34}" y="{y}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _range(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)
