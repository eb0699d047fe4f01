"""Disposing of a medium in the console: what is recommended is chosen, what is impossible cannot be, nothing is done alone."""

from typing import Any

from PySide6.QtWidgets import QDialogButtonBox, QLabel
from pytestqt.qtbot import QtBot

from gui.console.disposing import DisposalDialog
from gui.desk import Desk
from gui.link import Link
from gui.values import parse_medium

MEDIUM = parse_medium({"id": "c1" * 16, "number": "MG-0001", "state": "registered"})


def _advice(best: str, encrypted: bool) -> list[dict[str, object]]:
    return [
        {
            "method": method,
            "possible": method != "keys" or encrypted,
            "recommended": method == best,
            "why": f"<b>why {method}</b>",
            "limits": f"limits {method}",
        }
        for method in ("overwrite", "keys", "destroy")
    ]


def test_the_choice_is_guided_proposed_to_another_admin_and_never_carried_out_here(qtbot: QtBot) -> None:
    desk = Desk(Link("en"))
    asked: list[tuple[str, list[Any], Any]] = []

    desk.call = lambda verb, signature, words, done, failed, **more: asked.append((verb, words, done))  # type: ignore[method-assign]
    dialog = DisposalDialog(desk, MEDIUM)
    qtbot.addWidget(dialog)
    ok = dialog.buttons.button(QDialogButtonBox.StandardButton.Ok)
    assert asked[-1][:2] == ("Advice", [MEDIUM.id, {"technology": "unknown", "encrypted": False}])
    assert not ok.isEnabled()
    asked[-1][2](_advice("overwrite", encrypted=False))
    assert dialog.method() == "overwrite"
    keys = next(button for button in dialog.group.buttons() if button.property("method") == "keys")
    assert not keys.isEnabled()
    assert not ok.isEnabled(), "nothing is proposed without a reason"
    dialog.encrypted.setChecked(True)
    assert asked[-1][1][1]["encrypted"] is True
    asked[-1][2](_advice("keys", encrypted=True))
    assert dialog.method() == "keys"
    assert len(dialog.group.buttons()) == 3
    assert "<b>why keys</b>" in [label.text() for label in dialog.findChildren(QLabel)]
    dialog.why.setText("worn out")
    assert ok.isEnabled()
    ok.click()
    verb, words, done = asked[-1]
    assert (verb, words) == ("Propose", ["clear", MEDIUM.id, {"why": "destroy its keys: worn out"}])
    done("ab" * 16)
    assert dialog.result() == dialog.DialogCode.Accepted
    assert "Clear" not in {verb for verb, _, _ in asked}
    desk.link.stop()


def test_what_held_state_secrets_is_proposed_for_destruction_and_a_fault_is_a_sentence(qtbot: QtBot) -> None:
    desk = Desk(Link("en"))
    asked: list[tuple[str, list[Any], Any, Any]] = []
    desk.call = lambda verb, signature, words, done, failed, **more: asked.append((verb, words, done, failed))  # type: ignore[method-assign]
    dialog = DisposalDialog(desk, MEDIUM)
    qtbot.addWidget(dialog)
    asked[-1][2](_advice("destroy", encrypted=False))
    dialog.why.setText("x")
    dialog.form.setText("BM-9")
    dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    assert asked[-1][:2] == (
        "Propose",
        ["destroy", MEDIUM.id, {"why": "destroy the thing itself: x", "form": "BM-9"}],
    )
    dialog.technology.setCurrentIndex(1)
    asked[-1][3]("You may not do this.")
    assert dialog.method() == ""
    assert not dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled()
    assert "You may not do this." in [label.text() for label in dialog.findChildren(QLabel)]
    desk.link.stop()
