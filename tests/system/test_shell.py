"""The hands that a person has in `make vm`."""

import pytest

from tests.system.guest import Guest
from tests.system.shell import hands

pytestmark = pytest.mark.system


def test_a_person_in_the_guest_plugs_and_pulls_sticks_with_one_word(guest: Guest) -> None:
    with hands(guest):
        assert guest.out("plug red 16") == "done: red is in"
        assert guest.until("red", lambda visit: visit["Stage"] == "shut")["Reasons"] == ["not-labelled"]
        assert guest.run("plug red", check=False).stdout == "no: red is in already\n"
        assert guest.out("unplug red") == "done: red is out"
        for wrong in ("unplug red", "plug ../red", "plug red 1", "plug"):
            assert guest.run(wrong, check=False).returncode != 0
    assert not guest.run("ls /dev/sd*", check=False).stdout
