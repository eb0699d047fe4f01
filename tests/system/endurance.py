"""`make endurance`: plug cycles by the thousand, eight ports at once, with figures.

`python -m tests.system.endurance [CYCLES [SOURCE]]`; with the source of a kernel (linux-source-*.tar.xz) under User-Mode Linux.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.system.guest import Guest
from tests.system.image import image
from tests.system.user_mode import UserModeGuest, kernel

SCRIPT = Path(__file__).with_name("plug_cycles.py")
PORTS = 8
SAME = ("pid", "descriptors", "run_entries", "udev_entries", "visits_open")


def cycle(guest: Guest, cycles: int) -> dict[str, Any]:
    """Plug and pull that often; what it cost."""
    guest.put(SCRIPT, "/root/plug_cycles.py")
    running = guest.start(f"python3 /root/plug_cycles.py {cycles} {PORTS}")
    assert running.stdout is not None
    found: dict[str, Any] = {}
    for line in running.stdout:
        if line.startswith("{"):
            found = json.loads(line)
        else:
            print(line, end="", file=sys.stderr, flush=True)
    assert running.wait() == 0
    return found


def table(found: dict[str, Any]) -> str:
    """As it stands in docs/attacks.md."""
    lines = [
        f"{found['cycles']} cycles, {found['ports']} ports at once, {found['seconds']} s, {len(found['missed'])} missed"
    ]
    lines += [
        f"| {name} | {value} | {found['after'][name]} |" for name, value in found["before"].items() if name != "pid"
    ]
    return "\n".join(lines)


def main() -> int:
    """Status 1 when something leaks or was missed."""
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with UserModeGuest(image(), kernel(Path(sys.argv[2]))) if len(sys.argv) > 2 else Guest(image()) as guest:
        guest.prepare()
        guest.stop_watching()  # plug_cycles.py follows the guard itself
        found = cycle(guest, cycles)
        print(guest.out("uname -srv"), table(found), sep="\n")
        guest.sound()
    same = all(found["before"][name] == found["after"][name] for name in SAME)
    return int(not same or bool(found["missed"]))


if __name__ == "__main__":
    sys.exit(main())
