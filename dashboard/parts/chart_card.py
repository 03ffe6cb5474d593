"""A chart with its title, its definition on hover, and the rows it is drawn from."""

from collections.abc import Callable
from time import sleep

import plotly.graph_objects as go
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.data.view import View
from dashboard.parts import chart_style, note_marks, tiles
from dashboard.parts.metric import Rows

# A browser draws in one go what comes together, and Plotly takes most of it.
SEEN_FIRST_SECONDS = 0.4
OPENED = "charts_of"


def draw(
    name: str,
    title: str,
    definition: str,
    figure: go.Figure,
    opens: Callable[[], Rows],
    view: View | None = None,
    *,
    is_by_step: bool = False,
) -> None:
    """`name` is the CSV's. A chart by the view's steps has them all on its x axis, and an
    unfinished last one is marked."""
    has_steps = any(trace.x is not None and len(trace.x) for trace in figure.data)
    if is_by_step and view and has_steps:
        chart_style.span(figure, view.buckets())
        if view.is_unfinished:
            palette = chart_style.palette_of(st.context.theme.type)
            chart_style.mark_unfinished(figure, view.buckets(), palette)
    note_marks.mark(figure, chart_style.palette_of(st.context.theme.type))
    st.header(title, anchor=False, help=definition)
    let_figures_be_seen()
    st.plotly_chart(figure, theme=None, config=chart_style.CONFIG, key=f"chart_{name}", alt=title)
    tiles.rows_of(name, title, opens, view)


def chart(figure: go.Figure, name: str) -> None:
    let_figures_be_seen()
    note_marks.mark(figure, chart_style.palette_of(st.context.theme.type))
    st.plotly_chart(figure, theme=None, config=chart_style.CONFIG, key=f"chart_{name}", alt=name)


def let_figures_be_seen() -> None:
    """Before the first chart of a page that is opened: the browser shows what stands above it."""
    context = get_script_run_ctx()
    page = context.page_script_hash if context else ""
    if st.session_state.get(OPENED) != page:
        st.session_state[OPENED] = page
        sleep(SEEN_FIRST_SECONDS)
