"""Sealed records: what stands in the open, what only the auditors can read, and that a box tells nothing by its size."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from guard.core.area import room_for_record
from guard.core.box import open_box, seal_box
from guard.core.certificate import Certificate, Role, sign_certificate
from guard.core.errors import Hostile
from guard.core.pen import INFO, PLAIN, Opened, Pen, filler_box, open_record
from guard.core.record import BOX, MAX_SEQUENCE, MAX_WRITTEN, JournalHead, Record, read_record, record_hash
from guard.core.travel import crossings, high_water, host_level
from guard.core.verdict import Access
from guard.schemes import load_scheme
from tests.core.world import ISSUER, KEYRING, medium, read_log, signer

AUDITORS = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = AUDITORS.public_key().public_bytes_raw()
KEY = signer(9)
CERTIFICATE = sign_certificate(Certificate(Role.RECORD, KEY.public_key, "77" * 8, "", "", (), 0, None), ISSUER)
PEN = Pen(KEY, CERTIFICATE, PUBLIC)
CODES = tuple(range(248, 256))
RECORD = Record(
    sequence=MAX_SEQUENCE,
    previous="ff" * 32,
    medium_id="ab" * 16,
    generation=(1 << 32) - 1,
    host_id="22" * 8,
    network_id="33" * 8,
    scheme="cn",
    host_level_codes=CODES,
    arrived=1_790_002_800,
    access=Access.REFUSED,
    alarm=True,
    high_water_codes=CODES,
    journal=JournalHead(MAX_SEQUENCE, "5a" * 16),
    left="11" * 16,
    written=MAX_WRITTEN,
    untouched=True,
)


def test_the_box_is_hpke_as_rfc_9180_appendix_a_2_1_has_it() -> None:
    ephemeral = bytes.fromhex("f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600")
    private = bytes.fromhex("8057991eef8f1f1af18f4a9491d16a1ce333f695d4db8e38da75975c4478e0fb")
    public = bytes.fromhex("4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a")
    info, aad = b"Ode on a Grecian Urn", b"Count-0"
    box = seal_box(b"Beauty is truth, truth beauty", public, info, aad, ephemeral)
    assert box.hex() == (
        "1afa08d3dec047a643885163f1180476fa7ddb54c6a8029ea33f95796bf2ac4a"
        "1c5250d8034ec2b784ba2cfd69dbdb8af406cfe3ff938e131f0def8c8b60b4db21993c62ce81883d2dd1b51a28"
    )
    key = X25519PrivateKey.from_private_bytes(private)
    assert open_box(box, key, info, aad) == b"Beauty is truth, truth beauty"


def test_the_largest_sealed_record_fits_one_sector_and_the_auditors_read_all_of_it() -> None:
    cose = PEN.write(RECORD, bytes(31) + b"\1")
    assert len(cose) <= room_for_record(512)
    seen = read_record(cose, KEYRING)
    assert open_record(seen.box, seen.medium_id, seen.sequence, AUDITORS) == Opened(
        "22" * 8, "33" * 8, CODES, RECORD.arrived, Access.REFUSED, True, True, MAX_WRITTEN, RECORD.journal
    )


def test_in_the_open_stands_only_what_any_host_needs() -> None:
    cose = PEN.write(RECORD, bytes(32))
    for secret in (RECORD.host_id, RECORD.network_id, RECORD.journal.hash):
        assert bytes.fromhex(secret) not in cose
    seen = read_record(cose, KEYRING)
    assert replace(seen, box=b"") == replace(
        RECORD,
        host_id="77" * 8,
        network_id="",
        scheme="",
        host_level_codes=(),
        arrived=0,
        access=Access.HELD,
        alarm=False,
        journal=JournalHead(0, "00" * 16),
        written=0,
        untouched=False,
    )


@given(
    st.sampled_from([Access.REFUSED, Access.READ_ONLY]),
    st.booleans(),
    st.integers(0, MAX_WRITTEN),
    st.binary(min_size=32, max_size=32),
)
def test_records_that_differ_only_in_what_is_sealed_have_one_form(
    access: Access, alarm: bool, written: int, chance: bytes
) -> None:
    other = replace(RECORD, access=access, alarm=alarm, written=written, host_id="99" * 8, host_level_codes=(20,))
    cose = PEN.write(other, chance)
    assert len(cose) == len(PEN.write(RECORD, bytes(32)))
    seen = read_record(cose, KEYRING)
    assert replace(seen, box=b"") == replace(read_record(PEN.write(RECORD, bytes(32)), KEYRING), box=b"")
    assert len(seen.box) == BOX


def test_a_box_that_was_changed_moved_or_made_for_others_does_not_open() -> None:
    box = read_record(PEN.write(RECORD, bytes(32)), KEYRING).box
    changed = [box[:place] + bytes([box[place] ^ 1]) + box[place + 1 :] for place in range(0, BOX, 5)]
    for untrusted in [*changed, b"", box[:40], bytes(BOX)]:
        with pytest.raises(Hostile, match="box-sealed"):
            open_record(untrusted, RECORD.medium_id, RECORD.sequence, AUDITORS)
    for medium_id, sequence in (("cd" * 16, RECORD.sequence), (RECORD.medium_id, 7)):
        with pytest.raises(Hostile, match="box-sealed"):
            open_record(box, medium_id, sequence, AUDITORS)
    with pytest.raises(Hostile, match="box-sealed"):
        open_record(box, RECORD.medium_id, RECORD.sequence, X25519PrivateKey.generate())
    nonsense = seal_box(
        bytes(28) + b"\xff" * (PLAIN - 28), PUBLIC, INFO, bytes.fromhex("ab" * 16) + bytes(6), bytes(32)
    )
    with pytest.raises(Hostile, match="box-sealed"):
        open_record(nonsense, "ab" * 16, 0, AUDITORS)


def test_a_record_that_stands_for_no_visit_opens_to_nothing() -> None:
    assert open_record(filler_box("ab" * 16, 7, PUBLIC, bytes(32)), "ab" * 16, 7, AUDITORS) is None


def test_a_pseudonym_signs_no_open_record_and_a_host_no_sealed_one() -> None:
    open_one = Pen(KEY, CERTIFICATE).write(RECORD, bytes(32))
    with pytest.raises(Hostile, match="record-malformed"):
        read_record(open_one, KEYRING)


def test_high_water_is_read_without_the_key_and_no_crossing_is_made_up() -> None:
    scheme = load_scheme("cn")
    chain: list[bytes] = []
    for sequence, access in ((1, Access.READ_WRITE), (2, Access.REFUSED)):
        record = replace(RECORD, sequence=sequence, access=access, high_water_codes=(20,), left="")
        chain.append(PEN.write(replace(record, previous="00" * 32 if not chain else record_hash(chain[-1])), bytes(32)))
    log = read_log(medium(chain))
    assert (log.fault, len(log.records)) == ("", 2)
    assert high_water(log.records, scheme) == scheme.level("机密")
    assert host_level(log.records[0], scheme).ranks == ()
    assert crossings(log, scheme) == ()
