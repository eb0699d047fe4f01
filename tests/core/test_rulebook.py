"""The books of rules: every reason stands on something, no law is cited for what it does not speak of, no bad book gets in."""

import re
import tomllib
from pathlib import Path

import pytest

from guard.core.errors import Broken
from guard.core.rulebook import Basis, Rulebook, categories_of, parse_rulebook
from guard.core.scheme import Level, parse_scheme
from guard.org.rulebook import shipped_rulebook
from guard.schemes import PACKAGED, load_scheme
from guard.words import LANGUAGES, reasons
from guard.words.cites import cited

SCHEMES = Path(__file__).resolve().parents[2] / "guard" / "schemes"
TECHNICAL = ("unreadable", "composite", "label-invalid", "other-hardware", "rolled-back", "escaped", "guard-failed")
STATE, NONE = frozenset({"state"}), frozenset[str]()


@pytest.mark.parametrize("name", PACKAGED)
def test_every_reason_stands_on_something_in_every_book_and_a_broken_device_on_no_regulation(name: str) -> None:
    book = shipped_rulebook(name)
    assert set(book.reasons) == reasons()
    for reason in TECHNICAL:
        assert book.behind(reason, STATE, STATE) == (Basis.TECHNICAL, ())
        assert "technical" in cited(*book.behind(reason, STATE, STATE), "en")


@pytest.mark.parametrize("name", PACKAGED)
def test_what_is_cited_reads_well_in_both_languages_and_the_english_has_no_chinese(name: str) -> None:
    for basis, cites in shipped_rulebook(name).reasons.values():
        texts = [cited(basis, cites, language) for language in LANGUAGES]
        assert all(texts)
        assert texts[0].isascii()


def test_the_law_on_state_secrets_is_cited_for_state_secrets_alone() -> None:
    cn, book = load_scheme("cn"), shipped_rulebook("cn")
    for rank in cn.ranks:
        medium = categories_of(cn, Level((rank.id,)))
        for reason in ("above-ceiling", "lost", "term-over", "holder-departed", "network-not-listed"):
            basis, cites = book.behind(reason, medium, NONE)
            articles = {dict(cite.article)["en"] for cite in cites} - {"Article 64"}
            assert bool(articles) is rank.state_secret, f"{reason} of {rank.id}"
            assert (basis is Basis.REGULATION) is bool(cites)


READ = {
    "Law of the PRC on Guarding State Secrets (2024)": {f"Article {number}" for number in range(1, 66)}
    | {"Article 31 (3)"},
    "Regulation on Implementing the Law of the PRC on Guarding State Secrets (2024)": {
        *(f"Article {number}" for number in range(1, 75)),
        *("Article 27 (2)", "Article 27 (7)"),
    },
    "NIST SP 800-53 Rev. 5": {"MP-2", "MP-4", "MP-5", "MP-6", "MP-7", "AC-4", "PS-4", "PS-5", "IR-6", "SI-3"},
    "ISO/IEC 27001:2022": {
        f"Annex A {number}"
        for number in ["5.9", "5.10", "5.11", "5.12", "5.13", "6.5", "6.8", "7.10", "7.14", "8.7", "8.22"]
    },
}


@pytest.mark.parametrize("name", PACKAGED)
def test_nothing_is_cited_but_what_was_read_and_both_languages_cite_the_same(name: str) -> None:
    for _, cites in shipped_rulebook(name).reasons.values():
        for cite in cites:
            regulation, article = dict(cite.regulation), dict(cite.article)
            assert article["en"] in READ[regulation["en"]]
            assert article["zh"] == _in_chinese(article["en"])


def _in_chinese(article: str) -> str:
    def numeral(digits: str) -> str:
        tens, ones = divmod(int(digits), 10)
        names = "〇一二三四五六七八九"
        return (names[tens] if tens > 1 else "") + "十" * (tens > 0) + (names[ones] if ones else "")

    if found := re.fullmatch(r"Article (\d+)(?: \((\d+)\))?", article):
        return f"第{numeral(found[1])}条" + (f"第（{numeral(found[2])}）项" if found[2] else "")
    return article.replace("Annex", "附录")


