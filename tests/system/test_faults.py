"""On a real kernel: what fails round the guard keeps sticks out, keyboards in, and mends without a reboot.

One guest for the whole file, and not the one of the other files: each fault is mended by its own test, and if one is not, only
this file suffers. `GOOD` is a stick that this host lets in read-write whenever nothing is wrong.
"""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.conftest import booted
from tests.system.guest import Guest, Visit
from tests.system.sticks import Stick, label_stick, make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(480)]
_DISKS = "ls /dev/sd* 2>/dev/null || true"
_DRIVERS = "ls -d /sys/bus/usb/drivers/usb-storage/*:* /sys/bus/usb/drivers/uas/*:* 2>/dev/null || true"
STATE = "/var/lib/media-guard"
GRANT = "--level 机密 --networks lab --holder 张三"


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    with booted() as machine:
        machine.qmp("device_add", driver="usb-kbd", id="keyboard", bus="xhci.0")
        machine.run(_until("ls /sys/bus/usb/drivers/usbhid/*:1.0"))
        yield machine


@pytest.fixture
def good(guest: Guest, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Stick]:
    name = "".join(part[0] for part in request.node.name.split("_") if part)
    stick = make_stick(tmp_path, f"GOOD-{name.upper()}", size=16 * 1024 * 1024)
    label_stick(stick, guest.issuer, "机密", (guest.network,))
    yield stick
    with contextlib.suppress(RuntimeError):  # pulled already, unless the test failed
        guest.unplug(stick)


@contextmanager
def fault(guest: Guest, cause: str, cure: str) -> Iterator[None]:
    """Something is broken, and mended again whatever comes of it."""
    guest.run(cause, timeout=100)
    try:
        yield
    finally:
        guest.run(cure, timeout=100)


def _kept_out(guest: Guest) -> None:
    """No disk and no driver on anything that could be one, and the keyboard works all the same."""
    assert guest.out(_DISKS) == ""
    assert guest.out(_DRIVERS) == ""
    assert guest.out("ls -d /sys/bus/usb/drivers/usbhid/*:1.0")
    assert guest.out("cat /sys/bus/usb/devices/usb*/interface_authorized_default | sort -u") == "0"


def _refused_for(guest: Guest, stick: Stick, fault: str) -> Visit:
    visit = guest.until(stick.serial, lambda v: v["Stage"] == "shut")
    assert (visit["Verdict"], visit["Reasons"]) == ("refused", ["guard-failed"])
    _kept_out(guest)
    assert fault in {found["code"] for found in guest.ctl("status")["health"]["faults"]}
    return visit


def _let_in(guest: Guest, stick: Stick) -> None:
    visit = guest.until(stick.serial, lambda v: v["Stage"] == "open", 90)
    assert (visit["Verdict"], visit["Reasons"]) == ("read-write", ["fits"])
    assert guest.out(_DISKS)
    guest.unplug(stick)
    _sound(guest)


def _sound(guest: Guest) -> None:
    assert guest.ctl("verify")["ok"]
    assert guest.ctl("status")["health"] == {"state": "ok", "faults": []}


def _main(guest: Guest) -> str:
    return guest.out("systemctl show -P MainPID media-guardd")


def _until(condition: str, pause: float = 0.2) -> str:
    """A shell loop that ends when something is true."""
    return f"n=0; until {{ {condition}; }} 2>/dev/null; do [ $((n += 1)) -lt 300 ] || exit 9; sleep {pause}; done"


def _restarted(guest: Guest, before: str) -> None:
    """Systemd has started the guard anew and it serves."""
    another = f"[ $(systemctl show -P MainPID media-guardd) != {before} ]"
    guest.run(_until(f"systemctl is-active -q media-guardd && {another} && mediaguardctl status >/dev/null"))


def test_nothing_is_wrong_and_the_stick_is_let_in(guest: Guest, good: Stick) -> None:
    guest.plug(good)
    _let_in(guest, good)


def test_killed_with_a_stick_in_it_is_back_by_itself_and_judges_the_stick_anew(guest: Guest, good: Stick) -> None:
    guest.plug(good)
    guest.until(good.serial, lambda v: v["Stage"] == "open")
    before = _main(guest)
    guest.run(f"systemctl kill -s KILL media-guardd; {_until('! ls /run/media-guard/r?/*', 0.02)}")
    _restarted(guest, before)
    assert {"cut-short", "started"} <= {entry["kind"] for entry in guest.ctl("journal --limit 20")}
    _let_in(guest, good)


