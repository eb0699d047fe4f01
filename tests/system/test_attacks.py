"""On a real system bus, polkit, logind and udisks: users who try everything, and what the package gives to whom."""

import json
import re
from pathlib import Path

import pytest

from tests.system.gadgets import Gadget
from tests.system.guest import Guest
from tests.system.sticks import make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]
SPINNER = Path(__file__).with_name("spinner.py")
PLUGS, PORTS = 1000, 8
_FAKE_SEAT = "XDG_SEAT DEFAULT=seat0\\nXDG_VTNR DEFAULT=1\\nXDG_SESSION_CLASS DEFAULT=user\\n"
ACTIONS = ("request", "decide", "look", "audit", "eject")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_user_who_spins_on_every_node_and_on_udisks_during_a_thousand_refused_plugs_gets_nothing(
    guest: Guest,
) -> None:
    guest.put(SPINNER, "/tmp/spinner.py")
    guest.run(
        "chmod 755 /tmp/spinner.py; truncate -s 16M /tmp/spun.img; echo start=2048,type=c | sfdisk -q /tmp/spun.img"
    )
    gadgets = []
    for number in range(PORTS):
        guest.run(f"cp --sparse=always /tmp/spun.img /tmp/spun{number}.img")
        gadgets.append(Gadget(f"spun{number}", (f"/tmp/spun{number}.img",), f"SPUN{number}", controller=number))
        gadgets[-1].make(guest)
    before = guest.out("cat /tmp/spun?.img | sha256sum")
    spinners = [guest.start("python3 /tmp/spinner.py", user=user) for user in ("alice", "bob")]
    for spinner in spinners:
        assert spinner.stdout is not None
        assert spinner.stdout.readline() == "spinning\n"
    plug = "; ".join(f"echo dummy_udc.{g.controller} >/sys/kernel/config/usb_gadget/{g.name}/UDC" for g in gadgets)
    pull = "; ".join(f"echo >/sys/kernel/config/usb_gadget/{g.name}/UDC" for g in gadgets)
    plugs, serials = 0, {gadget.serial for gadget in gadgets}
    while plugs < PLUGS:
        guest.run(plug)
        judged = guest.until_each(serials, lambda v: v["Stage"] in ("open", "shut"))
        assert {(v["Verdict"], *v["Reasons"]) for v in judged.values()} == {("refused", "not-labelled")}
        plugs += len(judged)
        guest.run(pull)
        guest.until_each(serials, lambda v: v["Stage"] == "gone")
    for spinner in spinners:
        assert spinner.stdin is not None
        spinner.stdin.close()
        assert spinner.stdout is not None
        found = json.loads(spinner.stdout.readlines()[-1])
        print(
            {
                "plugs": plugs,
                "tries": sum(found["tried"].values()),
                "rounds": found["tried"]["rounds"],
                **found["mounts"],
            }
        )
        assert found["tried"]["rounds"] > 20
        assert found["opened"] == {}
        assert set(found["mounts"]) <= {"1"}, "no mount ever worked"
        assert found["announced"] == 0, "udisks never heard of a disk"
        spinner.wait(30)
    assert guest.out("cat /tmp/spun?.img | sha256sum") == before
    for gadget in gadgets:
        gadget.remove(guest)
    guest.sound()


def test_11_a_session_over_the_network_that_calls_itself_local_decides_nothing_and_sits_nowhere(
    guest: Guest, tmp_path: Path
) -> None:
    """CVE-2025-6018: a file of the user's own makes sshd's session look like one at seat0."""
    stick = make_stick(tmp_path, "FAKESEAT", size=16 * 1024 * 1024)
    guest.run(f"printf '{_FAKE_SEAT}' >/home/bob/.pam_environment; chown bob: /home/bob/.pam_environment")
    guest.plug(stick)
    visit = guest.judged(stick)
    assert visit["User"] == "alice", "who sits here sits here"
    for words in (f"request {visit['Id']} --purpose x", "journal", "verify", f"eject {visit['Id']}",
                  f"register {visit['Id']} --level 机密 --networks lab --holder x"):  # fmt: skip
        assert guest.run(f"mediaguardctl {words}", user="bob", check=False).returncode in (1, 4), words
    assert guest.ctl("visits", user="bob") == []
    assert guest.ctl("requests") == [] or all(row["visit"] != visit["Id"] for row in guest.ctl("requests"))
    guest.run("rm /home/bob/.pam_environment")
    guest.unplug(stick)
    guest.sound()


def test_13_polkit_and_the_bus_have_taken_the_packaged_files_as_they_are(guest: Guest) -> None:
    for action in ACTIONS:
        said = guest.out(f"pkaction --verbose --action-id org.mediaguard.{action}")
        defaults = dict(re.findall(r"implicit (\w+):\s+(\w+)", said))
        assert set(defaults) == {"any", "inactive", "active"}, said
        if action in ("decide", "audit"):
            assert set(defaults.values()) == {"auth_admin"}
        if action == "look":
            assert set(defaults.values()) == {"no"}
    own = "busctl call org.freedesktop.DBus / org.freedesktop.DBus RequestName su org.mediaguard.Guard1 7"
    assert "denied" in guest.run(own, user="alice", check=False).stderr.lower()
    # Taken anew, so that what other tests did in this guest says nothing here.
    (now,) = re.findall("-- cursor: (.+)", guest.out("journalctl -n 0 --show-cursor"))
    guest.run("systemctl reload dbus; systemctl restart polkit")
    told = f"journalctl -b -o cat -u polkit -u dbus --after-cursor '{now}'"
    assert "rules" in guest.out(told), "polkit has read them again"
    log = guest.out(f"{told} | grep -i -e mediaguard -e media-guard | grep -i -e error -e fail || true")
    assert log == ""


