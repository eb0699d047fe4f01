"""The part of the gate that needs no daemon, without a kernel: what the helper holds and what it lets go."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.usb.tree import DEVICE, KEYBOARD, STORAGE, Tree, configuration

UDEV = Path(__file__).resolve().parents[2] / "packaging" / "udev"
PACKAGING = UDEV.parent
HELPER = UDEV / "media-guard-pass"
PORT = "3-1:1.0"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def _call(tree: Tree, *words: str, **environment: str) -> str:
    command = ["sh", str(HELPER), "-R", str(tree.root), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True, env=environment)
    assert done.stderr == ""
    return done.stdout.strip()


def _classify(tree: Tree) -> str:
    return _call(tree, "classify", "/devices/usb3/3-1")


@pytest.mark.parametrize(
    "kinds",
    [
        (STORAGE,),
        (KEYBOARD, STORAGE),
        ((8, 4, 0),),
        ((6, 1, 1),),
        ((2, 2, 1), (10, 0, 0), (6, 1, 1)),
    ],
)
def test_what_carries_files_is_gated(tree: Tree, kinds: tuple[tuple[int, int, int], ...]) -> None:
    tree.plug(kinds=kinds)
    assert _classify(tree) == "MEDIA_GUARD=gated"


@pytest.mark.parametrize(
    "kind", [(3, 1, 1), (3, 1, 2), (9, 0, 0), (2, 6, 0), (14, 1, 0), (1, 1, 0), (255, 0, 0), (7, 1, 2), (224, 1, 1)]
)
def test_everything_else_is_free(tree: Tree, kind: tuple[int, int, int]) -> None:
    tree.plug(kinds=(kind, (255, 66, 1)))
    assert _classify(tree) == "MEDIA_GUARD=free"


def test_storage_in_another_configuration_or_setting_is_gated(tree: Tree) -> None:
    tree.plug(kinds=(KEYBOARD,), extra=configuration(2, STORAGE))
    assert _classify(tree) == "MEDIA_GUARD=gated"
    tree.unplug()
    tree.plug(kinds=(KEYBOARD,), extra=bytes([9, 4, 0, 1, 0, 8, 6, 0x50, 0]))
    assert _classify(tree) == "MEDIA_GUARD=gated"


def test_a_total_length_that_lies_hides_nothing(tree: Tree) -> None:
    device = tree.plug(kinds=(KEYBOARD,))
    first = configuration(1, KEYBOARD)
    lying = first[:2] + (60000).to_bytes(2, "little") + first[4:]
    (device / "descriptors").write_bytes(DEVICE + lying + configuration(2, STORAGE))
    assert _classify(tree) == "MEDIA_GUARD=gated"


@pytest.mark.parametrize("raw", [b"", DEVICE, DEVICE[:10], DEVICE + b"\x00" * 40, bytes(64)])
def test_descriptors_that_say_nothing_are_gated(tree: Tree, raw: bytes) -> None:
    device = tree.plug()
    (device / "descriptors").write_bytes(raw)
    assert _classify(tree) == "MEDIA_GUARD=gated"


def test_more_alternate_settings_than_any_honest_device_has_are_gated(tree: Tree) -> None:
    flood = b"".join(bytes([9, 4, n % 32, n // 32, 0, 255, n % 256, n // 256, 0]) for n in range(2000))
    tree.plug(kinds=(KEYBOARD,), extra=flood)
    assert _classify(tree) == "MEDIA_GUARD=gated"


@pytest.mark.parametrize("text", ["MTP", "Android mtp", "My MTP Device"])
def test_an_interface_that_calls_itself_mtp_is_gated(tree: Tree, text: str) -> None:
    device = tree.plug(kinds=((255, 255, 0),))
    (device / PORT / "interface").write_text(text + "\n")
    assert _classify(tree) == "MEDIA_GUARD=gated"


@pytest.mark.parametrize("line", ["e0", "E0", "e0/01", "e0/01/03", "# a comment\ne0", "  e0  # wireless", "e001"])
def test_more_classes_can_be_gated_by_configuration(tree: Tree, line: str) -> None:
    tree.plug(kinds=((0xE0, 1, 3),))
    tree.write("etc/media-guard/gated-classes", line + "\n")
    assert _classify(tree) == "MEDIA_GUARD=gated"


@pytest.mark.parametrize("line", ["e", "e0/02", "zz", "*", "", "e0/01/03/04", "$(touch /tmp/x)", "03", "03/01", "09"])
def test_nonsense_in_the_configuration_and_holding_keyboards_or_hubs_does_nothing(tree: Tree, line: str) -> None:
    tree.plug(kinds=((0xE0, 1, 3), KEYBOARD, (9, 0, 0)))
    tree.write("etc/media-guard/gated-classes", line + "\n")
    assert _classify(tree) == "MEDIA_GUARD=free"


def test_a_keyboard_gets_its_driver(tree: Tree) -> None:
    tree.plug(kinds=(KEYBOARD, KEYBOARD))
    _call(tree, "pass", "/devices/usb3/3-1")
    assert (tree.authorized("3-1:1.0"), tree.authorized("3-1:1.1")) == ("1", "1")
    assert (tree.root / "sys/bus/usb/drivers_probe").read_text() == "3-1:1.1\n"  # a plain file keeps the last one


def test_what_is_in_when_a_bus_appears_is_held_and_what_works_goes_on(tree: Tree) -> None:
    tree.plug()
    tree.plug("3-2", 6, (KEYBOARD,))
    tree.bind("3-2:1.0", "usbhid")
    tree.plug("3-0", 1, ((9, 0, 0),))
    tree.plug("4-1", 7)
    for port in (PORT, "3-2:1.0", "3-0:1.0", "4-1:1.0"):
        tree.write(f"sys/devices/usb3/{port.partition(':')[0]}/{port}/authorized", "1\n")
    _call(tree, "hold", "/devices/usb3")
    assert [tree.authorized(port) for port in (PORT, "3-2:1.0", "3-0:1.0", "4-1:1.0")] == ["0", "1", "1", "1"]


def test_new_interfaces_of_a_changed_configuration_get_theirs(tree: Tree) -> None:
    tree.plug(kinds=(KEYBOARD,))
    _call(tree, "pass", "/devices/usb3/3-1/3-1:1.0")
    assert tree.authorized() == "1"


@pytest.mark.parametrize("kinds", [(STORAGE,), (KEYBOARD, STORAGE)])
def test_nothing_of_a_device_with_storage_is_passed(tree: Tree, kinds: tuple[tuple[int, int, int], ...]) -> None:
    device = tree.plug(kinds=kinds)
    (device / "power").mkdir()
    (device / "power/persist").write_text("1\n")
    _call(tree, "pass", "/devices/usb3/3-1")
    assert {tree.authorized(f"3-1:1.{n}") for n in range(len(kinds))} == {"0"}
    assert (tree.root / "sys/bus/usb/drivers_probe").read_text() == ""
    assert (device / "power/persist").read_text() == "0\n"


def test_a_replayed_event_leaves_the_persistence_of_a_bound_disk_alone(tree: Tree) -> None:
    device = tree.plug()
    (device / "power").mkdir()
    (device / "power/persist").write_text("1\n")
    _call(tree, "pass", "/devices/usb3/3-1", SYNTH_UUID="0")
    assert (device / "power/persist").read_text() == "1\n"


def test_what_libmtp_has_recognized_is_not_passed(tree: Tree) -> None:
    tree.plug(kinds=((255, 0, 0),))
    _call(tree, "pass", "/devices/usb3/3-1", ID_MTP_DEVICE="1")
    assert tree.authorized() == "0"


def test_a_device_that_is_gone_is_no_error(tree: Tree) -> None:
    assert _classify(tree) == ""
    assert _call(tree, "pass", "/devices/usb3/3-1") == ""
    assert _call(tree, "shut", PORT) == ""


def test_a_changed_medium_is_shut_and_unmarked(tree: Tree) -> None:
    tree.plug()
    tree.write(f"sys/devices/usb3/3-1/{PORT}/authorized", "1\n")
    (tree.runtime / "rw" / PORT).touch()
    _call(tree, "shut", PORT)
    assert tree.authorized() == "0"
    assert tree.marks() == set()


@pytest.mark.parametrize(
    ("point", "kept"), [("/", True), ("/home", True), ("/media/alice/x", False), ("/mnt/x", False)]
)
def test_the_disk_of_the_running_system_is_not_shut(tree: Tree, point: str, *, kept: bool) -> None:
    tree.plug()
    tree.write(f"sys/devices/usb3/3-1/{PORT}/authorized", "1\n")
    tree.write("sys/devices/usb3/3-1/3-1:1.0/host2/target2:0:0/2:0:0:0/block/sda/sda1/dev", "8:1\n")
    tree.disk()
    tree.write("proc/self/mountinfo", f"22 1 8:1 / {point} rw - ext4 /dev/sda1 rw\n")
    _call(tree, "shut", PORT)
    assert tree.authorized() == ("1" if kept else "0")


@pytest.mark.parametrize(
    ("mounts", "swap", "expected"),
    [
        ("8:1 / / rw - ext4 /dev/sda1 rw", "", True),
        ("8:1 / /boot rw - ext4 /dev/sda1 rw", "", True),
        ("8:1 / /home rw - ext4 /dev/sda1 rw", "", True),
        ("253:0 / / rw - ext4 /dev/mapper/vault rw", "", True),
        ("0:31 /@ / rw - btrfs /dev/sda1 rw", "", True),
        ("0:31 /@ / rw - btrfs /dev/mapper/vault rw", "", True),
        ("0:5 / /proc rw - proc proc rw", "/dev/sda1", True),
        ("8:1 / /media/alice/x rw - vfat /dev/sda1 rw", "", False),
        ("8:1 / /run/media/alice/x rw - vfat /dev/sda1 rw", "", False),
        ("8:1 / /mnt rw - vfat /dev/sda1 rw", "", False),
        ("253:0 / /media/alice/vault rw - ext4 /dev/mapper/vault rw", "", False),
        ("259:1 / / rw - ext4 /dev/nvme0n1p1 rw", "/dev/nvme0n1p1", False),
        ("0:22 / / rw - tmpfs tmpfs rw", "/swapfile", False),
    ],
)
def test_whether_the_system_lies_on_a_usb_disk(tree: Tree, mounts: str, swap: str, *, expected: bool) -> None:
    tree.plug()
    stick = tree.disk()
    inner = "sys/devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1"
    vault = "sys/devices/virtual/block/dm-0"
    tree.write(f"{inner}/nvme0n1p1/partition", "1\n")
    tree.write(f"{vault}/dm/name", "vault\n")
    tree.write(f"{vault}/slaves/sda1", "")
    for name, number, place in (
        ("sda1", "8:1", f"{stick}/sda1"),
        ("nvme0n1p1", "259:1", f"{inner}/nvme0n1p1"),
        ("dm-0", "253:0", vault),
    ):
        (tree.root / "sys/dev/block" / number).symlink_to(tree.root / place)
        if not (tree.root / "sys/class/block" / name).exists():
            (tree.root / "sys/class/block" / name).symlink_to(tree.root / place)
    tree.write("proc/self/mountinfo", f"22 1 {mounts}\n")
    if swap:
        tree.write("proc/swaps", f"Filename\tType\tSize\tUsed\tPriority\n{swap} partition 1 0 -2\n")
    command = ["sh", str(HELPER), "-R", str(tree.root), "system-on-usb"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0 if expected else 1, "", "")


@pytest.mark.parametrize("name", ["../x", "3-1:1.0/..", "", "a", "3-1:1.0;x"])
def test_a_name_that_is_none_is_refused(tree: Tree, name: str) -> None:
    done = subprocess.run(["sh", str(HELPER), "-R", str(tree.root), "shut", name], capture_output=True, check=False)
    assert done.returncode == 2


def test_release_marks_are_forgotten(tree: Tree) -> None:
    (tree.runtime / "rw" / PORT).touch()
    (tree.runtime / "ro" / PORT).touch()
    _call(tree, "forget")
    assert tree.marks() == set()


def test_removing_the_package_gives_every_device_its_drivers(tree: Tree) -> None:
    tree.plug()
    tree.plug("3-2", 6, (KEYBOARD, STORAGE))
    tree.write("sys/bus/usb/devices/usb3/interface_authorized_default", "0\n")
    _call(tree, "release-all")
    assert {tree.authorized(port) for port in (PORT, "3-2:1.0", "3-2:1.1")} == {"1"}
    assert (tree.root / "sys/bus/usb/devices/usb3/interface_authorized_default").read_text() == "1\n"


@pytest.mark.parametrize("words", [(), ("pass",), ("classify", "a", "b"), ("unlock", "x")])
def test_a_wrong_call_says_how_to_call(words: tuple[str, ...]) -> None:
    done = subprocess.run(["sh", str(HELPER), *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("usage: ")


def test_the_rules_have_no_mistakes_udev_can_find() -> None:
    rules = sorted(UDEV.glob("*.rules"))
    assert len(rules) == 3
    version = subprocess.run(["udevadm", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.split(".")[0]) >= 254:
        done = subprocess.run(["udevadm", "verify", *map(str, rules)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    for path in rules:
        text = path.read_text()
        labels, jumps = set(re.findall(r'LABEL="(\w+)"', text)), set(re.findall(r'GOTO="(\w+)"', text))
        assert jumps <= labels, f"{path.name} jumps nowhere"
        assert 'ACTION=="remove", GOTO' in text
        for called in re.findall(r"/usr/lib/media-guard/media-guard-pass ([a-z-]+)", text):
            assert f"'{called} 2')" in HELPER.read_text()


def test_shell_scripts_are_sound() -> None:
    assert shutil.which("shellcheck"), "install the package shellcheck"
    folders = (PACKAGING / "initramfs", PACKAGING / "deb/scripts")
    builders = (PACKAGING / "deb/build.sh", PACKAGING / "deb/vendor.sh")
    scripts = [HELPER, *builders, *(script for folder in folders for script in folder.iterdir())]
    command = ["shellcheck", "-s", "sh", "-e", "SC1091"]  # initramfs-tools' functions are not everywhere
    done = subprocess.run([*command, *map(str, scripts)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
