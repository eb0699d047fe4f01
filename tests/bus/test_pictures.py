"""What the manager shows of this host: settings, levels, networks; and the news that the journal grew."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dbus_next import Message, MessageType

from guard.bus.authority import MANAGER
from guard.bus.connection import Connection, plain, to_variant
from guard.bus.door import load_interface
from guard.bus.drip import Drip
from guard.bus.pictures import levels_of, networks_of, settings_of
from guard.bus.tree import ROOT, Watcher
from guard.core.scheme import BOTTOM
from guard.core.settings import parse_settings
from guard.health import Health
from guard.schemes import load_scheme
from guard.serving import Serving
from tests.bus.world import running_bus


def test_settings_are_flat_texts_by_section_and_key() -> None:
    raw = {"gate": {"approved_models": ["0951:1666", "0951:1667"]}, "session": {"required": False}}
    shown = settings_of(parse_settings(raw, "x"))
    assert shown.signature == "a{sv}"
    assert plain(shown) == {
        "scheme.name": "corporate",
        "scheme.owner": "",
        "host.unregistered": "refused",
        "host.changed_elsewhere": "read-write",
        "host.personal": "false",
        "removal.arm": "classified",
        "session.required": "false",
        "gate.approved_models": "0951:1666, 0951:1667",
        "gate.spin_up_seconds": "30",
        "gate.deadline_seconds": "60",
        "gate.observe_until": "",
        "requests.expire_days": "7",
        "requests.quota": "5",
        "journal.forward": "true",
        "records.sealed": "false",
        "files.manifest": "true",
        "files.hashes": "none",
        "files.limit_mib": "1",
        "files.undeclared": "warning",
        "files.suspicious": "alarm",
        "files.keep_days": "365",
        "register.prefix": "MG-",
        "inventory.overdue": "refused",
        "reminders.loan_days": "3",
        "reminders.inspection_days": "14",
        "reminders.term_days": "90",
        "reminders.clearing_days": "90",
    }


def test_levels_say_what_this_host_may_register_and_nothing_above_it() -> None:
    scheme = load_scheme("corporate")
    shown = levels_of(scheme, scheme.level("INTERNAL"))
    assert shown.signature == "aa{sv}"
    rows: list[dict[str, Any]] = plain(shown)
    assert [(row["name"], row["allowed"]) for row in rows] == [
        ("RESTRICTED", False),
        ("CONFIDENTIAL", False),
        ("INTERNAL", True),
        ("PUBLIC", True),
    ]
    assert rows[2] == {
        "name": "INTERNAL",
        "code": 10,
        "above": ["PUBLIC"],
        "colour": "blue",
        "longest_years": 0,
        "allowed": True,
        "label_zh": "内部",
    }


def test_every_property_of_the_manager_is_in_the_interface_with_its_type_also_before_there_is_a_host() -> None:
    shown: list[dict[str, object]] = []

    class Service:
        def show_manager(self, properties: dict[str, object]) -> None:
            shown.append(properties)

    serving = Serving(Health(), Path("/nowhere"))
    serving.begin(Service(), None, None, None, "usb")  # type: ignore[arg-type]
    (manager,) = (i for i in ET.fromstring(load_interface()[0]).iter("interface") if i.get("name") == MANAGER)
    written = {p.get("name"): p.get("type") for p in manager.iter("property")}
    assert {name: to_variant(value).signature for name, value in shown[-1].items()} == written
    assert (settings_of(None).value, levels_of(None, BOTTOM).value, networks_of({}).value) == ({}, [], [])


def test_network_names_are_sorted_and_their_ids_stay_here() -> None:
    assert networks_of({"aa" * 8: "office", "bb" * 8: "internet"}).value == ["internet", "office"]


def test_a_number_that_grows_fast_is_told_seldom_and_the_last_one_always() -> None:
    told: list[int] = []
    waiting: list[Any] = []
    drip = Drip(told.append, waiting.append)
    drip.grown(1)
    assert told == [1]
    for number in (*range(2, 500), 300):
        drip.grown(number)
    assert told == [1]
    assert len(waiting) == 1
    waiting.pop()()
    assert told == [1, 499]
    waiting.pop()()
    assert waiting == []
    drip.grown(499)
    assert told == [1, 499]
    drip.grown(500)
    assert told == [1, 499, 500]


def _hearing(heard: list[Any], come: asyncio.Event) -> Callable[[Message], bool]:
    def hear(message: Message) -> bool:
        if message.message_type is MessageType.SIGNAL and message.member == "JournalGrew":
            heard.extend(message.body)
            come.set()
        return False

    return hear


def test_only_those_who_may_audit_hear_that_the_journal_grew() -> None:
    async def story() -> None:
        async with running_bus() as bus:
            heard: dict[str, list[Any]] = {"auditor": [], "employee": []}
            come = asyncio.Event()
            connections = {}
            for who, all_of_them in (("auditor", True), ("employee", False)):
                connection = await Connection.open(bus.address)

                connection.listen(_hearing(heard[who], come))
                connections[who] = connection
                assert bus.service.tree.watch(str(connection.unique_name), Watcher(1000, all_of_them))
            bus.service.journal.grown(7)
            await asyncio.wait_for(come.wait(), 5)
            ping = ("org.mediaguard.Guard1", ROOT, "org.freedesktop.DBus.Peer", "Ping")
            await connections["employee"].ask(*ping)  # what was sent before has come before the answer
            assert heard == {"auditor": [7], "employee": []}
            for connection in connections.values():
                connection.close()

    asyncio.run(story())
