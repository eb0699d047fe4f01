"""The report as data: a CSV file that no spreadsheet runs and that is read back as it was; totals that add up."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guard.core.errors import Hostile
from guard.paper.crossings import HEADER, Row, Totals, csv_of, parse_paper, rows_of
from tests.paper.world import paper, row

CELL = st.text(st.characters(codec="utf-8"), max_size=30)
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\ttab",
    "\rreturn",
    'quote " and , comma',
    "line\nbreak",
    "机密",
    "'=1",
    "",
)


@given(st.lists(st.builds(Row, *(CELL for _ in HEADER)), max_size=3))
def test_whatever_stands_in_it_is_read_back_as_it_was(rows: list[Row]) -> None:
    assert rows_of(csv_of(rows)) == rows


def test_a_spreadsheet_reads_every_cell_and_runs_none() -> None:
    data = csv_of([row(holder=cell) for cell in HOSTILE])
    assert data.startswith("\ufeff".encode())
    assert data.count(b"\r\n") == len(HOSTILE) + 1, "RFC 4180; a line break in a cell is as it was"
    header, *read = list(csv.reader(io.StringIO(data.decode().removeprefix("\ufeff"), newline="")))
    assert tuple(header) == HEADER
    assert not [line for line in read if any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in line)]


def test_the_header_is_the_one_that_scripts_know() -> None:
    assert csv_of([]).decode("utf-8-sig") == (
        "at,medium,number,holder,from_network,to_network,from_level,to_level,direction,verdict,severity,source,visit\r\n"
    )


@pytest.mark.parametrize(
    "data", [b"", b"x,y\r\n", csv_of([row()])[:-3] + b',"\r\n', csv_of([row()]) + b"1,2\r\n", b"\xff\xfe"]
)
def test_another_file_is_no_report(data: bytes) -> None:
    with pytest.raises(Hostile) as caught:
        rows_of(data)
    assert caught.value.code == "report-malformed"


@given(
    st.lists(
        st.tuples(st.sampled_from(["up", "down", "same"]), st.sampled_from(["refused", "read-only", "read-write"]))
    )
)
def test_totals_add_up(pairs: list[tuple[str, str]]) -> None:
    totals = Totals.of([row(n, direction=way, verdict=verdict) for n, (way, verdict) in enumerate(pairs)])
    assert sum(totals.direction(way) for way in ("up", "down", "same")) == len(pairs)
    assert sum(totals.verdict(verdict) for verdict in ("refused", "read-only", "read-write")) == len(pairs)
    assert sum(count for *_, count in totals.ranked_pairs()) == len(pairs)
    assert totals.media == min(5, len(pairs))


def test_what_stands_beside_the_rows_is_read_back_and_its_digest_covers_all_but_the_proof() -> None:
    _, found = paper([row()], drawn=False)
    assert parse_paper(found.text()) == found
    for name in ("language", "offset", "organization", "host_name", "network", "level", "levels"):
        other = parse_paper({**found.text(), name: {"language": "zh", "offset": 1, "levels": {}}.get(name, "x")})
        assert other.digest() != found.digest(), name
    assert parse_paper({**found.text(), "proof": {**found.text()["proof"], "seq": 8}}).digest() == found.digest()  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "change",
    [{"media-guard-report": 2}, {"language": "fr"}, {"offset": "8"}, {"levels": []}, {"proof": None}, {"host": 1}],
)
def test_what_is_not_so_is_refused(change: dict[str, object]) -> None:
    _, found = paper([row()], drawn=False)
    with pytest.raises(Hostile) as caught:
        parse_paper({**found.text(), **change})
    assert caught.value.code in ("report-malformed", "proof-malformed")
