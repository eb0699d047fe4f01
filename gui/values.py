"""What the daemon says, taken from the bus into frozen values. Texts are cut and cleaned once more: much of it was on a stick."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gui.contents import NO_FILES, Files, parse_files
from gui.plain import Untrusted, map_of, number, rows_of, text, texts, time_of


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the guard, and how to mend it, in one sentence of this language."""

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the scheme. `longest_years` 0 for no limit; `allowed`: this host may sign labels of it."""

    name: str
    shown: str
    colour: str
    longest_years: int
    allowed: bool


@dataclass(frozen=True, slots=True)
class Guard:
    """The guard of this computer. `health` is "ok", "degraded" or "not-initialized"; `ports` "usb" or "simulated"."""

    version: str = ""
    host: str = ""
    network: str = ""
    level: str = ""
    scheme: str = ""
    ports: str = "usb"
    health: str = "ok"
    faults: tuple[Fault, ...] = ()
    levels: tuple[Level, ...] = ()
    networks: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What the gate saw of a medium; sizes in bytes, 0 where nothing could be read."""

    vendor_id: str
    product_id: str
    manufacturer: str
    product: str
    serial: str
    capacity: int
    block_size: int
    partitions: str
    differences: tuple[str, ...]

    @property
    def name(self) -> str:
        """What a person would call it; "" where the device says nothing."""
        return " ".join(part for part in (self.manufacturer, self.product) if part)


@dataclass(frozen=True, slots=True)
class Visit:
    """One stay. `stage`: arrived, held, reading, judged, open, shut, gone. `verdict`: held, read-write, read-only, refused."""

    id: str
    medium: str
    number: str
    interface: str
    disk: str
    stage: str
    arrived: datetime | None
    left: datetime | None
    verdict: str
    severity: str
    reasons: tuple[str, ...]
    user: str
    network: str
    level: str
    seen: Seen
    files: Files
    findings: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """A verdict has taken effect."""
        return self.stage in ("open", "shut")


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule and its sentences: what was found, why that matters, what to do next; `cites` is the regulation behind it."""

    rule: str
    what: str
    why: str
    next: str
    cites: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a visit was judged as it was, strictest first; and what was found about its files afterwards, worst first."""

    visit: str
    verdict: str
    reasons: tuple[Reason, ...]
    seen: Seen
    findings: tuple[Reason, ...] = ()
    files: Files = NO_FILES


@dataclass(frozen=True, slots=True)
class Request:
    """`state`: open, approved, rejected, expired. `wishes` as filed: holder, level, network, term, kind."""

    id: str
    state: str
    visit: str
    requester: str
    purpose: str
    decided_by: str
    why: str
    filed: datetime | None
    wishes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of the registry. `expires` and `inspection_due` None: no end is known. `due`: when a loan ends.

    `receiver`: to whom it is offered; `offered`: to whoever sits here. `steps`: what may be done with it now.
    """

    id: str
    number: str
    level: str
    mark: str
    effective_level: str
    kind: str
    networks: tuple[str, ...]
    holder: str
    state: str
    present: bool
    expires: datetime | None
    inspection_due: datetime | None
    department: str = ""
    receiver: str = ""
    due: datetime | None = None
    steps: tuple[str, ...] = ()
    offered: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A visit as a record on the medium tells of it. `ended`: removed, refused, in, unknown (nobody saw it go)."""

    at: datetime | None  # to the hour
    host: str
    network: str
    verdict: str
    ended: str


@dataclass(frozen=True, slots=True)
class Crossing:
    """A medium went from one network to another. `direction`: up, down, same. `source`: registry or travel-log.

    `visit` is the visit here that showed it, "" where the medium told of it.
    """

    medium: str
    at: datetime | None
    from_network: str
    to_network: str
    from_level: str
    to_level: str
    direction: str
    verdict: str
    source: str
    visit: str
    severity: str
    holder: str
    number: str
    files: Files = NO_FILES


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the journal; `data` as it stands there."""

    seq: int
    at: datetime | None
    kind: str
    subject: str
    data: Mapping[str, object]
    hash: str


def parse_guard(untrusted: Untrusted, language: str) -> Guard:
    """The manager's properties."""
    get = untrusted.get
    levels = (row for row in rows_of(get("Levels")))
    return Guard(
        version=text(get("Version")),
        host=text(get("Host")),
        network=text(get("Network")),
        level=text(get("Level")),
        scheme=text(get("Scheme")),
        ports=text(get("Ports")),
        health=text(get("Health")),
        faults=tuple(Fault(text(row.get("code")), text(row.get(language))) for row in rows_of(get("Faults"))),
        levels=tuple(
            Level(
                name=text(row.get("name")),
                shown=text(row.get(f"label_{language}")) or text(row.get("name")),
                colour=text(row.get("colour")),
                longest_years=number(row.get("longest_years")),
                allowed=row.get("allowed") is True,
            )
            for row in levels
        ),
        networks=texts(get("Networks")),
        settings=tuple(sorted((text(key), text(value)) for key, value in map_of(get("Settings")).items())),
    )


