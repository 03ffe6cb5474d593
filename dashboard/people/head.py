"""The head of one person's page: who they are, their plan, and what they used."""

from typing import Any, Literal

import streamlit as st

from dashboard import formats
from dashboard.auth import Operator
from dashboard.edits import people as edits
from dashboard.people import asking, search, words

STATES: dict[str, Literal["green", "orange", "red"]] = {
    "active": "green",
    "suspended": "orange",
    "deleted": "red",
}
TILE_WIDTH = 150


def draw(operator: Operator, card: dict[str, Any], zone: str) -> None:
    st.button(
        "All people", on_click=search.close_person, icon=":material/arrow_back:", type="tertiary"
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(words.plain(card["handle"]) or "No name", anchor=False, width="content")
        st.badge(card["state"].capitalize(), color=STATES[card["state"]])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.text(_identity(card, zone), width="content")
        if card["email"] and st.button(
            "Show e-mail", key="people_show_email", icon=":material/visibility:", type="tertiary"
        ):
            show_email(operator, card["user_id"])
    if card["needs_sign_in"]:
        st.warning(
            "Figma no longer accepts their connection. Comments in their files wait until they "
            "sign in again.",
            icon=":material/link_off:",
        )
    _tiles(card)


def _identity(card: dict[str, Any], zone: str) -> str:
    since = words.moment(card["first_seen_at"], zone).split(",")[0]
    facts = [card["team"], card["email"], f"since {since}"]
    if card["state"] != "deleted":
        facts.insert(0, f"Figma id {card['figma_user_id']}")
    return " · ".join(fact for fact in facts if fact)


def _tiles(card: dict[str, Any]) -> None:
    usage, totals = card["usage"], card["totals"]
    with st.grid(4, min_column_width=TILE_WIDTH):
        st.metric(
            "Plan",
            usage["plan_name"],
            help="Their own subscription, else their team's, else the trial.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Uses left",
            formats.count(usage["left"]),
            delta=f"of {formats.count(usage['limit'])}",
            delta_color="off",
            delta_arrow="off",
            help="Allowance of the plan's current period plus granted uses, minus uses settled "
            "and reserved.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Answers",
            formats.count(totals["answered"]),
            delta=f"{formats.count(totals['failed'])} failed",
            delta_color="off",
            delta_arrow="off",
            help="Ledger rows of all time that this person paid with a use and that ended with a "
            "posted reply, commands included.",
            border=True,
            height="stretch",
        )
        st.metric(
            "AI cost",
            formats.money(totals["cost_microusd"]),
            delta=f"{formats.count(totals['unpriced'])} unpriced",
            delta_color="off",
            delta_arrow="off",
            help="What the models cost for this person, of all time. Calls without a known price "
            "are counted apart.",
            border=True,
            height="stretch",
        )


@st.dialog("Show the e-mail address")
def show_email(operator: Operator, user_id: str) -> None:
    st.write("The address is personal data. Say what you need it for.")
    reason = asking.reason_field("people_email_reason")
    if st.button("Show it", type="primary", key="people_email_confirm"):
        shown = asking.attempt(reason, lambda: edits.reveal_person(operator, user_id, reason))
        if shown:
            st.code(shown["email"] or "No address is known.", language=None)
