"""What the daemon costs: CPU time from start to ready, memory then and after many visits, wake-ups in a quiet stretch.

    python -m tests.bench.footprint [VISITS] [SECONDS]

On simulated ports, so that no virtual machine is needed; beside it the same interpreter with nothing but asyncio and sqlite3.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from dbus_next import Message

from guard.bus.authority import MANAGER, SIMULATION
from guard.bus.connection import Connection, plain, to_map
from guard.sim.run import Computer, _found
from tests.bench.process import Cost

NAME, ROOT = MANAGER, "/org/mediaguard/Guard1"
_LEAST = "import asyncio, sqlite3, sys\nasyncio.run(asyncio.Event().wait())"


class Hand:
    """Plugs a stick in and out over the bus and waits for each to be noticed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._news: asyncio.Queue[Message] = asyncio.Queue()
        connection.listen(self._hear)

    def _hear(self, message: Message) -> bool:
        if message.member in ("PropertiesChanged", "InterfacesRemoved"):
            self._news.put_nowait(message)
        return False

    async def ask(self, interface: str, member: str, signature: str, *words: object) -> list[object]:
        answer: list[object] = plain(
            await self._connection.ask(NAME, ROOT, interface, member, signature, [*words, to_map({})])
        )
        return answer

    async def watch(self) -> None:
        await self._connection.ask(NAME, ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")

    async def visit(self, image: str) -> str:
        """One stay; returns the id of the visit."""
        (port,) = await self.ask(SIMULATION, "Plug", "sa{sv}", image)
        while True:
            message = await self._news.get()
            changed = plain(message.body[1]) if message.member == "PropertiesChanged" else {}
            if isinstance(changed, dict) and changed.get("Stage") in ("open", "shut"):
                break
        await self.ask(SIMULATION, "Unplug", "sa{sv}", port)
        while (await self._news.get()).member != "InterfacesRemoved":
            pass
        return str(message.path).rpartition("/")[2]


async def _visits(address: str, image: str, visits: int) -> None:
    connection = await Connection.open(address)
    hand = Hand(connection)
    await hand.watch()
    for _ in range(visits):
        await hand.visit(image)
    connection.close()


def _register(computer: Computer, image: str) -> None:
    computer.ask("sim", "new", image, "--size", "16M")
    computer.ask("sim", "plug", image)
    visit = next(v for v in _rows(computer, "visits"))
    grant = ("--level", "INTERNAL", "--networks", "office", "--holder", "Alice")
    done = computer.ask("register", str(visit["id"]), *grant)
    if done.returncode:
        raise SystemExit(done.stderr)
    computer.ask("sim", "unplug", str(visit["interface"]))


def _rows(computer: Computer, listing: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(computer.ask(listing, "--json").stdout)
    return found


def _verdict(log: str) -> float:
    """Milliseconds of CPU time of the whole daemon, from what it says about its phases."""
    found, read = [], 0.0
    for line in log.splitlines():
        if line.startswith("DEBUG phases: "):
            _, phase, _, cpu = line.removeprefix("DEBUG phases: ").split()
            if phase == "bytes":
                read = float(cpu)
            elif phase == "decided" and read:
                found.append((float(cpu) - read) * 1000)
                read = 0.0
    return statistics.median(found)


def _show(what: str, cost: Cost) -> None:
    print(f"{what:34}{cost.cpu:8.2f} s{cost.pss:8.1f} MiB{cost.private:8.1f} MiB{cost.threads:5}", flush=True)


def main() -> None:
    """Print the figures."""
    visits = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 60
    os.environ["PYTHONPYCACHEPREFIX"] = tempfile.gettempdir() + "/media-guard-bench"
    os.environ["MEDIA_GUARD_PHASES"] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        computer, other = (Computer.at(folder, host) for host in ("office", "internet"))
        _found(computer, other, folder)
        computer.start()  # once, so that the second start finds everything compiled
        computer.stop()
        computer.processes.clear()
        least = subprocess.Popen([sys.executable, "-c", _LEAST])
        computer.start()
        daemon = computer.processes[-1].pid
        print(f"{'':34}{'CPU':>10}{'PSS':>12}{'private':>12}{'threads':>5}")
        _show("asyncio and sqlite3 alone", Cost.of(least.pid))
        _show("daemon, ready", Cost.of(daemon))
        image = str(folder / "stick.img")
        _register(computer, image)
        before = Cost.of(daemon)
        _show("daemon, one medium registered", before)
        asyncio.run(_visits(computer.environment["DBUS_SYSTEM_BUS_ADDRESS"], image, visits))
        after = Cost.of(daemon)
        _show(f"daemon, {visits} visits", after)
        log = (computer.folder / "log").read_text()
        print(f"CPU time from the last byte of label and records to the verdict: {_verdict(log):.1f} ms (median)")
        print(f"CPU time of a visit: {(after.cpu - before.cpu) / visits * 1000:.1f} ms")
        time.sleep(3)  # what the last visit began has ended
        after = Cost.of(daemon)
        time.sleep(seconds)
        quiet = Cost.of(daemon)
        print(f"wake-ups in {seconds} quiet seconds: {quiet.wakes - after.wakes}, CPU {quiet.cpu - after.cpu:.2f} s")
        least.terminate()
        least.wait()
        computer.stop()


if __name__ == "__main__":
    main()
