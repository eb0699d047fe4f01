"""What reviewers of system services find again and again (SUSE security team), fourteen points, each tried on the live guard.

The names number the points; what needs a real polkit, a real logind or an installed package is in tests/system/test_attacks.py.
"""

import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from guard.bus import authority
from guard.bus.authority import ACTIONS, MANAGER, Action
from guard.bus.door import load_interface
from guard.core.snapshot import VisitSnapshot
from tests.bus.live import EMPLOYEE, Live, attack
from tests.bus.world import DAEMON, NOBODY
from tests.flow.host import stick

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
METHODS = {name: member.takes for (interface, name), member in load_interface()[1].items() if interface == MANAGER}
Call = tuple[str, str, tuple[object, ...]]
GUARDED = [name for name in METHODS if ACTIONS[MANAGER, name] is not Action.EVERYBODY]


def _words(signature: str, text: str = "x") -> tuple[object, ...]:
    """Arguments of the right types."""
    made: dict[str, object] = {"s": text, "b": False, "u": 1, "a{sv}": {}, "aa{sv}": []}
    return tuple(made[part] for part in re.findall(r"aa\{sv\}|a\{sv\}|[sbu]", signature))


def test_01_polkit_is_asked_about_the_bus_name_and_never_about_a_process(tmp_path: Path) -> None:
    async def story(live: Live, _: VisitSnapshot) -> None:
        await live.calls(NOBODY, [(name, METHODS[name], _words(METHODS[name])) for name in GUARDED])
        asked = live.polkit.asked
        assert {str(ACTIONS[MANAGER, name]) for name in GUARDED} <= {question[1] for question in asked}
        assert {question[0][0] for question in asked} == {"system-bus-name"}
        assert {tuple(question[0][1]) for question in asked} == {("name",)}, (
            "no pid, no start time, no uid of the caller's"
        )
        assert {question[2] == {} for question in asked} == {True}

    attack(tmp_path, story)


def test_02_every_method_is_checked_before_it_does_anything_and_one_without_an_action_is_denied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(live: Live, visit: VisitSnapshot) -> None:
        before = await live.state()
        wanted = [
            (name, METHODS[name], _words(METHODS[name], text))
            for name, text in itertools.product(GUARDED, ("x", visit.id))
            if str(ACTIONS[MANAGER, name]) not in EMPLOYEE
        ]
        answers = await live.calls(NOBODY, wanted)
        assert len(answers) == len(wanted) >= 14
        assert {answer["error"] for answer in answers} == {"AccessDenied"}
        assert await live.state() == before
        monkeypatch.delitem(authority.ACTIONS, (MANAGER, "Visits"))
        assert (await live.call(0, "Visits", "a{sv}a{sv}", {}, {}))["error"] == "UnknownMethod"

    attack(tmp_path, story)


def test_03_nobody_but_root_owns_the_name_whatever_flags_he_sets(tmp_path: Path) -> None:
    script = """
for flags in range(8):
    try:
        print(await bus.ask('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'RequestName', 'su', [NAME, flags]))
    except BusError as fault:
        print(fault.name)
print(await bus.ask('org.freedesktop.DBus', '/', 'org.freedesktop.DBus', 'GetNameOwner', 's', [NAME]))
"""

    async def story(live: Live, _: VisitSnapshot) -> None:
        *tried, owner = (await live.later(NOBODY, script)).stdout.splitlines()
        assert tried == ["org.freedesktop.DBus.Error.AccessDenied"] * 8
        assert owner == f"['{live.service.connection.unique_name}']"

    attack(tmp_path, story)


PATHS = (
    "/etc/shadow",
    "../../etc/shadow",
    "/dev/sda",
    "/proc/self/environ",
    "visits/../../x",
    "3-1:1.0",
    "file:///etc/shadow",
)


def test_04_no_argument_is_a_path_and_a_path_in_one_opens_nothing(tmp_path: Path) -> None:
    text, _ = load_interface()
    arguments = {(arg.get("type"), arg.get("name")) for arg in ET.fromstring(text).iter("arg")}
    assert not {kind for kind, _ in arguments if kind and set(kind) & set("oh")}
    real = [i for i in ET.fromstring(text).iter("interface") if i.get("name") == MANAGER]
    names = {str(arg.get("name")) for interface in real for arg in interface.iter("arg")}
    assert not [name for name in names if re.search("path|file|dir|device|node", name)]

    async def story(live: Live, _: VisitSnapshot) -> None:
        before = await live.state()
        named = METHODS.keys() - {"PutPerson", "Maintenance"}  # a person and a reason may be called anything
        wanted = [(name, METHODS[name], _words(METHODS[name], path)) for name in sorted(named) for path in PATHS]
        answers = await live.calls(0, [(n, s, w) for n, s, w in wanted if "s" in re.findall(r"s|a\{sv\}", s)])
        assert all(isinstance(answer, dict) and answer["error"] for answer in answers)
        assert "Internal" not in {answer["error"] for answer in answers}
        assert await live.state() == before

    seen = attack(tmp_path, story)
    assert not [name for name in seen.opened if any(part in name for part in ("shadow", "/dev/sd", "environ"))]


TEXTS = ("$(reboot)", "`reboot`", "; reboot #", "-rf", "--help", "a\nb\n", "%n%s", "'\"", "| tee /x", "张三\u202e")


