"""The tray at rest: memory (PSS), wake-ups and CPU time in a quiet minute, beside the smallest tray of PySide6.

    python -m tests.bench.tray [SECONDS]

All run at the same time on the same screen, so that pages they share (Qt, Python) are counted alike, a part to each; without TLS
in asyncio, as the package starts it.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.gui.desktop import Office
from tests.gui.screen import screen, tray_environment

VISITS = 3
TRAYS = ("tests.bench.smallest_tray", "tests.bench.smallest_tray bus", "gui")
_START = "import sys; sys.modules['ssl'] = None; import runpy; runpy.run_module(sys.argv.pop(1), run_name='__main__')"


def _state(process: int) -> tuple[int, int, float]:
    """Memory (KiB), wake-ups and CPU seconds of all threads so far."""
    folder = Path(f"/proc/{process}")
    rollup = (folder / "smaps_rollup").read_text()
    (memory,) = [int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")]
    wakes = 0
    for thread in (folder / "task").iterdir():
        for line in (thread / "status").read_text().splitlines():
            if "ctxt_switches" in line:
                wakes += int(line.split()[1])
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    return memory, wakes, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Print the figures."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as name, screen() as display, Office(Path(name)) as office:
        environment = tray_environment(office, display, Path(name) / "runtime")
        panel = subprocess.Popen(["trayer", "--edge", "bottom"], env=environment, stderr=subprocess.DEVNULL)
        trays = {
            module: subprocess.Popen([sys.executable, "-c", _START, *module.split()], env=environment)
            for module in TRAYS
        }
        time.sleep(5)  # both have drawn themselves
        for number in range(VISITS):
            office.say("--as", "alice", "sim", "plug", office.stick(f"bench{number}"))
        office.pull_everything()
        time.sleep(5)
        before = {module: _state(tray.pid) for module, tray in trays.items()}
        time.sleep(seconds)
        after = {module: _state(tray.pid) for module, tray in trays.items()}
        print(f"{'':28}{'PSS':>10}{'wake-ups':>10}{'CPU':>10}   in {seconds} s, after {VISITS} visits")
        for module, (memory, wakes, spent) in after.items():
            _, wakes_before, spent_before = before[module]
            print(f"{module:28}{memory / 1024:8.1f} M{wakes - wakes_before:10}{spent - spent_before:8.2f} s")
        least, listening, ours = (memory for memory, _, _ in after.values())
        print(
            f"memory of the tray / smallest: {ours / least:.2f}, / smallest that listens to the bus: {ours / listening:.2f}"
        )
        for process in (*trays.values(), panel):
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()
