"""The only way in: each call is looked up, checked, weighed against quotas and authority, and only then carried out.

Denied by default: a call that names no interface, an interface or member that is not in the XML, another signature, or a member
without an entry in the table of actions is refused. No traceback and no foreign text leaves through here.
"""

import asyncio
import logging
import secrets
import time
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from importlib import resources

from dbus_next import Message, MessageFlag, MessageType

from guard.bus.authority import ACTIONS, SIMULATION, Action, Authority, clearly_allows
from guard.bus.caller import Caller, Callers
from guard.bus.connection import Connection, plain, to_map
from guard.bus.quota import Quota
from guard.bus.tree import OBJECT_MANAGER, PROPERTIES, ROOT, Tree, Watcher
from guard.core.errors import GuardError, Hostile, Refused

log = logging.getLogger(__name__)
Handler = Callable[..., Awaitable[object]]
Say = Callable[[str, Mapping[str, str | int], str], str]

PER_CALLER, WAITING = 16, 1024  # of one bus name; of callers whom the bus has not told us yet
LONGEST_TEXT, MOST_ITEMS, DEEPEST = 4096, 64, 4
_ERROR, _DBUS = "org.mediaguard.Error.", "org.freedesktop.DBus.Error."
_TOO_MANY = "Too many calls at once; wait for an answer first, or a few seconds."
_STANDARD = {
    ("org.freedesktop.DBus.Peer", "Ping"): "",
    ("org.freedesktop.DBus.Introspectable", "Introspect"): "",
    (PROPERTIES, "Get"): "ss",
    (PROPERTIES, "GetAll"): "s",
    (OBJECT_MANAGER, "GetManagedObjects"): "",
}


@dataclass(frozen=True, slots=True)
class Member:
    """A method as the XML has it."""

    takes: str
    gives: str


def load_interface() -> tuple[str, dict[tuple[str, str], Member]]:
    """The packaged XML and its methods."""
    text = resources.files("guard.bus").joinpath("org.mediaguard.Guard1.xml").read_text("utf-8")
    members = {}
    for interface in ET.fromstring(text).iter("interface"):
        for method in interface.iter("method"):
            ways: dict[str, str] = {"in": "", "out": ""}
            for arg in method.iter("arg"):
                ways[arg.get("direction", "in")] += arg.get("type", "")
            members[interface.get("name", ""), method.get("name", "")] = Member(ways["in"], ways["out"])
    return text, members


