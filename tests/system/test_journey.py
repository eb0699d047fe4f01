"""Where a medium was when nobody looked: the real file systems, used through a side door that has no guard."""

from pathlib import Path

import pytest

from tests.system.guest import Guest, Visit
from tests.system.side_door import DISK, plugged, used_elsewhere
from tests.system.sticks import KERNEL_NAMES, Stick, label_stick, make_stick

pytestmark = [pytest.mark.long, pytest.mark.system, pytest.mark.timeout(480)]
FILESYSTEMS = ("fat32", "exfat", "ext4", "ntfs")


def _kind(filesystem: str) -> str:
    return KERNEL_NAMES.get(filesystem, filesystem)


def _removed(guest: Guest, stick: Stick, visit: Visit) -> None:
    guest.run(f"mediaguardctl eject {visit['Id']}")
    guest.until(stick.serial, lambda v: v["Stage"] == "shut")
    guest.unplug(stick)


def _plugged(guest: Guest, stick: Stick) -> Visit:
    guest.plug(stick)
    visit = guest.judged(stick)
    assert visit["Verdict"] == "read-write"
    return visit


@pytest.mark.parametrize("filesystem", FILESYSTEMS)
def test_a_file_added_where_no_guard_was_is_named_at_the_next_visit_and_innocent_use_is_not(
    guest: Guest, tmp_path: Path, filesystem: str
) -> None:
    stick = make_stick(tmp_path, f"JOURNEY{FILESYSTEMS.index(filesystem)}", filesystem=filesystem)
    label = label_stick(stick, guest.issuer, "机密", (guest.network,))
    first = _plugged(guest, stick)
    guest.run(
        f"udevadm settle; mkdir -p /mnt/front && mount -t {_kind(filesystem)} /dev/{first['Disk']}1 /mnt/front &&"
        "mkdir /mnt/front/docs && head -c 3000000 /dev/urandom > /mnt/front/docs/plan && umount /mnt/front"
    )
    _removed(guest, stick, first)
    arrival, departure = stick.records(label.medium_id, guest.keyring)
    assert (arrival.left, departure.access) == ("", "read-write")
    assert departure.left
    assert 3 <= departure.written <= 16, "MiB, by the kernel's count"

    before = stick.digest()
    used_elsewhere(guest, stick, filesystem, "ls -lR; df .; cat docs/plan", "ro")
    assert stick.digest() == before, "it was looked at, all of it, and nothing was written"
    again = _plugged(guest, stick)
    assert again["Reasons"] == ["fits"], "guarded use, and a reader that writes nothing, are no change"
    _removed(guest, stick, again)
    assert stick.records(label.medium_id, guest.keyring)[-1].written == 0

    used_elsewhere(guest, stick, filesystem, "echo x > docs/new")
    changed = _plugged(guest, stick)
    assert changed["Reasons"] == ["changed-elsewhere", "fits"]
    guest.unplug(stick)  # only pulled

    used_elsewhere(guest, stick, filesystem, "echo y > docs/newer")
    assert _plugged(guest, stick)["Reasons"] == ["fits"], "nobody is accused of what nobody knows"
    guest.unplug(stick)
    guest.sound()


def test_a_guard_that_starts_anew_has_unmounted_in_order_and_nothing_that_was_written_is_lost(
    guest: Guest, tmp_path: Path
) -> None:
    """An upgrade of the package, say: the disk is taken away and judged anew, and was in order when it went."""
    stick = make_stick(tmp_path, "JOURNEYANEW", filesystem="exfat")
    label_stick(stick, guest.issuer, "机密", (guest.network,))
    visit = _plugged(guest, stick)
    assert guest.mount(visit).returncode == 0
    written = guest.out(
        "head -c 9000000 /dev/urandom > /media/alice/STICK/own; sha256sum < /media/alice/STICK/own", user="alice"
    )
    guest.run("systemctl restart media-guardd", timeout=300)
    again = guest.until(stick.serial, lambda v: v["Id"] != visit["Id"] and v["Stage"] in ("open", "shut"))
    assert again["Verdict"] == "read-write"
    assert guest.run("findmnt /media/alice/STICK", check=False).returncode != 0
    guest.unplug(stick)
    with plugged(guest, stick.image):
        guest.run(f"fsck.exfat -n {DISK}-part1")
        guest.run(f"mkdir -p /mnt/side && mount -o ro {DISK}-part1 /mnt/side")
        assert guest.out("sha256sum < /mnt/side/own; umount /mnt/side") == written
    guest.sound()


def test_a_removal_can_be_recorded_while_the_stick_answers_no_more(guest: Guest, tmp_path: Path) -> None:
    """Pulled in the middle of the safe removal: no record, no trouble, and the next visit accuses nobody."""
    stick = make_stick(tmp_path, "JOURNEYPULL")
    label_stick(stick, guest.issuer, "机密", (guest.network,))
    visit = _plugged(guest, stick)
    ejecting = guest.start(f"mediaguardctl eject {visit['Id']}")
    guest.unplug(stick)
    ejecting.wait(60)
    assert _plugged(guest, stick)["Reasons"] == ["fits"]
    guest.unplug(stick)
    guest.sound()


def test_a_read_only_visit_ends_with_a_proof_and_a_forced_write_with_an_alarm(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "UNTOUCHED")
    label = label_stick(stick, guest.issuer, "机密", (guest.network,), read_only=True)
    guest.plug(stick)
    visit = guest.judged(stick)
    assert visit["Verdict"] == "read-only"
    disk = visit["Disk"]
    reading = f"udevadm settle; mkdir -p /mnt/front && mount -o ro /dev/{disk}1 /mnt/front && ls /mnt/front; umount /mnt/front"
    guest.run(reading)
    assert guest.run(f"dd if=/dev/zero of=/dev/{disk}1 count=1 oflag=direct", check=False).returncode != 0
    _removed(guest, stick, visit)
    arrival, departure = stick.records(label.medium_id, guest.keyring)
    assert (arrival.untouched, departure.untouched, departure.alarm, departure.written) == (False, True, False, 0)
    removal = guest.ctl(f"journal --kind removed --subject {visit['Id']}")[0]["data"]
    assert (removal["read_only"], removal["writes"], removal["wrote"], removal["untouched"]) == (True, 0, 0, True)

    guest.plug(stick)
    visit = guest.judged(stick)
    forced = f"blockdev --setrw /dev/{visit['Disk']} /dev/{visit['Disk']}1; dd if=/dev/urandom of=/dev/{visit['Disk']}1 seek=9000"
    guest.run(
        f"udevadm settle; {forced} count=8 oflag=direct; blockdev --setro /dev/{visit['Disk']} /dev/{visit['Disk']}1"
    )
    guest.run(f"mediaguardctl eject {visit['Id']}")
    shut = guest.until(stick.serial, lambda v: v["Stage"] == "shut")
    assert (shut["Reasons"], shut["Severity"]) == (["written-read-only"], "alarm")
    guest.unplug(stick)
    newest = stick.records(label.medium_id, guest.keyring)[-1]
    assert (newest.untouched, newest.alarm, newest.access) == (False, True, "read-write")
    told = guest.ctl(f"travel {label.medium_id}")
    assert [(stop["ended"], stop["untouched"], stop["alarm"]) for stop in told[:2]] == [
        ("removed", False, True),
        ("removed", True, False),
    ]
    guest.sound()
