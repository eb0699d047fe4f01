"""The travel log against loss, forgery and rollback, and what it says of crossings and high water."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.core.area import RING, RING_END
from guard.core.errors import Hostile
from guard.core.record import read_record, record_hash
from guard.core.ring import capacity, place
from guard.core.travel import crossings, high_water, may_write_record, travel_facts
from guard.core.verdict import Access
from guard.schemes import load_scheme
from tests.core.world import HOST_CERTIFICATE, KEYRING, STRANGER, medium, read_log, records

SCHEME = load_scheme("cn")
CHAIN = records(1000)


def test_a_record_with_its_certificate_fits_one_sector() -> None:
    assert max(map(len, CHAIN)) + 12 <= 512


@pytest.mark.parametrize("count", [0, 1, 2, 31, 32, 33, 479, 480, 481, 700, 959, 960, 1000])
def test_the_newest_record_is_found_with_few_reads_also_when_the_ring_has_wrapped(count: int) -> None:
    log, reads = read_log(medium(CHAIN[:count]))
    assert log.newest_sequence == count
    assert log.newest_hash == (record_hash(CHAIN[count - 1]) if count else "00" * 32)
    assert (log.fault, log.lost) == ("", 0)
    assert reads <= 32 + 12


def test_records_of_4096_byte_blocks_have_a_ring_of_sixty() -> None:
    assert (capacity(4096), capacity(512)) == (60, 480)
    log, _ = read_log(medium(CHAIN[:75], 4096), 4096)
    assert log.newest_sequence == 75


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 511))
def test_a_torn_record_is_lost_and_never_read_as_another(count: int, torn: int, byte: int) -> None:
    image = medium(CHAIN[:count])
    place_of = place(torn % count + 1, 512)
    image[place_of + byte] ^= 0xFF
    log, _ = read_log(image)
    known = {record_hash(found) for found in CHAIN}
    assert all(digest in known for digest in log.hashes)
    assert log.newest_sequence in (count, count - 1) or (log.fault == "" and log.lost >= 0)


def test_a_record_of_a_stranger_is_a_fault_and_not_passed_over() -> None:
    forged = [*CHAIN[:4], records(5, by=STRANGER)[4]]
    log, _ = read_log(medium(forged))
    assert log.fault == "record-forged"
    assert not log.records


def test_a_record_put_in_from_another_chain_breaks_the_chain() -> None:
    other = records(3, access=Access.REFUSED)
    log, _ = read_log(medium([CHAIN[0], other[1], CHAIN[2]]))
    assert log.fault == "record-chain-broken"


def test_a_record_in_a_wrong_place_is_a_fault() -> None:
    log, _ = read_log(medium([CHAIN[0], CHAIN[0]]))
    assert log.fault == "record-misplaced"


def test_every_flipped_bit_of_a_record_is_refused() -> None:
    whole = CHAIN[0]
    for bit in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(Hostile):
            read_record(bytes(changed), KEYRING)


@given(st.binary(max_size=600))
def test_any_bytes_are_refused_with_one_error(untrusted: bytes) -> None:
    with pytest.raises(Hostile):
        read_record(untrusted, KEYRING)


def test_a_certificate_is_no_record() -> None:
    with pytest.raises(Hostile):
        read_record(HOST_CERTIFICATE, KEYRING)


def test_a_log_that_ends_before_what_was_seen_is_a_rollback() -> None:
    log, _ = read_log(medium(CHAIN[:5]))
    assert travel_facts(log, SCHEME, (7, record_hash(CHAIN[6]))).known_record_present is False
    assert travel_facts(log, SCHEME, (5, record_hash(CHAIN[4]))).known_record_present is True
    assert travel_facts(log, SCHEME, (5, "ff" * 32)).known_record_present is False


def test_high_water_is_carried_on_by_each_record_although_the_ring_forgets() -> None:
    log, _ = read_log(medium(CHAIN[:1000]))
    assert high_water(log.records, SCHEME) == SCHEME.level("机密")


def test_a_host_above_the_medium_writes_no_record_to_it() -> None:
    assert may_write_record(SCHEME, SCHEME.level("公开"), SCHEME.level("机密"))
    assert may_write_record(SCHEME, SCHEME.level("机密"), SCHEME.level("机密"))
    assert not may_write_record(SCHEME, SCHEME.level("绝密"), SCHEME.level("机密"))
    assert not may_write_record(SCHEME, SCHEME.level("核心商密"), SCHEME.level("机密"))


def test_one_network_alone_makes_no_crossing() -> None:
    log, _ = read_log(medium(CHAIN[:9]))
    assert crossings(log, SCHEME) == ()


def test_the_ring_stays_within_its_place() -> None:
    assert all(RING <= place(sequence, 512) < RING_END for sequence in range(1, 2000))
