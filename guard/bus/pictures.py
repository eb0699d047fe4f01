"""From frozen values to the properties that clients see."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from dbus_next import Variant

from guard.bus.connection import to_map
from guard.bus.tree import ROOT, Interfaces
from guard.core.contents import Contents, What
from guard.core.scheme import Level, Rank, Scheme
from guard.core.settings import Settings
from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Severity

VISIT, MEDIUM, REQUEST = "org.mediaguard.Visit1", "org.mediaguard.Medium1", "org.mediaguard.Request1"


def visit_path(ident: str) -> str:
    """Where a visit hangs."""
    return f"{ROOT}/visits/{ident}"


def medium_path(ident: str) -> str:
    """Where a medium hangs."""
    return f"{ROOT}/media/{ident}"


def request_path(ident: str) -> str:
    """Where a request hangs."""
    return f"{ROOT}/requests/{ident}"


def visit_interfaces(visit: VisitSnapshot, networks: Mapping[str, str]) -> Interfaces:
    """A visit's properties."""
    seen = visit.seen
    verdict = visit.verdict
    return {
        VISIT: {
            "Id": visit.id,
            "Medium": visit.medium,
            "Number": visit.number,
            "Interface": visit.interface,
            "Disk": visit.disk,
            "Stage": str(visit.stage),
            "Arrived": datetime.fromtimestamp(visit.arrived, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "Verdict": str(visit.access),
            "Severity": str(verdict.severity if verdict else Severity.INFO),
            "Reasons": list(verdict.rules) if verdict else [],
            "User": visit.user,
            "Network": networks.get(visit.network, visit.network),
            "Level": visit.level,
            "Seen": {
                "vendor_id": f"{seen.vendor_id:04x}" if seen else "",
                "product_id": f"{seen.product_id:04x}" if seen else "",
                "manufacturer": seen.manufacturer if seen else "",
                "product": seen.product if seen else "",
                "serial": seen.serial if seen else "",
                "capacity": seen.capacity if seen else 0,
                "block_size": seen.block_size if seen else 0,
                "partitions": seen.partitions if seen else "",
            },
            "Files": _files(visit.contents),
            "Findings": [finding.rule for finding in visit.contents.findings] if visit.contents else [],
        }
    }


def _files(contents: Contents | None) -> dict[str, object]:
    if contents is None:
        return {}
    counts = {str(what): contents.count(what) for what in What if what is not What.THERE}
    head = {"state": str(contents.state), "files": contents.files, "size": contents.size, "complete": contents.complete}
    return head | counts | {"undeclared": contents.undeclared}


def medium_interfaces(row: Mapping[str, object]) -> Interfaces:
    """A medium's properties from its row in the listing."""
    names = ("id", "number", "level", "effective_level", "access", "kind", "networks", "holder", "state")
    return {MEDIUM: {_camel(name): row[name] for name in names}}


def request_interfaces(row: Mapping[str, object]) -> Interfaces:
    """A request's properties from its row in the listing."""
    names = ("id", "state", "visit", "requester", "purpose", "decided_by", "why")
    return {REQUEST: {_camel(name): row[name] for name in names}}


def settings_of(settings: Settings | None) -> Variant:
    """Every setting in force as "section.key" and its value as text."""
    flat: dict[str, object] = {}
    for section, table in (asdict(settings) if settings else {}).items():
        flat |= {f"{section}.{key}": _text(value) for key, value in table.items()}
    return Variant("a{sv}", to_map(flat))


def levels_of(scheme: Scheme | None, host: Level) -> Variant:
    """The levels of the scheme, as the scheme orders them."""
    return Variant("aa{sv}", [_level(scheme, rank, host) for rank in scheme.ranks] if scheme else [])


def networks_of(names: Mapping[str, str]) -> Variant:
    """The names of networks, sorted."""
    return Variant("as", sorted(set(names.values())))


def _level(scheme: Scheme, rank: Rank, host: Level) -> dict[str, Variant]:
    row: dict[str, object] = {
        "name": rank.id,
        "code": rank.code,
        "above": Variant("as", list(rank.above)),
        "colour": rank.colour,
        "longest_years": rank.longest_years,
        "allowed": scheme.dominates(host, Level((rank.id,))),
    }
    row |= {f"label_{language}": name for language, name in rank.names if language in ("en", "zh")}
    return to_map(row)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
