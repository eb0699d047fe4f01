"""On a real kernel and polkit: who leaves loses the stick at once, who accepts it has it, and only the right stick is cleared."""

import hashlib
from pathlib import Path

import pytest

from guard.core.area import AREA_END, WINDOW
from tests.system.guest import Guest
from tests.system.sticks import MIB, Stick, label_stick, make_stick
from tests.system.test_roles import PHRASE, _at_a_terminal

pytestmark = [pytest.mark.long, pytest.mark.system, pytest.mark.timeout(600)]
_PEOPLE = f"""set -e
useradd -m -s /bin/bash lisi
useradd -m -s /bin/bash -G media-guard-admin lena
useradd -m -s /bin/bash -G media-guard-system sven
useradd -m -s /bin/bash -G media-guard-system,media-guard-audit olga
for who in lena sven olga; do echo "$who:{PHRASE}" | chpasswd; done
for who in lisi lena sven olga; do cp -r /root/.ssh /home/$who/ && chown -R $who: /home/$who/.ssh; done
"""


def _outside_the_label_area(stick: Stick) -> bytes:
    image = stick.image.read_bytes()
    return hashlib.sha256(image[:WINDOW] + image[AREA_END:]).digest()


@pytest.fixture(scope="module")
def office(guest: Guest) -> Guest:
    guest.run(_PEOPLE)
    return guest


def test_a_holder_leaves_the_receiver_accepts_and_a_lost_stick_is_an_alarm(office: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "LIFE1")
    label = label_stick(stick, office.issuer, "机密", (office.network,))
    office.plug(stick)
    assert office.judged(stick)["Verdict"] == "read-write"
    for words in (
        f"person '{label.holder}'",
        "person 'Li Si' --account lisi --department 二处",
        "clearance 'Li Si' 机密 --why x",
    ):
        office.run(f"mediaguardctl {words}")
    office.run(f"mediaguardctl leaves '{label.holder}' --why 调任")
    shut = office.until(stick.serial, lambda v: v["Stage"] == "shut" and v["Verdict"] == "refused")
    assert "holder-departed" in shut["Reasons"]
    assert office.run("ls /dev/disk/by-id/ | grep LIFE1", check=False).returncode != 0
    assert [row["id"] for row in office.ctl(f"held '{label.holder}'")] == [label.medium_id]
    assert office.run(f"mediaguardctl sign-off '{label.holder}' --why x", check=False).returncode == 1
    office.run(f"mediaguardctl step {label.medium_id} hand-over --holder 'Li Si' --why 移交")
    assert office.run(f"mediaguardctl accept {label.medium_id}", user="bob", check=False).returncode == 1
    office.run(f"mediaguardctl accept {label.medium_id}", user="lisi")
    opened = office.until(stick.serial, lambda v: v["Stage"] == "open")
    assert opened["Verdict"] == "read-write"
    assert [row["holder"] for row in office.ctl("media", user="lisi")] == ["Li Si"]
    office.run(f"mediaguardctl step {label.medium_id} report-lost --why 遗失")
    lost = office.until(stick.serial, lambda v: v["Stage"] == "shut" and "lost" in v["Reasons"])
    assert lost["Severity"] == "alarm"
    steps = [row["step"] for row in office.ctl(f"history {label.medium_id}")]
    assert steps == ["report-lost", "accept", "hand-over"]
    office.unplug(stick)
    office.sound()


def test_only_the_ordered_stick_is_cleared_and_every_block_of_it(office: Guest, tmp_path: Path) -> None:
    stick, other = make_stick(tmp_path, "LIFE2", size=64 * MIB), make_stick(tmp_path, "LIFE3", size=48 * MIB)
    label = label_stick(stick, office.issuer, "机密", (office.network,))
    other_label = label_stick(other, office.issuer, "绝密", (office.network,))
    before, system = _outside_the_label_area(other), office.out("lsblk -dn -o NAME,TYPE | grep -c '^vd'")
    office.plug(stick)
    visit = office.judged(stick)
    office.plug(other)
    other_visit = office.judged(other)
    assert (visit["Verdict"], other_visit["Verdict"]) == ("read-write", "refused")
    office.run(
        f"udevadm settle; mount /dev/{visit['Disk']}1 /mnt && head -c 9000000 /dev/urandom >/mnt/x && umount /mnt"
    )
    office.run(f"mediaguardctl propose clear {label.medium_id} --why 报废 --form BM-9")
    (order,) = [row["id"] for row in office.ctl("orders")]
    assert office.run(f"mediaguardctl clear {visit['Id']} {order}", check=False).returncode == 1, "nobody has confirmed"
    office.until(stick.serial, lambda v: v["Stage"] == "open")
    assert office.run(f"mediaguardctl confirm {order}", check=False).returncode == 1, "not by whoever proposed it"
    status, said = _at_a_terminal(office, f"confirm {order}", "lena", PHRASE)
    assert status == 0, said
    assert office.run(f"mediaguardctl clear {other_visit['Id']} {order}", check=False).returncode == 1
    done = office.ctl(f"clear {visit['Id']} {order}")
    assert (done["octets"], done["proposed_by"], done["confirmed_by"]) == (64 * MIB, "root", "lena")
    assert stick.image.read_bytes() == bytes(64 * MIB)
    assert _outside_the_label_area(other) == before, "of a stick above this computer only the travel log was written"
    assert office.out("lsblk -dn -o NAME,TYPE | grep -c '^vd'") == system
    assert office.out("findmnt -n -o OPTIONS /").split(",")[0] == "rw"
    states = {row["id"]: row["state"] for row in office.ctl("media")}
    assert states[label.medium_id] == "cleared"
    assert states.get(other_label.medium_id, "registered") == "registered"
    for plugged in (stick, other):
        office.unplug(plugged)
    office.sound()


def test_the_three_roles_do_what_is_theirs_and_are_not_even_asked_for_the_rest(office: Guest) -> None:
    person, propose = "person 'Wang Wu' --department 三处", f"propose clear {'ab' * 16} --why x"
    for user, words, status in (
        ("sven", person, 0),
        ("lena", propose, 1),  # she may: there is no such medium
    ):
        ended, said = _at_a_terminal(office, words, user, PHRASE)
        assert (ended, "Password" in said) == (status, True), (user, said)
    for user, words in (
        ("sven", propose),
        ("sven", "clearance 'Wang Wu' 机密 --why x"),
        ("sven", "journal"),
        ("lena", person),
        ("olga", person),
        ("olga", propose),
        ("olga", "journal"),
    ):
        ended, said = _at_a_terminal(office, words, user, PHRASE)
        assert (ended, "Password" in said) == (4, False), (user, words, said)
    (row,) = [row for row in office.ctl("people") if row["name"] == "Wang Wu"]
    assert row["clearance"] == ""
    for user in ("sven", "lena"):
        assert office.ctl("people", user=user) == office.ctl("people"), "over ssh, and nobody asked for a password"
    assert office.ctl("people", user="olga") == []
