"""One run as a whole: its attempts, quality, files, calls and audit; support ends or retries it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import definitions, dialogs, formats, notices, tiles, words
from dashboard.parts.pipeline_words import SOURCES, cause_of, stage_of, state_of
from dashboard.pipelines import edits, queries
from dashboard.pipelines.queries import Detail
from dashboard.pipelines.run_list import cost_of
from service.outside_names import model_name
from service.pipelines.quality_words import show_figures
from service.pipelines.sentences import can_help_to_retry

PARAMETER = "pipeline"
NOT_KEPT = (
    "A run is kept for 400 days, or until its asker deletes the account. How it ended and what it "
    "cost stay in the figures."
)
STATES = {
    "running": "▸ Running", "done": "✓ Done", "failed": "✕ Failed", "lost": "◌ Lost",
    "cancelled": "○ Cancelled",
}  # fmt: skip
VERDICTS = {"good": "✓", "bad": "✕"}
# A run with two repairs has 13 stages, and a quality row 15 figures.
ROWS_SHOWN = 20
OVER = ("done", "failed", "cancelled")


def asked_for() -> str | None:
    """The id in the address; None without one, or for anything that is no id."""
    try:
        return str(UUID(st.query_params.get(PARAMETER, "")))
    except ValueError:
        return None


def close() -> None:
    st.query_params.pop(PARAMETER, None)


def say_done() -> None:
    dialogs.say_done()


def draw(operator: Operator, pipeline_id: str, zone: str) -> None:
    st.header("One run", anchor=False, help=definitions.explain("pipelines.one"))
    found = queries.read_detail(operator, pipeline_id)
    if found is None:
        notices.say_empty("Not kept any more", NOT_KEPT, icon="history")
        return
    with st.container(border=True):
        name = f"{found.component}: " if found.component else ""
        state = state_of(found.outcome or found.state)
        st.markdown(f"**{words.plain(name + state)}**")
        if found.code:
            st.markdown(words.plain(cause_of(found.code, found.params)))
        st.caption(" · ".join(words.plain(fact) for fact in facts(found, zone)))
        st.caption(words.plain(traces(found)))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(
                "people/page.py",
                label="Open the person",
                icon=":material/person:",
                query_params={"person": found.user_id},
            )
            if found.team and operator.role == "founder":
                st.page_link(
                    "team/page.py",
                    label="Open the team",
                    icon=":material/groups:",
                    query_params={"name": found.team},
                )
            offer_acts(operator, found)
        tables(found, zone)


def tables(found: Detail, zone: str) -> None:
    for title, table, none in (
        ("Stages", to_stages(found.stages, zone), "No stage has begun."),
        ("Quality", to_quality(found.quality), "Nothing was measured yet."),
        ("Files", to_files(found.artifacts, zone), "No file is kept."),
        ("Ledger", to_ledger(found.ledger, zone), "It has no line in the ledger yet."),
        ("Audit", to_audit(found.audit, zone), "Nobody has cancelled or retried it."),
    ):
        st.subheader(title, anchor=False)
        if table.empty:
            st.caption(none)
        else:
            st.dataframe(
                table,
                hide_index=True,
                row_height=tiles.ROW_HEIGHT,
                height=tiles.table_height(len(table), ROWS_SHOWN),
                column_config={"Why": st.column_config.TextColumn(width=360)},
                alt=f"{title} of this run",
            )


def facts(found: Detail, zone: str) -> list[str]:
    """How it went, each a few words."""
    cost = cost_of(found.cost_microusd, found.unknown_calls)
    told = [
        found.handle or "",
        f"team {found.team}" if found.team else "",
        f"from: {SOURCES.get(found.source, found.source)}",
        f"asked {words.moment(found.created_at, zone)}",
        f"retried {words.moment(found.queued_at, zone)}" if found.run > 1 else "",
        f"ended {words.moment(found.ended_at, zone)}" if found.ended_at else "",
        f"files until {words.moment(found.files_until, zone)}" if found.files_until else "",
        f"run {found.run}" if found.run > 1 else "",
        formats.counted(found.round, "repair") if found.round else "no repair",
        _maker(found),
        f"{formats.counted(found.model_calls, 'model call')}: {cost}" if found.model_calls
        else "no model call",
        f"{formats.count(found.input_tokens)} tokens in, {formats.count(found.output_tokens)} out"
        if found.model_calls else "",
        f"{formats.money(found.spent_microusd)} of {formats.money(found.ceiling_microusd)} counted "
        "against the ceiling",
        f"plan {words.plan(found.plan_code)}" if found.plan_code else "",
        "one use taken" if found.is_charged else "no use taken",
    ]  # fmt: skip
    return [each for each in told if each]


def _maker(found: Detail) -> str:
    if found.state != "done":
        return ""
    return "result by a model" if found.with_model else "result by rules"


def traces(found: Detail) -> str:
    """By which the run is found in Figma, in logs and in traces."""
    told = [
        f"run {found.id}",
        f"file {found.file_key}, layer {found.node_id}" if found.file_key else "",
        f"request {found.request_id}" if found.request_id else "",
        f"trace {found.trace_id}" if found.trace_id else "",
    ]
    return " · ".join(each for each in told if each)


def offer_acts(operator: Operator, found: Detail) -> None:
    if found.state == "failed" and not _can_retry(found):
        st.caption("A retry would end the same way: it takes another frame, or a new run.")
    elif found.state == "failed" and st.button(
        "Retry", key="pipeline_retry", icon=":material/replay:", type="tertiary"
    ):
        retry(operator, found.id)
    if found.state not in OVER and st.button(
        "Cancel", key="pipeline_cancel", icon=":material/cancel:", type="tertiary"
    ):
        cancel(operator, found.id)


def _can_retry(found: Detail) -> bool:
    until = datetime.fromisoformat(found.files_until) if found.files_until else None
    return can_help_to_retry(found.code, until, datetime.now(UTC))


@st.dialog("Cancel the run", on_dismiss="rerun")
def cancel(operator: Operator, pipeline_id: str) -> None:
    st.write(
        "It ends now, and the use that is reserved for it is given back. What models have cost so "
        "far stays in the ledger."
    )
    _act(operator, pipeline_id, "Cancel the run", edits.cancel, "The run is cancelled.")


@st.dialog("Retry the run", on_dismiss="rerun")
def retry(operator: Operator, pipeline_id: str) -> None:
    st.write(
        "It goes on from the stage that failed, for whoever asked for it: another use of theirs is "
        "reserved, and taken only for a component that passes the gate. Model money counts from "
        "zero again."
    )
    _act(operator, pipeline_id, "Retry the run", edits.retry, "The run goes on.")


def _act(
    operator: Operator,
    pipeline_id: str,
    label: str,
    act: Callable[[Operator, str, str], str],
    said: str,
) -> None:
    reason = dialogs.reason_field("pipeline_reason")
    if not st.button(label, type="primary", key="pipeline_confirm"):
        return
    if dialogs.attempt(reason, lambda: act(operator, pipeline_id, reason)):
        dialogs.done(said)


def to_stages(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Stage": [stage_of(each) for each in rows["stage"]],
            "Round": rows["round"],
            "Attempt": rows["attempt"],
            "Run": rows["run"],
            "End": [STATES.get(each, each) for each in rows["state"]],
            "Began": [words.moment(at.isoformat(), zone) for at in rows["began_at"]],
            "Took": [
                formats.NONE
                if pd.isna(end)
                else formats.duration((end - at).total_seconds() * 1000)
                for at, end in zip(rows["began_at"], rows["ended_at"], strict=True)
            ],
            "Cost": [cost_of(each, 0) for each in rows["cost_microusd"]],
            "Runner": rows["runner"],
            "Again at": [
                formats.NONE if pd.isna(at) else words.moment(at.isoformat(), zone)
                for at in rows["retry_at"]
            ],
            "Why": [
                cause_of(code, params)
                for code, params in zip(rows["code"], rows["params"], strict=True)
            ],
        }
    )


def to_quality(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A line per figure, a column per round; the chosen round is named."""
    columns: dict[str, list[str]] = {}
    for row in rows:
        shown = show_figures(row)
        columns.setdefault("Figure", [each.label for each in shown])
        chosen = ", chosen" if row.get("is_chosen") else ""
        passed = "passed" if row.get("is_passed") else "did not pass"
        columns[f"Round {row['round']} ({passed}{chosen})"] = [
            f"{each.value} {VERDICTS.get(each.verdict, '')}".strip() for each in shown
        ]
        columns["Wanted"] = [each.wanted or formats.NONE for each in shown]
    # What is wanted comes last, however many rounds there are.
    if "Wanted" in columns:
        columns["Wanted"] = columns.pop("Wanted")
    return pd.DataFrame(columns)


