"""Quality: whether answers were grounded, whether their advice helped, and who says it did not."""

from functools import partial

import streamlit as st

from dashboard.data import at_once
from dashboard.data.grounding_course import read_grounding
from dashboard.parts import chart_style, filters, gate, notices, tiles
from dashboard.quality import figures, queries, sections

operator = gate.require_operator()
view = filters.pick_view(operator)
with notices.show_errors():
    compared = [each for each in (view, view.before()) if each]
    at_once.warm(
        *(partial(read, operator, each) for read in (queries.read_course, read_grounding)
          for each in compared),
        *(partial(queries.read_by, operator, view, kind) for kind in sections.TITLES),
        partial(queries.read_latest_disputes, operator, view),
    )  # fmt: skip
    tiles.draw(view, figures.figures(operator, view), columns=3)
    if queries.read_course(operator, view).empty:
        notices.say_empty(
            "No answers yet",
            "A question in a comment is answered: what becomes of its advice is followed for a "
            "week and shown here.",
        )
    else:
        sections.over_time(operator, view, chart_style.palette_of(st.context.theme.type))
        sections.by(operator, view, "rule")
        sections.by(operator, view, "model")
        sections.by(operator, view, "context")
        sections.disputes(operator, view)
