"""Re-pricing on the page AI cost: see before and after per person, then write adjustments."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import streamlit as st

from dashboard import cost_tables, formats
from dashboard.auth import Operator
from dashboard.edits import ai_cost as edits
from dashboard.edits.sending import Refused
from dashboard.queries import ai_cost

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
            # A new key for each preview: what is applied from it is written once.
            st.session_state[CHOICE] = (choice, str(uuid4()))
    if CHOICE in st.session_state:
        try:
            _draw_preview(operator, *st.session_state[CHOICE])
        except Refused as refusal:
            st.error(str(refusal).replace("$", r"\$"), icon=":material/block:")
    _draw_past(operator)


def _ask(zone: str) -> tuple[Any, ...]:
    """Provider, model, first moment, moment after the last, and the prices."""
    today = datetime.now(ZoneInfo(zone)).date()
    names, period, prices = st.columns(2), st.columns(2), st.columns(3)
    provider = names[0].text_input("Provider", key="repricing_provider", placeholder="openai")
    model = names[1].text_input("Model", key="repricing_model", placeholder="gpt-5-mini")
    month = today.replace(day=1)
    first = period[0].date_input(
        "First day", (month - timedelta(days=1)).replace(day=1), key="repricing_first"
    )
    last = period[1].date_input("Last day", month - timedelta(days=1), key="repricing_last")
    help = "US dollars per million tokens."
    fresh = prices[0].number_input("Input ($)", 0.0, key="repricing_input", help=help, **_NUMBER)
    cached = prices[1].number_input(
        "Cached input ($)", 0.0, None, None, key="repricing_cached",
        help=f"{help} Empty: as other input.", **_NUMBER,
    )  # fmt: skip
    output = prices[2].number_input("Output ($)", 0.0, key="repricing_output", help=help, **_NUMBER)
    amounts = (micro(fresh), None if cached is None else micro(cached), micro(output))
    start, end = _moment(first, zone), _moment(last + timedelta(days=1), zone)
    return provider.strip(), model.strip(), start, end, amounts


_NUMBER: dict[str, Any] = {"step": 0.01, "format": "%.6g"}


def micro(dollars: float) -> int:
    """Dollars as whole micro-dollars."""
    return round(dollars * 1_000_000)


def _moment(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _draw_preview(operator: Operator, choice: tuple[Any, ...], key: str) -> None:
    found = edits.preview(operator, *choice)
    with st.container(border=True):
        st.text(f"{choice[0]} / {choice[1]}")
        before, after, change = st.columns(3)
        before.metric("Before", cost_tables.money(found["before_microusd"]))
        after.metric("After", cost_tables.money(found["after_microusd"]))
        change.metric(
            "Change", cost_tables.signed(found["after_microusd"] - found["before_microusd"])
        )
        st.caption(_in_words(found))
        if found["people"]:
            st.dataframe(
                cost_tables.people_of(found), hide_index=True, alt="Before and after per person"
            )
        if not found["calls"]:
            return
        if operator.role != "founder":
            st.caption("A founder can apply this.")
            return
        with st.form("repricing_apply"):
            reason = st.text_input("Why", key="repricing_reason", max_chars=500)
            if st.form_submit_button("Apply and write adjustments", type="primary"):
                parameters = ai_cost.repricing(*choice)
                _apply(operator, parameters | {"p_key": key, "p_seen": found["seen"]}, reason)


def _in_words(found: dict[str, Any]) -> str:
    newly = found["unpriced_before"] - found["unpriced_after"]
    words = f"{formats.count(found['calls'])} calls priced anew, {formats.count(newly)} of them "
    words += "for the first time."
    for name, why in (
        ("reported", "reported by the provider"),
        ("no_tokens", "without token counts"),
        ("mixed", "that more than one model had a part in"),
    ):
        if found[name]:
            words += f" {formats.count(found[name])} {why} stay as they are."
    return words


def _apply(operator: Operator, parameters: dict[str, Any], reason: str) -> None:
    with st.status("Writing adjustments") as status:
        done = edits.apply_repricing(
            operator,
            parameters,
            reason,
            lambda part: status.update(label=f"Written up to {part['done_to'][:10]}"),
        )
    st.session_state.pop(CHOICE, None)
    amount = cost_tables.signed(done["amount_microusd"]).replace("$", r"\$")
    st.session_state[DONE] = f"Adjustments written: {amount} in all."
    st.rerun()


def _draw_past(operator: Operator) -> None:
    past = ai_cost.read_repricings(operator)
    if not past:
        return
    st.dataframe(cost_tables.repricings(past), hide_index=True, alt="Past re-pricings")
    for each in past:
        if each["finished_at"] or operator.role != "founder":
            continue
        st.warning("A re-pricing was broken off. Continue it before the next one of this model.")
        if st.button("Continue", key=f"continue_{each['id']}", icon=":material/play_arrow:"):
            _apply(operator, _parameters_of(each), each["reason"])


def _parameters_of(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "p_key": row["id"],
        "p_provider": row["provider"],
        "p_model": row["model"],
        "p_from": row["from_at"],
        "p_to": row["to_at"],
        "p_input": row["input_microusd_per_million"],
        "p_cached": row["cached_input_microusd_per_million"],
        "p_output": row["output_microusd_per_million"],
        "p_seen": 0,
    }
