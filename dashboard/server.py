"""Serves `app.py` and remembers who is signed in: `python -m streamlit run dashboard/server.py`.

`python -m streamlit run dashboard/app.py` serves the same dashboard without the security headers,
and a reload of the page then asks for the password again.
"""

import streamlit as st
from starlette.middleware import Middleware

from dashboard.access import hand_over, headers, sign_ups, uploads
from dashboard.config import load_settings
from dashboard.exports import downloads

sign_ups.warn_beside(load_settings())
app = st.App(
    "app.py",
    routes=[downloads.ROUTE, *hand_over.ROUTES],
    middleware=[Middleware(headers.Headers), Middleware(uploads.Uploads)],
    exception_handlers={Exception: headers.say_broken},
)
