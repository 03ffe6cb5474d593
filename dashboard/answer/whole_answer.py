"""One answer as a whole: who asked, what became of it, every step, call, token and cost; people's
words behind a reason."""

import json

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.answer import edits, queries, tables
from dashboard.answer.edits import Words
from dashboard.answer.queries import Detail
from dashboard.parts import call_tables, definitions, dialogs, formats, notices, tiles, words
from dashboard.parts.answer_table import STATES, reason_of

NONE_SUCH = (
    "The link may be of an analysis, of a pipeline, or of an answer that was never stored here."
)
GROUNDING = {
    "grounded": "all its numbers were given",
    "repaired": "written again, for its numbers",
    "fell_back": "withheld for its numbers",
    "no_numbers": "it has no numbers",
}
DESIGNS = {
    "read": "design read", "no_node": "not pinned to a frame", "quota": "Figma's quota was used up",
    "forbidden": "no access to the design", "missing": "the frame is gone",
    "failed": "design not readable", "off": "reading designs is off for the team",
}  # fmt: skip
NO_CALL = "No model call is kept: none was made, or it is longer than 30 days ago."
TILE_WIDTH = 150
ROWS_SHOWN = 20


def draw(operator: Operator, answer_id: str, zone: str) -> None:
    found = queries.read_detail(operator, answer_id)
    if found is None:
        notices.say_empty("There is no such answer", NONE_SUCH, icon="history")
        with st.container(horizontal=True):
            _link("Is it an analysis?", "analyses", "analysis", answer_id, "design_services")
            _link("Is it a pipeline?", "pipelines", "pipeline", answer_id, "conveyor_belt")
        return
    _head(operator, found, zone)
    _tiles(found)
    for title, table, none in (
        ("Course", tables.course(found, zone), ""),
        ("Model calls", call_tables.calls(found.attempts), NO_CALL),
        ("Attempts", tables.attempts(found, zone), ""),
        ("Uses", tables.receipts(found.receipts, zone), "No use was reserved for it."),
        ("Ledger", call_tables.ledger(found.ledger, zone), "It has no line in the ledger."),
        ("Deliveries", tables.deliveries(found.deliveries, zone), "Deliveries are kept 30 days."),
        ("Operators", tables.audit(found.audit, zone), "Nobody has looked at it or changed it."),
    ):  # fmt: skip
        _table(title, table, none)


def _head(operator: Operator, found: Detail, zone: str) -> None:
    sign, word = STATES.get(found.state, ("", found.state))
    st.caption(definitions.explain("answer.one"))
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            title = f"{sign} {word}"
            if found.command:
                title += f": command {found.command}"
            st.markdown(f"**{words.plain(title)}**", width="content")
            # Of an answered one it is the last trouble on the way: the course tells it.
            if found.state != "answered" and (found.reason or found.failure_message):
                st.markdown(words.plain(reason_of(found.reason, found.failure_message)))
        for line in (who(found), how(found), traces(found)):
            if line:
                st.caption(words.plain(line))
        if found.deferred_until and found.state == "deferred":
            st.caption(f"Tried again at {words.moment(found.deferred_until, zone)}.")
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                "Show words", key="answer_words", icon=":material/visibility:", type="primary"
            ):
                show_words(operator, found.id)
            if found.author_id:
                _link("Who asked", "people", "person", found.author_id, "person")
            if found.payer_id and found.payer_id != found.author_id:
                _link("Who pays", "people", "person", found.payer_id, "payments")
            if found.team_id and operator.role == "founder":
                _link("Team", "team", "id", found.team_id, "groups")
            _link("Webhooks", "webhooks", "webhooks_search", found.file_key, "webhook")
            st.link_button(
                "Thread at Figma",
                comment_link(found),
                icon=":material/open_in_new:",
                type="tertiary",
            )
            if found.state == "failed":
                st.page_link(
                    "dead_letters/page.py",
                    label="Replay or discard",
                    icon=":material/mark_email_unread:",
                )


def _link(label: str, page: str, name: str, value: str, icon: str) -> None:
    st.page_link(
        f"{page}/page.py", label=label, icon=f":material/{icon}:", query_params={name: value}
    )


