"""The levels in force: a lattice in every scheme that is shipped, and nothing else gets in."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.errors import GuardError
from guard.core.mark import mark, term_of
from guard.core.scheme import BOTTOM, Level, Scheme, parse_scheme
from guard.schemes import PACKAGED, load_scheme

SCHEMES = {name: load_scheme(name) for name in PACKAGED}


@st.composite
def levels(draw: st.DrawFn, count: int) -> tuple[Scheme, list[Level]]:
    scheme = SCHEMES[draw(st.sampled_from(PACKAGED))]
    names = [rank.id for rank in scheme.ranks]
    some = st.lists(st.sampled_from(names), max_size=4).map(lambda chosen: scheme.join(*(Level((n,)) for n in chosen)))
    return scheme, [draw(some) for _ in range(count)]


@given(levels(3))
def test_dominates_is_a_partial_order(drawn: tuple[Scheme, list[Level]]) -> None:
    scheme, (a, b, c) = drawn
    assert scheme.dominates(a, a)
    assert scheme.dominates(a, BOTTOM)
    if scheme.dominates(a, b) and scheme.dominates(b, a):
        assert a == b
    if scheme.dominates(a, b) and scheme.dominates(b, c):
        assert scheme.dominates(a, c)


@given(levels(3))
def test_join_is_the_least_upper_bound_whatever_the_order_of_joining(drawn: tuple[Scheme, list[Level]]) -> None:
    scheme, (a, b, c) = drawn
    joined = scheme.join(a, b)
    assert scheme.dominates(joined, a)
    assert scheme.dominates(joined, b)
    if scheme.dominates(c, a) and scheme.dominates(c, b):
        assert scheme.dominates(c, joined), "nothing lower would do"
    assert scheme.join(b, a) == joined
    assert scheme.join(a, scheme.join(b, c)) == scheme.join(joined, c)
    assert scheme.join(a, a) == a
    assert scheme.join(a, BOTTOM) == a


@given(levels(1))
def test_a_level_survives_the_way_to_the_medium_and_to_the_command_line(drawn: tuple[Scheme, list[Level]]) -> None:
    scheme, (level,) = drawn
    assert scheme.level_of_codes(scheme.codes(level)) == level
    if level != BOTTOM:
        assert scheme.level(str(level)) == level


def test_state_secrets_are_a_chain_and_work_secrets_stand_beside_it() -> None:
    cn = SCHEMES["cn"]
    chain = [cn.level(name) for name in ("绝密", "机密", "秘密", "公开")]
    for high, low in pairwise(chain):
        assert cn.dominates(high, low)
        assert not cn.dominates(low, high)
    work = cn.level("工作秘密")
    assert cn.dominates(work, cn.level("公开"))
    assert not cn.dominates(cn.level("绝密"), work)
    assert not cn.dominates(work, cn.level("秘密"))
    both = cn.join(work, cn.level("秘密"))
    assert both not in (work, cn.level("秘密"))
    assert [cn.rank(name).longest_years for name in ("绝密", "机密", "秘密", "工作秘密")] == [30, 20, 10, 0]


def test_the_star_stands_on_state_secrets_alone() -> None:
    cn = SCHEMES["cn"]
    assert mark(cn, cn.level("机密"), "10年") == "机密★10年"
    assert mark(cn, cn.level("绝密")) == "绝密★30年"
    for rank in cn.ranks:
        assert ("★" in mark(cn, Level((rank.id,)), "5年")) == rank.state_secret
    assert mark(cn, cn.join(cn.level("秘密"), cn.level("工作秘密"))) in ("秘密★10年+工作秘密", "工作秘密+秘密★10年")
    for name in ("us", "corporate"):
        assert not [rank for rank in SCHEMES[name].ranks if "★" in mark(SCHEMES[name], Level((rank.id,)))]


def test_a_term_in_a_mark_is_years_where_it_is_whole_years_and_days_where_not() -> None:
    day, year = 86_400, 31_556_952
    assert term_of(0, None) == ""
    assert term_of(1_000, 1_000 + 20 * year) == "20年"
    assert term_of(1_000, 1_000 + 30 * day) == "30天"
    assert term_of(1_000, 1_000 + 400 * day) == "400天"


GOOD: dict[str, object] = {"id": "a", "code": 1, "above": [], "colour": "red"}


@pytest.mark.parametrize(
    "tables",
    [
        [],
        "levels",
        [GOOD] * 2,
        [{**GOOD, "above": ["a"]}],
        [{**GOOD, "above": ["b"]}, {**GOOD, "id": "b", "code": 2, "above": ["a"]}],
        [{**GOOD, "above": ["nowhere"]}],
        [{**GOOD, "code": 0}],
        [{**GOOD, "code": 256}],
        [{**GOOD, "code": True}],
        [{**GOOD, "longest_years": -1}],
        [{**GOOD, "id": "x" * 65}],
        [{**GOOD, "names": {"zh": 1}}],
        [{"id": "a"}],
        ["a"],
        [{**GOOD, "id": f"l{n}", "code": n + 1} for n in range(65)],
    ],
)
def test_a_scheme_that_is_none_is_refused_by_name(tables: object) -> None:
    with pytest.raises(GuardError, match="scheme-invalid"):
        parse_scheme({"id": "test", "mark": "{level}", "level": tables})


@given(
    st.dictionaries(
        st.text(), st.none() | st.integers() | st.text() | st.lists(st.dictionaries(st.text(), st.integers()))
    )
)
def test_no_file_whatsoever_ends_in_another_error(raw: dict[str, object]) -> None:
    with pytest.raises(GuardError, match="scheme-invalid"):
        parse_scheme({"id": "x", "mark": "m", **raw})
