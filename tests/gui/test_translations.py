"""Chinese and English are complete: a sentence that the code has and a translation lacks fails here."""

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator

BIN = Path(sys.executable).parent


def _messages(path: Path) -> list[ET.Element]:
    return list(ET.parse(path).getroot().iter("message"))


def _translation(message: ET.Element) -> ET.Element:
    found = message.find("translation")
    assert found is not None
    return found


def _fresh(root: Path, folder: Path, name: str, *more: str) -> Path:
    """The translation with the sentences that the code has now."""
    copy = folder / name
    shutil.copy(root / "gui" / "translations" / name, copy)
    sources = [str(path) for path in sorted((root / "gui").rglob("*.py"))]
    command = [str(BIN / "pyside6-lupdate"), *sources, "-ts", str(copy), "-no-obsolete", "-locations", "none", *more]
    subprocess.run(command, check=True, capture_output=True)
    return copy


@pytest.mark.parametrize(("name", "more"), [("media-guard_zh_CN.ts", ()), ("media-guard_en.ts", ("-pluralonly",))])
def test_no_sentence_lacks_a_translation(root: Path, tmp_path: Path, name: str, more: tuple[str, ...]) -> None:
    messages = _messages(_fresh(root, tmp_path, name, *more))
    assert len(messages) >= 10
    missing = []
    for message in messages:
        translation = message.find("translation")
        assert translation is not None
        forms = [form.text for form in translation.iter("numerusform")] or [translation.text]
        if translation.get("type") or not all(forms):
            missing.append(message.findtext("source"))
    assert not missing


def test_translations_keep_every_placeholder_and_shortcut(root: Path) -> None:
    for message in _messages(root / "gui" / "translations" / "media-guard_zh_CN.ts"):
        source = message.findtext("source") or ""
        translated = "".join(_translation(message).itertext())
        for pattern in (r"\{\d\}", "%n"):
            assert sorted(re.findall(pattern, source)) == sorted(re.findall(pattern, translated)), source
        assert ("&" in source) == ("(&" in translated), source


def test_no_two_controls_of_a_window_share_a_shortcut(root: Path) -> None:
    """A class is a window or a page; two with one key would make neither work at the first press."""
    tree = ET.parse(root / "gui" / "translations" / "media-guard_zh_CN.ts")
    for context in tree.iter("context"):
        for texts in (
            [message.findtext("source") or "" for message in context.iter("message")],
            ["".join(_translation(message).itertext()) for message in context.iter("message")],
        ):
            keys = [found[1].upper() for text in texts if (found := re.search(r"&(\w)", text))]
            assert len(keys) == len(set(keys)), (context.findtext("name"), keys)


def test_every_plural_is_known_as_one(root: Path) -> None:
    """The tool knows a plural only where it is asked for by tr; elsewhere "%n" would stay a guess."""
    for message in _messages(root / "gui" / "translations" / "media-guard_zh_CN.ts"):
        assert ("%n" in (message.findtext("source") or "")) == (message.get("numerus") == "yes")


def test_no_sentence_hides_inside_another(root: Path) -> None:
    """The tool that collects sentences does not look into f-strings."""
    for path in (root / "gui").rglob("*.py"):
        assert not re.search(r"\{(self\.tr|translate)\(", path.read_text()), path


@pytest.mark.parametrize("name", ["media-guard_zh_CN", "media-guard_en"])
def test_the_compiled_translations_are_there(root: Path, name: str) -> None:
    translator = QTranslator()
    assert translator.load(name, str(root / "gui" / "translations"))
    assert not translator.isEmpty()
