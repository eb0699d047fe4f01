"""media-guard-reader: the process without rights that talks to one device and ends.

systemd starts it for each connection to the reader's socket (standard input). It locks itself in first, and only then receives the
descriptor of a device.
"""

import os
import socket
import struct
import sys

from guard.core.errors import Hostile
from guard.core.unit import Unit
from guard.usb import sandbox
from guard.usb.bulk_only import BulkOnly
from guard.usb.scsi import CHUNK, Scsi
from guard.usb.usbfs import UsbfsPipe
from guard.usb.wire import (
    HELLO,
    MAX_PACKET,
    Request,
    Verb,
    pack_fault,
    pack_good,
    pack_units,
    parse_request,
    unpack_open,
)

EMPTY = "/run/media-guard/empty"
_IDLE = struct.pack("ll", 12 * 3600, 0)  # seconds and microseconds; a reader that nobody needs for so long ends


def serve(channel: socket.socket) -> None:
    """Answer until the daemon hangs up; anything that it would not send ends the process."""
    channel.send(HELLO)
    packet, descriptors, _, _ = socket.recv_fds(channel, MAX_PACKET, 1)
    if not packet or len(descriptors) != 1:
        return
    request = parse_request(packet)
    if request.verb is not Verb.OPEN:
        raise ValueError("the first question must be OPEN")
    interface, endpoint_in, endpoint_out, seconds = unpack_open(request)
    try:
        _converse(channel, Scsi(BulkOnly(UsbfsPipe(descriptors[0]), interface, endpoint_in, endpoint_out)), seconds)
    finally:
        os.close(descriptors[0])
    channel.recv(1)  # until the daemon hangs up: ending costs time, and just now others need it


def _converse(channel: socket.socket, scsi: Scsi, seconds: int) -> None:
    try:
        units = scsi.units(seconds)
    except Hostile as fault:
        channel.send(pack_fault(fault.code))
        return
    channel.send(pack_good(pack_units(units)))
    while packet := channel.recv(MAX_PACKET):
        request = parse_request(packet)
        if request.verb is Verb.CLOSE:
            return
        channel.send(_answer(scsi, units, request))


def _answer(scsi: Scsi, units: list[Unit], request: Request) -> bytes:
    unit = units[request.lun]
    try:
        if request.verb is Verb.READ and 0 < request.blocks * unit.block_size <= CHUNK:
            return pack_good(scsi.read(unit, request.block, request.blocks))
        if request.verb is Verb.WRITE and 0 < len(request.data) <= CHUNK and not len(request.data) % unit.block_size:
            scsi.write(unit, request.block, request.data)
            return pack_good(b"")
        if request.verb is Verb.READ_LAST:
            return pack_good(scsi.read_last(unit))
        if request.verb is Verb.WRITE_LAST and len(request.data) == unit.block_size:
            scsi.write_last(unit, request.data)
            return pack_good(b"")
        if request.verb is Verb.UNMAP and request.blocks:
            return pack_good(bytes([scsi.unmap(unit, request.block, request.blocks)]))
        if request.verb is Verb.FLUSH:
            scsi.flush(unit)
            return pack_good(b"")
    except Hostile as fault:
        return pack_fault(fault.code)
    raise ValueError("a question that the daemon does not ask")


def main() -> int:
    """Standard input is the connected socket. MEDIA_GUARD_EMPTY names another empty directory; empty, the root stays as it is."""
    channel = socket.socket(fileno=os.dup(0))
    channel.setblocking(True)
    channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _IDLE)
    sandbox.enter(os.environ.get("MEDIA_GUARD_EMPTY", EMPTY) or None)
    try:
        serve(channel)
    except (BlockingIOError, BrokenPipeError, ConnectionResetError):
        return 0  # idle, or the daemon hung up
    return 0


if __name__ == "__main__":
    sys.exit(main())
