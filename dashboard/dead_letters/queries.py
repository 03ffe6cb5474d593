"""What the dead letter and webhook pages read."""

from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call, frame

CAUSES = ["reason", "letters", "oldest_at", "newest_at"]
LETTERS = [
    "id", "received_at", "settled_at", "author_handle", "file_key", "file_name", "command",
    "reason", "failure_message", "run", "attempt", "plan_code", "spent_microusd", "request_id",
]  # fmt: skip
LETTERS_SHOWN = 200


@cached(ttl=8)
def read_causes(operator: Operator) -> pd.DataFrame:
    """Columns CAUSES, most letters first: SQL function `dead_letter_causes`."""
    rows = call(operator, "dead_letter_causes", {})
    return frame(rows, CAUSES, times=("oldest_at", "newest_at"))


@cached(ttl=8)
def read_letters(operator: Operator, reasons: tuple[str, ...] = ()) -> pd.DataFrame:
    """Columns LETTERS, newest first, at most LETTERS_SHOWN: SQL function `dead_letters`."""
    parameters = {"p_reasons": list(reasons) or None, "p_limit": LETTERS_SHOWN}
    rows = call(operator, "dead_letters", parameters)
    return frame(rows, LETTERS, times=("received_at", "settled_at"))


@cached(ttl=8)
def read_plan(operator: Operator, answer_ids: tuple[str, ...]) -> list[dict[str, Any]]:
    """What a replay of each answer would do: SQL function `plan_replay`."""
    plans: list[dict[str, Any]] = call(operator, "plan_replay", {"p_answer_ids": list(answer_ids)})
    return plans
