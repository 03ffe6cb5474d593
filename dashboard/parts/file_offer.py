"""A file that is written on request, row by row, and then offered for download."""

from collections.abc import Callable
from typing import BinaryIO

import streamlit as st

from dashboard.access import session
from dashboard.exports import downloads
from dashboard.parts import formats

# Writes the file and returns its number of rows; reports progress now and then.
Writer = Callable[[BinaryIO, Callable[[int], None]], int]


def draw(key: str, name: str, writer: Writer, *, label: str = "Prepare", expected: int = 0) -> None:
    """A button that writes the file called `name`, then a link to the file.

    `expected` is the probable number of rows; 0 when it is not known.
    """
    if st.button(label, key=f"{key}_button", icon=":material/description:"):
        st.session_state[key] = _prepare(name, writer, expected)
    if found := st.session_state.get(key):
        path, address, rows = found
        text = f"Download {formats.counted(rows, 'row')}"
        if address:
            st.link_button(text, address, icon=":material/download:", type="primary")
        elif path.exists():
            # Without `server.py` no route serves the file.
            st.download_button(
                text, path.read_bytes(), name, "text/csv", key=f"{key}_download", on_click="ignore"
            )


def _prepare(name: str, writer: Writer, expected: int) -> tuple[object, str | None, int]:
    bar = st.progress(0.0, text="Writing …")

    def tell(rows: int) -> None:
        bar.progress(rows / max(rows, expected, 1), text=formats.counted(rows, "row"))

    path = downloads.new_path()
    with path.open("wb") as target:
        rows = writer(target, tell)
    bar.empty()
    browser = session.browser()
    return path, downloads.offer(path, name, browser) if browser else None, rows
