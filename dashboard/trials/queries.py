"""The free trial, measured in uses. Formulas: sql/functions/trials*.sql."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Annotated

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.reads import cached, call_one, call_table
from dashboard.data.view import View
from dashboard.results import Columns

TIMES = ("signed_up_at", "started_at", "last_at", "paid_at")
# Survival and time to convert cover at least this many days: people need time to continue.
LEAST_DAYS = 90


@dataclass(frozen=True)
class Standing:
    """People now. `places`: uses, inside, left, paid; one row per number of uses."""

    limit: int
    people: int
    on_trial: int
    paid: int
    places: Annotated[pd.DataFrame, Columns(("uses", "inside", "left", "paid"))]


@dataclass(frozen=True)
class Survival:
    """`steps`: step, went_on, stopped, inside, survival, low, high; see `trial_survival`."""

    started: int
    steps: Annotated[
        pd.DataFrame,
        Columns(("step", "went_on", "stopped", "inside", "survival", "low", "high")),
    ]


@dataclass(frozen=True)
class Conversion:
    """People in the 30 days before the end of a view."""

    started: int
    ended: int
    converted: int
    converted_of_started: int


@dataclass(frozen=True)
class TimeToConvert:
    """About people who became paying. `spread`: label, people."""

    converted: int
    median_days: float | None
    quarter_days: float | None
    three_quarters_days: float | None
    median_uses: float | None
    spread: Annotated[pd.DataFrame, Columns(("label", "people"))]


def since(view: View) -> datetime:
    """The start of the view, or LEAST_DAYS before its end if that is earlier."""
    return min(view.start, view.end - timedelta(days=LEAST_DAYS))


def _stretch(view: View) -> dict[str, str | None]:
    return {"p_from": since(view).isoformat(), **_until(view)}


def _until(view: View) -> dict[str, str | None]:
    return {"p_to": view.end.isoformat(), "p_team": view.team}


@cached(ttl=30)
def read_standing(operator: Operator, team: str | None) -> Standing:
    """SQL function `trial_standing`."""
    return call_one(operator, "trial_standing", Standing, {"p_team": team})


@cached(ttl=30)
def read_standing_rows(operator: Operator, team: str | None) -> pd.DataFrame:
    """One row per person; inside, left and paid as 0 or 1: `trial_standing_rows`."""
    columns = ["handle", "uses", "outcome", *TIMES]
    rows = call_table(operator, "trial_standing_rows", columns, {"p_team": team}, TIMES)
    outcome = rows["outcome"]
    return rows.assign(
        people=1,
        on_trial=outcome.isin(["inside", "not_started"]).astype(int),
        left=outcome.isin(["left", "used_up"]).astype(int),
        paid=(outcome == "paid").astype(int),
    )


@cached(ttl=30)
def read_survival(operator: Operator, view: View) -> Survival:
    """For people who began since `since(view)`: SQL function `trial_survival`."""
    found = call_one(operator, "trial_survival", Survival, _stretch(view))
    numbers = ["survival", "low", "high"]
    return replace(found, steps=found.steps.astype(dict.fromkeys(numbers, "float64")))


@cached(ttl=30)
def read_survival_rows(operator: Operator, view: View) -> pd.DataFrame:
    """One row per person who began: `trial_survival_rows`."""
    times = ("started_at", "last_at", "paid_at")
    columns = ["handle", "uses", "outcome", *times]
    rows = call_table(operator, "trial_survival_rows", columns, _stretch(view), times)
    return rows.assign(started=1)


@cached(ttl=30)
def read_conversion(operator: Operator, view: View) -> Conversion:
    """SQL function `trial_conversion`."""
    return call_one(operator, "trial_conversion", Conversion, _until(view))


@cached(ttl=30)
def read_conversion_rows(operator: Operator, view: View) -> pd.DataFrame:
    """One row per person with the sets they are in, as 0 or 1: `trial_conversion_rows`."""
    times = ("started_at", "ended_at", "paid_at")
    sets = ["has_started", "has_ended", "has_converted", "is_converted_starter"]
    columns = ["handle", "uses", *times, *sets]
    rows = call_table(operator, "trial_conversion_rows", columns, _until(view), times)
    names = dict(zip(sets, ["started", "ended", "converted", "converted_of_started"], strict=True))
    return rows.astype(dict.fromkeys(sets, int)).rename(columns=names)


@cached(ttl=30)
def read_time_to_convert(operator: Operator, view: View) -> TimeToConvert:
    """For people who became paying since `since(view)`: SQL function `trial_time_to_convert`."""
    return call_one(operator, "trial_time_to_convert", TimeToConvert, _stretch(view))


@cached(ttl=30)
def read_converts(operator: Operator, view: View) -> pd.DataFrame:
    """One row per person who became paying, with days and uses: `trial_convert_rows`."""
    times = ("started_at", "paid_at")
    columns = ["handle", "uses", *times, "days"]
    rows = call_table(operator, "trial_convert_rows", columns, _stretch(view), times)
    return rows.assign(people=1)


@cached(ttl=30)
def read_talk_today(operator: Operator, team: str | None) -> pd.DataFrame:
    """People to talk to, the most urgent first: `trial_talk_today`."""
    return call_table(
        operator,
        "trial_talk_today",
        ["user_id", "handle", "reason", "uses", "trial_limit", "failed", "signed_up_at", "last_at"],
        {"p_team": team},
        ("signed_up_at", "last_at"),
    )
