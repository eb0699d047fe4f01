"""From plug to mounted: bare kernel and udisks2, USBGuard, Media Guard, side by side in one guest.

    python -m tests.bench.plugs [PLUGS OF EACH] [PICTURE]      (make bench)

The guest is emulated, so only ratios count; each kind gets its turns in rounds, so that what else the machine does meets all alike.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.figures import draw, show
from tests.system.guest import Guest
from tests.system.image import image

ROUNDS, STICKS, BURSTS = 3, 8, 1
_PEER = (
    "usbguard",
    "libusbguard1",
    "libqb100",
    "libprotobuf32",
    "libsodium23",
    "libumockdev0",
    "libpcap0.8",
    "libcap-ng0",
)
_FREE = """
systemctl stop media-guardd media-guard-reader.socket usbguard
mkdir -p /root/rules; mv /usr/lib/udev/rules.d/*media-guard*.rules /root/rules/ 2>/dev/null
udevadm control --reload
for f in /sys/bus/usb/devices/usb*/interface_authorized_default /sys/bus/usb/devices/usb*/authorized_default; do echo 1 >$f; done
echo {delay} >/sys/module/usb_storage/parameters/delay_use
"""
_HELD = """
mv /root/rules/*.rules /usr/lib/udev/rules.d/ 2>/dev/null
udevadm control --reload
udevadm trigger --action=change --subsystem-match=usb --sysname-match='usb[0-9]*' --settle
systemctl start media-guard-reader.socket media-guardd
"""
REGIMES: dict[str, str] = {
    "bare": _FREE.format(delay=1),
    "bare, no delay": _FREE.format(delay=0),
    "USBGuard": _FREE.format(delay=1) + "systemctl start usbguard\n",
    "Media Guard": _FREE.format(delay=1) + _HELD,
}
_GADGETS = """set -e
modprobe dummy_hcd num={sticks}; modprobe libcomposite
for n in $(seq 0 {last}); do
  truncate -s 64M /root/stick$n.img; echo start=2048,type=c | sfdisk -q /root/stick$n.img
  truncate -s 63M /root/part.img; mkfs.vfat -n STICK$n /root/part.img >/dev/null  # two of one name race for their mount point
  dd if=/root/part.img of=/root/stick$n.img seek=2048 conv=notrunc,sparse status=none; rm /root/part.img
  d=/sys/kernel/config/usb_gadget/g$n
  mkdir -p $d/strings/0x409 $d/configs/c.1 $d/functions/mass_storage.0; cd $d
  echo 0x1d6b >idVendor; echo 0x0104 >idProduct; echo 0x0200 >bcdUSB
  echo BENCH$n >strings/0x409/serialnumber; echo Maker >strings/0x409/manufacturer; echo Gadget >strings/0x409/product
  echo 1 >functions/mass_storage.0/lun.0/removable; echo /root/stick$n.img >functions/mass_storage.0/lun.0/file
  ln -s functions/mass_storage.0 configs/c.1/
done
"""
_RULES = "allow with-interface all-of { 09:*:* }\nallow id 1d6b:0104\nallow id 1d6b:*\n"


def _peer() -> list[Path]:
    """USBGuard as Debian ships it; kept, because the guest cannot fetch anything."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "media-guard" / "peer"
    cache.mkdir(parents=True, exist_ok=True)
    missing = [name for name in _PEER if not list(cache.glob(f"{name}_*.deb"))]
    if missing:
        subprocess.run(["apt-get", "download", *missing], cwd=cache, check=True)
    return [next(cache.glob(f"{name}_*.deb")) for name in _PEER]


def prepare_peer(guest: Guest) -> None:
    """Put USBGuard beside the guard, not yet started."""
    guest.run("systemctl mask usbguard usbguard-dbus; mkdir -p /root/peer /etc/usbguard")
    for package in _peer():
        guest.put(package, f"/root/peer/{package.name}")
    guest.run(
        f"DEBIAN_FRONTEND=noninteractive dpkg -i /root/peer/*.deb && printf '{_RULES}' >/etc/usbguard/rules.conf",
        timeout=300,
    )
    guest.run("chmod 600 /etc/usbguard/rules.conf; systemctl unmask usbguard")


def _prepare(guest: Guest) -> None:
    guest.prepare()
    prepare_peer(guest)
    guest.run(_GADGETS.format(sticks=STICKS, last=STICKS - 1), timeout=300)
    guest.run(
        "mkdir -p /etc/systemd/system/media-guardd.service.d; printf '[Service]\\nEnvironment=MEDIA_GUARD_PHASES=1\\n' "
        ">/etc/systemd/system/media-guardd.service.d/bench.conf; systemctl daemon-reload; systemctl restart media-guardd"
    )
    guest.put(Path(__file__).with_name("inside.py"), "/root/inside.py")
    guest.run("systemctl is-active --wait media-guardd.service; udevadm settle")
    for number in range(STICKS):
        guest.run(f"echo dummy_udc.{number} >/sys/kernel/config/usb_gadget/g{number}/UDC")
        visit = guest.until(f"BENCH{number}", lambda visit: visit["Stage"] in ("open", "shut"))
        guest.run(f"mediaguardctl register {visit['Id']} --level 机密 --networks lab --holder Bench")
        guest.until(f"BENCH{number}", lambda visit: visit["Stage"] == "open")
        guest.run(f"udevadm settle; echo >/sys/kernel/config/usb_gadget/g{number}/UDC")
    guest.stop_watching()  # nobody looks on: a client that asks for a guard that is not there costs the others time


def _measure(guest: Guest, plugs: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for turn in range(ROUNDS):
        for regime, switch in REGIMES.items():
            guest.run(switch, check=False)
            guest.run("udevadm settle")
            for count, at_once in ((-(-plugs // ROUNDS), 1), (1, STICKS) if turn < BURSTS else (0, 0)):
                command = f"PYTHONPATH=/usr/lib/media-guard/lib python3 -S /root/inside.py '{regime}' {count} {at_once}"
                done = guest.run(command, timeout=1800, check=False)
                print(done.stderr, end="", file=sys.stderr)  # a mount that failed says why
                found += [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
                print(f"round {turn + 1}, {regime}, {at_once} at once", file=sys.stderr, flush=True)
    return found


def _phases(guest: Guest) -> list[tuple[str, str, float, float]]:
    """What the daemon logged: port, phase, moment, CPU seconds of the daemon until then."""
    log = guest.out("journalctl -u media-guardd -o cat --no-pager | grep 'DEBUG phases:' || true")
    found = []
    for line in log.splitlines():
        words = re.match(r"DEBUG phases: (\S+) (\S+) (\S+) (\S+)", line)
        if words:
            found.append((words[1], words[2], float(words[3]), float(words[4])))
    return found


def main() -> None:
    """Measure and print."""
    plugs = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    with Guest(image()) as guest:
        _prepare(guest)
        found = _measure(guest, plugs)
        phases = _phases(guest)
        costs = guest.out(
            "for p in /proc/[0-9]*; do c=$(tr '\\0' ' ' <$p/cmdline); case $c in *media-guard*|*usbguard-d*) "
            "echo $(awk '/^Pss:/{print $2}' $p/smaps_rollup) $c; esac; done"
        )
    raw = {"plugs": found, "phases": phases, "costs": costs}
    Path("build/bench-plugs.json").write_text(json.dumps(raw))  # python -m tests.bench.figures shows it again
    show(raw)
    if len(sys.argv) > 2:
        draw(raw, Path(sys.argv[2]))


if __name__ == "__main__":
    main()
