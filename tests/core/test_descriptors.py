"""Descriptors are what a hostile device controls first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.descriptors import DeviceDescription, parse_descriptors
from guard.core.errors import Hostile
from guard.sim.stick import Stick, descriptors

PLAIN = descriptors(Stick())


def test_a_plain_stick_is_storage_and_nothing_else() -> None:
    description = parse_descriptors(PLAIN)
    (interface,) = description.interfaces
    assert interface.is_storage
    assert interface.alternates[0].bulk_only
    assert (description.vendor_id, description.product_id) == (0x0951, 0x1666)
    assert description.other_functions == ()


def test_a_stick_that_is_also_a_keyboard_is_named_so() -> None:
    description = parse_descriptors(descriptors(Stick(composite=True)))
    assert description.other_functions == ("keyboard or mouse",)


@pytest.mark.parametrize("length", range(len(PLAIN)))
def test_descriptors_cut_off_anywhere_are_refused(length: int) -> None:
    with pytest.raises(Hostile) as caught:
        parse_descriptors(PLAIN[:length])
    assert caught.value.code == "device-descriptors"


def test_an_alternate_setting_declared_twice_is_refused() -> None:
    interface = PLAIN[27:36]
    total = len(PLAIN) - 18 + 9
    doubled = PLAIN[:20] + total.to_bytes(2, "little") + PLAIN[22:] + interface
    with pytest.raises(Hostile):
        parse_descriptors(doubled)


def _parse(untrusted: bytes) -> DeviceDescription | None:
    try:
        return parse_descriptors(untrusted)
    except Hostile:
        return None


@given(st.binary(max_size=300))
def test_any_bytes_give_a_description_or_one_error(untrusted: bytes) -> None:
    description = _parse(untrusted)
    assert description is None or len(description.interfaces) <= 32


@given(st.integers(0, len(PLAIN) - 1), st.integers(0, 255))
def test_one_changed_byte_never_raises_anything_else(place: int, value: int) -> None:
    changed = PLAIN[:place] + bytes([value]) + PLAIN[place + 1 :]
    description = _parse(changed)
    assert description is None or all(interface.alternates for interface in description.interfaces)
