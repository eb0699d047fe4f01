"""What the documents say is shown by a test is shown by a test that exists."""

import ast
import re
from pathlib import Path

from tests.system.uses import USES

ROOT = Path(__file__).resolve().parents[1]
_NAMED = re.compile(r"`(?:tests/)?((?:[a-z_]+/)*test_[a-z0-9_]+\.py)(?:::(test_\w+))?`")


def _tests(file: Path) -> set[str]:
    found = ast.walk(ast.parse(file.read_text()))
    return {node.name for node in found if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_every_test_that_a_document_names_exists() -> None:
    named = [
        (page, *found)
        for page in (ROOT / "SECURITY.md", *(ROOT / "docs").glob("*.md"))
        for found in _NAMED.findall(page.read_text())
    ]
    assert len(named) > 30
    for page, file, test in named:
        path = ROOT / "tests" / file
        assert path.exists(), (page.name, file)
        assert not test or test in _tests(path), (page.name, file, test)


def test_every_attack_that_is_called_stopped_names_a_test() -> None:
    stopped = (ROOT / "docs" / "attacks.md").read_text().partition("## Not stopped")[0]
    rows = [line for line in stopped.splitlines() if line.startswith("| ")][2:]
    assert len(rows) > 20
    assert [row for row in rows if not _NAMED.search(row)] == []


def test_the_table_of_use_elsewhere_has_every_use_that_is_measured_and_no_other() -> None:
    page = (ROOT / "docs" / "used-elsewhere.md").read_text()
    table = page.partition("| done elsewhere |")[2].partition("\n\n")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in table[2:]]
    assert [row[0] for row in rows] == [use.name for use in USES]
    assert {len(row) for row in rows} == {7}
    assert "" not in {cell for row in rows for cell in row}, "nothing was left unmeasured"