class Door:
    """Receives every message of a connection."""

    def __init__(
        self,
        connection: Connection,
        callers: Callers,
        authority: Authority,
        tree: Tree,
        handlers: Mapping[tuple[str, str], Handler],
        say: Say,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`handlers` are called with the caller and plain values; `say` makes the sentence of an error."""
        self._connection, self._callers, self._authority, self._tree = connection, callers, authority, tree
        self._handlers, self._say = handlers, say
        self._xml, self._members = load_interface()
        self._flying: Counter[str] = Counter()
        self._quota = Quota(clock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._undecided: dict[str, set[asyncio.Task[None]]] = {}  # by bus name, before the handler begins

    def receive(self, message: Message) -> bool:
        """Take every method call; True means that nobody else may see it."""
        if message.message_type is not MessageType.METHOD_CALL:
            return False
        name = message.sender or ""
        uid = self._callers.known_uid(name)
        crowded = uid is None and sum(map(len, self._undecided.values())) >= WAITING
        if self._flying[name] >= PER_CALLER or crowded or (uid is not None and not self._quota.enter(uid)):
            self._refuse(message, _DBUS + "LimitsExceeded", _TOO_MANY)
            return True
        self._flying[name] += 1
        task = asyncio.ensure_future(self._answer(message, uid))
        self._tasks.add(task)
        self._undecided.setdefault(name, set()).add(task)
        task.add_done_callback(lambda done: self._landed(done, name))
        return True

    def left(self, bus_name: str) -> None:
        """A client has left the bus: what it asked and nobody has decided yet will not be done."""
        for task in tuple(self._undecided.get(bus_name, ())):
            task.cancel()
        self._callers.forget(bus_name)
        self._tree.forget(bus_name)

    def _decided(self, task: "asyncio.Task[None] | None", name: str) -> None:
        waiting = self._undecided.get(name, set())
        if task is not None:
            waiting.discard(task)
        if not waiting:
            self._undecided.pop(name, None)

    def _landed(self, task: "asyncio.Task[None]", name: str) -> None:
        self._decided(task, name)
        self._tasks.discard(task)
        self._flying[name] -= 1
        if self._flying[name] <= 0:
            del self._flying[name]

    async def _answer(self, message: Message, entered: int | None) -> None:
        language = "en"
        try:
            caller = await self._callers.of(message.sender or "")
            if entered is None:
                if not self._quota.enter(caller.uid):
                    raise _UnknownError("LimitsExceeded", _TOO_MANY)
                entered = caller.uid
            interactive = bool(message.flags & MessageFlag.ALLOW_INTERACTIVE_AUTHORIZATION)
            caller = replace(caller, interactive=interactive, language=_language(message))
            language = caller.language
            signature, body = await self._carry_out(caller, message)
            if not message.flags & MessageFlag.NO_REPLY_EXPECTED:
                self._connection.send(Message.new_method_return(message, signature, body))
        except _UnknownError as error:
            self._refuse(message, _DBUS + error.name, error.text)
        except GuardError as error:
            name = _DBUS + "AccessDenied" if error.code == "not-authorized" else _ERROR + _camel(error.code)
            self._refuse(message, name, self._say(error.code, error.facts, language))
        except asyncio.CancelledError:
            self._refuse(message, _ERROR + "Cancelled", self._say("cancelled", {}, language))
            raise
        except Exception:
            incident = secrets.token_hex(4)
            log.exception("incident %s in %s.%s", incident, message.interface, message.member)
            self._refuse(message, _ERROR + "Internal", self._say("internal", {"incident": incident}, language))
        finally:
            if entered is not None:
                self._quota.leave(entered)

    async def _carry_out(self, caller: Caller, message: Message) -> tuple[str, list[object]]:
        key = (message.interface or "", message.member or "")
        if key in _STANDARD:
            if message.signature != _STANDARD[key]:
                raise _UnknownError("InvalidArgs", f"{key[1]} takes ({_STANDARD[key]}).")
            return await self._standard(caller, message, key[1])
        member, handler, action = self._members.get(key), self._handlers.get(key), ACTIONS.get(key)
        if member is None or handler is None or action is None or message.path != ROOT:
            raise _UnknownError("UnknownMethod", "There is no such method here.")
        if message.signature != member.takes:
            raise _UnknownError("InvalidArgs", f"{key[1]} takes ({member.takes}).")
        arguments = [_bounded(plain(value), 0) for value in message.body]
        if not await self._authority.allows(caller, action):
            raise Refused("not-authorized", action=str(action))
        self._decided(asyncio.current_task(), caller.bus_name)
        result = await handler(caller, *arguments)
        return member.gives, _body(member.gives, result)

    async def _standard(self, caller: Caller, message: Message, member: str) -> tuple[str, list[object]]:
        if member == "Ping":
            return "", []
        path = message.path or ""
        own = Watcher(caller.uid, everything=False)
        if member == "Introspect":
            return "s", [self._introspect(path, own)]
        watcher = own
        if member == "GetManagedObjects" or self._tree.interfaces(path, own) is None:
            watcher = replace(own, everything=await self._sees_everything(caller))
        if member == "GetManagedObjects":
            if path != ROOT:
                raise _UnknownError("UnknownObject", "There is no such object.")
            if not self._tree.watch(caller.bus_name, watcher):
                raise _UnknownError("LimitsExceeded", "Too many programs of this user follow the guard already.")
            return "a{oa{sa{sv}}}", [self._tree.managed(watcher)]
        interfaces = self._tree.interfaces(path, watcher)
        if interfaces is None:
            raise _UnknownError("UnknownObject", "There is no such object.")
        properties = interfaces.get(message.body[0])
        if properties is None:
            raise _UnknownError("UnknownInterface", "The object has no such interface.")
        if member == "GetAll":
            return "a{sv}", [properties]
        if message.body[1] not in properties:
            raise _UnknownError("UnknownProperty", "The interface has no such property.")
        return "v", [properties[message.body[1]]]

    async def _sees_everything(self, caller: Caller) -> bool:
        """Whether the caller may audit; nobody is asked for a password only for looking."""
        return await clearly_allows(self._authority, caller, Action.AUDIT)

    def _introspect(self, path: str, watcher: Watcher) -> str:
        """The packaged XML at the root, with the caller's own objects below it; a bare node elsewhere on the way there."""
        inside = ROOT.startswith(path.rstrip("/") + "/") or path == "/"
        if path == ROOT:
            simulated = (SIMULATION, "Plug") in self._handlers
            return _root_xml(self._xml, simulated, [child[len(ROOT) + 1 :] for child in self._tree.children(watcher)])
        interfaces = self._tree.interfaces(path, watcher)
        if interfaces is None and not inside:
            raise _UnknownError("UnknownObject", "There is no such object.")
        if interfaces is None:
            below = ROOT[len(path.rstrip("/")) + 1 :].split("/")[0]
            return f'<node><node name="{below}"/></node>'
        return _only(self._xml, set(interfaces), [])

    def _refuse(self, message: Message, name: str, text: str) -> None:
        if not message.flags & MessageFlag.NO_REPLY_EXPECTED:
            self._connection.send(Message.new_error(message, name, text))


class _UnknownError(Exception):
    """A call that the interface does not have; `name` is the standard error, `text` our own constant sentence."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text)
        self.name, self.text = name, text


def _root_xml(xml: str, simulated: bool, children: list[str]) -> str:
    wanted = {"org.mediaguard.Guard1"} | ({SIMULATION} if simulated else set())
    return _only(xml, wanted, children)


def _only(xml: str, wanted: set[str], children: list[str]) -> str:
    root = ET.fromstring(xml)
    for interface in list(root):
        if interface.get("name") not in wanted:
            root.remove(interface)
    for child in children:
        ET.SubElement(root, "node", name=child)
    return ET.tostring(root, "unicode")


def _language(message: Message) -> str:
    options = message.body[-1] if message.body else None
    found = plain(options.get("language")) if isinstance(options, dict) else None
    return found if found in ("en", "zh") else "en"


def _bounded(value: object, depth: int) -> object:
    """Refuse what is too long, too many or too deep before anything looks at it."""
    if isinstance(value, str | bytes) and len(value) > LONGEST_TEXT:
        raise Hostile("option-too-long", option="text", limit=LONGEST_TEXT)
    if isinstance(value, list | dict) and (len(value) > MOST_ITEMS or depth >= DEEPEST):
        raise Hostile("option-too-long", option="list", limit=MOST_ITEMS)
    if isinstance(value, list):
        return [_bounded(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_bounded(key, depth + 1): _bounded(item, depth + 1) for key, item in value.items()}
    return value


def _body(gives: str, result: object) -> list[object]:
    if gives == "":
        return []
    if gives == "s" and isinstance(result, str):
        return [result]
    if gives == "a{sv}" and isinstance(result, dict):
        return [to_map(result)]
    if gives == "aa{sv}" and isinstance(result, list):
        return [[to_map(row) for row in result]]
    raise RuntimeError(f"a handler gave {type(result).__name__} for {gives}")


def _camel(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("-"))
