"""What is recommended: exactly one way, never overwriting for what held state secrets, never keys where nothing is encrypted."""

import itertools

import pytest

from guard.core.disposal import Method, Technology, choices, parse_method, parse_technology
from guard.core.errors import Hostile
from guard.core.scheme import Level
from guard.schemes import PACKAGED, load_scheme
from guard.words import LANGUAGES, word


@pytest.mark.parametrize("name", PACKAGED)
def test_one_way_is_recommended_it_is_possible_and_each_says_what_it_cannot_promise(name: str) -> None:
    scheme = load_scheme(name)
    for rank, technology, encrypted in itertools.product(scheme.ranks, Technology, (True, False)):
        found = choices(scheme, Level((rank.id,)), technology, encrypted)
        assert [choice.method for choice in found] == list(Method)
        (best,) = [choice for choice in found if choice.recommended]
        assert best.possible
        assert (best.method is Method.DESTROY) is (rank.category == "state")
        assert best.method is not Method.KEYS or (encrypted and technology is not Technology.MAGNETIC)
        for choice in found:
            for language, text in itertools.product(LANGUAGES, (choice.why, choice.limits)):
                assert word(text, language) != text, text
            assert choice.method is not Method.KEYS or choice.possible is encrypted


def test_who_held_a_state_secret_once_is_not_released_for_being_something_lower_as_well() -> None:
    cn = load_scheme("cn")
    found = choices(cn, cn.level("秘密+核心商密"), Technology.FLASH, True)
    assert [choice.method for choice in found if choice.recommended] == [Method.DESTROY]


@pytest.mark.parametrize("untrusted", ["destroy", "", "shred", 1, None, ["keys"]])
def test_a_way_that_the_guard_does_not_have_is_named(untrusted: object) -> None:
    with pytest.raises(Hostile):
        parse_method(untrusted)
    with pytest.raises(Hostile):
        parse_technology(untrusted)
