"""Serves `app.py` and remembers who is signed in: `python -m streamlit run dashboard/server.py`.

`python -m streamlit run dashboard/app.py` serves the same dashboard; only a reload of the page then
asks for the password again.
"""

import streamlit as st
from starlette.middleware import Middleware

from dashboard import downloads
from dashboard.remembered import BrowserCookie
from dashboard.settings import load_settings

load_settings()
app = st.App("app.py", routes=[downloads.ROUTE], middleware=[Middleware(BrowserCookie)])
