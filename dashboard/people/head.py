"""The top of one person's page: who they are, their plan, and their usage."""

from collections.abc import Callable
from typing import Literal

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import definitions, dialogs, formats, tiles, words
from dashboard.parts.metric import Figure, Rows
from dashboard.people import edits, queries, search
from dashboard.people.person import Card, Usage

STATES: dict[str, Literal["green", "orange", "red"]] = {
    "active": "green",
    "suspended": "orange",
    "deleted": "red",
}
TILE_WIDTH = 150
LEFT = definitions.metric("people.uses_left")
ANSWERS = definitions.metric("people.answers")
COST = definitions.metric("people.cost")


def draw(operator: Operator, card: Card, zone: str) -> None:
    st.button(
        "All people", on_click=search.close_person, icon=":material/arrow_back:", type="tertiary"
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(words.plain(card.handle) or "No name", anchor=False, width="content")
        st.badge(card.state.capitalize(), color=STATES[card.state])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(_identity(card, zone), width="content")
        if card.email and st.button(
            "Show e-mail", key="people_show_email", icon=":material/visibility:", type="tertiary"
        ):
            show_email(operator, card.user_id)
        if card.team and operator.role == "founder":
            st.page_link(
                "team/page.py",
                label="Open the team",
                icon=":material/groups:",
                query_params={"name": card.team},
            )
    if card.needs_sign_in:
        st.warning(
            "Figma no longer accepts their connection. Comments in their files wait until they "
            "sign in again.",
            icon=":material/link_off:",
        )
    _tiles(operator, card)


def _identity(card: Card, zone: str) -> str:
    since = words.moment(card.first_seen_at, zone).split(",")[0]
    facts = [card.team, card.email, f"since {since}"]
    if card.state != "deleted":
        facts.insert(0, f"Figma id {card.figma_user_id}")
    return " · ".join(fact for fact in facts if fact)


def _tiles(operator: Operator, card: Card) -> None:
    usage, totals = card.usage, card.totals

    def days(name: str) -> Callable[[], Rows]:
        footer = {name: getattr(totals, name)}
        return lambda: Rows(queries.read_days(operator, card.user_id), footer)

    with st.grid(4, min_column_width=TILE_WIDTH):
        with st.container(border=True, height="stretch"):
            st.metric("Plan", usage.plan_name, help=definitions.explain("people.plan"))
        for metric, figure, opens in (
            (LEFT, Figure(usage.left, note=f"of {formats.count(usage.limit)}"),
             lambda: Rows(balance(usage), {LEFT.name: usage.left})),
            (ANSWERS, Figure(totals.answered, note=f"{formats.count(totals.failed)} failed"),
             days("answered")),
            (COST, Figure(totals.cost_microusd,
                          note=f"{formats.count(totals.unpriced)} unpriced"),
             days("cost_microusd")),
        ):  # fmt: skip
            tiles.tile(metric, figure, opens)


def balance(usage: Usage) -> pd.DataFrame:
    """How the remaining uses add up, with signs: columns what and left."""
    parts = {
        "Allowance of the period, granted uses included": usage.limit,
        "Used": -usage.used,
        "Reserved for questions that are being answered": -usage.reserved,
    }
    # Granted uses can be revoked after they were used.
    parts["Used beyond the allowance"] = usage.left - sum(parts.values())
    kept = {what: uses for what, uses in parts.items() if uses}
    return pd.DataFrame({"what": list(kept), LEFT.name: list(kept.values())})


@st.dialog("Show the e-mail address", on_dismiss="rerun")
def show_email(operator: Operator, user_id: str) -> None:
    st.write("The address is personal data. Say what you need it for.")
    reason = dialogs.reason_field("people_email_reason")
    if st.button("Show it", type="primary", key="people_email_confirm"):
        shown = dialogs.attempt(reason, lambda: edits.reveal_person(operator, user_id, reason))
        if shown:
            st.code(shown.email or "No address is known.", language=None)