_LITTLE = "systemctl set-property --runtime media-guardd MemoryMax=12M MemorySwapMax=0"
_ENOUGH = "systemctl set-property --runtime media-guardd MemoryMax=256M; systemctl reset-failed media-guardd || true"


def test_out_of_memory_the_kernel_kills_it_sticks_stay_out_and_with_memory_it_is_back(
    guest: Guest, good: Stick
) -> None:
    before = _main(guest)
    with fault(guest, _LITTLE, _ENOUGH):
        guest.run(_until("journalctl -u media-guardd -o cat | grep -q oom-kill"))
        guest.plug(good)
        guest.run("udevadm settle")
        _kept_out(guest)
    _restarted(guest, before)
    _let_in(guest, good)


_FILL = """systemctl stop media-guardd; for size in 1G 100M 10M 1M 100K 4K; do n=0
while fallocate -l $size /filler.$size.$n 2>/dev/null; do n=$((n + 1)); done; done; systemctl start media-guardd"""


def test_a_full_disk_keeps_sticks_out_and_free_space_lets_them_in_again(guest: Guest, good: Stick) -> None:
    with fault(guest, _FILL, "rm -f /filler.*"):
        guest.plug(good)
        _refused_for(guest, good, "registry-disk-full")
    _let_in(guest, good)


def test_a_read_only_disk_keeps_sticks_out_also_over_a_restart_until_it_is_writable(guest: Guest, good: Stick) -> None:
    with fault(guest, f"echo u >/proc/sysrq-trigger; {_until('! touch /x')}", "mount -o remount,rw /"):
        guest.plug(good)
        _refused_for(guest, good, "registry-unwritable")
        before = _main(guest)
        guest.run("systemctl restart media-guardd")
        _restarted(guest, before)
        _refused_for(guest, good, "registry-unwritable")
    _let_in(guest, good)


_DAMAGE = f"""systemctl stop media-guardd; cp -a {STATE}/registry.db /root/backup
dd if=/dev/urandom of={STATE}/registry.db bs=4096 count=16 conv=notrunc status=none; systemctl start media-guardd"""
_RESTORE = f"rm -f {STATE}/registry.db-*; mv /root/backup {STATE}/registry.db"


def test_a_damaged_registry_keeps_sticks_out_until_the_backup_is_back(guest: Guest, good: Stick) -> None:
    with fault(guest, _DAMAGE, _RESTORE):
        guest.plug(good)
        _refused_for(guest, good, "registry-corrupted")
    _let_in(guest, good)


def _shift(years: int) -> str:
    return f"date -s \"$(date -d '{years:+d} year')\" >/dev/null"


def test_a_clock_that_goes_back_a_year_keeps_sticks_out_until_it_is_right(guest: Guest, good: Stick) -> None:
    guest.plug(good)
    guest.until(good.serial, lambda v: v["Stage"] == "open")
    guest.unplug(good)
    with fault(guest, _shift(-1), _shift(+1)):
        guest.plug(good)
        _refused_for(guest, good, "clock-behind")
        before = _main(guest)
        guest.run("systemctl restart media-guardd")
        _restarted(guest, before)
        _refused_for(guest, good, "clock-behind")
    _let_in(guest, good)


def test_a_clock_a_year_ahead_opens_no_medium_whose_term_is_over_then_and_does_no_harm_when_right_again(
    guest: Guest, good: Stick, tmp_path: Path
) -> None:
    now = int(guest.out("date +%s"))
    dated = make_stick(tmp_path, "DATED", size=16 * 1024 * 1024)
    label_stick(dated, guest.issuer, "机密", (guest.network,), expires=now + 30 * 86_400)
    with fault(guest, _shift(+1), _shift(-1)):
        guest.plug(dated)
        visit = guest.until(dated.serial, lambda v: v["Stage"] == "shut")
        assert (visit["Verdict"], visit["Reasons"][0]) == ("refused", "term-over")
        _kept_out(guest)
        guest.unplug(dated)
    guest.plug(good)
    _let_in(guest, good)


