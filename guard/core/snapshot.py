"""A visit as others may see it: the frozen picture that the bus publishes and the registry keeps."""

from dataclasses import dataclass

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
    differences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VisitSnapshot:
    """One stay of one medium at this host. Ids are lower-case hex; times whole seconds since 1970, None for not yet.

    `medium` is "" where no label of ours was verified. `uid` is the user of the active local session, None for nobody.
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
