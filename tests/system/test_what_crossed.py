"""On a real kernel: which files came and went with a medium, told by a process that can read it and nothing else."""

import time
from pathlib import Path
from typing import Any

import pytest

from tests.system.guest import Guest, Visit
from tests.system.side_door import used_elsewhere
from tests.system.sticks import MIB, Stick, label_stick, make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(840)]
FILESYSTEMS = ("fat32", "exfat", "ext4", "ntfs")
_MANY = """chown 1000 . && python3 -c '
import os
for d in range({folders}):
    os.mkdir("d%d" % d)
    for f in range({files}):
        os.close(os.open("d%d/%d" % (d, f), os.O_CREAT))
'"""


def _registered(guest: Guest, folder: Path, serial: str, filesystem: str = "vfat", size: int = 64 * MIB) -> Stick:
    stick = make_stick(folder, serial, size=size, filesystem=filesystem)
    label_stick(stick, guest.issuer, "机密", (guest.network,))
    return stick


def _mounted(guest: Guest, stick: Stick) -> Visit:
    guest.plug(stick)
    visit = guest.judged(stick)
    assert visit["Stage"] == "open", visit["Reasons"]
    mounted = guest.mount(visit)
    assert mounted.returncode == 0, mounted.stderr
    return visit


def _listed(guest: Guest, stick: Stick) -> Visit:
    return guest.until(stick.serial, lambda v: v["Files"].get("state") not in (None, "listing"), 120)


def _removed(guest: Guest, stick: Stick, visit: Visit) -> None:
    guest.run(f"mediaguardctl eject {visit['Id']}", timeout=120)
    guest.unplug(stick)


def _files(guest: Guest, visit: Visit) -> Any:
    return guest.ctl(f"files {visit['Id']} --limit 1000")


def _told(guest: Guest, visit: Visit) -> dict[str, str]:
    """What came, went or is undeclared; what is only odd is left out."""
    changes = _files(guest, visit)["changes"]
    return {change["path"]: change["what"] for change in changes if change["what"] != "there"}


@pytest.mark.parametrize("filesystem", FILESYSTEMS)
def test_what_crossed_is_told_and_what_appeared_without_a_guard_is_an_alarm(
    guest: Guest, tmp_path: Path, filesystem: str
) -> None:
    stick = _registered(guest, tmp_path, f"CROSS{FILESYSTEMS.index(filesystem)}", filesystem)
    own = "mkdir docs && echo plan > docs/plan.odt && echo old > old.txt"
    if filesystem == "ext4":  # nobody but root reads it; the links lead out of the medium
        own += (
            " && chmod 600 docs/plan.odt && chmod 700 docs && ln -s /etc/shadow shadow && ln -s / host && mkfifo pipe"
            " && chown 1000 ."
        )
    used_elsewhere(guest, stick, filesystem, own)
    first = _mounted(guest, stick)
    seen = _listed(guest, stick)
    assert (seen["Files"]["state"], seen["Findings"]) == ("arrived", [])
    assert seen["Files"]["files"] == (5 if filesystem == "ext4" else 2)
    guest.run("echo new > /media/alice/STICK/new.pdf && rm -f /media/alice/STICK/old.txt", user="alice")
    _removed(guest, stick, first)
    assert _told(guest, first) == {"new.pdf": "came", "old.txt": "went"}

    innocent = "mkdir 'System Volume Information' && echo x > 'System Volume Information/WPSettings.dat'"
    hostile = innocent + " && mkdir .sys && echo x > .sys/collect.db && echo y > docs.exe"
    if filesystem == "ext4":
        hostile += r" && touch \"$(printf 'a\nb\033[31m\377')\""
    used_elsewhere(guest, stick, filesystem, hostile.replace('\\"', '"'))
    second = _mounted(guest, stick)
    seen = _listed(guest, stick)
    assert seen["Findings"] == ["files-suspicious", "files-undeclared"]
    assert "changed-elsewhere" in seen["Reasons"], "and the bookkeeping of the file system agrees"
    told = {change["path"]: change for change in _files(guest, second)["changes"]}
    by_windows = ("System Volume Information", "System Volume Information/WPSettings.dat")
    assert [told.pop(path)["odd"] for path in by_windows] == [["housekeeping"]] * 2
    hostile_name = [r"a\u{a}b\u{1b}[31m\xff"] if filesystem == "ext4" else []
    assert {path: change["what"] for path, change in told.items()} == dict.fromkeys(
        (".sys", ".sys/collect.db", "docs.exe", *hostile_name), "appeared"
    )
    assert seen["Files"]["undeclared"] == len(told), "what Windows makes by itself is not counted"
    assert (told[".sys"]["odd"], told["docs.exe"]["odd"]) == (["hidden-folder"], ["disguised", "program"])
    assert "\x1b" not in guest.out(f"mediaguardctl files {second['Id']}", user="alice")
    assert guest.run(f"mediaguardctl files {second['Id']}", user="bob", check=False).returncode == 1, "it is alice's"
    guest.run(f"udisksctl unmount -b /dev/{second['Disk']}1", user="alice")
    guest.unplug(stick)
    guest.sound()


