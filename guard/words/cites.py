"""A citation in words."""

from collections.abc import Sequence

from guard.core.rulebook import Basis, Citation
from guard.words import word


def cited(basis: Basis, citations: Sequence[Citation], language: str) -> str:
    """Where in which regulation; or that a reason is technical, or the organization's own."""
    if not citations:
        return word("cites-technical" if basis is Basis.TECHNICAL else "cites-own", language)
    if language == "zh":
        return "；".join(dict(cite.regulation)["zh"] + dict(cite.article)["zh"] for cite in citations)
    return "; ".join(f"{dict(cite.regulation)['en']}, {dict(cite.article)['en']}" for cite in citations)
