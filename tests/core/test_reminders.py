"""A holder is told in time, once for each thing, and never about what is nobody's to use."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.life import USABLE, MediumState
from guard.core.reminders import About, Holding, reminders
from guard.core.settings import ReminderSettings

NOW, DAY = 1_790_000_000, 86_400
POLICY = ReminderSettings()
STICK = Holding("ab" * 16, "MG-1", MediumState.ISSUED, lowest=False)
times = st.none() | st.integers(NOW - 400 * DAY, NOW + 400 * DAY)
holdings = st.builds(
    Holding,
    medium=st.sampled_from(["a", "b"]),
    number=st.sampled_from(["1", "2"]),
    state=st.sampled_from(MediumState),
    lowest=st.booleans(),
    due=times,
    inspection_due=times,
    ends=times,
    files_since=times,
)


@pytest.mark.parametrize(
    ("holding", "about", "ahead"),
    [
        (replace(STICK, state=MediumState.LENT, due=NOW), About.LOAN, POLICY.loan_days),
        (replace(STICK, inspection_due=NOW), About.INSPECTION, POLICY.inspection_days),
        (replace(STICK, ends=NOW), About.TERM, POLICY.term_days),
        (replace(STICK, files_since=NOW - POLICY.clearing_days * DAY), About.CLEARING, 0),
    ],
)
def test_each_is_told_that_long_ahead_and_not_a_second_before(holding: Holding, about: About, ahead: int) -> None:
    assert reminders([holding], POLICY, NOW - ahead * DAY - 1) == ()
    (soon,) = reminders([holding], POLICY, NOW - ahead * DAY)
    assert (soon.about, soon.at, soon.late) == (about, NOW, ahead == 0)
    (late,) = reminders([holding], POLICY, NOW)
    assert late.late


def test_files_of_the_lowest_level_may_stay_and_a_loan_that_is_over_is_none_of_an_issued_medium() -> None:
    long = replace(STICK, files_since=NOW - 1000 * DAY)
    assert reminders([replace(long, lowest=True)], POLICY, NOW) == ()
    assert reminders([replace(STICK, due=NOW)], POLICY, NOW) == ()


@given(st.lists(holdings, max_size=6))
def test_only_what_may_be_used_most_urgent_first_and_each_thing_once(found: list[Holding]) -> None:
    told = reminders(found, POLICY, NOW)
    assert [one.at for one in told] == sorted(one.at for one in told)
    assert len(told) <= 4 * sum(one.state in USABLE for one in found)
    assert all(one.late == (one.at <= NOW) for one in told)


@given(st.lists(holdings, max_size=6))
def test_with_no_days_nobody_is_reminded(found: list[Holding]) -> None:
    assert reminders(found, ReminderSettings(0, 0, 0, 0), NOW) == ()
