"""On a real kernel: sticks that are in before the start, or swapped in sleep; the keyboard at the passphrase prompt."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.system.guest import Guest, in_from_start
from tests.system.image import image
from tests.system.machine import Start
from tests.system.sticks import MIB, Stick, label_stick, make_stick

pytestmark = [pytest.mark.long, pytest.mark.system, pytest.mark.timeout(420)]
PASSPHRASE = "letmein"
VAULT = "/dev/disk/by-id/virtio-vault"
PROMPT = "Please unlock disk vault"
# The prompt and the only keyboard: a USB one.
ASKED = f"console=tty0 cryptopts=target=vault,source={VAULT},luks"
KEY, PASSDEV = "/dev/disk/by-label/STICK:/key", "/lib/cryptsetup/scripts/passdev"
KEYBOARD = ("-machine", "pc,i8042=off", "-device", "usb-kbd,bus=xhci.0,port=1")
# What the package adds to an initramfs, made by its own hook. To make a whole one, an emulated guest would be at it for minutes.
ADDITION = """set -e
export DESTDIR=/root/{name}.d verbose=n version=$(uname -r)
rm -rf $DESTDIR; mkdir -p $DESTDIR/scripts/init-bottom
. /usr/share/initramfs-tools/scripts/functions
. /usr/share/initramfs-tools/hook-functions
/usr/share/initramfs-tools/hooks/media-guard 2>/root/{name}.log
{more}
cp /usr/share/initramfs-tools/scripts/init-bottom/* $DESTDIR/scripts/init-bottom/
cache_run_scripts $DESTDIR /scripts/init-bottom
cd $DESTDIR; find . | cpio -o -H newc --quiet | gzip -1 >/root/{name}
"""


class Computer(Guest):
    """A computer with an encrypted disk, the guard, and two initramfs images made on it: `hooked` and `skipped`."""

    def found(self) -> None:
        """Install, and make what a computer with the hook boots with."""
        self.prepare()
        self.run(f"printf {PASSPHRASE} >/root/key")
        quick = "--pbkdf pbkdf2 --pbkdf-force-iterations 1000"
        self.run(f"cryptsetup luksFormat --batch-mode {quick} {VAULT} /root/key", timeout=240)
        self.hooked = self.make_initramfs("hooked")

    def make_initramfs(self, name: str, more: str = "") -> Path:
        """The image's initramfs and what the package adds to it now, one after the other as the kernel takes them."""
        self.run("sh", stdin=ADDITION.format(name=name, more=more))
        made = self.folder / name
        self.get(f"/root/{name}", made)
        made.write_bytes(self.image.initrd.read_bytes() + made.read_bytes())
        return made

    @contextmanager
    def started(self, initrd: Path | None, *devices: str, words: str = "") -> Iterator[None]:
        """Switched on anew, with these things in; off again at the end."""
        if self.on:
            self.switch_off()
        self.switch_on(Start(initrd, words, (*self.first.devices, *devices)))
        yield
        self.switch_off()

    def reconfigure_keyboard(self) -> str:
        """Take the keyboard's configuration away and give it back; returns the driver that its new interface has."""
        device = self.out("cd /sys/bus/usb/devices; grep -l 'USB Keyboard' */product | cut -d / -f 1")
        setting = f"/sys/bus/usb/devices/{device}/bConfigurationValue"
        self.run(f"echo 0 >{setting}; udevadm settle; echo 1 >{setting}; udevadm settle")
        return self.out(f"basename $(readlink /sys/bus/usb/devices/{device}:1.0/driver)")

    def said(self, what: str) -> list[float]:
        """Seconds since the start at which the kernel said something."""
        return [float(match[1]) for match in re.finditer(rf"(?m)^\[ *([\d.]+)\].*{what}", self.out("dmesg"))]

    def guard_ran(self) -> float:
        """Seconds from the start until the guard was started."""
        return int(self.out("systemctl show -P ExecMainStartTimestampMonotonic media-guardd")) / 1e6


@pytest.fixture(scope="module")
def computer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Computer]:
    vault = tmp_path_factory.mktemp("vault") / "vault"
    with vault.open("wb") as file:
        file.truncate(32 * MIB)
    disk = ("-blockdev", f"driver=raw,node-name=vault,file.driver=file,file.filename={vault}")
    start = Start(devices=(*disk, "-device", "virtio-blk-pci,drive=vault,serial=vault,addr=0x1e"))
    with Computer(image(), start=start, keeps=True) as machine:
        machine.found()
        yield machine


@pytest.fixture
def unknown(tmp_path: Path) -> Stick:
    return make_stick(tmp_path, "UNKNOWN", size=16 * MIB)


def _ours(computer: Computer, folder: Path, serial: str) -> Stick:
    stick = make_stick(folder, serial, size=16 * MIB)
    label_stick(stick, computer.issuer, "机密", (computer.network,))
    return stick


def test_a_stick_that_was_swapped_while_the_computer_slept_is_another_one_and_is_refused(
    computer: Computer, tmp_path: Path
) -> None:
    ours = _ours(computer, tmp_path, "SWAPPED")
    other = make_stick(tmp_path, "OTHER", size=16 * MIB)
    before = other.digest()
    computer.plug(ours, port="3")
    visit = computer.judged(ours)
    assert visit["Verdict"] == "read-write"
    computer.run("systemd-run --quiet --no-block sh -c 'echo mem >/sys/power/state'")
    computer.qmp.wait("SUSPEND")
    computer.qmp("device_del", id="dev-SWAPPED")
    computer.qmp.wait("DEVICE_DELETED", "dev-SWAPPED")
    computer.qmp("blockdev-del", node_name="SWAPPED")
    computer.plug(Stick(other.image, "SWAPPED"), port="3")
    computer.qmp("system_wakeup")
    again = computer.until("SWAPPED", lambda seen: seen["Stage"] == "shut" and seen["Id"] != visit["Id"])
    assert (again["Verdict"], again["Interface"]) == ("refused", visit["Interface"])
    assert computer.out("lsblk -no NAME | grep -c ^sd || true") == "0"
    assert other.digest() == before


