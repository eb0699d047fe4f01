"""The star stands on state secrets and on nothing else (CN-5), whatever levels are joined."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.errors import Broken
from guard.core.mark import CommercialSecret, StateSecret, mark
from guard.core.scheme import parse_scheme
from guard.schemes import PACKAGED, load_scheme

CN = load_scheme("cn")
SCHEMES = Path(__file__).resolve().parents[2] / "guard" / "schemes"


@given(st.lists(st.sampled_from(CN.ranks), min_size=1, max_size=4), st.sampled_from(["", "5年", "会议开始前"]))
def test_each_part_of_a_mark_has_the_star_exactly_if_it_is_a_state_secret(ranks: list[object], term: str) -> None:
    level = CN.join(*(CN.level(rank.id) for rank in ranks))  # type: ignore[attr-defined]
    for name, part in zip(level.ranks, mark(CN, level, term).split("+"), strict=True):
        assert name in part
        assert ("▲" in part) is (CN.rank(name).category == "commercial")
        assert ("★" in part) is CN.rank(name).state_secret


@pytest.mark.parametrize("name", PACKAGED)
def test_the_mark_of_a_state_secret_cannot_be_made_of_anything_else(name: str) -> None:
    for rank in load_scheme(name).ranks:
        if rank.state_secret:
            assert StateSecret(rank).rank is rank
        else:
            with pytest.raises(RuntimeError):
                StateSecret(rank)


def test_without_a_term_a_state_secret_gets_its_longest() -> None:
    assert mark(CN, CN.level("机密")) == "机密★20年"
    assert mark(CN, CN.level("工作秘密")) == "工作秘密"


@pytest.mark.parametrize("name", PACKAGED)
def test_the_mark_with_an_owner_cannot_be_made_of_a_state_secret(name: str) -> None:
    for rank in load_scheme(name).ranks:
        if rank.category == "commercial":
            assert CommercialSecret(rank).rank is rank
        else:
            with pytest.raises(RuntimeError):
                CommercialSecret(rank)


def test_a_commercial_secret_names_owner_level_and_term_and_nothing_else_names_an_owner() -> None:
    assert mark(CN, CN.level("核心商密"), "5年", "华电") == "华电 核心商密▲5年"
    assert mark(CN, CN.level("普通商密"), "", "华电") == "华电 普通商密▲长期"
    assert mark(CN, CN.level("普通商密")) == "普通商密▲长期"
    assert mark(CN, CN.level("机密+核心商密"), "5年", "华电") == "华电 核心商密▲5年+机密★5年"
    for name in ("机密", "工作秘密", "公开"):
        assert "华电" not in mark(CN, CN.level(name), "5年", "华电")
        assert "▲" not in mark(CN, CN.level(name), "5年", "华电")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("commercial_mark", "{level}★{term}"),
        ("commercial_mark", "{owner}▲{term}"),
        ("commercial_mark", "{level.id}"),
        ("mark", "{level}{holder}"),
        ("mark", "{level"),
        ("mark", "{level:>999999999}"),
    ],
)
def test_a_scheme_cannot_put_the_star_on_commercial_secrets_or_have_a_mark_that_cannot_be_made(
    key: str, value: str
) -> None:
    raw = tomllib.loads((SCHEMES / "cn.toml").read_text())
    with pytest.raises(Broken) as caught:
        parse_scheme({**raw, key: value})
    assert caught.value.code == "scheme-invalid"
