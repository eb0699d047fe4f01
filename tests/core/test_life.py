"""No sequence of steps reaches a state that the table does not lead to, and who answers for a medium is never unclear."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from guard.core.errors import GuardError, Hostile, Refused
from guard.core.life import (
    ENDED,
    USABLE,
    WAYS,
    MediumState,
    Papers,
    Standing,
    Step,
    allowed,
    parse_due,
    parse_papers,
    parse_step,
    stepped,
)

NOW = 1_790_000_000
names = st.sampled_from(["", "张三", "李四"])
papers = st.builds(Papers, why=st.just("x"), holder=names, department=names, due=st.sampled_from([None, NOW + 9]))


class Life(RuleBasedStateMachine):
    """Somebody calls steps at random, with whatever papers, with and without an order of two people."""

    def __init__(self) -> None:
        super().__init__()
        self.now = Standing(MediumState.ACQUIRED)

    @rule(step=st.sampled_from(Step), paper=papers, ordered=st.booleans())
    def take(self, step: Step, paper: Papers, ordered: bool) -> None:
        before = self.now
        try:
            self.now = stepped(before, step, paper, ordered=ordered)
        except GuardError as refused:
            assert self.now is before
            if refused.code == "step-illegal":
                assert step not in allowed(before.state)
            return
        assert step in allowed(before.state)
        assert self.now.state is (WAYS[step].to or before.state)
        if WAYS[step].two_people:
            assert ordered
        if step in (Step.ISSUE, Step.LEND):
            assert self.now.holder == paper.holder != ""

    @precondition(lambda self: bool(allowed(self.now.state)))
    @rule(data=st.data(), paper=papers)
    def go_on(self, data: st.DataObject, paper: Papers) -> None:
        self.take(data.draw(st.sampled_from(allowed(self.now.state))), paper, ordered=True)

    @invariant()
    def stands_clearly(self) -> None:
        assert (self.now.receiver != "") == (self.now.state is MediumState.IN_TRANSFER)
        assert (self.now.due is not None) == (self.now.state is MediumState.LENT)
        if self.now.state in (MediumState.ISSUED, MediumState.LENT):
            assert self.now.holder, "issued to nobody"


Life.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestLife = Life.TestCase


@pytest.mark.parametrize("state", list(MediumState))
def test_an_illegal_step_names_the_allowed_ones_and_changes_nothing(state: MediumState) -> None:
    for step in set(Step) - set(allowed(state)):
        with pytest.raises(Refused) as caught:
            stepped(Standing(state), step, Papers("x", holder="h", due=1), ordered=True)
        assert caught.value.code == "step-illegal"
        assert caught.value.facts["allowed"] == (", ".join(allowed(state)) or "-")


def test_what_is_over_stays_over() -> None:
    reached, fresh = set(ENDED), set(ENDED)
    while fresh:
        fresh = {way.to for state in fresh for step, way in WAYS.items() if state in way.start and way.to} - reached
        reached |= fresh
    assert reached == ENDED
    assert not reached & USABLE
    assert allowed(MediumState.ARCHIVED) == ()


def test_every_state_is_reached_from_the_beginning_and_every_step_can_be_taken() -> None:
    reached = {MediumState.ACQUIRED}
    for _ in MediumState:
        reached |= {way.to for way in WAYS.values() if way.start & reached and way.to}
    assert reached == set(MediumState)


def test_clearing_and_destroying_take_two_people_whatever_the_state() -> None:
    for step in (Step.CLEAR, Step.DESTROY):
        for state in WAYS[step].start:
            with pytest.raises(Refused, match="step-two-people"):
                stepped(Standing(state), step, Papers("x"))


@pytest.mark.parametrize("step", [Step.REGISTER, Step.RELABEL, Step.ACCEPT, Step.DECLINE])
def test_a_label_and_an_acceptance_cannot_be_had_by_saying_so(step: Step) -> None:
    with pytest.raises(Hostile, match="step-unknown"):
        parse_step(step)
    assert parse_step("issue") is Step.ISSUE


@given(st.dictionaries(st.text(max_size=12), st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text()))))
def test_papers_are_taken_or_refused_with_a_code(untrusted: dict[str, object]) -> None:
    try:
        found = parse_papers(untrusted, NOW)
    except Hostile:
        return
    assert found.why
    assert set(untrusted) <= {"why", "approved_by", "form", "holder", "department", "due"}


def test_a_loan_ends_within_a_year_and_never_before_it_begins() -> None:
    assert parse_due("30d", NOW) == NOW + 30 * 86_400
    assert parse_due("", NOW) is None
    for wrong in ("0d", "999d", "2020-01-01", "soon", "30", "2199-01-01"):
        with pytest.raises(Hostile, match="due-invalid"):
            parse_due(wrong, NOW)
