"""On a real kernel: plugs by the hundred, eight at once, and a guard that is killed at random moments."""

import random
import time

import pytest

from tests.system.endurance import SAME, cycle, table
from tests.system.gadgets import Gadget
from tests.system.guest import Guest

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]

_BOUND = "ls -d /sys/bus/usb/drivers/usb-storage/*:* /sys/bus/usb/drivers/uas/*:* 2>/dev/null || true"


@pytest.mark.parametrize("plugs", [40, pytest.param(200, marks=pytest.mark.long)])
def test_plugs_of_an_unknown_stick_leave_as_many_refusals_and_no_disk(guest: Guest, plugs: int) -> None:
    guest.run("truncate -s 32M /tmp/unknown.img; echo start=2048,type=c | sfdisk -q /tmp/unknown.img")
    before = guest.out("sha256sum /tmp/unknown.img")
    gadget = Gadget("unknown", ("/tmp/unknown.img",), "ENDURANCE")
    gadget.make(guest)
    guest.run("udevadm monitor --kernel --subsystem-match=block >/tmp/blocks 2>&1 & sleep 0.5")
    started = time.monotonic()
    ids = set()
    for _ in range(plugs):
        gadget.plug(guest)
        visit = guest.until("ENDURANCE", lambda v: v["Stage"] in ("open", "shut"))
        assert (visit["Verdict"], visit["Reasons"]) == ("refused", ["not-labelled"])
        ids.add(visit["Id"])
        gadget.unplug(guest)
    print(f"{plugs} plugs in {time.monotonic() - started:.0f} s")
    events = guest.out("udevadm settle; pkill -x udevadm; cat /tmp/blocks")
    assert len(ids) == plugs
    assert "/sd" not in events
    assert guest.out("sha256sum /tmp/unknown.img") == before
    gadget.remove(guest)
    guest.sound()


@pytest.mark.long
def test_eight_sticks_at_once_three_hundred_times_leave_nothing_behind_and_none_is_missed(guest: Guest) -> None:
    found = cycle(guest, 300)
    print(table(found))
    before, after = found["before"], found["after"]
    assert (found["missed"], found["verdicts"]) == ([], ["refused"])
    assert after["arrivals"] - before["arrivals"] == found["cycles"] >= 300
    assert {name: after[name] for name in SAME} == {name: before[name] for name in SAME}
    assert after["tasks"] <= before["tasks"] + 2, "threads of the gate come and stay, at most so many"
    assert after["memory_kib"] - before["memory_kib"] < 3_000
    assert guest.out("ls /dev/sd* 2>/dev/null || true") == ""
    guest.sound()


def test_a_stick_alive_for_a_moment_is_in_the_journal_all_the_same(guest: Guest) -> None:
    guest.run("truncate -s 32M /tmp/brief.img")
    gadget = Gadget("brief", ("/tmp/brief.img",), "BRIEF")
    gadget.make(guest)
    before = guest.ctl("journal --limit 1")[0]["seq"]
    udc = "/sys/kernel/config/usb_gadget/brief/UDC"
    guest.run(
        "udevadm monitor --kernel --subsystem-match=usb >/tmp/usb 2>&1 & sleep 0.5; "
        f"for n in $(seq 40); do echo dummy_udc.0 > {udc};"
        f" sleep 0.$((4 + n % 5)); echo > {udc}; done; udevadm settle; pkill -x udevadm"
    )
    announced = int(guest.out("grep -c 'add .*:1.0 (usb)' /tmp/usb || true"))
    guest.settled()
    arrived = [e for e in guest.ctl("journal --limit 1000") if e["seq"] > before and e["kind"] == "arrived"]
    print(f"{announced} interfaces announced, {len(arrived)} arrivals in the journal")
    assert announced >= 10
    assert len(arrived) >= announced
    gadget.remove(guest)
    guest.sound()


@pytest.mark.parametrize("kills", [25, pytest.param(100, marks=pytest.mark.long)])
def test_a_guard_killed_at_random_moments_never_leaves_a_stick_bound_without_a_verdict(
    guest: Guest, kills: int
) -> None:
    chance = random.Random(7)
    guest.run("truncate -s 32M /tmp/killed.img; echo start=2048,type=c | sfdisk -q /tmp/killed.img")
    gadget = Gadget("killed", ("/tmp/killed.img",), "KILLED")
    gadget.make(guest)
    udc = "/sys/kernel/config/usb_gadget/killed/UDC"
    for _ in range(kills):
        moment = chance.randint(0, 900)
        found = guest.out(
            f"echo dummy_udc.0 > {udc}; sleep {moment / 1000}; systemctl kill -s KILL media-guardd; "
            f"udevadm settle; {_BOUND}; echo > {udc}"
        )
        assert found == "", f"bound after a kill at {moment} ms: {found}"
    guest.run("systemctl reset-failed media-guardd; systemctl restart media-guardd", timeout=60)
    unfinished = [v for v in guest.ctl("visits --limit 1000") if not v["left"] and v["interface"].startswith("3-")]
    assert unfinished == []
    gadget.plug(guest)
    visit = guest.until("KILLED", lambda v: v["Stage"] == "shut")
    assert visit["Reasons"] == ["not-labelled"]
    gadget.unplug(guest)
    gadget.remove(guest)
    guest.sound()
