"""The signed-in person's own second factors."""

import streamlit as st

from dashboard.parts import gate, notices, second_factor_forms

operator = gate.require_operator()
st.caption("Your own second factors: codes from an authenticator app, asked after the password.")
with notices.show_errors():
    second_factor_forms.draw_own(operator.sign_in)
