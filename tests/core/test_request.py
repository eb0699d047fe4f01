"""What a caller may put into a request or a grant: parsed or refused by name, never passed on."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.errors import Hostile
from guard.core.request import MAX_PURPOSE, parse_grant, parse_term, parse_wishes
from guard.schemes import load_scheme

CN = load_scheme("cn")
NOW = 1_790_000_000
NETWORKS = {"office": "a" * 16, "lab": "b" * 16}
GRANT: dict[str, object] = {"level": "机密", "networks": ["office"], "holder": "Alice"}
ANY = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.binary()
YEAR = 31_556_952


@given(st.dictionaries(st.text() | st.sampled_from(["purpose", "level", "term", "kind", "holder"]), ANY))
def test_no_wishes_end_in_another_error(untrusted: dict[str, object]) -> None:
    try:
        wishes = parse_wishes(untrusted)
    except Hostile:
        return
    assert 0 < len(wishes.purpose) <= MAX_PURPOSE
    assert not [c for c in wishes.purpose if not c.isprintable()]


@given(
    st.dictionaries(st.sampled_from([*GRANT, "term", "kind", "import", "initialize", "number", "access", "once"]), ANY)
)
def test_no_grant_ends_in_another_error(untrusted: dict[str, object]) -> None:
    try:
        grant = parse_grant({**GRANT, **untrusted}, CN, NETWORKS, NOW)
    except Hostile:
        return
    assert grant.holder


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"level": ""}, "level-missing"),
        ({"level": "机密级"}, "level-unknown"),
        ({"holder": ""}, "holder-missing"),
        ({"holder": "x" * 65}, "option-too-long"),
        ({"networks": []}, "networks-missing"),
        ({"networks": ["elsewhere"]}, "network-unknown"),
        ({"networks": ["office"] * 17}, "networks-missing"),
        ({"networks": "office"}, "option-type"),
        ({"kind": "secret"}, "kind-unknown"),
        ({"initialize": "yes"}, "option-type"),
        ({"filesystem": "ntfs"}, "filesystem-unknown"),
        ({"sudo": True}, "option-unknown"),
        ({"term": "31y", "level": "绝密"}, "term-invalid"),
        ({"term": "11y", "level": "秘密"}, "term-invalid"),
    ],
)
def test_what_is_wrong_with_a_grant_is_said_by_name(change: dict[str, object], code: str) -> None:
    with pytest.raises(Hostile) as caught:
        parse_grant({**GRANT, **change}, CN, NETWORKS, NOW)
    assert caught.value.code == code


def test_a_term_is_the_longest_of_the_scheme_unless_a_shorter_one_is_said() -> None:
    for name, years in (("绝密", 30), ("机密", 20), ("秘密", 10)):
        end = parse_term("", CN.level(name), CN, NOW)
        assert end is not None
        assert abs(end - NOW - years * YEAR) < 86_400
    assert parse_term("", CN.level("公开"), CN, NOW) is None
    assert parse_term("30d", CN.level("机密"), CN, NOW) == NOW + 30 * 86_400
    for wrong in ("0d", "-1d", "10", "y", "1.5y", "2001-01-01", "morgen", "9999y"):
        with pytest.raises(Hostile, match="term-invalid"):
            parse_term(wrong, CN.level("机密"), CN, NOW)


def test_a_passphrase_never_shows_in_what_a_log_might_have() -> None:
    grant = parse_grant({**GRANT, "passphrase": "correct horse"}, CN, NETWORKS, NOW)
    assert grant.passphrase == "correct horse"
    assert "correct" not in repr(grant)
