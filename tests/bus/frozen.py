"""The interface as text, to be frozen: every method, signal and property with its types and action, and every rule of the bus.

`python -m tests.bus.frozen` writes it anew, after somebody has looked at what changed.
"""

import xml.etree.ElementTree as ET
from pathlib import Path

from guard.bus.authority import ACTIONS, Action
from guard.bus.door import load_interface
from tests.bus.world import POLICY

FROZEN = Path(__file__).with_name("frozen.txt")


def interface_now() -> str:
    """One line for each member, in the order of the XML; then the bus's rules."""
    lines = []
    for interface in ET.fromstring(load_interface()[0]).iter("interface"):
        name = str(interface.get("name"))
        lines += [f"{name}.{member.get('name')}{_types(member, name)}" for member in interface]
    lines += ["", "Who may send and own, as the bus is told:"]
    for policy in ET.parse(POLICY).iter("policy"):
        lines += [f"{_attributes(policy)}: {rule.tag} {_attributes(rule)}" for rule in policy]
    return "\n".join(lines) + "\n"


def _types(member: ET.Element, interface: str) -> str:
    taken = ", ".join(str(arg.get("type")) for arg in member if arg.get("direction") == "in")
    given = ", ".join(str(arg.get("type")) for arg in member if arg.get("direction") != "in")
    if member.tag == "property":
        return f" {member.get('type')} {member.get('access')}"
    if member.tag == "signal":
        return f" signal ({given})"
    action = ACTIONS.get((interface, str(member.get("name"))))
    return f"({taken}) -> ({given}) {'DENIED' if action is None else str(action) or Action.EVERYBODY.name.lower()}"


def _attributes(element: ET.Element) -> str:
    return " ".join(f"{key}={value}" for key, value in element.attrib.items())


if __name__ == "__main__":
    FROZEN.write_text(interface_now())
