"""Who talks to whom, and what came of it: of the people on trial, and of the lifecycle."""

from dataclasses import dataclass

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call, call_all, call_table
from dashboard.data.writes import send


@dataclass(frozen=True)
class Step:
    """Who took a person over, or what came of it; `assigned_to` is empty for nobody."""

    reason: str
    assigned_to: str
    is_done: bool
    remark: str
    written_by: str
    written_at: str


@dataclass(frozen=True)
class Seen:
    """A person and reason as they were shown; `newest` is 0 if nobody took them over yet."""

    user_id: str
    reason: str
    assigned_to: str
    is_done: bool
    newest: int


@cached(ttl=30)
def read_follow_ups(operator: Operator) -> pd.DataFrame:
    """What holds for each person and reason; `id` is its newest row: `follow_up_list`."""
    columns = ["user_id", "reason", "assigned_to", "is_done", "remark", "id"]
    return call_table(operator, "follow_up_list", columns, {})


@cached(ttl=30)
def read_history(operator: Operator, user_id: str) -> list[Step]:
    """The newest first: SQL function `follow_up_history`."""
    return call_all(operator, "follow_up_history", Step, {"p_user_id": user_id})


@cached(ttl=300)
def read_assignable(operator: Operator) -> list[str]:
    """E-mail addresses of who may talk to people: SQL function `assignable_operators`."""
    found: list[str] = call(operator, "assignable_operators")
    return found


def set_follow_up(
    operator: Operator, seen: Seen, assigned_to: str, is_done: bool, remark: str
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
    send(operator, "set_follow_up", parameters, clears=(read_follow_ups, read_history))


def with_standing(people: pd.DataFrame, standing: pd.DataFrame) -> pd.DataFrame:
    """People with user_id and reason, joined by assigned_to, is_done, remark and newest."""
    known = standing[["user_id", "reason", "assigned_to", "is_done", "remark", "id"]]
    joined = people.merge(known.rename(columns={"id": "newest"}), "left", ["user_id", "reason"])
    return joined.assign(
        assigned_to=joined["assigned_to"].fillna(""),
        is_done=joined["is_done"].eq(True),
        remark=joined["remark"].fillna(""),
        newest=joined["newest"].fillna(0).astype(int),
    )
