"""Lists in and out on the command line: lines are named as the spreadsheet counts them, and no cell is a formula."""

import csv
import json
from pathlib import Path

import pytest

from tests.ctl.desk import MEDIA, Desk


def _list(folder: Path, text: str, encoding: str = "utf-8-sig") -> str:
    file = folder / "list.csv"
    file.write_bytes(text.encode(encoding))
    return str(file)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_list_is_read_as_chinese_spreadsheets_write_it(desk: Desk, tmp_path: Path, encoding: str) -> None:
    desk.daemon.answers["Import"] = [[{"row": 1, "code": "level-unknown", "what": "No such level."}]]
    file = _list(tmp_path, "编号,密级,备注\n1,机密,x\n\n2,超密,y\n", encoding)
    answer = desk.type("import", file, "--dry-run")
    assert (answer.status, "Line 4: No such level." in answer.err) == (1, True)
    assert "1 rows are good, 1 are not" in answer.out
    sent = [arguments for verb, arguments in desk.daemon.calls if verb == "Import"]
    assert sent == [[[{"number": "1", "level": "机密"}, {"number": "2", "level": "超密"}], True]]


def test_a_long_list_goes_in_batches_and_each_line_keeps_its_number(desk: Desk, tmp_path: Path) -> None:
    desk.daemon.answers["Import"] = lambda arguments: [[{"row": 0, "code": "c", "what": "w"}]]
    file = _list(tmp_path, "number,level\n" + "".join(f"{n},x\n" for n in range(130)))
    found = json.loads(desk.type("import", file, "--json").out)
    assert [row["line"] for row in found["bad"]] == [2, 62, 122]
    assert found["good"] == 127


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", 'number,level\n"1,x\n'])
def test_what_is_no_such_list_is_refused_and_nothing_is_sent(desk: Desk, tmp_path: Path, text: str) -> None:
    assert desk.type("import", _list(tmp_path, text)).status == 1
    assert [verb for verb, _ in desk.daemon.calls if verb == "Import"] == []


def test_an_export_has_every_medium_once_and_no_formula(desk: Desk, tmp_path: Path) -> None:
    pages = [[{**MEDIA, "holder": "=cmd|x"}], []]
    desk.daemon.rows = lambda member, **wanted: pages.pop(0)  # type: ignore[method-assign]
    out = tmp_path / "out.csv"
    assert desk.type("export", str(out)).status == 0
    (row,) = csv.DictReader(out.read_text("utf-8-sig").splitlines())
    assert (row["number"], row["holder"], row["networks"]) == ("MG-0001", "'=cmd|x", "办公网")
