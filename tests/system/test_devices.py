"""On a real kernel: devices that are not plain sticks get the right verdict, or a refusal in plain words."""

from pathlib import Path

import pytest

from guard.core.medium import Hardware
from tests.system.gadgets import Gadget, inquiry
from tests.system.guest import Guest
from tests.system.sticks import MIB, Stick, label_stick, make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(240)]


def test_storage_with_a_keyboard_is_refused_and_the_keyboard_never_types(guest: Guest) -> None:
    guest.run("truncate -s 32M /tmp/composite.img")
    gadget = Gadget("composite", ("/tmp/composite.img",), "COMPOSITE", keyboard=True)
    gadget.make(guest)
    gadget.plug(guest)
    visit = guest.until("COMPOSITE", lambda v: v["Stage"] == "shut")
    assert visit["Severity"] == "alarm"
    assert "composite" in visit["Reasons"]
    device = visit["Interface"].split(":")[0]
    assert guest.out(f"cat /sys/bus/usb/devices/{device}:*/authorized").split() == ["0", "0"]
    assert guest.out(f"ls -d /sys/bus/usb/devices/{device}:*/driver 2>/dev/null | wc -l") == "0"
    gadget.unplug(guest)
    gadget.remove(guest)


def test_a_disk_that_speaks_only_uas_is_refused_in_plain_words(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "UASONLY")
    guest.plug(stick, "usb-uas")
    visit = guest.until("UASONLY", lambda v: v["Stage"] == "shut")
    assert (visit["Verdict"], visit["Reasons"]) == ("refused", ["unreadable"])
    (reason,) = guest.ctl(f"explain {visit['Id']}")["reasons"]
    assert "UAS" in reason["what"]
    guest.unplug(stick)
    assert guest.out("lsblk -no NAME | grep -c ^sd || true") == "0"


def test_a_disk_with_4096_byte_sectors_is_read_judged_and_let_in(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "FOURK", block_size=4096)
    label = label_stick(stick, guest.issuer, "机密", (guest.network,))
    guest.plug(stick)
    visit = guest.judged(stick)
    assert (visit["Verdict"], visit["Reasons"]) == ("read-write", ["fits"])
    assert guest.out(f"cat /sys/block/{visit['Disk']}/queue/logical_block_size") == "4096"
    guest.unplug(stick)
    (record,) = stick.records(label.medium_id, guest.keyring)
    assert record.sequence == 1


def test_a_write_protected_stick_is_read_only_and_stays_untouched(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "PROTECTED")
    label_stick(stick, guest.issuer, "机密", (guest.network,))
    before = stick.digest()
    guest.plug(stick, readonly=True)
    visit = guest.judged(stick)
    assert visit["Verdict"] == "read-only"
    assert "write-protected" in visit["Reasons"]
    guest.unplug(stick)
    assert stick.digest() == before


def test_a_reader_with_two_cards_opens_only_as_far_as_the_stricter(guest: Guest, tmp_path: Path) -> None:
    cards = []
    for number in (0, 1):
        card = make_stick(tmp_path, f"CARD{number}", size=32 * MIB)
        blocks = card.image.stat().st_size // 512
        hardware = Hardware(0x1D6B, 0x0104, "READER", number, blocks, 512, inquiry(guest))
        label_stick(card, guest.issuer, "机密", (guest.network,), hardware=hardware.digest().hex())
        guest.put(card.image, f"/tmp/card{number}.img")
        cards.append(card)
    guest.run("truncate -s 32M /tmp/blank.img")
    gadget = Gadget("reader", ("/tmp/card0.img", "/tmp/card1.img"), "READER")
    gadget.make(guest)
    gadget.plug(guest)
    visit = guest.until("READER", lambda v: v["Stage"] in ("open", "shut"))
    shown = [v for v in guest.ctl("visits --limit 2") if not v["left"]]
    got = {tuple(v["reasons"]) for v in shown}
    assert got == {("fits",)}, (visit, guest.out("cat /sys/class/scsi_device/*/device/{vendor,model,rev} || true"))
    assert {v["verdict"] for v in shown} == {"read-write"}
    gadget.unplug(guest)
    gadget.remove(guest)

    mixed = Gadget("reader", ("/tmp/card0.img", "/tmp/blank.img"), "READER")
    mixed.make(guest)
    mixed.plug(guest)
    guest.until("READER", lambda v: v["Stage"] == "shut")
    shown = [v for v in guest.ctl("visits --limit 2") if not v["left"]]
    assert {v["verdict"] for v in shown} == {"refused"}
    assert guest.out("lsblk -no NAME | grep -c ^sd || true") == "0"
    mixed.unplug(guest)
    mixed.remove(guest)


