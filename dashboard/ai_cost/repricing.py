"""Re-pricing on the page AI cost: show before and after per person, then write adjustments."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.ai_cost import edits, queries, tables
from dashboard.ai_cost.edits import Preview
from dashboard.ai_cost.queries import Repricing
from dashboard.data.reporting import read_reporting
from dashboard.data.writes import Refused
from dashboard.parts import cost_words, formats, price_fields
from dashboard.parts.model_prices import model_in_words
from dashboard.parts.words import day

HOW = (
    "Change what a model cost in a past period, for example to give unpriced calls a price. The "
    "ledger stays as it is: the difference is written as dated adjustments, and every sum here "
    "shows both together. Costs the provider reported are never changed."
)
CHOICE = "repricing_choice"
DONE = "repricing_done"


def draw(operator: Operator, zone: str) -> None:
    st.header("Re-pricing", anchor=False)
    st.caption(HOW)
    if said := st.session_state.pop(DONE, None):
        st.success(said, icon=":material/check:")
    with st.form("repricing_form"):
        choice = _ask(zone)
        if st.form_submit_button("Preview", icon=":material/visibility:"):
            # A new key for each preview, so that one preview is written only once.
            st.session_state[CHOICE] = (choice, str(uuid4()))
    if CHOICE in st.session_state:
        try:
            _draw_preview(operator, *st.session_state[CHOICE])
        except Refused as refusal:
            st.error(str(refusal).replace("$", r"\$"), icon=":material/block:")
    _draw_past(operator)


def _ask(zone: str) -> tuple[Any, ...]:
    """Provider, model, start, end (not included), and the prices."""
    today = datetime.now(ZoneInfo(zone)).date()
    provider, model, tier = price_fields.ask_model("repricing")
    period = st.columns(2)
    month = today.replace(day=1)
    first = period[0].date_input(
        "First day", (month - timedelta(days=1)).replace(day=1), key="repricing_first"
    )
    last = period[1].date_input("Last day", month - timedelta(days=1), key="repricing_last")
    prices = price_fields.ask_prices("repricing", tier)
    start, end = _moment(first, zone), _moment(last + timedelta(days=1), zone)
    return provider, model, start, end, prices


def _moment(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _draw_preview(operator: Operator, choice: tuple[Any, ...], key: str) -> None:
    found = edits.preview(operator, *choice)
    with st.container(border=True):
        st.text(model_in_words(choice[0], choice[1], choice[4].service_tier))
        before, after, change = st.columns(3)
        before.metric("Before", cost_words.money(found.before_microusd))
        after.metric("After", cost_words.money(found.after_microusd))
        change.metric("Change", cost_words.signed(found.after_microusd - found.before_microusd))
        st.caption(_in_words(found))
        if found.people:
            st.dataframe(
                tables.people_of(found), hide_index=True, alt="Before and after per person"
            )
        if not found.calls:
            return
        if operator.role != "founder":
            st.caption("A founder can apply this.")
            return
        with st.form("repricing_apply"):
            reason = st.text_input("Why", key="repricing_reason", max_chars=500)
            if st.form_submit_button("Apply and write adjustments", type="primary"):
                parameters = queries.repricing(*choice)
                _apply(operator, parameters | {"p_key": key, "p_seen": found.seen}, reason)


def _in_words(found: Preview) -> str:
    newly = found.unpriced_before - found.unpriced_after
    words = f"{formats.count(found.calls)} calls priced anew, {formats.count(newly)} of them "
    words += "for the first time."
    for calls, why in (
        (found.reported, "reported by the provider"),
        (found.no_tokens, "without token counts"),
        (found.mixed, "that more than one model had a part in"),
        (found.other_tier, "served at another service tier"),
    ):
        if calls:
            words += f" {formats.count(calls)} {why} stay as they are."
    return words


def _apply(operator: Operator, parameters: dict[str, Any], reason: str) -> None:
    with st.status("Writing adjustments") as status:
        done = edits.apply_repricing(
            operator,
            parameters,
            reason,
            lambda part: status.update(label=f"Written up to {day(part.done_to)}"),
        )
    st.session_state.pop(CHOICE, None)
    amount = cost_words.signed(done.amount_microusd).replace("$", r"\$")
    st.session_state[DONE] = f"Adjustments written: {amount} in all."
    st.rerun()


def _draw_past(operator: Operator) -> None:
    past = queries.read_repricings(operator)
    if not past:
        return
    st.dataframe(
        tables.repricings(past, read_reporting(operator).time_zone),
        hide_index=True,
        alt="Past re-pricings",
    )
    for each in past:
        if each.finished_at or operator.role != "founder":
            continue
        st.warning("A re-pricing was broken off. Continue it before the next one of this model.")
        if st.button("Continue", key=f"continue_{each.id}", icon=":material/play_arrow:"):
            _apply(operator, _parameters_of(each), each.reason)


def _parameters_of(row: Repricing) -> dict[str, Any]:
    return {
        "p_key": row.id,
        "p_provider": row.provider,
        "p_model": row.model,
        "p_from": row.from_at,
        "p_to": row.to_at,
        "p_input": row.input_microusd_per_million,
        "p_cached": row.cached_input_microusd_per_million,
        "p_output": row.output_microusd_per_million,
        "p_cache_write": row.cache_write_microusd_per_million,
        "p_service_tier": row.service_tier,
        "p_classes": row.class_microusd_per_million,
        "p_seen": 0,
    }
