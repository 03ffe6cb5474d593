"""Who talks to whom: the list of people to talk to, taken over by an operator and marked done."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.follow_ups import read_follow_ups, with_standing
from dashboard.data.view import View
from dashboard.parts import follow_up_form, tiles
from dashboard.trials import figures

ALL, OPEN, MINE, DONE = "All", "Open", "Mine", "Done"
ROWS_SHOWN = 10


def narrowed(rows: pd.DataFrame, picked: str, email: str) -> pd.DataFrame:
    """The rows of a choice: all, open, mine (open and mine), or done."""
    keep = {
        ALL: pd.Series(True, rows.index),
        OPEN: ~rows["is_done"],
        MINE: ~rows["is_done"] & (rows["assigned_to"] == email),
        DONE: rows["is_done"],
    }
    return rows[keep.get(picked, keep[ALL])].reset_index(drop=True)


def draw(operator: Operator, view: View, talk: pd.DataFrame) -> None:
    rows = with_standing(talk, read_follow_ups(operator))
    picked = st.segmented_control(
        "Show",
        [ALL, OPEN, MINE, DONE],
        default=ALL,
        required=True,
        key="talk_show",
        bind="query-params",
        label_visibility="collapsed",
    )
    shown = narrowed(rows, picked or ALL, operator.email)
    if shown.empty:
        st.caption(f"Nobody here is {(picked or ALL).lower()}. {len(rows)} in all.")
        return
    table = figures.talk_table(shown, datetime.now(UTC))
    table.insert(2, "Who talks to them", shown["assigned_to"].replace("", follow_up_form.NOBODY))
    table.insert(3, "Done", shown["is_done"])
    st.dataframe(
        table,
        hide_index=True,
        height=tiles.table_height(len(shown), ROWS_SHOWN),
        row_height=tiles.ROW_HEIGHT,
        column_config={
            "Why": st.column_config.TextColumn(width=230),
            "Done": st.column_config.CheckboxColumn(width=60),
        },
        alt="People to talk to today, with the reason, who does it, and whether it is done",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        tiles.rows_of("talk", "People to talk to", lambda: figures.talk_rows(shown), view)
        with st.popover("Take over or mark done", icon=":material/assignment_ind:"):
            reasons = [figures.reason_of(row) for row in shown.itertuples()]
            follow_up_form.draw(operator, shown.assign(why=reasons), view.zone, "talk")
