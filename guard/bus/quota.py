"""How much each user may ask: so many calls under way, and so many in a stretch of time. Root may ask as it likes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

PER_USER, IN_ALL = 64, 256
BURST, PER_SECOND = 512, 64.0
_MOST_USERS = 256


@dataclass(slots=True)
class Quota:
    """`clock` gives seconds that never go back."""

    clock: Callable[[], float]
    _under_way: Counter[int] = field(default_factory=Counter)
    _left: dict[int, tuple[float, float]] = field(default_factory=dict)  # uid: calls left, at

    def enter(self, uid: int) -> bool:
        """Whether one more call of this user may begin; if so, `leave` must follow."""
        if uid != 0 and (self._under_way[uid] >= PER_USER or self._under_way.total() >= IN_ALL or not self._take(uid)):
            return False
        if uid != 0:
            self._under_way[uid] += 1
        return True

    def leave(self, uid: int) -> None:
        """A call has ended."""
        if self._under_way[uid] <= 1:
            del self._under_way[uid]
        else:
            self._under_way[uid] -= 1

    def _take(self, uid: int) -> bool:
        now = self.clock()
        left, at = self._left.get(uid, (float(BURST), now))
        left = min(float(BURST), left + (now - at) * PER_SECOND)
        self._left[uid] = (max(0.0, left - 1.0), now)
        if len(self._left) > _MOST_USERS:
            full_again = now - BURST / PER_SECOND
            self._left = {user: state for user, state in self._left.items() if state[1] > full_again}
        return left >= 1.0
