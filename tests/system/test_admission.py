"""On a real kernel: who is let in, how far, and what never happens meanwhile."""

from pathlib import Path

import pytest

from tests.system.guest import Guest
from tests.system.sticks import label_stick, make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


def test_an_unknown_stick_never_becomes_a_disk_and_the_journal_says_why(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "UNKNOWN1")
    before = stick.digest()
    guest.run("udevadm monitor --kernel --subsystem-match=block >/tmp/blocks 2>&1 & sleep 0.5")
    guest.plug(stick)
    visit = guest.judged(stick)
    events = guest.out("udevadm settle; pkill -x udevadm; cat /tmp/blocks")
    assert "monitor will print" in events
    assert (visit["Verdict"], visit["Reasons"]) == ("refused", ["not-labelled"])
    assert guest.out(f"cat /sys/bus/usb/devices/{visit['Interface']}/authorized") == "0"
    intents = [e for e in guest.ctl("journal --limit 20") if e["kind"] == "intent" and e["subject"] == visit["Id"]]
    assert intents[0]["data"]["reasons"] == [{"rule": "not-labelled"}]
    guest.unplug(stick)
    assert "/sd" not in events
    assert "/block/" not in events
    assert stick.digest() == before
    guest.sound()


def test_a_registered_stick_of_the_hosts_level_is_mounted_read_write_by_an_ordinary_user(
    guest: Guest, tmp_path: Path
) -> None:
    stick = make_stick(tmp_path, "SAMELEVEL")
    label = label_stick(stick, guest.issuer, "机密", (guest.network,))
    guest.plug(stick)
    visit = guest.judged(stick)
    assert (visit["Verdict"], visit["Reasons"]) == ("read-write", ["fits"])
    assert guest.mount(visit).returncode == 0
    guest.run("echo hello > /media/alice/STICK/letter && sync", user="alice")
    assert guest.run("udisksctl unmount -b /dev/{}1".format(visit["Disk"]), user="alice", check=False).returncode == 0
    guest.unplug(stick)
    assert b"hello" in stick.image.read_bytes()
    (record,) = stick.records(label.medium_id, guest.keyring)
    assert record.access == "read-write"
    guest.sound()


_WRITES = """
d=/dev/{disk}
echo x > /media/alice/STICK/f 2>&1; rm -f /media/alice/STICK/g
udisksctl mount --no-user-interaction -o rw -b ${{d}}1
udisksctl unmount --no-user-interaction -b ${{d}}1
udisksctl mount --no-user-interaction -o rw,remount -b ${{d}}1
udisksctl mount --no-user-interaction -b ${{d}}1
touch /media/alice/STICK/h
dd if=/dev/zero of=$d bs=512 count=1 oflag=direct
dd if=/dev/zero of=${{d}}1 bs=512 count=1
for sg in /dev/sg* /dev/bsg/*; do dd if=/dev/zero of=$sg bs=512 count=1; done
for node in /dev/bus/usb/*/*; do dd if=/dev/zero of=$node bs=31 count=1; done
echo 1 > /sys/bus/usb/devices/{interface}/authorized
python3 - <<END
import fcntl, struct
for path in ("$d", "${{d}}1"):
    try:
        fcntl.ioctl(open(path), 0x125d, struct.pack("i", 0))  # BLKROSET
        print("made writable")
    except OSError as error:
        print(error)
END
busctl call org.freedesktop.UDisks2 /org/freedesktop/UDisks2/block_devices/{disk}1 org.freedesktop.UDisks2.Block OpenDevice \
    'sa{{sv}}' rw 0
udisksctl unmount --no-user-interaction -b ${{d}}1
true
"""


