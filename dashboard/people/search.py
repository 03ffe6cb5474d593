"""Finding a person: one search field for every identifier."""

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.reporting import read_reporting
from dashboard.parts import notices, words
from dashboard.people import queries
from dashboard.people.person import Hit

HELP = (
    "The start of a name or of any word of it; a whole e-mail address (parts of one are not "
    "searched, because addresses are masked); a Figma user id; a link to, or the key of, a file, "
    "project or team."
)


def draw(operator: Operator) -> None:
    typed = st.text_input(
        "Find a person",
        key="people_query",
        placeholder="Name, e-mail address, Figma id or link to a file",
        help=HELP,
        icon=":material/search:",
        max_chars=500,
    )
    query = (typed or "").strip()
    found = queries.find_people(operator, query)
    if not found.people:
        _say_nobody(query)
        return
    if not query:
        st.caption("The newest accounts:")
    zone = read_reporting(operator).time_zone
    for person in found.people:
        _row(person, zone)
    if found.has_more:
        st.caption("There are more. Type more of the name to narrow it down.")


def _say_nobody(query: str) -> None:
    if query:
        notices.say_empty(
            "Nobody found",
            "Check the spelling, or paste the link of a file where the person wrote. An e-mail "
            "address is only found as a whole.",
            icon="person_search",
        )
    else:
        notices.say_empty(
            "Nobody has signed in yet",
            "A person appears here after they sign in with Figma for the first time.",
            icon="group",
        )


def _row(person: Hit, zone: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap=None):
            name = words.plain(person.handle) or "No name"
            state = "" if person.state == "active" else f" :red-badge[{person.state}]"
            st.markdown(f"**{name}**{state}")
            facts = [
                person.plan,
                words.plain(person.team or ""),
                words.plain(person.email or ""),
                f"Figma id {words.plain(person.figma_user_id or '')}"
                if person.state != "deleted"
                else "",
                f"last seen {words.moment(person.last_seen_at, zone)}",
                "" if person.matched in ("newest", "handle") else person.matched,
            ]
            st.caption(" · ".join(fact for fact in facts if fact))
        st.button(
            "Open",
            key=f"people_open_{person.user_id}",
            on_click=open_person,
            args=(person.user_id,),
            icon=":material/arrow_forward:",
        )


def open_person(user_id: str) -> None:
    st.query_params["person"] = user_id


def close_person() -> None:
    st.query_params.clear()
