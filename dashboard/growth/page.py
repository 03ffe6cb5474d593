"""How many people come, start, stay and leave, and what they use."""

from functools import partial

import streamlit as st

from dashboard.data import at_once
from dashboard.growth import charts as growth_charts
from dashboard.growth import figures, queries, talking
from dashboard.parts import chart_card, chart_style, definitions, filters, gate, notices, tiles
from dashboard.parts.metric import Rows

operator = gate.require_operator()
view = filters.pick_view(operator)
with notices.show_errors():
    compared = [each for each in (view, view.before()) if each]
    at_once.warm(
        *(
            partial(read, operator, each)
            for read in (queries.read_sign_ups, queries.read_active_days)
            for each in compared
        ),
        lambda: queries.read_features(operator, view),
        lambda: queries.read_lifecycle(operator, view, "week"),
    )
    shown = figures.figures(operator, view)
    tiles.draw(view, shown, columns=3)
    days = queries.read_active_days(operator, view)
    if not shown[0][1].value and not days["mau"].sum():
        notices.say_empty(
            "Nobody here yet",
            "Nobody signed up or got an answer in this period. Pick a longer one above, or all "
            "plans and teams.",
            icon="group",
        )
    palette = chart_style.palette_of(st.context.theme.type)

    left, right = st.columns(2)
    with left.container(border=True):
        st.header("Active people", anchor=False, help=definitions.explain("growth.active_people"))
        is_unfinished = queries.last_whole_day(view) < view.last_day
        axis = f"Day ({view.zone})"
        figure = growth_charts.active(days, axis, palette, is_unfinished=is_unfinished)
        chart_card.chart(figure, "Active people by day, week and month")
        tiles.rows_of("active_days", "Active people by day", lambda: Rows(days), view)
    with right.container(border=True):
        st.header("Lifecycle", anchor=False, help=definitions.explain("growth.lifecycle"))
        asked = st.segmented_control(
            "Lifecycle by",
            list(figures.STEPS),
            default="Weeks",
            required=True,
            key="lifecycle",
            bind="query-params",
            label_visibility="collapsed",
        )
        step = figures.STEPS.get(asked, "week")
        periods = queries.read_lifecycle(operator, view, step)
        axis = f"{step.capitalize()} ({view.zone})"
        chart_card.chart(growth_charts.lifecycle(periods, step, axis, palette), "Lifecycle")
        with st.container(horizontal=True, vertical_alignment="center"):
            period = st.selectbox(
                f"People of the {step}",
                periods["period"][::-1],
                index=0 if len(periods) == 1 or periods["is_over"].iloc[-1] else 1,
                format_func=lambda at: f"{step.capitalize()} of {at:%-d %b %Y}",
                label_visibility="collapsed",
                width=220,
            )
            tiles.rows_of(
                "lifecycle",
                f"Lifecycle, {step} of {period:%-d %b %Y}",
                lambda: figures.lifecycle_rows(operator, view, step, period),
                view,
            )
            talking.draw(operator, view, step, period)

    with st.container(border=True):
        heading = st.empty()
        with st.container(horizontal=True):
            by = st.segmented_control(
                "Cohorts by",
                list(figures.STEPS),
                default="Weeks",
                required=True,
                key="cohorts",
                bind="query-params",
                label_visibility="collapsed",
            )
            kind = st.segmented_control(
                "Active",
                list(figures.KINDS),
                default="In that very period",
                required=True,
                key="retained",
                bind="query-params",
                label_visibility="collapsed",
            )
        cohort_step = figures.STEPS.get(by, "week")
        cohort_kind = figures.KINDS.get(kind, "bounded")
        first = figures.first_cohort(view, cohort_step)
        heading.header(
            f"Retention, {cohort_step}s since {first:%-d %b %Y}",
            anchor=False,
            help=definitions.explain("growth.retention"),
        )
        cells = queries.read_cohorts(operator, view, cohort_step, first)
        figure = growth_charts.cohorts(cells, cohort_step, cohort_kind, palette)
        chart_card.chart(figure, "Retention")
        tiles.rows_of(
            "retention",
            "Retention",
            lambda: figures.cohort_rows(operator, view, cohort_step),
            view,
        )

    with st.container(border=True):
        st.header("Feature use", anchor=False, help=definitions.explain("growth.features"))
        use = queries.read_features(operator, view)
        figure = growth_charts.features(use.features, use.people, palette)
        chart_card.chart(figure, "Feature use")
        tiles.rows_of("features", "Feature use", lambda: figures.feature_rows(operator, view), view)
