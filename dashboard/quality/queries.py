"""What the page Quality reads. Each figure's formula is in the comment of its SQL function."""

from typing import Literal

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_table
from dashboard.data.view import View

Kind = Literal["rule", "model", "context"]
OUTCOMES = ["taken", "ignored", "disputed", "unknown"]
COURSE = ["at", *OUTCOMES]
BY = ["name", *OUTCOMES, "taken_share", "low", "high", "is_flagged", "handle"]
# As many as `advice_disputes_latest` has.
MOST_DISPUTES = 200
DISPUTES = [
    "at", "because", "rules", "provider", "model", "context_version", "follow_ups", "answer_id",
    "word_answer_id",
]  # fmt: skip


@cached(ttl=30)
def read_course(operator: Operator, view: View) -> pd.DataFrame:
    """Columns COURSE, one row per step with answers: SQL `advice_course`."""
    narrowed = {"p_plans": list(view.plans) or None, "p_team": view.team}
    parameters = view.step_parameters() | narrowed
    return call_table(operator, "advice_course", COURSE, parameters, ("at",))


@cached(ttl=30)
def read_by(operator: Operator, view: View, kind: Kind) -> pd.DataFrame:
    """Columns BY, the most known outcomes first: SQL `advice_by`."""
    return call_table(operator, "advice_by", BY, {"p_kind": kind, **view.parameters()})


@cached(ttl=30)
def read_disputes(operator: Operator, view: View) -> pd.DataFrame:
    """Columns DISPUTES, newest first: SQL `advice_disputes`."""
    return call_table(operator, "advice_disputes", DISPUTES, view.parameters(), ("at",))


@cached(ttl=30)
def read_latest_disputes(operator: Operator, view: View) -> pd.DataFrame:
    """As `read_disputes`, the newest MOST_DISPUTES: SQL `advice_disputes_latest`."""
    return call_table(operator, "advice_disputes_latest", DISPUTES, view.parameters(), ("at",))
