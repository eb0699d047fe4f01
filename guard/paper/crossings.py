"""A report of crossings as data: the rows, what was asked for, the totals; and as CSV, which is what its digest is of."""

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta

from guard.core.entry import Proof, parse_proof
from guard.core.errors import Hostile

DIRECTIONS, VERDICTS = ("down", "up", "same"), ("read-write", "read-only", "refused", "held")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets run (CWE-1236)
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Row:
    """A crossing as the guard lists it, all texts; `at` is ISO 8601 in UTC. The names are the header of the CSV file."""

    at: str
    medium: str
    number: str
    holder: str
    from_network: str
    to_network: str
    from_level: str
    to_level: str
    direction: str
    verdict: str
    severity: str
    source: str
    visit: str


HEADER = tuple(field.name for field in fields(Row))


def row_of(listed: Mapping[str, object]) -> Row:
    """A row of the listing."""
    return Row(*(str(listed.get(name) or "") for name in HEADER))


def csv_of(rows: Iterable[Row]) -> bytes:
    """RFC 4180 in UTF-8 with a byte order mark, so that spreadsheets read Chinese; what would run as a formula is made text."""
    out = io.StringIO()
    out.write(_BOM)
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([_text(getattr(row, name)) for name in HEADER])
    return out.getvalue().encode()


def rows_of(data: bytes) -> list[Row]:
    """The rows of such a file.

    Raises:
        Hostile: `report-malformed`.
    """
    try:
        header, *rows = csv.reader(io.StringIO(data.decode().removeprefix(_BOM), newline=""), strict=True)
        if tuple(header) != HEADER or any(len(row) != len(HEADER) for row in rows):
            raise Hostile("report-malformed")
    except (ValueError, csv.Error):
        raise Hostile("report-malformed") from None
    return [
        Row(*(cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell for cell in row))
        for row in rows
    ]


def digest_of(data: bytes) -> str:
    """SHA-256 of a file, as `sha256sum` prints it."""
    return hashlib.sha256(data).hexdigest()


_UNPROVEN = Proof(0, "", "", "", "{}", "", "", "")


@dataclass(frozen=True, slots=True)
class Paper:
    """What a report says beside its rows, and its proof. `offset` is the minutes by which its times are ahead of UTC.

    `levels` are the names of levels in its language; `drawing` is what its pages were drawn with, "" for CSV.
    """

    language: str
    offset: int
    organization: str
    host_name: str
    host: str
    network: str
    level: str
    version: str
    drawing: str
    levels: Mapping[str, str]
    proof: Proof = _UNPROVEN

    def proven(self, proof: object) -> "Paper":
        """With the proof that the guard gave for it; raises `Hostile` `proof-malformed`."""
        return replace(self, proof=parse_proof(proof))

    def digest(self) -> str:
        """SHA-256 over all but the proof."""
        return digest_of(json.dumps(self._own(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())

    def text(self) -> dict[str, object]:
        """As JSON keeps it."""
        proof = {field.name: getattr(self.proof, field.name) for field in fields(Proof)}
        return {"media-guard-report": 1, **self._own(), "proof": proof}

    @property
    def about(self) -> Mapping[str, object]:
        """The data of the journal entry (guard.core.report.About)."""
        found = json.loads(self.proof.data)
        return found if isinstance(found, dict) else {}

    def local(self, at: str) -> datetime | None:
        """A time of a row, as clocks show it where the report was made."""
        try:
            return datetime.fromisoformat(at).astimezone(UTC) + timedelta(minutes=self.offset)
        except ValueError:
            return None

    def _own(self) -> dict[str, object]:
        return {**{name: getattr(self, name) for name in _PLAIN}, "levels": dict(self.levels)}


_PLAIN = ("language", "offset", "organization", "host_name", "host", "network", "level", "version", "drawing")


def parse_paper(untrusted: object) -> Paper:
    """Take the JSON beside a report.

    Raises:
        Hostile: `report-malformed`, `proof-malformed`.
    """
    if not isinstance(untrusted, Mapping) or untrusted.get("media-guard-report") != 1:
        raise Hostile("report-malformed")
    values = {name: untrusted.get(name) for name in _PLAIN}
    offset, levels = values.pop("offset"), untrusted.get("levels")
    texts = {name: value for name, value in values.items() if isinstance(value, str) and len(value) <= 256}
    if len(texts) != len(values) or texts["language"] not in ("en", "zh"):
        raise Hostile("report-malformed")
    if not isinstance(offset, int) or abs(offset) > 24 * 60 or not isinstance(levels, Mapping):
        raise Hostile("report-malformed")
    names = {str(key): str(value) for key, value in levels.items()}
    paper = Paper(offset=offset, levels=names, proof=parse_proof(untrusted.get("proof")), **texts)
    try:
        paper.about  # noqa: B018 - it must be JSON
    except ValueError:
        raise Hostile("proof-malformed") from None
    return paper


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts: by direction and verdict, by severity, by pair of networks and verdict; how many media."""

    ways: Counter[tuple[str, str]]
    severities: Counter[str]
    pairs: Counter[tuple[str, str, str]]
    media: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> "Totals":
        """Counted once over all rows."""
        return cls(
            ways=Counter((row.direction, row.verdict) for row in rows),
            severities=Counter(row.severity for row in rows),
            pairs=Counter((row.from_network, row.to_network, row.verdict) for row in rows),
            media=len({row.medium for row in rows}),
        )

    def direction(self, direction: str) -> int:
        """All crossings that way."""
        return sum(count for (way, _), count in self.ways.items() if way == direction)

    def verdict(self, verdict: str) -> int:
        """All crossings with that verdict."""
        return sum(count for (_, found), count in self.ways.items() if found == verdict)

    def ranked_pairs(self) -> list[tuple[str, str, int]]:
        """Pairs of networks, the most travelled first."""
        sums: Counter[tuple[str, str]] = Counter()
        for (before, after, _), count in self.pairs.items():
            sums[before, after] += count
        return [
            (before, after, count)
            for (before, after), count in sorted(sums.items(), key=lambda item: (-item[1], item[0]))
        ]


def _text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
