"""The label against forgery, damage and power cuts."""

from dataclasses import replace

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.area import LABEL_A, LABEL_B, SLOT, Found, Torn, choose_label, frame, label_writes, unframe
from guard.core.certificate import Role, read_certificate
from guard.core.claims import PRIVATE
from guard.core.cose import MAX_BYTES, parse_envelope, seal
from guard.core.errors import Hostile
from guard.core.keyring import make_keyring
from guard.core.label import AAD, Label, read_label
from tests.core.world import (
    HOST_CERTIFICATE,
    ISSUER,
    ISSUER_CERTIFICATE,
    KEYRING,
    LABEL,
    NOW,
    ROOT,
    STRANGER,
    cose,
    slots,
)

NEWER = replace(LABEL, generation=2, holder="李四")


def test_a_label_reads_back_as_it_was_signed() -> None:
    for label in (
        LABEL,
        NEWER,
        replace(LABEL, read_only=True),
        replace(LABEL, expires=NOW + 5, networks=tuple(f"{n:016x}" for n in range(16))),
    ):
        assert read_label(cose(label), KEYRING) == label


def test_a_label_without_the_word_read_only_has_the_form_it_always_had_and_is_read_write() -> None:
    own = cbor2.loads(parse_envelope(cose(), "label").untrusted_payload)[PRIVATE]
    assert sorted(own) == list(range(1, 10))
    assert not read_label(cose(), KEYRING).read_only


def test_a_label_that_says_it_is_not_read_only_is_no_form_of_ours() -> None:
    payload = cbor2.loads(parse_envelope(cose(replace(LABEL, read_only=True)), "label").untrusted_payload)
    for untrue in (False, 0, 1, None, "read-only"):
        payload[PRIVATE][10] = untrue
        with pytest.raises(Hostile) as caught:
            read_label(seal(ISSUER, payload, AAD), KEYRING)
        assert caught.value.code == "label-malformed"


def test_the_worst_label_fits_its_slot() -> None:
    worst = replace(
        LABEL,
        level_codes=tuple(range(248, 256)),
        read_only=True,
        holder="张" * 64,
        number="编" * 32,
        networks=tuple(f"{n:016x}" for n in range(16)),
    )
    assert len(cose(worst)) <= SLOT - 12


def test_every_flipped_bit_of_a_label_is_refused() -> None:
    whole = cose()
    for bit in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Hostile):
            read_label(bytes(changed), KEYRING)


