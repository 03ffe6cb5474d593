"""Notices shown instead of data: empty, not allowed, refused, unavailable, session over."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.access import session
from dashboard.access.auth import SessionOver
from dashboard.data.writes import Refused
from dashboard.results import DataUnavailable

UNAVAILABLE = (
    "The figures cannot be read right now. Nothing is lost: comments are answered without this "
    "page. If it stays like this, check that Supabase can be reached."
)
STILL_UNAVAILABLE = "This part cannot be read right now. It tries again by itself."
NO_ANSWERS_YET = (
    "Write `@buddy` and a question in a comment of a Figma file where the buddy is switched on. "
    "The first answer appears here within seconds."
)
NOT_FOR_YOUR_ROLE = (
    "Your role sees figures, not single answers: those carry people's names and file names. "
    "A founder can change your role if you need them."
)


@contextmanager
def show_errors(*, in_full: bool = True, offer_retry: bool = False) -> Iterator[None]:
    """Turns an error while reading into one plain sentence on the page.

    A page shows the full text once (`in_full`). Fragments retry by themselves; the router offers a
    retry.
    """
    try:
        yield
    except DataUnavailable:
        if not in_full:
            st.caption(STILL_UNAVAILABLE)
            return
        st.error(UNAVAILABLE, title="No figures right now", icon=":material/cloud_off:")
        if offer_retry:
            st.button("Try again", icon=":material/refresh:")
    except Refused as refusal:
        st.error(str(refusal), title="Not done", icon=":material/block:")
    except SessionOver as over:
        session.end(notice=str(over))
        st.rerun()


def say_no_answers_yet() -> None:
    st.info(NO_ANSWERS_YET, title="No answers yet", icon=":material/forum:")


def say_nothing_matches(is_narrowed: bool) -> None:
    st.caption(
        "No comment of this period is in the picked states."
        if is_narrowed
        else "No comment was addressed to the buddy in this period."
    )


def say_empty(title: str, sentence: str, icon: str = "inbox") -> None:
    """Nothing to show yet: say what would be here, and how it gets here."""
    st.info(sentence, title=title, icon=f":material/{icon}:")


def say_not_for_your_role(sentence: str = NOT_FOR_YOUR_ROLE) -> None:
    st.info(sentence, title="Not part of your role", icon=":material/lock:")
