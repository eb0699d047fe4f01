"""The owner in commercial marks comes from guard.toml, and can bring no star with it."""

import pytest

from guard.core.errors import Broken
from guard.core.settings import parse_settings


def test_the_owner_is_a_short_name_and_nothing_by_default() -> None:
    assert parse_settings({}, "guard.toml").scheme.owner == ""
    assert parse_settings({"scheme": {"name": "cn", "owner": "华电"}}, "guard.toml").scheme.owner == "华电"


@pytest.mark.parametrize("owner", ["机密★", "x" * 33, "a\nb", 7, ["华电"], "a\u202eb"])
def test_an_owner_that_could_be_taken_for_a_mark_is_refused(owner: object) -> None:
    with pytest.raises(Broken) as caught:
        parse_settings({"scheme": {"owner": owner}}, "guard.toml")
    assert caught.value.code == "settings-value"
    assert caught.value.facts["key"] == "scheme.owner"
