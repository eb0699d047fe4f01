"""A small picture of where the time goes: one bar for each way, cut into its phases, as SVG."""

from collections.abc import Mapping, Sequence
from html import escape

Bar = Sequence[tuple[str, float]]  # phase and when it ended, in milliseconds
PHASES: Mapping[str, tuple[str, str]] = {
    "enumeration": ("kernel add usb_interface", "#9aa5b1"),
    "hold": ("guard held", "#c8553d"),
    "ready": ("guard ready", "#e07a5f"),
    "label read": ("guard bytes", "#f2a65a"),
    "decide": ("guard decided", "#8e6c8a"),
    "journal sync": ("guard intent", "#5d3a6e"),
    "travel record": ("guard record", "#b08bbb"),
    "bind": ("last bind", "#2a9d8f"),
    "disk": ("kernel add disk", "#1b6ca8"),
    "partition": ("udev add partition", "#5fa8d3"),
    "udisks": ("udisks", "#588157"),
    "mounted": ("MOUNTED", "#a3b18a"),
}
WIDTH, LEFT, BAR, GAP = 900, 130, 26, 14


def picture(title: str, bars: Mapping[str, Mapping[str, float]]) -> str:
    """`bars` by name: milliseconds after the plug by mark; a phase whose mark a way does not have is not drawn."""
    longest = max(max(marks.values()) for marks in bars.values())
    scale = (WIDTH - LEFT - 20) / longest
    legend = 60 + len(bars) * (BAR + GAP)
    height = legend + 50
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>',
        f'<text x="10" y="24" font-size="15">{escape(title)}</text>',
    ]
    for row, (name, marks) in enumerate(bars.items()):
        y, before = 44 + row * (BAR + GAP), 0.0
        parts.append(f'<text x="10" y="{y + 17}">{escape(name)}</text>')
        for phase, (mark, colour) in PHASES.items():
            if mark in marks and marks[mark] > before:
                x, wide = LEFT + before * scale, (marks[mark] - before) * scale
                parts.append(
                    f'<rect x="{x:.1f}" y="{y}" width="{wide:.1f}" height="{BAR}" fill="{colour}">'
                    f"<title>{escape(phase)}: {marks[mark] - before:.0f} ms</title></rect>"
                )
                before = marks[mark]
        parts.append(f'<text x="{LEFT + before * scale - 4:.1f}" y="{y + 17}" text-anchor="end">{before:.0f} ms</text>')
    for number, (phase, (_, colour)) in enumerate(PHASES.items()):
        x, y = 10 + number % 6 * 145, legend + number // 6 * 20
        parts.append(f'<rect x="{x}" y="{y}" width="11" height="11" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16}" y="{y + 10}">{escape(phase)}</text>')
    return "\n".join([*parts, "</svg>", ""])
