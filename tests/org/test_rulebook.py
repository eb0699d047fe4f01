"""The organization's own rules.toml: it says otherwise reason by reason; a bad one changes nothing and is told."""

from pathlib import Path

import pytest

from guard.core.errors import Broken
from guard.org.rulebook import load_rulebook, load_rulebook_or_shipped, shipped_rulebook
from guard.words import say
from guard.words.cites import cited

STATE = frozenset({"state"})
OURS = """
scheme = "cn"

[regulation.house]
en = "House rules on media"
zh = "《本单位介质管理办法》"

[reason.loan-over]
cites = [{ regulation = "house", en = "section 12", zh = "第十二条" }, { regulation = "law", en = "Article 26", zh = "第二十六条" }]

[reason.files-undeclared]
cites = [{ regulation = "house", en = "section 7", zh = "第七条" }]
"""


def _write(folder: Path, text: str, mode: int = 0o644) -> Path:
    path = folder / "rules.toml"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_what_the_organization_says_stands_and_all_else_stays_as_shipped(tmp_path: Path) -> None:
    assert load_rulebook(tmp_path, "cn") == shipped_rulebook("cn")
    _write(tmp_path, OURS)
    book = load_rulebook(tmp_path, "cn")
    assert cited(*book.behind("loan-over", STATE, STATE), "zh").startswith(
        "《本单位介质管理办法》第十二条；《中华人民共和国"
    )
    assert cited(*book.behind("files-undeclared", STATE, STATE), "en") == "House rules on media, section 7"
    changed = {reason for reason, found in book.reasons.items() if found != shipped_rulebook("cn").reasons[reason]}
    assert changed == {"loan-over", "files-undeclared"}


@pytest.mark.parametrize("text", ["scheme = ", OURS.replace('"cn"', '"us"'), OURS + '\n[reason.lost]\nbasis = "law"\n'])
def test_of_a_bad_file_not_a_single_rule_is_cited_and_the_fault_is_a_clear_sentence(tmp_path: Path, text: str) -> None:
    path = _write(tmp_path, text)
    book, fault = load_rulebook_or_shipped(tmp_path, "cn")
    assert book == shipped_rulebook("cn")
    assert fault is not None
    for language, step in (("en", "check-config"), ("zh", "check-config")):
        sentence = say(fault.code, fault.facts, language)
        assert str(path) in sentence
        assert step in sentence


def test_a_file_that_others_could_have_written_is_not_believed(tmp_path: Path) -> None:
    _write(tmp_path, OURS, 0o666)
    book, fault = load_rulebook_or_shipped(tmp_path, "cn")
    assert fault is not None
    assert fault.code == "file-unsafe"
    assert book == shipped_rulebook("cn")
    with pytest.raises(Broken):
        load_rulebook(tmp_path, "cn")
