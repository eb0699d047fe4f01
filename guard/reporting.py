"""What an auditor takes along: the signed head of the journal, and the proof for a report that is filed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from guard.core.errors import Hostile
from guard.core.report import parse_about
from guard.store.crossings import Crossings
from guard.store.database import Database
from guard.store.heads import SignedHead, carried, newest_signed
from guard.store.journal import Journal
from guard.store.queries import Listing, iso, parse_page
from guard.verbs import Caller

Options = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Reporting:
    """`host` and `network` are the opaque ids of this host and its network."""

    journal: Journal
    database: Database
    crossed: Crossings
    host: str
    network: str

    async def crossings(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Media that went from one network to another, newest first."""
        return await self.crossed.listing(page)

    async def head(self, caller: Caller, options: Options) -> dict[str, object]:
        """The newest entry, signed now."""
        return self._row(await self.journal.signed_head())

    async def heads(self, caller: Caller, page: Options, options: Options) -> Listing:
        """Heads that are kept, newest first; of this host, or those of others that media carried here."""
        wanted = parse_page({key: value for key, value in page.items() if key != "carried"}, None)
        if _flag(page, "carried"):
            rows = await self.database.read(lambda c: carried(c, self.host, wanted.limit, wanted.before))
            return [_carried_row(row) for row in rows]
        found = await self.database.read(lambda c: newest_signed(c, wanted.limit, wanted.before))
        return [self._row(head) for head in found]

    async def report(self, caller: Caller, about: Options, options: Options) -> dict[str, object]:
        """Note in the journal what is reported, and sign the head that has it; a report is itself on record."""
        found = parse_about(about)
        entry, head = await self.journal.append_signed("report", found.digest[:32], found.data(caller.user))
        return {
            **{name: getattr(entry, name) for name in ("seq", "at", "kind", "subject", "data", "before", "hash")},
            "signature": head.cose.hex(),
        }

    def _row(self, head: SignedHead) -> dict[str, object]:
        return {
            "host": self.host,
            "network": self.network,
            "seq": head.sequence,
            "hash": head.hash,
            "at": iso(head.at),
            "signature": head.cose.hex(),
        }


def _carried_row(row: Any) -> dict[str, object]:
    """What a record says; `hash` is the first half of it, and the signature is the record's, on the medium."""
    return {
        "host": row.host,
        "network": row.network,
        "seq": row.journal_sequence,
        "hash": row.journal_hash,
        "at": iso(row.hour),
        "signature": "",
        "medium": row.medium,
        "learned": row.seq,
    }


def _flag(page: Options, name: str) -> bool:
    value = page.get(name, False)
    if not isinstance(value, bool):
        raise Hostile("option-type", option=name)
    return value
