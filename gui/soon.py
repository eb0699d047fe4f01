"""Many changes, one look: what follows from a change is done once, a moment later, however many changes there were."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

MILLISECONDS = 120


class Soon(QTimer):
    """Call it, or connect a signal to it, as often as you like."""

    def __init__(self, act: Callable[[], None], parent: QObject, milliseconds: int = MILLISECONDS) -> None:
        """`act` is done at most once in that time."""
        super().__init__(parent)
        self.setSingleShot(True)
        self.setInterval(milliseconds)
        self.timeout.connect(act)

    def __call__(self, *_: object) -> None:
        """Something has changed."""
        if not self.isActive():
            self.start()
