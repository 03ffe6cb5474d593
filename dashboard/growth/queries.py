"""Sign-ups, active people, lifecycle, retention, features. Formulas: sql/functions/growth*.sql."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data import periods
from dashboard.data.reads import cached, call_one, call_table
from dashboard.data.view import View
from dashboard.results import Columns

STATES = ("new", "kept", "resurrected", "lost")
DAYS = ["day", "dau", "wau", "mau", "person_days", "stickiness"]


@dataclass(frozen=True)
class SignUps:
    """People; `due`: those whose first 24 hours are over. `course`: a row per day with sign-ups."""

    sign_ups: int
    due: int
    activated: int
    course: Annotated[pd.DataFrame, Columns(("day", "sign_ups", "due", "activated"))]


@dataclass(frozen=True)
class FeatureUse:
    """`ever` and `first_time` count people; `people` is all who had signed up by the end."""

    people: int
    features: Annotated[pd.DataFrame, Columns(("feature", "ever", "first_time", "uses"))]


def last_whole_day(view: View) -> date:
    """The last day of the view that is over."""
    today = periods.local(view.now, view.zone).date()
    return min(view.last_day, today - timedelta(days=1))


@cached(ttl=30)
def read_sign_ups(operator: Operator, view: View) -> SignUps:
    """SQL function `growth_sign_ups`."""
    return call_one(operator, "growth_sign_ups", SignUps, view.parameters())


@cached(ttl=30)
def read_sign_up_rows(operator: Operator, view: View) -> pd.DataFrame:
    """One row per person, with sign_ups, due and activated as 0 or 1: `growth_sign_up_rows`."""
    rows = call_table(
        operator,
        "growth_sign_up_rows",
        ["handle", "plan_code", "signed_up_at", "first_answer_at", "is_due", "is_activated"],
        view.parameters(),
        ("signed_up_at", "first_answer_at"),
    )
    return rows.assign(
        sign_ups=1, due=rows["is_due"].astype(int), activated=rows["is_activated"].astype(int)
    ).drop(columns=["is_due", "is_activated"])


@cached(ttl=30)
def read_active_days(operator: Operator, view: View) -> pd.DataFrame:
    """Columns of DAYS, from the view's first day to its last: `growth_active_days`."""
    first = min(view.first_day, last_whole_day(view))
    parameters = {**_narrowed(view), "p_first": str(first), "p_last": str(view.last_day)}
    rows = call_table(operator, "growth_active_days", DAYS, parameters)
    return rows.assign(day=pd.to_datetime(rows["day"]))


@cached(ttl=30)
def read_active_rows(operator: Operator, view: View, days: int) -> pd.DataFrame:
    """People active in the last `days` whole days: `growth_active_rows`."""
    parameters = {**_narrowed(view), "p_day": str(last_whole_day(view)), "p_days": days}
    columns = ["handle", "plan_code", "days", "answers", "last_day"]
    return call_table(operator, "growth_active_rows", columns, parameters)


@cached(ttl=30)
def read_lifecycle(operator: Operator, view: View, step: str) -> pd.DataFrame:
    """Columns period, new, kept, resurrected, lost, is_over: `growth_lifecycle`."""
    parameters = _stretch(view, step, view.first_day, view.last_day)
    columns = ["period", *STATES, "is_over"]
    table = call_table(operator, "growth_lifecycle", columns, parameters)
    return table.assign(period=pd.to_datetime(table["period"]))


@cached(ttl=30)
def read_lifecycle_rows(operator: Operator, view: View, step: str, period: date) -> pd.DataFrame:
    """The people of one period, one row per person and state: `growth_lifecycle_rows`."""
    parameters = _stretch(view, step, period, period)
    columns = ["period", "user_id", "handle", "plan_code", "state"]
    table = call_table(operator, "growth_lifecycle_rows", columns, parameters)
    return table.assign(**{state: (table["state"] == state).astype(int) for state in STATES})


@cached(ttl=60)
def read_cohorts(operator: Operator, view: View, step: str, first: date) -> pd.DataFrame:
    """Columns cohort, size, number, bounded, unbounded, is_over: `growth_cohorts`."""
    parameters = _stretch(view, step, first, view.last_day)
    columns = ["cohort", "size", "number", "bounded", "unbounded", "is_over"]
    return call_table(operator, "growth_cohorts", columns, parameters)


@cached(ttl=60)
def read_cohort_rows(operator: Operator, view: View, step: str, first: date) -> pd.DataFrame:
    """One row per person, with the numbers of their active periods: `growth_cohort_rows`."""
    parameters = _stretch(view, step, first, view.last_day)
    columns = ["cohort", "handle", "periods", "last_period", "active_in"]
    rows = call_table(operator, "growth_cohort_rows", columns, parameters).assign(people=1)
    numbers = [", ".join(str(each) for each in numbers) for numbers in rows["active_in"]]
    return rows.assign(active_in=numbers)


@cached(ttl=30)
def read_features(operator: Operator, view: View) -> FeatureUse:
    """SQL function `growth_features`."""
    return call_one(operator, "growth_features", FeatureUse, view.parameters())


@cached(ttl=30)
def read_feature_rows(operator: Operator, view: View) -> pd.DataFrame:
    """One row per person and feature used before the view's end: `growth_feature_rows`."""
    parameters = {key: value for key, value in view.parameters().items() if key != "p_from"}
    columns, times = ["feature", "handle", "first_at", "last_at"], ("first_at", "last_at")
    rows = call_table(operator, "growth_feature_rows", columns, parameters, times)
    return rows.assign(ever=1)


def _narrowed(view: View) -> dict[str, Any]:
    return {"p_plans": list(view.plans) or None, "p_team": view.team}


def _stretch(view: View, step: str, first: date, last: date) -> dict[str, Any]:
    return {**_narrowed(view), "p_step": step, "p_first": str(first), "p_last": str(last)}