def test_a_lost_medium_stands_on_the_duty_to_report_it() -> None:
    told = cited(*shipped_rulebook("cn").behind("lost", STATE, STATE), "zh")
    assert "修订）第四十七条" in told
    assert "实施条例》（2024 年修订）第六十一条" in told


def test_which_article_depends_on_the_host_as_well() -> None:
    book = shipped_rulebook("cn")
    outside = cited(*book.behind("above-ceiling", STATE, NONE), "zh")
    assert "第三十一条第（三）项" in outside, "a state secret at a computer for none"
    inside = cited(*book.behind("above-ceiling", STATE, STATE), "zh")
    assert "第三十条" in inside
    assert "第三十一条第（三）项" not in inside, "a computer for state secrets is none for others"
    assert book.behind("not-labelled", NONE, NONE) == (Basis.OWN, ())


def test_a_mixed_level_cites_what_holds_for_either_part() -> None:
    cn = load_scheme("cn")
    both = categories_of(cn, cn.level("机密+核心商密"))
    assert both == {"state", "commercial"}
    assert categories_of(cn, Level(("of another scheme",)), Level(("公开",))) == NONE


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ('scheme = "us"', "scheme must be"),
        ('scheme = "cn"\nextra = 1', "no extra"),
        ('scheme = "cn"\n[reason.no-such]\nbasis = "own"', "no reason no-such"),
        ('scheme = "cn"\n[reason.lost]\nbasis = "law"', "needs cites"),
        ('scheme = "cn"\n[reason.lost]\ncites = []', "needs cites"),
        ('scheme = "cn"\n[reason.lost]\nbasis = "own"\ncites = [{}]', "needs cites"),
        ('scheme = "cn"\n[reason.lost]\ncites = [{ regulation = "mine", en = "1", zh = "1" }]', "regulation mine"),
        ('scheme = "cn"\n[reason.lost]\ncites = [{ regulation = "law", en = "1" }]', "needs a text in each"),
        ('scheme = "cn"\n[reason.lost]\ncites = [{ regulation = "law", en = "", zh = "1" }]', "1 to 120"),
        ('scheme = "cn"\n[reason.lost]\ncites = [{ regulation = "law", en = "a\\u202eb", zh = "1" }]', "1 to 120"),
        (
            'scheme = "cn"\n[reason.lost]\ncites = [{ regulation = "law", en = "1", zh = "1", host = "x" }]',
            "one of state",
        ),
        ('scheme = "cn"\n[regulation.mine]\nen = "Ours"', "needs a text in each"),
        ('scheme = "cn"\nreason = 1', "must be tables"),
    ],
)
def test_a_bad_book_is_named_by_what_is_wrong_and_nothing_of_it_is_taken(change: str, named: str) -> None:
    with pytest.raises(Broken) as caught:
        parse_rulebook(tomllib.loads(change), "rules.toml", "cn", reasons(), shipped_rulebook("cn"))
    assert caught.value.code == "rulebook-invalid"
    assert named in str(caught.value.facts["why"])


def test_a_scheme_of_ones_own_has_an_empty_book_that_cites_nothing() -> None:
    book = shipped_rulebook("ours")
    assert book == Rulebook("ours", {}, {})
    assert book.behind("lost", STATE, STATE) == (Basis.OWN, ())


def test_a_level_with_the_star_is_a_state_secret_and_cannot_be_called_anything_else() -> None:
    raw = tomllib.loads((SCHEMES / "cn.toml").read_text())
    raw["level"][0]["category"] = "commercial"
    with pytest.raises(Broken) as caught:
        parse_scheme(raw)
    assert "category" in str(caught.value.facts["why"])
