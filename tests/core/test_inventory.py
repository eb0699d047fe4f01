"""What an inventory covers, what counts as having been shown, and that what is owed is owed until it was in somebody's hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.errors import Hostile
from guard.core.inventory import (
    COUNTED,
    SETTLED,
    Campaign,
    CampaignState,
    Duty,
    Shown,
    inspection_due,
    parse_campaign,
    parse_code,
)
from guard.core.life import MediumState
from guard.schemes import load_scheme

NOW, DAY = 1_790_000_000, 86_400
CN = load_scheme("cn")
duties = st.builds(Duty, due=st.integers(NOW - 9, NOW + 9), state=st.sampled_from(CampaignState), seen=st.booleans())


@given(st.lists(duties), st.sampled_from(Shown), st.integers(NOW - 9, NOW + 9))
def test_showing_a_medium_never_makes_it_owe_more_and_by_hand_settles_all(
    found: list[Duty], how: Shown, now: int
) -> None:
    before = inspection_due(found)
    after = inspection_due([duty for duty in found if not duty.settled_by(how, now)])
    assert after is None or (before is not None and after >= before)
    if how is not Shown.PLUGGED:
        assert after is None


@given(st.lists(duties), st.integers(NOW - 9, NOW + 9))
def test_what_is_overdue_is_not_excused_by_plugging_it_in_once_more(found: list[Duty], now: int) -> None:
    due = inspection_due(found)
    if due is not None and now >= due:
        after = inspection_due([duty for duty in found if not duty.settled_by(Shown.PLUGGED, now)])
        assert after == due


@given(st.lists(duties), duties)
def test_one_more_campaign_never_lets_a_medium_owe_later(found: list[Duty], more: Duty) -> None:
    alone = inspection_due(found)
    both = inspection_due([*found, more])
    assert alone is None or (both is not None and both <= alone)


@pytest.mark.parametrize("state", list(MediumState))
def test_what_nobody_can_show_is_not_asked_for_and_everything_else_is(state: MediumState) -> None:
    everything = Campaign("all", NOW + DAY)
    assert everything.covers(CN, state, "", CN.level("公开")) is (state in COUNTED)
    assert (state in COUNTED) is not (state in SETTLED)


@pytest.mark.parametrize(
    ("department", "held", "covered"),
    [
        ("二处", "机密", True),
        ("二处", "绝密", True),
        ("二处", "秘密", False),
        ("一处", "机密", False),
        ("", "机密", False),
    ],
)
def test_a_level_means_that_one_and_all_above_and_a_department_only_itself(
    department: str, held: str, covered: bool
) -> None:
    wanted = Campaign("x", NOW + DAY, "二处", CN.level("机密"))
    assert wanted.covers(CN, MediumState.ISSUED, department, CN.level(held)) is covered


@pytest.mark.parametrize(
    ("due", "end"), [("30d", NOW + 30 * DAY), ("2026-12-31", 1_798_761_599), ("2026-12-31T12:00", 1_798_718_400)]
)
def test_a_day_that_is_named_counts_whole(due: str, end: int) -> None:
    found = parse_campaign("Autumn", {"due": due, "level": "机密"}, CN, NOW)
    assert (found.due, found.level) == (end, CN.level("机密"))


@pytest.mark.parametrize(
    ("title", "wanted", "code"),
    [
        ("", {"due": "30d"}, "inventory-title"),
        ("\u202e", {"due": "30d"}, "inventory-title"),
        ("x", {}, "inventory-due"),
        ("x", {"due": "0d"}, "inventory-due"),
        ("x", {"due": "2020-01-01"}, "inventory-due"),
        ("x", {"due": "999d"}, "inventory-due"),
        ("x", {"due": "30d", "level": "x"}, "level-unknown"),
        ("x", {"due": "30d", "owner": "x"}, "option-unknown"),
        ("x", {"due": 30}, "option-type"),
        ("x" * 81, {"due": "30d"}, "option-too-long"),
    ],
)
def test_what_cannot_be_an_inventory_is_refused_with_its_code(title: str, wanted: dict[str, object], code: str) -> None:
    with pytest.raises(Hostile, match=code):
        parse_campaign(title, wanted, CN, NOW)


@pytest.mark.parametrize("code", ["ab" * 16, "AB" * 16, f"https://x/m/{'ab' * 16}?n=1", f"MG-1|{'ab' * 16}|机密"])
def test_an_id_is_found_in_whatever_a_sticker_says(code: str) -> None:
    assert parse_code(code) == ("ab" * 16, "")


@given(st.text(max_size=600))
def test_any_text_is_an_id_a_number_or_refused(code: str) -> None:
    try:
        ident, number = parse_code(code)
    except Hostile:
        return
    assert bool(ident) is not bool(number)
    assert number.isprintable()
    assert len(number) <= 32


def test_a_longer_run_of_digits_is_no_id() -> None:
    assert parse_code("ab" * 17)[0] == ""
