"""Who talks to whom: the list of people to talk to, taken over by an operator and marked done."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.view import View
from dashboard.data.writes import Refused
from dashboard.parts import tiles, words
from dashboard.trials import edits, figures, queries

ALL, OPEN, MINE, DONE = "All", "Open", "Mine", "Done"
NOBODY = "Nobody yet"
ROW_PIXELS = 36


@dataclass(frozen=True)
class Seen:
    """A person and reason as they were shown; `newest` is 0 if nobody took them over yet."""

    user_id: str
    reason: str
    assigned_to: str
    is_done: bool
    newest: int


def with_standing(talk: pd.DataFrame, standing: pd.DataFrame) -> pd.DataFrame:
    """The people to talk to, with assigned_to, is_done, remark and newest."""
    known = standing[["user_id", "reason", "assigned_to", "is_done", "remark", "id"]]
    joined = talk.merge(known.rename(columns={"id": "newest"}), "left", ["user_id", "reason"])
    return joined.assign(
        assigned_to=joined["assigned_to"].fillna(""),
        is_done=joined["is_done"].eq(True),
        remark=joined["remark"].fillna(""),
        newest=joined["newest"].fillna(0).astype(int),
    )


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
    rows = with_standing(talk, queries.read_follow_ups(operator))
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
    table.insert(2, "Who talks to them", shown["assigned_to"].replace("", NOBODY))
    table.insert(3, "Done", shown["is_done"])
    st.dataframe(
        table,
        hide_index=True,
        height=min(len(shown), 10) * ROW_PIXELS + 38,
        row_height=ROW_PIXELS,
        column_config={
            "Why": st.column_config.TextColumn(width=230),
            "Done": st.column_config.CheckboxColumn(width=60),
        },
        alt="People to talk to today, with the reason, who does it, and whether it is done",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        tiles.rows_of("talk", "People to talk to", lambda: figures.talk_rows(shown), view)
        with st.popover("Take over or mark done", icon=":material/assignment_ind:"):
            _draw_form(operator, shown, view.zone)


def _draw_form(operator: Operator, rows: pd.DataFrame, zone: str) -> None:
    at = st.selectbox(
        "Person",
        range(len(rows)),
        format_func=lambda n: f"{rows['handle'][n]}: {figures.reason_of(rows.iloc[n])}",
        key="talk_person",
    )
    row = rows.iloc[at or 0]
    seen = Seen(
        row["user_id"], row["reason"], row["assigned_to"], bool(row["is_done"]), int(row["newest"])
    )
    emails = ["", *queries.read_assignable(operator)]
    # Whoever may not be picked any more still stands there.
    emails += [seen.assigned_to] if seen.assigned_to not in emails else []
    first = seen.assigned_to or (operator.email if operator.email in emails else "")
    with st.form(f"talk_{seen.user_id}_{seen.newest}", border=False):
        assigned_to = st.selectbox(
            "Who talks to them",
            emails,
            emails.index(first),
            format_func=lambda each: each or NOBODY,
        )
        is_done = st.checkbox("Done", seen.is_done)
        remark = st.text_input("What came of it", max_chars=500)
        if st.form_submit_button("Save", icon=":material/save:"):
            try:
                edits.set_follow_up(operator, seen, assigned_to or "", is_done, remark or "")
            except Refused as refusal:
                st.error(str(refusal), icon=":material/block:")
                return
            st.rerun()
    for each in queries.read_history(operator, seen.user_id):
        who = each.assigned_to or "nobody"
        said = f"{'done' if each.is_done else 'open'}, {who}"
        said += f": {each.remark}" if each.remark else ""
        st.caption(
            words.plain(f"{words.moment(each.written_at, zone)} ({zone}) {each.written_by}: {said}")
        )
