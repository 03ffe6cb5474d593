"""One answer, opened whole: by its address, or found by the link of a comment."""

import re
from uuid import UUID

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.answer import queries, whole_answer
from dashboard.data.reporting import read_reporting
from dashboard.parts import dialogs, filters, gate, notices

PARAMETER = "id"
HELP = (
    "The reference in the last line of a reply (ref 7K2M9QX4TA), the id of an answer, or the link "
    "of a comment (or of our reply) as Figma copies it."
)
# As people quote it, with or without what stands before it.
REFERENCE = re.compile(r"\s*(?:.*\bref\s+)?([0-9A-HJKMNP-TV-Z]{10})\s*", re.I)
# https://www.figma.com/design/KEY/Name?node-id=1-2#123456, of which branches name two keys.
COMMENT_LINK = re.compile(r"figma\.com/[a-z]+/([A-Za-z0-9]+)(?:/branch/([A-Za-z0-9]+))?.*#(\d+)")


def asked_for() -> str | None:
    """The id in the address; None without one, or for anything that is no id."""
    return id_of(st.query_params.get(PARAMETER, ""))


def id_of(typed: str) -> str | None:
    try:
        return str(UUID(typed.strip()))
    except ValueError:
        return None


def find(operator: Operator, typed: str) -> str | None:
    if found := id_of(typed):
        return found
    if reference := REFERENCE.fullmatch(typed):
        return queries.find_by_reference(operator, reference[1])
    link = COMMENT_LINK.search(typed)
    if link is None:
        return None
    file_key, branch, comment = link.groups()
    return queries.find_by_comment(operator, branch or file_key, comment)


def draw_search(operator: Operator) -> None:
    typed = st.text_input(
        "Find an answer",
        key="answer_query",
        placeholder="Reference or id of an answer, or link of a comment in Figma",
        help=HELP,
        icon=":material/search:",
        max_chars=500,
    )
    if found := find(operator, typed or ""):
        st.query_params[PARAMETER] = found
        st.rerun()
    if typed:
        notices.say_empty(
            "No answer found",
            "Paste the ten letters after “ref”, or the whole link with the number after “#”.",
            icon="search_off",
        )
    else:
        notices.say_empty(
            "Nothing is opened",
            "Pick an answer on Live, Dead letters or a person's story, or paste a link above.",
            icon="chat",
        )


operator = gate.require_operator()
dialogs.say_done()
filters.say_zone(operator)
with notices.show_errors(offer_retry=True):
    if opened := asked_for():
        whole_answer.draw(operator, opened, read_reporting(operator).time_zone)
    else:
        draw_search(operator)
