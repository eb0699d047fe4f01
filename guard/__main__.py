"""media-guardd: the entry. Builds the parts and starts every long-lived task; no logic of its own.

When one of the tasks ends, all end, and systemd starts the daemon anew; the gate stays shut meanwhile, because the kernel holds it.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable
from pathlib import Path

from guard import __version__
from guard.bus.connection import Connection
from guard.bus.service import Hooks, Service
from guard.core.errors import GuardError
from guard.core.ports import Ports
from guard.core.volumes import Lister, Mounts
from guard.daemon import Guard
from guard.files.lister import Children, FileLister
from guard.files.mounts import KernelMounts
from guard.forwarding import Forwarding
from guard.health import Health, beat, notify
from guard.host import load_host
from guard.serving import Serving, hold_everything
from guard.sim.ports import SimulatedPorts
from guard.usb.kernel import kernel_fault
from guard.words import say

log = logging.getLogger("media-guardd")
BEHIND_SECONDS = 1.0  # journald hears of a plug when the system has its disk


async def run(simulated: bool) -> int:
    """Serve until a signal ends it (0) or a part is lost (1)."""
    config = Path(os.environ.get("MEDIA_GUARD_CONFIG_DIR", "/etc/media-guard"))
    state = Path(os.environ.get("STATE_DIRECTORY", "/var/lib/media-guard"))
    runtime = Path(os.environ.get("RUNTIME_DIRECTORY", "/run/media-guard"))
    health = Health()
    if not simulated and (fault := kernel_fault(os.uname().version)) is not None:
        log.warning("%s", say(fault.code, fault.facts, "en"))
        health.trouble(fault)
    serving = Serving(health, config)
    connection = await Connection.open()
    service = Service(connection, Hooks(serving.seat_changed, serving.resumed), os.getuid() if simulated else None)
    ports, mounts, lister = _ports(simulated, runtime)
    serving.begin(service, ports, mounts, lister, "simulated" if simulated else "usb")
    await service.serve()
    notify(f"READY=1\nSTATUS=version {__version__}")
    async with asyncio.TaskGroup() as tasks:
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        tasks_of_all = [
            tasks.create_task(service.logind.follow()),
            tasks.create_task(_guard(serving, health, config, state, forward=not simulated)),
        ]
        await _first(stop.wait(), connection.gone(), tasks_of_all[1])
        lost = not connection.connected
        for task in tasks_of_all:
            task.cancel()
    return 1 if lost else 0


async def _guard(serving: Serving, health: Health, config: Path, state: Path, *, forward: bool) -> None:
    """Guard as configured; while the configuration is bad hold everything, and end when it is good, to be started anew."""
    try:
        host = load_host(config, state, health)
    except GuardError as fault:
        log.error("%s", say(fault.code, fault.facts, "en"))
        await hold_everything(serving, fault, lambda: _loads(config, state))
        return
    guard = Guard(serving.parts(host), health.troubled)
    serving.open(guard, host)
    try:
        async with asyncio.TaskGroup() as tasks:
            if forward and host.settings.journal.forward:
                forwarding = Forwarding(host.database, host.journal, state / "journal.forwarded", behind=BEHIND_SECONDS)
                tasks.create_task(forwarding.run())
            await serving.recover(guard)
            if serving.observing is not None:
                tasks.create_task(serving.observing.run())
            tasks.create_task(guard.watch())
            tasks.create_task(guard.mend())
            tasks.create_task(guard.follow_mounts())
            tasks.create_task(beat(host.database_answers))
    finally:
        await guard.write_down()
        await host.close()


def _loads(config: Path, state: Path) -> bool:
    try:
        load_host(config, state, Health())
    except GuardError:
        return False
    return True


async def _first(*waits: Awaitable[object]) -> None:
    """Return when one of them is done."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()


def _ports(simulated: bool, runtime: Path) -> tuple[Ports, Mounts, Lister]:
    if simulated:
        ports = SimulatedPorts()
        return ports, ports, FileLister(Children())
    from guard.usb.ports import UsbPorts  # noqa: PLC0415 - simulated ports need no udev

    return UsbPorts(runtime), KernelMounts(), FileLister()


def main() -> int:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(prog="media-guardd", description="The removable-media guard; systemd starts it.")
    parser.add_argument(
        "--ports", choices=("usb", "simulated"), default="usb", help="real USB, or image files as sticks"
    )
    parser.add_argument("--version", action="version", version=f"Media Guard {__version__}")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    try:
        return asyncio.run(run(arguments.ports == "simulated"))
    except GuardError as fault:
        sys.stderr.write(f"media-guardd: {say(fault.code, fault.facts, 'en')}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
