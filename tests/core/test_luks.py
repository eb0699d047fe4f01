"""Where the keys of an encrypted volume are: never less than there are, and nothing that is no such volume is taken for one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.luks import HEAD, key_area

MIB = 1024 * 1024


def luks2(offset: int = 16 * MIB, size: int = 16384, text: bytes | None = None) -> bytes:
    """The head of a volume as cryptsetup writes it."""
    area = json.dumps({"segments": {"0": {"type": "crypt", "offset": str(offset)}}}).encode() if text is None else text
    return (b"LUKS\xba\xbe\0\2" + size.to_bytes(8, "big")).ljust(4096, b"\0") + area.ljust(HEAD - 4096, b"\0")


def luks1(payload: int = 4096) -> bytes:
    return (b"LUKS\xba\xbe\0\1".ljust(104, b"\0") + payload.to_bytes(4, "big")).ljust(HEAD, b"\0")


@pytest.mark.parametrize(
    ("head", "size"),
    [
        (luks1(4096), 2 * MIB),
        (luks1(0), 2 * MIB),
        (luks1(65536), 32 * MIB),
        (luks2(), 16 * MIB),
        (luks2(32 * MIB), 32 * MIB),
        (luks2(1), 16 * MIB),
        (luks2(text=b"{"), 2 * 16384 + 128 * MIB),
        (luks2(text=b'{"segments": []}'), 2 * 16384 + 128 * MIB),
        (luks2(text=b'{"segments": {"0": {"offset": -1}}}'), 2 * 16384 + 128 * MIB),
        (luks2(size=4 * MIB), 8 * MIB + 128 * MIB),
        (luks2(size=12345), 8 * MIB + 128 * MIB),
        (b"SKUL" + luks2()[4:], 16 * MIB),
    ],
)
def test_the_area_holds_all_keys_also_where_the_header_does_not_say(head: bytes, size: int) -> None:
    assert key_area(head) == size


@given(st.binary(max_size=HEAD + 16))
def test_what_has_no_magic_is_not_encrypted_and_nothing_is_raised(untrusted: bytes) -> None:
    for found in (untrusted, untrusted.ljust(HEAD, b"\0")):
        assert (key_area(found) is None) is (found[:6] not in (b"LUKS\xba\xbe", b"SKUL\xba\xbe") or len(found) < HEAD)


@given(st.binary(max_size=4096), st.integers(0, 1 << 64 - 1))
def test_a_hostile_header_makes_no_area_smaller_than_that_of_its_version(text: bytes, size: int) -> None:
    found = key_area(luks2(text=text, size=size % (1 << 63)))
    assert found is not None
    assert found >= 16 * MIB
