"""The operators' dashboard: a Streamlit app that reads, as the signed-in operator, what they may.

`server.py` serves `app.py`, the router; each page of `app_pages/` is a flat script. Reads are in
`queries/`, changes in `edits/`, charts in `charts/`, words and numbers in `formats.py`.
"""
