"""Hundreds of visits, eight at once, leave nothing behind in the guard: no object of its own, task, thread or descriptor."""

import asyncio
import gc
import multiprocessing
import threading
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import _lru_cache_wrapper
from pathlib import Path

from sqlalchemy import func, select

from guard.core.snapshot import VisitSnapshot
from guard.core.verdict import Access
from guard.store.tables import journal
from tests.flow.host import Host, stick

PORTS, ROUNDS = 8, 25


def _held(host: Host) -> Counter[str]:
    """What this process holds of the guard's own kind, by class, and what the system counts for it.

    What a cache with a bound keeps does not count.
    """
    host.told.clear()
    caches = (thing for thing in gc.get_objects() if isinstance(thing, _lru_cache_wrapper))
    for cache in caches:
        if str(cache.__module__).startswith("guard.") and cache.cache_parameters()["maxsize"] is not None:
            cache.cache_clear()
    gc.collect()
    kinds = (type(thing) for thing in gc.get_objects())
    held = Counter(kind.__qualname__ for kind in kinds if str(kind.__module__).startswith("guard."))
    held["tasks"] = len(asyncio.all_tasks())
    held["threads"] = threading.active_count()
    held["descriptors"] = len(list(Path("/proc/self/fd").iterdir()))
    return held


async def _round(host: Host, images: list[Path], access: Access, *, eject: bool = False) -> None:
    visits: list[VisitSnapshot] = await asyncio.gather(*(host.plug(image) for image in images))
    assert {visit.access for visit in visits} == {access}
    if eject:
        await asyncio.gather(*(host.guard.escort_of(visit.id).eject() for visit in visits))
    await asyncio.gather(*(host.pull(visit) for visit in visits))


async def _arrivals(host: Host) -> int:
    query = select(func.count()).where(journal.c.kind == "arrived")
    return await host.database.read(lambda connection: int(connection.execute(query).scalar_one()))


def _story(folder: Path, *, registered: bool) -> None:
    async def story() -> None:
        host = Host.found(folder / "a", "office", "机密")
        images = [stick(folder, f"stick-{number}.img") for number in range(PORTS)]
        access = Access.READ_WRITE if registered else Access.REFUSED
        async with host:
            if registered:
                for image in images:
                    await host.pull(await host.register(await host.plug(image), "机密"))
            for turn in range(4):  # threads and caches come with the first
                await _round(host, images, access, eject=registered and turn % 2 == 0)
            before, arrived = _held(host), await _arrivals(host)
            for turn in range(ROUNDS):
                await _round(host, images, access, eject=registered and turn % 2 == 0)
            after = _held(host)
            assert await _arrivals(host) - arrived == ROUNDS * PORTS, "none was missed"
            left = {kind: number for kind, number in (after - before).items() if number >= ROUNDS}
            assert left == {}, "not even one for each round"
            assert (after["tasks"], after["descriptors"]) == (before["tasks"], before["descriptors"])
            assert host.troubles == []

    asyncio.run(story())


def _alone(folder: Path, *, registered: bool) -> None:
    """In a process of its own: what another test's garbage gives back meanwhile does not count."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as process:
        process.submit(_story, folder, registered=registered).result()


def test_two_hundred_refused_plugs_leave_no_object_task_thread_or_descriptor_behind(tmp_path: Path) -> None:
    _alone(tmp_path, registered=False)


def test_two_hundred_visits_of_registered_sticks_leave_no_object_task_thread_or_descriptor_behind(
    tmp_path: Path,
) -> None:
    _alone(tmp_path, registered=True)
