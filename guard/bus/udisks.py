"""Asking udisks to unmount a disk before the gate shuts it."""

from collections.abc import Sequence

from guard.bus.connection import BusError, Connection, plain
from guard.core.errors import GuardError, Refused

_UDISKS, _ROOT = "org.freedesktop.UDisks2", "/org/freedesktop/UDisks2"
_FILESYSTEM = f"{_UDISKS}.Filesystem"


async def unmount(connection: Connection, disks: Sequence[str]) -> None:
    """Unmount every file system on these disks ("sda"); nothing to do where udisks is not there.

    Raises:
        Refused: `still-in-use` when somebody has files open on one.
    """
    try:
        ask = connection.ask
        (objects,) = await ask(_UDISKS, _ROOT, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")
    except (BusError, GuardError):
        return
    for path, interfaces in objects.items():
        name = path.rsplit("/", 1)[-1]
        mounted = plain(interfaces.get(_FILESYSTEM, {})).get("MountPoints")
        if mounted and any(name == disk or name.rstrip("0123456789") == disk for disk in disks):
            try:
                await connection.ask(_UDISKS, path, _FILESYSTEM, "Unmount", "a{sv}", [{}])
            except BusError as error:
                raise Refused("still-in-use", disk=name) from error
