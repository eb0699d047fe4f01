"""The weekly summary of a real host: what happened is counted once, by rule and with what it cites; what lies outside is not."""

import asyncio
from pathlib import Path

import pytest

from guard.core.errors import GuardError
from guard.core.life import Papers, Step
from guard.counting import Counting
from guard.weekly import WEEK, Summing
from tests.flow.host import NOON, Host, stick
from tests.flow.keepers import DAVE
from tests.flow.test_once import CAROL, _Person

DAY = 86_400


def _rows(found: dict[str, object], name: str) -> list[dict[str, object]]:
    rows = found[name]
    assert isinstance(rows, list)
    return rows


def test_a_week_tells_what_came_what_was_refused_by_which_rule_and_what_is_overdue(tmp_path: Path) -> None:
    async def story() -> None:
        first = Host.found(tmp_path / "a", "lab", "机密")
        second = first.enrol(tmp_path / "b", "internet", "公开")
        image = stick(tmp_path)
        async with first as lab, second as internet:
            visit = await lab.register(await lab.plug(image), "机密")
            lent = Papers("talk", holder="Zhang San", due=NOON + DAY)
            await lab.lives.take(visit.medium, Step.LEND, lent, ("carol", 2000), NOON)
            await lab.pull(visit)
            for _ in range(2):
                await internet.pull(await internet.plug(image))
            await internet.plug(stick(tmp_path, "unknown.img"))
            internet.now = lab.now = NOON + 2 * DAY
            seen = await Summing(internet.parts, internet.database).summary(CAROL, {}, {})
            assert seen["visits"] == {"total": 3, "media": 1, "refused": 3}
            told = {str(row["rule"]): row for row in _rows(seen, "refused")}
            assert told["above-ceiling"]["count"] == 2
            assert "Article 31 (3)" in str(told["above-ceiling"]["cites"])
            assert told["not-labelled"]["count"] == 1
            assert "no regulation" in str(told["not-labelled"]["cites"])
            assert seen["alarms"] == 2
            assert all("above-ceiling" in str(row["rules"]) for row in _rows(seen, "incidents"))
            assert len(_rows(seen, "incidents")) == 2
            assert seen["crossings"] == {"down": 1}
            assert [row["to_network"] for row in _rows(seen, "ways")] == ["internet"]
            here = await Summing(lab.parts, lab.database).summary(CAROL, {}, {})
            assert here["steps"] == {"lend": 1, "register": 1}
            (late,) = _rows(here, "overdue")
            assert (late["why"], late["holder"], here["late"]) == (
                "loan-over",
                "Zhang San",
                {"inspection-overdue": 0, "loan-over": 1, "term-over": 0},
            )
            before = await Summing(lab.parts, lab.database).summary(CAROL, {"since": NOON - WEEK, "until": NOON}, {})
            assert before["visits"] == {"total": 0, "media": 0}
            assert (before["refused"], before["steps"], before["alarms"]) == ([], {}, 0)

    asyncio.run(story())


def test_inventories_that_run_say_what_each_department_misses_and_whether_their_day_is_over(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "lab", "机密") as lab:
            for name, department in (("Zhang San", "二处"), ("Li Si", "一处"), ("Wang Wu", "")):
                await lab.people.put(name, "", department, "system", lab.now)
                await lab.people.clear_for(name, "机密", "dave", "x")
            media = []
            for number, holder in enumerate(("Zhang San", "Zhang San", "Li Si", "Wang Wu")):
                visit = await lab.register(await lab.plug(stick(tmp_path, f"{number}.img")), "机密", holder=holder)
                media.append(visit.medium)
            counting, summing = Counting(lab.guard, lab.parts), Summing(lab.parts, lab.database)
            over = await counting.begin(CAROL, "over", {"due": "3d"}, {})
            await counting.begin(CAROL, "autumn", {"due": "7d", "level": "秘密"}, {})
            await counting.inspect(DAVE, media[2], {})
            found = _rows(await summing.summary(CAROL, {}, {}), "inventories")
            assert [(row["title"], row["level"], row["overdue"]) for row in found] == [
                ("over", "", False),
                ("autumn", "秘密", False),
            ]
            for row in found:
                assert (row["expected"], row["seen"], row["missing"], row["settled"]) == (4, 1, 3, 0)
                missing = [
                    (part["department"], part["missing"], part["expected"]) for part in _rows(row, "departments")
                ]
                assert missing == [("二处", 2, 2), ("", 1, 1)], "the most first, and nothing of who has shown all"
            lab.now += 4 * DAY
            found = _rows(await summing.summary(CAROL, {}, {}), "inventories")
            assert [(row["title"], row["overdue"]) for row in found] == [("over", True), ("autumn", False)]
            await counting.end(CAROL, over, True, "time is over", {})
            assert [row["title"] for row in _rows(await summing.summary(CAROL, {}, {}), "inventories")] == ["autumn"]

    asyncio.run(story())


def test_the_summary_speaks_the_language_of_who_asks(tmp_path: Path) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "lab", "机密") as lab:
            await lab.plug(stick(tmp_path))
            found = await Summing(lab.parts, lab.database).summary(_Person(1, "li", "zh"), {}, {})
            (row,) = _rows(found, "refused")
            assert "第三十一条" in str(row["cites"])
            assert "Article" not in str(row)

    asyncio.run(story())


@pytest.mark.parametrize(
    ("period", "code"),
    [
        ({"since": 10, "until": 10}, "period-invalid"),
        ({"since": 20, "until": 10}, "period-invalid"),
        ({"since": 0}, "period-invalid"),
        ({"since": "x"}, "option-type"),
        ({"since": True}, "option-type"),
        ({"since": -1}, "option-type"),
        ({"limit": 1}, "option-unknown"),
    ],
)
def test_no_period_makes_the_guard_walk_for_ever_or_fall(tmp_path: Path, period: dict[str, object], code: str) -> None:
    async def story() -> None:
        async with Host.found(tmp_path / "a", "lab", "机密") as lab:
            with pytest.raises(GuardError) as caught:
                await Summing(lab.parts, lab.database).summary(CAROL, period, {})
            assert caught.value.code == code

    asyncio.run(story())
