"""The operators' dashboard: a Streamlit app that reads, as the signed-in operator, what they may.

`server.py` serves `app.py`, the router; each page of `app_pages/` is a flat script. Reads are in
`queries.py`, charts in `charts.py`, words and numbers in `formats.py`.
"""
