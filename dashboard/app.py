"""The router: who is signed in, which pages they may open, the title, and the page."""

from functools import partial

import streamlit as st

from dashboard import pages
from dashboard.access import hand_over, session
from dashboard.config import SettingsError, load_settings
from dashboard.parts import branding, gate, notices

st.set_page_config(page_title="Figma AI Buddy", page_icon=branding.icon(), layout="wide")
st.html(branding.SHEET)
try:
    load_settings()
except SettingsError as problem:
    st.error(str(problem), title="The dashboard is not set up", icon=":material/settings:")
    st.stop()

if session.current() is None:
    # Registered but hidden, so that the URL still names the page to return to after signing in.
    st.navigation(pages.for_role(None), position="hidden")
with notices.show_errors(offer_retry=True):
    operator = gate.require_operator()
    sections = pages.for_role(operator.role, partial(gate.draw_closed, operator))
    if not sections:
        gate.draw_no_pages(operator.email)
        st.stop()
    page = st.navigation(sections, expanded=True)
    if page.url_path == pages.HOME:
        page.run()
    branding.draw(operator)
    if ticket := session.ticket():
        # Before the page, because the page can take a while. The empty slot is not visible here.
        with st.sidebar:
            hand_over.draw(ticket)
    st.title(page.title, anchor=False)
    page.run()