def test_05_no_text_of_a_caller_reaches_a_program(tmp_path: Path) -> None:
    async def story(live: Live, _: VisitSnapshot) -> None:
        fresh = [await live.plug(stick(tmp_path, f"fresh{n}.img", start=63 * 512)) for n in range(len(TEXTS))]
        wishes = [{"purpose": text, "holder": text} for text in TEXTS]
        asking: list[Call] = [
            ("Request", "sa{sv}a{sv}", (v.id, wish, {})) for v, wish in zip(fresh, wishes, strict=True)
        ]
        requests = await live.calls(0, asking)
        await live.calls(0, [("Reject", "ssa{sv}", (r, text, {})) for r, text in zip(requests, TEXTS, strict=True)])
        grant = {"level": "机密", "networks": ["office"], "initialize": True}
        grants = [{**grant, "holder": text, "number": f"{text[:20]}{n}"} for n, text in enumerate(TEXTS)]
        media = await live.calls(
            0, [("Register", "sa{sv}a{sv}", (v.id, g, {})) for v, g in zip(fresh, grants, strict=True)]
        )
        assert all(re.fullmatch("[0-9a-f]{32}", str(answer)) for answer in [*requests, *media]), [requests, media]
        await live.calls(
            0,
            [
                ("Step", "ssa{sv}a{sv}", (m, "report-lost", {"why": text}, {}))
                for m, text in zip(media, TEXTS, strict=True)
            ],
        )
        keys = ("filesystem", "level", "term", "kind", "access", "passphrase")
        wrong: list[Call] = [
            ("Register", "sa{sv}a{sv}", (fresh[0].id, {**grants[0], key: "$(reboot)"}, {})) for key in keys
        ]
        await live.calls(0, wrong[:-1])

    seen = attack(tmp_path, story, quota=len(TEXTS))
    ours = [words for words in seen.started if "setpriv" not in str(words)]  # the callers are started with setpriv
    assert len(ours) == len(TEXTS), "one program that makes a file system for each"
    for event, program, words, *rest in ours:
        assert (event, Path(str(program)).name) == ("subprocess.Popen", "mkfs.exfat")
        assert not [text for text in TEXTS if text in [*words] or text in str(rest)]
        assert "reboot" not in str(words)


def test_06_ids_and_questions_are_random_and_another_users_id_is_no_key(tmp_path: Path) -> None:
    async def story(live: Live, visit: VisitSnapshot) -> None:
        request = await live.call(NOBODY, "Request", "sa{sv}a{sv}", visit.id, {"purpose": "x"}, {})
        ids = [visit.id, request, *[(await live.plug(stick(tmp_path, f"{n}.img"))).id for n in range(8)]]
        ids += [question[4] for question in live.polkit.asked]
        assert len(set(ids)) == len(ids) >= 11
        assert all(re.fullmatch("[0-9a-f]{32}", ident) for ident in ids), "128 bits"
        bits = sum(int(ident, 16).bit_count() for ident in ids) / len(ids)
        assert 50 < bits < 78, "no counter, no clock"
        for member, signature, words, error in (
            ("Explain", "sa{sv}", (visit.id, {}), "VisitUnknown"),
            ("Request", "sa{sv}a{sv}", (visit.id, {"purpose": "x"}, {}), "RequestNotYours"),
            ("Eject", "sa{sv}", (visit.id, {}), "NotYours"),
            ("Approve", "sa{sv}a{sv}", (request, {"once": True}, {}), "AccessDenied"),
            ("Reject", "ssa{sv}", (request, "x", {}), "AccessDenied"),
        ):
            assert (await live.call(DAEMON, member, signature, *words))["error"] == error, member

    attack(tmp_path, story)


def test_07_requests_by_the_thousand_leave_what_one_user_may_have_and_nothing_behind(tmp_path: Path) -> None:
    flood = """
from collections import Counter
said = Counter()
for _ in range(10):
    wanted = [(visit, {'purpose': Variant('s', 'x' * 400)}) for visit in VISITS * 10]
    asked = [bus.ask(NAME, ROOT, MANAGER, 'Request', 'sa{sv}a{sv}', [visit, wish, {}]) for visit, wish in wanted]
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        said[getattr(answer, 'name', 'filed').rpartition('.')[2]] += 1
print(dict(said))
"""

    async def story(live: Live, visit: VisitSnapshot) -> None:
        visits = [visit.id, *[(await live.plug(stick(tmp_path, f"{n}.img"))).id for n in range(9)]]
        entries = len(await live.journal())
        done = await live.later(NOBODY, flood.replace("VISITS", repr(visits)))
        said: dict[str, int] = eval(done.stdout)
        assert sum(said.values()) == 1000, done.stderr
        assert said["filed"] == live.host.settings.requests.quota == 5
        assert set(said) <= {"filed", "RequestQuota", "RequestExists", "LimitsExceeded"}
        assert len(await live.journal()) == entries + 5
        assert len(await live.call(0, "Requests", "a{sv}a{sv}", {}, {})) == 5
        door = live.service._door
        assert door is not None
        assert (door._undecided, sum(door._flying.values())) == ({}, 0)
        assert await live.call(DAEMON, "Visits", "a{sv}a{sv}", {}, {}) == [], "and others are still answered"

    attack(tmp_path, story)
