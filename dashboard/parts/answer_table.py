"""Answers as a table in plain words: states, reasons, cost and times. It shows no question."""

import re
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.parts import causes, definitions, formats, tiles

# A symbol and a word for each state: table cells cannot show icons.
STATES = {
    "queued": ("◌", "Waiting"),
    "working": ("▸", "In work"),
    "deferred": ("◷", "Put off"),
    "answered": ("✓", "Answered"),
    "refused": ("–", "Refused"),
    "failed": ("✕", "Failed"),
    "ignored": ("○", "Ignored"),
}
REASONS = {
    "trial_used_up": "All free uses are used up",
    "plan_used_up": "All uses of the plan are used up",
    "too_fast": "Too many comments in a minute",
    "suspended": "The account is suspended",
    "guest_invited": "Not connected: invited",
    "guest_already_invited": "Not connected: invited before",
    "guest_ignored": "Not connected: ignored by the file's rule",
    "loop_breaker": "Too many replies in one thread",
    "thread_muted": "The thread is muted",
    "author_limit": "Too many replies in one file and day",
    "unbilled_limit": "Too much unpaid model cost today",
    "model_sharing": "Nothing may leave for a model: reviewed by rules, free",
    "day_spend": "The day's spend on models was reached: reviewed by rules, free",
    "rate_limited": "Too many analyses within 15 minutes",
    "no_model": "No model answered",
    "worker_lost": "Its workers were lost again and again",
    "nothing_to_rate": "There was no answer to rate",
    "dropped_by_owner": "The webhook's owner dropped it: no use taken",
    "preview_expired": "The webhook's owner did not look at it within a day",
    "withdrawn": "Withdrawn after the model was asked: one use",
    "not_confirmed": "Not confirmed by Figma",
    "webhook_paused": "Its webhook is paused",
    "foreign_file": "Of a file that its webhook does not cover",
}
# Why an answer was put off.
DELAYS = {
    "awaiting_owner": "The webhook's owner looks at it first",
    "pipeline_runs": "Its component is being built",
    "rate_limited": "Figma's quota is used up for now",
}
_CODE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
ROWS_SHOWN = 12
MEASURED_REVIEW = "measured-review"


def reason_of(code: str, message: str) -> str:
    """Why there was no normal answer, or not at once: the stored sentence, else the code in words.
    An answer that was put off has its code where others have a sentence."""
    if message:
        is_code = _CODE.fullmatch(message) is not None
        return DELAYS.get(message) or (causes.cause(message) if is_code else message)
    return (REASONS.get(code) or causes.cause(code)) if code else ""


def draw(rows: pd.DataFrame) -> None:
    """rows: from `latest_answers.read_answers`, with or without cost. A picked one is opened."""
    event = st.dataframe(
        to_table(rows, datetime.now(UTC)),
        hide_index=True,
        selection_mode="single-row",
        on_select="rerun",
        key=tiles.table_key(rows),
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(rows), ROWS_SHOWN),
        column_config={
            "State": st.column_config.TextColumn(width=105),
            "When": st.column_config.TextColumn(width=100),
            "Author": st.column_config.TextColumn(width=125),
            "File": st.column_config.TextColumn(width=170),
            "Model": st.column_config.TextColumn(width=130),
            "Cost": st.column_config.TextColumn(width=80, alignment="right"),
            "Price": st.column_config.TextColumn(width=80, help=definitions.explain("live.price")),
            "Time": st.column_config.TextColumn(
                width=70, alignment="right", help=definitions.explain("live.time")
            ),
            "Why": st.column_config.TextColumn(width=320, help=definitions.explain("live.why")),
        },
        alt="The latest answers, newest first",
    )
    if picked := [place for place in event.selection.rows if place < len(rows)]:
        opened = {"id": str(rows["id"].iloc[picked[0]])}
        st.switch_page("answer/page.py", query_params=opened)
    st.caption("Pick a row to open the whole answer.")


def to_table(rows: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Columns State, When, Author, File, Model, Cost, Price, Time, Why: text ready to be shown.

    Cost only if the rows have it.
    """
    # A column with some commands holds NaN, not None, for the questions; NaN counts as true.
    commands = rows["command"].fillna("")
    models = zip(rows["provider"], rows["model"], commands, strict=True)
    # Refusals and commands ask no model: there is nothing to price.
    was_asked = rows["provider"] != ""
    reasons = zip(rows["reason"], rows["failure_message"], strict=True)
    table = pd.DataFrame(
        {
            "State": [
                f"{STATES[s][0]} {STATES[s][1]}" if s in STATES else s for s in rows["state"]
            ],
            "When": [formats.ago(at.to_pydatetime(), now) for at in rows["received_at"]],
            "Author": rows["author_handle"].replace("", formats.NONE),
            "File": rows["file_name"].where(rows["file_name"] != "", rows["file_key"]),
            "Model": [_model(*each) for each in models],
            "Price": rows["cost_state"].where(was_asked).fillna(formats.NONE),
            "Time": [formats.duration(None if pd.isna(ms) else ms) for ms in rows["latency_ms"]],
            "Why": [reason_of(*each) for each in reasons],
        }
    )
    if "cost_microusd" in rows:
        costs = [_cost(each) for each in rows["cost_microusd"].where(was_asked)]
        table.insert(table.columns.get_loc("Price"), "Cost", costs)
    return table


def _model(provider: str, model: str, command: str) -> str:
    if command:
        return f"command: {command}"
    if provider == MEASURED_REVIEW:
        return "measured review"
    return model or formats.NONE


def _cost(microusd: float | None) -> str:
    if microusd is None or pd.isna(microusd):
        return formats.NONE
    return "free" if microusd == 0 else formats.money(int(microusd))
