"""The signed-in person's own password and second factors."""

import streamlit as st

from dashboard.parts import gate, notices, password_form, second_factor_forms

operator = gate.require_operator()
st.caption(
    "Your own password, and second factors: codes from an authenticator app, asked after it."
)
with notices.show_errors():
    second_factor_forms.draw_own(operator.sign_in)
    st.header("Change your password", anchor=False)
    password_form.draw(operator.sign_in)
