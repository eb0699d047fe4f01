"""The life of the package on a computer in use: an older build is upgraded, removed, purged and installed again.

One guest for the file; the tests are its story, in order.
"""

import inspect
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from guard.store.upgrades import VERSION
from tests.store.test_upgrade import back_to_first
from tests.system.conftest import booted
from tests.system.guest import DEB, Guest
from tests.system.sticks import Stick, make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(360)]
_KEYBOARD = "ls -d /sys/bus/usb/drivers/usbhid/*:1.0/*/input/input*"
_EVIDENCE = "cd / && find etc/media-guard var/lib/media-guard/registry.db -type f | sort | xargs sha256sum"
_KEYS = "cd / && find etc/media-guard -type f | sort | xargs sha256sum"
_DISKS = "ls /dev/sd* 2>/dev/null || true"
_HOLDS = "cat /sys/bus/usb/devices/usb*/interface_authorized_default | sort -u"


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package with a lower version, and its files where they were before: below /lib."""
    folder = tmp_path_factory.mktemp("older")
    tree, deb = folder / "tree", folder / "older.deb"
    subprocess.run(["dpkg-deb", "--raw-extract", str(DEB), str(tree)], check=True)
    control = tree / "DEBIAN/control"
    lines = ["Version: 0.0.9" if line.startswith("Version:") else line for line in control.read_text().splitlines()]
    control.write_text("\n".join(lines) + "\n")
    for name in ("systemd", "udev"):
        shutil.move(tree / "usr/lib" / name, tree / "lib" / name)
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(deb)], check=True)
    shutil.rmtree(tree)
    return deb


@pytest.fixture(scope="module")
def guest(older: Path) -> Iterator[Guest]:
    with booted(deb=older) as machine:
        machine.qmp("device_add", driver="usb-kbd", id="keyboard", bus="xhci.0")
        machine.run(f"n=0; until {_KEYBOARD}; do [ $((n += 1)) -lt 300 ] || exit 9; sleep 0.1; done")
        yield machine


@pytest.fixture(scope="module")
def stick(guest: Guest, tmp_path_factory: pytest.TempPathFactory) -> Stick:
    """One that this computer registered while the older version ran."""
    made = make_stick(tmp_path_factory.mktemp("sticks"), "KEPT", size=16 * 1024 * 1024)
    guest.plug(made)
    visit = guest.judged(made)
    guest.run(f"mediaguardctl register {visit['Id']} --level 机密 --networks lab --holder 张三", timeout=200)
    guest.until(made.serial, lambda seen: seen["Stage"] == "open")
    guest.unplug(made)
    return made


def test_what_is_compiled_is_there_for_every_python_and_nothing_lies_below_lib() -> None:
    listed = subprocess.run(["dpkg-deb", "--contents", str(DEB)], capture_output=True, text=True, check=True).stdout
    names = [line.split()[5] for line in listed.splitlines()]
    compiled = {name for name in names if ".cpython-311-" in name}
    assert len(compiled) > 10
    for tag in ("312", "313"):
        assert {name for name in names if f".cpython-{tag}-" in name} == {
            name.replace("-311-", f"-{tag}-") for name in compiled
        }
    assert [name for name in names if name.startswith("./lib/")] == []


def _admitted(guest: Guest, stick: Stick) -> None:
    """By the registry and the keys that were there before."""
    visit = guest.judged(stick)
    assert (visit["Verdict"], visit["Reasons"]) == ("read-write", ["fits"])
    guest.unplug(stick)
    guest.sound()


def _media(guest: Guest) -> list[tuple[str, ...]]:
    return [tuple(row[key] for key in ("id", "number", "level", "holder")) for row in guest.ctl("media")]


@pytest.mark.long
def test_an_upgrade_keeps_keyboard_registry_journal_and_keys_and_migrates(guest: Guest, stick: Stick) -> None:
    assert guest.out("dpkg-query -W -f '${Version}' media-guard") == "0.0.9"
    keyboard, keys, media = guest.out(_KEYBOARD), guest.out(_KEYS), _media(guest)
    journal = [entry["hash"] for entry in guest.ctl("journal --limit 500")]
    assert len(media) == 1
    guest.run("systemctl stop media-guardd")
    source = inspect.getsource(back_to_first)
    first = (
        f"import sqlite3\nfrom pathlib import Path\n{source}\nback_to_first(Path('/var/lib/media-guard/registry.db'))"
    )
    guest.run("python3 -", stdin=first)
    guest.plug(stick)
    guest.run("udevadm settle")
    assert guest.out(_DISKS) == ""
    guest.put(DEB, "/root/guard.deb")
    guest.run("dpkg -i /root/guard.deb", timeout=300)
    guest.run("systemctl is-active --wait media-guardd.service")
    assert guest.out("dpkg-query -W -f '${Version}' media-guard") != "0.0.9"
    _admitted(guest, stick)
    asked = "print(*sqlite3.connect('/var/lib/media-guard/registry.db').execute('PRAGMA user_version').fetchone())"
    assert guest.out(f'python3 -c "import sqlite3; {asked}"') == str(VERSION)
    after = [entry["hash"] for entry in guest.ctl("journal --limit 500")]
    assert after[-len(journal) :] == journal
    assert _media(guest) == media
    assert guest.out(_KEYS) == keys
    assert guest.out(_KEYBOARD) == keyboard, "the keyboard was never without its driver"
    assert guest.out(_HOLDS) == "0"
    moved = "find /usr/lib/systemd/system /usr/lib/udev/rules.d -name '*media-guard*'"
    assert len(guest.out(moved).split()) == len(
        guest.out("dpkg -L media-guard | grep -E '^/usr/lib/(systemd|udev)/.*guard'").split()
    )


@pytest.mark.long
def test_removed_and_purged_the_evidence_stays_and_a_new_installation_goes_on_with_it(
    guest: Guest, stick: Stick
) -> None:
    media = _media(guest)
    guest.run("dpkg --remove media-guard", timeout=200)
    evidence = guest.out(_EVIDENCE)
    assert guest.out(_HOLDS) == "1"
    purged = guest.run("DEBIAN_FRONTEND=noninteractive dpkg --purge media-guard", timeout=200)
    assert "Kept: registry, journal and keys" in purged.stderr
    assert guest.out(_EVIDENCE) == evidence
    assert guest.out("ls /usr/lib/systemd/system /usr/lib/udev/rules.d /usr/lib | grep -c media-guard || true") == "0"
    guest.run("dpkg -i /root/guard.deb", timeout=300)
    guest.run("systemctl is-active --wait media-guardd.service")
    assert _media(guest) == media
    guest.plug(stick)
    _admitted(guest, stick)


@pytest.mark.long
def test_purging_asks_and_deletes_registry_and_keys_only_for_a_yes(guest: Guest) -> None:
    purge = "DEBIAN_FRONTEND=teletype TERM=dumb script -qec 'dpkg --purge media-guard' /dev/null"
    said = guest.run(purge, stdin="no\n", timeout=200).stdout
    assert "Delete registry, journal and keys too?" in said
    kept = guest.out(_EVIDENCE)
    assert "etc/media-guard/issuer.key" in kept
    guest.run("dpkg -i /root/guard.deb", timeout=300)
    said = guest.run(purge, stdin="yes\n", timeout=200).stdout
    assert "Delete registry, journal and keys too?" in said
    assert guest.run("ls -d /var/lib/media-guard /etc/media-guard /run/media-guard", check=False).stdout == ""
    assert guest.out(_HOLDS) == "1"
