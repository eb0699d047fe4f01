"""The exit status tells scripts the truth: a broken journal and a bad configuration are never a success."""

from typing import Any

import pytest

from guard.ctl import __main__ as entry
from guard.ctl.client import Client


@pytest.mark.parametrize(("ok", "status"), [(True, 0), (False, 1)])
@pytest.mark.parametrize("words", [["verify"], ["verify", "--json"]])
def test_verify_fails_for_a_broken_journal_and_only_for_that(
    monkeypatch: pytest.MonkeyPatch, words: list[str], ok: bool, status: int
) -> None:
    found: dict[str, Any] = {"ok": ok, "entries": 3, "first_bad": 0 if ok else 2, "why": "" if ok else "changed"}
    monkeypatch.setattr(Client, "call", lambda *_, **__: [found])
    monkeypatch.setattr("sys.argv", ["mediaguardctl", *words])
    assert entry.main() == status


def test_bad_usage_is_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["mediaguardctl", "verify", "--nonsense"])
    assert entry.main() == 2
