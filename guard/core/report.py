"""A report that somebody files: what it was made of, as it stands in the journal."""

from collections.abc import Mapping
from dataclasses import dataclass

from guard.core.errors import Hostile

KINDS = ("crossings",)
_FILTERS = frozenset({"medium", "holder", "from_network", "to_network", "direction", "severity"})
_TOP = 1 << 53


@dataclass(frozen=True, slots=True)
class About:
    """`digest` is the SHA-256 of the CSV file, `paper` that of what stands beside it (64 hex digits).

    `since` and `until` are seconds since 1970, 0 for no bound.
    """

    report: str
    digest: str
    paper: str
    rows: int
    since: int
    until: int
    filters: Mapping[str, str]

    def data(self, by: str) -> dict[str, object]:
        """As the journal keeps it."""
        return {
            "report": self.report,
            "digest": self.digest,
            "paper": self.paper,
            "rows": self.rows,
            "since": self.since,
            "until": self.until,
            "filters": dict(self.filters),
            "by": by,
        }


def parse_about(untrusted: Mapping[str, object]) -> About:
    """Take what a caller says about a report.

    Raises:
        Hostile: `option-unknown`, `option-type`.
    """
    known = {"report", "digest", "paper", "rows", "since", "until", "filters"}
    for key in untrusted:
        if key not in known:
            raise Hostile("option-unknown", option=key[:32])
    filters = untrusted.get("filters", {})
    if untrusted.get("report") not in KINDS:
        raise Hostile("option-type", option="report")
    if not isinstance(filters, Mapping) or not all(
        key in _FILTERS and isinstance(value, str) and len(value) <= 64 for key, value in filters.items()
    ):
        raise Hostile("option-type", option="filters")
    texts = {str(name): str(value) for name, value in filters.items()}
    numbers = {}
    for key in ("rows", "since", "until"):
        value = untrusted.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _TOP:
            raise Hostile("option-type", option=key)
        numbers[key] = value
    return About(
        report=str(untrusted["report"]),
        digest=_digest(untrusted, "digest"),
        paper=_digest(untrusted, "paper"),
        rows=numbers["rows"],
        since=numbers["since"],
        until=numbers["until"],
        filters=texts,
    )


def _digest(untrusted: Mapping[str, object], name: str) -> str:
    value = untrusted.get(name)
    if not isinstance(value, str) or len(value) != 64 or not set(value) <= set("0123456789abcdef"):
        raise Hostile("option-type", option=name)
    return value
