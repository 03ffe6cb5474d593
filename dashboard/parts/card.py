"""The box in the middle of an otherwise empty page."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator


def card() -> DeltaGenerator:
    middle = st.container(horizontal_alignment="center")
    middle.space("large")
    return middle.container(width=420, border=True)
