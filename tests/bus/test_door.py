"""The door against strangers: denied by default, no foreign text, no flood that ends it, nobody else's data."""

import asyncio
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from guard.bus.authority import ACTIONS, MANAGER, SIMULATION, Action
from guard.bus.door import load_interface
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access, Reason, Severity, Verdict
from guard.core.visit import Stage
from tests.bus.world import DAEMON, NOBODY, Bus, running_bus

PACKAGING = Path(__file__).resolve().parents[2] / "packaging"


def _run(uid: int, script: str) -> str:
    """What a script of this user printed; the service must be alive afterwards."""

    async def story() -> str:
        async with running_bus() as bus:
            done = await bus.later(uid, script)
            after = await bus.later(NOBODY, "print(await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Peer', 'Ping'))")
            assert after.returncode == 0, after.stderr
            return done.stdout + done.stderr

    return asyncio.run(story())


def test_every_method_of_the_interface_has_an_action_and_every_action_is_in_the_policy() -> None:
    _, members = load_interface()
    assert set(members) == set(ACTIONS)
    policy = ET.parse(PACKAGING / "polkit" / "org.mediaguard.Guard1.policy")
    actions = {action.get("id") for action in policy.iter("action")}
    assert actions == {str(action) for action in Action if action and action is not Action.SIMULATE}


def test_no_action_that_changes_policy_is_free_for_an_active_session() -> None:
    policy = ET.parse(PACKAGING / "polkit" / "org.mediaguard.Guard1.policy")
    free = {a.get("id") for a in policy.iter("action") for d in a.iter("allow_active") if d.text == "yes"}
    assert free == {Action.REQUEST, Action.EJECT}


def test_a_call_says_who_calls_and_a_nul_does_not_cost_the_connection() -> None:
    said = _run(NOBODY, "print(plain(await bus.ask(NAME, ROOT, MANAGER, 'Visits', 'a{sv}a{sv}', [{}, {}])))")
    assert "'uid': 65534" in said
    assert "a\N{REPLACEMENT CHARACTER}b" in said


@pytest.mark.parametrize(
    ("call", "error"),
    [
        ("'Journal', 'a{sv}a{sv}', [{}, {}]", "AuthoritySilent"),
        ("'Approve', 'sa{sv}a{sv}', ['x', {}, {}]", "UnknownMethod"),
        ("'Nothing', '', []", "UnknownMethod"),
        ("'Visits', 's', ['x']", "InvalidArgs"),
        ("'Explain', 'sa{sv}', ['x' * 5000, {}]", "OptionTooLong"),
        ("'Explain', 'sa{sv}', ['nothing', {}]", "VisitUnknown"),
    ],
)
def test_what_is_not_allowed_is_refused_by_name(call: str, error: str) -> None:
    script = f"""
try:
    print("done", await bus.ask(NAME, ROOT, MANAGER, {call}))
except BusError as fault:
    print(fault.name)
"""
    said = _run(NOBODY, script)
    assert error in said
    assert "done" not in said


def test_an_exception_inside_leaves_as_an_incident_number_and_nothing_else() -> None:
    script = """
try:
    await bus.ask(NAME, ROOT, MANAGER, 'Explain', 'sa{sv}', ['boom', {}])
except BusError as fault:
    print(fault.name, fault.text)
"""
    said = _run(0, script)
    assert "org.mediaguard.Error.Internal" in said
    assert "secret" not in said
    assert "Traceback" not in said


@pytest.mark.parametrize("member", ["Set", "SetAll"])
def test_properties_cannot_be_set(member: str) -> None:
    script = f"""
try:
    print("done", await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Properties', '{member}', 'ssv',
                                [MANAGER, 'Health', to_variant('ok')]))
except BusError as fault:
    print(fault.name)
"""
    assert "done" not in _run(NOBODY, script)


def test_a_flood_of_calls_from_a_stranger_ends_neither_the_service_nor_its_memory() -> None:
    script = """
calls = [bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Introspectable', 'Introspect') for _ in range(2000)]
answers = await asyncio.gather(*calls, return_exceptions=True)
print(len(answers), sum(isinstance(a, list) for a in answers))
"""
    assert _run(NOBODY, script).startswith("2000 ")


def test_calls_that_never_end_are_bounded_for_each_caller() -> None:
    script = """
hanging = [asyncio.ensure_future(bus.ask(NAME, ROOT, MANAGER, 'Request', 'sa{sv}a{sv}', ['v', {}, {}])) for _ in range(40)]
done, waiting = await asyncio.wait(hanging, timeout=3)
print(len(done), {type(t.exception()).__name__ for t in done}, {t.exception().name for t in done})
for task in waiting:
    task.cancel()
"""
    said = _run(0, script)
    assert "24 {'BusError'} {'org.freedesktop.DBus.Error.LimitsExceeded'}" in said


def test_only_root_may_own_the_name() -> None:
    script = """
try:
    await bus.own('org.mediaguard.Guard1')
    print("owned")
except Exception as fault:
    print(type(fault).__name__)
"""
    assert "owned" not in _run(NOBODY, script)


def _visit(uid: int) -> VisitSnapshot:
    verdict = Verdict.of([Reason("not-labelled", Access.REFUSED, Severity.NOTICE)])
    return VisitSnapshot("ab" * 16, "3-1:1.0", "", Stage.SHUT, 1, verdict=verdict, uid=uid)


def test_a_visit_is_shown_to_its_user_and_to_nobody_else() -> None:
    async def story() -> None:
        async with running_bus() as bus:
            bus.service.show_visit(_visit(NOBODY), {})
            assert "visits/abab" in await _objects(bus, NOBODY)
            assert "visits/abab" in await _objects(bus, 0)
            assert "visits/abab" not in await _objects(bus, DAEMON)

    asyncio.run(story())


async def _objects(bus: Bus, uid: int) -> str:
    script = "print(await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.ObjectManager', 'GetManagedObjects'))"
    done = await bus.later(uid, script)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_simulation_is_not_there_on_real_ports() -> None:
    script = f"""
print(SIM := "{SIMULATION}" in (await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Introspectable', 'Introspect'))[0])
try:
    await bus.ask(NAME, ROOT, "{SIMULATION}", 'ActAs', 'sa{{sv}}', ['admin', {{}}])
    print("acted")
except BusError as fault:
    print(fault.name)
"""
    said = _run(0, script)
    assert "False" in said
    assert "acted" not in said


def test_the_interface_that_is_shown_is_the_interface_that_is_written_down() -> None:
    said = _run(0, "print((await bus.ask(NAME, ROOT, 'org.freedesktop.DBus.Introspectable', 'Introspect'))[0])")
    _, members = load_interface()
    shown = {
        m.get("name")
        for i in ET.fromstring(said).iter("interface")
        if i.get("name") == MANAGER
        for m in i.iter("method")
    }
    assert shown == {name for interface, name in members if interface == MANAGER}