def test_after_a_restart_behind_its_journal_root_says_that_the_clock_is_right_and_the_journal_has_it(
    guest: Guest, good: Stick
) -> None:
    with fault(guest, _shift(+1), _shift(-1)):
        guest.plug(good)
        guest.until(good.serial, lambda v: v["Stage"] == "open")
        guest.unplug(good)
    before = _main(guest)
    guest.run("systemctl restart media-guardd")
    _restarted(guest, before)
    guest.plug(good)
    _refused_for(guest, good, "clock-behind")
    assert guest.run(f"touch {STATE}/clock-is-right", user="alice", check=False).returncode != 0
    guest.run(f"touch {STATE}/clock-is-right")
    _let_in(guest, good)
    assert [entry["kind"] for entry in guest.ctl("journal --kind clock-set")] == ["clock-set"]
    assert guest.run(f"test -e {STATE}/clock-is-right", check=False).returncode == 1


def test_udev_hanging_and_killed_during_a_plug_lets_nothing_in_and_when_it_is_back_nothing_was_missed(
    guest: Guest, good: Stick
) -> None:
    back = "systemctl kill -s KILL systemd-udevd; systemctl restart systemd-udevd"
    with fault(guest, "systemctl kill -s STOP systemd-udevd", back):
        guest.plug(good)
        guest.run(_until(f"grep -qx {good.serial} /sys/bus/usb/devices/*/serial"))
        _kept_out(guest)
    _let_in(guest, good)
    guest.run("systemctl restart systemd-udevd")
    guest.plug(good)
    _let_in(guest, good)


def test_the_message_bus_restarted_the_guard_is_back_by_itself(guest: Guest, good: Stick) -> None:
    before = _main(guest)
    guest.run("systemctl restart dbus", check=False)
    guest.plug(good)
    _restarted(guest, before)
    guest.run("systemctl restart systemd-logind polkit", check=False, timeout=100)
    _let_in(guest, good)


def test_without_polkit_media_are_judged_and_nobody_but_root_decides(guest: Guest, good: Stick, tmp_path: Path) -> None:
    unknown = make_stick(tmp_path, "UNKNOWN", size=16 * 1024 * 1024)
    with fault(
        guest, "systemctl mask --runtime --now polkit", "systemctl unmask --runtime polkit; systemctl start polkit"
    ):
        guest.plug(unknown)
        visit = guest.until(unknown.serial, lambda v: v["Stage"] == "shut")
        for words in (f"request {visit['Id']} --purpose x", "journal", f"register {visit['Id']} {GRANT}"):
            assert guest.run(f"mediaguardctl {words}", user="alice", check=False).returncode == 4, words
        _kept_out(guest)
        guest.plug(good)
        guest.until(good.serial, lambda v: v["Stage"] == "open")
        guest.unplug(good)
        assert guest.ctl("requests") == []
    guest.run(f"mediaguardctl request {visit['Id']} --purpose x", user="alice")
    guest.unplug(unknown)
    _sound(guest)


def test_without_logind_nobody_sits_here_sticks_are_held_and_opened_when_it_is_back(guest: Guest, good: Stick) -> None:
    back = "systemctl unmask --runtime systemd-logind; systemctl start systemd-logind; systemctl restart getty@tty1"
    with fault(guest, "systemctl mask --runtime --now systemd-logind", back):
        guest.plug(good)
        visit = guest.until(good.serial, lambda v: v["Stage"] == "shut")
        assert visit["Verdict"] == "held"
        _kept_out(guest)
    guest.stop_watching()  # the new logind may end sessions that the old one began, and what runs in them
    guest.log_out("root")
    guest.watch()
    _let_in(guest, good)


_DRIVER = "$(modinfo -n usb-storage)"
_WITHOUT = f"modprobe -r uas usb-storage; mount --bind /dev/null {_DRIVER}"
_WITH = f"""umount {_DRIVER}; modprobe usb-storage; modprobe uas
echo 0 >/sys/module/usb_storage/parameters/delay_use; udevadm settle"""


def test_without_the_storage_driver_sticks_are_refused_and_with_it_a_plug_is_enough(guest: Guest, good: Stick) -> None:
    with fault(guest, _WITHOUT, _WITH):
        guest.plug(good)
        visit = guest.until(good.serial, lambda v: v["Stage"] == "shut")
        assert (visit["Verdict"], visit["Reasons"]) == ("refused", ["guard-failed"])
        assert "modprobe usb-storage" in guest.ctl(f"explain {visit['Id']}")["reasons"][0]["what"]
        assert guest.out(f"cat /sys/bus/usb/devices/{visit['Interface']}/authorized") == "0"
    _kept_out(guest)
    guest.unplug(good)
    guest.plug(good)
    _let_in(guest, good)