_WITHOUT_CAPABILITIES = """import os, sys
sys.exit(any("security.capability" in os.listxattr(file, follow_symlinks=False) for file in sys.argv[1:]))"""


def test_14_the_package_gives_nobody_a_right_that_a_review_would_ask_about(guest: Guest) -> None:
    files = guest.out("dpkg -L media-guard").splitlines()
    assert len(files) > 50
    there = (
        """dpkg -L media-guard | while read -r file; do [ ! -e "$file" ] || printf '%s\\0' "$file"; done"""  # no docs
    )
    loose = f"{there} | find -files0-from - -maxdepth 0 -type f \\( -perm /6000 -o -perm /022 \\)"
    assert guest.out(loose) == ""
    guest.run(f"{there} | xargs -0 python3 -c '{_WITHOUT_CAPABILITIES}'")
    assert not [
        file for file in files if re.search(r"sudoers|pkla|localauthority|pam\.d|cron|/etc/udev|apparmor", file)
    ]
    places = {
        str(Path(file).parent)
        for file in files
        if "polkit" in file or ("dbus" in file and file.endswith((".conf", ".rules", ".policy")))
    }
    assert places <= {
        *("/usr/share/polkit-1", "/usr/share", "/usr/share/polkit-1/actions", "/usr/share/polkit-1/rules.d"),
        *("/usr/share/dbus-1", "/usr/share/dbus-1/system.d"),
    } | {place for place in places if place.startswith("/usr/lib/media-guard")}
    assert guest.out("stat -c '%a %U' /var/lib/media-guard /var/lib/media-guard/registry.db").split() == [
        "700",
        "root",
        "600",
        "root",
    ]


def test_an_approval_for_a_stick_that_was_pulled_opens_no_other_with_its_serial_at_its_port(guest: Guest) -> None:
    guest.run(
        "for n in 1 2; do truncate -s 32M /tmp/stale$n.img; echo start=2048,type=c | sfdisk -q /tmp/stale$n.img; done"
    )
    guest.run("printf secret | dd of=/tmp/stale2.img bs=1 seek=1048576 conv=notrunc status=none")
    before = guest.out("sha256sum </tmp/stale2.img")
    first = Gadget("stale1", ("/tmp/stale1.img",), "STALE")
    first.make(guest)
    first.plug(guest)
    visit = guest.until("STALE", lambda v: v["Stage"] == "shut")
    guest.run(f"mediaguardctl request {visit['Id']} --purpose 报告", user="alice")
    (request,) = [row for row in guest.ctl("requests --state open") if row["visit"] == visit["Id"]]
    first.unplug(guest)
    first.remove(guest)
    second = Gadget("stale2", ("/tmp/stale2.img",), "STALE")
    second.make(guest)
    second.plug(guest)
    other = guest.until("STALE", lambda v: v["Stage"] == "shut" and v["Id"] != visit["Id"])
    assert other["Interface"] == visit["Interface"]
    for words in (f"approve {request['id']} --once", f"approve {request['id']} --level 机密 --networks lab --holder x",
                  f"register {visit['Id']} --level 机密 --networks lab --holder x"):  # fmt: skip
        assert guest.run(f"mediaguardctl {words}", check=False).returncode == 1, words
    assert guest.out(f"cat /sys/bus/usb/devices/{other['Interface']}/authorized") == "0"
    assert guest.out("ls /dev/sd* 2>/dev/null || true") == ""
    second.unplug(guest)
    second.remove(guest)
    assert guest.out("sha256sum </tmp/stale2.img") == before
    guest.sound()


HOSTILE = r"\033[2J\033]0;owned\007<b>bold</b> =1+1 \342\200\256gpj.exe &amp; $(reboot)"


def test_a_stick_with_a_hostile_name_writes_to_no_terminal_journal_or_bus_as_it_likes(guest: Guest) -> None:
    guest.run("truncate -s 32M /tmp/named.img")
    gadget = Gadget("named", ("/tmp/named.img",), "NAMED")
    gadget.make(guest)
    strings = "/sys/kernel/config/usb_gadget/named/strings/0x409"
    guest.run(
        f"printf '{HOSTILE}' >{strings}/product; printf '{HOSTILE}%.0s' 1 2 | head -c 126 >{strings}/manufacturer"
    )
    gadget.plug(guest)
    visit = guest.until("NAMED", lambda v: v["Stage"] == "shut")
    said = [
        *(
            guest.out(f"LC_ALL=C.UTF-8 mediaguardctl {words}")
            for words in (f"show {visit['Id']}", "visits", f"explain {visit['Id']}")
        ),
        guest.out(f"LC_ALL=C.UTF-8 mediaguardctl journal --subject {visit['Id']}"),
        guest.out("journalctl -u media-guardd -o cat -n 50"),
        guest.out(
            f"busctl get-property org.mediaguard.Guard1 /org/mediaguard/Guard1/visits/{visit['Id']} org.mediaguard.Visit1 Seen"
        ),
    ]
    assert any("bold" in text for text in said)
    for text in said:
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text), repr(text)
    gadget.unplug(guest)
    gadget.remove(guest)
    guest.sound()
