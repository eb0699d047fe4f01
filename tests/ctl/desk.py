"""mediaguardctl run in this process against a daemon that answers from a table."""

import io
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from guard.ctl.__main__ import main
from guard.ctl.client import Client, Failure

VISIT, OTHER, REQUEST, MEDIUM = "a1" * 16, "a2" * 16, "b1" * 16, "c1" * 16
HOSTILE = "\x1b]0;owned\x07[red]Kingston[/red]\u202egpj\u009b2J\u200b"
MEDIA = {
    "id": MEDIUM,
    "number": "MG-0001",
    "level": "机密",
    "kind": "work",
    "networks": ["办公网"],
    "holder": HOSTILE,
    "state": "registered",
    "effective_level": "机密",
    "access": "read-write",
    "present": True,
    "expires": "2030-01-01T00:00:00Z",
    "generation": 1,
}
REFUSED = {
    "id": VISIT,
    "medium": "",
    "interface": "3-1:1.0",
    "disk": "",
    "arrived": "2026-11-24T10:00:00Z",
    "left": "",
    "verdict": "refused",
    "reasons": ["not-labelled"],
    "severity": "notice",
    "user": "alice",
    "network": "office",
    "seq": 1,
}
ASKED = {
    "id": REQUEST,
    "state": "open",
    "visit": VISIT,
    "requester": "alice",
    "purpose": "slides",
    "decided_by": "",
    "why": "",
    "filed": "2026-11-24T10:00:00Z",
    "wishes": {},
    "seq": 1,
}
CROSSING = {
    "medium": MEDIUM,
    "at": "2026-11-24T10:00:00Z",
    "from_network": "office",
    "to_network": "internet",
    "from_level": "INTERNAL",
    "to_level": "PUBLIC",
    "direction": "down",
    "verdict": "refused",
    "source": "travel-log",
}
STOP = {
    "medium": MEDIUM,
    "sequence": 7,
    "host": "77" * 8,
    "network": "internet",
    "level": "PUBLIC",
    "arrived": "2026-11-24T10:00:00Z",
    "left": "",
    "verdict": "refused",
    "alarm": True,
    "ended": "refused",
    "written": 0,
    "untouched": False,
    "generation": 1,
    "journal_seq": 3,
    "journal_hash": "5a" * 16,
    "record": "ee" * 32,
    "removal": "",
    "visits": 3,
    "alarms": 1,
    "first": "2026-11-24T08:00:00Z",
    "box": "",
    "removal_sequence": 0,
    "removal_box": "",
}
ENTRY = {
    "seq": 1,
    "at": "2026-11-24T10:00:00Z",
    "kind": "intent",
    "subject": VISIT,
    "data": {"x": 1},
    "hash": "00" * 32,
}
SEEN = {"manufacturer": "Kingston", "product": "DataTraveler", "serial": "S1", "capacity": 16_000_000_000}
MANAGER = {
    "Version": "0.1",
    "Host": "ab",
    "Network": "office",
    "Level": "INTERNAL",
    "Scheme": "corporate",
    "Ports": "simulated",
    "Health": "degraded",
    "Faults": [{"code": "registry-locked", "en": "It is locked.", "zh": "已锁定。"}],
}
EXPLAINED = {
    "id": VISIT,
    "verdict": "refused",
    "seen": SEEN,
    "reasons": [{"rule": "not-labelled", "what": "W", "why": "Y", "next": "N"}],
}


@dataclass
class Daemon:
    """Rows by listing, answers by verb; keeps what was called."""

    language: str = "en"
    listings: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {
            "Media": [MEDIA],
            "Visits": [REFUSED],
            "Crossings": [CROSSING],
            "Requests": [ASKED],
            "Journal": [ENTRY],
        }
    )
    answers: dict[str, Any] = field(
        default_factory=lambda: {"Explain": [EXPLAINED], "Travel": [[STOP]], "Request": [REQUEST], "Register": [MEDIUM]}
    )
    calls: list[tuple[str, list[Any]]] = field(default_factory=list)

    def rows(self, member: str, **wanted: object) -> list[dict[str, Any]]:
        self.calls.append((member, [wanted]))
        named = str(wanted.get("named", ""))
        return [
            row
            for row in self.listings[member]
            if str(row.get("id", "")).startswith(named) or row.get("number") == named
        ]

    def call(self, member: str, signature: str, arguments: list[Any], **more: object) -> list[Any]:
        self.calls.append((member, arguments))
        answer = self.answers.get(member, [])
        if isinstance(answer, Failure):
            raise answer
        if callable(answer):
            answer = answer(arguments)
        return list(answer)

    def properties(self) -> Mapping[str, Any]:
        return MANAGER

    def follow(self, shown: Callable[[str, Mapping[str, Any]], None]) -> None:
        for path, visit in self.answers["follow"]:
            shown(path, visit)

    @property
    def verbs(self) -> list[str]:
        """What was called that changes something."""
        return [member for member, _ in self.calls if member not in {*self.listings, "Explain", "Travel"}]


@dataclass
class Answer:
    status: int
    out: str
    err: str


class Desk:
    """A person at a terminal or a script; `type` runs a command."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.daemon = Daemon()
        monkeypatch.setattr(Client, "here", lambda person="": self.daemon)

    def type(self, *words: str, stdin: str = "") -> Answer:
        self._monkeypatch.setattr(sys, "argv", ["mediaguardctl", *words])
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        status = main()
        out, err = self._capsys.readouterr()
        return Answer(status, out, err)

    def on_a_terminal(self, columns: int) -> None:
        self._monkeypatch.setenv("COLUMNS", str(columns))
        self._monkeypatch.setenv("TERM", "xterm-256color")
        self._monkeypatch.delenv("NO_COLOR", raising=False)
        self._monkeypatch.setattr(type(sys.stdout), "isatty", lambda _: True)
