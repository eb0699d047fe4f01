"""The whole guard on a private bus with the packaged policy: real door, verbs, registry, journal; pretended are ports and polkit.

Whoever is not root asks as an employee would: polkit lets him request and eject, and nothing else.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from guard.bus.authority import Action
from guard.bus.connection import Connection
from guard.bus.logind import Seat
from guard.bus.service import Hooks, Service
from guard.core.evidence import SessionState
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.daemon import Guard
from guard.files.lister import Children, FileLister
from guard.health import Health
from guard.host import Host, load_host
from guard.org.organization import Place, create_organization
from guard.serving import Serving
from guard.sim.ports import SimulatedPorts
from guard.store.queries import Page
from tests.bus.polkit import PretendedPolkit
from tests.bus.world import NOBODY, Bus, empty_bus
from tests.flow.host import stick

EMPLOYEE = (str(Action.REQUEST), str(Action.EJECT))


@dataclass
class Seen:
    """What this process did while it was watched: files opened for writing, any file opened, programs started."""

    written: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    started: list[Any] = field(default_factory=list)
    on: bool = True


_watching: list[Seen] = []


def _audit(event: str, words: tuple[Any, ...]) -> None:
    for seen in _watching:
        if event == "open" and isinstance(words[0], str | bytes):
            name = os.fsdecode(words[0])
            seen.opened.append(name)
            if isinstance(words[2], int) and words[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                seen.written.append(name)
        elif event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system"):
            seen.started.append((event, *words))


sys.addaudithook(_audit)  # for the life of the process: it can only be idle


class Live(Bus):
    """The guard, its bus, and whoever calls."""

    def __init__(self, address: str, service: Service, host: Host, guard: Guard, ports: SimulatedPorts) -> None:
        super().__init__(address, service)
        self.host, self.guard, self.ports = host, guard, ports
        self.polkit: PretendedPolkit
        self.told: asyncio.Event

    async def plug(self, image: Path) -> VisitSnapshot:
        """Put a stick in and wait for its verdict."""
        port = self.ports.plug(image)
        token = self.ports._slots[port].arrival.token
        while (escort := self.guard._escorts.get(port)) is None or escort.arrival.token != token or not escort.visits:
            self.told.clear()
            await self.told.wait()
        await self.guard.settle()
        return next(visit for visit in self.guard.visits if visit.port == port)

    async def journal(self) -> list[dict[str, Any]]:
        """Everything that was written down, newest first."""
        return await self.host.queries.journal(Page(limit=1000))

    async def state(self) -> tuple[object, ...]:
        """All that a call could have changed."""
        queries, page = self.host.queries, Page(limit=1000)
        visits = [(v.id, v.stage, v.access) for v in self.guard.visits]
        return len(await self.journal()), visits, await queries.media(page, frozenset()), await queries.requests(page)

    async def call(self, uid: int, member: str, signature: str, *words: object) -> Any:
        """One call of the manager as another user: the answer, or {"error": its name}."""
        (answer,) = await self.calls(uid, [(member, signature, words)])
        return answer

    async def calls(self, uid: int, wanted: Sequence[tuple[str, str, Sequence[object]]]) -> list[Any]:
        """Many calls one after the other as another user. Words are JSON; in maps every value becomes a variant."""
        script = f"""
import json
from guard.bus.connection import to_map
for member, signature, words in json.loads({json.dumps(wanted)!r}):
    words = [to_map(word) if isinstance(word, dict) else word for word in words]
    words = [[to_map(row) for row in word] if isinstance(word, list) else word for word in words]
    try:
        answer = plain(await bus.ask(NAME, ROOT, MANAGER, member, signature, words))
        print(json.dumps(answer[0] if answer else None))
    except BusError as fault:
        print(json.dumps({{"error": fault.name.rpartition(".")[2], "text": fault.text}}))
"""
        done = await self.later(uid, script)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@asynccontextmanager
async def live_guard(folder: Path, quota: int = 0) -> AsyncIterator[Live]:
    """A guard as installed; NOBODY sits at the computer. `quota` of open requests of a user, 0 for the packaged one."""
    config, state = folder / "config", folder / "state"
    config.mkdir()
    state.mkdir()
    create_organization(config, Place("host", "office", "机密"), "cn", "", int(time.time()))
    if quota:
        (config / "guard.toml.d").mkdir()
        (config / "guard.toml.d" / "quota.toml").write_text(f"[requests]\nquota = {quota}\n")
    async with empty_bus() as address:
        polkit = await PretendedPolkit.on(address, "employee")
        health = Health()
        serving = Serving(health, config)
        service = Service(await Connection.open(address), Hooks(serving.seat_changed, serving.resumed), None)
        ports = SimulatedPorts()
        serving.begin(service, ports, ports, FileLister(Children()), "usb")
        host = load_host(config, state, health)
        told, parts = asyncio.Event(), serving.parts(host)

        def tell(visit: VisitSnapshot) -> None:
            parts.tell(visit)
            told.set()

        guard = Guard(replace(parts, tell=tell), health.troubled)
        serving.open(guard, host)
        await service.serve()
        service.logind.seat = Seat(SessionState.ACTIVE, NOBODY, "somebody")
        await serving.recover(guard)
        tasks = [asyncio.ensure_future(guard.watch()), asyncio.ensure_future(guard.mend())]
        live = Live(address, service, host, guard, ports)
        live.polkit, live.told = polkit, told
        try:
            yield live
            assert (await host.journal.verify()).ok
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            service.connection.close()
            await service.connection.gone()
            polkit.close()
            await host.close()


def attack(folder: Path, story: Callable[[Live, VisitSnapshot], Awaitable[None]], quota: int = 0) -> Seen:
    """Play a story with a refused stick of NOBODY's in a port; whatever it does, that stick stays shut.

    Returns what this process did meanwhile.
    """

    async def whole() -> Seen:
        seen = Seen()
        async with live_guard(folder, quota) as live:
            image = stick(folder)
            before, visit = image.read_bytes(), await live.plug(image)
            assert visit.access is Access.REFUSED
            _watching.append(seen)
            try:
                await story(live, visit)
            finally:
                _watching.clear()
            answered = await live.calls(NOBODY, [("Rights", "a{sv}", ({},))])
            assert [set(rights.values()) for rights in answered] == [{False}], (
                "the guard still answers, and to nobody more"
            )
            shut = [v for v in live.guard.visits if v.id == visit.id and v.access.opens]
            assert shut == []
            assert image.read_bytes() == before
        return seen

    return asyncio.run(whole())
