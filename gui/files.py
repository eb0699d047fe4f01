"""Which files came and went in a visit, the ones to look at first, first."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLineEdit, QTableView, QVBoxLayout, QWidget

from gui.contents import FileChange, Files
from gui.desk import PAGE, Desk
from gui.looks import open_at, plain_label, read_well, sentence_for
from gui.tables import Column, RowModel
from gui.words import change_word, files_text, moment, odd_word, size_text

MOST = 20_000


class FilesDialog(QDialog):
    """Fetches page after page; the table can be searched and used meanwhile."""

    def __init__(self, desk: Desk, visit: str, name: str, parent: QWidget | None = None) -> None:
        """`name` of the medium, for the title."""
        super().__init__(parent)
        self._desk, self._visit = desk, visit
        self.setWindowTitle(self.tr("Files of {0}").format(name) if name else self.tr("Files"))
        open_at(self, 900, 520)
        columns: tuple[Column[FileChange], ...] = (
            Column(self.tr("What"), lambda row: change_word(row.what)),
            Column(self.tr("File"), lambda row: row.path + ("/" if row.kind == "folder" else "")),
            Column(self.tr("Look at it"), _odd),
            Column(self.tr("Size"), lambda row: size_text(row.size), key=lambda row: row.size),
            Column(self.tr("Modified"), lambda row: moment(row.modified)),
        )
        self.model = RowModel[FileChange](columns, self)
        self._all: list[FileChange] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText(self.tr("Search file…"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.tr("Search"))
        self.search.textChanged.connect(self._filter)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Files"))
        self.table.setSortingEnabled(True)
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)  # as the guard orders them
        read_well(self.table, (20, 42, 28, 8, 16))
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.said = plain_label(self.tr("Asking the guard…"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        for widget in (self.said, self.search, self.table, buttons):
            column.addWidget(widget)
        self._ask(0)

    def _ask(self, after: int) -> None:
        self._desk.files(self._visit, after, self._came, lambda sentence: self.said.setText(sentence_for(sentence)))

    def _filter(self) -> None:
        self.model.set_rows(self._fitting(self._all))

    def _fitting(self, changes: list[FileChange]) -> list[FileChange]:
        wanted = self.search.text().casefold()
        return [change for change in changes if wanted in change.path.casefold()]

    def _came(self, files: Files, changes: list[FileChange]) -> None:
        self._all += changes
        self.model.add_rows(self._fitting(changes))
        text = files_text(files) or self.tr("Nothing is known of the files of this visit.")
        if files.known and not self._all:
            text += " " + self.tr("There is no change to show.")
        self.said.setText(text)
        if len(changes) == PAGE and len(self._all) < MOST:
            self._ask(changes[-1].seq)


def _odd(row: FileChange) -> str:
    return ", ".join(odd_word(odd) for odd in row.odd)
