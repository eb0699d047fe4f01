"""guard.toml: parsed into frozen settings; an unknown key, a wrong type or a value out of range is an error that names it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime

from guard.core.errors import Broken
from guard.core.verdict import Access


@dataclass(frozen=True, slots=True)
class HostSettings:
    """What happens to media without a label (other than "refused" only at the lowest level), and to changed ones.

    `changed_elsewhere`: the most that is left to a medium that was changed where no guard was; it is reported in any case.
    """

    unregistered: str = "refused"
    changed_elsewhere: str = "read-write"
    personal: bool = False

    @property
    def unregistered_access(self) -> Access:
        """The same as a value."""
        return Access(self.unregistered)


@dataclass(frozen=True, slots=True)
class RemovalSettings:
    """`arm`: which media are left so that use elsewhere shows: "classified" (above the lowest level), "always" or "never"."""

    arm: str = "classified"


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """`required`: media stay held while no unlocked local session is there."""

    required: bool = True


@dataclass(frozen=True, slots=True)
class GateSettings:
    """`approved_models` ("vid:pid") may be more than storage. Seconds for a disk to spin up and for a whole reading.

    `observe_until`: before this day ("2027-01-31", from midnight UTC on) verdicts are told and not carried out; "" for never.
    """

    approved_models: tuple[str, ...] = ()
    spin_up_seconds: int = 30
    deadline_seconds: int = 60
    observe_until: str = ""

    @property
    def observing_ends(self) -> int:
        """Seconds since 1970 at which verdicts begin to be carried out; 0 where they always are."""
        return (
            int(datetime.fromisoformat(self.observe_until).replace(tzinfo=UTC).timestamp()) if self.observe_until else 0
        )


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """`forward`: every entry of the journal is told to journald too."""

    forward: bool = True


@dataclass(frozen=True, slots=True)
class RequestSettings:
    """`expire_days` after filing; `quota` of open requests for each user."""

    expire_days: int = 7
    quota: int = 5


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """`sealed`: what only auditors need of a travel record is sealed to their key."""

    sealed: bool = False


@dataclass(frozen=True, slots=True)
class FilesSettings:
    """Which files come and go. `manifest`: list them at all. `hashes` of files: none, small ones (up to `limit_mib`) or all.

    `undeclared` and `suspicious`: how much it matters when files appeared that no guard knows of, plain ones and odd ones.
    `keep_days`: how long the names in a visit are kept; the journal has the counts for ever.
    """

    manifest: bool = True
    hashes: str = "none"
    limit_mib: int = 1
    undeclared: str = "warning"
    suspicious: str = "alarm"
    keep_days: int = 365


@dataclass(frozen=True, slots=True)
class RegisterSettings:
    """`prefix`: how the numbers begin that the register gives. Registers without a wire between them need one each."""

    prefix: str = "MG-"


@dataclass(frozen=True, slots=True)
class InventorySettings:
    """`overdue`: the most that is left to a medium that was not shown until the day of an inventory; it is reported in any case.

    Refused unless somebody says otherwise: what nobody has seen for a campaign may be in other hands (CN-19).
    """

    overdue: str = "refused"


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """Of what holders are reminded, and how many days ahead; 0 for never. `clearing_days`: how long files may stay on a medium.

    Files are counted by what was seen in visits here; media of the lowest level are left alone.
    """

    loan_days: int = 3
    inspection_days: int = 14
    term_days: int = 90
    clearing_days: int = 90


@dataclass(frozen=True, slots=True)
class SchemeSettings:
    """A packaged scheme (cn, us, corporate) or the absolute path of a file; `owner`: the short name in commercial marks."""

    name: str = "corporate"
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All sections of guard.toml."""

    scheme: SchemeSettings = field(default_factory=SchemeSettings)
    host: HostSettings = field(default_factory=HostSettings)
    removal: RemovalSettings = field(default_factory=RemovalSettings)
    session: SessionSettings = field(default_factory=SessionSettings)
    gate: GateSettings = field(default_factory=GateSettings)
    requests: RequestSettings = field(default_factory=RequestSettings)
    journal: JournalSettings = field(default_factory=JournalSettings)
    records: RecordSettings = field(default_factory=RecordSettings)
    files: FilesSettings = field(default_factory=FilesSettings)
    register: RegisterSettings = field(default_factory=RegisterSettings)
    inventory: InventorySettings = field(default_factory=InventorySettings)
    reminders: ReminderSettings = field(default_factory=ReminderSettings)