def test_the_kernel_does_not_wait_for_a_stick_that_the_reader_has_seen_ready(guest: Guest, tmp_path: Path) -> None:
    delay = "cat /sys/module/usb_storage/parameters/delay_use"
    assert guest.out(delay) == "5"
    stick = make_stick(tmp_path, "SETTLED")
    label_stick(stick, guest.issuer, "机密", (guest.network,))
    guest.plug(stick)
    assert guest.judged(stick)["Verdict"] == "read-write"
    lines = guest.out("dmesg").splitlines()
    bound, scanned = (
        next(float(line[1:].split("]")[0]) for line in reversed(lines) if word in line)
        for word in ("USB Mass Storage device detected", "Direct-Access     QEMU")
    )
    assert 0 < scanned - bound < 5
    guest.unplug(stick)
    assert guest.out(delay) == "5", "what the guard has not read keeps its delay"
    guest.sound()


def test_a_lower_medium_can_be_read_and_no_write_reaches_it_by_any_path(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "LOWER")
    label_stick(stick, guest.issuer, "公开", (guest.network,), may_import=True)
    before = stick.digest()
    guest.plug(stick)
    visit = guest.judged(stick)
    assert (visit["Verdict"], visit["Reasons"]) == ("read-only", ["below-host-level"])
    assert guest.mount(visit).returncode == 0
    assert "ro," in guest.out("findmnt -no OPTIONS /media/alice/STICK")
    tried = guest.run(_WRITES.format(disk=visit["Disk"], interface=visit["Interface"]), user="alice", check=False)
    assert "made writable" not in tried.stdout
    disk = visit["Disk"]
    assert guest.out(f"cat /sys/block/{disk}/ro /sys/block/{disk}/{disk}1/ro").split() == ["1", "1"]
    assert guest.out(f"awk '{{print $5, $7}}' /sys/block/{disk}/stat") == "0 0"
    guest.unplug(stick)
    assert stick.digest() == before
    guest.sound()


def test_a_higher_medium_is_refused_alarmed_and_remembers_the_attempt(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "HIGHER")
    label = label_stick(stick, guest.issuer, "绝密", (guest.network,))
    guest.plug(stick)
    visit = guest.judged(stick)
    assert (visit["Verdict"], visit["Severity"]) == ("refused", "alarm")
    assert visit["Reasons"] == ["above-ceiling"]
    assert guest.out("lsblk -no NAME | grep -c ^sd || true") == "0"
    guest.unplug(stick)
    (record,) = stick.records(label.medium_id, guest.keyring)
    assert (record.access, record.alarm) == ("refused", True)
    guest.sound()


def test_a_byte_copy_on_other_hardware_is_refused(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "ORIGINAL")
    label_stick(stick, guest.issuer, "机密", (guest.network,))
    copy = stick.copy_to(tmp_path / "copy.img", "COPY")
    before = copy.digest()
    guest.plug(copy)
    visit = guest.judged(copy)
    assert (visit["Verdict"], visit["Severity"]) == ("refused", "alarm")
    assert "other-hardware" in visit["Reasons"]
    guest.unplug(copy)
    assert copy.digest() == before


def test_request_approve_label_and_use_without_replugging(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "REQUESTED")
    guest.plug(stick)
    visit = guest.judged(stick)
    assert visit["Verdict"] == "refused"
    asked = guest.run(f"mediaguardctl request {visit['Id']} --purpose 报告", user="bob", check=False)
    assert asked.returncode == 1, "the stick is alice's"
    guest.run(f"mediaguardctl request {visit['Id']} --purpose 报告", user="alice")
    (request,) = guest.ctl("requests --state open", user="alice")
    grant = "--level 机密 --networks lab --holder 张三"
    own = guest.run(f"mediaguardctl approve {request['id']} {grant}", user="alice", check=False)
    assert own.returncode == 4
    assert guest.ctl("requests", user="bob") == []
    guest.run(f"mediaguardctl approve {request['id']} {grant}")
    visit = guest.until(stick.serial, lambda v: v["Stage"] == "open")
    assert visit["Verdict"] == "read-write"
    assert guest.mount(visit).returncode == 0
    guest.run("echo bericht > /media/alice/STICK/r && sync", user="alice")
    guest.run(f"mediaguardctl eject {visit['Id']}", user="alice", check=False)
    guest.unplug(stick)
    assert b"bericht" in stick.image.read_bytes()
    guest.sound()


