"""How many people come, start, stay and leave, and what they use."""

import streamlit as st

from dashboard import charts, filters, gate, growth_figures, notices, tiles
from dashboard.charts import growth as growth_charts
from dashboard.metric import Rows
from dashboard.queries import growth

operator = gate.require_operator()
view = filters.pick_view(operator)
with notices.told_plainly():
    shown = growth_figures.figures(operator, view)
    tiles.draw(view, shown, columns=3)
    days = growth.read_active_days(operator, view)
    if not shown[0][1].value and not days["mau"].sum():
        notices.say_empty(
            "Nobody here yet",
            "Nobody signed up or got an answer in this period. Pick a longer one above, or all "
            "plans and teams.",
            icon="group",
        )
    palette = charts.palette_of(st.context.theme.type)
    step = growth_figures.step_of(view)

    left, right = st.columns(2)
    with left.container(border=True):
        st.header("Active people", anchor=False, help=growth_figures.ACTIVE_HELP)
        is_unfinished = growth.last_whole_day(view) < view.last_day
        axis = f"Day ({view.zone})"
        figure = growth_charts.active(days, axis, palette, is_unfinished=is_unfinished)
        growth_figures.chart(figure, "Active people by day, week and month")
        tiles.rows_of("active_days", "Active people by day", lambda: Rows(days), view)
    with right.container(border=True):
        st.header("Lifecycle", anchor=False, help=growth_figures.LIFECYCLE_HELP)
        periods = growth.read_lifecycle(operator, view, step)
        axis = f"{step.capitalize()} ({view.zone})"
        growth_figures.chart(growth_charts.lifecycle(periods, step, axis, palette), "Lifecycle")
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
                lambda: growth_figures.lifecycle_rows(operator, view, step, period),
                view,
            )

    with st.container(border=True):
        st.header("Retention", anchor=False, help=growth_figures.RETENTION_HELP)
        with st.container(horizontal=True):
            by = st.segmented_control(
                "Cohorts by",
                list(growth_figures.STEPS),
                default="Weeks",
                required=True,
                key="cohorts",
                bind="query-params",
                label_visibility="collapsed",
            )
            kind = st.segmented_control(
                "Active",
                list(growth_figures.KINDS),
                default="In that very period",
                required=True,
                key="retained",
                bind="query-params",
                label_visibility="collapsed",
            )
        cohort_step = growth_figures.STEPS.get(by, "week")
        cohort_kind = growth_figures.KINDS.get(kind, "bounded")
        first = growth_figures.first_cohort(view, cohort_step)
        cells = growth.read_cohorts(operator, view, cohort_step, first)
        figure = growth_charts.cohorts(cells, cohort_step, cohort_kind, palette)
        growth_figures.chart(figure, "Retention")
        tiles.rows_of(
            "retention",
            "Retention",
            lambda: growth_figures.cohort_rows(operator, view, cohort_step),
            view,
        )

    with st.container(border=True):
        st.header("Feature use", anchor=False, help=growth_figures.FEATURES_HELP)
        use = growth.read_features(operator, view)
        figure = growth_charts.features(use.rows, use.people, palette)
        growth_figures.chart(figure, "Feature use")
        tiles.rows_of(
            "features", "Feature use", lambda: growth_figures.feature_rows(operator, view), view
        )
