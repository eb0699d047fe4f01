"""Every misbehaviour of real sticks that the reader is meant to live with, and those it must not live with."""

import pytest

from guard.core.errors import Hostile
from guard.core.unit import Unit
from guard.usb.bulk_only import BulkOnly
from guard.usb.scsi import Scsi
from tests.usb.stick import IN, OUT, Slot, Stick


def talk(stick: Stick) -> Scsi:
    def pause(seconds: float) -> None:
        stick.now += seconds

    return Scsi(BulkOnly(stick, 0, IN, OUT), pause, lambda: stick.now)


def only(stick: Stick) -> tuple[Scsi, Unit]:
    scsi = talk(stick)
    (unit,) = scsi.units(30)
    return scsi, unit


def fault(stick: Stick) -> str:
    try:
        scsi, unit = only(stick)
        scsi.read(unit, 0, 8)
    except Hostile as caught:
        return caught.code
    return ""


def blocks(first: int, count: int, size: int = 512) -> bytes:
    return b"".join(Slot(block_size=size).content(number) for number in range(first, first + count))


def test_a_good_stick_is_read_with_the_fewest_commands() -> None:
    stick = Stick()
    scsi, unit = only(stick)
    assert unit == Unit(0, 0, stick.slots[0].inquiry, 16384, 512, False)
    assert scsi.read(unit, 1024, 64) == blocks(1024, 64)
    assert stick.commands == [0x12, 0x00, 0x25, 0x1A, 0x28]
    assert stick.resets == 0


@pytest.mark.parametrize(
    "faults",
    [
        {"max_lun_stall": 1},
        {"max_lun_hang": 1},
        {"max_lun_empty": 1},
        {"max_lun_255": 1},
        {"attention": 3},
        {"becoming": 27},
        {"needs_start": 1},
        {"silent_failure": 3},
        {"stall_data": 2},
        {"status_for_data": 2},
        {"empty_before_status": 5},
        {"stall_status": 5},
        {"wrong_tag": 2},
        {"short_status": 2},
        {"phase_error": 2},
        {"odd_signature": 1},
        {"residue": 1},
        {"babble": 2},
        {"hang": 1},
        {"hang_command": 1},
        {"most_blocks": 8},
    ],
    ids=lambda faults: next(iter(faults)),
)
def test_what_real_sticks_do_wrong_is_lived_with(faults: dict[str, int]) -> None:
    stick = Stick(**faults)
    scsi, unit = only(stick)
    assert scsi.read(unit, 1024, 64) == blocks(1024, 64)
    assert (unit.blocks, unit.block_size) == (16384, 512)
    assert not any(left for name, left in stick.left.items() if name not in _LASTING)
    assert stick.now < 30


_LASTING = {"needs-start", "odd-signature", "residue", "most-blocks"}


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"becoming": 9999}, "device-not-ready"),
        ({"attention": 9999}, "device-not-ready"),
        ({"silent_failure": 9999}, "device-not-ready"),
        ({"stall_data": 9999}, "device-read-error"),
        ({"status_for_data": 9999}, "device-read-error"),
        ({"wrong_tag": 9999}, "device-protocol"),
        ({"short_status": 9999}, "device-protocol"),
        ({"phase_error": 9999}, "device-protocol"),
        ({"babble": 9999}, "device-protocol"),
        ({"one_byte": 1}, "device-protocol"),
        ({"hang": 9999}, "device-hangs"),
        ({"hang_command": 9999}, "device-hangs"),
        ({"hang_command": 1, "hang_reset": 1}, "device-hangs"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else value,
)
def test_what_does_not_get_better_ends_with_its_reason_within_a_minute(faults: dict[str, int], code: str) -> None:
    stick = Stick(**faults)
    assert fault(stick) == code
    assert stick.now < 60


@pytest.mark.parametrize("call", range(1, 16))
def test_a_pull_ends_it_at_once_wherever_it_happens(call: int) -> None:
    stick = Stick(gone_after=call)
    assert fault(stick) == "device-gone"
    assert stick.calls == call


@pytest.mark.parametrize("call", range(3, 24))
def test_a_pull_in_the_middle_of_a_recovery_is_a_pull(call: int) -> None:
    stick = Stick(gone_after=call, phase_error=3, stall_status=3)
    assert fault(stick) == "device-gone"
    assert stick.calls == call


def test_a_dead_device_is_given_up_in_seven_seconds() -> None:
    stick = Stick(max_lun_stall=1, hang_command=99, hang_reset=99)
    assert fault(stick) == "device-hangs"
    assert stick.now < 7.1


def test_each_unit_of_a_card_reader_is_seen_and_empty_slots_are_empty() -> None:
    stick = Stick(Slot(blocks=0), Slot(blocks=0), Slot(blocks=65536), Slot(blocks=0), attention=2)
    scsi = talk(stick)
    units = scsi.units(30)
    assert [unit.blocks for unit in units] == [0, 0, 65536, 0]
    assert scsi.read(units[2], 8, 4) == blocks(8, 4)
    with pytest.raises(Hostile, match="device-read-error"):
        scsi.read(units[0], 0, 1)
    assert {lun for lun, _ in stick.touched} == {2}


