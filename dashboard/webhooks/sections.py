"""The parts of the webhook page: figures, filters, the table, deliveries, pause and resume."""

from datetime import UTC, datetime
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.view import View
from dashboard.data.webhook_rows import Webhooks
from dashboard.data.writes import Refused
from dashboard.parts import causes, definitions, formats, tiles
from dashboard.parts.metric import Figure, Rows
from dashboard.parts.tiles import table_key
from dashboard.parts.words import GUEST_RULES, PLACES
from dashboard.webhooks import edits, queries

DONE = "webhooks_done"
STATES = {"Active": "active", "Paused": "paused", "Being made": "creating", "Deleted": "deleted"}
PAUSE_NOTE = (
    "This pauses the webhook on our side only: Figma goes on sending, because only the owner's own "
    "connection can pause it there. What arrives is kept as “Paused” and not answered, and "
    "is not answered later either. The owner reads that support has paused it and cannot end that: "
    "not by resuming, pasting the link again, or removing the webhook first. Only you can, here."
)
RESUME_NOTE = "Comments that arrive from now on are answered."
BUDDY_PAUSE_NOTE = (
    "The buddy paused this webhook by itself: within an hour it brought 50 deliveries that Figma "
    "does not confirm. Whoever knows a webhook's passcode can write deliveries by hand, and its "
    "owner does; a bot that deletes its comments at once looks the same. Nothing forged was "
    "answered, and nobody paid for it. Ask the owner before you resume. What arrived in the last "
    "day before the pause and was not looked at is looked at then; what arrived since was only "
    "counted. Comments from then on are answered."
)
LIFT_NOTE = (
    "The owner has removed this webhook, but the pause still holds: they cannot switch the buddy "
    "on there again until you end it."
)
METRICS = {
    name: definitions.metric(f"webhooks.{name}") for name in ("total", "active", "paused", "silent")
}


def say_done() -> None:
    """Show the result of the last change, once."""
    if done := st.session_state.pop(DONE, ""):
        st.success(done, icon=":material/check:")


def draw_tiles(operator: Operator, found: Webhooks) -> None:
    def rows_of(name: str) -> Rows:
        states = (name,) if name in ("active", "paused") else ()
        rows = queries.read_webhook_rows(operator, states, name == "silent")
        return Rows(rows.assign(**{name: 1}), {name: getattr(found, name)})

    tiles.draw(
        None,
        [
            (metric, Figure(getattr(found, name)), partial(rows_of, name))
            for name, metric in METRICS.items()
        ],
    )


def draw_course_rows(view: View, course: pd.DataFrame) -> None:
    """The rows behind the chart of deliveries."""
    rows = course.assign(outcome=[causes.outcome(code) for code in course["outcome"]])
    footer: dict[str, Any] = {"deliveries": int(course["deliveries"].sum())}
    tiles.rows_of("webhook_deliveries", "Deliveries", lambda: Rows(rows, footer), view)


