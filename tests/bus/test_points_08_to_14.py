"""The fourteen points, from the eighth on; see `test_points_01_to_07`."""

import asyncio
import itertools
import os
import re
import stat
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from guard.bus.authority import ACTIONS, MANAGER, Action
from guard.bus.door import load_interface
from guard.core.snapshot import VisitSnapshot
from tests.bus.frozen import FROZEN, interface_now
from tests.bus.live import EMPLOYEE, Live, attack
from tests.bus.world import DAEMON, NOBODY, POLICY
from tests.flow.host import stick

ROOT = Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
METHODS = {name: member.takes for (interface, name), member in load_interface()[1].items() if interface == MANAGER}
Call = tuple[str, str, tuple[object, ...]]
GUARDED = [name for name in METHODS if ACTIONS[MANAGER, name] is not Action.EVERYBODY]


def _words(signature: str, text: str = "x") -> tuple[object, ...]:
    """Arguments of the right types."""
    return tuple({"s": text, "b": True}.get(part, {}) for part in re.findall(r"s|b|a\{sv\}", signature))


WRONG: tuple[object, ...] = (
    7,
    True,
    False,
    -1,
    2**62,
    [],
    ["x"],
    {},
    {"a": "b"},
    [{"a": "b"}],
    "",
    "x" * 4096,
    "\0",
    "x" * 70_000,
)
KEYS = ["level", "network", "networks", "term", "kind", "number", "filesystem", "access", "import", "initialize"]
KEYS += ["once", "passphrase"]
FILTERS = ["limit", "before", "after", "medium", "severity", "state", "kind", "subject", "language", "nonsense"]