def test_a_twin_with_the_same_descriptors_and_serial_but_other_contents_is_not_taken_for_the_first(
    guest: Guest, tmp_path: Path
) -> None:
    first = make_stick(tmp_path, "TWIN", size=32 * MIB)
    hardware = Hardware(0x1D6B, 0x0104, "TWIN", 0, 32 * MIB // 512, 512, inquiry(guest))
    label_stick(first, guest.issuer, "机密", (guest.network,), hardware=hardware.digest().hex())
    guest.put(first.image, "/tmp/first.img")
    guest.run("truncate -s 32M /tmp/second.img; echo 'start=2048,type=c' | sfdisk -q /tmp/second.img")
    verdicts = []
    for name, file in (("first", "/tmp/first.img"), ("second", "/tmp/second.img")):
        gadget = Gadget(name, (file,), "TWIN")
        gadget.make(guest)
        gadget.plug(guest)
        visit = guest.until("TWIN", lambda v: v["Stage"] in ("open", "shut"))
        verdicts.append((visit["Verdict"], visit["Reasons"]))
        gadget.unplug(guest)
        gadget.remove(guest)
    assert verdicts == [("read-write", ["fits"]), ("refused", ["label-gone"])]


def test_a_stick_that_is_pulled_as_soon_as_it_opens_makes_one_visit_each_time(guest: Guest, tmp_path: Path) -> None:
    """The kernel tells a removable disk that is pulled as a medium that changed: nothing begins of a stick that is not there."""
    stick = make_stick(tmp_path, "HASTY", size=32 * MIB)
    hardware = Hardware(0x1D6B, 0x0104, "HASTY", 0, 32 * MIB // 512, 512, inquiry(guest))
    label_stick(stick, guest.issuer, "机密", (guest.network,), hardware=hardware.digest().hex())
    guest.put(stick.image, "/tmp/hasty.img")
    before = {row["id"] for row in guest.ctl("visits --limit 1000")}
    gadget = Gadget("hasty", ("/tmp/hasty.img",), "HASTY")
    gadget.make(guest)
    for _ in range(5):
        gadget.plug(guest)
        guest.until("HASTY", lambda v: v["Stage"] == "open")
        gadget.unplug(guest)
    gadget.remove(guest)
    made = [row["verdict"] for row in guest.ctl("visits --limit 1000") if row["id"] not in before]
    assert made == ["read-write"] * 5
    guest.sound()


def test_an_empty_reader_is_refused_in_plain_words(guest: Guest) -> None:
    gadget = Gadget("empty", ("",), "EMPTY")
    gadget.make(guest)
    gadget.plug(guest)
    visit = guest.until("EMPTY", lambda v: v["Stage"] == "shut")
    assert visit["Reasons"] == ["unreadable"]
    assert "no card" in guest.ctl(f"explain {visit['Id']}")["reasons"][0]["what"]
    gadget.unplug(guest)
    gadget.remove(guest)


def test_another_card_in_an_admitted_reader_is_judged_anew_and_not_mounted(guest: Guest, tmp_path: Path) -> None:
    card = make_stick(tmp_path, "SWAPPED", size=32 * MIB)
    hardware = Hardware(0x1D6B, 0x0104, "SWAPPED", 0, 32 * MIB // 512, 512, inquiry(guest))
    label_stick(card, guest.issuer, "机密", (guest.network,), hardware=hardware.digest().hex())
    guest.put(card.image, "/tmp/swapped.img")
    guest.run("truncate -s 32M /tmp/foreign.img; echo 'start=2048,type=c' | sfdisk -q /tmp/foreign.img")
    gadget = Gadget("swapped", ("/tmp/swapped.img",), "SWAPPED")
    gadget.make(guest)
    gadget.plug(guest)
    visit = guest.until("SWAPPED", lambda v: v["Stage"] == "open")
    gadget.change_medium(guest, 0, "/tmp/foreign.img")
    guest.run(f"dd if=/dev/{visit['Disk']} of=/dev/null bs=512 count=1 iflag=direct", check=False)
    again = guest.until("SWAPPED", lambda v: v["Stage"] == "shut" and v["Id"] != visit["Id"])
    assert again["Verdict"] == "refused"
    assert guest.out("lsblk -no NAME | grep -c ^sd || true") == "0"
    gadget.unplug(guest)
    gadget.remove(guest)
    guest.sound()


def test_six_sticks_at_once_are_all_judged(guest: Guest, tmp_path: Path) -> None:
    sticks: list[Stick] = []
    for number in range(6):
        stick = make_stick(tmp_path, f"MANY{number}", size=16 * MIB)
        if number % 2:
            label_stick(stick, guest.issuer, "机密", (guest.network,))
        sticks.append(stick)
    for stick in sticks:
        guest.plug(stick)
    verdicts: dict[str, str] = {}
    while len(verdicts) < len(sticks):
        visit = guest.next_judged()
        verdicts[visit["Seen"]["serial"]] = visit["Verdict"]
    assert verdicts == {s.serial: ("read-write" if n % 2 else "refused") for n, s in enumerate(sticks)}
    for stick in sticks:
        guest.unplug(stick)
    guest.sound()
