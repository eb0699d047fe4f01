"""Neither side believes the other: any packet is a value that can be true, or one error."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.errors import Hostile
from guard.core.unit import Unit
from guard.usb.wire import (
    MAX_PACKET,
    Request,
    Verb,
    pack_fault,
    pack_good,
    pack_open,
    pack_units,
    parse_answer,
    parse_request,
    parse_units,
    unpack_open,
)

_units = st.builds(
    Unit,
    lun=st.just(0),
    device_type=st.integers(0, 31),
    inquiry=st.binary(max_size=36),
    blocks=st.integers(0, (1 << 48) - 1),
    block_size=st.sampled_from([512, 1024, 2048, 4096]),
    write_protected=st.sampled_from([None, True, False]),
)


@given(_units, st.integers(1, 16))
def test_units_come_back_as_they_were(unit: Unit, count: int) -> None:
    units = [
        Unit(lun, unit.device_type, unit.inquiry, unit.blocks, unit.block_size, unit.write_protected)
        for lun in range(count)
    ]
    assert parse_units(parse_answer(pack_good(pack_units(units)), None)) == tuple(units)


@given(st.sampled_from(Verb), st.integers(0, 15), st.integers(0, (1 << 48) - 1), st.integers(0, 64), st.binary())
def test_questions_come_back_as_they_were(verb: Verb, lun: int, block: int, count: int, data: bytes) -> None:
    request = Request(verb, lun, block, count, data)
    assert parse_request(request.pack()) == request


def test_the_first_question_comes_back_as_it_was() -> None:
    assert unpack_open(parse_request(pack_open(1, 0x81, 2, 30).pack())) == (1, 0x81, 2, 30)


@given(st.binary(max_size=80))
def test_any_question_is_a_request_or_a_value_error(packet: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert parse_request(packet).pack() == packet


@given(st.binary(max_size=52 * 18), st.one_of(st.none(), st.integers(0, 1000)))
def test_any_answer_is_data_of_the_right_length_or_hostile(packet: bytes, length: int | None) -> None:
    with contextlib.suppress(Hostile):
        assert len(parse_answer(packet, length)) == (len(packet) - 1 if length is None else length)
        assert packet[0] == 0


@given(st.binary(max_size=52 * 18))
def test_any_units_can_be_true_or_are_hostile(packet: bytes) -> None:
    with contextlib.suppress(Hostile):
        units = parse_units(packet)
        assert [unit.lun for unit in units] == list(range(len(units)))
        assert all(unit.blocks < 1 << 48 and len(unit.inquiry) <= 36 for unit in units)


@given(_units, st.data())
def test_flipped_bytes_in_units_can_be_true_or_are_hostile(unit: Unit, data: st.DataObject) -> None:
    packet = bytearray(pack_units([unit]))
    packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Hostile):
        (found,) = parse_units(bytes(packet))
        assert found.block_size in (512, 1024, 2048, 4096)
        assert (found.lun, found.device_type < 32) == (0, True)


@pytest.mark.parametrize("packet", [b"", b"\x09", b"\xff", b"\x01more", bytes(MAX_PACKET + 1)])
def test_answers_that_no_reader_gives_are_hostile(packet: bytes) -> None:
    with pytest.raises(Hostile, match="device-protocol"):
        parse_answer(packet, None)


@pytest.mark.parametrize("code", ["device-gone", "device-hangs", "device-not-ready", "device-write-protected"])
def test_faults_keep_their_code(code: str) -> None:
    with pytest.raises(Hostile, match=code):
        parse_answer(pack_fault(code), 512)


def test_a_fault_that_has_no_number_is_a_fault_all_the_same() -> None:
    with pytest.raises(Hostile, match="device-protocol"):
        parse_answer(pack_fault("something-else"), 512)
