"""The operators' dashboard: a Streamlit app. It reads the database as the signed-in operator.

`server.py` serves `app.py`, the router; `pages.py` says who may open which page. A page is one
folder: `page.py` is a flat script, its reads are in `queries.py`, its changes in `edits.py`, its
charts in `charts.py`. What pages share is in `parts/` (to draw with), `data/` (reading and
changing), `exports/` (files) and `access/` (signing in).
"""
