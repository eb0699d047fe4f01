"""On a real kernel, while the guard only observes: everything works as before there was a guard, and what is to come is told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.system.guest import Guest, Visit
from tests.system.sticks import make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]
_DROP_IN = "/etc/media-guard/guard.toml.d/90-observe.toml"
# Systemd calls the start done when the bus answers; the guard is there when it has told the journal so.
_BEGUN = """for _ in $(seq 300); do
  mediaguardctl journal --limit 5 --json | grep -q '"kind": "{kind}"' && exit 0; sleep 0.2
done; exit 1"""


@pytest.fixture
def observing(guest: Guest) -> Iterator[Guest]:
    until = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
    guest.run(
        f"mkdir -p {_DROP_IN.rsplit('/', 1)[0]}; echo '[gate]\nobserve_until = \"{until}\"' >{_DROP_IN}; "
        "mediaguardctl check-config && systemctl restart media-guardd",
        timeout=60,
    )
    guest.run(_BEGUN.format(kind="observing-began"), timeout=90)
    yield guest
    guest.run(f"rm -f {_DROP_IN}; systemctl restart media-guardd", timeout=60)
    guest.run(_BEGUN.format(kind="started"), timeout=90)


def test_an_unknown_stick_works_as_before_and_is_told_what_is_to_come(observing: Guest, tmp_path: Path) -> None:
    guest = observing
    stick = make_stick(tmp_path, "OBSERVED")
    guest.plug(stick)
    visit = guest.judged(stick)
    assert (visit["Stage"], visit["Verdict"], visit["Reasons"]) == ("open", "read-write", ["observed", "not-labelled"])
    mounted = guest.mount(visit)
    assert mounted.returncode == 0, mounted.stderr
    guest.run("echo x > /media/alice/STICK/written && sync -f /media/alice/STICK/written", user="alice")
    told = guest.out(f"mediaguardctl explain {visit['Id']}", user="alice")
    assert "only observes" in told
    assert "not registered" in told
    assert "only observes" in guest.out("mediaguardctl status 2>&1")
    guest.run(f"mediaguardctl eject {visit['Id']}", timeout=120)
    guest.unplug(stick)
    guest.sound()


def test_what_the_guard_cannot_read_works_too_until_observing_ends(observing: Guest, tmp_path: Path) -> None:
    guest = observing
    stick = make_stick(tmp_path, "UASONLY")
    guest.plug(stick, "usb-uas")
    visit = guest.judged(stick)
    assert (visit["Stage"], visit["Reasons"]) == ("open", ["observed", "unreadable"])
    guest.run("for _ in $(seq 100); do [ -b /dev/sda ] && exit 0; sleep 0.1; done; exit 1")
    assert guest.out("cat /sys/block/sda/ro") == "0"
    guest.run(f"rm -f {_DROP_IN}; systemctl restart media-guardd", timeout=60)
    refused = guest.until(stick.serial, lambda v: v["Stage"] == "shut")
    assert (refused["Verdict"], refused["Reasons"]) == ("refused", ["unreadable"])
    assert guest.out("ls /dev/sd* 2>/dev/null || true") == ""
    assert guest.run("ls /run/media-guard/observing", check=False).returncode != 0
    guest.unplug(stick)
    guest.sound()


def test_a_phone_is_its_users_while_observing_and_held_from_then_on(observing: Guest, tmp_path: Path) -> None:
    guest, serial, shared = observing, "PHONE", tmp_path / "shared"
    shared.mkdir()

    def mode(visit: Visit) -> str:
        device = f"/sys/bus/usb/devices/{str(visit['Interface']).partition(':')[0]}"
        return guest.out(f"udevadm settle; stat -c '%a %U' /dev/$(udevadm info -q name {device})")

    def plug() -> Visit:
        guest.qmp("device_add", driver="usb-mtp", id="phone", bus="xhci.0", serial=serial, rootdir=str(shared))
        return guest.until(serial, lambda v: v["Stage"] in ("open", "shut"))

    def pull() -> None:
        guest.qmp("device_del", id="phone")
        guest.qmp.wait("DEVICE_DELETED", "phone")
        guest.until(serial, lambda v: v["Stage"] == "gone")

    visit = plug()
    assert (visit["Stage"], visit["Reasons"][0]) == ("open", "observed")
    assert guest.out(f"cat /sys/bus/usb/devices/{visit['Interface']}/authorized") == "1"
    assert mode(visit) == "664 root", "as the system gives it"
    guest.run(f"rm -f {_DROP_IN}; systemctl restart media-guardd", timeout=60)
    refused = guest.until(serial, lambda v: v["Stage"] == "shut")
    assert refused["Verdict"] == "refused"
    assert guest.out(f"cat /sys/bus/usb/devices/{visit['Interface']}/authorized") == "0"
    pull()
    assert mode(plug()) == "600 root"
    pull()
    guest.sound()