def parse_visit(untrusted: Untrusted) -> Visit:
    """A visit, as an object of the tree (names like `Stage`) or as a row of the listing (`arrived`)."""
    row = {key.lower(): value for key, value in untrusted.items()}
    verdict, left = text(row.get("verdict")), time_of(row.get("left"))
    stage = text(row.get("stage")) or ("gone" if left else "open" if verdict in ("read-write", "read-only") else "shut")
    return Visit(
        id=text(row.get("id")),
        medium=text(row.get("medium")),
        number=text(row.get("number")),
        interface=text(row.get("interface")),
        disk=text(row.get("disk")),
        stage=stage,
        arrived=time_of(row.get("arrived")),
        left=left,
        verdict=verdict,
        severity=text(row.get("severity")),
        reasons=texts(row.get("reasons")),
        user=text(row.get("user")),
        network=text(row.get("network")),
        level=text(row.get("level")),
        seen=_seen(row.get("seen")),
        files=parse_files(row.get("files")),
        findings=texts(row.get("findings")),
    )


def parse_explanation(untrusted: Untrusted) -> Explanation:
    """The answer of Explain."""
    reasons, findings = (
        tuple(
            Reason(*(text(row.get(name)) for name in ("rule", "what", "why", "next", "cites")))
            for row in rows_of(untrusted.get(key))
        )
        for key in ("reasons", "findings")
    )
    ident, verdict = text(untrusted.get("id")), text(untrusted.get("verdict"))
    files = parse_files(untrusted.get("files"))
    return Explanation(ident, verdict, reasons, _seen(untrusted.get("seen")), findings, files)


def parse_request(untrusted: Untrusted) -> Request:
    """A request, as an object of the tree or as a row of the listing."""
    row = {"decided_by" if key == "DecidedBy" else key.lower(): value for key, value in untrusted.items()}
    wishes = {text(key): text(value) for key, value in map_of(row.get("wishes")).items()}
    return Request(
        id=text(row.get("id")),
        state=text(row.get("state")),
        visit=text(row.get("visit")),
        requester=text(row.get("requester")),
        purpose=text(row.get("purpose")),
        decided_by=text(row.get("decided_by")),
        why=text(row.get("why")),
        filed=time_of(row.get("filed")),
        wishes=wishes,
    )


def parse_medium(untrusted: Untrusted) -> Medium:
    """A row of the media."""
    get = untrusted.get
    return Medium(
        id=text(get("id")),
        number=text(get("number")),
        level=text(get("level")),
        mark=text(get("mark")),
        effective_level=text(get("effective_level")),
        kind=text(get("kind")),
        networks=texts(get("networks")),
        holder=text(get("holder")),
        state=text(get("state")),
        present=get("present") is True,
        expires=time_of(get("expires")),
        inspection_due=time_of(get("inspection_due")),
        department=text(get("department")),
        receiver=text(get("receiver")),
        due=time_of(get("due")),
        steps=texts(get("steps")),
        offered=get("offered") is True,
    )


def parse_crossing(untrusted: Untrusted) -> Crossing:
    """A row of the crossings."""
    get = untrusted.get
    return Crossing(
        medium=text(get("medium")),
        at=time_of(get("at")),
        from_network=text(get("from_network")),
        to_network=text(get("to_network")),
        from_level=text(get("from_level")),
        to_level=text(get("to_level")),
        direction=text(get("direction")),
        verdict=text(get("verdict")),
        source=text(get("source")),
        visit=text(get("visit")),
        severity=text(get("severity")),
        holder=text(get("holder")),
        number=text(get("number")),
        files=parse_files(get("files")),
    )


def parse_told(untrusted: Untrusted) -> Told:
    """A row of the travel of a medium."""
    get = untrusted.get
    return Told(
        time_of(get("arrived")), text(get("host")), text(get("network")), text(get("verdict")), text(get("ended"))
    )


def parse_entry(untrusted: Untrusted) -> Entry:
    """A row of the journal."""
    get = untrusted.get
    return Entry(
        seq=number(get("seq")),
        at=time_of(get("at")),
        kind=text(get("kind")),
        subject=text(get("subject")),
        data=map_of(get("data")),
        hash=text(get("hash")),
    )


def _seen(untrusted: object) -> Seen:
    row = map_of(untrusted)
    return Seen(
        vendor_id=_hexadecimal(row.get("vendor_id")),
        product_id=_hexadecimal(row.get("product_id")),
        manufacturer=text(row.get("manufacturer")),
        product=text(row.get("product")),
        serial=text(row.get("serial")),
        capacity=number(row.get("capacity")),
        block_size=number(row.get("block_size")),
        partitions=text(row.get("partitions")),
        differences=texts(row.get("differences")),
    )


def _hexadecimal(value: object) -> str:
    return f"{value:04x}" if isinstance(value, int) else text(value)
