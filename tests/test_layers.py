"""The structure holds: what may import what, how long things may be, and where a broad except may stand."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
GUARD = sorted((ROOT / "guard").rglob("*.py"))
EDGES = {"usb", "files", "sim", "store", "bus", "ctl", "org"}
IMPURE = {
    "asyncio",
    "datetime.now",
    "io",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "subprocess",
    "sys",
    "time",
}
# The only two places that catch everything: one visit must not take the others along, one call must not either.
BROAD_EXCEPTS = {"guard/walk.py": 1, "guard/bus/door.py": 1}


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{_name(path)}: relative import"
            yield node.module


@pytest.mark.parametrize("path", [p for p in GUARD if p.parent.name == "core"], ids=_name)
def test_the_core_imports_no_edge_and_no_io(path: Path) -> None:
    for module in _imports(path):
        assert module.split(".")[0] not in IMPURE, f"{module} does I/O"
        assert not module.startswith("guard.") or module.startswith("guard.core"), f"{module} is an edge"


@pytest.mark.parametrize("path", [p for p in GUARD if p.parent.name in EDGES - {"ctl"}], ids=_name)
def test_edges_do_not_import_each_other(path: Path) -> None:
    own = f"guard.{path.parent.name}"
    allowed = (own, "guard.core", "guard.words", "guard.schemes", "guard.sandbox")
    starters = {"guard/sim/run.py"}  # `make run` starts the real programs
    for module in _imports(path):
        assert not module.startswith("guard.") or module.startswith(allowed) or _name(path) in starters, module


@pytest.mark.parametrize("path", GUARD, ids=_name)
def test_papers_are_the_clients_alone(path: Path) -> None:
    here = _name(path).startswith(("guard/paper/", "guard/ctl/"))
    for module in _imports(path):
        assert here or not module.startswith(("guard.paper", "reportlab")), module
        if path.parent.name == "paper":
            assert not module.startswith("guard.") or module.startswith(("guard.core", "guard.paper", "guard.words")), (
                module
            )


def test_the_sandbox_of_the_workers_imports_nothing_of_the_guard() -> None:
    assert not [module for module in _imports(ROOT / "guard/sandbox.py") if module.startswith("guard")]


@pytest.mark.parametrize("path", sorted((ROOT / "gui").rglob("*.py")) or [None], ids=str)
def test_the_desk_imports_nothing_of_the_guard(path: Path | None) -> None:
    assert path is None or not [module for module in _imports(path) if module.split(".")[0] == "guard"]


@pytest.mark.parametrize("path", GUARD + sorted((ROOT / "gui").rglob("*.py")), ids=_name)
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400, "split it by noun"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= 60, f"{node.name} has {length} lines"


def test_only_two_places_catch_everything() -> None:
    found: dict[str, int] = {}
    for path in GUARD:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "BaseException"
                if caught in ("Exception", "BaseException") and not _reraises(node):
                    found[_name(path)] = found.get(_name(path), 0) + 1
    assert {name: n for name, n in found.items() if n > BROAD_EXCEPTS.get(name, 0)} == {}


def _reraises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))
