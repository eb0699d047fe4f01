"""Who asks: made once at the edge, from what the bus itself says of the sender."""

import pwd
from dataclasses import dataclass, field, replace

from guard.bus.connection import BusError, Connection
from guard.core.errors import GuardError, Refused

_BUS = "org.freedesktop.DBus"


@dataclass(frozen=True, slots=True)
class Caller:
    """One call's origin. `interactive`: polkit may ask the person for a password."""

    bus_name: str
    uid: int
    user: str
    language: str = "en"
    interactive: bool = False


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
            found = self._known[bus_name] = Caller(bus_name, int(uid), user_name(int(uid)))
        return found

    def pretend(self, caller: Caller, person: str) -> None:
        """Let a bus name act as a person of the simulated world."""
        number = 100_000 + int.from_bytes(person.encode()[:6].ljust(6), "big") % 1_000_000
        self._known[caller.bus_name] = replace(caller, uid=number, user=person)

    def forget(self, bus_name: str) -> None:
        """The caller has left the bus."""
        self._known.pop(bus_name, None)


def user_name(uid: int) -> str:
    """The name of a user, or its number."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
