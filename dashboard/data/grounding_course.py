"""What became of the numbers in models' answers, for the pages Reliability and Quality."""

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_table
from dashboard.data.view import View

GROUNDING = ("at", "grounded", "repaired", "fell_back", "no_numbers")


@cached(ttl=30)
def read_grounding(operator: Operator, view: View) -> pd.DataFrame:
    """Columns GROUNDING, one row per step with such answers: SQL function `grounding`."""
    narrowed = {"p_plans": list(view.plans) or None, "p_team": view.team}
    parameters = view.step_parameters() | narrowed
    return call_table(operator, "grounding", GROUNDING, parameters, ("at",))


def with_numbers(rows: pd.DataFrame) -> "pd.Series[int]":
    """Answers that name a number, grounded or not, of each row."""
    return rows["grounded"] + rows["repaired"] + rows["fell_back"]
