"""Quotas: one user's flood costs that user only, and only for a while."""

from guard.bus.quota import BURST, IN_ALL, PER_SECOND, PER_USER, Quota


class _Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_calls_at_once_and_not_one_more() -> None:
    quota = Quota(_Clock())
    assert [quota.enter(7) for _ in range(PER_USER + 1)] == [True] * PER_USER + [False]
    assert quota.enter(8)
    quota.leave(7)
    assert quota.enter(7)
    assert not quota.enter(7)


def test_so_many_calls_in_a_stretch_of_time_and_more_as_time_goes_by() -> None:
    clock = _Clock()
    quota = Quota(clock)

    def allowed() -> int:
        count = 0
        while quota.enter(7):
            quota.leave(7)
            count += 1
        return count

    assert allowed() == BURST
    assert allowed() == 0
    clock.now += 1
    assert allowed() == int(PER_SECOND)
    clock.now += 1_000_000
    assert allowed() == BURST
    assert quota.enter(8)


def test_all_users_together_leave_room_for_root() -> None:
    quota = Quota(_Clock())
    for uid in range(1, IN_ALL // PER_USER + 1):
        assert all(quota.enter(uid) for _ in range(PER_USER))
    assert not quota.enter(9999)
    assert all(quota.enter(0) for _ in range(10 * IN_ALL))


def test_users_that_are_calm_again_are_forgotten() -> None:
    clock = _Clock()
    quota = Quota(clock)
    for uid in range(1, 5000):
        clock.now += 1
        assert quota.enter(uid)
        quota.leave(uid)
    assert len(quota._left) <= 257
    assert not quota._under_way
