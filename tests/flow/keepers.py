"""People who keep the register, calling the verbs as the door would after it has let them in."""

from dataclasses import dataclass

from guard.core.errors import GuardError
from guard.keeping import Keeping
from guard.ordering import Ordering
from guard.verbs import Caller as SomeCaller
from guard.verbs import Verbs
from tests.flow.host import Host


@dataclass(frozen=True, slots=True)
class Caller:
    uid: int
    user: str
    language: str = "en"


CAROL, DAVE, LISI, ALICE = Caller(7001, "carol"), Caller(7002, "dave"), Caller(7003, "lisi"), Caller(7004, "alice")


def keeping(host: Host) -> Keeping:
    async def sees_all(caller: SomeCaller) -> bool:
        return caller.user in ("carol", "dave")

    return Keeping(host.guard, host.parts, sees_all)


def asking(host: Host) -> Verbs:
    """What everybody may call; carol and dave see what belongs to others."""

    async def sees_all(caller: SomeCaller) -> bool:
        return caller.user in ("carol", "dave")

    async def told_request(_: str) -> None:
        return

    return Verbs(host.guard, host.parts, host.queries, host.config, sees_all, lambda *_: None, told_request)


def ordering(host: Host) -> Ordering:
    return Ordering(host.guard, host.parts, lambda ident, percent, step: None)


async def enter(host: Host, name: str, clearance: str = "机密", account: str = "") -> None:
    """A holder who may hold media up to a level."""
    await host.people.put(name, account, "二处", "system", host.now)
    await host.people.clear_for(name, clearance, "dave", "x")


async def refused(act: object) -> str:
    """The code with which a call is refused."""
    try:
        await act  # type: ignore[misc] # any coroutine
    except GuardError as fault:
        return fault.code
    return ""
