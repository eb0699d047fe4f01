"""A private bus with a policy like the system's, a door with canned verbs on it, and callers of several users."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from guard.bus.authority import MANAGER, SIMULATION
from guard.bus.caller import Caller
from guard.bus.connection import Connection
from guard.bus.door import Handler
from guard.bus.service import Hooks, Service
from guard.core.errors import Refused
from guard.words import say

NOBODY, DAEMON = 65534, 1  # a bus lets in only users that the system knows
_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <deny own="*"/>
    <deny send_type="method_call"/>
    <allow send_type="signal"/>
    <allow send_requested_reply="true" send_type="method_return"/>
    <allow send_requested_reply="true" send_type="error"/>
    <allow receive_type="method_call"/>
    <allow receive_type="method_return"/>
    <allow receive_type="error"/>
    <allow receive_type="signal"/>
    <allow send_destination="org.freedesktop.DBus"/>
  </policy>
  <policy user="root">
    <allow own="org.freedesktop.PolicyKit1"/>
    <allow own="org.freedesktop.login1"/>
  </policy>
  <policy context="default">
    <allow send_destination="org.freedesktop.PolicyKit1"/>
    <allow send_destination="org.freedesktop.login1"/>
  </policy>
  <include>{policy}</include>
  {more}
</busconfig>
"""
LENIENT = """<policy context="mandatory"><allow send_destination="*"/><allow send_type="method_call"/></policy>"""
POLICY = Path(__file__).resolve().parents[2] / "packaging" / "dbus" / "org.mediaguard.Guard1.conf"


class Stranger:
    """Somebody else on the private bus."""

    def __init__(self, address: str) -> None:
        self.address = address

    def as_user(self, uid: int, script: str) -> "subprocess.CompletedProcess[str]":
        """Run a piece of asyncio code as another user; `bus` is its open connection, `NAME`, `ROOT` and `MANAGER` are known."""
        body = "\n".join("    " + line for line in script.strip().splitlines())
        program = (
            "import asyncio, contextlib, sys\n"
            "from guard.bus.connection import *\n"
            "from guard.ctl.client import NAME, ROOT, MANAGER, SIMULATION\n"
            f"async def main():\n    bus = await Connection.open({self.address!r})\n{body}\n"
            "asyncio.run(main())\n"
        )
        command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", sys.executable, "-"]
        return subprocess.run(
            command,
            input=program,
            capture_output=True,
            text=True,
            check=False,
            timeout=50,
            env={**os.environ, "HOME": "/"},
        )

    async def later(self, uid: int, script: str) -> "subprocess.CompletedProcess[str]":
        """The same while the service goes on."""
        return await asyncio.to_thread(self.as_user, uid, script)


class Bus(Stranger):
    """The address of the private bus, and the service on it."""

    def __init__(self, address: str, service: Service) -> None:
        super().__init__(address)
        self.service = service


@contextmanager
def _open_folder() -> Iterator[Path]:
    """Other users must reach the socket; pytest closes its own folders again whenever it starts somewhere else."""
    with TemporaryDirectory(prefix="media-guard-bus-") as place:
        Path(place).chmod(0o755)
        yield Path(place)


@asynccontextmanager
async def empty_bus(more: str = "") -> AsyncIterator[str]:
    """Only the bus; gives its address."""
    with _open_folder() as folder:
        path, config = folder / "bus", folder / "bus.conf"
        config.write_text(_CONFIG.format(path=path, policy=POLICY, more=more))
        daemon = await asyncio.create_subprocess_exec(
            "dbus-daemon",
            f"--config-file={config}",
            "--nofork",
            "--print-address",
            stdout=asyncio.subprocess.PIPE,
            stderr=-3,
        )
        assert daemon.stdout is not None
        await daemon.stdout.readline()
        try:
            yield f"unix:path={path}"
        finally:
            if daemon.returncode is None:
                daemon.terminate()
            await daemon.wait()


@asynccontextmanager
async def running_bus(more: str = "", owner_uid: int | None = None) -> AsyncIterator[Bus]:
    """The bus with the service on it; `more` is added to the bus's policy."""
    async with empty_bus(more) as address, _service(address, owner_uid) as service:
        yield Bus(address, service)


@asynccontextmanager
async def _service(address: str, owner_uid: int | None) -> AsyncIterator[Service]:
    connection = await Connection.open(address)

    async def nothing() -> None:
        return

    service = Service(connection, Hooks(nothing, nothing), owner_uid)

    async def listing(caller: Caller, page: dict[str, object], options: object) -> list[dict[str, object]]:
        return [{"id": "a\0b", "uid": caller.uid, "user": caller.user, "page": page}]

    async def explain(caller: Caller, visit: str, options: object) -> dict[str, object]:
        if visit == "boom":
            raise KeyError("/secret/path")
        if visit == "stop":
            raise asyncio.CancelledError
        raise Refused("visit-unknown", visit=visit)

    async def request(caller: Caller, visit: str, wishes: object, options: object) -> str:
        await asyncio.sleep(3600)
        return visit

    async def act_as(caller: Caller, person: str, options: object) -> None:
        service.pretend(caller, person)

    verbs: dict[str, Handler] = {"Visits": listing, "Journal": listing, "Explain": explain, "Request": request}
    handlers = {(MANAGER, name): verb for name, verb in verbs.items()}
    if owner_uid is not None:
        handlers[SIMULATION, "ActAs"] = act_as
    service.admit(handlers, say)
    await service.serve()
    service.show_manager({"Version": "test", "Health": "ok"})
    try:
        yield service
    finally:
        connection.close()
        await connection.gone()
