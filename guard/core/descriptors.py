"""USB descriptors: from the raw bytes that the device gave the kernel to a frozen description.

Universal Serial Bus Specification 2.0, section 9.6. Unknown descriptors are passed over by their length, as the
kernel does; a length that cannot be true is an error.
"""

from dataclasses import dataclass

from guard.core.errors import Hostile

MAX_BYTES = 65536
MAX_INTERFACES = 32
MAX_ALTERNATES = 128
MAX_ENDPOINTS = 30

_DEVICE, _CONFIGURATION, _INTERFACE, _ENDPOINT = 1, 2, 4, 5
_MASS_STORAGE, _STILL_IMAGE, _HUMAN_INTERFACE, _HUB = 0x08, 0x06, 0x03, 0x09
_SCSI_TRANSPARENT, _BULK_ONLY, _ATTACHED_SCSI = 0x06, 0x50, 0x62
_FUNCTIONS = {
    0x01: "audio",
    0x02: "communication",
    0x03: "keyboard or mouse",
    0x06: "camera or phone",
    0x07: "printer",
    0x09: "hub",
    0x0A: "communication",
    0x0B: "smart card",
    0x0E: "video",
    0xDC: "diagnostic",
    0xE0: "wireless or network",
    0xFF: "vendor specific",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`address` with the direction in bit 7; `transfer` 0 control, 1 isochronous, 2 bulk, 3 interrupt."""

    address: int
    transfer: int
    max_packet: int


@dataclass(frozen=True, slots=True)
class Alternate:
    """One alternate setting of an interface."""

    setting: int
    interface_class: int
    subclass: int
    protocol: int
    endpoints: tuple[Endpoint, ...]

    @property
    def bulk_only(self) -> bool:
        """Mass storage, SCSI transparent command set, bulk-only transport, with its two bulk endpoints."""
        kind = (self.interface_class, self.subclass, self.protocol)
        return kind == (_MASS_STORAGE, _SCSI_TRANSPARENT, _BULK_ONLY) and None not in (self.bulk_in, self.bulk_out)

    @property
    def attached_scsi(self) -> bool:
        """USB attached SCSI (UAS)."""
        return (self.interface_class, self.protocol) == (_MASS_STORAGE, _ATTACHED_SCSI)

    @property
    def bulk_in(self) -> Endpoint | None:
        """The first bulk IN endpoint."""
        return next((e for e in self.endpoints if e.transfer == 2 and e.address & 0x80), None)

    @property
    def bulk_out(self) -> Endpoint | None:
        """The first bulk OUT endpoint."""
        return next((e for e in self.endpoints if e.transfer == 2 and not e.address & 0x80), None)


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface of the first configuration, with all its alternate settings."""

    number: int
    alternates: tuple[Alternate, ...]

    @property
    def is_storage(self) -> bool:
        """Some alternate setting is mass storage."""
        return any(a.interface_class == _MASS_STORAGE for a in self.alternates)


@dataclass(frozen=True, slots=True)
class DeviceDescription:
    """Ids and interfaces of a device, in the order of the descriptors."""

    vendor_id: int
    product_id: int
    interfaces: tuple[Interface, ...]

    @property
    def other_functions(self) -> tuple[str, ...]:
        """What the device is besides storage, in words; empty for a plain stick."""
        found = []
        for interface in self.interfaces:
            if not interface.is_storage:
                kind = interface.alternates[0].interface_class
                found.append(_FUNCTIONS.get(kind, f"class {kind:02x}"))
        return tuple(dict.fromkeys(found))


def parse_descriptors(untrusted: bytes) -> DeviceDescription:
    """Parse the device descriptor and the first configuration behind it (sysfs file `descriptors`).

    Raises:
        Hostile: `device-descriptors` when they are cut off, contradict themselves or are over a limit.
    """
    if not 18 <= len(untrusted) <= MAX_BYTES or untrusted[0] < 18 or untrusted[1] != _DEVICE:
        raise Hostile("device-descriptors", why="the device descriptor is missing or cut off")
    vendor_id, product_id = int.from_bytes(untrusted[8:10], "little"), int.from_bytes(untrusted[10:12], "little")
    alternates: dict[int, list[Alternate]] = {}
    for number, alternate in _alternates(_first_configuration(untrusted[untrusted[0] :])):
        of_interface = alternates.setdefault(number, [])
        if any(known.setting == alternate.setting for known in of_interface):
            raise Hostile("device-descriptors", why="an alternate setting is there twice")
        of_interface.append(alternate)
    if len(alternates) > MAX_INTERFACES:
        raise Hostile("device-descriptors", why="more than 32 interfaces")
    interfaces = tuple(Interface(n, tuple(sorted(a, key=lambda x: x.setting))) for n, a in alternates.items())
    return DeviceDescription(vendor_id, product_id, interfaces)


def _first_configuration(untrusted: bytes) -> bytes:
    if len(untrusted) < 9 or untrusted[0] < 9 or untrusted[1] != _CONFIGURATION:
        raise Hostile("device-descriptors", why="the configuration descriptor is missing or cut off")
    total = int.from_bytes(untrusted[2:4], "little")
    if not untrusted[0] <= total <= len(untrusted):
        raise Hostile("device-descriptors", why="the configuration is shorter than it says")
    return untrusted[untrusted[0] : total]


def _alternates(untrusted: bytes) -> list[tuple[int, Alternate]]:
    found: list[tuple[int, Alternate]] = []
    place = 0
    while place < len(untrusted):
        length = untrusted[place]
        if length < 2 or place + length > len(untrusted):
            raise Hostile("device-descriptors", why="a descriptor has an impossible length")
        part = untrusted[place : place + length]
        if part[1] == _INTERFACE:
            if length < 9 or len(found) == MAX_ALTERNATES:
                raise Hostile("device-descriptors", why="an interface is cut off or there are more than 128")
            found.append((part[2], Alternate(part[3], part[5], part[6], part[7], ())))
        elif part[1] == _ENDPOINT and found:
            if length < 7 or len(found[-1][1].endpoints) == MAX_ENDPOINTS:
                raise Hostile("device-descriptors", why="an endpoint is cut off or there are more than 30")
            number, last = found[-1]
            endpoint = Endpoint(part[2], part[3] & 3, int.from_bytes(part[4:6], "little") & 0x7FF)
            grown = Alternate(
                last.setting, last.interface_class, last.subclass, last.protocol, (*last.endpoints, endpoint)
            )
            found[-1] = (number, grown)
        place += length
    return found
