"""A visit as others may see it: the frozen picture that the bus publishes and the registry keeps."""

from collections.abc import Mapping
from dataclasses import dataclass

from guard.core.contents import Contents
from guard.core.verdict import Access, Severity, Verdict
from guard.core.visit import Stage


@dataclass(frozen=True, slots=True)
class Seen:
    """What the gate saw of the medium, cleaned for showing; sizes in bytes, 0 where nothing could be read."""

    vendor_id: int
    product_id: int
    manufacturer: str
    product: str
    serial: str
    capacity: int
    block_size: int
    partitions: str
    write_protected: bool | None


def differences(before: Mapping[str, object], now: Mapping[str, object]) -> tuple[str, ...]:
    """What about a medium is not as it was at its last visit here: names of `Seen`. Nothing where either could not be read."""
    if not before.get("capacity") or not now.get("capacity"):
        return ()
    names = ("manufacturer", "product", "serial", "capacity", "block_size", "partitions")
    return tuple(name for name in names if before.get(name) != now.get(name))


@dataclass(frozen=True, slots=True)
class VisitSnapshot:
    """One stay of one medium at this host. Ids are lower-case hex; times whole seconds since 1970, None for not yet.

    `medium` is "" where no label of ours was verified. `uid` is the user of the active local session, None for nobody.
    `contents` is what is known of its files, None before they were looked at.
    """

    id: str
    port: str
    medium: str
    stage: Stage
    arrived: int
    left: int | None = None
    interface: str = ""
    disk: str = ""
    verdict: Verdict | None = None
    uid: int | None = None
    user: str = ""
    network: str = ""
    seen: Seen | None = None
    level: str = ""
    number: str = ""
    contents: Contents | None = None

    @property
    def access(self) -> Access:
        """What is allowed now; held until a verdict has taken effect."""
        return (
            self.verdict.access if self.verdict and self.stage in (Stage.OPEN, Stage.SHUT, Stage.GONE) else Access.HELD
        )

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules behind the verdict; none before there is one."""
        return self.verdict.rules if self.verdict else ()

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return self.verdict.severity if self.verdict else Severity.INFO
