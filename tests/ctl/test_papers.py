"""Stickers and certificates say what the register says, and nothing that is not so."""

from pathlib import Path

import pytest
from PIL import Image

from guard.ctl.papers import TAPES
from guard.paper.sheet import Pen
from guard.paper.sticker import Sticker, draw_stickers, qr_squares
from tests.ctl.desk import MEDIA, MEDIUM, Desk

ORDER = "d1" * 16
DONE = {
    "id": ORDER,
    "kind": "clear",
    "medium": MEDIUM,
    "state": "done",
    "form": "BM-9",
    "approved_by": "",
    "why": "worn out",
    "proposed_by": "carol",
    "confirmed_by": "dave",
    "confirmed": "2026-11-24T10:00:00Z",
}
CLEARED = {"at": "2026-11-25T11:00:00.000000Z", "data": {"octets": 16_000_000_000, "medium": MEDIUM}}
HELD = {**MEDIA, "holder": "Zhang San", "mark": "INTERNAL", "level": "INTERNAL", "networks": [], "department": "D 1"}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    original = Pen.text

    def text(pen: Pen, x: float, y: float, words: str, *more: object, **options: object) -> None:
        texts.append(words)
        original(pen, x, y, words, *more, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Pen, "text", text)
    return texts


def test_a_certificate_names_medium_bytes_and_two_people_and_says_what_it_does_not_promise(
    desk: Desk, drawn: list[str], tmp_path: Path
) -> None:
    desk.daemon.listings |= {"Orders": [DONE], "Media": [{**HELD, "effective_level": "INTERNAL"}], "Journal": [CLEARED]}
    out = tmp_path / "c.pdf"
    answer = desk.type("certificate", "d1", "--out", str(out))
    assert answer.status == 0, answer.err
    assert out.read_bytes().startswith(b"%PDF-")
    said = " ".join(drawn)
    for part in ("MG-0001", "16000000000", "carol", "dave", "BM-9", "not Purge", "2026-11-25T11:00:00"):
        assert part in said, part


@pytest.mark.parametrize("change", [{"state": "confirmed"}, {"kind": "lower"}, {"state": "declined"}])
def test_what_was_not_carried_out_has_no_certificate(desk: Desk, tmp_path: Path, change: dict[str, str]) -> None:
    desk.daemon.listings["Orders"] = [{**DONE, **change}]
    out = tmp_path / "c.pdf"
    assert desk.type("certificate", ORDER, "--out", str(out)).status == 1
    assert not out.exists()


def test_an_order_that_nobody_knows_has_no_certificate_also_with_a_whole_id(desk: Desk, tmp_path: Path) -> None:
    desk.daemon.listings["Orders"] = [DONE]
    answer = desk.type("certificate", "e" * 32, "--out", str(tmp_path / "c.pdf"))
    assert (answer.status, answer.out) == (1, "")
    assert len(answer.err.splitlines()) == 1, "one sentence, and no traceback"
    assert not (tmp_path / "c.pdf").exists()


