"""The stream from the bus: no message of a stranger ends it, none of any size stalls it."""

import struct
from typing import Any

import pytest
from dbus_next import Message, SignatureTree, Variant
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.bus.frames import CHUNK, LONGEST_CALL, Frames, Unframed


def _call(member: str = "Ping", **more: Any) -> bytes:
    message = Message(path="/a", interface="a.b", member=member, serial=7, **more)
    return bytes(message._marshall())  # type: ignore[no-untyped-call]


def _members(frames: Frames, data: bytes, portion: int = CHUNK) -> list[tuple[str, bool]]:
    pieces = (data[at : at + portion] for at in range(0, len(data), portion))
    return [(str(message.member), too_long) for piece in pieces for message, too_long in frames.feed(piece)]


@given(st.integers(1, 200))
def test_messages_come_out_whole_however_they_are_cut(portion: int) -> None:
    frames = Frames()
    assert _members(frames, _call("A") + _call("B", signature="s", body=["x" * 99]) + _call("C"), portion) == [
        ("A", False),
        ("B", False),
        ("C", False),
    ]
    assert not frames._inbox


@pytest.mark.parametrize("kind", [0, 5, 99, 255])
def test_a_message_of_a_strange_type_is_left_out_and_the_next_one_is_read(kind: int) -> None:
    strange = bytearray(_call())
    strange[1] = kind
    assert _members(Frames(), bytes(strange) + _call("Next")) == [("Next", False)]


def test_an_unknown_header_field_costs_only_its_message() -> None:
    strange = bytearray(_call())
    strange[16] = 77  # the number of the first header field
    assert _members(Frames(), bytes(strange) + _call("Next")) == [("Next", False)]


@pytest.mark.parametrize("portion", [1000, CHUNK])
def test_a_huge_call_keeps_its_header_for_the_answer_and_its_body_is_never_kept(portion: int) -> None:
    huge = _call("Huge", signature="as", body=[["x"] * 200_000])
    frames = Frames()
    most = 0
    found = []
    for at in range(0, len(huge), portion):
        found += [(found.member, long, found.body) for found, long in frames.feed(huge[at : at + portion])]
        most = max(most, len(frames._inbox))
    assert found == [("Huge", True, [])]
    assert most <= LONGEST_CALL
    assert _members(frames, _call("Next")) == [("Next", False)]


def test_a_header_longer_than_any_call_is_passed_over() -> None:
    head = struct.pack("<4sIII", b"l\1\0\1", 0, 1, LONGEST_CALL * 2)
    assert _members(Frames(), head + bytes(LONGEST_CALL * 2) + _call("Next")) == [("Next", False)]


@pytest.mark.parametrize("start", [b"x", struct.pack("<4sIII", b"l\1\0\1", 1 << 28, 1, 0)])
def test_a_stream_that_makes_no_sense_is_given_up(start: bytes) -> None:
    with pytest.raises(Unframed):
        _members(Frames(), start.ljust(16, b"\0"))


@settings(max_examples=300)
@given(st.binary(max_size=300), st.binary(max_size=300), st.integers(0, 255), st.integers(0, 255))
def test_whatever_stands_in_a_message_the_next_one_is_read(header: bytes, body: bytes, kind: int, flags: int) -> None:
    padded = header.ljust((len(header) + 7) // 8 * 8, b"\0")
    message = struct.pack("<BBBBIII", ord("l"), kind, flags, 1, len(body), 1, len(header)) + padded + body
    assert _members(Frames(), message + _call("Next"))[-1] == ("Next", False)


@settings(max_examples=300)
@given(st.data())
def test_a_call_changed_anywhere_costs_only_itself(data: st.DataObject) -> None:
    whole = bytearray(_call("Verb", signature="sa{sv}", body=["v", {"k": Variant("as", ["x", "y"])}]))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(16, len(whole) - 1))] = data.draw(st.integers(0, 255))
    assert _members(Frames(), bytes(whole) + _call("Next"))[-1] == ("Next", False)


def test_signatures_of_strangers_are_not_kept_for_ever() -> None:
    frames = Frames()
    for number in range(2000):
        kind = "(" + "".join("su"[bit == "1"] for bit in f"{number:011b}") + ")"
        value: list[object] = [0 if part == "u" else "" for part in kind[1:-1]]
        assert _members(frames, _call("A", signature="v", body=[Variant(kind, value)])) == [("A", False)]
    assert len(SignatureTree._cache) <= 600