def test_let_in_once_is_read_only_writes_nothing_and_ends_with_the_unplug(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "ONCE")
    before = stick.digest()
    guest.plug(stick)
    visit = guest.judged(stick)
    assert visit["Reasons"] == ["not-labelled"]
    guest.run(f"mediaguardctl request {visit['Id']} --purpose 报告", user="alice")
    (request,) = guest.ctl("requests --state open", user="alice")
    guest.run(f"mediaguardctl approve {request['id']} --once")
    opened = guest.until(stick.serial, lambda v: v["Stage"] == "open")
    assert opened["Verdict"] == "read-only"
    assert "let-in-once" in opened["Reasons"]
    assert guest.mount(opened).returncode == 0
    assert guest.run("echo x > /media/alice/STICK/f", user="alice", check=False).returncode != 0
    assert guest.out(f"blockdev --getro /dev/{opened['Disk']}") == "1"
    guest.run(f"mediaguardctl eject {visit['Id']}")
    guest.unplug(stick)
    guest.plug(stick)
    assert guest.judged(stick)["Verdict"] == "refused"
    guest.unplug(stick)
    assert stick.digest() == before
    guest.sound()


def test_a_medium_registered_for_reading_alone_is_never_writable(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "READONLY")
    guest.plug(stick)
    visit = guest.judged(stick)
    guest.run(f"mediaguardctl register {visit['Id']} --level 机密 --networks lab --holder 张三 --read-only")
    opened = guest.until(stick.serial, lambda v: v["Stage"] == "open")
    assert (opened["Verdict"], opened["Reasons"]) == ("read-only", ["label-read-only", "fits"])
    guest.unplug(stick)
    guest.plug(stick)
    again = guest.judged(stick)
    assert again["Verdict"] == "read-only"
    assert guest.out(f"blockdev --getro /dev/{again['Disk']}") == "1"
    assert guest.mount(again).returncode == 0
    assert guest.run("echo x > /media/alice/STICK/f", user="alice", check=False).returncode != 0
    guest.unplug(stick)
    guest.sound()


def test_a_stick_without_room_for_the_label_is_initialized_inside_the_gate(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "NOROOM", start=63)
    guest.plug(stick)
    visit = guest.judged(stick)
    grant = "--level 机密 --networks lab --holder 张三"
    refused = guest.run(f"mediaguardctl register {visit['Id']} {grant}", check=False)
    assert refused.returncode == 1
    assert "--initialize" in refused.stderr
    guest.run(f"mediaguardctl register {visit['Id']} {grant} --initialize --erase-all-data --filesystem exfat")
    visit = guest.until(stick.serial, lambda v: v["Stage"] == "open")
    assert visit["Verdict"] == "read-write"
    assert guest.mount(visit).returncode == 0
    guest.unplug(stick)
    guest.sound()


def test_the_daemon_has_no_capability_and_a_tight_unit(guest: Guest) -> None:
    pid = guest.out("systemctl show -P MainPID media-guardd.service")
    status = guest.out(f"cat /proc/{pid}/status")
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert f"{name}:\t0000000000000000" in status
    score = guest.out("systemd-analyze security media-guardd.service --no-pager | tail -n 1")
    print(score)
    assert float(score.split(": ")[1].split()[0]) <= 1.5


def test_a_ready_reader_has_less_still_and_its_weight_counts_beside_other_services(guest: Guest) -> None:
    ready = guest.out(
        "for _ in $(seq 300); do name=$(systemctl list-units --plain --no-legend 'media-guard-reader@*.service' | head -n 1); "
        '[ "$name" ] && break; sleep 0.2; done; echo "${name%% *}"'
    )
    group = guest.out(f"systemctl show -P ControlGroup '{ready}'")
    assert group == f"/system.slice/{ready}"
    assert guest.out(f"cat '/sys/fs/cgroup{group}/cpu.weight'") == "900"
    score = guest.out(f"systemd-analyze security '{ready}' --no-pager | tail -n 1")
    assert float(score.split(": ")[1].split()[0]) <= 0.8