def test_every_flipped_bit_of_the_newer_copy_never_admits_it() -> None:
    block = frame(cose(NEWER), SLOT)
    for bit in range(0, (len(cose(NEWER)) + 12) * 8, 3):
        changed = bytearray(block)
        changed[bit // 8] ^= 1 << bit % 8
        found = choose_label(frame(cose(LABEL), SLOT), bytes(changed), KEYRING)
        assert found.label in (LABEL, None)


def test_a_label_of_a_stranger_is_refused_although_its_signature_holds() -> None:
    with pytest.raises(Hostile) as caught:
        read_label(cose(by=STRANGER), KEYRING)
    assert caught.value.code == "label-unknown-issuer"


def test_a_certificate_shown_as_a_label_is_refused() -> None:
    with pytest.raises(Hostile) as caught:
        read_label(HOST_CERTIFICATE, KEYRING)
    assert caught.value.code == "label-forged"


def test_a_host_certificate_does_not_pass_for_an_issuers() -> None:
    with pytest.raises(Hostile) as caught:
        read_certificate(HOST_CERTIFICATE, ISSUER.public_key, Role.ISSUER, NOW)
    assert caught.value.code == "certificate-role"


def test_an_issuer_that_expired_or_was_not_certified_by_the_root_is_not_trusted_and_named() -> None:
    late, faults = make_keyring(ROOT.public_key, [ISSUER_CERTIFICATE], NOW + 2000)
    assert not late.issuers
    assert [fault.code for fault in faults] == ["certificate-expired"]
    other, faults = make_keyring(STRANGER.public_key, [ISSUER_CERTIFICATE], NOW)
    assert not other.issuers
    assert [fault.code for fault in faults] == ["certificate-forged"]


def test_a_torn_write_at_any_byte_leaves_a_label_that_counts_and_never_a_wrong_one() -> None:
    for current in (Found(LABEL, 0), Found(LABEL, 1)):
        area = {LABEL_A: frame(cose(LABEL), SLOT), LABEL_B: frame(cose(LABEL), SLOT)}
        for offset, data in label_writes(current, cose(NEWER)):
            before = area[offset]
            cuts = [*range(600), *range(600, SLOT, 64), SLOT - 4, SLOT - 1, SLOT]
            for cut in cuts:
                area[offset] = data[:cut] + before[cut:]
                found = choose_label(area[LABEL_A], area[LABEL_B], KEYRING)
                assert found.label in (LABEL, NEWER), cut
                assert not found.fault
            area[offset] = data
        assert choose_label(area[LABEL_A], area[LABEL_B], KEYRING).label == NEWER


@given(st.integers(0, 255), st.sampled_from([0, 1]))
def test_any_subset_of_the_sectors_of_a_write_leaves_a_label_that_counts(mask: int, slot: int) -> None:
    area = {LABEL_A: frame(cose(LABEL), SLOT), LABEL_B: frame(cose(LABEL), SLOT)}
    offset, data = label_writes(Found(LABEL, slot), cose(NEWER))[0]
    mixed = bytearray(area[offset])
    for sector in range(8):
        if mask >> sector & 1:
            mixed[512 * sector : 512 * sector + 512] = data[512 * sector : 512 * sector + 512]
    area[offset] = bytes(mixed)
    assert choose_label(area[LABEL_A], area[LABEL_B], KEYRING).label in (LABEL, NEWER)


def test_the_first_write_never_touches_the_copy_that_counts() -> None:
    assert label_writes(Found(LABEL, 0), cose(NEWER))[0][0] == LABEL_B
    assert label_writes(Found(LABEL, 1), cose(NEWER))[0][0] == LABEL_A


def test_a_whole_but_untrue_copy_is_never_passed_over_for_a_good_one() -> None:
    found = choose_label(*slots(cose(), cose(NEWER, STRANGER)), KEYRING)
    assert (found.label, found.fault) == (None, "label-unknown-issuer")


def test_two_labels_of_one_generation_that_differ_contradict_each_other() -> None:
    found = choose_label(*slots(cose(), cose(replace(LABEL, holder="x"))), KEYRING)
    assert (found.label, found.fault) == (None, "label-contradicts")


def test_blank_slots_are_blank_and_not_a_fault() -> None:
    assert choose_label(bytes(SLOT), b"\xff" * SLOT, KEYRING) == Found()


@given(st.binary(max_size=700))
def test_any_bytes_are_refused_with_one_error(untrusted: bytes) -> None:
    with pytest.raises(Hostile):
        read_label(untrusted, KEYRING)
    with pytest.raises(Hostile):
        parse_envelope(untrusted, "label")


@given(st.binary(max_size=300))
def test_any_frame_of_ours_with_a_wrong_checksum_is_damaged_and_anything_else_is_blank(untrusted: bytes) -> None:
    with pytest.raises(Torn) as caught:
        unframe((b"MGLB" + untrusted).ljust(SLOT, b"\1"))
    assert caught.value.code == "label-damaged"
    assert unframe((b"XGLB" + untrusted).ljust(SLOT, b"\1")) is None


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x9f" * 200,
        b"\x81" * 2000,
        b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\xbf\xff",
        b"\xc2\x5b\x7f\xff\xff\xff\xff\xff\xff\xff",
        b"\xf9\x7e\x00",
        cbor2.dumps(list(range(1000))),
        b"\x00" * (MAX_BYTES + 1),
    ],
)
def test_deep_long_and_strange_cbor_is_refused_before_it_is_decoded(bomb: bytes) -> None:
    with pytest.raises(Hostile) as caught:
        parse_envelope(bomb, "label")
    assert caught.value.code == "label-malformed"


def test_a_claim_that_is_not_known_is_refused() -> None:
    payload = {6: NOW, 7: bytes(16), PRIVATE: {99: 1}}
    with pytest.raises(Hostile) as caught:
        read_label(seal(ISSUER, payload, AAD), KEYRING)
    assert caught.value.code == "label-malformed"


texts = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=32)


@given(
    st.builds(
        Label,
        medium_id=st.binary(min_size=16, max_size=16).map(bytes.hex),
        generation=st.integers(1, 2**32 - 1),
        scheme=st.just("cn"),
        level_codes=st.sets(st.integers(1, 255), max_size=8).map(lambda codes: tuple(sorted(codes))),
        kind=st.sampled_from(list(type(LABEL.kind))),
        networks=st.sets(st.binary(min_size=8, max_size=8), max_size=16).map(lambda ids: tuple(i.hex() for i in ids)),
        may_import=st.booleans(),
        holder=texts,
        number=texts,
        issued=st.integers(0, 2**40),
        expires=st.none() | st.integers(0, 2**40),
        hardware=st.binary(min_size=32, max_size=32).map(bytes.hex),
        read_only=st.booleans(),
    )
)
def test_every_label_within_the_limits_survives_the_medium(label: Label) -> None:
    assert choose_label(*slots(cose(label), None), KEYRING).label == label