def test_without_the_hook_a_stick_has_its_driver_before_the_guard_and_the_keyboard_unlocks(
    computer: Computer, unknown: Stick
) -> None:
    """The control: what the next test shows is not so by itself."""
    with computer.started(None, *KEYBOARD, *in_from_start(unknown), words=ASKED):
        computer.shows(PROMPT)
        computer.type(PASSPHRASE)
        computer.back()
        assert computer.judged(unknown)["Verdict"] == "refused"
        assert computer.out("ls /dev/mapper/vault") == "/dev/mapper/vault"
        (driver,) = computer.said("USB Mass Storage device detected")
        assert driver < computer.guard_ran()
        assert computer.reconfigure_keyboard() == "usbhid"
        assert computer.out("lsblk -no NAME | grep -c ^sd || true") == "0"


def test_with_the_hook_a_stick_meets_no_driver_before_its_verdict_and_the_keyboard_unlocks(
    computer: Computer, unknown: Stick, tmp_path: Path
) -> None:
    ours = _ours(computer, tmp_path, "OURS")
    devices = (*KEYBOARD, *in_from_start(unknown), *in_from_start(ours))
    with computer.started(computer.hooked, *devices, words=ASKED):
        computer.shows(PROMPT)
        computer.type(PASSPHRASE)
        computer.back()
        assert computer.out("ls /dev/mapper/vault") == "/dev/mapper/vault"
        verdicts: dict[str, str] = {}
        while len(verdicts) < 2:
            visit = computer.next_judged()
            verdicts[visit["Seen"]["serial"]] = visit["Verdict"]
        assert verdicts == {"UNKNOWN": "refused", "OURS": "read-write"}
        (driver,) = computer.said("USB Mass Storage device detected")
        assert driver > computer.guard_ran()
        assert computer.reconfigure_keyboard() == "usbhid"
        assert computer.out("lsblk -no NAME | grep -c ^sd") == "1"
        computer.sound()


def test_the_word_at_the_boot_prompt_leaves_the_hook_out_and_the_guard_judges_what_got_a_driver(
    computer: Computer, unknown: Stick
) -> None:
    before = unknown.digest()
    with computer.started(computer.hooked, *in_from_start(unknown), words="media_guard_initramfs=off"):
        computer.back()
        assert computer.judged(unknown)["Verdict"] == "refused"
        (driver,) = computer.said("USB Mass Storage device detected")
        assert driver < computer.guard_ran()
        assert computer.out("lsblk -no NAME | grep -c ^sd || true") == "0"
    assert unknown.digest() == before


def test_with_its_key_on_a_stick_the_hook_leaves_itself_out_and_the_computer_starts_as_before(
    computer: Computer, tmp_path: Path
) -> None:
    stick = make_stick(tmp_path, "KEYSTICK", size=16 * MIB, filesystem="ext4")
    key = tmp_path / "key"
    key.write_text(PASSPHRASE)
    subprocess.run(
        ["debugfs", "-w", "-R", f"write {key} key", f"{stick.image}?offset={MIB}"], check=True, capture_output=True
    )
    before = stick.digest()
    if not computer.on:
        computer.switch_on(computer.first)
        computer.back()
    computer.run(f"echo 'vault {VAULT} {KEY} luks,initramfs,keyscript=passdev' >/etc/crypttab")
    skipped = computer.make_initramfs("skipped", f"copy_exec {PASSDEV}")
    computer.run("rm /etc/crypttab")
    assert "W: media-guard: a key in /etc/crypttab lies on a USB stick" in computer.out("cat /root/skipped.log")
    assert computer.out("find /root/skipped.d -name 'media-guard-*' -o -name '*-media-guard*'") == ""
    with computer.started(skipped, *in_from_start(stick), words=f"{ASKED},key={KEY},keyscript={PASSDEV}"):
        computer.back()
        assert computer.out("ls /dev/mapper/vault") == "/dev/mapper/vault"
        assert computer.judged(stick)["Verdict"] == "refused"
        (driver,) = computer.said("USB Mass Storage device detected")
        assert driver < computer.guard_ran()
        assert computer.out("lsblk -no NAME | grep -c ^sd || true") == "0"
    assert stick.digest() == before


def test_an_old_initramfs_holds_nothing_for_a_system_without_the_guard(computer: Computer, unknown: Stick) -> None:
    """The last test: the package is gone afterwards."""
    if not computer.on:
        computer.switch_on(computer.first)
        computer.answers()
    computer.run("dpkg --purge media-guard", timeout=300)
    with computer.started(computer.hooked, *KEYBOARD, *in_from_start(unknown)):
        computer.answers()
        computer.run("udevadm settle")
        assert computer.out("lsblk -no RO /dev/sda1") == "0"
        assert set(computer.out("cat /sys/bus/usb/devices/usb*/interface_authorized_default").split()) == {"1"}
        assert "0" not in computer.out("cat /sys/bus/usb/devices/*:*/authorized").split()
