"""The same packages on Debian 13: another Python, another kernel, another udev; what matters most, once.

One guest for the file; the tests are its story, in order.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.conftest import booted
from tests.system.guest import TRAY, Guest
from tests.system.sticks import label_stick, make_stick

pytestmark = [pytest.mark.long, pytest.mark.system, pytest.mark.timeout(240)]
_DISKS = "ls /dev/sd* 2>/dev/null || true"
_BYTECODE = "find /usr/lib/media-guard* -name '*.cpython-313.pyc'"
# Every library with compiled parts, and everything that draws papers; as the packaged programs load them.
_LIBRARIES = """python3 -IS -c '
import sys
sys.path.insert(0, "/usr/lib/media-guard/lib")
import charset_normalizer.md, cryptography, reportlab.graphics.barcode.qr
from PIL import _imaging
from cbor2 import _cbor2
from sqlalchemy.util import _collections_cy
import _cffi_backend
for module in (_imaging, _cbor2, _collections_cy, _cffi_backend, charset_normalizer.md):
    print(module.__file__.rpartition("/")[2].split("-")[1])
'"""
_TRAY_RUNS = """set -e
export XDG_RUNTIME_DIR=/run/user/1000 QT_QPA_PLATFORM=offscreen
export DBUS_SESSION_BUS_ADDRESS=unix:path=$XDG_RUNTIME_DIR/bus
media-guard-tray & tray=$!
n=0; until busctl --user status org.mediaguard.Tray >/dev/null 2>&1; do [ $((n += 1)) -lt 300 ] || exit 9; sleep 0.2; done
kill $tray; wait $tray
"""


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with booted("trixie") as machine:
        yield machine


def test_the_package_installs_and_the_guard_is_ready_on_the_newer_python(guest: Guest) -> None:
    assert guest.out("python3 -c 'import sys; print(sys.version_info[:2])'") == "(3, 13)"
    assert guest.out("uname -r").startswith("6.12.")
    assert guest.out("dpkg-query -W -f '${Status}' media-guard") == "install ok installed"
    assert guest.out("systemctl is-active media-guardd.service") == "active"
    assert guest.ctl("status")["health"] == {"state": "ok", "faults": []}
    assert set(guest.out(_LIBRARIES).split()) == {"313"}
    sources = int(guest.out("find /usr/lib/media-guard -name '*.py' | wc -l"))
    assert int(guest.out(f"{_BYTECODE} | wc -l")) == sources > 100
    assert guest.out("systemctl list-units --failed --no-legend --plain 'media-guard*'") == ""


def test_an_unknown_stick_is_refused_and_never_becomes_a_disk(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "UNKNOWN13")
    before = stick.digest()
    guest.run("udevadm monitor --kernel --subsystem-match=block >/tmp/blocks 2>&1 & sleep 0.5")
    guest.plug(stick)
    visit = guest.judged(stick)
    events = guest.out("udevadm settle; pkill -x udevadm; cat /tmp/blocks")
    assert "monitor will print" in events
    assert (visit["Verdict"], visit["Reasons"]) == ("refused", ["not-labelled"])
    assert guest.out(f"cat /sys/bus/usb/devices/{visit['Interface']}/authorized") == "0"
    assert guest.out(_DISKS) == ""
    guest.unplug(stick)
    assert "/block/" not in events
    assert stick.digest() == before
    guest.sound()


def test_a_registered_stick_is_mounted_read_write_by_an_ordinary_user(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "SAMELEVEL13")
    label = label_stick(stick, guest.issuer, "机密", (guest.network,))
    guest.plug(stick)
    visit = guest.judged(stick)
    assert (visit["Verdict"], visit["Reasons"]) == ("read-write", ["fits"])
    assert guest.mount(visit).returncode == 0
    guest.run("echo hello > /media/alice/STICK/letter && sync", user="alice")
    guest.run(f"udisksctl unmount -b /dev/{visit['Disk']}1", user="alice")
    guest.unplug(stick)
    assert b"hello" in stick.image.read_bytes()
    assert [record.access for record in stick.records(label.medium_id, guest.keyring)] == ["read-write"]
    assert guest.out(_DISKS) == ""
    guest.sound()


def test_the_tray_runs_on_the_newer_python(guest: Guest) -> None:
    guest.put(TRAY, "/root/tray.deb")
    guest.run("dpkg -i /root/tray.deb", timeout=200)
    done = guest.run(_TRAY_RUNS, user="alice", check=False)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Traceback" not in done.stderr


def test_after_removal_a_stick_is_usable_and_nothing_of_the_packages_is_left(guest: Guest, tmp_path: Path) -> None:
    guest.run("dpkg --remove media-guard media-guard-tray", timeout=200)
    stick = make_stick(tmp_path, "FREE13")
    guest.plug(stick)
    guest.run("n=0; until [ -e /dev/sda1 ]; do [ $((n += 1)) -lt 300 ] || exit 9; sleep 0.1; done; udevadm settle")
    guest.run("udisksctl mount --no-user-interaction -b /dev/sda1", user="alice")
    guest.run("echo free > /media/alice/STICK/letter && sync", user="alice")
    assert set(guest.out("cat /sys/bus/usb/devices/usb*/interface_authorized_default").split()) == {"1"}
    assert guest.run(f"ls -d /usr/lib/media-guard* ; {_BYTECODE}", check=False).stdout == ""
