"""decide(): an ordered table of named rules, each of which may find something; the strictest finding is the verdict.

The laws, each kept by a property test:

- total: every evidence has a verdict, and nothing is raised;
- default refuse: without a positive statement (rule `fits`, or an import that the label allows) nothing opens;
- a further finding never loosens a verdict, because a verdict is the strictest of all findings;
- no read up: above the host's level means refused; no write down: below it means read-only at most;
- once: what a person decided for one stay takes the place of a missing approval, never of a finding of danger; it opens
  read-only, and read-write only on a host of the lowest level;
- maintenance: a window opened by an admin lets media without a label be read, and changes nothing for any other;
- high water: the level that counts is the join of the label, the travel log and the registry.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from guard.core.classification import first_end
from guard.core.evidence import Evidence, Once, SessionState
from guard.core.label import Kind
from guard.core.life import MediumState
from guard.core.scheme import BOTTOM, Level, Scheme
from guard.core.verdict import Access, Reason, Severity, Verdict, loosest, strictest

Facts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """`find` returns None where the rule has nothing to say, else the facts its sentence names.

    `access` is the loosest that the finding leaves; a rule whose answer depends on the evidence has `soften`. `yields` is how far
    the finding gives way to a decision to let the medium in once.
    """

    id: str
    access: Access
    severity: Severity
    find: Callable[[Evidence, Scheme], Facts | None]
    soften: Callable[[Evidence], Access] | None = None
    yields: Access = Access.REFUSED


def effective_level(evidence: Evidence, scheme: Scheme) -> Level:
    """The highest of the label, of every host where the medium was read-write, and of the registry's record."""
    recorded = evidence.registry.high_water if evidence.registry else BOTTOM
    return scheme.join(evidence.label_level, evidence.travel.high_water, recorded)


def decide(evidence: Evidence, scheme: Scheme) -> Verdict:
    """The verdict on one medium, with every reason in the order of the table."""
    reasons = []
    for rule in RULES:
        facts = rule.find(evidence, scheme)
        if facts is not None:
            access = rule.soften(evidence) if rule.soften else rule.access
            if evidence.once is not None:
                access = loosest((access, strictest((rule.yields, _once_access(evidence.once, evidence, scheme)))))
            reasons.append(Reason(rule.id, access, rule.severity, tuple(sorted(facts.items()))))
    return Verdict.of(reasons)


def _if(found: bool, **facts: str) -> Facts | None:
    return facts if found else None


