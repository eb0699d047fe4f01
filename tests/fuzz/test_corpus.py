"""The kept corpus is replayed, and each of its files is changed a little in many ways. `make fuzz` does that for longer."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutation import mutated
from tests.fuzz.seeds import CORPUS, seeds
from tests.fuzz.targets import TARGETS

FILES = sorted(path for path in CORPUS.rglob("*") if path.is_file())
MOST = {"door": 60, "log": 60, "label": 60}


@pytest.mark.parametrize("file", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_was_kept_is_taken_again_without_a_fault(file: Path) -> None:
    TARGETS[file.parent.name](file.read_bytes())


def test_every_target_has_seeds_and_they_are_kept() -> None:
    assert set(seeds()) == set(TARGETS) == {path.name for path in CORPUS.iterdir()}
    for target, found in seeds().items():
        assert len([path for path in (CORPUS / target).iterdir() if path.name.startswith("seed-")]) == len(found)


@pytest.mark.parametrize("target", TARGETS)
def test_nothing_that_resembles_what_is_right_is_more_than_an_error(target: str) -> None:
    known = [path.read_bytes() for path in FILES if path.parent.name == target]

    @settings(max_examples=MOST.get(target, 200), deadline=None)
    @given(st.randoms(use_true_random=False))
    def story(chance: random.Random) -> None:
        TARGETS[target](mutated(chance, known))

    story()


@pytest.mark.parametrize("target", TARGETS)
def test_any_bytes_at_all_are_no_more_than_an_error(target: str) -> None:
    @settings(max_examples=MOST.get(target, 200), deadline=None)
    @given(st.binary(max_size=600))
    def story(untrusted: bytes) -> None:
        TARGETS[target](untrusted)

    story()
