"""The roles as packaged: every action is answered for every role, and no role can be had beside the auditor's."""

import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from guard.bus.authority import Action

ROOT = Path(__file__).resolve().parent.parent
RULES = (ROOT / "packaging" / "polkit" / "60-media-guard.rules").read_text()
POLICY = ET.parse(ROOT / "packaging" / "polkit" / "org.mediaguard.Guard1.policy")
ACTIONS = {str(action) for action in Action if action not in (Action.EVERYBODY, Action.SIMULATE)}
_found = re.search(r"var ROLES = (\{.*?\n    \});", RULES, re.DOTALL)
assert _found, "the table of roles is plain JSON, so that it can be read without a browser"
ROLES: dict[str, dict[str, list[str]]] = json.loads(_found[1])


def test_every_action_is_answered_for_every_role_here_and_elsewhere() -> None:
    assert set(ROLES) == {"admin", "system", "admins", "auditor", "both"}
    for role, answers in ROLES.items():
        assert set(answers) == ACTIONS, role
        for here_and_elsewhere in answers.values():
            assert len(here_and_elsewhere) == 2
            assert set(here_and_elsewhere) <= {"YES", "NO", "AUTH_SELF", "AUTH_SELF_KEEP"}


def test_who_has_no_role_is_answered_by_the_policy_and_decides_or_audits_only_as_an_administrator() -> None:
    policy = {
        a.get("id"): {d.tag: d.text for d in a.iter() if d.tag.startswith("allow_")} for a in POLICY.iter("action")
    }
    assert set(policy) == ACTIONS
    for action in (Action.DECIDE, Action.AUDIT, Action.ADMINISTER):
        assert set(policy[action].values()) == {"auth_admin"}
    assert re.search(r"if \(!admin && !system && !auditor\) \{\s*return polkit.Result.NOT_HANDLED;", RULES)


def test_the_auditor_sees_and_changes_nothing() -> None:
    seeing = {Action.AUDIT, Action.LOOK}
    assert {action for action, answers in ROLES["auditor"].items() if answers != ["NO", "NO"]} == seeing


def test_each_role_looks_without_a_password_here_and_over_ssh_in_an_active_session_and_nobody_else_does() -> None:
    looks = {role: answers[Action.LOOK] for role, answers in ROLES.items()}
    assert looks == {**{key: ["YES", "YES"] for key in ("admin", "system", "admins", "auditor")}, "both": ["NO", "NO"]}
    assert 'if (!answers || (action.id === "org.mediaguard.look" && !subject.active)) {' in RULES
    (action,) = [action for action in POLICY.iter("action") if action.get("id") == Action.LOOK]
    assert {answer.text for answer in action.iter() if answer.tag.startswith("allow_")} == {"no"}


_ASKED = """
var rule, polkit = {Result: {YES: "YES", NO: "NO", NOT_HANDLED: "-", AUTH_SELF: "AUTH_SELF", AUTH_SELF_KEEP: "AUTH_SELF_KEEP"},
    addRule: function (made) { rule = made; }};
%s
JSON.stringify(%s.map(function (asked) {
    var subject = {local: asked[2], active: asked[3], isInGroup: function (name) { return asked[1].indexOf(name) >= 0; }};
    return rule({id: asked[0]}, subject);
}));
"""
_ENGINE = """
import sys
from PySide6.QtCore import QCoreApplication
from PySide6.QtQml import QJSEngine
application, engine = QCoreApplication([]), QJSEngine()
print(engine.evaluate(sys.stdin.read()).toString())
"""


def _told(questions: list[tuple[str, list[str], bool, bool]]) -> list[str]:
    """What the rules answer to each question, run as polkit runs them; Qt wants a process of its own for that."""
    script = _ASKED % (RULES, json.dumps(questions))
    done = subprocess.run([sys.executable, "-c", _ENGINE], input=script, capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def test_the_rules_as_polkit_runs_them_know_the_computer_ssh_and_what_has_no_session() -> None:
    groups = {
        "system": ["media-guard-system"],
        "admin": ["media-guard-admin"],
        "auditor": ["media-guard-audit"],
        "both": ["media-guard-audit", "media-guard-system"],
    }
    questions, answers = list[tuple[str, list[str], bool, bool]](), list[str]()
    for action in sorted(ACTIONS):
        for role, of in groups.items():
            here, elsewhere = ROLES[role][action]
            away = "NO" if action == Action.LOOK else elsewhere
            questions += [
                (action, of, True, True),
                (action, of, False, True),
                (action, of, True, False),
                (action, of, False, False),
            ]
            answers += [here, elsewhere, away, away]
    assert _told(questions) == answers
    assert _told([(str(Action.LOOK), of, True, True) for of in ([], ["users"], ["sudo"])]) == ["-"] * 3


def test_who_is_auditor_and_anything_else_is_neither() -> None:
    assert all(answers == ["NO", "NO"] for answers in ROLES["both"].values())
    assert 'var role = auditor && (admin || system || sudo) ? "both" : auditor ? "auditor" :' in RULES
    assert 'subject.isInGroup("sudo") || subject.isInGroup("wheel")' in RULES


def test_the_system_administrator_decides_nothing_and_the_security_administrator_administers_nothing() -> None:
    assert ROLES["system"][Action.DECIDE] == ROLES["system"][Action.AUDIT] == ["NO", "NO"]
    assert ROLES["admin"][Action.ADMINISTER] == ["NO", "NO"]
    assert ROLES["system"][Action.ADMINISTER] == ROLES["admins"][Action.ADMINISTER] == ["AUTH_SELF_KEEP", "AUTH_SELF"]


@pytest.mark.parametrize("place", [0, 1])
def test_nothing_is_decided_without_a_password_and_it_is_kept_only_at_the_computer(place: int) -> None:
    assert ROLES["admin"][Action.DECIDE][place] == ("AUTH_SELF_KEEP", "AUTH_SELF")[place]
    assert ROLES["admin"][Action.AUDIT][place] == "YES"


def test_an_action_that_the_table_does_not_know_is_refused_to_every_role() -> None:
    assert re.search(r"if \(!answers \|\| [^{]*\{\s*return polkit.Result.NO;", RULES)


def test_the_groups_are_made_by_the_package_and_the_rules_are_in_it() -> None:
    made = re.findall(r"^g (\S+)", (ROOT / "systemd" / "media-guard.sysusers").read_text(), re.MULTILINE)
    assert sorted(made) == ["media-guard-admin", "media-guard-audit", "media-guard-system"]
    assert set(re.findall(r'isInGroup\("(media-guard-[a-z]+)"\)', RULES)) == set(made)
    build = (ROOT / "packaging" / "deb" / "build.sh").read_text()
    assert "put /usr/share/polkit-1/rules.d packaging/polkit/*.rules" in build
