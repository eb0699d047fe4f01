"""The report on paper: all rows on numbered pages, the same bytes every time, in both languages; and no font means a clear word."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from guard.core.errors import Broken, Hostile
from guard.paper.fonts import font_for
from guard.paper.pdf import attachments_of, can_draw, draw
from tests.paper.world import paper, row


def words(pdf: bytes, folder: Path) -> str:
    """What a reader would copy out of it."""
    (folder / "r.pdf").write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", "-layout", str(folder / "r.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            (
                "Crossings between networks",
                "Page 1 of 6",
                "Page 6 of 6",
                "Institute",
                "UTC+08:00",
                "refused",
                "How to check it",
            ),
        ),
        ("zh", ("介质跨网报告", "第 1 页，共 6 页", "第 6 页，共 6 页", "内部", "拒绝", "如何核验")),
    ],
)
def test_every_row_is_on_a_page_and_the_proof_at_the_end(tmp_path: Path, language: str, said: tuple[str, ...]) -> None:
    rows = [row(n, holder=f"Holder{n:03}") for n in range(100)]
    data, found = paper(rows, language=language)
    text = words(draw(data, found), tmp_path)
    for sentence in said:
        assert sentence in text
    assert all(f"Holder{n:03}" in text for n in range(100))
    assert found.proof.hash in text
    assert text.count("2026-09-01 08:05") == 1, "00:05 UTC, as clocks show it there"


@pytest.mark.parametrize("count", [0, 1, 3, 500])
def test_the_same_inputs_give_the_same_bytes_and_carry_the_rows(count: int) -> None:
    data, found = paper([row(n, from_network=f"n{n % 12}") for n in range(count)])
    pdf = draw(data, found)
    assert draw(data, found) == pdf
    assert attachments_of(pdf) == (data, found)
    other = subprocess.run([sys.executable, "-c", _AGAIN], input=pdf, capture_output=True, check=True).stdout
    assert other == pdf, "in another process too"


_AGAIN = """
import sys
from guard.paper.pdf import attachments_of, draw
sys.stdout.buffer.write(draw(*attachments_of(sys.stdin.buffer.read())))
"""


def test_what_a_stick_says_is_shown_and_neither_hides_nor_runs(tmp_path: Path) -> None:
    data, found = paper(
        [row(holder="<b>x</b> \u202egpj.exe & \x1b[31m)Tj"), replace(row(1), number="", at="never", direction="?")]
    )
    text = words(draw(data, found), tmp_path)
    assert "<b>x</b>" in text
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_the_attached_files_are_found_by_other_programs(tmp_path: Path) -> None:
    data, found = paper([row()])
    (tmp_path / "r.pdf").write_bytes(draw(data, found))
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(tmp_path / "r.pdf")], check=True)
    assert (tmp_path / "crossings.csv").read_bytes() == data


@pytest.mark.parametrize("pdf", [b"%PDF-1.4\n", b"%PDF-1.4 /Type /EmbeddedFile stream\nxx"])
def test_another_pdf_is_no_report(pdf: bytes) -> None:
    with pytest.raises(Hostile) as caught:
        attachments_of(pdf)
    assert caught.value.code == "report-malformed"


def test_without_a_chinese_font_latin_is_written_and_chinese_is_refused_with_what_to_install(tmp_path: Path) -> None:
    assert font_for(["Café … x"], tmp_path) == "Vera"
    with pytest.raises(Broken) as caught:
        font_for(["办公网"], tmp_path)
    assert (caught.value.code, caught.value.facts["char"]) == ("report-font", "办")


def test_what_was_drawn_with_something_else_is_not_drawn_anew_to_be_compared() -> None:
    _, found = paper([row()])
    assert can_draw(found)
    for other in (
        replace(found, version="0.0.1"),
        replace(found, drawing="reportlab 1.0 Vera"),
        replace(found, drawing=found.drawing.rpartition(" ")[0] + " comic-sans"),
    ):
        assert not can_draw(other)


def test_the_daemon_loads_nothing_of_it() -> None:
    loaded = (
        "import sys, guard.__main__, guard.ctl.__main__; "
        "print([m for m in sys.modules if m.split('.')[0] in ('reportlab', 'PIL') or m.startswith('guard.paper')])"
    )
    assert subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout == "[]\n"
