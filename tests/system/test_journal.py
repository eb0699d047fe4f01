"""The journal on a real system: journald has every entry, it is verified in the unit's sandbox, a report is made."""

import json
from pathlib import Path

import pytest

from guard.core.journald import message_id
from tests.system.guest import Guest
from tests.system.sticks import label_stick, make_stick

pytestmark = [pytest.mark.system, pytest.mark.timeout(480)]


def test_journald_has_the_entry_and_an_auditor_gets_proof_of_all_of_it(guest: Guest, tmp_path: Path) -> None:
    stick = make_stick(tmp_path, "JOURNALD")
    label_stick(stick, guest.issuer, "机密", (guest.network,))
    guest.plug(stick)
    visit = guest.judged(stick)
    guest.unplug(stick)
    ask = f"journalctl -t media-guard -o json MEDIA_GUARD_SUBJECT={visit['Id']}"
    guest.run(f"for _ in $(seq 100); do [ $({ask} | wc -l) -ge 3 ] && break; sleep 0.1; done")
    lines = guest.run(ask).stdout.splitlines()
    told = [json.loads(line) for line in lines]
    kinds = [entry["MEDIA_GUARD_KIND"] for entry in told]
    assert kinds[:3] == ["arrived", "intent", "result"]
    assert {entry["MEDIA_GUARD_KIND"]: entry["MESSAGE_ID"] for entry in told} == {
        kind: message_id(kind) for kind in kinds
    }
    assert {entry["_SYSTEMD_UNIT"] for entry in told} == {"media-guardd.service"}
    (entry,) = json.loads(guest.run(f"mediaguardctl journal --json --kind intent --subject {visit['Id']}").stdout)
    assert (told[1]["MEDIA_GUARD_SEQ"], told[1]["MEDIA_GUARD_HASH"]) == (str(entry["seq"]), entry["hash"])
    assert told[1]["MEDIA_GUARD_VERDICT"] == visit["Verdict"]

    found = json.loads(guest.run("mediaguardctl verify --json").stdout)
    assert (found["ok"], found["witness"]) == (True, "")
    guest.run(
        "cd /run && rm -f r.csv* && mediaguardctl report crossings --out r.csv && mediaguardctl report verify r.csv"
    )
    guest.run("cd /run && rm -f x.jsonl && mediaguardctl journal --export x.jsonl")
    exported = json.loads(
        guest.run("mediaguardctl verify --file /run/x.jsonl --trust /etc/media-guard/trust --json").stdout
    )
    assert exported["ok"] is True
    assert exported["signed"] > 0
