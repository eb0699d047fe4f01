#!/usr/bin/python3
"""Runs in the guest: what becomes of sticks under one guard. Usage: outcomes.py usbguard|media-guard

Prints one JSON object: a short word for each thing that was tried. Sticks are gadgets at dummy_hcd, the same for both guards.
"""

import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

GADGETS, USB = Path("/sys/kernel/config/usb_gadget"), Path("/sys/bus/usb/devices")
AUDIT = Path("/var/log/usbguard/usbguard-audit.log")
RULES = Path("/etc/usbguard/rules.conf")
HUBS = "allow with-interface equals { 09:00:00 }\nallow with-interface equals { 09:00:01 }\n"
BRIEF, PLUGS, KILLS = 40, 20, 8
REPORT = b"\x05\x01\x09\x06\xa1\x01\x05\x07\x19\xe0\x29\xe7\x15\x00\x25\x01\x75\x01\x95\x08\x81\x02\xc0"  # a keyboard
GUARD = sys.argv[1]
OURS = GUARD == "media-guard"
UNIT = "media-guardd" if OURS else "usbguard"


def sh(command: str) -> str:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False).stdout.strip()


def until(true: Callable[[], object], seconds: float) -> bool:
    """Ask until it is so; nobody tells about everything that both guards do."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.1)
    return False


class Gadget:
    """A device that can be plugged."""

    def __init__(self, name: str, serial: str, *, image: str = "", keyboard: bool = False, controller: int = 0) -> None:
        self.here, self.udc, self.serial = GADGETS / name, f"dummy_udc.{controller}", serial
        functions = []
        here = self.here
        (here / "strings/0x409").mkdir(parents=True)
        (here / "configs/c.1").mkdir()
        for file, value in (("idVendor", "0x1d6b"), ("idProduct", "0x0104"), ("bcdUSB", "0x0200"),
                            ("strings/0x409/serialnumber", serial), ("strings/0x409/product", "Gadget"),
                            ("strings/0x409/manufacturer", "Maker")):  # fmt: skip
            (here / file).write_text(value)
        if image:
            functions.append("mass_storage.0")
            (here / "functions/mass_storage.0").mkdir(parents=True)
            (here / "functions/mass_storage.0/lun.0/removable").write_text("1")
            (here / "functions/mass_storage.0/lun.0/file").write_text(image)
        if keyboard:
            functions.append("hid.0")
            (here / "functions/hid.0").mkdir(parents=True)
            (here / "functions/hid.0/report_length").write_text("8")
            (here / "functions/hid.0/protocol").write_text("1")
            (here / "functions/hid.0/report_desc").write_bytes(REPORT)
        for function in functions:
            (here / "configs/c.1" / function).symlink_to(here / "functions" / function)
        self.functions = functions

    @contextmanager
    def plugged(self) -> Iterator[None]:
        (self.here / "UDC").write_text(self.udc)
        try:
            yield
        finally:
            (self.here / "UDC").write_text("\n")
            until(lambda: not self.device(), 20)
            sh("udevadm settle")

    def device(self) -> Path | None:
        for file in USB.glob("*/serial"):
            with contextlib.suppress(OSError):
                if file.read_text().strip() == self.serial:
                    return file.parent
        return None

    def disk(self) -> bool:
        device = self.device()
        return device is not None and bool(list(device.glob("*:*/host*/target*/*/block/*")))

    def types(self) -> bool:
        device = self.device()
        return device is not None and any(link.resolve().name == "usbhid" for link in device.glob("*:*/driver"))

    def forget(self) -> None:
        for function in self.functions:
            (self.here / "configs/c.1" / function).unlink()
            (self.here / "functions" / function).rmdir()
        for folder in ("configs/c.1", "strings/0x409", ""):
            (self.here / folder).rmdir()


def image(name: str, text: str) -> str:
    path = Path("/root") / name
    sh(f"truncate -s 16M {path}; echo start=2048,type=c | sfdisk -q {path}")
    with path.open("r+b") as file:
        file.seek(1024 * 1024)
        file.write(text.encode())
    return str(path)


def settled(gadget: Gadget) -> None:
    """It has been seen, and the guard has had its time."""
    until(gadget.device, 20)
    sh("udevadm settle")
    if OURS:
        until(
            lambda: sh(
                f"mediaguardctl visits --limit 5 --json | grep -e '\"{gadget.serial}\"' | grep -c -e open -e shut"
            ),
            20,
        )
    time.sleep(4)


def allow(gadget: Gadget, rule: str = "") -> None:
    """The stick is known from now on, by everything this guard can know it by, or by a rule."""
    RULES.write_text(HUBS)
    if not OURS:
        sh("systemctl reset-failed usbguard; systemctl restart usbguard")
    with gadget.plugged():
        settled(gadget)
        if OURS:
            visits = json.loads(sh("mediaguardctl visits --limit 5 --json"))
            visit = next(v["id"] for v in visits if not v["left"])
            sh(f"mediaguardctl register {visit} --level 机密 --networks lab --holder Bench")
            until(gadget.disk, 30)
        else:
            generated = next(line for line in sh("usbguard generate-policy").splitlines() if gadget.serial in line)
            RULES.write_text(HUBS + (rule or generated) + "\n")
            sh("systemctl restart usbguard")
    with gadget.plugged():
        assert until(gadget.disk, 40), f"{GUARD}: the known stick is not let in"


def arrivals() -> int:
    if OURS:
        rows = json.loads(sh("mediaguardctl journal --kind arrived --limit 1000 --json"))
        return len(rows)
    return sum("Device.Insert" in line for line in AUDIT.read_text().splitlines()) if AUDIT.exists() else 0


def unknown() -> str:
    gadget = Gadget("unknown", "UNKNOWN", image=image("unknown.img", ""))
    sh("systemd-run -q --unit=blocks udevadm monitor --kernel --subsystem-match=block; sleep 1")
    with gadget.plugged():
        settled(gadget)
    sh("systemctl stop blocks")
    events = sh("journalctl -u blocks -o cat | grep -c 'KERNEL\\['")
    gadget.forget()
    return f"{events} block events"


def brief() -> str:
    gadget = Gadget("brief", "BRIEF", image=image("brief.img", ""))
    before = arrivals()
    sh("systemd-run -q --unit=usbs udevadm monitor --kernel --subsystem-match=usb; sleep 1")
    for _ in range(BRIEF):
        (gadget.here / "UDC").write_text(gadget.udc)
        until(gadget.device, 5)
        (gadget.here / "UDC").write_text("\n")
        until(lambda: not gadget.device(), 5)
    sh("udevadm settle; sleep 5; systemctl stop usbs")
    one = "[0-9-]*:1.0" if OURS else "[0-9-]*"  # a device that nobody has authorized has no interfaces
    announced = sh(f"journalctl -u usbs -o cat | grep -c 'add .*/{one} (usb)'")
    gadget.forget()
    return f"{arrivals() - before} of {announced}"


def twin() -> str:
    own, other = image("own.img", "mine"), image("other.img", "another")
    first = Gadget("first", "TWIN", image=own)
    allow(first)
    first.forget()
    second = Gadget("second", "TWIN", image=other)
    let_in = 0
    for _ in range(PLUGS):
        with second.plugged():
            settled(second)
            let_in += second.disk()
    second.forget()
    return f"let in {let_in} of {PLUGS}"


def typing_twin() -> str:
    first = Gadget("silent", "TYPIST", image=image("silent.img", "mine"))
    allow(first, 'allow id 1d6b:0104 serial "TYPIST" name "Gadget"')
    first.forget()
    second = Gadget("typist", "TYPIST", image="/root/silent.img", keyboard=True)
    types = 0
    for _ in range(PLUGS):
        with second.plugged():
            settled(second)
            types += second.types()
    second.forget()
    return f"types {types} of {PLUGS}"


def changed() -> str:
    gadget = Gadget("reader", "READER", image=image("card.img", "mine"))
    allow(gadget)
    unit = gadget.here / "functions/mass_storage.0/lun.0"
    with gadget.plugged():
        until(gadget.disk, 40)
        settled(gadget)
        (unit / "forced_eject").write_text("1")
        (unit / "file").write_text(image("card2.img", "another"))
        sh("for d in /dev/sd?; do dd if=$d of=/dev/null bs=512 count=1 iflag=direct; done")
        gone = until(lambda: not gadget.disk(), 30)
    gadget.forget()
    return "shut" if gone else "stays open"


def stopped() -> str:
    stick = Gadget("held", "HELD", image=image("held.img", ""), controller=1)
    keys = Gadget("keys", "KEYS", keyboard=True, controller=2)
    sh(f"systemctl stop {UNIT}")
    with stick.plugged(), keys.plugged():
        until(lambda: stick.device() and keys.device(), 20)
        sh("udevadm settle")
        time.sleep(5)
        found = f"stick {'open' if stick.disk() else 'held'}, keyboard {'works' if keys.types() else 'dead'}"
    sh(f"systemctl start {UNIT}")
    stick.forget()
    keys.forget()
    return found


def docked() -> str:
    """A controller that comes while the guard is down."""
    sh(f"systemctl stop {UNIT}; udevadm settle; modprobe -r dummy_hcd; modprobe dummy_hcd num=8; udevadm settle")
    stick = Gadget("docked", "DOCKED", image=image("docked.img", ""), controller=3)
    with stick.plugged():
        until(stick.device, 20)
        sh("udevadm settle")
        time.sleep(5)
        found = "stick open" if stick.disk() else "stick held"
    sh(f"systemctl start {UNIT}")
    stick.forget()
    return found


def killed() -> str:
    for _ in range(KILLS):
        sh(f"systemctl kill -s KILL {UNIT}")
        until(lambda: sh(f"systemctl is-active {UNIT}") == "active", 20)
    alive = until(lambda: sh(f"systemctl is-active {UNIT}") == "active", 20)
    sh(f"systemctl reset-failed {UNIT}; systemctl restart {UNIT}")
    return "back each time" if alive else "stays dead"


def exposure() -> str:
    return sh(f"systemd-analyze security {UNIT} --no-pager | tail -n 1 | grep -oE '[0-9]+[.][0-9]+ [A-Z]+'")


def begin() -> None:
    """Nothing is known but hubs."""
    if not OURS:
        AUDIT.parent.mkdir(exist_ok=True)
        RULES.write_text(HUBS)
        RULES.chmod(0o600)
        sh("systemctl restart usbguard")
    if not until(lambda: sh(f"systemctl is-active {UNIT}") == "active", 30):
        raise SystemExit(sh(f"journalctl -u {UNIT} -n 30 --no-pager"))


def main() -> None:
    begin()
    tried = (unknown, brief, twin, typing_twin, changed, stopped, docked, killed, exposure)
    found = {}
    for what in tried:
        found[what.__name__] = what()
        print(what.__name__, found[what.__name__], file=sys.stderr, flush=True)
    print(json.dumps(found))


main()
