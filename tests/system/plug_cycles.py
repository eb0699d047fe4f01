#!/usr/bin/python3
"""Runs in the guest: plugs unknown sticks in and out, many at once, and says what that cost. Usage: plug_cycles.py CYCLES PORTS

One JSON object at the end, a line on standard error now and then. A cycle is one stick plugged, judged and pulled.
"""

import json
import queue
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

GADGETS = Path("/sys/kernel/config/usb_gadget")
WARM_UP, PATIENCE = 10, 60.0  # rounds before the first look; seconds until a stick counts as missed
PORTS = 8


def make(number: int) -> Path:
    """Describe a stick to the kernel; returns where it is plugged."""
    image, here = f"/tmp/cycle-{number}.img", GADGETS / f"cycle{number}"
    script = f"""
    modprobe -q dummy_hcd num={PORTS}; modprobe -q libcomposite
    truncate -s 16M {image}; mkdir -p {here}/strings/0x409 {here}/configs/c.1 {here}/functions/mass_storage.0; cd {here}
    echo 0x1d6b >idVendor; echo 0x0104 >idProduct; echo 0x0200 >bcdUSB; echo CYCLE{number} >strings/0x409/serialnumber
    echo {image} >functions/mass_storage.0/lun.0/file; ln -sf {here}/functions/mass_storage.0 configs/c.1/
    """
    subprocess.run(["sh", "-ec", script], check=True)
    return here / "UDC"


def forget(number: int) -> None:
    """Take the description away again."""
    here = GADGETS / f"cycle{number}"
    script = (
        f"rm {here}/configs/c.1/mass_storage.0; rmdir {here}/configs/c.1 {here}/functions/* {here}/strings/0x409 {here}"
    )
    subprocess.run(["sh", "-c", f"{script}; rm -f /tmp/cycle-{number}.img"], check=False)


class Watch:
    """Follows the guard."""

    def __init__(self) -> None:
        self.seen: queue.Queue[tuple[str, str, str]] = queue.Queue()
        self._ctl = subprocess.Popen(["mediaguardctl", "watch", "--json"], stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._ctl.stdout or ():
            visit = json.loads(line)
            self.seen.put((visit["Seen"]["serial"], visit["Stage"], visit["Verdict"]))

    def until(self, serials: set[str], stage: str) -> tuple[set[str], set[str]]:
        """Wait until each of them has come to a stage; returns those that never did, and the verdicts."""
        waiting, verdicts, end = set(serials), set[str](), time.monotonic() + PATIENCE
        while waiting and (left := end - time.monotonic()) > 0:
            try:
                serial, reached, verdict = self.seen.get(timeout=left)
            except queue.Empty:
                break
            if reached == stage and serial in waiting:
                waiting.discard(serial)
                verdicts.add(verdict)
        return waiting, verdicts

    def close(self) -> None:
        self._ctl.kill()
        self._ctl.wait()


def _number(text: str, name: str) -> int:
    return int(next(line for line in text.splitlines() if line.startswith(name)).split()[1])


def look() -> dict[str, int]:
    """What the guard holds now."""
    show = ["systemctl", "show", "-P", "MainPID", "media-guardd"]
    proc = Path("/proc") / subprocess.run(show, capture_output=True, text=True, check=True).stdout.strip()
    units = ["systemctl", "list-units", "--all", "--no-legend", "--plain", "media-guard-reader@*"]
    readers = subprocess.run(units, capture_output=True, text=True, check=True).stdout.splitlines()
    status = (proc / "status").read_text()
    with sqlite3.connect("file:/var/lib/media-guard/registry.db?mode=ro", uri=True) as registry:
        (arrived,) = registry.execute("SELECT count(*) FROM journal WHERE kind = 'arrived'").fetchone()
        (still,) = registry.execute("SELECT count(*) FROM visits WHERE left IS NULL").fetchone()
    return {
        "pid": int(proc.name),
        "memory_kib": _number(status, "VmRSS"),
        "proportional_kib": _number((proc / "smaps_rollup").read_text(), "Pss:"),
        "descriptors": len(list((proc / "fd").iterdir())),
        "tasks": _number(status, "Threads"),
        "run_entries": len(list(Path("/run/media-guard").rglob("*"))),
        "readers": len(readers),
        "udev_entries": len(list(Path("/run/udev/data").iterdir())),
        "arrivals": int(arrived),
        "visits_open": int(still),
    }


def main() -> int:
    cycles, ports = int(sys.argv[1]), int(sys.argv[2])
    udcs = [make(number) for number in range(ports)]
    serials = {f"CYCLE{number}" for number in range(ports)}
    watch, missed, verdicts, done = Watch(), list[str](), set[str](), 0
    before, started = look(), time.monotonic()
    for turn in range(WARM_UP + -(-cycles // ports)):
        if turn == WARM_UP:
            before, started = look(), time.monotonic()
        for number, udc in enumerate(udcs):
            udc.write_text(f"dummy_udc.{number}")
        late, said = watch.until(serials, "shut")
        for udc in udcs:
            udc.write_text("\n")
        late |= watch.until(serials, "gone")[0]
        if turn >= WARM_UP:
            missed += sorted(late)
            verdicts |= said
            done += ports
        if turn % 100 == 99:
            passed = round(time.monotonic() - started)
            print(f"{done} cycles, {len(missed)} missed, {passed} s, {look()}", file=sys.stderr, flush=True)
    seconds = time.monotonic() - started
    subprocess.run(["udevadm", "settle"], check=True)
    after = look()
    watch.close()
    for number in range(ports):
        forget(number)
    print(json.dumps({"cycles": done, "ports": ports, "seconds": round(seconds), "missed": missed,
                      "verdicts": sorted(verdicts), "before": before, "after": after}))  # fmt: skip
    return 0


sys.exit(main())
