"""The logo, what of the look no theme sets, and the bottom of the sidebar: who is signed in."""

from pathlib import Path

import streamlit as st

from dashboard.access import session
from dashboard.access.auth import Operator

MARK = Path(__file__).with_name("mark.svg")
# What of Streamlit's look no theme can set.
SHEET = Path(__file__).with_name("streamlit.css")


def icon() -> str:
    return str(MARK)


def draw(operator: Operator) -> None:
    st.logo(wordmark(st.context.theme.type), size="large", icon_image=icon())
    with st.sidebar:
        st.space("small")
        st.caption("Signed in as")
        # Plain text: an address must not be read as Markdown.
        st.text(operator.email)
        st.badge(operator.role.capitalize(), icon=":material/badge:", color="violet")
        st.button("Sign out", on_click=session.end, icon=":material/logout:", width="stretch")


def wordmark(theme: str | None) -> str:
    """The logo with the product's name, as SVG text in the colour of the theme."""
    colour = "#EDEFF5" if theme == "dark" else "#171A23"
    mark = MARK.read_text(encoding="utf-8").split(">", 1)[1].rsplit("</svg>", 1)[0]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 330 64" role="img" '
        f'aria-label="Figma AI Buddy">{mark}<text x="78" y="43" font-size="32" font-weight="600" '
        # The name fits whatever font is installed.
        'textLength="244" lengthAdjust="spacingAndGlyphs" '
        f'font-family="Source Sans, Segoe UI, Arial, sans-serif" fill="{colour}">Figma AI Buddy'
        "</text></svg>"
    )
