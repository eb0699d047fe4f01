"""The link between the bus's thread and the window: when it has ended, nothing comes any more, however late the thread is."""

import threading

from PySide6.QtWidgets import QApplication

from gui.feed import VisitSeen
from gui.link import Link
from tests.gui.test_values import visit_of


def test_after_the_end_a_late_thread_tells_nothing(app: QApplication) -> None:
    link = Link("en")
    told: list[object] = []
    answers: list[int] = []
    link.told.connect(told.append)
    link._push(lambda: answers.append(1))
    app.processEvents()
    assert answers == [1]
    link.stop()

    def late() -> None:
        link._push(VisitSeen(visit_of(id="0" * 32)))
        link._push(lambda: answers.append(2))

    thread = threading.Thread(target=late)
    thread.start()
    thread.join()
    app.processEvents()
    assert (told, answers) == ([], [1])
    assert not link._events
