"""The objects as clients see them, and the signals about them: sent to each client that asked for the objects, never broadcast."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dbus_next import Message, MessageType, Variant

from guard.bus.connection import Connection, to_map

ROOT = "/org/mediaguard/Guard1"
OBJECT_MANAGER, PROPERTIES = "org.freedesktop.DBus.ObjectManager", "org.freedesktop.DBus.Properties"
MAX_WATCHERS, WATCHERS_OF_USER = 512, 32

Interfaces = dict[str, dict[str, object]]


@dataclass(frozen=True, slots=True)
class _Object:
    owner: int | None  # the uid it belongs to; None for everybody's
    interfaces: dict[str, dict[str, Variant]]


@dataclass(frozen=True, slots=True)
class Watcher:
    """A client that asked for the objects: what it may see."""

    uid: int
    everything: bool


@dataclass(slots=True)
class Tree:
    """Objects by path, watchers by bus name."""

    connection: Connection
    _objects: dict[str, _Object] = field(default_factory=dict)
    _watchers: dict[str, Watcher] = field(default_factory=dict)

    def put(self, path: str, owner: int | None, interfaces: Interfaces) -> None:
        """Add or change an object; says only what changed."""
        fresh = _Object(owner, {name: to_map(values) for name, values in interfaces.items()})
        known = self._objects.get(path)
        self._objects[path] = fresh
        for bus_name, watcher in self._watchers.items():
            saw, sees = known is not None and _sees(watcher, known), _sees(watcher, fresh)
            if known is not None and saw and sees:
                self._tell_changes(bus_name, path, known, fresh)
            elif sees:
                body: list[object] = [path, fresh.interfaces]
                self._send(bus_name, ROOT, OBJECT_MANAGER, "InterfacesAdded", "oa{sa{sv}}", body)
            elif saw:
                self._send(bus_name, ROOT, OBJECT_MANAGER, "InterfacesRemoved", "oas", [path, list(fresh.interfaces)])

    def drop(self, path: str) -> None:
        """The object is gone."""
        gone = self._objects.pop(path, None)
        if gone is not None:
            names = list(gone.interfaces)
            self._tell(gone, ROOT, OBJECT_MANAGER, "InterfacesRemoved", "oas", [path, names])

    def has(self, path: str) -> bool:
        """Whether there is such an object."""
        return path in self._objects

    def signal(self, owner: int | None, interface: str, member: str, signature: str, body: list[object]) -> None:
        """A signal of the manager about something of `owner` (-1: for those who see everything)."""
        self._tell(_Object(owner, {}), ROOT, interface, member, signature, body)

    def watch(self, bus_name: str, watcher: Watcher) -> bool:
        """From now on tell this client; False when there are too many. Root always finds room."""
        of_user = sum(known.uid == watcher.uid for known in self._watchers.values())
        full = len(self._watchers) >= MAX_WATCHERS or of_user >= WATCHERS_OF_USER
        if bus_name not in self._watchers and full and watcher.uid != 0:
            return False
        self._watchers[bus_name] = watcher
        return True

    def forget(self, bus_name: str) -> None:
        """The client has left."""
        self._watchers.pop(bus_name, None)

    def managed(self, watcher: Watcher) -> dict[str, dict[str, dict[str, Variant]]]:
        """All objects that a client may see."""
        return {
            path: found.interfaces for path, found in self._objects.items() if path != ROOT and _sees(watcher, found)
        }

    def interfaces(self, path: str, watcher: Watcher) -> Mapping[str, dict[str, Variant]] | None:
        """The interfaces of an object with their properties; None where the client sees no object."""
        found = self._objects.get(path)
        return found.interfaces if found is not None and _sees(watcher, found) else None

    def children(self, watcher: Watcher) -> Iterable[str]:
        """Paths below the root that a client may see."""
        return list(self.managed(watcher))

    def _tell(self, about: _Object, path: str, interface: str, member: str, signature: str, body: list[object]) -> None:
        for bus_name, watcher in self._watchers.items():
            if _sees(watcher, about):
                self._send(bus_name, path, interface, member, signature, body)

    def _tell_changes(self, bus_name: str, path: str, known: _Object, fresh: _Object) -> None:
        for name, values in fresh.interfaces.items():
            before = known.interfaces.get(name, {})
            changed = {key: value for key, value in values.items() if before.get(key) != value}
            if changed:
                self._send(bus_name, path, PROPERTIES, "PropertiesChanged", "sa{sv}as", [name, changed, []])

    def _send(self, bus_name: str, path: str, interface: str, member: str, signature: str, body: list[object]) -> None:
        self.connection.send(
            Message(
                message_type=MessageType.SIGNAL,
                destination=bus_name,
                path=path,
                interface=interface,
                member=member,
                signature=signature,
                body=body,
            )
        )


def _sees(watcher: Watcher, found: _Object) -> bool:
    return watcher.everything or found.owner is None or found.owner == watcher.uid
