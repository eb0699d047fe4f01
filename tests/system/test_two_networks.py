"""Two computers with no wire between them, and one stick that is carried from one to the other and back."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from guard.core.area import AREA_END, WINDOW
from guard.org.auditors import new_auditors_key
from guard.org.files import write_new
from guard.org.organization import Place, create_organization, enrol_host, join_organization
from guard.org.trust import load_identity
from tests.system.guest import FOUNDED, Guest
from tests.system.image import image
from tests.system.sticks import Stick, make_stick

pytestmark = [pytest.mark.long, pytest.mark.system, pytest.mark.timeout(2400)]
NETWORK = "vault-network-7"


@pytest.fixture(scope="module")
def computers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Guest, Guest, Path]]:
    """The classified one, the one on the Internet, and the auditors' key; one organization, records sealed."""
    folder = tmp_path_factory.mktemp("organization")
    private, public = new_auditors_key("")
    key = folder / "auditors.key"
    write_new(key, private, secret=True)
    high, low, bundle = folder / "high", folder / "low", folder / "bundle"
    high.mkdir()
    low.mkdir()
    create_organization(high, Place("archive-pc", NETWORK, "机密"), "cn", "", FOUNDED, public)
    enrol_host(high, Place("reception-pc", "internet", "公开"), bundle, "", FOUNDED)
    join_organization(low, bundle)
    with Guest(image(), 768) as classified, Guest(image(), 768) as internet:
        classified.install(high)
        internet.install(low)
        yield classified, internet, key


def _everything(guest: Guest, stick: Stick, medium: str) -> dict[str, bytes]:
    """All that this computer has and says, and the stick as it is."""
    tree = (
        "busctl call org.mediaguard.Guard1 /org/mediaguard/Guard1 org.freedesktop.DBus.ObjectManager GetManagedObjects"
    )
    commands = {
        "state": "tar -C /var/lib -cf - media-guard | base64",
        "log": "journalctl -u media-guardd --no-pager | base64",
        "tree": f"{tree} | base64",
        **{
            name: f"mediaguardctl {name} --limit 1000 --json | base64"
            for name in ("media", "visits", "crossings", "requests", "journal")
        },
        "travel": f"mediaguardctl travel {medium} --limit 1000 --json | base64",
    }
    found = {name: base64.b64decode(guest.out(command)) for name, command in commands.items()}
    return found | {"stick": stick.image.read_bytes()}


def test_the_classified_side_learns_of_the_attempt_on_the_internet_side_which_learns_nothing(
    computers: tuple[Guest, Guest, Path], tmp_path: Path
) -> None:
    classified, internet, key = computers
    stick = make_stick(tmp_path, "CARRIED")
    classified.plug(stick)
    visit = classified.judged(stick)
    assert visit["Verdict"] == "refused"
    classified.run(f"mediaguardctl register {visit['Id']} --level 机密 --networks {NETWORK} --holder 张三", timeout=300)
    visit = classified.until(stick.serial, lambda v: v["Stage"] == "open")
    for _ in range(2):
        classified.run(f"mediaguardctl eject {visit['Id']}")
        classified.until(stick.serial, lambda v: v["Stage"] == "shut")
        classified.unplug(stick)
        classified.plug(stick)
        visit = classified.judged(stick)
        assert visit["Verdict"] == "read-write"
    classified.unplug(stick)
    medium = visit["Medium"]

    before = datetime.fromisoformat(internet.out("date -u +%Y-%m-%dT%H:00:00+00:00"))
    internet.plug(stick)
    attempt = internet.judged(stick)
    assert (attempt["Verdict"], attempt["Severity"], attempt["Disk"]) == ("refused", "alarm", "")
    assert "above-ceiling" in attempt["Reasons"]
    seen = _everything(internet, stick, medium)
    internet.unplug(stick)

    here, there = (load_identity(guest.config, FOUNDED).host for guest in (classified, internet))
    heads = [row["hash"] for row in classified.ctl("journal --limit 1000")]
    secrets = [here.subject_id, *(head[:32] for head in heads)]
    for name, data in seen.items():
        for word in (NETWORK, "archive-pc", *secrets):
            assert word.encode() not in data, (name, word)
        for word in secrets:
            assert bytes.fromhex(word) not in data, (name, word)
    told = [row for row in internet.ctl(f"travel {medium} --limit 1000") if row["host"] != there.subject_id]
    assert len(told) > 300, "far more than there were visits, and they all look alike"
    assert {(row["network"], row["level"], row["arrived"], row["alarm"]) for row in told} == {("sealed", "", "", False)}
    assert len(set(seen["stick"][WINDOW:AREA_END])) == 256, "no empty place that would tell how many there were"

    classified.plug(stick)
    assert classified.judged(stick)["Verdict"] == "read-write"
    classified.put(key, "/root/auditors.key")
    classified.run("chmod 600 /root/auditors.key")
    journey = classified.ctl(f"travel {medium} --key /root/auditors.key --limit 1000")
    assert [(row["network"], row["verdict"], row["ended"]) for row in journey] == [
        (NETWORK, "read-write", "in"),
        ("internet", "refused", "refused"),
        (NETWORK, "read-write", "unknown"),
        (NETWORK, "read-write", "removed"),
        (NETWORK, "read-write", "removed"),
    ]
    assert (journey[1]["host"], journey[1]["level"], journey[1]["alarm"]) == (there.subject_id, "公开", True)
    assert before <= datetime.fromisoformat(journey[1]["arrived"]) <= datetime.now(UTC) + timedelta(days=1)
    assert "sealed" in {row["from_network"] for row in classified.ctl("crossings")}
    classified.unplug(stick)
    for guest in (classified, internet):
        guest.sound()
