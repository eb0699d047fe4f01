"""The mark that is written on a medium's sticker and shown beside its level."""

from guard.core.scheme import Level, Scheme


def mark(scheme: Scheme, level: Level, term: str = "") -> str:
    """`密级★期限` for state secrets only, the plain name for everything else; several names joined by "+".

    `term` is a period ("10年"), a date or a condition in words; without one a state secret gets its longest term. Source of the
    rule: 国家秘密定密管理暂行规定; the star must not stand on work or commercial secrets.
    """
    parts = []
    for name in level.ranks:
        rank = scheme.rank(name)
        if rank.state_secret:
            parts.append(scheme.mark.format(level=name, term=term or f"{rank.longest_years}年"))
        else:
            parts.append(name)
    return "+".join(parts)