def to_files(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "File": [
                f"{kind} {name}".strip().capitalize()
                for kind, name in zip(rows["kind"], rows["name"], strict=True)
            ],
            "Round": rows["round"],
            "Size": [size(each) for each in rows["bytes"]],
            "Type": rows["media_type"],
            "SHA-256": rows["sha256"],
            "Stored": [words.moment(at.isoformat(), zone) for at in rows["created_at"]],
        }
    )


def size(count: int) -> str:
    """900 B, 12 kB, 3.4 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def to_ledger(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Row": rows["row"],
            "When": [words.moment(at.isoformat(), zone) for at in rows["at"]],
            "What": [
                "Model call" if each == "pipeline" else "End of the run" for each in rows["feature"]
            ],
            "End": [each.capitalize() for each in rows["status"]],
            "Model": [
                model_name(*pair) or formats.NONE
                for pair in zip(rows["provider"], rows["model"], strict=True)
            ],
            "Cost": [
                "no price" if state == "unpriced" else cost_of(cost, 0)
                for cost, state in zip(rows["cost_microusd"], rows["cost_state"], strict=True)
            ],
            "Time": [formats.duration(ms) for ms in rows["latency_ms"]],
            "Why": [cause_of(code) if code else "" for code in rows["error_code"]],
        }
    )


def to_audit(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "When": [words.moment(at.isoformat(), zone) for at in rows["at"]],
            "Who": [
                "the person" if each in ("user", "service") else each for each in rows["actor"]
            ],
            "What": [
                f"{before} → {after}"
                for before, after in zip(rows["before"], rows["after"], strict=True)
            ],
            "Reason": rows["reason"],
        }
    )