@pytest.mark.parametrize("first", [0x20, 0x3F, 0x7F])
def test_what_is_not_connected_is_no_disk_and_is_asked_nothing_more(first: int) -> None:
    stick = Stick(Slot(), Slot(inquiry=bytes([first]) + bytes(35)))
    units = talk(stick).units(30)
    assert [(unit.device_type, unit.blocks) for unit in units] == [(0, 16384), (0x1F, 0)]
    assert stick.commands.count(0x00) == 1


def test_a_virtual_cd_is_named_and_not_read() -> None:
    stick = Stick(Slot(inquiry=b"\x05" + bytes(35)))
    _, unit = only(stick)
    assert unit.device_type == 5
    assert stick.commands == [0x12]


def test_read_capacity_16_is_asked_only_where_10_cannot_tell() -> None:
    huge = Stick(Slot(blocks=1 << 33))
    scsi, unit = only(huge)
    assert unit.blocks == 1 << 33
    assert scsi.read(unit, (1 << 33) - 100, 2) == blocks((1 << 33) - 100, 2)
    assert 0x9E in huge.commands
    assert 0x88 in huge.commands
    below = Stick(Slot(blocks=(1 << 32) - 1))
    only(below)
    assert 0x9E not in below.commands


def test_blocks_of_4096_bytes_are_read_and_written() -> None:
    stick = Stick(Slot(block_size=4096))
    scsi, unit = only(stick)
    assert unit.capacity == 16384 * 4096
    scsi.write(unit, 128, b"label".ljust(4096, b"\0"))
    assert scsi.read(unit, 127, 2) == blocks(127, 1, 4096) + b"label".ljust(4096, b"\0")


@pytest.mark.parametrize("size", [0, 1, 256, 513, 520, 8192, 0xFFFFFFFF])
def test_odd_block_sizes_are_refused(size: int) -> None:
    stick = Stick(Slot(block_size=size))
    assert fault(stick) == "device-block-size"
    assert not stick.touched


@pytest.mark.parametrize(("protect", "known"), [("on", True), ("off", False), ("short", True), ("never", None)])
def test_write_protection_is_asked_as_windows_asks_and_may_stay_unknown(protect: str, known: bool | None) -> None:
    _, unit = only(Stick(Slot(protect=protect)))
    assert unit.write_protected is known


def test_a_write_to_a_protected_medium_says_so() -> None:
    stick = Stick(Slot(protect="on"))
    scsi, unit = only(stick)
    with pytest.raises(Hostile, match="device-write-protected"):
        scsi.write(unit, 1024, bytes(512))
    assert not stick.slots[0].written


@pytest.mark.parametrize("faults", [{}, {"phase_error": 2}, {"hang_write": 1}, {"write_stall": 2}, {"no_flush": 1}])
def test_what_is_written_arrives_once_and_where_it_belongs(faults: dict[str, int]) -> None:
    stick = Stick(**faults)
    scsi, unit = only(stick)
    scsi.write(unit, 1024, b"\x5a" * 32768)
    scsi.flush(unit)
    assert scsi.read(unit, 1024, 64) == b"\x5a" * 32768
    assert set(stick.slots[0].written) == set(range(1024, 1088))


def test_a_write_that_never_works_is_an_error() -> None:
    stick = Stick(write_stall=99)
    scsi, unit = only(stick)
    with pytest.raises(Hostile, match="device-write-error"):
        scsi.write(unit, 1024, bytes(512))
    assert not stick.slots[0].written


def test_a_bad_block_costs_a_bounded_number_of_commands_and_spoils_no_other_read() -> None:
    stick = Stick(Slot(bad=frozenset({1030})))
    scsi, unit = only(stick)
    with pytest.raises(Hostile, match="device-read-error"):
        scsi.read(unit, 1024, 64)
    assert len(stick.commands) < 30
    assert scsi.read(unit, 1280, 32) == blocks(1280, 32)


@pytest.mark.parametrize(("block", "count"), [(16383, 1), (16380, 4), (16384, 1), (1 << 40, 1)])
def test_the_last_sector_is_never_touched_nor_anything_behind_it(block: int, count: int) -> None:
    stick = Stick()
    scsi, unit = only(stick)
    with pytest.raises(Hostile, match="device-read-error"):
        scsi.read(unit, block, count)
    with pytest.raises(Hostile, match="device-read-error"):
        scsi.write(unit, block, bytes(512 * count))
    scsi.read(unit, 16382, 1)
    assert stick.touched == {(0, 16382)}


def test_a_capacity_that_changes_meanwhile_changes_nothing_of_what_may_be_read() -> None:
    stick = Stick(Slot(blocks=16384))
    scsi, unit = only(stick)
    stick.slots[0].blocks = 1 << 31
    with pytest.raises(Hostile, match="device-read-error"):
        scsi.read(unit, 20_000, 1)
    assert not stick.touched


def test_an_inquiry_that_is_short_is_taken_and_an_empty_one_is_not() -> None:
    _, unit = only(Stick(Slot(inquiry=bytes(31))))
    assert len(unit.inquiry) == 31
    assert fault(Stick(Slot(inquiry=b""))) == "device-protocol"


def test_a_signature_is_learned_once_and_must_stay() -> None:
    stick = Stick(odd_signature=1)
    scsi, unit = only(stick)
    stick.left["odd-signature"] = 0
    with pytest.raises(Hostile, match="device-protocol"):
        scsi.read(unit, 0, 1)
