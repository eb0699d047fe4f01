"""What a refusal cites, on whole hosts: the law where it speaks of it, and nothing where it does not."""

import asyncio
from pathlib import Path

from guard.core.snapshot import VisitSnapshot
from guard.verbs import Verbs
from tests.flow.host import Host, stick
from tests.flow.test_once import CAROL


async def _cites(host: Host, visit: VisitSnapshot) -> dict[str, str]:
    async def sees_all(caller: object) -> bool:
        return True

    async def nobody(ident: str) -> None:
        return

    verbs = Verbs(host.guard, host.parts, host.queries, host.config, sees_all, lambda *_: None, nobody)
    found = await verbs.explain(CAROL, visit.id, {})
    reasons = found["reasons"]
    assert isinstance(reasons, list)
    return {reason["rule"]: reason["cites"] for reason in reasons}


def test_a_state_secret_on_the_internet_cites_the_law_and_a_commercial_secret_does_not(tmp_path: Path) -> None:
    async def story() -> None:
        first = Host.found(tmp_path / "a", "lab", "机密+核心商密")
        second = first.enrol(tmp_path / "b", "internet", "公开")
        async with first as lab, second as internet:
            for level in ("机密", "核心商密"):
                image = stick(tmp_path, f"{level}.img")
                visit = await lab.register(await lab.plug(image), level)
                await lab.pull(visit)
                told = await _cites(internet, await internet.plug(image))
                state = level == "机密"
                assert ("Article 31 (3)" in told["above-ceiling"]) is state
                assert ("Guarding State Secrets" in " ".join(told.values())) is state
                assert ("rule of your organization" in told["above-ceiling"]) is not state

    asyncio.run(story())


def test_an_unknown_stick_cites_the_law_only_where_the_computer_is_for_state_secrets(tmp_path: Path) -> None:
    async def story() -> None:
        for name, level, cited in (("a", "机密", True), ("b", "公开", False)):
            async with Host.found(tmp_path / name, "office", level) as host:
                told = await _cites(host, await host.plug(stick(tmp_path, f"{name}.img")))
                assert list(told) == ["not-labelled"]
                assert ("Article 31" in told["not-labelled"]) is cited

    asyncio.run(story())
