"""The tiles of the growth page with their definitions and rows, and the cohorts to show."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data import follow_ups
from dashboard.data.view import View
from dashboard.growth import queries
from dashboard.parts import definitions, formats
from dashboard.parts.metric import Figure, Metric, Rows

Tile = tuple[Metric, Figure, Callable[[], Rows] | None]

SIGN_UPS = definitions.metric("growth.sign_ups")
ACTIVATION = definitions.metric("growth.activation")
PEOPLE = (
    (definitions.metric("growth.dau"), 1),
    (definitions.metric("growth.wau"), 7),
    (definitions.metric("growth.mau"), 30),
)
STICKINESS = definitions.metric("growth.stickiness")
KINDS = {"In that very period": "bounded", "In it or later": "unbounded"}
STEPS = {"Days": "day", "Weeks": "week", "Months": "month"}
# Age of the oldest cohort in days, by step.
REACH = {"day": 13, "week": 7 * 11, "month": 30 * 11}


def figures(operator: Operator, view: View) -> list[Tile]:
    """Every tile of the page, in order."""
    before = view.before()
    now = queries.read_sign_ups(operator, view)
    then = queries.read_sign_ups(operator, before) if before else None
    course = _every_day(now.course, view)
    sign_ups = Figure(now.sign_ups, then.sign_ups if then else None, course)
    activation = Figure(
        _share(now.activated, now.due),
        _share(then.activated, then.due) if then else None,
        part=now.activated,
        whole=now.due,
        note=_activation_note(now),
    )
    return [
        (SIGN_UPS, sign_ups, lambda: _sign_up_rows(operator, view)),
        (ACTIVATION, activation, lambda: _activation_rows(operator, view)),
        *_active(operator, view),
    ]


def first_cohort(view: View, step: str) -> date:
    """The first cohort whose retention is shown for a step."""
    return view.last_day - timedelta(days=REACH[step])


def lifecycle_rows(operator: Operator, view: View, step: str, period: pd.Timestamp) -> Rows:
    rows = lifecycle_people(operator, view, step, period)
    rows = rows.drop(columns=["user_id", "reason", "newest"])
    return Rows(rows, {state: int(rows[state].sum()) for state in queries.STATES})


def lifecycle_people(
    operator: Operator, view: View, step: str, period: pd.Timestamp
) -> pd.DataFrame:
    """The people of one period, and who talks to them about the state they are in."""
    rows = queries.read_lifecycle_rows(operator, view, step, period.date())
    standing = follow_ups.read_follow_ups(operator)
    return follow_ups.with_standing(rows.assign(reason=rows["state"]), standing)


def cohort_rows(operator: Operator, view: View, step: str) -> Rows:
    rows = queries.read_cohort_rows(operator, view, step, first_cohort(view, step))
    return Rows(rows, {"people": len(rows), "periods": int(rows["periods"].sum())})


def feature_rows(operator: Operator, view: View) -> Rows:
    rows = queries.read_feature_rows(operator, view)
    return Rows(rows, {"ever": len(rows)})


def _sign_up_rows(operator: Operator, view: View) -> Rows:
    rows = queries.read_sign_up_rows(operator, view).drop(columns=["due", "activated"])
    return Rows(rows, {"sign_ups": len(rows)})


def _activation_rows(operator: Operator, view: View) -> Rows:
    rows = queries.read_sign_up_rows(operator, view)
    rows = rows[rows["due"] == 1].drop(columns=["sign_ups"])
    activated = int(rows["activated"].sum())
    rows = rows.assign(activation=rows["activated"] / max(len(rows), 1))
    footer = {"due": len(rows), "activated": activated, "activation": _share(activated, len(rows))}
    return Rows(rows, footer)


def _active(operator: Operator, view: View) -> list[Tile]:
    day = pd.Timestamp(queries.last_whole_day(view))
    days = queries.read_active_days(operator, view).set_index("day")
    before = view.before()
    past = queries.read_active_days(operator, before).set_index("day") if before else None
    now = days.loc[day]
    shown = days.loc[:day]
    tiles: list[Tile] = []
    for metric, length in PEOPLE:
        figure = Figure(
            int(now[metric.name]),
            _earlier(past, before, metric.name, day if length == 1 else None),
            shown[metric.name].tolist(),
            note=f"on {day:%a %-d %b}",
        )
        tiles.append((metric, figure, partial(_people, operator, view, length)))
    stickiness = Figure(
        _number(now["stickiness"]),
        _earlier(past, before, "stickiness"),
        [_number(each) for each in shown["stickiness"]],
        part=now["person_days"] / 30,
        whole=int(now["mau"]),
        note=_stickiness_note(now, f"on {day:%-d %b}"),
    )
    return [*tiles, (STICKINESS, stickiness, lambda: _stickiness_rows(operator, view))]


def _earlier(
    days: pd.DataFrame | None, view: View | None, name: str, like: pd.Timestamp | None = None
) -> float | None:
    """A measure of the last whole day of the period before.

    With `like`, of the last day with the same weekday: a Friday is compared with a Friday.
    """
    if days is None or view is None:
        return None
    shown = days.loc[: pd.Timestamp(queries.last_whole_day(view))]
    if like is not None:
        shown = shown[shown.index.day_of_week == like.day_of_week]
    return _number(shown[name].iloc[-1]) if len(shown) else None


def _stickiness_note(now: pd.Series, when: str) -> str:
    if not 0 < now["mau"] < formats.SMALL_SAMPLE:
        return when
    return formats.likely(now["person_days"] / 30, int(now["mau"]))


def _people(operator: Operator, view: View, length: int) -> Rows:
    name = {1: "dau", 7: "wau", 30: "mau"}[length]
    rows = queries.read_active_rows(operator, view, length).assign(**{name: 1})
    return Rows(rows, {name: len(rows), "answers": int(rows["answers"].sum())})


def _stickiness_rows(operator: Operator, view: View) -> Rows:
    """The people in the MAU. Stickiness = their active days ÷ 30 ÷ number of people."""
    rows = queries.read_active_rows(operator, view, 30)
    people = max(len(rows), 1)
    rows = rows.assign(stickiness=rows["days"] / 30 / people)
    total = int(rows["days"].sum())
    return Rows(rows, {"days": total, "stickiness": total / 30 / people if len(rows) else None})


def _every_day(course: pd.DataFrame, view: View) -> list[float]:
    """Sign-ups of each day of the view; days without any are not in `course`."""
    days = [str(day.date()) for day in pd.date_range(view.first_day, view.last_day)]
    found = dict(zip(course["day"], course["sign_ups"], strict=True))
    return [float(found.get(day, 0)) for day in days]


def _activation_note(now: queries.SignUps) -> str:
    if 0 < now.due < formats.SMALL_SAMPLE:
        return formats.likely(now.activated, now.due)
    waiting = now.sign_ups - now.due
    return f"{waiting} still open" if waiting else ""


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _number(value: object) -> float | None:
    return None if pd.isna(value) else float(value)  # type: ignore[arg-type]