def test_the_lister_sees_the_medium_and_nothing_else(guest: Guest, tmp_path: Path) -> None:
    """Links are told as links, what is mounted on a folder of the medium is not entered, and looking changes no time of access."""
    stick = _registered(guest, tmp_path, "ONLYTHIS", "ext4")
    used_elsewhere(
        guest,
        stick,
        "ext4",
        "mkdir bound bound2 deep && ln -s ../../../../etc deep/up && echo x > deep/x && chown -R 1000 .",
    )
    before = guest.out("stat -c %X /etc/shadow")
    guest.plug(stick)
    visit = guest.judged(stick)
    guest.run(
        f"udevadm settle; mkdir -p /mnt/front && mount --make-shared -o noatime /dev/{visit['Disk']}1 /mnt/front 2>/dev/null || "
        f"mount /dev/{visit['Disk']}1 /mnt/front; "
        "mount --bind /etc /mnt/front/bound; mount --bind /mnt/front/deep /mnt/front/bound2"
    )
    _listed(guest, stick)
    found = _files(guest, visit)
    assert found["files"]["files"] == 2, "deep/x and deep/up"
    guest.run("umount /mnt/front/bound2 /mnt/front/bound /mnt/front")
    assert guest.out("stat -c %X /etc/shadow") == before
    guest.unplug(stick)
    guest.sound()


def test_twenty_thousand_files_delay_neither_the_mount_nor_the_first_copy(guest: Guest, tmp_path: Path) -> None:
    stick = _registered(guest, tmp_path, "MANYFILES", "ext4", size=128 * MIB)
    used_elsewhere(guest, stick, "ext4", _MANY.format(folders=200, files=100))
    visit = _mounted(guest, stick)
    mounted = time.monotonic()
    guest.run("head -c 4000000 /dev/zero > /media/alice/STICK/copy && sync -f /media/alice/STICK/copy", user="alice")
    copied = time.monotonic()
    states = {told["Files"].get("state") for told in guest.told_so_far(stick.serial)}
    assert states <= {None, "listing"}, "the copy did not wait for the list"
    seen = _listed(guest, stick)
    print(f"4 MB copied {copied - mounted:.1f} s and all listed {time.monotonic() - mounted:.1f} s after the mount")
    assert seen["Files"]["files"] >= 20_000
    assert seen["Files"]["complete"]
    _removed(guest, stick, visit)
    guest.sound()


def test_where_the_lister_cannot_be_reached_the_medium_is_mounted_and_its_files_are_called_unknown(
    guest: Guest, tmp_path: Path
) -> None:
    stick = _registered(guest, tmp_path, "NOLISTER")
    guest.run("systemctl stop media-guard-lister.socket")
    try:
        visit = _mounted(guest, stick)
        assert _listed(guest, stick)["Findings"] == ["files-unknown"]
    finally:
        guest.run("systemctl start media-guard-lister.socket")
    _removed(guest, stick, visit)
    guest.sound()


def test_safe_removal_while_the_files_are_listed_lets_go_of_them(guest: Guest, tmp_path: Path) -> None:
    stick = _registered(guest, tmp_path, "LETGO", "ext4")
    used_elsewhere(guest, stick, "ext4", _MANY.format(folders=50, files=50))
    visit = _mounted(guest, stick)
    guest.run(f"mediaguardctl eject {visit['Id']}", timeout=120)
    gone = guest.until(stick.serial, lambda v: v["Stage"] == "shut")
    assert gone["Files"]["files"] == 2500
    guest.unplug(stick)
    guest.sound()


def test_the_unit_of_the_lister_is_tight_and_its_process_has_one_capability(guest: Guest) -> None:
    report = guest.out("systemd-analyze security media-guard-lister@.service --no-pager")
    print(report.splitlines()[-1])
    assert float(report.splitlines()[-1].split(": ")[1].split()[0]) <= 1.5
    probe = "import socket,time; s=socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect('/run/media-guard/lister.sock')"
    status = guest.out(
        f'python3 -c "{probe}; time.sleep(20)" & sleep 5; for p in $(pgrep -u media-guard-lister); do cat /proc/$p/status; '
        "nsenter -t $p -m -- findmnt -no OPTIONS /; done; kill %1"
    )
    assert "CapEff:\t0000000000040004" in status, "before it locks itself in: to read, and to change its root"
    assert "\nro," in status or status.rstrip().splitlines()[-1].startswith("ro")
    denied = guest.run('python3 -c "' + probe + '"', user="alice", check=False)
    assert denied.returncode != 0, "nobody but the guard may ask"
