"""How far people are with their free uses, who continues, who pays, whom to talk to today."""

import streamlit as st

from dashboard.parts import chart_card, chart_style, definitions, filters, gate, notices, tiles
from dashboard.trials import charts as trial_charts
from dashboard.trials import figures, queries, talk_list

operator = gate.require_operator()
view = filters.pick_view(operator, plans=False)
st.caption("Not narrowed by plan: everybody here is on the trial, or was before they paid.")
with notices.show_errors():
    standing = queries.read_standing(operator, view.team)
    shown = [figures.standing_tile(operator, view.team)]
    tiles.draw(
        view,
        [*shown, *figures.conversions(operator, view)],
        columns=4,
    )
    if not standing.people:
        notices.say_empty(
            "No trials yet",
            "A trial begins with the first answer after somebody signs in with Figma.",
            icon="hourglass_empty",
        )
    palette = chart_style.palette_of(st.context.theme.type)

    talk = queries.read_talk_today(operator, view.team)
    st.header(
        f"People to talk to today ({len(talk)})",
        anchor=False,
        help=definitions.explain("trials.talk"),
    )
    if talk.empty:
        st.caption("Nobody today: no failures, nobody at the end of the trial, nobody gone quiet.")
    else:
        talk_list.draw(operator, view, talk)

    left, right = st.columns(2)
    with left.container(border=True):
        title = f"Where everyone stands of {standing.limit}, now"
        st.header(title, anchor=False, help=definitions.explain("trials.standing"))
        chart_card.chart(trial_charts.standing(standing.places, palette), title)
        tiles.rows_of("standing", title, lambda: figures.standing_rows(operator, view.team), view)
    with right.container(border=True):
        st.header(
            f"Time to convert, since {queries.since(view):%-d %b %Y}",
            anchor=False,
            help=definitions.explain("trials.time_to_convert"),
        )
        times = queries.read_time_to_convert(operator, view)
        chart_card.chart(trial_charts.spread(times.spread, palette), "Time to convert")
        st.caption(figures.time_words(times))
        tiles.rows_of(
            "converts",
            "Time to convert",
            lambda: figures.convert_rows(operator, view),
            view,
        )

    with st.container(border=True):
        st.header(
            f"Survival by use, since {queries.since(view):%-d %b %Y}",
            anchor=False,
            help=definitions.explain("trials.survival"),
        )
        survival = queries.read_survival(operator, view)
        chart_card.chart(trial_charts.survival(survival.steps, palette), "Survival by use")
        st.caption(
            f"{survival.started:,} people whose trial began since {queries.since(view):%-d %b %Y}; "
            "those still inside are not judged beyond the answer they are at."
        )
        tiles.rows_of(
            "survival",
            "Survival by use",
            lambda: figures.survival_rows(operator, view),
            view,
        )
