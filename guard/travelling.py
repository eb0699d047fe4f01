"""Which crossings a visit brings to light: the ones the medium tells of, and the one into this host."""

from guard.core.errors import GuardError
from guard.core.travel import Crossing, crossings, direction, host_level
from guard.parts import Parts
from guard.stay import Stay


async def note_crossings(parts: Parts, stay: Stay) -> tuple[Crossing, ...]:
    """Write down every crossing that was not known; returns the new ones, oldest first.

    Raises:
        Broken: `registry-...`.
    """
    sighting = stay.seen()
    found: list[tuple[Crossing, str, str]] = []
    try:
        found = [(crossing, "travel-log", crossing.record) for crossing in crossings(sighting.log, parts.scheme)]
        arrival = _into_here(parts, stay)
    except GuardError:  # another scheme; policy has refused the medium for it
        return ()
    if arrival is not None:
        found.append((arrival, "registry", stay.written.hash if stay.written else stay.visit.id))
    return tuple(
        [crossing for crossing, source, record in found if await parts.registry.crossed(crossing, source, record)]
    )


def _into_here(parts: Parts, stay: Stay) -> Crossing | None:
    """The medium's visit before this one was on another network, as its newest record says, if that record is new here."""
    sighting, known = stay.seen(), stay.proof.registry
    if not sighting.log.records or sighting.label is None:
        return None
    newest = sighting.log.records[-1]
    seen_before = known is not None and known.record_seen is not None and known.record_seen[0] >= newest.sequence
    if seen_before or newest.network_id == parts.host.network_id:
        return None
    before = host_level(newest, parts.scheme)
    return Crossing(
        medium_id=sighting.label.medium_id,
        at=stay.visit.arrived,
        from_network=newest.network_id,
        to_network=parts.host.network_id,
        from_level=before,
        to_level=parts.host.level,
        direction=direction(parts.scheme, before, parts.host.level),
        access=stay.judged.access,
    )
