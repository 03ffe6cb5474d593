"""One analysis as a whole: how it went and what became of each suggestion; its words on demand."""

import json
from uuid import UUID

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.analyses import edits, queries
from dashboard.analyses.queries import Detail
from dashboard.analyses.sections import cost_of
from dashboard.parts import call_tables, definitions, dialogs, formats, notices, words
from dashboard.parts.analysis_words import outcome_of, rule, state_of, type_of
from dashboard.parts.answer_table import reason_of
from service.outside_names import model_name

PARAMETER = "analysis"
SEVERITIES = {"problem": "Problem", "hint": "Hint", "info": "Remark"}
NOT_KEPT = (
    "An analysis is kept for 25 hours, and a dead letter for 30 days. What it cost and how it "
    "ended stays in the figures."
)


def asked_for() -> str | None:
    """The id in the address; None without one, or for anything that is no id."""
    try:
        return str(UUID(st.query_params.get(PARAMETER, "")))
    except ValueError:
        return None


def close() -> None:
    st.query_params.pop(PARAMETER, None)


def draw(operator: Operator, analysis_id: str, zone: str) -> None:
    st.header("One analysis", anchor=False, help=definitions.explain("analyses.one"))
    found = queries.read_detail(operator, analysis_id)
    if found is None:
        notices.say_empty("Not kept any more", NOT_KEPT, icon="history")
        return
    with st.container(border=True):
        end = outcome_of(found.state, found.source, is_cached=found.is_cached)
        st.markdown(f"**{words.plain(type_of(found.type))}: {words.plain(state_of(end))}**")
        st.caption(" · ".join(words.plain(fact) for fact in facts(found, zone)))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "people/page.py",
                label="Open the person",
                icon=":material/person:",
                query_params={"person": found.user_id},
            )
            if st.button(
                "Show words", key="analysis_words", icon=":material/visibility:", type="tertiary"
            ):
                show_words(operator, found.id)
        if len(found.runs):
            st.dataframe(to_runs(found.runs, zone), hide_index=True, alt="Runs of this analysis")
        for title, table in (
            ("Model calls", call_tables.calls(found.attempts)),
            ("Ledger", call_tables.ledger(found.ledger, zone)),
        ):
            if not table.empty:
                st.caption(title)
                st.dataframe(table, hide_index=True, alt=f"{title} of this analysis")
        if found.suggestions.empty:
            st.caption("No suggestion is stored for it.")
            return
        st.dataframe(
            to_suggestions(found.suggestions, zone),
            hide_index=True,
            alt="Suggestions of this analysis and what became of them",
        )


def facts(found: Detail, zone: str) -> list[str]:
    """How it went, each a few words."""
    took = f"ended {words.moment(found.settled_at, zone)}" if found.settled_at else ""
    told = [
        found.handle or "",
        f"asked {words.moment(found.received_at, zone)}",
        took,
        formats.counted(found.elements, "element") if found.elements else "",
        f"plan {words.plan(found.plan_code)}" if found.plan_code else "",
        "one use taken" if found.is_charged else "no use taken",
        model_name(found.provider, found.model),
        f"prompt {found.prompt_version}" if found.prompt_version else "",
        f"context v{found.context_version}" if found.context_version else "",
        f"place {(found.batch_place or 0) + 1} of batch {found.batch_id}" if found.batch_id else "",
        f"shows the result of {found.leader_id}" if found.leader_id else "",
        formats.counted(found.attempt, "attempt") if found.attempt else "",
        reason_of(found.reason, found.failure_message) if found.reason else "",
        f"request {found.request_id}" if found.request_id else "",
    ]
    return [each for each in told if each]


def to_runs(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Run": rows["run"],
            "When": [words.moment(at.isoformat(), zone) for at in rows["at"]],
            "End": [each.capitalize() for each in rows["status"]],
            "Model": [
                model_name(*pair) or formats.NONE
                for pair in zip(rows["provider"], rows["model"], strict=True)
            ],
            "Cost": [
                cost_of(cost, state)
                for cost, state in zip(rows["cost_microusd"], rows["cost_state"], strict=True)
            ],
            "Time": [formats.duration(ms) for ms in rows["latency_ms"]],
            "Why": [reason_of(code, "") if code else "" for code in rows["error_code"]],
        }
    )


def to_suggestions(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "No.": rows["ref"],
            "Rule": [rule(code or "") for code in rows["rule"]],
            "Kind": [SEVERITIES.get(each, each or formats.NONE) for each in rows["severity"]],
            "Sure": rows["sure"].fillna(formats.NONE),
            "Layers": rows["layers"],
            "Change": ["offered" if each else "none" for each in rows["has_change"]],
            "What became of it": [
                each.capitalize() if isinstance(each, str) else "Nothing yet"
                for each in rows["outcome"]
            ],
            "When": [
                formats.NONE if pd.isna(at) else words.moment(at.isoformat(), zone)
                for at in rows["decided_at"]
            ],
        }
    )


@st.dialog("Show the question, the design and the result", width="large", on_dismiss="rerun")
def show_words(operator: Operator, analysis_id: str) -> None:
    st.write("What people design and write is theirs. Say what you need it for.")
    reason = dialogs.reason_field("analysis_words_reason")
    if not st.button("Show them", type="primary", key="analysis_words_confirm"):
        return
    shown = dialogs.attempt(reason, lambda: edits.reveal_analysis(operator, analysis_id, reason))
    if not shown:
        return
    st.caption("Question")
    st.code(shown.question or "None, or not kept any more.", language=None, wrap_lines=True)
    st.caption("Summary")
    st.code(shown.summary or "There is none.", language=None, wrap_lines=True)
    for title, value in (("Result", shown.result), ("Design", shown.request)):
        st.caption(title)
        st.code(
            json.dumps(value, indent=1, ensure_ascii=False) if value else "Not kept.",
            language="json" if value else None,
            height=260 if value else "content",
        )
    call_tables.draw_sent(shown.prompts)
