"""On a real kernel: devices whose firmware misbehaves are refused in plain words, in bounded time.

Most of it is tried at every step and without a kernel in tests/usb/test_bulk_only.py; these are shown whole.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from guard.core.medium import Hardware
from tests.system.guest import Guest, Visit
from tests.system.sticks import Stick, label_stick, make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(480)]
SCRIPT = Path(__file__).with_name("lying_stick.py")
_INQUIRY = bytes([0, 0x80, 4, 2, 31, 0, 0, 0]) + b"LYING   STICK           1.00"


@contextmanager
def lying(guest: Guest, serial: str, fault: str, stick: Stick | None = None) -> Iterator[None]:
    """A stick that misbehaves, in a port until the end; `stick` is what it carries."""
    guest.put(SCRIPT, "/root/lying_stick.py")
    if stick is not None:
        guest.put(stick.image, "/tmp/lying.img")
    device = guest.start(
        f"python3 /root/lying_stick.py dummy_udc.1 {serial} {fault} {'/tmp/lying.img' if stick else ''}"
    )
    try:
        yield
    finally:
        assert device.stdin is not None
        device.stdin.close()
        device.wait(30)
        here = "/sys/kernel/config/usb_gadget/lying"
        guest.run(f"umount -l /tmp/lying; rm -f {here}/configs/c.1/ffs.lying", check=False)
        guest.run(f"rmdir {here}/configs/c.1 {here}/functions/* {here}/strings/0x409 {here}", check=False)
    assert guest.out("lsblk -no NAME | grep -c ^sd || true") == "0"
    guest.sound()


def _labelled(guest: Guest, tmp_path: Path, serial: str) -> Stick:
    """What a lying stick carries: a label of ours, made out for it."""
    stick = make_stick(tmp_path, serial, size=16 * 1024 * 1024)
    hardware = Hardware(0x1D6B, 0x0105, serial, 0, stick.image.stat().st_size // 512, 512, _INQUIRY)
    label_stick(stick, guest.issuer, "机密", (guest.network,), hardware=hardware.digest().hex())
    return stick


def _refused(guest: Guest, serial: str, seconds: float = 150) -> Visit:
    visit = guest.until(serial, lambda v: v["Stage"] == "shut", seconds)
    assert visit["Verdict"] == "refused"
    assert guest.out("ls /dev/sd* 2>/dev/null || true") == ""
    return visit


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("never-ready", "did not get ready"),
        ("hangs", "stopped answering"),
        ("one-byte", "stopped answering"),
    ],
)
def test_a_stick_that_cannot_be_read_is_refused_in_plain_words(guest: Guest, fault: str, said: str) -> None:
    serial = f"LYING-{fault}"
    with lying(guest, serial, fault):
        visit = _refused(guest, serial)
        assert visit["Reasons"] == ["unreadable"]
        assert said in guest.ctl(f"explain {visit['Id']}")["reasons"][0]["what"]


def test_a_stick_that_speaks_the_truth_is_let_in_or_the_others_prove_nothing(guest: Guest, tmp_path: Path) -> None:
    with lying(guest, "HONEST", "none", _labelled(guest, tmp_path, "HONEST")):
        visit = guest.until("HONEST", lambda v: v["Stage"] == "open")
        assert (visit["Verdict"], visit["Reasons"]) == ("read-write", ["fits"])


def test_a_label_shown_to_the_guard_and_another_face_to_the_kernel_is_cut_off_with_an_alarm(
    guest: Guest, tmp_path: Path
) -> None:
    with lying(guest, "TWOFACES", "two-faces", _labelled(guest, tmp_path, "TWOFACES")):
        visit = _refused(guest, "TWOFACES")
        assert (visit["Severity"], visit["Reasons"]) == ("alarm", ["changed-after-admission"])
        assert guest.out(f"cat /sys/bus/usb/devices/{visit['Interface']}/authorized") == "0"


def test_a_capacity_that_grows_between_two_questions_is_cut_off(guest: Guest, tmp_path: Path) -> None:
    with lying(guest, "GROWS", "grows", _labelled(guest, tmp_path, "GROWS")):
        visit = _refused(guest, "GROWS")
        assert visit["Reasons"] in (["guard-failed"], ["other-hardware"])
        assert visit["Severity"] == "alarm"


@pytest.mark.parametrize("command", [1, 3, 5, 8, 11])
def test_a_stick_that_pulls_itself_out_at_some_command_leaves_nothing(
    guest: Guest, tmp_path: Path, command: int
) -> None:
    serial = f"GONE{command}"
    with lying(guest, serial, f"gone-after-{command}", _labelled(guest, tmp_path, serial)):
        visit = guest.until(serial, lambda v: v["Stage"] == "gone")
        assert guest.out("ls /run/media-guard/r?/* 2>/dev/null || true") == ""
        assert guest.out("ls /dev/sd* 2>/dev/null || true") == ""
    entries = [e["kind"] for e in guest.ctl(f"journal --subject {visit['Id']}")]
    assert {"arrived", "left"} <= set(entries)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_device_that_connects_a_thousand_times_delays_no_other_stick(guest: Guest, tmp_path: Path) -> None:
    good = make_stick(tmp_path, "MEANWHILE", size=16 * 1024 * 1024)
    label_stick(good, guest.issuer, "机密", (guest.network,))
    guest.run("truncate -s 16M /tmp/flood.img")
    names = [f"flood{number}" for number in range(2, 6)]
    make = "".join(
        f"g=/sys/kernel/config/usb_gadget/{name}; mkdir -p $g/strings/0x409 $g/configs/c.1 $g/functions/mass_storage.0;"
        f"echo 0x1d6b >$g/idVendor; echo 0x0104 >$g/idProduct; echo {name} >$g/strings/0x409/serialnumber;"
        "echo 1 >$g/functions/mass_storage.0/lun.0/ro; echo /tmp/flood.img >$g/functions/mass_storage.0/lun.0/file;"
        "ln -s $g/functions/mass_storage.0 $g/configs/c.1/;"
        for name in names
    )
    loop = "".join(
        f"(for n in $(seq 250); do echo dummy_udc.{name[-1]} >/sys/kernel/config/usb_gadget/{name}/UDC; for i in $(seq 99); do"
        f" set -- /sys/devices/platform/dummy_hcd.{name[-1]}/usb*/*-1/*:1.0; [ ! -e $1 ] || break; sleep 0.05; done;"
        f" echo >/sys/kernel/config/usb_gadget/{name}/UDC; done) &"
        for name in names
    )
    guest.run(f"modprobe -q dummy_hcd num=8; modprobe -q libcomposite; set -e; {make}")
    before = guest.ctl("journal --limit 1")[0]["seq"]
    flood = guest.start(f"{loop} wait; echo flooded")
    started = time.monotonic()
    guest.plug(good)
    visit = guest.until("MEANWHILE", lambda v: v["Stage"] == "open", 120)
    judged = time.monotonic() - started
    assert visit["Reasons"] == ["fits"]
    assert flood.stdout is not None
    assert "flooded" in flood.stdout.read()
    seconds = time.monotonic() - started
    guest.settled()
    entries = guest.ctl(f"journal --kind arrived --after {before} --limit 1000")
    print(
        f"1,000 connects in {seconds:.0f} s, {len(entries)} arrivals in the journal; another stick was let in after {judged:.1f} s"
    )
    assert len(entries) >= 1000, "each that the kernel has announced"
    guest.unplug(good)
    for name in names:
        here = f"/sys/kernel/config/usb_gadget/{name}"
        guest.run(
            f"rm {here}/configs/c.1/mass_storage.0; rmdir {here}/configs/c.1 {here}/functions/* {here}/strings/0x409 {here}"
        )
    assert guest.out("ls /dev/sd* 2>/dev/null || true") == ""
    assert [v for v in guest.ctl("visits --limit 1000") if not v["left"]] == []
    guest.sound()
