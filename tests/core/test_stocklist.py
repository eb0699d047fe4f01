"""An older list is taken row by row: what is wrong is named, nothing is guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.errors import Hostile
from guard.core.stocklist import columns_of, parse_item
from guard.schemes import load_scheme

CN = load_scheme("cn")


def test_columns_are_found_by_their_english_and_chinese_names_in_any_order() -> None:
    assert columns_of(["序列号", "备注", "密级", "编号"]) == {"serial": 0, "level": 2, "number": 3}
    assert columns_of(["Number", "LEVEL ", "Holder"]) == {"number": 0, "level": 1, "holder": 2}


@pytest.mark.parametrize("heading", [[], ["编号"], ["密级"], ["编号", "number", "密级"]])
def test_a_list_without_number_or_level_or_with_one_twice_is_refused(heading: list[str]) -> None:
    with pytest.raises(Hostile, match="list-heading"):
        columns_of(heading)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"level": "机密"}, "list-number"),
        ({"number": "1"}, "level-missing"),
        ({"number": "1", "level": "超密"}, "level-unknown"),
        ({"number": "1", "level": "机密", "kind": "toy"}, "kind-unknown"),
        ({"number": "1" * 33, "level": "机密"}, "option-too-long"),
        ({"number": "1", "level": "机密", "colour": "red"}, "option-unknown"),
        ({"number": 1, "level": "机密"}, "option-type"),
    ],
)
def test_a_bad_row_is_named(row: dict[str, object], code: str) -> None:
    with pytest.raises(Hostile, match=code):
        parse_item(row, CN)


@given(
    st.dictionaries(st.sampled_from(["number", "serial", "level", "holder", "kind", "x"]), st.text() | st.integers())
)
def test_any_row_is_taken_whole_or_refused_with_a_code(row: dict[str, object]) -> None:
    try:
        item = parse_item(row, CN)
    except Hostile:
        return
    assert item.number.isprintable()
    assert CN.level(item.level)
