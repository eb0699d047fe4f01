"""From raw figures to tables: ratios first, then where the time goes."""

import json
import statistics
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.bars import picture

Marks = dict[str, list[float]]
median = statistics.median


def p95(values: list[float]) -> float:
    """The 95th percentile, by the nearest rank."""
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def whole(plugs: list[dict[str, Any]]) -> dict[tuple[str, int], list[float]]:
    """Milliseconds from plug to mounted (the last of those at once), by regime and number at once."""
    found: dict[tuple[str, int], list[float]] = {}
    for plug in plugs:
        if plug["done"]:
            took = (plug["mounted"][-1] - plug["started"]) * 1000
            found.setdefault((plug["regime"], plug["at_once"]), []).append(took)
    return found


def marks(raw: dict[str, Any], regime: str) -> tuple[Marks, Marks]:
    """When each thing had happened, in milliseconds after the plug; and CPU milliseconds of the daemon from phase to phase."""
    moments: Marks = {}
    spent: Marks = {}
    for plug in raw["plugs"]:
        if plug["regime"] == regime and plug["at_once"] == 1 and plug["done"]:
            for what, moment in _of(plug):
                moments.setdefault(what, []).append((moment - plug["started"]) * 1000)
            last, seen = 0.0, set[str]()
            for _, phase, moment, cpu in raw["phases"]:
                if plug["started"] < moment < plug["mounted"][-1] + 3 and phase not in seen:
                    seen.add(phase)
                    moments.setdefault("guard " + phase, []).append((moment - plug["started"]) * 1000)
                    if last:
                        spent.setdefault("guard " + phase, []).append((cpu - last) * 1000)
                    last = cpu
    return moments, spent


def _of(plug: dict[str, Any]) -> Iterator[tuple[str, float]]:
    end = plug["mounted"][-1]
    yield from ((what, moment) for what, moment in plug["events"].items() if moment < end)
    yield from (("device authorized", moment) for moment in plug["authorized"][:1])
    yield "last bind", plug["events"].get("last bind", plug["events"].get("kernel bind usb_interface", end))
    yield "udisks", plug["appeared"][0]
    yield "MOUNTED", end


def _verdicts(raw: dict[str, Any]) -> Iterator[str]:
    """From the kernel's event to the verdict; of a guard that reads a label, how much of that is the reading."""
    peer, _ = marks(raw, "USBGuard")
    ours, _ = marks(raw, "Media Guard")
    if "device authorized" in peer:
        took = median(peer["device authorized"]) - median(peer["kernel add usb_device"])
        yield f"from the device's event to USBGuard's verdict: {took:.0f} ms"
    took = median(ours["guard decided"]) - median(ours["kernel add usb_interface"])
    reading = median(ours["guard read"]) - median(ours["guard held"])
    yield f"from the interface's event to ours: {took:.0f} ms, of which claiming and reading {reading:.0f}"


def _spent(raw: dict[str, Any]) -> Iterator[str]:
    """CPU milliseconds of one plug until it is mounted, by service; what is not in a service is the kernel and units that ended."""
    regimes = list(dict.fromkeys(plug["regime"] for plug in raw["plugs"]))
    of = {
        regime: [
            plug["cpu"] for plug in raw["plugs"] if plug["regime"] == regime and plug["at_once"] == 1 and plug["done"]
        ]
        for regime in regimes
    }
    names = dict.fromkeys(name for plugs in of.values() for plug in plugs for name in plug)
    table = {name: [median(plug.get(name, 0.0) for plug in of[regime]) for regime in regimes] for name in names}
    yield f"{'CPU time in ms':24}" + "".join(f"{regime:>16}" for regime in regimes)
    for name, row in sorted(table.items(), key=lambda item: -max(item[1])):
        if max(row) >= 1:
            yield f"{name:24}" + "".join(f"{value:16.0f}" for value in row)


def show(raw: dict[str, Any]) -> None:
    """Print everything."""
    took = whole(raw["plugs"])
    base = median(took["bare", 1])
    print(f"{'':16}{'at once':>8}{'plugs':>6}{'median':>8}{'p95':>8}{'/ bare':>8}{'/ one':>8}")
    for (regime, at_once), values in sorted(took.items(), key=lambda item: item[0][1]):
        middle = median(values)
        ratios = f"{middle / base:8.2f}{middle / median(took[regime, 1]):8.2f}"
        print(f"{regime:16}{at_once:8}{len(values):6}{middle:8.0f}{p95(values):8.0f}{ratios}")
    print("\n" + "\n".join(_verdicts(raw)))
    print("\n" + "\n".join(_spent(raw)))
    for regime in dict.fromkeys(plug["regime"] for plug in raw["plugs"]):
        moments, spent = marks(raw, regime)
        print(f"\n{regime}")
        before = 0.0
        for what, values in sorted(moments.items(), key=lambda item: median(item[1])):
            middle = median(values)
            cpu = f"   CPU {median(spent[what]):6.1f}" if what in spent else ""
            print(f"  {what:34}{middle:8.0f}{middle - before:+8.0f}   p95 {p95(values):6.0f}{cpu}")
            before = middle
    print(raw["costs"])


def draw(raw: dict[str, Any], target: Path) -> None:
    """The phases of one plug, medians."""
    bars = {
        regime: {what: median(values) for what, values in marks(raw, regime)[0].items()}
        for regime in dict.fromkeys(plug["regime"] for plug in raw["plugs"])
    }
    target.write_text(picture("From plug to mounted, in an emulated guest (medians)", bars))


if __name__ == "__main__":
    figures = json.loads(Path(sys.argv[1]).read_text())
    show(figures)
    if len(sys.argv) > 2:
        draw(figures, Path(sys.argv[2]))
