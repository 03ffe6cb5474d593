"""The parts of the page Analyses under its tiles: charts, suggestions by rule, the latest."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.analyses import charts, figures, queries
from dashboard.analyses.figures import Board
from dashboard.data import latest_analyses
from dashboard.data.view import View
from dashboard.parts import chart_card, chart_style, definitions, formats, tiles
from dashboard.parts.analysis_words import outcome_of, rule, state_of, type_of
from dashboard.parts.answer_table import MEASURED_REVIEW, reason_of
from dashboard.parts.metric import Rows

NUMBER = st.column_config.NumberColumn(format="localized")
ROWS_SHOWN = 12


def over_time(now: Board, palette: chart_style.Palette) -> None:
    view = now.view
    axis = f"{view.step.capitalize()} ({view.zone})"
    with st.container(border=True):
        chart_card.draw(
            "analyses",
            f"Analyses per {view.step}",
            definitions.explain("analyses.course"),
            charts.course(now.wide, now.starts(), view.zone, axis, palette),
            figures.by_step(now, "done", *charts.colours(palette)),
            view,
            is_by_step=True,
        )
    left, right = st.columns(2)
    with left.container(border=True):
        table = figures.types_of(now)
        footer: dict[str, int | float | None] = {
            each: int(table[each].sum()) for each in ("done", *charts.DONE)
        }
        chart_card.draw(
            "analysis_types",
            "By type",
            definitions.explain("analyses.types"),
            charts.types(table, palette),
            lambda: Rows(table.drop(columns="name"), footer),
            view,
        )
    with right.container(border=True):
        rows = queries.read_times(now.operator, view)
        steps = rows[rows["at"].notna()].reset_index(drop=True)
        count = int(steps["analyses"].sum())
        chart_card.draw(
            "analysis_times",
            "Time to a result",
            definitions.explain("analyses.times"),
            charts.times(steps, axis, view.zone, palette),
            lambda: Rows(steps, {"analyses": count}),
            view,
            is_by_step=True,
        )


def suggestions(operator: Operator, view: View) -> None:
    """What became of suggestions, by rule."""
    st.header("Suggestions", anchor=False, help=definitions.explain("analyses.suggestions"))
    rows = queries.read_suggestions(operator, view)
    if rows.empty:
        st.caption("No suggestion was shown in this period.")
        return
    table = to_rules(figures.rules(rows))
    st.dataframe(
        table,
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(table), ROWS_SHOWN),
        column_config={
            "Rule": st.column_config.TextColumn(width=170),
            "Taken": st.column_config.TextColumn(width=190),
            "Ignored of shown": st.column_config.TextColumn(width=190),
            **dict.fromkeys(("Shown", "With a change", "Applied", "Undone", "Ignored"), NUMBER),
        },
        alt="What became of suggestions, by rule: first those nobody takes",
    )
    tiles.rows_of("suggestions", "Suggestions by rule", lambda: figures.suggestion_rows(rows), view)


def to_rules(table: pd.DataFrame) -> pd.DataFrame:
    """`figures.rules` as text ready to be shown: each share with its 95 % interval and cases."""
    return pd.DataFrame(
        {
            "Rule": [rule(code) for code in table["rule"]],
            "Taken": [
                _share(*pair, "no change to apply")
                for pair in zip(table["applied"], table["with_change"], strict=True)
            ],
            "Shown": table["shown"],
            "With a change": table["with_change"],
            "Applied": table["applied"],
            "Undone": table["undone"],
            "Ignored": table["ignored"],
            "Ignored of shown": [
                _share(*pair, formats.NONE)
                for pair in zip(table["ignored"], table["shown"], strict=True)
            ],
        }
    )


def _share(part: int, whole: int, none: str) -> str:
    """23 % (18–29 %), or of few cases 3 of 12 (9–53 %)."""
    if not whole:
        return none
    low, high = formats.interval(part, whole)
    digits = 1 if high < 0.1 else 0
    return f"{formats.rate(part, whole)} ({low * 100:.{digits}f}–{high * 100:.{digits}f} %)"


def latest(operator: Operator) -> str | None:
    """The table of the latest analyses; the id of the one that is picked."""
    st.header(
        "Latest analyses, of any period", anchor=False, help=definitions.explain("analyses.latest")
    )
    rows = latest_analyses.read_analyses(operator)
    if rows.empty:
        st.caption("None is kept at present.")
        return None
    event = st.dataframe(
        to_table(rows, datetime.now(UTC)),
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(rows), ROWS_SHOWN),
        selection_mode="single-row",
        on_select="rerun",
        key=tiles.table_key(rows),
        column_config={
            "State": st.column_config.TextColumn(width=140),
            "Cost": st.column_config.TextColumn(width=80, alignment="right"),
            "Time": st.column_config.TextColumn(width=70, alignment="right"),
        },
        alt="The latest analyses, newest first",
    )
    places = [place for place in event.selection.rows if place < len(rows)]
    if len(rows) == latest_analyses.LATEST:
        st.caption(f"The latest {latest_analyses.LATEST}.")
    return str(rows["id"].iloc[places[0]]) if places else None


def to_table(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Text ready to be shown. The column Cost only if the rows have it."""
    ends = [
        outcome_of(state, source, is_cached=bool(cached))
        for state, source, cached in zip(
            rows["state"], rows["source"], rows["is_cached"], strict=True
        )
    ]
    table = pd.DataFrame(
        {
            "State": [state_of(each) for each in ends],
            "When": [formats.ago(at.to_pydatetime(), now) for at in rows["received_at"]],
            "Asked by": rows["handle"].fillna("").replace("", formats.NONE),
            "Type": [type_of(code) for code in rows["type"]],
            "Batch": ["yes" if each else "" for each in rows["batch_id"].fillna("")],
            "Model": [
                formats.NONE if provider in ("", MEASURED_REVIEW) or end == "cached" else model
                for provider, model, end in zip(rows["provider"], rows["model"], ends, strict=True)
            ],
            "Time": [formats.duration(None if pd.isna(ms) else ms) for ms in rows["latency_ms"]],
            "Why": [
                reason_of(code, message)
                for code, message in zip(rows["reason"], rows["failure_message"], strict=True)
            ],
        }
    )
    if "cost_microusd" in rows:
        costs = [
            cost_of(cost, state)
            for cost, state in zip(rows["cost_microusd"], rows["cost_state"], strict=True)
        ]
        table.insert(table.columns.get_loc("Time"), "Cost", costs)
    return table


def cost_of(microusd: float | None, cost_state: str | None) -> str:
    """Of one analysis: nothing is known before its end, and nothing was spent where none asked."""
    if cost_state == "unpriced":
        return "no price"
    if microusd is None or pd.isna(microusd):
        return formats.NONE
    return "free" if microusd == 0 else formats.money(int(microusd))
