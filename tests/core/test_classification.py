"""A classification ends when it ends, one person never lets it end later, and nothing is released below what was held."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.classification import (
    Classification,
    Phase,
    check_extend,
    check_not_longer,
    check_release,
    first_end,
    may_release,
    parse_classification,
    phase,
)
from guard.core.errors import Hostile, Refused
from guard.core.scheme import Level
from guard.schemes import load_scheme

NOW, DAY = 1_790_000_000, 86_400
CN = load_scheme("cn")
NAMES = [rank.id for rank in CN.ranks]
levels = st.sets(st.sampled_from(NAMES), min_size=1, max_size=2).map(lambda names: CN.level("+".join(sorted(names))))
ends = st.none() | st.integers(NOW - 9, NOW + 9)
classifications = st.builds(
    Classification, level=levels, dated=st.just(NOW - 100), ends=ends, condition=st.sampled_from(["", "会议开始前"])
)
SECRET = Classification(CN.level("机密"), NOW - DAY, NOW + DAY)


@given(classifications, levels, levels)
def test_what_is_released_is_over_lower_and_was_never_anything_else(
    found: Classification, more: Level, target: Level
) -> None:
    held = CN.join(more, found.level)
    try:
        check_release(CN, found, held, target, NOW)
    except Refused:
        return
    assert held == found.level, "nothing higher or beside it"
    assert target != found.level
    assert CN.dominates(found.level, target)
    assert found.condition or (found.ends is not None and found.ends <= NOW)


@given(classifications, st.integers(0, 9))
def test_a_phase_is_over_exactly_from_its_end_on(found: Classification, warn: int) -> None:
    over = found.ends is not None and found.ends <= NOW
    assert (phase(found, warn, NOW) is Phase.OVER) is over
    if not over and found.condition and found.ends is None:
        assert phase(found, warn, NOW) is Phase.CONDITION


def test_the_warning_comes_that_long_ahead_and_not_a_second_before() -> None:
    assert phase(SECRET, 0, NOW) is Phase.RUNNING
    assert phase(replace(SECRET, ends=NOW + 90 * DAY), 90, NOW) is Phase.ENDING
    assert phase(replace(SECRET, ends=NOW + 90 * DAY + 1), 90, NOW) is Phase.RUNNING


@given(classifications, ends)
def test_one_person_never_lets_it_end_later_and_two_never_sooner(found: Classification, end: int | None) -> None:
    after = replace(found, ends=end)
    try:
        check_not_longer(found, after)
    except Refused:
        assert found.ends is not None
        assert end is None or end > found.ends
        check_extend(found, end)
        return
    assert first_end(found.ends, end) == end or found.ends is None
    if after.ends is not None or found.ends is None:
        with pytest.raises(Refused, match="review-not-longer"):
            check_extend(found, end)


@pytest.mark.parametrize(("level", "years"), [("绝密", 30), ("机密", 20), ("秘密", 10)])
def test_without_a_term_it_is_the_longest_of_its_level_counted_from_its_day(level: str, years: int) -> None:
    before = Classification(CN.level(level), NOW, NOW + 7 * DAY)
    found = parse_classification({"dated": "2020-03-01"}, before, CN, NOW)
    assert found.dated == 1_583_020_800
    assert found.ends is not None
    assert abs(found.ends - found.dated - years * 365.2425 * DAY) < 2 * DAY
    with pytest.raises(Hostile, match="term-invalid"):
        parse_classification({"dated": "2020-03-01", "term": f"{years + 1}y"}, before, CN, NOW)


def test_what_is_left_out_stays_and_a_work_secret_has_no_end_by_itself() -> None:
    found = parse_classification({"condition": "公布前"}, SECRET, CN, NOW)
    assert found == replace(SECRET, condition="公布前")
    work = Classification(CN.level("工作秘密"), NOW, None)
    assert parse_classification({"dated": "2020-03-01"}, work, CN, NOW).ends is None


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({}, "classification-nothing"),
        ({"dated": "soon"}, "classification-date"),
        ({"dated": "2099-01-01"}, "classification-date"),
        ({"dated": "0001-01-01"}, "classification-date"),
        ({"term": "x"}, "term-invalid"),
        ({"term": 5}, "option-type"),
        ({"level": "公开"}, "option-unknown"),
        ({"condition": "x" * 65}, "option-too-long"),
    ],
)
def test_what_is_no_classification_is_refused_with_its_code(wanted: dict[str, object], code: str) -> None:
    with pytest.raises(Hostile, match=code):
        parse_classification(wanted, SECRET, CN, NOW)


def test_a_medium_that_was_on_a_higher_host_is_not_released_by_its_own_term() -> None:
    assert not may_release(CN, CN.level("秘密"), CN.level("机密"))
    assert not may_release(CN, CN.level("机密"), CN.level("机密+核心商密"))
    assert may_release(CN, CN.level("机密"), CN.level("机密"))
