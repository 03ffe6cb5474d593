"""The form by which an operator takes somebody over, or says what came of it."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import follow_ups
from dashboard.data.writes import Refused
from dashboard.parts import words

NOBODY = "Nobody yet"


def draw(operator: Operator, rows: pd.DataFrame, zone: str, name: str) -> None:
    """A form for one of `rows` (with_standing), which say why in words; `name` begins its keys."""
    at = st.selectbox(
        "Person",
        range(len(rows)),
        format_func=lambda n: f"{rows['handle'][n]}: {rows['why'][n]}",
        key=f"{name}_person",
    )
    row = rows.iloc[at or 0]
    seen = follow_ups.Seen(
        row["user_id"], row["reason"], row["assigned_to"], bool(row["is_done"]), int(row["newest"])
    )
    emails = ["", *follow_ups.read_assignable(operator)]
    # Whoever may not be picked any more still stands there.
    emails += [seen.assigned_to] if seen.assigned_to not in emails else []
    first = seen.assigned_to or (operator.email if operator.email in emails else "")
    with st.form(f"{name}_{seen.user_id}_{seen.newest}", border=False):
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
                follow_ups.set_follow_up(operator, seen, assigned_to or "", is_done, remark or "")
            except Refused as refusal:
                st.error(str(refusal), icon=":material/block:")
                return
            st.rerun()
    for each in follow_ups.read_history(operator, seen.user_id):
        who = each.assigned_to or "nobody"
        said = f"{'done' if each.is_done else 'open'}, {who}"
        said += f": {each.remark}" if each.remark else ""
        st.caption(
            words.plain(f"{words.moment(each.written_at, zone)} ({zone}) {each.written_by}: {said}")
        )
