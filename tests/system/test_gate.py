"""The gate on a real kernel with no daemon running: what works, what does not, and what nobody can talk it into."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.image import image
from tests.system.machine import Machine

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]
DEB = Path(__file__).resolve().parents[2] / "build/deb/media-guard.deb"

# What the tests need inside the guest. `gadget NAME FUNCTION...` makes a device on dummy_hcd, `port` finds its first interface.
GUEST = r"""
G=/sys/kernel/config/usb_gadget
REPORT='\005\001\011\006\241\001\005\007\031\340\051\347\025\000\045\001\165\001\225\010\201\002\300'
there() { # PATTERN...: wait until each of them is there
	for pattern; do
		n=0
		until ls $pattern >/dev/null 2>&1; do
			n=$((n + 1)); [ $n -lt 300 ] || { echo "never came: $pattern" >&2; exit 9; }
			udevadm settle; sleep 0.1
		done
	done
	udevadm settle
}
gone() {
	n=0
	while ls $1 >/dev/null 2>&1; do
		n=$((n + 1)); [ $n -lt 300 ] || { echo "still there: $1" >&2; exit 9; }
		udevadm settle; sleep 0.1
	done
	udevadm settle
}
image() {
	[ ! -e /tmp/$1.img ] || return 0
	truncate -s 32M /tmp/$1.img; echo 'start=2048,type=c' | sfdisk -q /tmp/$1.img
	mkfs.vfat --offset 2048 /tmp/$1.img 31744 >/dev/null
}
gadget() { # NAME UDC FUNCTION... ("|" begins the next configuration)
	mkdir -p $G/$1/strings/0x409; cd $G/$1; name=$1; udc=$2; shift 2
	echo 0x1d6b >idVendor; echo 0x0104 >idProduct; echo 0x0200 >bcdUSB
	echo $name >strings/0x409/product; echo "serial$name" >strings/0x409/serialnumber
	c=1; f=0; mkdir -p configs/c.1
	for function; do
		f=$((f + 1))
		case $function in
		'|') c=$((c + 1)); mkdir configs/c.$c; continue ;;
		storage)
			image $name; mkdir functions/mass_storage.$f
			echo 1 >functions/mass_storage.$f/lun.0/removable; echo /tmp/$name.img >functions/mass_storage.$f/lun.0/file
			ln -s functions/mass_storage.$f configs/c.$c/ ;;
		keyboard)
			mkdir functions/hid.$f; echo 8 >functions/hid.$f/report_length; printf "$REPORT" >functions/hid.$f/report_desc
			ln -s functions/hid.$f configs/c.$c/ ;;
		*) mkdir functions/$function.$f; ln -s functions/$function.$f configs/c.$c/ ;;
		esac
	done
	echo dummy_udc.$udc >UDC; cd /
	n=0
	until port=$(port $name); do n=$((n + 1)); [ $n -lt 300 ] || exit 9; sleep 0.1; done
	udevadm settle
}
port() { # the device of a gadget, by its product string
	for device in /sys/bus/usb/devices/*-*/product; do
		[ "$(cat $device 2>/dev/null)" = $1 ] || continue
		device=${device%/product}
		[ -e $device/${device##*/}:?.0 ] && echo ${device##*/} && return 0
	done
	return 1
}
unplug() { echo >$G/$1/UDC; device=$port; gone "/sys/bus/usb/devices/$device"; rm -f /run/media-guard/r?/*; }
release() { # KIND INTERFACE: what the daemon does
	touch /run/media-guard/$1/$2; echo 1 >/sys/bus/usb/devices/$2/authorized; echo $2 >/sys/bus/usb/drivers_probe
	there "/sys/bus/usb/devices/$2/host*/target*/*/block/*/*1"
}
state() { # one line for each interface: name, authorized, driver, disk and its read-only flags
	for one in /sys/bus/usb/devices/$1; do
		[ -e $one/authorized ] || continue
		driver=$(readlink $one/driver | sed 's,.*/,,')
		printf '%s %s%s' ${one##*/} $(cat $one/authorized) "${driver:+ $driver}"
		for disk in $one/host*/target*/*/block/*; do [ -e $disk ] && printf ' ro=%s,%s' $(cat $disk/ro) $(cat $disk/*1/ro); done
		echo
	done
}
"""


class Guest(Machine):
    """A machine that knows the shell functions above."""

    def sh(self, script: str, timeout: float = 180) -> str:
        """Run a script with the functions; it must succeed."""
        done = self.run(". /root/guest.sh; " + script, timeout=timeout)
        return done.stdout.strip()

    def plug(self, kind: str, place: str, **options: object) -> str:
        """A device of QEMU's at a port of its controller; returns the name of its first interface."""
        self.qmp(
            "device_add",
            driver=f"usb-{kind}",
            id=f"{kind}-{place}".replace(".", "-"),
            bus="xhci.0",
            port=place,
            **options,
        )
        self.sh(f"there '/sys/bus/usb/devices/[12]-{place}:1.0'")
        return self.sh(f"cd /sys/bus/usb/devices; ls -d [12]-{place}:1.0")

    def stick(self, place: str, kind: str = "storage") -> str:
        """A stick with a partition, from outside."""
        file = self.folder / f"stick-{place}"
        with file.open("wb") as made:
            made.truncate(32 * 1024 * 1024)
        subprocess.run(
            ["sfdisk", "-q", str(file)], input="start=2048,type=c\n", text=True, check=True, capture_output=True
        )
        self.qmp("blockdev-add", node_name=f"node{place}", driver="raw", file={"driver": "file", "filename": str(file)})
        if kind == "uas":
            self.qmp("device_add", driver="usb-uas", id=f"uas{place}", bus="xhci.0", port=place)
            self.qmp("device_add", driver="scsi-hd", drive=f"node{place}", bus=f"uas{place}.0")
            self.qmp("qom-set", path=f"/machine/peripheral/uas{place}", property="attached", value=True)
            self.sh(f"there '/sys/bus/usb/devices/[12]-{place}:1.0'")
            return self.sh(f"cd /sys/bus/usb/devices; ls -d [12]-{place}:1.0")
        return self.plug(kind, place, drive=f"node{place}")


@pytest.fixture(scope="module")
def guest() -> Iterator[Guest]:
    """Keyboard and stick are plugged in and working when the package comes; the daemon never runs."""
    assert DEB.exists(), "build the package first: make deb"
    with Guest(image()) as machine:
        machine.run("cat >/root/guest.sh", stdin=GUEST)
        machine.run("modprobe dummy_hcd num=2; modprobe libcomposite; systemctl mask --now media-guardd.service")
        machine.plug("kbd", "1")
        machine.before = machine.stick("8")  # type: ignore[attr-defined]
        machine.sh(
            "there '/sys/bus/usb/devices/[12]-8:1.0/host*/target*/*/block/sd*/sd*1' '/sys/bus/usb/devices/1-1:1.0/driver'"
        )
        machine.put(DEB, "/root/guard.deb")
        machine.run("apt-get install -y --no-download /root/guard.deb 2>&1 || dpkg -i /root/guard.deb", timeout=300)
        machine.run("echo 0 >/sys/module/usb_storage/parameters/delay_use; udevadm settle")
        yield machine


def test_installing_cuts_nothing_that_works(guest: Guest) -> None:
    before: str = guest.before  # type: ignore[attr-defined]
    assert guest.sh("state 1-1:1.0") == "1-1:1.0 1 usbhid"
    assert guest.sh(f"state {before}") == f"{before} 1 usb-storage ro=0,0"
    assert set(guest.out("cat /sys/bus/usb/devices/usb*/interface_authorized_default").split()) == {"0"}
    assert guest.out("cat /sys/bus/usb/devices/*-0:1.0/authorized | sort -u") == "1"


def test_everything_but_storage_works_and_no_disk_ever_appears(guest: Guest) -> None:
    guest.run("systemd-run --quiet --unit=seen udevadm monitor --kernel --subsystem-match=block")
    stick, uas = guest.stick("2"), guest.stick("3", "uas")
    guest.plug("tablet", "4")
    guest.plug("hub", "5")
    guest.plug("kbd", "5.1")
    guest.qmp("netdev_add", type="user", id="usbnet", restrict=True)
    guest.plug("net", "6", netdev="usbnet")
    (guest.folder / "shared").mkdir()
    phone = guest.plug("mtp", "5.2", rootdir=str(guest.folder / "shared"))
    guest.sh("there '/sys/bus/usb/devices/[12]-6:1.[01]/net'; systemctl stop seen")
    events = guest.out("journalctl -u seen -o cat")
    assert "KERNEL - the kernel uevent" in events
    assert guest.sh("state '1-4:1.0'").endswith(" 1 usbhid")
    assert guest.sh("state '1-5:1.0'").endswith(" 1 hub")
    assert guest.sh("state '1-5.1:1.0'").endswith(" 1 usbhid")
    for held in (stick, uas, phone):
        assert guest.sh(f"state {held}") == f"{held} 0"
        assert guest.out(f"cat /sys/bus/usb/devices/{held.partition(':')[0]}/power/persist") == "0"
        node = guest.out(f"udevadm info -q name /sys/bus/usb/devices/{held.partition(':')[0]}")
        assert guest.out(f"stat -c '%a %U %G' /dev/{node}") == "600 root root"
    assert "KERNEL[" not in events


def test_a_keyboard_that_is_also_a_stick_is_held_as_a_whole(guest: Guest) -> None:
    found = guest.sh("gadget combo 0 keyboard storage; state $port:*; unplug combo")
    assert found == f"{_device(guest)}:1.0 0\n{_device(guest)}:1.1 0"


def test_storage_in_a_second_configuration_holds_the_first_too(guest: Guest) -> None:
    assert guest.sh("gadget late 0 keyboard '|' storage; state $port:*; unplug late") == f"{_device(guest)}:1.0 0"


def test_a_keyboard_that_changes_its_configuration_goes_on_working(guest: Guest) -> None:
    change = "echo 2 >/sys/bus/usb/devices/$port/bConfigurationValue; there /sys/bus/usb/devices/$port:2.0/driver"
    found = guest.sh(f"gadget twin 0 keyboard '|' keyboard; {change}; state $port:*; unplug twin")
    assert found == f"{_device(guest)}:2.0 1 usbhid"


def test_a_new_controller_holds_from_its_first_device_on(guest: Guest) -> None:
    guest.sh("there '/sys/bus/usb/devices/usb1'; modprobe -r dummy_hcd; modprobe dummy_hcd num=3; udevadm settle")
    assert set(guest.out("cat /sys/bus/usb/devices/usb*/interface_authorized_default").split()) == {"0"}
    found = guest.sh("gadget docked 2 storage; state $port:*; unplug docked")
    assert found.endswith(":1.0 0")


def test_a_driver_that_binds_without_a_release_is_shut_again(guest: Guest) -> None:
    act = "echo 1 >/sys/bus/usb/devices/$i/authorized; echo $i >/sys/bus/usb/drivers_probe; gone /sys/bus/usb/devices/$i/driver"
    found = guest.sh(f"gadget escape 0 storage; i=$port:1.0; {act}; state $i; unplug escape")
    assert found == f"{_device(guest)}:1.0 0"


def test_what_is_released_read_only_stays_so_for_everybody(guest: Guest) -> None:
    found = guest.sh(
        "gadget reading 0 storage; i=$port:1.0; release ro $i; state $i;"
        "d=$(ls /sys/bus/usb/devices/$i/host*/target*/*/block); sg=$(ls /sys/bus/usb/devices/$i/host*/target*/*/scsi_generic);"
        "stat -c '%a %U' /dev/$sg; before=$(sha256sum </tmp/reading.img); blockdev --rereadpt /dev/$d;"
        "udevadm trigger --settle; udevadm trigger --action=add --settle; there /dev/${d}1; state $i;"
        "dd if=/dev/zero of=/dev/${d}1 bs=512 count=1 conv=fsync 2>/dev/null && echo written;"
        'su alice -c "udisksctl mount -b /dev/${d}1" >/dev/null; m=$(findmnt -n -o TARGET /dev/${d}1);'
        'findmnt -n -o OPTIONS $m | cut -c 1-2; su alice -c "touch $m/x" 2>/dev/null && echo written;'
        "mount -o remount,rw $m 2>/dev/null && echo remounted; umount $m;"
        '[ "$before" = "$(sha256sum </tmp/reading.img)" ] && echo unchanged; unplug reading'
    )
    line = f"{_device(guest)}:1.0 1 usb-storage ro=1,1"
    assert found.split("\n") == [line, "600 root", line, "ro", "unchanged"]


def test_what_is_released_for_writing_can_be_written(guest: Guest) -> None:
    found = guest.sh(
        "gadget writing 0 storage; i=$port:1.0; release rw $i; state $i;"
        'd=$(ls /sys/bus/usb/devices/$i/host*/target*/*/block); su alice -c "udisksctl mount -b /dev/${d}1" >/dev/null;'
        'm=$(findmnt -n -o TARGET /dev/${d}1); su alice -c "echo hello >$m/x"; umount $m; unplug writing;'
        "grep -c hello /tmp/writing.img"
    )
    assert found.split("\n") == [f"{_device(guest)}:1.0 1 usb-storage ro=0,0", "1"]


def test_another_card_in_the_reader_takes_the_authorization_away(guest: Guest) -> None:
    found = guest.sh(
        "gadget reader 0 storage; i=$port:1.0; release rw $i; image other;"
        "l=$(ls -d $G/reader/functions/mass_storage.*/lun.0); echo 1 >$l/forced_eject; echo /tmp/other.img >$l/file;"
        "gone /sys/bus/usb/devices/$i/driver; state $i; ls /run/media-guard/rw; unplug reader"
    )
    assert found == f"{_device(guest)}:1.0 0"


def test_replaying_events_neither_lets_in_nor_cuts_off(guest: Guest) -> None:
    found = guest.sh(
        "gadget kept 0 storage; held=$port; gadget open 1 storage; release ro $port:1.0; state '*:*' >/tmp/before;"
        "for action in add change bind unbind online; do udevadm trigger --action=$action --settle; udevadm settle;"
        " state '*:*' | diff /tmp/before - && echo same; done; unplug open; port=$held; unplug kept"
    )
    assert found.split() == ["same"] * 5


def test_removing_the_package_makes_every_device_usable_again(guest: Guest) -> None:
    """The last test: nothing is held afterwards."""
    held = guest.sh("cd /sys/bus/usb/devices; ls -d [12]-2:1.0")
    assert guest.sh(f"state {held}") == f"{held} 0"
    guest.run("mkdir -p /var/lib/media-guard && touch /var/lib/media-guard/x; dpkg --remove media-guard", timeout=300)
    guest.sh(f"there '/sys/bus/usb/devices/{held}/host*/target*/*/block/sd*/sd*1'")
    assert guest.sh(f"state {held}") == f"{held} 1 usb-storage ro=0,0"
    assert set(guest.out("cat /sys/bus/usb/devices/usb*/interface_authorized_default").split()) == {"1"}
    assert guest.sh("state 1-1:1.0") == "1-1:1.0 1 usbhid"
    assert guest.run("ls /run/udev/rules.d/*media-guard* /usr/lib/udev/rules.d/*media-guard*", check=False).stdout == ""
    appear = 'there "/sys/bus/usb/devices/$port:1.0/host*/target*/*/block/*/*1"'
    found = guest.sh(f"gadget free 0 storage; {appear}; state $port:*; unplug free")
    assert found.endswith(" 1 usb-storage ro=0,0")
    assert guest.run("test -e /var/lib/media-guard/x", check=False).returncode == 0
    guest.run("dpkg --purge media-guard")
    assert guest.run("ls -d /run/media-guard", check=False).stdout == ""


def _device(guest: Guest) -> str:
    """Where gadgets on the first pretended controller turn up."""
    return guest.out("basename $(ls -d /sys/devices/platform/dummy_hcd.0/usb*) | sed 's/usb\\(.*\\)/\\1-1/'")
