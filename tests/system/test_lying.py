"""On a real kernel: devices whose firmware misbehaves are refused in plain words, in bounded time."""

from pathlib import Path

import pytest

from tests.system.guest import Guest

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]
SCRIPT = Path(__file__).with_name("lying_stick.py")


@pytest.mark.parametrize(("fault", "said"), [("never-ready", "did not get ready"), ("hangs", "stopped answering")])
def test_a_stick_that_never_gets_ready_or_hangs_is_refused_in_plain_words(guest: Guest, fault: str, said: str) -> None:
    guest.put(SCRIPT, "/root/lying_stick.py")
    serial = f"LYING-{fault}"
    stick = guest.start(f"python3 /root/lying_stick.py dummy_udc.1 {serial} {fault}")
    visit = guest.until(serial, lambda v: v["Stage"] == "shut", 150)
    assert (visit["Verdict"], visit["Reasons"]) == ("refused", ["unreadable"])
    assert said in guest.ctl(f"explain {visit['Id']}")["reasons"][0]["what"]
    assert stick.stdin is not None
    stick.stdin.close()
    guest.until(serial, lambda v: v["Stage"] == "gone")
    stick.wait(30)
    here = "/sys/kernel/config/usb_gadget/lying"
    guest.run(f"umount -l /tmp/lying; rm -f {here}/configs/c.1/ffs.lying", check=False)
    guest.run(f"rmdir {here}/configs/c.1 {here}/functions/* {here}/strings/0x409 {here}", check=False)
    assert guest.out("lsblk -no NAME | grep -c ^sd || true") == "0"
    guest.sound()