_SECTIONS = {
    "scheme": SchemeSettings,
    "host": HostSettings,
    "removal": RemovalSettings,
    "session": SessionSettings,
    "gate": GateSettings,
    "requests": RequestSettings,
    "journal": JournalSettings,
    "records": RecordSettings,
    "files": FilesSettings,
    "register": RegisterSettings,
    "inventory": InventorySettings,
    "reminders": ReminderSettings,
}
_RANGES = {
    "spin_up_seconds": (1, 120),
    "deadline_seconds": (5, 600),
    "expire_days": (1, 365),
    "quota": (1, 1000),
    "limit_mib": (1, 1024),
    "keep_days": (1, 36_500),
    "loan_days": (0, 365),
    "inspection_days": (0, 365),
    "term_days": (0, 3650),
    "clearing_days": (0, 3650),
}
_ACCESSES = ("refused", "read-only", "read-write")
_SEVERITIES = ("notice", "warning", "alarm")
_CHOICES = {
    "unregistered": _ACCESSES,
    "changed_elsewhere": _ACCESSES,
    "overdue": _ACCESSES,
    "arm": ("classified", "always", "never"),
    "hashes": ("none", "small", "all"),
    "undeclared": _SEVERITIES,
    "suspicious": _SEVERITIES,
}


def parse_settings(raw: Mapping[str, object], file: str) -> Settings:
    """Check every section and key.

    Raises:
        Broken: `settings-unknown`, `settings-value` naming file, key and what is allowed.
    """
    sections: dict[str, object] = {}
    for name, table in raw.items():
        kind = _SECTIONS.get(name)
        if kind is None or not isinstance(table, Mapping):
            raise Broken("settings-unknown", file=file, key=name[:64], known=", ".join(_SECTIONS))
        sections[name] = _section(kind, name, table, file)
    return Settings(**sections)  # type: ignore[arg-type] # each section was made by its own class


def _section(kind: type, name: str, table: Mapping[str, object], file: str) -> object:
    known = {entry.name: entry.default for entry in fields(kind)}
    for key, value in table.items():
        if key not in known:
            raise Broken("settings-unknown", file=file, key=f"{name}.{key}"[:64], known=", ".join(known))
        problem = _problem(key, value, known[key])
        if problem:
            raise Broken("settings-value", file=file, key=f"{name}.{key}", allowed=problem)
    return kind(**{key: tuple(value) if isinstance(value, list) else value for key, value in table.items()})


def _problem(key: str, value: object, default: object) -> str:
    """What is allowed, where the value is not; else ""."""
    if isinstance(default, bool):
        return "" if isinstance(value, bool) else "true or false"
    if isinstance(default, int):
        low, high = _RANGES[key]
        good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if good else f"a whole number from {low} to {high}"
    if isinstance(default, tuple):
        good = isinstance(value, list) and len(value) <= 256 and all(_is_model(item) for item in value)
        return "" if good else 'a list of ids like "0951:1666"'
    choices = _CHOICES.get(key)
    if choices:
        return "" if value in choices else ", ".join(choices)
    if key == "observe_until":
        return "" if isinstance(value, str) and (not value or _is_day(value)) else 'a day like "2027-01-31", or ""'
    if key == "prefix":
        good = isinstance(value, str) and len(value) <= 16 and value.isprintable() and value == value.lstrip()
        return "" if good else 'at most 16 characters before the number, like "MG-"'
    if key == "owner":
        good = isinstance(value, str) and len(value) <= 32 and value.isprintable() and "★" not in value
        return "" if good else "a short name of at most 32 characters, without a star"
    good = isinstance(value, str) and (value in ("cn", "us", "corporate") or value.startswith("/"))
    return "" if good else "cn, us, corporate or the absolute path of a scheme file"


def _is_day(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value and value >= "1970-01-02"
    except ValueError:
        return False


def _is_model(item: object) -> bool:
    if not isinstance(item, str) or len(item) != 9 or item[4] != ":":
        return False
    return all(char in "0123456789abcdef" for char in item[:4] + item[5:])