def pick() -> tuple[str, tuple[str, ...], bool]:
    """Search text, states (empty means all), and whether to show only silent webhooks."""
    search = st.text_input(
        "Search",
        placeholder="Owner, label, file or team",
        key="webhooks_search",
        bind="query-params",
        max_chars=100,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        picked = st.pills(
            "State",
            list(STATES),
            selection_mode="multi",
            key="webhooks_state",
            bind="query-params",
        )
        only_silent = st.toggle("Silent only", key="webhooks_silent", bind="query-params")
    states = tuple(STATES[word] for word in picked if word in STATES)
    return (search or "").strip(), states, only_silent


def draw_table(rows: pd.DataFrame) -> pd.Series | None:
    """Draw the table; return the selected row."""
    # Not sorted by last event: rows would move while one of them is selected.
    rows = rows.sort_values(["owner", "context", "label", "id"])
    event = st.dataframe(
        to_table(rows, datetime.now(UTC)),
        hide_index=True,
        column_config={
            "Not confirmed": st.column_config.Column(
                help=definitions.explain("webhooks.unconfirmed")
            )
        },
        selection_mode="single-row",
        on_select="rerun",
        key=table_key(rows),
        alt="Webhooks by owner",
    )
    places = [place for place in event.selection.rows if place < len(rows)]
    return rows.iloc[places[0]] if places else None


def to_table(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Columns Owner, Where, State, Last event, Silence, Deliveries …, as text."""
    states = zip(rows["state"], rows["is_paused_by_operator"], rows["paused_because"], strict=True)
    return pd.DataFrame(
        {
            "Owner": rows["owner"],
            "Where": [_where(row) for _, row in rows.iterrows()],
            "State": [causes.webhook_state(*each) for each in states],
            "Last event": [_ago(at, now) for at in rows["last_event_at"]],
            "Silence": [_silence(row) for _, row in rows.iterrows()],
            "Deliveries, 7 days": rows["deliveries_7d"],
            "For the buddy": rows["answers_7d"],
            "Not readable": rows["problems_7d"],
            "Not confirmed": [_unconfirmed(row, now) for _, row in rows.iterrows()],
            "Guests": rows["guest_rule"].replace(GUEST_RULES),
        }
    )


def title(row: pd.Series) -> str:
    return f"{_where(row)}, {row['owner']}"


def draw_deliveries(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.caption("Nothing was delivered in the last 30 days.")
        return
    now = datetime.now(UTC)
    st.dataframe(
        pd.DataFrame(
            {
                "When": [_ago(at, now) for at in rows["received_at"]],
                "Event": rows["event_type"].str.replace("_", " ").str.lower(),
                "Outcome": [causes.outcome(code) for code in rows["outcome"]],
                "Redelivered": rows["redelivered"],
                "Request": rows["request_id"],
                "Answer": tiles.LINKS["answer_id"] + rows["answer_id"].astype("string"),
            }
        ),
        hide_index=True,
        column_config={"Answer": st.column_config.LinkColumn(display_text="Open", width="small")},
        alt="The latest deliveries, newest first",
    )
    if len(rows) == queries.DELIVERIES_SHOWN:
        st.caption(f"The latest {queries.DELIVERIES_SHOWN}. Deliveries are kept for 30 days.")


def state_form(operator: Operator, row: pd.Series) -> None:
    is_lift = row["state"] == "deleted" and row["is_paused_by_operator"]
    if row["state"] not in ("active", "paused") and not is_lift:
        return
    if row["state"] == "paused" and not row["is_paused_by_operator"]:
        st.info(
            "Its owner paused this webhook at Figma. Only the owner can resume it, on the account "
            "page.",
            icon=":material/pause:",
        )
        return
    is_pause = row["state"] == "active"
    if row["paused_because"] == "unconfirmed_deliveries":
        st.warning(BUDDY_PAUSE_NOTE, icon=":material/gpp_maybe:")
    with st.form("webhook_state"):
        word = "Pause" if is_pause else "End the pause" if is_lift else "Resume"
        st.markdown(f"**{word}**")
        is_buddys = row["paused_because"] == "unconfirmed_deliveries"
        resume = "" if is_buddys else RESUME_NOTE
        st.caption(PAUSE_NOTE if is_pause else LIFT_NOTE if is_lift else resume)
        reason = st.text_input("Reason", placeholder="Kept in the audit log")
        pressed = st.form_submit_button(
            word,
            icon=":material/pause:" if is_pause else ":material/play_arrow:",
        )
    if not pressed:
        return
    try:
        edits.set_webhook_state(operator, row["id"], "paused" if is_pause else "active", reason)
    except Refused as refusal:
        st.error(str(refusal), icon=":material/error:")
        return
    done = "paused" if is_pause else "the pause is over" if is_lift else "active again"
    st.session_state[DONE] = f"{title(row)}: {done}."
    st.rerun()


def _where(row: pd.Series) -> str:
    return f"{PLACES[row['context']]} {row['label'] or row['context_id']}"


def _unconfirmed(row: pd.Series, now: datetime) -> str:
    if not row["unconfirmed"]:
        return formats.NONE
    return f"{row['unconfirmed']:,}, last {_ago(row['last_unconfirmed_at'], now)}"


def _ago(at: pd.Timestamp, now: datetime) -> str:
    return "never" if pd.isna(at) else formats.ago(at.to_pydatetime(), now)


def _silence(row: pd.Series) -> str:
    if not row["is_silent"]:
        return formats.NONE
    return f"usually at most {formats.age(float(row['longest_pause_seconds']))}"
