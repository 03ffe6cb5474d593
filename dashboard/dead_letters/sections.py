"""The parts of the dead letter page: the table to select from, and the forms for actions."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.writes import Refused
from dashboard.dead_letters import edits, replay_plan
from dashboard.parts import causes, definitions, formats, tiles
from dashboard.parts.metric import Figure, Rows

LETTERS = definitions.metric("dead_letters.letters")
DONE = "dead_letters_done"
SELECTION = "A selection in the plugin"


def say_done() -> None:
    """Show the result of the last replay or discard, once."""
    if done := st.session_state.pop(DONE, ""):
        st.success(done, icon=":material/check:")


def point_to_pipelines() -> None:
    """Where the failed runs are that are no dead letters."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Pipelines that failed are opened, and retried, on a page of their own.")
        st.page_link(
            "pipelines/page.py",
            label="Failed pipelines",
            icon=":material/conveyor_belt:",
            query_params={"pipeline_state": "Failed"},
        )


def tile(operator: Operator, total: int, by_cause: pd.DataFrame) -> None:
    def rows() -> Rows:
        frame = by_cause.assign(cause=[causes.cause(code) for code in by_cause["reason"]])
        return Rows(frame, {"letters": total})

    tiles.draw(None, [(LETTERS, Figure(total), rows)])


def pick_causes(by_cause: pd.DataFrame) -> tuple[str, ...]:
    """Codes of the causes to show; empty means all."""
    pairs = zip(by_cause["reason"], by_cause["letters"], strict=True)
    words = {f"{causes.cause(code)} ({formats.count(count)})": code for code, count in pairs}
    picked = st.pills("Cause", list(words), selection_mode="multi", key="dead_letters_cause")
    return tuple(words[word] for word in picked if word in words)


def draw_table(letters: pd.DataFrame) -> tuple[str, ...]:
    """Draw the table; return the ids of the selected rows."""
    event = st.dataframe(
        to_table(letters, datetime.now(UTC)),
        hide_index=True,
        selection_mode="multi-row",
        on_select="rerun",
        key=tiles.table_key(letters),
        column_config={
            "Spent": st.column_config.TextColumn(alignment="right"),
            "Open": st.column_config.LinkColumn(display_text="Open", width="small"),
        },
        alt="Dead letters, newest first",
    )
    places = [place for place in event.selection.rows if place < len(letters)]
    return tuple(letters["id"].iloc[place] for place in places)


def offer_rows(letters: pd.DataFrame) -> None:
    """Offer the shown letters as rows, with their ids and the cost of their runs if known."""
    frame = letters.assign(cause=[causes.cause(code) for code in letters["reason"]])
    spent = frame["spent_microusd"]
    total = None if spent.isna().any() else int(spent.sum())
    tiles.rows_of(
        "dead_letters", "Dead letters shown", lambda: Rows(frame, {"spent_microusd": total})
    )


def to_table(letters: pd.DataFrame, now: datetime) -> pd.DataFrame:
    """Columns Asked, Author, File, Cause, What happened, Runs, Open, Spent: ready to be shown."""
    return pd.DataFrame(
        {
            "Asked": [formats.ago(at.to_pydatetime(), now) for at in letters["received_at"]],
            "Author": letters["author_handle"].replace("", formats.NONE),
            "File": files(letters),
            "Cause": [causes.cause(code) for code in letters["reason"]],
            "What happened": letters["failure_message"],
            "Runs": letters["run"],
            "Open": [
                # The plugin does not tell the file of a selection, so it is an analysis.
                tiles.LINKS["answer_id" if key else "analysis_id"] + str(letter)
                for letter, key in zip(letters["id"], letters["file_key"], strict=True)
            ],
            "Spent": [
                formats.money(None if pd.isna(cost) else int(cost))
                for cost in letters["spent_microusd"]
            ],
        }
    )


def files(letters: pd.DataFrame) -> pd.Series:
    """Where each letter came from. The plugin does not tell the file of a selection."""
    named = letters["file_name"].where(letters["file_name"] != "", letters["file_key"])
    return named.replace("", SELECTION)


def names(letters: pd.DataFrame) -> dict[str, str]:
    """The display name of each letter, by id."""
    parts = zip(letters["id"], letters["author_handle"], files(letters), strict=True)
    return {letter: f"{author} in {file}" for letter, author, file in parts}


def replay_form(operator: Operator, picked: tuple[str, ...], estimate: int | None) -> None:
    with st.form("replay"):
        st.markdown("**Replay**")
        dollars = None if estimate is None else estimate / 1_000_000
        cap = st.number_input(
            "Cost cap (US dollars)",
            min_value=0.0,
            value=dollars,
            step=0.01,
            format="%.6f",
            placeholder="no cap",
            help="Answers are queued in the order picked while their estimated cost stays within "
            "the cap. Empty: no cap.",
        )
        reason = st.text_input("Reason for the replay", placeholder="Kept in the audit log")
        label = f"Replay {len(picked)}"
        pressed = st.form_submit_button(label, type="primary", icon=":material/replay:")
    if not pressed:
        return
    microusd = None if cap is None else round(cap * 1_000_000)
    try:
        done = edits.replay(operator, picked, microusd, reason)
    except Refused as refusal:
        st.error(str(refusal), icon=":material/error:")
        return
    st.session_state[DONE] = replay_plan.describe_results(done.results)
    st.rerun()


def discard_form(operator: Operator, picked: tuple[str, ...]) -> None:
    with st.form("discard"):
        st.markdown("**Discard**")
        st.caption("Closed for good: nobody is answered or charged. The failure stays counted.")
        reason = st.text_input("Reason for discarding", placeholder="Kept in the audit log")
        pressed = st.form_submit_button(f"Discard {len(picked)}", icon=":material/delete:")
    if not pressed:
        return
    try:
        gone = sum(edits.discard(operator, each, reason) for each in picked)
    except Refused as refusal:
        st.error(str(refusal), icon=":material/error:")
        return
    st.session_state[DONE] = f"{gone} discarded."
    st.rerun()
