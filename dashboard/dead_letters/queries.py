"""What the dead letter and webhook pages read."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_all, call_table

CAUSES = ["reason", "letters", "oldest_at", "newest_at"]
LETTERS = [
    "id", "received_at", "settled_at", "author_handle", "file_key", "file_name", "command",
    "reason", "failure_message", "run", "attempt", "plan_code", "spent_microusd", "request_id",
]  # fmt: skip
LETTERS_SHOWN = 200


@dataclass(frozen=True)
class Step:
    """One step of a replay; `status` is done, do, charge, post or none. `code` and `parameters`
    make its sentence."""

    step: str
    status: str
    code: str
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What a replay of one answer would do; the cost is None if no price is known."""

    id: str
    can_replay: bool
    takes_use: bool
    posts: bool
    asks_model: bool
    estimated_microusd: int | None
    steps: list[Step]


@cached(ttl=8)
def read_causes(operator: Operator) -> pd.DataFrame:
    """Columns CAUSES, most letters first: SQL function `dead_letter_causes`."""
    return call_table(operator, "dead_letter_causes", CAUSES, times=("oldest_at", "newest_at"))


@cached(ttl=8)
def read_letters(operator: Operator, reasons: tuple[str, ...] = ()) -> pd.DataFrame:
    """Columns LETTERS, newest first, at most LETTERS_SHOWN: SQL function `dead_letters`."""
    parameters = {"p_reasons": list(reasons) or None, "p_limit": LETTERS_SHOWN}
    return call_table(operator, "dead_letters", LETTERS, parameters, ("received_at", "settled_at"))


@cached(ttl=8)
def read_plan(operator: Operator, answer_ids: tuple[str, ...]) -> list[Plan]:
    """What a replay of each answer would do: SQL function `plan_replay`."""
    return call_all(operator, "plan_replay", Plan, {"p_answer_ids": list(answer_ids)})
