"""media-guard-lister: the process without rights that lists the files of one mounted medium and ends.

systemd starts it for each connection to the lister's socket (standard input), so that its mount namespace is a fresh copy in which
everything is read-only. It opens the one folder that the daemon names, makes sure that it is the root of the right device, makes
that its own root, locks itself in, and only then looks at the first name.
"""

import contextlib
import os
import socket
import struct
import sys

from guard.files import sandbox
from guard.files.tree import Tree, look
from guard.files.wire import BATCH, MAX_PACKET, End, pack_end, pack_entries, pack_gone, unpack_job

_WAIT = struct.pack("ll", 60, 0)  # seconds and microseconds; one that is asked nothing ends


class UnwantedError(Exception):
    """The daemon hung up."""


def serve(channel: socket.socket, *, confined: bool) -> None:
    """Answer the one question. `confined`: this process may change its root; without, the flags and checks must do."""
    packet = channel.recv(MAX_PACKET)
    if not packet:
        return
    volume, wish = unpack_job(packet)
    try:
        root = os.open(volume.path, sandbox.OPEN | os.O_DIRECTORY)
    except OSError:
        channel.send(pack_gone())
        return
    if look(root, b"").device != volume.device:
        channel.send(pack_gone())
        return
    os.fchdir(root)
    sandbox.enter("." if confined else None)

    def wanted() -> None:
        with contextlib.suppress(BlockingIOError):
            if not channel.recv(1, socket.MSG_DONTWAIT):
                raise UnwantedError

    tree, packed = Tree(wish, wanted), bytearray()
    for entry in tree.entries(root):
        packed += entry.pack()
        if len(packed) >= BATCH:
            channel.send(pack_entries(bytes(packed)))
            packed.clear()
    if packed:
        channel.send(pack_entries(bytes(packed)))
    channel.send(pack_end(End(tree.cut, tree.unread)))


def main() -> int:
    """Standard input is the connected socket. MEDIA_GUARD_LISTER=loose: for simulated ports, where nobody may change his root."""
    channel = socket.socket(fileno=os.dup(0))
    channel.setblocking(True)
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _WAIT)
    with contextlib.suppress(BlockingIOError, BrokenPipeError, ConnectionResetError, UnwantedError):
        serve(channel, confined=os.environ.get("MEDIA_GUARD_LISTER") != "loose")
    return 0


if __name__ == "__main__":
    sys.exit(main())
