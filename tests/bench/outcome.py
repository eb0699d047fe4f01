"""What becomes of the same sticks under USBGuard and Media Guard, one after the other in one guest.

python -m tests.bench.outcome
"""

import json
import sys
from pathlib import Path

from tests.bench.plugs import REGIMES, prepare_peer
from tests.system.guest import Guest
from tests.system.image import image

SCRIPT = Path(__file__).with_name("outcomes.py")
GUARDS = {"usbguard": "USBGuard", "media-guard": "Media Guard"}
WORDS = {
    "unknown": "unknown stick: block events of the kernel",
    "brief": "stick pulled as soon as it has enumerated, 40 times: in the log, of those the kernel announced",
    "twin": "known stick, then the same descriptors and serial with other contents, 20 times",
    "typing_twin": "known stick, then the same that is also a keyboard, 20 times",
    "changed": "another card in an admitted reader",
    "stopped": "daemon stopped",
    "docked": "new controller while the daemon is stopped",
    "killed": "daemon killed eight times in a row",
    "exposure": "`systemd-analyze security`",
}


def main() -> None:
    """Measure and print as a table."""
    found: dict[str, dict[str, str]] = {}
    with Guest(image()) as guest:
        guest.prepare()
        prepare_peer(guest)
        guest.put(SCRIPT, "/root/outcomes.py")
        guest.run("modprobe dummy_hcd num=8; modprobe libcomposite")
        guest.stop_watching()
        for guard, regime in GUARDS.items():
            guest.run(REGIMES[regime], check=False)
            guest.run("udevadm settle")
            done = guest.run(f"python3 /root/outcomes.py {guard}", timeout=1800, check=False)
            print(done.stderr, file=sys.stderr)
            found[guard] = json.loads(done.stdout.splitlines()[-1])
    print("| tried | " + " | ".join(GUARDS.values()) + " |\n| --- | --- | --- |")
    for name, words in WORDS.items():
        print(f"| {words} | " + " | ".join(found[guard][name] for guard in GUARDS) + " |")


if __name__ == "__main__":
    main()