def comment_link(found: Detail) -> str:
    return f"https://www.figma.com/design/{found.file_key}#{found.root_comment_id}"


def who(found: Detail) -> str:
    hook = found.webhook
    told = [
        f"asked by {found.author or 'somebody'}" + ("" if found.author_id else ", without account"),
        f"paid by {found.payer}" if found.payer and found.payer_id != found.author_id else "",
        f"team {found.team}" if found.team else "",
        f"plan {words.plan(found.plan_code)}" if found.plan_code else "",
        f"file {found.file_name or found.file_key}",
        f"webhook of {hook.owner or 'somebody who left'} for the {hook.context} "
        f"{hook.label}".rstrip() + f" ({hook.state})" if hook else "",
    ]  # fmt: skip
    return " · ".join(each for each in told if each)


def how(found: Detail) -> str:
    told = [
        call_tables.written_by(found.provider, found.model) if found.provider else "",
        GROUNDING.get(found.grounding or "", ""),
        DESIGNS.get(found.design_state, found.design_state),
        formats.counted(found.facts, "measured fact") if found.facts is not None else "",
        f"prompt {found.prompt_version}" if found.prompt_version else "",
        f"context v{found.context_version}" if found.context_version else "no context",
        f"guidance used: {', '.join(found.guidance)}".replace("_", " ") if found.guidance else "",
    ]
    return " · ".join(each for each in told if each)


def traces(found: Detail) -> str:
    """By which it is found in Figma, in logs and in traces."""
    told = [
        f"answer {found.id}",
        f"comment {found.comment_id}",
        f"reply {found.reply_comment_id}" if found.reply_comment_id else "",
        f"layer {found.node_id}" if found.node_id else "",
        f"request {found.request_id}" if found.request_id else "",
        f"trace {found.trace_id}" if found.trace_id else "",
    ]
    return " · ".join(each for each in told if each)


def _tiles(found: Detail) -> None:
    lines = found.ledger
    is_priced = all(each.cost_microusd is not None for each in lines)
    cost = sum(each.cost_microusd or 0 for each in lines) if is_priced else None
    tokens = [sum(each.input_tokens for each in lines), sum(each.output_tokens for each in lines)]
    shown = (
        ("Cost", call_tables.money(cost) if lines else formats.NONE, "answer.cost"),
        ("Time to reply", formats.duration(lines[-1].latency_ms if lines else None), "answer.time"),
        ("Tokens in", formats.count(tokens[0]), "answer.tokens"),
        ("Tokens out", formats.count(tokens[1]), "answer.tokens"),
        ("Attempts", formats.count(found.attempt), "answer.attempts"),
    )
    with st.grid(5, min_column_width=TILE_WIDTH):
        for label, value, name in shown:
            with st.container(border=True, height="stretch"):
                st.metric(label, value, help=definitions.explain(name))


def _table(title: str, table: pd.DataFrame, none: str) -> None:
    if table.empty and not none:
        return
    st.header(title, anchor=False)
    if table.empty:
        st.caption(none)
        return
    st.dataframe(
        table,
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(table), ROWS_SHOWN),
        column_config={"Cost": st.column_config.TextColumn(alignment="right")},
        alt=f"{title} of this answer",
    )


@st.dialog("Show the comment, its reply and what was sent", width="large", on_dismiss="rerun")
def show_words(operator: Operator, answer_id: str) -> None:
    st.write("What people write and design is theirs. Say what you need it for.")
    reason = dialogs.reason_field("answer_words_reason")
    if not st.button("Show them", type="primary", key="answer_words_confirm"):
        return
    shown = dialogs.attempt(reason, lambda: edits.reveal(operator, answer_id, reason))
    if shown:
        _words(shown)


def _words(shown: Words) -> None:
    for title, text, none in (
        ("Question", shown.question, "Not kept."),
        ("Reply", shown.reply, "There is none."),
    ):
        st.caption(title)
        st.code(text or none, language=None, wrap_lines=True)
    st.caption("Measured facts")
    facts = json.dumps(shown.facts, indent=1, ensure_ascii=False) if shown.facts else ""
    st.code(
        facts or "None.", language="json" if facts else None, height=260 if facts else "content"
    )
    call_tables.draw_sent(shown.prompts)
