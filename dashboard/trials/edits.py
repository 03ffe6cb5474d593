"""What operators change on the page Trials: who talks to whom."""

from typing import Protocol

from dashboard.access.auth import Operator
from dashboard.data.writes import send
from dashboard.trials import queries


class Shown(Protocol):
    """A person and reason as they were shown."""

    @property
    def user_id(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def newest(self) -> int: ...


def set_follow_up(
    operator: Operator, seen: Shown, assigned_to: str, is_done: bool, remark: str
) -> None:
    """Raises Refused if somebody else changed it meanwhile."""
    parameters = {
        "p_user_id": seen.user_id,
        "p_reason": seen.reason,
        "p_assigned_to": assigned_to,
        "p_is_done": is_done,
        "p_remark": remark,
        "p_seen_id": seen.newest,
    }
    clears = (queries.read_follow_ups, queries.read_history)
    send(operator, "set_follow_up", parameters, clears=clears)