def test_a_sticker_has_the_mark_of_the_register_and_the_id_as_a_code(
    desk: Desk, drawn: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[str] = []
    monkeypatch.setattr("guard.paper.sticker._qr", lambda pen, text, x, y, side: codes.append(text))
    desk.daemon.listings["Media"] = [HELD]
    answer = desk.type("sticker", "c1", "--out", str(tmp_path / "s.pdf"))
    assert answer.status == 0, answer.err
    assert drawn == ["INTERNAL", "MG-0001", "Zhang San", "D 1"]
    assert codes == [MEDIUM]
    assert not [text for text in drawn if "★" in text]


def test_a_sheet_holds_27_and_the_same_stickers_are_the_same_bytes() -> None:
    one = Sticker("ab" * 16, "MG-1", "SECRET", "#b3261e", "Ann", "D 1")
    first, again = (draw_stickers([one] * 28, "sheet") for _ in range(2))
    assert first == again
    assert first.count(b"/Type /Page\n") == 2
    assert draw_stickers([one] * 2, "label").count(b"/Type /Page\n") == 2


def test_a_png_is_as_high_as_the_tape_black_and_white_and_its_code_is_the_id(desk: Desk, tmp_path: Path) -> None:
    desk.daemon.listings["Media"] = [HELD]
    for tape in TAPES:
        out = tmp_path / f"{tape}.png"
        answer = desk.type("sticker", "c1", "--tape", tape, "--out", str(out))
        assert answer.status == 0, answer.err
        with Image.open(out) as image:
            assert (image.format, image.mode) == ("PNG", "1")
            assert round(image.info["dpi"][0]) == 300
            across = image.width if tape == "62" else image.height
            assert abs(across / 300 * 25.4 - int(tape)) < 0.1
            assert _code_in(image) == qr_squares(MEDIUM)
            assert _code_in(image) != qr_squares(ORDER)


def _code_in(image: Image.Image) -> list[list[bool]]:
    """The squares of the code at the right end, found by the corner of its pattern and read in the middle of each."""
    dark = [[not image.getpixel((x, y)) for x in range(image.width)] for y in range(image.height)]
    right = max(x for x in range(image.width) if any(row[x] for row in dark))
    top = next(y for y in range(image.height) if dark[y][right])
    high = next(y for y in range(top, image.height) if not dark[y][right]) - top  # the corner pattern is 7 squares
    side, squares = high // 7, len(qr_squares(MEDIUM))
    left = right + 1 - side * squares
    middle = side // 2
    return [
        [dark[top + row * side + middle][left + column * side + middle] for column in range(squares)]
        for row in range(squares)
    ]


def test_several_stickers_are_a_file_each_and_a_number_leads_nowhere_else(desk: Desk, tmp_path: Path) -> None:
    other = {**HELD, "id": "c2" * 16, "number": "../../etc/x"}
    desk.daemon.listings["Media"] = [HELD, other]
    folder = tmp_path / "out"
    folder.mkdir()
    answer = desk.type("sticker", MEDIUM, "c2" * 16, "--out", str(folder / "s.png"))
    assert answer.status == 0, answer.err
    assert sorted(path.name for path in folder.iterdir()) == ["s-.._.._etc_x.png", "s-MG-0001.png"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert desk.type("sticker", MEDIUM, "--out", str(folder / "s.gif")).status == 2
    assert not (folder / "s.gif").exists()


def test_the_form_of_a_medium_has_its_facts_its_steps_oldest_first_and_room_to_sign(
    desk: Desk, drawn: list[str], tmp_path: Path
) -> None:
    steps = [
        {
            "at": f"2026-0{month}-01T10:00:00Z",
            "step": step,
            "holder": "Zhang San",
            "by": "carol",
            "approved_by": "",
            "form": "F",
        }
        for month, step in ((9, "return"), (3, "issue"))
    ]
    desk.daemon.listings |= {"Media": [{**HELD, "kind": "work", "since": "2026-03-01T00:00:00Z"}], "History": steps}
    out = tmp_path / "f.pdf"
    answer = desk.type("form", "c1", "--organization", "Acme", "--out", str(out))
    assert answer.status == 0, answer.err
    assert out.read_bytes().count(b"/Type /Page\n") == 1
    for part in ("Acme", "MG-0001", "INTERNAL", MEDIUM, "signature", "2026-03-01"):
        assert part in drawn, part
    assert drawn.index("issue") < drawn.index("give back")
    assert not [text for text in drawn if "★" in text]


def test_the_form_of_a_department_has_its_media_and_no_others(desk: Desk, drawn: list[str], tmp_path: Path) -> None:
    near = {**HELD, "id": "c3" * 16, "number": "MG-0003", "department": "D 11"}
    many = [{**HELD, "id": f"{n:032x}", "number": f"X-{n:03}"} for n in range(40)]
    desk.daemon.listings["Media"] = [near, *many]
    out = tmp_path / "f.pdf"
    answer = desk.type("form", "--department", "D 1", "--out", str(out))
    assert answer.status == 0, answer.err
    assert out.read_bytes().count(b"/Type /Page\n") == 3
    assert {"X-000", "X-039", "40 media"} <= set(drawn)
    assert "MG-0003" not in drawn
    out.unlink()
    assert desk.type("form", "--department", "D 2", "--out", str(out)).status == 1
    assert desk.type("form", "c1", "--department", "D 1", "--out", str(out)).status == 2
    assert not out.exists()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_certificate_of_destroyed_keys_does_not_say_that_every_block_was_overwritten(
    desk: Desk, drawn: list[str], tmp_path: Path, language: str
) -> None:
    desk.daemon.language = language
    said = {}
    for method, discarded in (("keys", True), ("overwrite", False)):
        drawn.clear()
        data = {"octets": 5, "medium": MEDIUM, "method": method, "discarded": discarded}
        desk.daemon.listings |= {"Orders": [DONE], "Media": [HELD], "Journal": [{**CLEARED, "data": data}]}
        answer = desk.type("certificate", "d1", "--out", str(tmp_path / "c.pdf"))
        assert answer.status == 0, answer.err
        said[method] = "".join(drawn).replace(" ", "")
    keys, every = ("keyslots", "everyblockreadback") if language == "en" else ("密钥槽", "逐块")
    assert keys in said["keys"]
    assert "UNMAP" in said["keys"]
    assert every not in said["keys"]
    assert keys not in said["overwrite"]
    assert "UNMAP" not in said["overwrite"]
