"""An employee, an admin and an auditor before their windows, with a real guard behind them."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from guard.org.keys import signer_of, to_pem
from gui.asking import RequestDialog
from gui.console.window import ConsoleWindow
from gui.first import FirstMedium
from gui.values import Explanation
from gui.why import WhyDialog
from tests.gui.desktop import Desktop


def _console(desktop: Desktop) -> ConsoleWindow:
    desktop.application.show_console()
    assert desktop.application.console is not None
    return desktop.application.console


def _ask(desktop: Desktop, visit: str, purpose: str = "slides") -> str:
    desktop.application.ask(visit)
    dialog = desktop.application._dialogs[f"ask {visit}"]
    assert isinstance(dialog, RequestDialog)
    assert not dialog._send.isEnabled()
    dialog.purpose.setPlainText(purpose)
    filed: list[str] = []
    dialog.filed.connect(filed.append)
    dialog._send.click()
    desktop.until(lambda: filed and filed[0] in desktop.desk.requests)
    return filed[0]


def test_a_stick_is_refused_requested_approved_and_used_with_one_notification_for_the_visit(desktop: Desktop) -> None:
    visit = desktop.plug("story")
    desktop.until(lambda: desktop.server.shown)
    first = desktop.server.shown[0]
    assert "was refused" in first.title
    assert "not registered" in first.body
    assert "not-labelled" in first.body
    assert "mediaguardctl" not in first.body
    assert first.actions[first.actions.index("request") + 1] == "Ask for it…"
    desktop.server.press(first.number, "request")
    desktop.until(lambda: f"ask {visit.id}" in desktop.application._dialogs)
    request = _ask(desktop, visit.id, "slides for Monday")
    desktop.until(lambda: len(desktop.server.shown) == 2)
    assert desktop.server.shown[1].replaces == first.number
    desktop.become("admin")
    console = _console(desktop)
    desktop.until(lambda: console.requests._request is not None and console.requests._request.id == request)
    form = console.requests.form
    form.holder.setText("Alice")
    assert console.requests.approve.isEnabled()
    console.requests.approve.click()
    desktop.until(lambda: desktop.desk.visits[visit.id].verdict == "read-write")
    desktop.until(lambda: desktop.server.closed == [first.number])
    assert desktop.desk.visits[visit.id].number
    assert {shown.number for shown in desktop.server.shown if "first medium" not in shown.title} == {first.number}
    assert desktop.office.rows("requests")[0]["state"] == "approved"


def test_an_employee_cannot_approve_and_nobody_decides_their_own_request(desktop: Desktop) -> None:
    visit = desktop.plug("own")
    request = _ask(desktop, visit.id)
    grant: dict[str, object] = {"level": "INTERNAL", "networks": ["office"], "holder": "Alice"}
    said: list[str] = []
    desktop.desk.approve(request, grant, lambda _: said.append("approved"), said.append, said.append)
    desktop.until(lambda: said)
    assert said[0] != "approved"
    desktop.become("admin")
    own = desktop.plug("admins-own")
    request = _ask(desktop, own.id)
    console = _console(desktop)
    desktop.until(lambda: console.requests._request is not None and console.requests._request.id == request)
    console.requests.form.holder.setText("Admin")
    console.requests.approve.click()
    desktop.until(lambda: not console.requests.trouble.isHidden())
    assert "own request" in console.requests.trouble.text()
    assert not [row for row in desktop.office.rows("requests") if row["state"] == "approved" and row["visit"] == own.id]
    assert all(v.verdict == "refused" for v in desktop.desk.visits.values())


@pytest.mark.parametrize("verb", ["approve", "reject", "register", "step"])
def test_an_auditor_reads_everything_and_changes_nothing(desktop: Desktop, verb: str) -> None:
    visit = desktop.plug("audited")
    request = _ask(desktop, visit.id)
    desktop.become("auditor")
    desktop.until(lambda: request in desktop.desk.requests)
    console = _console(desktop)
    console.pages.setCurrentRow(3)
    desktop.until(lambda: console.journal.model.entry(0) is not None)
    grant: dict[str, object] = {"level": "INTERNAL", "networks": ["office"], "holder": "Alice"}
    words: dict[str, list[object]] = {
        "approve": [request, grant],
        "reject": [request, "no"],
        "register": [visit.id, grant],
        "step": ["0" * 32, "report-lost", {"why": "x"}],
    }
    said: list[str] = []
    locked = [said.append] if verb in ("approve", "register") else []
    getattr(desktop.desk, verb)(*words[verb], lambda _: said.append("done"), said.append, *locked)
    desktop.until(lambda: said)
    assert "may not" in said[0]
    assert desktop.office.rows("requests")[0]["state"] == "open"


def test_turned_down_with_a_message_that_the_requester_reads(desktop: Desktop) -> None:
    visit = desktop.plug("unwanted")
    request = _ask(desktop, visit.id)
    desktop.become("admin")
    desktop.until(lambda: request in desktop.desk.requests)
    done: list[object] = []
    desktop.desk.reject(request, "Use the shared folder.", done.append, _never)
    desktop.until(lambda: done)
    desktop.become("alice")
    desktop.until(lambda: any("turned down" in shown.title for shown in desktop.server.shown))
    assert desktop.server.shown[-1].body == "Use the shared folder."
    assert desktop.desk.visits[visit.id].verdict == "refused"


def test_what_changed_since_last_time_is_said_where_it_matters(desktop: Desktop) -> None:
    desktop.become("admin")
    visit = desktop.plug("changing")
    registered: list[object] = []
    grant: dict[str, object] = {"level": "INTERNAL", "networks": ["office"], "holder": "alice"}
    desktop.desk.register(visit.id, grant, registered.append, _never, _never)
    desktop.until(lambda: registered)
    desktop.unplug(visit)
    image = Path(desktop.office.stick("changing"))
    with image.open("r+b") as file:  # the second partition entry of the MBR
        file.seek(446 + 16)
        file.write(bytes([0, 0, 0, 0, 0x83, 0, 0, 0]) + (16_384).to_bytes(4, "little") + (8_192).to_bytes(4, "little"))
    again = desktop.plug("changing")
    told: list[Explanation] = []
    desktop.desk.explain(again.id, told.append)
    desktop.until(lambda: told)
    assert len(told[0].seen.differences) == 1
    assert "partitions have changed" in told[0].seen.differences[0]


def test_a_holder_sees_their_medium_also_when_it_is_not_plugged_in(desktop: Desktop) -> None:
    desktop.become("admin")
    for name, holder in (("hers", "Alice"), ("his", "Bob")):
        visit = desktop.plug(name)
        registered: list[object] = []
        grant: dict[str, object] = {
            "level": "INTERNAL",
            "networks": ["office"],
            "holder": holder,
            "number": f"N-{name}",
        }
        desktop.desk.register(visit.id, grant, registered.append, _never, _never)
        desktop.until(partial(len, registered))
        desktop.unplug(visit)
    desktop.become("alice")
    mine = desktop.application.mine
    mine.refresh()
    desktop.until(lambda: "N-hers" in [medium.number for medium in mine.media.rows])
    assert "N-his" not in [medium.number for medium in mine.media.rows]
    row = [medium.number for medium in mine.media.rows].index("N-hers")
    mine._open_medium(mine.media.index(row, 0))
    assert not hasattr(mine.page, "change"), "a holder takes no step"


def test_a_visit_that_is_over_is_explained_from_the_timeline(desktop: Desktop) -> None:
    visit = desktop.plug("over")
    desktop.unplug(visit)
    desktop.application.why(visit.id)
    dialog = desktop.application._dialogs[f"why {visit.id}"]
    assert isinstance(dialog, WhyDialog)
    desktop.until(lambda: dialog._chip.text() == "refused")
    assert "Kingston" in dialog._head.text()


def test_who_may_register_is_offered_the_first_medium_once_and_nobody_else_is(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        desktop.desk, "rows", lambda member, wanted, done, failed: done([]) if member == "Media" else None
    )
    desktop.link.reload()
    assert not desktop.server.shown
    desktop.become("admin")
    desktop.until(lambda: desktop.server.shown)
    assert desktop.server.shown[0].title == "Register your first medium?"
    desktop.server.press(desktop.server.shown[0].number, "first-medium")
    desktop.until(lambda: "first" in desktop.application._dialogs)
    desktop.become("alice")
    desktop.become("admin")
    assert len(desktop.server.shown) == 1


def test_the_first_medium_is_guided_step_by_step(desktop: Desktop) -> None:
    desktop.become("admin")
    desktop.application.first()
    guide = desktop.application._dialogs["first"]
    assert "1." in guide._head.text()  # type: ignore[attr-defined]
    visit = desktop.plug("guided")
    assert "2." in guide._head.text()  # type: ignore[attr-defined]
    assert not guide.register.isEnabled()  # type: ignore[attr-defined]
    guide.form.holder.setText("Bob")  # type: ignore[attr-defined]
    register: QPushButton = guide.register  # type: ignore[attr-defined]
    register.click()
    desktop.until(lambda: "3." in guide._head.text())  # type: ignore[attr-defined]
    assert desktop.desk.visits[visit.id].verdict == "read-write"


def test_a_locked_issuer_key_asks_for_its_passphrase_until_it_is_right(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = desktop.office.computer.folder / "config" / "issuer.key"
    plain = key.read_bytes()
    key.write_bytes(to_pem(signer_of(plain, "", "key"), "correct horse"))
    try:
        typed = iter(["wrong", "correct horse"])
        asked: list[str] = []

        def type_it(parent: object, title: str, sentence: str, mode: object) -> tuple[str, bool]:
            asked.append(sentence)
            return next(typed), True

        monkeypatch.setattr("gui.console.granting.QInputDialog.getText", type_it)
        desktop.become("admin")
        desktop.application.first()
        guide = desktop.application._dialogs["first"]
        assert isinstance(guide, FirstMedium)
        visit = desktop.plug("locked")
        guide.form.holder.setText("Bob")
        guide.register.click()
        desktop.until(lambda: "3." in guide._head.text())
        assert len(asked) == 2
        assert desktop.desk.visits[visit.id].verdict == "read-write"
    finally:
        key.write_bytes(plain)


def test_a_stopped_guard_shows_at_once_and_its_return_too(desktop: Desktop) -> None:
    visit = desktop.plug("lasting")
    desktop.office.stop_guard()
    desktop.until(lambda: desktop.desk.guard is None)
    assert not desktop.desk.visits
    assert "not running" in desktop.application.mine._sentence.text()
    said: list[str] = []
    desktop.desk.eject(visit.id, lambda _: said.append("done"), said.append)
    desktop.until(lambda: said)
    assert said == [""]
    desktop.office.start_guard()
    desktop.until(lambda: desktop.desk.guard is not None)
    assert "not running" not in desktop.application.mine._sentence.text()


def test_only_the_guard_is_believed(desktop: Desktop) -> None:
    visit = desktop.plug("believed")
    script = Path(__file__).with_name("liar.py")
    subprocess.run(
        [sys.executable, str(script), visit.id], env=desktop.office.computer.environment, check=True, timeout=30
    )
    answered: list[object] = []
    desktop.desk.rows("Visits", {}, answered.append, answered.append)
    desktop.until(lambda: answered)
    assert desktop.desk.visits[visit.id].verdict == "refused"


def _never(sentence: str) -> None:
    raise AssertionError(sentence)
