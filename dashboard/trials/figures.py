"""The tiles of the trials page with definitions and rows, and the table of whom to talk to."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data.view import View
from dashboard.parts import definitions, formats
from dashboard.parts.metric import Figure, Metric, Rows
from dashboard.trials import queries

Tile = tuple[Metric, Figure, Callable[[], Rows] | None]

ON_TRIAL = definitions.metric("trials.on_trial")
COHORT = definitions.metric("trials.cohort")
PER_NEW = definitions.metric("trials.per_new")
PER_ENDED = definitions.metric("trials.per_ended")
REASONS = {
    "failed": "{failed} failed in 3 days: help",
    "used_up": "All {limit} used, not paying: ask why",
    "nearly_used_up": "{left} of {limit} left: offer the plan",
    "went_quiet": "Stopped at {uses} of {limit}: ask why",
    "never_asked": "Never asked: help to begin",
}


def conversions(operator: Operator, view: View) -> list[Tile]:
    """The three usual definitions of conversion, side by side, each with its name."""
    now = queries.read_conversion(operator, view)
    before = view.before()
    then = queries.read_conversion(operator, before) if before else None
    tiles: list[Tile] = []
    for metric, part, whole in (
        (COHORT, "converted_of_started", "started"),
        (PER_NEW, "converted", "started"),
        (PER_ENDED, "converted", "ended"),
    ):
        parts = getattr(now, part), getattr(now, whole)
        figure = Figure(
            _share(*parts),
            _share(getattr(then, part), getattr(then, whole)) if then else None,
            part=parts[0],
            whole=parts[1],
            # These trials still go on, so the note says "so far".
            note=f"{_note(*parts)}, so far" if metric is COHORT and parts[1] else _note(*parts),
        )
        tiles.append((metric, figure, _opener(operator, view, metric, part, whole)))
    return tiles


def standing_tile(operator: Operator, team: str | None) -> Tile:
    found = queries.read_standing(operator, team)
    figure = Figure(found.on_trial, note=f"{formats.count(found.paid)} paying after a trial")

    def opens() -> Rows:
        rows = queries.read_standing_rows(operator, team)
        rows = rows[rows["on_trial"] == 1][
            ["handle", "uses", "signed_up_at", "last_at", "on_trial"]
        ]
        return Rows(rows, {"on_trial": len(rows)})

    return ON_TRIAL, figure, opens


def standing_rows(operator: Operator, team: str | None) -> Rows:
    rows = queries.read_standing_rows(operator, team)
    parts = ("people", "on_trial", "left", "paid")
    return Rows(rows, {part: int(rows[part].sum()) for part in parts})


def survival_rows(operator: Operator, view: View) -> Rows:
    rows = queries.read_survival_rows(operator, view)
    return Rows(rows, {"started": len(rows)})


def convert_rows(operator: Operator, view: View) -> Rows:
    rows = queries.read_converts(operator, view)
    return Rows(rows, {"people": len(rows)})


def time_words(found: queries.TimeToConvert) -> str:
    """The median with its quartiles in one sentence."""
    if not found.converted or found.median_days is None:
        return "Nobody became paying after a trial in this time."
    words = f"{formats.count(found.converted)} became paying. Median {found.median_days:,.1f} days"
    if found.converted >= formats.SMALL_SAMPLE:
        words += (
            f", the middle half {found.quarter_days:,.1f} to {found.three_quarters_days:,.1f} days"
        )
    return f"{words}, after {found.median_uses:,.0f} free uses (median)."


def talk_table(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Columns Person, Why, Used, Last answer, Signed up: text ready to be shown."""
    return pd.DataFrame(
        {
            "Person": rows["handle"],
            "Why": [reason_of(row) for row in rows.itertuples()],
            "Used": [f"{row.uses} of {row.trial_limit}" for row in rows.itertuples()],
            "Last answer": [_ago(at, now) for at in rows["last_at"]],
            "Signed up": [_ago(at, now) for at in rows["signed_up_at"]],
        }
    )


def talk_rows(rows: pd.DataFrame) -> Rows:
    why = [reason_of(row) for row in rows.itertuples()]
    return Rows(rows.assign(why=why, people=1), {"people": len(rows)})


def reason_of(row: Any) -> str:
    """Why somebody is to be talked to, in words."""
    told: str = REASONS.get(row.reason, row.reason)
    return told.format(
        failed=row.failed,
        uses=row.uses,
        limit=row.trial_limit,
        left=row.trial_limit - row.uses,
    )


def _ago(at: pd.Timestamp, now: datetime) -> str:
    return formats.NONE if pd.isna(at) else formats.ago(at.to_pydatetime(), now)


def _opener(
    operator: Operator, view: View, metric: Metric, part: str, whole: str
) -> Callable[[], Rows]:
    def opens() -> Rows:
        rows = queries.read_conversion_rows(operator, view)
        rows = rows[(rows[part] == 1) | (rows[whole] == 1)]
        parts = int(rows[part].sum()), int(rows[whole].sum())
        rows = rows[["handle", "uses", "started_at", "ended_at", "paid_at", whole, part]]
        # Each person's part of the share: the column adds up to the tile.
        rows = rows.assign(**{metric.name: rows[part] / max(parts[1], 1)})
        return Rows(rows, {part: parts[0], whole: parts[1], metric.name: _share(*parts)})

    return opens


def _note(part: int, whole: int) -> str:
    if not whole:
        return "no cases yet"
    if whole >= formats.SMALL_SAMPLE:
        return f"{formats.count(part)} of {formats.count(whole)}"
    if part > whole:
        return ""
    return formats.likely(part, whole)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
