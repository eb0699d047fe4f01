"""The first files of the corpus: what is right and nearly right for each target; `python -m tests.fuzz seeds` writes them."""

import struct
from dataclasses import replace
from pathlib import Path

from dbus_next import Message, Variant

from guard.core.area import SLOT, frame
from guard.core.unit import Unit
from guard.ctl.client import MANAGER, NAME, ROOT
from guard.sim.stick import Stick, descriptors
from guard.usb.wire import Request, Verb, pack_fault, pack_good, pack_open, pack_units
from tests.core.world import HOST_CERTIFICATE, LABEL, STRANGER, cose, records

UNITS = [Unit(0, 0, bytes(36), 16384, 512, False), Unit(1, 5, b"x", 0, 2048, None)]
CORPUS = Path(__file__).with_name("corpus")


def _call(member: str, signature: str, *body: object) -> bytes:
    message = Message(
        destination=NAME, path=ROOT, interface=MANAGER, member=member, signature=signature, body=list(body), serial=7
    )
    return bytes(message._marshall())  # type: ignore[no-untyped-call]


def seeds() -> dict[str, list[bytes]]:
    """By target."""
    good, newer = frame(cose(), SLOT), frame(cose(replace(LABEL, generation=2)), SLOT)
    chain = records(3)
    ring = b"".join(frame(one, 512, sequence=number) for number, one in enumerate(chain, 1))
    grant = {"level": Variant("s", "x"), "networks": Variant("as", ["a"]), "import": Variant("b", True)}
    plain = (
        bytes([0, 36]) + bytes(36) + b"".join(bytes([3, 1, 0, 0, 8]) + struct.pack(">II", 9999, 512) for _ in range(4))
    )
    mbr = bytes(446) + struct.pack("<B3sB3sII", 0, b"\0\0\0", 0x0C, b"\0\0\0", 2048, 99999) + bytes(48) + b"\x55\xaa"
    gpt = mbr[:450] + b"\xee" + mbr[451:] + b"EFI PART" + struct.pack("<IIIIQQQQ", 0x10000, 92, 0, 0, 1, 99, 34, 90)
    return {
        "descriptors": [descriptors(Stick()), descriptors(Stick(composite=True)), descriptors(Stick())[:40]],
        "scsi": [plain, b"\x03\x01\x01" * 9, bytes([6, 0, 7, 0, 8, 0])],
        "label": [good + newer, good + bytes(SLOT), newer + frame(cose(by=STRANGER), SLOT), good[:700] + good],
        "record": [chain[0], chain[2], HOST_CERTIFICATE, cose()],
        "log": [ring, ring[:1000], ring[512:] + ring[:512], ring + frame(cose(), 512, sequence=4)],
        "table": [mbr, gpt, mbr[:440] + b"\xff" * 72],
        "wire": [
            pack_good(pack_units(UNITS)),
            pack_fault("device-gone"),
            pack_open(0, 0x81, 2, 30).pack(),
            Request(Verb.READ, 0, 1024, 8).pack(),
            Request(Verb.WRITE, 1, 1024, 0, bytes(512)).pack(),
        ],
        "settings": [
            b'[scheme]\nname = "cn"\n[session]\nrequired = true\n',
            b'[gate]\napproved_models = ["0951:1666"]\nspin_up_seconds = 30\n[host]\nunregistered = "read-only"\n',
            b"[requests]\nquota = 1e9\n[gate]\nspin_up_seconds = nan\n",
            b"[host]\npersonal = [1979-05-27, {a = 1}]\n" + b"[a." + b"b." * 50 + b"c]\n",
        ],
        "exported": ["=cmd|' /C calc'!A0\x1f+1\x1e\ttab\x1f机密\x1e\x1f".encode(), b'"\x1f,\x1e\n\r\n'],
        "door": [
            _call("Visits", "a{sv}a{sv}", {"limit": Variant("x", 5)}, {}),
            _call("Approve", "sa{sv}a{sv}", "ab" * 16, grant, {}) + _call("Rights", "a{sv}", {}),
            _call("Step", "ssa{sv}a{sv}", "x", "lend", {"why": Variant("s", "y")}, {"language": Variant("s", "zh")}),
            bytes(Message(path=ROOT, interface="org.freedesktop.DBus.Properties", member="Get", destination=NAME, signature="ss",
                          body=[MANAGER, "Health"], serial=1)._marshall()),  # type: ignore[no-untyped-call]
        ],
    }  # fmt: skip


def write() -> None:
    """Put them where the replay finds them."""
    for target, found in seeds().items():
        (CORPUS / target).mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(found):
            (CORPUS / target / f"seed-{number}").write_bytes(data)
