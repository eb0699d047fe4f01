"""The laws of decide(), and the decision table row by row."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.evidence import Evidence, HostFacts, Maintenance, Once, RegistryFacts, SessionState, TravelFacts
from guard.core.fingerprint import Fingerprint
from guard.core.label import Kind, Label
from guard.core.life import MediumState
from guard.core.policy import RULES, Rule, decide, effective_level
from guard.core.scheme import BOTTOM, Level, parse_scheme
from guard.core.verdict import Access, Reason, Severity, Verdict

SCHEME = parse_scheme(
    {
        "id": "test",
        "mark": "{level}",
        "level": [
            {"id": "top", "code": 9, "above": ["mid"], "colour": "red"},
            {"id": "mid", "code": 8, "above": ["low"], "colour": "red"},
            {"id": "trade", "code": 5, "above": ["low"], "colour": "blue"},
            {"id": "low", "code": 1, "above": [], "colour": "green"},
        ],
    }
)
TOP, MID, TRADE, LOW = (SCHEME.level(name) for name in ("top", "mid", "trade", "low"))
HERE, ELSEWHERE = "aa" * 8, "bb" * 8
LABEL = Label(
    medium_id="01" * 16,
    generation=3,
    scheme="test",
    level_codes=(8,),
    kind=Kind.WORK,
    networks=(HERE,),
    may_import=False,
    holder="Zhang San",
    number="MG-1",
    issued=1_000,
    expires=None,
    hardware="00" * 32,
)
FITS = Evidence(
    now=2_000,
    host=HostFacts("cc" * 8, HERE, "office", MID),
    session=SessionState.ACTIVE,
    label=LABEL,
    label_level=MID,
    hardware_matches=True,
    registry=RegistryFacts(generation_seen=3, high_water=MID),
)
STRICTNESS = list(Access)
BLANK = replace(FITS, label=None, label_level=BOTTOM, hardware_matches=False, registry=None)


def test_same_level_and_listed_network_is_read_write() -> None:
    verdict = decide(FITS, SCHEME)
    assert (verdict.access, verdict.rules, verdict.severity) == (Access.READ_WRITE, ("fits",), Severity.INFO)


CHANGED = replace(
    FITS, fingerprint=Fingerprint("aa" * 16), travel=replace(FITS.travel, left="bb" * 16, left_at=1_790_000_000)
)
STRICT = replace(FITS.host, changed_elsewhere=Access.REFUSED)
OVERDUE = replace(FITS, registry=RegistryFacts(inspection_due=1))
TOLD = replace(FITS.host, inspection_overdue=Access.READ_WRITE)
ROWS = [
    ("not-labelled", BLANK, Access.REFUSED, Severity.NOTICE),
    ("label-gone", replace(BLANK, hardware_known_as="MG-1"), Access.REFUSED, Severity.ALARM),
    ("label-invalid", replace(BLANK, label_fault="label-forged"), Access.REFUSED, Severity.ALARM),
    ("unreadable", replace(BLANK, device_fault="device-hangs"), Access.REFUSED, Severity.WARNING),
    ("composite", replace(FITS, composite=("keyboard or mouse",)), Access.REFUSED, Severity.ALARM),
    ("other-hardware", replace(FITS, hardware_matches=False), Access.REFUSED, Severity.ALARM),
    ("older-than-last-seen", replace(FITS, registry=RegistryFacts(generation_seen=4)), Access.REFUSED, Severity.ALARM),
    ("rolled-back", replace(FITS, travel=TravelFacts(known_record_present=False)), Access.REFUSED, Severity.ALARM),
    ("travel-log-broken", replace(FITS, travel=TravelFacts(fault="record-forged")), Access.REFUSED, Severity.ALARM),
    ("revoked", replace(FITS, registry=RegistryFacts(MediumState.REVOKED)), Access.REFUSED, Severity.WARNING),
    ("lost", replace(FITS, registry=RegistryFacts(MediumState.LOST)), Access.REFUSED, Severity.ALARM),
    ("destroyed", replace(FITS, registry=RegistryFacts(MediumState.DESTROYED)), Access.REFUSED, Severity.ALARM),
    ("returned", replace(FITS, registry=RegistryFacts(MediumState.RETURNED)), Access.REFUSED, Severity.ALARM),
    ("cleared", replace(FITS, registry=RegistryFacts(MediumState.CLEARED)), Access.REFUSED, Severity.ALARM),
    ("archived", replace(FITS, registry=RegistryFacts(MediumState.ARCHIVED)), Access.REFUSED, Severity.ALARM),
    ("in-transfer", replace(FITS, registry=RegistryFacts(MediumState.IN_TRANSFER)), Access.REFUSED, Severity.WARNING),
    ("under-repair", replace(FITS, registry=RegistryFacts(MediumState.UNDER_REPAIR)), Access.REFUSED, Severity.WARNING),
    ("loan-over", replace(FITS, registry=RegistryFacts(MediumState.LENT, due=2_000)), Access.REFUSED, Severity.WARNING),
    ("term-over", replace(FITS, label=replace(LABEL, expires=2_000)), Access.REFUSED, Severity.WARNING),
    (
        "term-over",
        replace(FITS, registry=RegistryFacts(ends=2_000, generation_seen=3)),
        Access.REFUSED,
        Severity.WARNING,
    ),
    ("inspection-overdue", replace(FITS, registry=RegistryFacts(inspection_due=1)), Access.REFUSED, Severity.WARNING),
    ("inspection-overdue", replace(OVERDUE, host=TOLD), Access.READ_WRITE, Severity.WARNING),
    ("holder-departed", replace(FITS, registry=RegistryFacts(holder_departed=True)), Access.REFUSED, Severity.WARNING),
    ("above-ceiling", replace(FITS, label_level=TOP), Access.REFUSED, Severity.ALARM),
    ("above-ceiling", replace(FITS, travel=TravelFacts(high_water=TOP)), Access.REFUSED, Severity.ALARM),
    ("above-ceiling", replace(FITS, label_level=TRADE), Access.REFUSED, Severity.ALARM),
    (
        "network-not-listed",
        replace(FITS, label=replace(LABEL, networks=(ELSEWHERE,))),
        Access.REFUSED,
        Severity.WARNING,
    ),
    (
        "network-not-listed",
        replace(FITS, label=replace(LABEL, networks=(ELSEWHERE,), may_import=True)),
        Access.READ_ONLY,
        Severity.WARNING,
    ),
    ("below-host-level", replace(FITS, label_level=LOW, registry=None), Access.REFUSED, Severity.NOTICE),
    (
        "below-host-level",
        replace(FITS, label_level=LOW, registry=None, label=replace(LABEL, may_import=True)),
        Access.READ_ONLY,
        Severity.NOTICE,
    ),
    ("personal-medium", replace(FITS, label=replace(LABEL, kind=Kind.PERSONAL)), Access.REFUSED, Severity.WARNING),
    ("let-in-once", replace(BLANK, once=Once(Access.READ_ONLY, "root", "r")), Access.READ_ONLY, Severity.NOTICE),
    ("maintenance", replace(BLANK, maintenance=Maintenance("root", 3_000, "x")), Access.READ_ONLY, Severity.WARNING),
    ("label-read-only", replace(FITS, label=replace(LABEL, read_only=True)), Access.READ_ONLY, Severity.INFO),
    ("changed-elsewhere", CHANGED, Access.READ_WRITE, Severity.WARNING),
    ("changed-elsewhere", replace(CHANGED, host=STRICT), Access.REFUSED, Severity.WARNING),
    ("write-protected", replace(FITS, write_protected=True), Access.READ_ONLY, Severity.NOTICE),
    ("screen-locked", replace(FITS, session=SessionState.LOCKED), Access.HELD, Severity.NOTICE),
    ("no-session", replace(FITS, session=SessionState.ABSENT), Access.HELD, Severity.NOTICE),
]


@pytest.mark.parametrize(("rule", "evidence", "access", "severity"), ROWS)
def test_each_row_of_the_table(rule: str, evidence: Evidence, access: Access, severity: Severity) -> None:
    verdict = decide(evidence, SCHEME)
    (reason,) = (reason for reason in verdict.reasons if reason.rule == rule)
    assert (reason.access, reason.severity) == (access, severity)
    assert verdict.access is access


def test_every_rule_has_a_row() -> None:
    assert {row[0] for row in ROWS} | {"fits"} == {rule.id for rule in RULES}


def test_an_internet_host_may_let_unregistered_media_be_read_but_never_those_with_a_bad_label() -> None:
    host = replace(FITS.host, unregistered=Access.READ_WRITE)
    assert decide(replace(BLANK, host=host), SCHEME).access is Access.READ_WRITE
    assert decide(replace(BLANK, host=host, label_fault="label-damaged"), SCHEME).access is Access.REFUSED
    assert decide(replace(BLANK, host=host, hardware_known_as="MG-1"), SCHEME).access is Access.REFUSED


levels = st.sets(st.sampled_from(["top", "mid", "trade", "low"])).map(
    lambda names: SCHEME.join(*(SCHEME.level(name) for name in names)) if names else BOTTOM
)
labels = st.builds(
    Label,
    medium_id=st.just("01" * 16),
    generation=st.integers(1, 5),
    scheme=st.just("test"),
    level_codes=st.just((8,)),
    kind=st.sampled_from(Kind),
    networks=st.sampled_from([(), (HERE,), (ELSEWHERE,), (HERE, ELSEWHERE)]),
    may_import=st.booleans(),
    holder=st.just("x"),
    number=st.just("MG-1"),
    issued=st.just(1),
    expires=st.none() | st.integers(1, 3_000),
    hardware=st.just("00" * 32),
    read_only=st.booleans(),
)
evidences = st.builds(
    Evidence,
    now=st.integers(0, 3_000),
    host=st.builds(
        HostFacts,
        host_id=st.just("cc" * 8),
        network_id=st.just(HERE),
        network_name=st.just("office"),
        level=levels,
        unregistered=st.sampled_from([Access.REFUSED, Access.REFUSED, Access.READ_ONLY, Access.READ_WRITE]),
        personal_allowed=st.booleans(),
        inspection_overdue=st.sampled_from([Access.REFUSED, Access.READ_ONLY, Access.READ_WRITE]),
    ),
    session=st.sampled_from(SessionState),
    device_fault=st.sampled_from(["", "", "", "device-hangs"]),
    composite=st.sampled_from([(), (), ("hub",)]),
    model_approved=st.booleans(),
    label=st.none() | labels,
    label_fault=st.sampled_from(["", "", "", "label-forged"]),
    label_level=levels,
    hardware_matches=st.booleans(),
    hardware_known_as=st.sampled_from(["", "", "MG-1"]),
    registry=st.none()
    | st.builds(
        RegistryFacts,
        state=st.sampled_from(MediumState),
        generation_seen=st.integers(0, 6),
        high_water=levels,
        inspection_due=st.none() | st.integers(0, 3_000),
        holder_departed=st.booleans(),
    ),
    travel=st.builds(
        TravelFacts,
        fault=st.sampled_from(["", "", "record-forged"]),
        high_water=levels,
        known_record_present=st.sampled_from([None, True, False]),
    ),
    once=st.none()
    | st.builds(
        Once, access=st.sampled_from([Access.READ_ONLY, Access.READ_WRITE]), by=st.just("root"), request=st.just("r")
    ),
)
NEVER_ONCE = {
    "unreadable",
    "composite",
    "label-gone",
    "label-invalid",
    "other-hardware",
    "older-than-last-seen",
    "rolled-back",
    "travel-log-broken",
    "revoked",
    "lost",
    "destroyed",
    "above-ceiling",
}


@given(evidences)
def test_every_evidence_has_a_verdict_that_is_the_strictest_of_its_reasons(evidence: Evidence) -> None:
    verdict = decide(evidence, SCHEME)
    assert verdict.reasons
    assert verdict.access is max((r.access for r in verdict.reasons), key=STRICTNESS.index)


def test_a_label_that_the_register_has_not_seen_yet_has_a_term_of_its_own() -> None:
    older = RegistryFacts(ends=2_000, generation_seen=LABEL.generation - 1)
    assert "term-over" not in decide(replace(FITS, registry=older), SCHEME).rules


@given(evidences)
def test_no_read_up(evidence: Evidence) -> None:
    if decide(evidence, SCHEME).access.opens:
        assert SCHEME.dominates(evidence.host.level, effective_level(evidence, SCHEME))


@given(evidences)
def test_no_write_down(evidence: Evidence) -> None:
    if evidence.label is not None and decide(evidence, SCHEME).access is Access.READ_WRITE:
        assert effective_level(evidence, SCHEME) == evidence.host.level


@given(evidences)
def test_what_its_label_says_is_read_only_is_written_on_no_host_whatever_else_fits(evidence: Evidence) -> None:
    if evidence.label is not None and evidence.label.read_only:
        assert decide(evidence, SCHEME).access is not Access.READ_WRITE


@given(evidences)
def test_without_a_sound_label_on_its_own_hardware_only_the_hosts_rule_or_a_persons_decision_opens(
    evidence: Evidence,
) -> None:
    unsound = evidence.label is None or evidence.label_fault or evidence.device_fault or not evidence.hardware_matches
    if unsound and decide(evidence, SCHEME).access.opens:
        assert evidence.label is None
        assert evidence.host.unregistered.opens or evidence.once
        assert not evidence.label_fault
        assert not evidence.hardware_known_as


@given(evidences)
def test_a_decision_for_once_never_gives_way_to_danger_and_never_lets_anything_flow_down(evidence: Evidence) -> None:
    decided = decide(evidence, SCHEME)
    if NEVER_ONCE.intersection(decided.rules):
        assert decided.access is Access.REFUSED
    if any(reason.severity is Severity.ALARM for reason in decided.reasons):
        assert decided.access is Access.REFUSED
    if evidence.once and decided.access is Access.READ_WRITE:
        assert evidence.once.access is Access.READ_WRITE
        assert SCHEME.is_lowest(evidence.host.level)


def test_a_decision_for_once_opens_what_only_lacks_an_approval_and_read_only_above_the_lowest_level() -> None:
    wish = Once(Access.READ_WRITE, "root", "r")
    lowest = replace(FITS.host, level=LOW)
    for evidence, access in (
        (BLANK, Access.READ_ONLY),
        (replace(BLANK, host=lowest), Access.READ_WRITE),
        (replace(FITS, label=replace(LABEL, expires=1)), Access.READ_ONLY),
        (replace(FITS, label=replace(LABEL, networks=())), Access.READ_ONLY),
        (replace(FITS, label_level=LOW, registry=None), Access.READ_ONLY),
        (replace(BLANK, session=SessionState.LOCKED), Access.HELD),
        (replace(BLANK, hardware_known_as="MG-1"), Access.REFUSED),
        (replace(FITS, host=lowest), Access.REFUSED),
    ):
        assert decide(replace(evidence, once=wish), SCHEME).access is access
    assert decide(replace(BLANK, host=lowest, once=replace(wish, access=Access.READ_ONLY)), SCHEME).access is (
        Access.READ_ONLY
    )


@given(evidences)
def test_observing_opens_everything_and_hides_no_reason_and_no_severity(evidence: Evidence) -> None:
    verdict = decide(evidence, SCHEME)
    observed = verdict.observed("2027-01-31")
    assert observed.access is Access.READ_WRITE
    assert observed.reasons[-len(verdict.reasons) :] == verdict.reasons
    assert list(Severity).index(observed.severity) >= list(Severity).index(verdict.severity)
    assert (verdict.access is Access.READ_WRITE) == ("observed" not in observed.rules)


@given(evidences, st.sampled_from(RULES))
def test_a_further_finding_never_loosens(evidence: Evidence, rule: Rule) -> None:
    before = decide(evidence, SCHEME)
    further = Reason(rule.id, rule.access, rule.severity)
    after = Verdict.of((*before.reasons, further))
    assert STRICTNESS.index(after.access) >= STRICTNESS.index(before.access)


WORSE = [
    lambda e: replace(e, device_fault="device-hangs"),
    lambda e: replace(e, composite=("hub",), model_approved=False),
    lambda e: replace(e, label_fault="label-forged"),
    lambda e: replace(e, label_level=SCHEME.join(e.label_level, TOP)),
    lambda e: replace(e, travel=replace(e.travel, high_water=SCHEME.join(e.travel.high_water, TOP))),
    lambda e: replace(e, travel=replace(e.travel, fault="record-forged")),
    lambda e: replace(e, travel=replace(e.travel, known_record_present=False)),
    lambda e: replace(e, registry=RegistryFacts(MediumState.LOST, 9, None, TOP)),
    lambda e: replace(e, session=SessionState.LOCKED),
    lambda e: replace(e, label=replace(e.label, read_only=True) if e.label else None),
]


@given(evidences, st.sampled_from(WORSE))
def test_worse_evidence_is_never_judged_more_loosely(
    evidence: Evidence, worsen: Callable[[Evidence], Evidence]
) -> None:
    opened_at = STRICTNESS.index(decide(evidence, SCHEME).access)
    worse = worsen(evidence)
    if not SCHEME.dominates(worse.host.level, TOP):  # at the top, a higher medium may be the one that fits
        assert STRICTNESS.index(decide(worse, SCHEME).access) >= opened_at


@given(levels, levels, levels)
def test_high_water_never_falls_below_any_of_its_sources(label: Level, travel: Level, registry: Level) -> None:
    evidence = replace(
        FITS, label_level=label, travel=TravelFacts(high_water=travel), registry=RegistryFacts(high_water=registry)
    )
    level = effective_level(evidence, SCHEME)
    assert all(SCHEME.dominates(level, source) for source in (label, travel, registry))


def test_no_finding_at_all_is_refused() -> None:
    verdict = Verdict.of(())
    assert (verdict.access, verdict.rules) == (Access.REFUSED, ("default",))


@given(evidences, st.booleans())
def test_maintenance_opens_nothing_but_unlabelled_media_and_those_for_reading_alone(
    evidence: Evidence, once: bool
) -> None:
    window = Maintenance("root", 3_000, "driver")
    evidence = evidence if once else replace(evidence, once=None)
    without = decide(replace(evidence, maintenance=None), SCHEME)
    with_it = decide(replace(evidence, maintenance=window), SCHEME)
    if with_it == without:
        return
    assert evidence.label is None
    assert not evidence.label_fault
    assert not evidence.hardware_known_as
    assert with_it.access is not Access.READ_WRITE
    others = {reason.rule for reason in with_it.reasons if not reason.access.opens}
    assert others <= {reason.rule for reason in without.reasons if not reason.access.opens}
