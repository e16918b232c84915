"""The end of a run before its tests are done: the guard has stopped it, or the target cannot be tested any more."""

from __future__ import annotations

from collections.abc import Callable

from mockserver.verify.preflight import Obstacle
from mockserver.verify.watching.trouble_log import MOST_IN_A_ROW
from mockserver.verify.watching.watch import Watch

OUT_OF_TIME = "out of time"


class RunEnd:
    """Decides whether more tests are useless, and keeps the first `reason`. `look_again` looks at the target."""

    def __init__(self, watch: Watch, look_again: Callable[[], Obstacle | None]) -> None:
        self._guard, self._monitor, self._trouble = watch.guard, watch.monitor, watch.trouble
        self._look_again = look_again
        self.reason = ""

    def is_reached(self) -> bool:
        """True if more tests are useless."""
        self.reason = self.reason or self._find_reason()
        return bool(self.reason)

    @property
    def is_in_time_only(self) -> bool:
        """True if nothing but the time has ended the tests, or nothing yet."""
        return self.reason in ("", OUT_OF_TIME)

    def _find_reason(self) -> str:
        if self._guard.stopped:
            return self._guard.stopped
        if self._guard.is_out_of_time:
            return OUT_OF_TIME
        if self._monitor.refused_keys_in_a_row >= MOST_IN_A_ROW:
            return f"401 with the run's own key {MOST_IN_A_ROW} times in a row"
        streak = self._trouble.streak
        # One operation that fails alone is at fault itself, unless the others do not answer either.
        if streak.is_long:
            if streak.is_general or self._look_again():
                return str(streak)
            self._trouble.end_streak()
        return ""

    def look_at_target(self) -> None:
        """Looks at the target again if its last responses were no answers: then the target is lost."""
        is_doubtful = self._trouble.streak.count or self._monitor.refused_keys_in_a_row
        if is_doubtful and self.is_in_time_only and (obstacle := self._look_again()):
            self.reason = f"{obstacle.received} at the end"
