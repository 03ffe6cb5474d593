"""The parts of the page Pipelines under its tiles: charts, causes, the queue by team."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.parts import chart_card, chart_style, definitions, formats, tiles
from dashboard.parts.metric import Rows
from dashboard.parts.pipeline_words import stage_of, state_of
from dashboard.pipelines import charts, figures
from dashboard.pipelines.figures import Board

NUMBER = st.column_config.NumberColumn(format="localized")
ROWS_SHOWN = 12


def over_time(now: Board, palette: chart_style.Palette) -> None:
    view = now.view
    axis = f"{view.step.capitalize()} ({view.zone})"
    with st.container(border=True):
        chart_card.draw(
            "pipelines",
            f"Pipelines per {view.step}",
            definitions.explain("pipelines.course"),
            charts.course(now.ended, now.starts(), view.zone, axis, palette),
            lambda: figures.course_rows(now),
            view,
            is_by_step=True,
        )
    with st.container(border=True):
        by_stage = figures.stage_rows(now)
        chart_card.draw(
            "pipeline_stages",
            "Time per stage",
            definitions.explain("pipelines.stages"),
            charts.stages(by_stage, palette),
            lambda: Rows(by_stage.drop(columns="name"), {"runs": int(by_stage["runs"].sum())}),
            view,
        )
    causes(now)
    left, right = st.columns(2)
    for place, name, title, shown in (
        (left, "fidelity", "Like the design, and proven", charts.FIDELITY),
        (right, "code", "Code quality", charts.CODE),
    ):
        rows = figures.quality_rows(now, tuple(shown))
        figure = charts.shares(rows.frame, shown, axis, view.zone, palette)
        if figure.data:
            # Not marked as unfinished: the mark would lie over the lines near 100 %.
            chart_style.span(figure, view.buckets())
        with place.container(border=True):
            chart_card.draw(
                f"pipeline_{name}",
                title,
                definitions.explain(f"pipelines.{name}"),
                figure,
                lambda rows=rows: rows,  # type: ignore[misc]
                view,
            )


def causes(now: Board) -> None:
    """Why there is no proven component, most frequent first."""
    st.header("Failures by cause", anchor=False, help=definitions.explain("pipelines.causes"))
    rows = figures.causes(now)
    if rows.empty:
        st.caption("Every pipeline that ended in this period passed the gate or was cancelled.")
        return
    st.dataframe(
        to_causes(rows),
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(rows), ROWS_SHOWN),
        column_config={
            "Why": st.column_config.TextColumn(width=420),
            "End": st.column_config.TextColumn(width=140),
            "Pipelines": NUMBER,
            "Share": st.column_config.TextColumn(alignment="right"),
        },
        alt="Why pipelines ended without a proven component, the most frequent cause first",
    )
    total = int(rows["pipelines"].sum())
    tiles.rows_of(
        "pipeline_causes", "Failures by cause", lambda: Rows(rows, {"pipelines": total}), now.view
    )


def to_causes(rows: pd.DataFrame) -> pd.DataFrame:
    """`figures.causes` as text ready to be shown."""
    return pd.DataFrame(
        {
            # First, so that a phone shows them beside the reason.
            "Pipelines": rows["pipelines"],
            "Share": [
                formats.NONE if share is None or pd.isna(share) else formats.percent(share)
                for share in rows["share"]
            ],
            "Why": rows["why"],
            "End": [state_of(each) for each in rows["outcome"]],
            "Stage": [stage_of(each) if each else formats.NONE for each in rows["stage"]],
        }
    )


def queue(rows: pd.DataFrame) -> None:
    """Who waits and runs now."""
    if rows.empty:
        return
    st.header("Queue by team, now", anchor=False, help=definitions.explain("pipelines.queue"))
    st.dataframe(
        to_queue(rows, datetime.now(UTC)),
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(rows), ROWS_SHOWN),
        column_config={"Waiting": NUMBER, "Running": NUMBER},
        alt="Pipelines that wait and run now, by team",
    )


def to_queue(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Team": [
                name if team else f"{name} (alone)"
                for name, team in zip(rows["name"], rows["team_id"], strict=True)
            ],
            "Waiting": rows["waiting"],
            "Running": rows["running"],
            "Oldest waits": [
                formats.NONE
                if pd.isna(at)
                else formats.age((now - at.to_pydatetime()).total_seconds())
                for at in rows["waits_since"]
            ],
        }
    )
