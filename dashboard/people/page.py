"""Find a person, see their whole story, edit their context, and do things for them."""

from uuid import UUID

import streamlit as st

from dashboard.data.reporting import read_reporting
from dashboard.parts import dialogs, filters, gate, notices
from dashboard.people import account, editor, head, history, notes, queries, search, story

PARTS = ("Story", "Context", "Account")


def picked_person() -> str | None:
    """The id in the address, if it is one."""
    try:
        return str(UUID(st.query_params.get("person", "")))
    except ValueError:
        return None


def draw_context(user_id: str, zone: str, *, is_deleted: bool) -> None:
    versions = queries.read_versions(operator, user_id)
    if not versions:
        why = "It was removed with the account." if is_deleted else "They have not signed in since."
        notices.say_empty("No context", why, icon="edit_off")
        return
    editor.draw(operator, user_id, versions[0])
    history.draw(operator, user_id, versions, zone, may_undo=not is_deleted)


operator = gate.require_operator()
dialogs.say_done()
with notices.show_errors(offer_retry=True):
    user_id = picked_person()
    if user_id is None:
        search.draw(operator)
        st.stop()
    card = queries.read_card(operator, user_id)
    if card is None:
        notices.say_empty("There is no such person", "The link may be old.", icon="person_off")
        st.button("All people", on_click=search.close_person, icon=":material/arrow_back:")
        st.stop()
    zone = read_reporting(operator).time_zone
    head.draw(operator, card, zone)
    notes.draw(operator, user_id, zone, may_write=card.state != "deleted")
    filters.say_zone(operator)
    part = st.segmented_control(
        "Part",
        PARTS,
        default=PARTS[0],
        key="people_part",
        required=True,
        bind="query-params",
        label_visibility="collapsed",
    )
    if part == "Context":
        draw_context(user_id, zone, is_deleted=card.state == "deleted")
    elif part == "Account":
        account.draw(operator, card, zone)
    else:
        story.draw(operator, user_id, zone)
