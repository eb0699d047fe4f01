"""Compiles a package's Python code: `compile.py LIBRARY PREFIX` writes a .pyc beside every file below LIBRARY.

Runs when a package is built, and on a computer with another Python when it is installed.

The files are root's and change only with the package, so their bytecode is never checked against them. Docstrings are left out of
libraries: nobody reads them in a daemon, and they were 3 of its 40 MiB. Assertions stay. `guard.ctl` shows its docstrings as help.
"""

import ast
import importlib.util
import marshal
import sys
from pathlib import Path

_UNCHECKED = 0b01  # PEP 552
_OURS = {"guard", "gui"}


def without_docstrings(tree: ast.Module) -> ast.Module:
    """The same code, with nothing said about it."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is not None:
            said = node.body.pop(0)
            if not node.body and not isinstance(node, ast.Module):
                node.body.append(ast.copy_location(ast.Pass(), said))
    return tree


def compiled(source: bytes, shown: str, *, docstrings: bool) -> bytes:
    """The bytes of a .pyc. `shown` is the file name in tracebacks."""
    tree = ast.parse(source, shown)
    code = compile(tree if docstrings else without_docstrings(tree), shown, "exec", dont_inherit=True, optimize=0)
    head = importlib.util.MAGIC_NUMBER + _UNCHECKED.to_bytes(4, "little")
    return head + importlib.util.source_hash(source) + marshal.dumps(code)


def main() -> None:
    """Everything below a folder."""
    library, prefix = Path(sys.argv[1]), Path(sys.argv[2])
    for file in sorted(library.rglob("*.py")):
        place = file.relative_to(library)
        target = Path(importlib.util.cache_from_source(str(file), optimization=""))
        target.parent.mkdir(exist_ok=True)
        fresh = target.with_suffix(".new")  # a half written one would be believed
        fresh.write_bytes(compiled(file.read_bytes(), str(prefix / place), docstrings=place.parts[0] in _OURS))
        fresh.replace(target)


if __name__ == "__main__":
    main()
