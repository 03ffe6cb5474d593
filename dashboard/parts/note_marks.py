"""Notes on days: the list with its form, and the marks in charts of time."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from html import escape
from typing import Any
from uuid import uuid4

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import date_notes, periods
from dashboard.data.view import View
from dashboard.data.writes import Refused
from dashboard.parts import words
from dashboard.parts.chart_style import Palette

# The page's notes, for its charts: fragments draw them again without the pickers.
KEY = "date_notes"
WRITERS = ("founder", "support")
LONGEST = 300
# This much of a note fits along its line in a chart.
SHOWN = 32


def draw(operator: Operator, view: View) -> None:
    """The popover with the notes of the view's days; remembers them for the charts."""
    notes = date_notes.read_date_notes(operator, view.first_day, view.last_day)
    st.session_state[KEY] = notes[["day", "text"]]
    label = f"Notes ({len(notes)})" if len(notes) else "Notes"
    popover = st.popover(
        label, icon=":material/edit_calendar:", type="tertiary", key="notes", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        st.caption("What happened on a day of this period. Charts of time show it as a mark.")
        for note in notes.to_dict("records"):
            _draw_note(operator, note, view.zone)
        if operator.role in WRITERS:
            _draw_form(operator, view)


def mark(figure: go.Figure, palette: Palette) -> None:
    """Mark the notes in a figure whose x axis is time; others stay as they are.

    A note stands at the step in which its day lies.
    """
    notes = st.session_state.get(KEY)
    times = _times(figure)
    if notes is None or notes.empty or times.empty:
        return
    step = times[-1] - times[-2] if len(times) > 1 else pd.Timedelta(days=1)
    days = pd.to_datetime(notes["day"])
    is_near = (days > times[0] - step) & (days < times[-1] + step)
    places = (times.searchsorted(days[is_near], side="right") - 1).clip(0)
    for place, of_step in notes[is_near].groupby(places):
        at = times[place]
        text = " · ".join(of_step["text"])
        figure.add_vline(at, line={"color": palette.text, "dash": "dot", "width": 1})
        figure.add_annotation(
            # Below the word that marks a step that is not over.
            x=at, y=0.9, yref="paper", xanchor="left", yanchor="top", textangle=-90,
            text=escape(text if len(text) <= SHOWN else f"{text[:SHOWN]}…"),
            hovertext="<br>".join(
                f"{pd.Timestamp(day):%-d %b %Y}: {escape(said)}"
                for day, said in of_step[["day", "text"]].values
            ),
            showarrow=False, font={"size": 10, "color": palette.text},
            bgcolor=palette.background, opacity=0.9,
        )  # fmt: skip


def _times(figure: go.Figure) -> pd.DatetimeIndex:
    """Where the steps of the x axis begin, as they are drawn; empty if it shows no time."""
    found: set[pd.Timestamp] = set()
    for trace in figure.data:
        x = getattr(trace, "x", None)
        if x is None or not len(x) or getattr(trace, "orientation", None) == "h":
            continue
        if not all(isinstance(end, datetime | date) or _is_time(end) for end in (x[0], x[-1])):
            return pd.DatetimeIndex([])
        found |= {pd.Timestamp(each).tz_localize(None) for each in x}
    return pd.DatetimeIndex(sorted(found))


def _is_time(value: object) -> bool:
    return hasattr(value, "dtype") and str(value.dtype).startswith("datetime64")


def _draw_note(operator: Operator, row: dict[str, Any], zone: str) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"**{pd.Timestamp(row['day']):%-d %b %Y}** {words.plain(row['text'])}")
        who = f"{row['written_by']}, {words.moment(row['written_at'].isoformat(), zone)} ({zone})"
        if pd.notna(row["changed_at"]):
            changed = words.moment(row["changed_at"].isoformat(), zone)
            who += f"; changed by {row['changed_by']}, {changed}"
        st.caption(words.plain(who))
        if operator.role not in WRITERS:
            return
        with st.container(horizontal=True):
            if st.button("Change", key=f"note_change_{row['id']}", type="tertiary"):
                st.session_state["note_changed"] = row
                st.session_state["note_text"] = row["text"]
                st.session_state["note_day"] = pd.Timestamp(row["day"]).date()
            if st.button("Remove", key=f"note_remove_{row['id']}", type="tertiary"):
                _attempt(
                    lambda: date_notes.remove_date_note(operator, row["id"], int(row["version"]))
                )


def _draw_form(operator: Operator, view: View) -> None:
    changed = st.session_state.get("note_changed")
    today = periods.local(datetime.now(UTC), view.zone).date()
    with st.form("note_form", border=False):
        day = st.date_input("Day", min(today, view.last_day), key="note_day")
        text = st.text_input("Note", max_chars=LONGEST, key="note_text")
        label = "Save the change" if changed else "Add note"
        if st.form_submit_button(label, icon=":material/save:") and isinstance(day, date):
            note_id, version = (
                (changed["id"], int(changed["version"])) if changed else (str(uuid4()), 0)
            )
            _attempt(lambda: date_notes.save_date_note(operator, note_id, day, text or "", version))


def _attempt(change: Callable[[], None]) -> None:
    try:
        change()
    except Refused as refusal:
        st.error(str(refusal), icon=":material/block:")
        return
    for key in ("note_changed", "note_text", "note_day"):
        st.session_state.pop(key, None)
    st.rerun()
