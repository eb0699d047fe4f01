"""From frozen values to the properties that clients see."""

from collections.abc import Mapping
from datetime import UTC, datetime

from guard.bus.tree import ROOT, Interfaces
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
        }
    }


def medium_interfaces(row: Mapping[str, object]) -> Interfaces:
    """A medium's properties from its row in the listing."""
    names = ("id", "number", "level", "effective_level", "kind", "networks", "holder", "state")
    return {MEDIUM: {_camel(name): row[name] for name in names}}


def request_interfaces(row: Mapping[str, object]) -> Interfaces:
    """A request's properties from its row in the listing."""
    names = ("id", "state", "visit", "requester", "purpose", "decided_by", "why")
    return {REQUEST: {_camel(name): row[name] for name in names}}


def _camel(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("_"))