def _unreadable(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(bool(evidence.device_fault), fault=evidence.device_fault)


def _composite(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(bool(evidence.composite) and not evidence.model_approved, functions=", ".join(evidence.composite))


def _not_labelled(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(_blank(evidence) and not evidence.hardware_known_as)


def _label_gone(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(_blank(evidence) and bool(evidence.hardware_known_as), number=evidence.hardware_known_as)


def _label_invalid(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(bool(evidence.label_fault), fault=evidence.label_fault)


def _other_hardware(evidence: Evidence, _: Scheme) -> Facts | None:
    label = evidence.label
    return {"number": label.number} if label and not evidence.hardware_matches else None


def _older(evidence: Evidence, _: Scheme) -> Facts | None:
    label, known = evidence.label, evidence.registry
    if label and known and label.generation < known.generation_seen:
        return {"generation": str(label.generation), "seen": str(known.generation_seen)}
    return None


def _rolled_back(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(evidence.label is not None and evidence.travel.known_record_present is False)


def _travel_log_broken(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(bool(evidence.travel.fault), fault=evidence.travel.fault)


def _state(state: MediumState) -> Callable[[Evidence, Scheme], Facts | None]:
    def find(evidence: Evidence, _: Scheme) -> Facts | None:
        known = evidence.registry
        if known is None or known.state is not state:
            return None
        return {"number": evidence.label.number if evidence.label else "", "receiver": known.receiver}

    return find


def _loan_over(evidence: Evidence, _: Scheme) -> Facts | None:
    known = evidence.registry
    if known and known.state is MediumState.LENT and known.due is not None and evidence.now >= known.due:
        return {"due": str(known.due), "holder": known.holder}
    return None


def _term_over(evidence: Evidence, _: Scheme) -> Facts | None:
    """By the label, or sooner by the register, where that knows this very label: a newer one has a term of its own."""
    label, known = evidence.label, evidence.registry
    if label is None:
        return None
    ends = known.ends if known and label.generation <= known.generation_seen else None
    first = first_end(label.expires, ends)
    return {"expires": str(first)} if first is not None and evidence.now >= first else None


def _inspection_overdue(evidence: Evidence, _: Scheme) -> Facts | None:
    known = evidence.registry
    if known and known.inspection_due is not None and evidence.now >= known.inspection_due:
        return {"due": str(known.inspection_due)}
    return None


def _holder_departed(evidence: Evidence, _: Scheme) -> Facts | None:
    label, known = evidence.label, evidence.registry
    return {"holder": known.holder or label.holder} if label and known and known.holder_departed else None


def _above_ceiling(evidence: Evidence, scheme: Scheme) -> Facts | None:
    level = effective_level(evidence, scheme)
    return _if(not scheme.dominates(evidence.host.level, level), level=str(level), ceiling=str(evidence.host.level))


def _network_not_listed(evidence: Evidence, _: Scheme) -> Facts | None:
    label = evidence.label
    if label and evidence.host.network_id not in label.networks:
        return {"network": evidence.host.network_name}
    return None


def _below_host_level(evidence: Evidence, scheme: Scheme) -> Facts | None:
    level, host = effective_level(evidence, scheme), evidence.host.level
    below = level != host and scheme.dominates(host, level)
    return _if(evidence.label is not None and below, level=str(level), host_level=str(host))


def _write_protected(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(evidence.label is not None and evidence.write_protected)


def _label_read_only(evidence: Evidence, _: Scheme) -> Facts | None:
    return _if(evidence.label is not None and evidence.label.read_only)


def _personal(evidence: Evidence, _: Scheme) -> Facts | None:
    label = evidence.label
    return _if(label is not None and label.kind is Kind.PERSONAL and not evidence.host.personal_allowed)


def _changed_elsewhere(evidence: Evidence, _: Scheme) -> Facts | None:
    left, now = evidence.travel.left, evidence.fingerprint
    if not left or now is None or left == now.total:
        return None
    facts = {"since": datetime.fromtimestamp(evidence.travel.left_at, UTC).strftime("%Y-%m-%d")}
    known = evidence.registry.left if evidence.registry else None
    if known and known.fingerprint.total == left:  # removed here: then the parts are known too
        facts["parts"] = ", ".join(now.changed_since(known.fingerprint))
    return facts


def _session(state: SessionState) -> Callable[[Evidence, Scheme], Facts | None]:
    return lambda evidence, _: _if(evidence.session is state)


def _fits(evidence: Evidence, scheme: Scheme) -> Facts | None:
    label = evidence.label
    if label is None or not evidence.hardware_matches or evidence.label_fault or evidence.device_fault:
        return None
    level = effective_level(evidence, scheme)
    return _if(
        level == evidence.host.level and evidence.host.network_id in label.networks,
        level=str(level),
        network=evidence.host.network_name,
    )


def _let_in_once(evidence: Evidence, _: Scheme) -> Facts | None:
    once = evidence.once
    return {"by": once.by, "request": once.request} if once else None


def _maintenance(evidence: Evidence, _: Scheme) -> Facts | None:
    """Only where nothing else would have let a medium without a label in."""
    window = evidence.maintenance
    if window is None or not _blank(evidence) or evidence.hardware_known_as or evidence.host.unregistered.opens:
        return None
    return {"by": window.by, "why": window.why}


def _once_access(once: Once, evidence: Evidence, scheme: Scheme) -> Access:
    """One-way import; writing only where nothing lower is, so that nothing can flow down."""
    writable = once.access is Access.READ_WRITE and scheme.is_lowest(evidence.host.level)
    return Access.READ_WRITE if writable else Access.READ_ONLY


def _blank(evidence: Evidence) -> bool:
    return evidence.label is None and not evidence.label_fault and not evidence.device_fault


def _by_host(evidence: Evidence) -> Access:
    if evidence.maintenance is not None:
        return loosest((evidence.host.unregistered, Access.READ_ONLY))
    return evidence.host.unregistered


def _by_policy(evidence: Evidence) -> Access:
    return evidence.host.changed_elsewhere


def _if_overdue(evidence: Evidence) -> Access:
    return evidence.host.inspection_overdue


def _by_label(evidence: Evidence) -> Access:
    label = evidence.label
    return Access.READ_ONLY if label and label.may_import else Access.REFUSED


RULES: tuple[Rule, ...] = (
    Rule("unreadable", Access.REFUSED, Severity.WARNING, _unreadable),
    Rule("composite", Access.REFUSED, Severity.ALARM, _composite),
    Rule("not-labelled", Access.REFUSED, Severity.NOTICE, _not_labelled, soften=_by_host, yields=Access.READ_WRITE),
    Rule("label-gone", Access.REFUSED, Severity.ALARM, _label_gone),
    Rule("label-invalid", Access.REFUSED, Severity.ALARM, _label_invalid),
    Rule("other-hardware", Access.REFUSED, Severity.ALARM, _other_hardware),
    Rule("older-than-last-seen", Access.REFUSED, Severity.ALARM, _older),
    Rule("rolled-back", Access.REFUSED, Severity.ALARM, _rolled_back),
    Rule("travel-log-broken", Access.REFUSED, Severity.ALARM, _travel_log_broken),
    Rule("revoked", Access.REFUSED, Severity.WARNING, _state(MediumState.REVOKED)),
    Rule("lost", Access.REFUSED, Severity.ALARM, _state(MediumState.LOST)),
    Rule("destroyed", Access.REFUSED, Severity.ALARM, _state(MediumState.DESTROYED)),
    Rule("returned", Access.REFUSED, Severity.ALARM, _state(MediumState.RETURNED)),
    Rule("cleared", Access.REFUSED, Severity.ALARM, _state(MediumState.CLEARED)),
    Rule("archived", Access.REFUSED, Severity.ALARM, _state(MediumState.ARCHIVED)),
    Rule("in-transfer", Access.REFUSED, Severity.WARNING, _state(MediumState.IN_TRANSFER)),
    Rule("under-repair", Access.REFUSED, Severity.WARNING, _state(MediumState.UNDER_REPAIR)),
    Rule("loan-over", Access.REFUSED, Severity.WARNING, _loan_over, yields=Access.READ_WRITE),
    Rule("term-over", Access.REFUSED, Severity.WARNING, _term_over, yields=Access.READ_WRITE),
    Rule("inspection-overdue", Access.REFUSED, Severity.WARNING, _inspection_overdue, _if_overdue, Access.READ_WRITE),
    Rule("holder-departed", Access.REFUSED, Severity.WARNING, _holder_departed, yields=Access.READ_WRITE),
    Rule("above-ceiling", Access.REFUSED, Severity.ALARM, _above_ceiling),
    Rule(
        "network-not-listed", Access.REFUSED, Severity.WARNING, _network_not_listed, _by_label, yields=Access.READ_ONLY
    ),
    Rule("below-host-level", Access.REFUSED, Severity.NOTICE, _below_host_level, _by_label, yields=Access.READ_ONLY),
    Rule("personal-medium", Access.REFUSED, Severity.WARNING, _personal, yields=Access.READ_WRITE),
    Rule("let-in-once", Access.READ_ONLY, Severity.NOTICE, _let_in_once, yields=Access.READ_WRITE),
    Rule("maintenance", Access.READ_ONLY, Severity.WARNING, _maintenance, yields=Access.READ_WRITE),
    Rule("label-read-only", Access.READ_ONLY, Severity.INFO, _label_read_only),
    Rule("changed-elsewhere", Access.READ_WRITE, Severity.WARNING, _changed_elsewhere, _by_policy, Access.READ_WRITE),
    Rule("write-protected", Access.READ_ONLY, Severity.NOTICE, _write_protected),
    Rule("screen-locked", Access.HELD, Severity.NOTICE, _session(SessionState.LOCKED)),
    Rule("no-session", Access.HELD, Severity.NOTICE, _session(SessionState.ABSENT)),
    Rule("fits", Access.READ_WRITE, Severity.INFO, _fits),
)