def test_08_values_of_a_wrong_type_or_size_are_refused_by_name_and_never_raise(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story(live: Live, visit: VisitSnapshot) -> None:
        before = await live.state()
        answers = []
        for signature in ("", "s", "a{sv}", "sa{ss}", "u", "ay", "v", "a{sv}a{sv}a{sv}"):
            script = f"""
for member in {list(METHODS)}:
    for body in ([], ['x'], [{{}}], ['x', {{}}], [1], [b'x'], [Variant('s', 'x')], [{{}}, {{}}, {{}}]):
        try:
            print(await bus.ask(NAME, ROOT, MANAGER, member, {signature!r}, body))
        except BusError as fault:
            print(fault.name)
        except Exception as own:
            continue
"""
            answers += (await live.later(0, script)).stdout.splitlines()
        known = {"org.freedesktop.DBus.Error.InvalidArgs", "org.mediaguard.Error.VisitUnknown"}
        assert len(answers) > 60
        assert [answer for answer in answers if answer.startswith("org.mediaguard.Error.Internal")] == []
        assert known & set(answers)
        wanted: list[Call] = []
        for value in WRONG:
            for key in KEYS:  # without a purpose and without a holder nothing may come of it
                wanted.append(("Request", "sa{sv}a{sv}", (visit.id, {"purpose": "", key: value}, {})))
                wanted.append(("Register", "sa{sv}a{sv}", (visit.id, {"holder": "", key: value}, {})))
            for key, listing in itertools.product(FILTERS, ("Visits", "Journal", "Requests", "Media", "Crossings")):
                wanted.append((listing, "a{sv}a{sv}", ({key: value}, {key: value})))
        errors = [a["error"] for a in await live.calls(0, wanted) if isinstance(a, dict) and "error" in a]
        assert len(errors) > 300
        assert "Internal" not in errors
        assert (await live.state())[1:] == before[1:]

    attack(tmp_path, story)
    assert "incident" not in caplog.text


def test_09_nothing_is_written_outside_the_guards_own_folders_and_nobody_else_reads_there(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:

        async def story(live: Live, visit: VisitSnapshot) -> None:
            await live.call(NOBODY, "Request", "sa{sv}a{sv}", visit.id, {"purpose": "x"}, {})
            other = await live.plug(stick(tmp_path, "other.img", start=63 * 512))
            grant = {"level": "机密", "networks": ["office"], "holder": "x", "initialize": True}
            assert len(str(await live.call(0, "Register", "sa{sv}a{sv}", other.id, grant, {}))) == 32

        seen = attack(tmp_path, story)
    finally:
        os.umask(umask)
    own = (str(tmp_path / "state"), str(tmp_path / "other.img"), "/dev/null")
    assert [name for name in seen.written if not name.startswith(own)] == []
    loose = [
        path
        for path in (tmp_path / "state").rglob("*")
        if stat.S_IMODE(path.lstat().st_mode) & 0o077 and not path.is_symlink()
    ]
    assert loose == [], [oct(path.stat().st_mode) for path in loose]


def test_10_what_belongs_to_one_user_is_not_read_heard_or_set_by_another(tmp_path: Path) -> None:
    script = """
heard = []
bus.listen(lambda message: heard.append(str(message.body)) or False)
await bus.follow("type='signal',sender='" + NAME + "'")
objects = await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects')
for listing in ('Visits', 'Requests', 'Media', 'History'):
    with contextlib.suppress(BusError):
        objects.append(await bus.ask(NAME, ROOT, MANAGER, listing, 'a{sv}a{sv}', [{}, {}]))
objects.append(await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Introspectable', 'Introspect'))
with contextlib.suppress(BusError):
    await bus.ask(NAME, ROOT, MANAGER, 'Request', 'sa{sv}a{sv}', ['ready', {}, {}])
while not any("end" in said for said in heard):
    await asyncio.sleep(0.05)
print(objects, heard)
for path in PATHS:
    try:
        print(await bus.ask(NAME, path, 'org.freedesktop.DBus.Properties', 'GetAll', 's', ['org.mediaguard.Visit1']))
    except BusError as fault:
        print(fault.name)
"""

    async def story(live: Live, visit: VisitSnapshot) -> None:
        request = await live.call(NOBODY, "Request", "sa{sv}a{sv}", visit.id, {"purpose": "a secret purpose"}, {})
        paths = [f"/org/mediaguard/Guard1/visits/{visit.id}", f"/org/mediaguard/Guard1/requests/{request}"]
        asked = len(live.polkit.asked)
        listening = asyncio.ensure_future(live.later(DAEMON, script.replace("PATHS", repr(paths))))
        await live.polkit.until(lambda: len(live.polkit.asked) > asked and live.polkit.asked[-1][1] == Action.REQUEST)
        await live.call(0, "Reject", "ssa{sv}", request, "no", {})
        live.ports.unplug((await live.plug(stick(tmp_path, "another.img"))).port)
        await live.guard.settle()
        live.service.progress("end", 100, "done")
        said = await listening
        assert said.returncode == 0, said.stderr
        for word in (visit.id, request, "a secret purpose", "Kingston", visit.seen.serial if visit.seen else "?"):
            assert word not in said.stdout
        assert said.stdout.count("UnknownObject") == len(paths)

    attack(tmp_path, story)


def test_11_sitting_at_the_computer_decides_nothing(tmp_path: Path) -> None:
    policy = ET.parse(PACKAGING / "polkit" / "org.mediaguard.Guard1.policy")
    for action in policy.iter("action"):
        active = {d.tag: d.text for d in action.iter() if d.tag.startswith("allow_")}
        if action.get("id") not in EMPLOYEE:
            least = "no" if action.get("id") == Action.LOOK else "auth_admin"
            assert set(active.values()) == {least}, action.get("id")
    assert {str(ACTIONS[MANAGER, name]) for name in ("Approve", "Reject", "Register", "Step")} == {str(Action.DECIDE)}

    async def story(live: Live, visit: VisitSnapshot) -> None:
        assert live.service.logind.seat.uid == NOBODY
        request = await live.call(NOBODY, "Request", "sa{sv}a{sv}", visit.id, {"purpose": "x"}, {})
        before = await live.state()
        answers = await live.calls(
            NOBODY,
            [
                ("Approve", "sa{sv}a{sv}", (request, {"once": True}, {})),
                ("Reject", "ssa{sv}", (request, "x", {})),
                ("Register", "sa{sv}a{sv}", (visit.id, {"level": "机密", "networks": ["office"], "holder": "x"}, {})),
                ("Step", "ssa{sv}a{sv}", ("ab" * 16, "restore", {"why": "x"}, {})),
            ],
        )
        assert [answer["error"] for answer in answers] == ["AccessDenied"] * 4
        assert await live.state() == before

    attack(tmp_path, story)


def test_12_the_interface_is_frozen_and_the_live_one_is_the_frozen_one(tmp_path: Path) -> None:
    """A new or changed method, action or bus rule fails here until a person has looked at it: `python -m tests.bus.frozen`."""
    assert interface_now() == FROZEN.read_text()

    async def story(live: Live, _: VisitSnapshot) -> None:
        ask = "print((await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Introspectable', 'Introspect'))[0])"
        shown = ET.fromstring((await live.later(NOBODY, ask)).stdout)
        lines = [
            f"{method.get('name')}({', '.join(str(a.get('type')) for a in method if a.get('direction') == 'in')})"
            for interface in shown.iter("interface")
            if interface.get("name") == MANAGER
            for method in interface.iter("method")
        ]
        frozen = re.findall(rf"^{re.escape(MANAGER)}\.(\w+\([^)]*\))", FROZEN.read_text(), re.MULTILINE)
        assert lines == frozen

    attack(tmp_path, story)


def test_13_no_value_of_the_policy_is_one_that_polkit_or_the_bus_does_not_know(tmp_path: Path) -> None:
    values = {"no", "yes", "auth_self", "auth_admin", "auth_self_keep", "auth_admin_keep"}
    elements = {"policyconfig", "vendor", "action", "description", "message", "defaults"}
    elements |= {"allow_any", "allow_inactive", "allow_active"}
    policy = ET.parse(PACKAGING / "polkit" / "org.mediaguard.Guard1.policy").getroot()
    assert {element.tag for element in policy.iter()} == elements
    for action in policy.iter("action"):
        assert [d.tag for d in action.find("defaults") or ()] == ["allow_any", "allow_inactive", "allow_active"]
        assert {d.text for d in action.find("defaults") or ()} <= values
    rules = (PACKAGING / "polkit" / "60-media-guard.rules").read_text()
    assert set(re.findall(r"polkit\.Result\.([A-Z_]+)", rules)) <= {"NOT_HANDLED", "NO", "YES"}
    known = {"send_destination", "send_interface", "send_member", "own", "user", "context"}
    assert {key for element in ET.parse(POLICY).iter() for key in element.attrib} == known

    async def story(live: Live, _: VisitSnapshot) -> None:
        reload = (
            "await bus.ask('org.freedesktop.DBus', '/org/freedesktop/DBus', 'org.freedesktop.DBus', 'ReloadConfig')"
        )
        assert (await live.later(0, reload)).returncode == 0, "the bus has read the packaged file, and reads it again"

    attack(tmp_path, story)


_GRANTS = re.compile(r"setcap|chmod|chown|setfacl|sudoers|pkla|localauthority|usermod|gpasswd|passwd|--allow|/etc/pam")


def test_14_the_package_steps_round_no_review(tmp_path: Path) -> None:
    build = (PACKAGING / "deb" / "build.sh").read_text()
    places = set(re.findall(r"^\s*put (\S+)", build, re.MULTILINE)) - {
        '"/usr/share/doc/$1"',
        "/usr/share/polkit-1/rules.d",
    }
    assert not [place for place in places if _GRANTS.search(place)]
    assert set(re.findall(r"install -m (\d+)", build)) <= {"644", "755"}
    assert not re.search(r"chmod (?!755 \"\$1\")", build)
    for script in (PACKAGING / "deb" / "scripts").iterdir():
        assert not _GRANTS.search(script.read_text()), script.name
    annotated = ET.parse(PACKAGING / "polkit" / "org.mediaguard.Guard1.policy").iter("annotate")
    assert list(annotated) == [], "no action implies another or belongs to a user"
    assert [path.name for path in (PACKAGING / "polkit").glob("*.rules")] == ["60-media-guard.rules"]
    assert sorted(path.name for path in (PACKAGING / "dbus").iterdir()) == [POLICY.name]

    async def story(live: Live, _: VisitSnapshot) -> None:
        properties = "await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Properties', '%s', '%s', %s)"
        for member, signature, words in (
            ("Set", "ssv", "[MANAGER, 'Health', to_variant('ok')]"),
            ("SetAll", "s", "['x']"),
        ):
            done = await live.later(DAEMON, properties % (member, signature, words))
            assert "AccessDenied" in done.stderr, "not even past the bus"

    attack(tmp_path, story)


def test_there_are_fourteen_points_in_order() -> None:
    files = sorted(Path(__file__).parent.glob("test_points_*.py"))
    numbers = [int(n) for file in files for n in re.findall(r"^def test_(\d\d)_", file.read_text(), re.MULTILINE)]
    assert numbers == list(range(1, 15))
