"""The mark that is written on a medium's sticker and shown beside its level."""

from dataclasses import dataclass

from guard.core.scheme import Level, Rank, Scheme

_YEAR = 31_556_952  # seconds, Gregorian mean


@dataclass(frozen=True, slots=True)
class StateSecret:
    """A rank that is a state secret. The mark with the star is made of this alone, so no other secret can have it."""

    rank: Rank

    def __post_init__(self) -> None:
        """Anything else is a bug."""
        if not self.rank.state_secret:
            raise RuntimeError(f"{self.rank.id} is no state secret")


@dataclass(frozen=True, slots=True)
class CommercialSecret:
    """A rank that is a commercial secret. The mark with an owner is made of this alone."""

    rank: Rank

    def __post_init__(self) -> None:
        """Anything else is a bug."""
        if self.rank.category != "commercial" or self.rank.state_secret:
            raise RuntimeError(f"{self.rank.id} is no commercial secret")


def term_of(since: int, expires: int | None) -> str:
    """A term as it stands in a mark: whole years, else days; "" for the longest."""
    if expires is None:
        return ""
    years = round((expires - since) / _YEAR)
    return (
        f"{years}年"
        if years and abs(expires - since - years * _YEAR) < 2 * 86_400
        else f"{(expires - since) // 86_400}天"
    )


def mark(scheme: Scheme, level: Level, term: str = "", owner: str = "") -> str:
    """`密级★期限` for state secrets only, owner, level and term for commercial ones, else the plain name; several joined by "+".

    `term` is a period ("10年"), a date or a condition in words; without one a state secret gets its longest term, and a commercial
    secret has none that could be foreseen (长期). Sources: 保守国家秘密法 (2024), article 22: what is no state secret must not bear
    its mark; 中央企业商业秘密保护暂行规定, article 15: owner (the unit's short name), level and term.
    """
    parts = []
    for name in level.ranks:
        rank = scheme.rank(name)
        if rank.state_secret:
            parts.append(_starred(scheme, StateSecret(rank), term))
        elif rank.category == "commercial":
            parts.append(_owned(scheme, CommercialSecret(rank), term, owner))
        else:
            parts.append(name)
    return "+".join(parts)


def _starred(scheme: Scheme, secret: StateSecret, term: str) -> str:
    return scheme.mark.format(level=secret.rank.id, term=term or f"{secret.rank.longest_years}年")


def _owned(scheme: Scheme, secret: CommercialSecret, term: str, owner: str) -> str:
    if not scheme.commercial_mark:
        return secret.rank.id
    return scheme.commercial_mark.format(owner=owner, level=secret.rank.id, term=term or "长期").strip()
