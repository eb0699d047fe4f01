"""A private bus with a policy like the system's, a door with canned verbs on it, and callers of several users."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from guard.bus.authority import MANAGER
from guard.bus.caller import Caller
from guard.bus.connection import Connection
from guard.bus.door import Handler
from guard.bus.service import Hooks, Service
from guard.core.errors import Refused
from guard.words import say

NOBODY = 65534
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
  <include>{policy}</include>
</busconfig>
"""
POLICY = Path(__file__).resolve().parents[2] / "packaging" / "dbus" / "org.mediaguard.Guard1.conf"


class Bus:
    """The address of the private bus, and the service on it."""

    def __init__(self, address: str, service: Service) -> None:
        self.address, self.service = address, service

    def as_user(self, uid: int, script: str) -> "subprocess.CompletedProcess[str]":
        """Run a piece of asyncio code as another user; `bus` is its open connection, `NAME`, `ROOT` and `MANAGER` are known."""
        body = "\n".join("    " + line for line in script.strip().splitlines())
        program = (
            "import asyncio, sys\n"
            "from guard.bus.connection import *\n"
            "from guard.ctl.client import NAME, ROOT, MANAGER\n"
            f"async def main():\n    bus = await Connection.open({self.address!r})\n{body}\n"
            "asyncio.run(main())\n"
        )
        command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", sys.executable, "-c", program]
        return subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=50, env={**os.environ, "HOME": "/"}
        )

    async def later(self, uid: int, script: str) -> "subprocess.CompletedProcess[str]":
        """The same while the service goes on."""
        return await asyncio.to_thread(self.as_user, uid, script)


def _open_to_all(folder: Path) -> None:
    """Other users must reach the socket in the tests' folder."""
    for place in (folder, *folder.parents[:3]):
        if place.stat().st_mode & 0o777 == 0o700:
            place.chmod(0o755)


@asynccontextmanager
async def running_bus(folder: Path) -> AsyncIterator[Bus]:
    _open_to_all(folder)
    path, config = folder / "bus", folder / "bus.conf"
    config.write_text(_CONFIG.format(path=path, policy=POLICY))
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
    address = f"unix:path={path}"
    connection = await Connection.open(address)

    async def nothing() -> None:
        return

    service = Service(connection, Hooks(nothing, nothing), None)

    async def listing(caller: Caller, page: dict[str, object], options: object) -> list[dict[str, object]]:
        return [{"id": "a\0b", "uid": caller.uid, "user": caller.user, "page": page}]

    async def explain(caller: Caller, visit: str, options: object) -> dict[str, object]:
        if visit == "boom":
            raise KeyError("/secret/path")
        raise Refused("visit-unknown", visit=visit)

    async def request(caller: Caller, visit: str, wishes: object, options: object) -> str:
        await asyncio.sleep(3600)
        return visit

    verbs: dict[str, Handler] = {"Visits": listing, "Journal": listing, "Explain": explain, "Request": request}
    handlers = {(MANAGER, name): verb for name, verb in verbs.items()}
    service.admit(handlers, say)
    await service.serve()
    service.show_manager({"Version": "test", "Health": "ok"})
    try:
        yield Bus(address, service)
    finally:
        connection.close()
        daemon.terminate()
        await daemon.wait()
