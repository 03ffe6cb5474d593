"""Saved views of a page: names for its address, which carries the period and all filters."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import saved_views
from dashboard.data.writes import Refused

# Not part of a view: which person or row is open.
OPENED = ("person", "code", "ticket")


def draw(operator: Operator) -> None:
    """The popover with the operator's views of this page."""
    page = page_of(st.context.url or "")
    popover = st.popover(
        "Views", icon=":material/bookmark:", type="tertiary", key="views", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        st.caption("A name for what the address says: period, filters and choices of this page.")
        for view in saved_views.read_views(operator, page):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.page_link(
                    f"{page}/page.py",
                    label=view.name,
                    icon=":material/bookmark:",
                    query_params=parse_qsl(view.query),
                )
                if st.button("Remove", key=f"view_remove_{view.id}", type="tertiary"):
                    saved_views.remove_view(operator, view.id)
                    st.rerun()
        with st.form("view_form", border=False, clear_on_submit=True):
            name = st.text_input("Name", max_chars=60, key="view_name")
            if st.form_submit_button("Save this view", icon=":material/save:"):
                try:
                    saved_views.save_view(operator, page, name or "", query_of_page())
                except Refused as refusal:
                    st.error(str(refusal), icon=":material/block:")
                    return
                st.rerun()


def page_of(url: str) -> str:
    """The folder of the page at an address; the first page has none."""
    return urlsplit(url).path.rstrip("/").rpartition("/")[2] or "overview"


def query_of_page() -> str:
    """The address's choices, without what is opened on the page."""
    names = [name for name in st.query_params if name not in OPENED]
    return urlencode([(name, each) for name in names for each in st.query_params.get_all(name)])
