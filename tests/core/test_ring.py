"""The travel log against loss, forgery and rollback, and what it says of crossings and high water."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.core.area import RING, RING_END, frame, sequence_in, unframe
from guard.core.certificate import Certificate, Role, sign_certificate
from guard.core.claims import MAX_TIME
from guard.core.errors import Broken, Hostile
from guard.core.label import MAX_GENERATION
from guard.core.record import MAX_SEQUENCE, MAX_WRITTEN, JournalHead, Record, read_record, record_hash, sign_record
from guard.core.ring import archive_capacity, archive_place, capacity, place
from guard.core.scheme import parse_scheme
from guard.core.travel import crossings, high_water, may_write_record, travel_facts
from guard.core.verdict import Access
from guard.schemes import load_scheme
from tests.core.world import HOST, HOST_CERTIFICATE, ISSUER, KEYRING, STRANGER, medium, read_back, read_log, records

SCHEME = load_scheme("cn")
CHAIN = records(1000)


def test_the_largest_record_with_the_largest_certificate_fits_one_sector() -> None:
    codes = tuple(range(248, 256))
    largest = Certificate(Role.HOST, HOST.public_key, "22" * 8, "33" * 8, "s" * 32, codes, MAX_TIME, MAX_TIME)
    certificate = sign_certificate(largest, ISSUER)
    record = Record(
        sequence=MAX_SEQUENCE,
        previous="ff" * 32,
        medium_id="ab" * 16,
        generation=MAX_GENERATION,
        host_id="22" * 8,
        network_id="33" * 8,
        scheme="s" * 32,
        host_level_codes=codes,
        arrived=MAX_TIME,
        access=Access.REFUSED,
        alarm=True,
        high_water_codes=codes,
        journal=JournalHead(MAX_SEQUENCE, "5a" * 16),
        left="11" * 16,
        written=MAX_WRITTEN,
        untouched=True,
        visits=(1 << 32) - 1,
        alarms=(1 << 32) - 1,
        first=1_790_002_800,
    )
    cose = sign_record(record, HOST, certificate)
    assert read_record(cose, KEYRING) == record
    assert unframe(frame(cose, 512, sequence=MAX_SEQUENCE), record=True) == cose


def test_a_scheme_whose_id_would_not_fit_is_refused() -> None:
    raw = {"id": "密" * 11, "mark": "{level}", "level": [{"id": "a", "code": 1, "colour": "#000"}]}
    with pytest.raises(Broken) as caught:
        parse_scheme(raw)
    assert caught.value.code == "scheme-invalid"
    assert parse_scheme({**raw, "id": "s" * 32}).id == "s" * 32


@pytest.mark.parametrize("count", [0, 1, 2, 31, 32, 33, 111, 112, 113, 224, 225, 480, 700, 960, 1000])
def test_the_newest_record_is_found_in_the_window_alone_also_when_both_rings_have_wrapped(count: int) -> None:
    log = read_log(medium(CHAIN[:count]))
    assert log.newest_sequence == count
    assert log.newest_hash == (record_hash(CHAIN[count - 1]) if count else "00" * 32)
    assert (log.fault, log.lost) == ("", 0)
    assert len(log.records) == min(count, 32)


def test_blocks_of_4096_bytes_have_rings_of_fourteen_and_sixty() -> None:
    assert (capacity(4096), archive_capacity(4096)) == (14, 60)
    assert (capacity(512), archive_capacity(512)) == (112, 480)
    image = medium(CHAIN[:75], 4096)
    assert read_log(image, 4096).newest_sequence == 75
    log, lengths = read_back(image, 20, 4096)
    assert (log.records[0].sequence, log.newest_sequence, log.fault) == (20, 75, "")
    assert all(length <= 64 * 1024 for length in lengths)


@pytest.mark.parametrize(("count", "since", "first"), [(1000, 0, 521), (1000, 700, 700), (1000, 100, 521), (300, 0, 1)])
def test_a_host_that_has_not_seen_the_medium_for_long_reads_its_history_from_the_archive(
    count: int, since: int, first: int
) -> None:
    log, lengths = read_back(medium(CHAIN[:count]), since)
    assert [record.sequence for record in log.records] == list(range(first, count + 1))
    assert (log.fault, log.lost, log.complete) == ("", 0, first == 1)
    assert 0 < len(lengths) <= 6
    assert all(length <= 64 * 1024 for length in lengths)


def test_nothing_more_is_read_for_a_host_that_saw_the_medium_lately() -> None:
    assert read_back(medium(CHAIN[:1000]), 940)[1] == []


Image = bytearray


def _append(image: Image, sequence: int) -> list[tuple[int, bytes]]:
    """The writes that append a record, in order, as `guard.marking` makes them; each is flushed before the next."""
    block = frame(CHAIN[sequence - 1], 512, sequence=sequence)
    before = image[place(sequence - 1, 512) :][:512] if sequence > 1 else bytes(512)
    whole = sequence > 1 and sequence_in(bytes(before)) == sequence - 1
    again = [(archive_place(sequence - 1, 512), bytes(before))] if whole else []
    return [(place(sequence, 512), block), *again, (archive_place(sequence, 512), block)]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 250), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 512)), min_size=1, max_size=4))
def test_a_power_cut_at_any_byte_of_any_write_loses_at_most_the_record_being_written_and_accuses_nobody(
    count: int, cuts: list[tuple[int, int]]
) -> None:
    image = medium(CHAIN[:count])
    for cut_write, byte in cuts:
        newest = read_log(image).newest_sequence
        writes = _append(image, newest + 1)
        for number, (offset, data) in enumerate(writes):
            kept = byte if number == cut_write else 512
            image[offset : offset + kept] = data[:kept]
            if number == cut_write:
                break
        log = read_log(image)
        assert log.newest_sequence in (newest, newest + 1)
        assert (log.fault, log.lost) == ("", 0)
        facts = travel_facts(log, SCHEME, (newest, record_hash(CHAIN[newest - 1])) if newest else None)
        assert facts.known_record_present is not False
    assert read_back(image, max(1, read_log(image).newest_sequence - 40))[0].fault == ""


def test_a_hole_that_a_power_cut_left_in_the_archive_is_filled_by_the_next_visit() -> None:
    image = medium(CHAIN[:200])
    image[archive_place(200, 512) : archive_place(200, 512) + 512] = bytes(512)
    for sequence in range(201, 330):
        for offset, data in _append(image, sequence):
            image[offset : offset + 512] = data
    assert read_back(image, 1)[0].records[0].sequence == 1


@settings(deadline=None, max_examples=40)
@given(st.integers(3, 400), st.integers(0, 511), st.integers(0, 7))
def test_a_bit_that_was_flipped_in_the_window_is_healed_by_the_archive_and_named_where_it_is_in_both(
    count: int, byte: int, bit: int
) -> None:
    image = medium(CHAIN[:count])
    sequence = count - 1
    image[place(sequence, 512) + byte] ^= 1 << bit
    log, _ = read_back(image, count)
    assert (log.fault, log.lost, log.newest_sequence) == ("", 0, count)
    image[archive_place(sequence, 512) + byte] ^= 1 << bit
    log, _ = read_back(image, count)
    assert log.fault == "record-missing"


def test_a_record_that_was_taken_away_is_named_also_by_a_host_that_never_saw_the_medium() -> None:
    for sequence in (1, 2, 100, 199):
        image = medium(CHAIN[:200])
        for offset in (place(sequence, 512), archive_place(sequence, 512)):
            image[offset : offset + 512] = bytes(512)
        log, _ = read_back(image, 0)
        if sequence > 200 - capacity(512) + 1:
            assert log.fault == "record-missing"
        else:  # out of the window: the history just ends there
            assert (log.fault, log.records[0].sequence) == ("", sequence + 1)


def test_a_record_of_a_stranger_is_a_fault_and_not_passed_over() -> None:
    forged = [*CHAIN[:4], records(5, by=STRANGER)[4]]
    log = read_log(medium(forged))
    assert log.fault == "record-forged"
    assert not log.records


def test_a_record_put_in_from_another_chain_breaks_the_chain() -> None:
    other = records(3, access=Access.REFUSED)
    log = read_log(medium([CHAIN[0], other[1], CHAIN[2]]))
    assert log.fault == "record-chain-broken"


def test_a_record_in_a_wrong_place_is_a_fault() -> None:
    log = read_log(medium([CHAIN[0], CHAIN[0]]))
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
    log = read_log(medium(CHAIN[:5]))
    assert travel_facts(log, SCHEME, (7, record_hash(CHAIN[6]))).known_record_present is False
    assert travel_facts(log, SCHEME, (5, record_hash(CHAIN[4]))).known_record_present is True
    assert travel_facts(log, SCHEME, (5, "ff" * 32)).known_record_present is False


def test_high_water_is_carried_on_by_each_record_although_the_ring_forgets() -> None:
    log = read_log(medium(CHAIN[:1000]))
    assert high_water(log.records, SCHEME) == SCHEME.level("机密")


def test_a_host_above_the_medium_writes_no_record_to_it() -> None:
    assert may_write_record(SCHEME, SCHEME.level("公开"), SCHEME.level("机密"))
    assert may_write_record(SCHEME, SCHEME.level("机密"), SCHEME.level("机密"))
    assert not may_write_record(SCHEME, SCHEME.level("绝密"), SCHEME.level("机密"))
    assert not may_write_record(SCHEME, SCHEME.level("核心商密"), SCHEME.level("机密"))


def test_one_network_alone_makes_no_crossing() -> None:
    log = read_log(medium(CHAIN[:9]))
    assert crossings(log, SCHEME) == ()


def test_the_ring_stays_within_its_place() -> None:
    assert all(RING <= place(sequence, 512) < RING_END for sequence in range(1, 2000))
