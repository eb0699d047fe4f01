"""Who asks: made once at the edge, from what the bus itself says of the sender."""

import hashlib
import pwd
from dataclasses import dataclass, field, replace

from guard.bus.connection import BusError, Connection
from guard.core.errors import GuardError, Refused

_BUS = "org.freedesktop.DBus"
MOST_REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Caller:
    """One call's origin. `interactive`: polkit may ask the person for a password. `pretended`: a person on simulated ports."""

    bus_name: str
    uid: int
    user: str
    language: str = "en"
    interactive: bool = False
    pretended: bool = False


@dataclass(slots=True)
class Callers:
    """Callers by their bus name, forgotten when they leave. Persons are pretended only on simulated ports."""

    connection: Connection
    _known: dict[str, Caller] = field(default_factory=dict)

    async def of(self, bus_name: str) -> Caller:
        """The caller behind a bus name.

        Raises:
            Refused: `caller-unknown` when the bus does not know him any more.
        """
        found = self._known.get(bus_name)
        if found is None:
            try:
                ask = self.connection.ask
                (uid,) = await ask(_BUS, "/org/freedesktop/DBus", _BUS, "GetConnectionUnixUser", "s", [bus_name])
            except (BusError, GuardError) as error:
                raise Refused("caller-unknown") from error
            found = Caller(bus_name, int(uid), user_name(int(uid)))
            self._remember(found)
        return found

    def pretend(self, caller: Caller, person: str) -> None:
        """Let a bus name act as a person of the simulated world."""
        number = 100_000 + int.from_bytes(hashlib.sha256(person.encode()).digest()[:4], "big") // 2
        self._remember(replace(caller, uid=number, user=person, pretended=True))

    def known_uid(self, bus_name: str) -> int | None:
        """The user behind a bus name that has called before."""
        found = self._known.get(bus_name)
        return found.uid if found else None

    def forget(self, bus_name: str) -> None:
        """The caller has left the bus."""
        self._known.pop(bus_name, None)

    def _remember(self, caller: Caller) -> None:
        self._known[caller.bus_name] = caller
        while len(self._known) > MOST_REMEMBERED:
            del self._known[next(iter(self._known))]


def user_name(uid: int) -> str:
    """The name of a user, or its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
