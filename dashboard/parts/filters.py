"""The pickers that pages share, and the `View` they make: period, comparison, plans and team.

The choice is kept in the URL, so that a view can be shared.
"""

from datetime import UTC, date, datetime, timedelta

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import periods
from dashboard.data.periods import CUSTOM, DEFAULT, PERIODS
from dashboard.data.reporting import Reporting, read_reporting
from dashboard.data.view import View
from dashboard.parts import note_marks, view_names
from dashboard.parts.answer_table import STATES


def pick_view(operator: Operator, *, plans: bool = True, teams: bool = True) -> View:
    """Draw the pickers and the caption under them; return the chosen view."""
    reporting = read_reporting(operator)
    choice = pick_period()
    dates = pick_dates(reporting.time_zone) if choice == CUSTOM else None
    with st.container(horizontal=True, vertical_alignment="center"):
        compare = st.toggle(
            "Compare with the period before", value=True, key="compare", bind="query-params"
        )
        picked_plans = pick_plans(reporting) if plans else ()
        team = pick_team(reporting) if teams else None
        # Their places come first; what they hold needs the view.
        beside = st.container(horizontal=True, width="content")
    now = datetime.now(UTC)
    view = View(
        choice=choice,
        dates=dates,
        compare=compare,
        span=periods.span_of(choice, reporting.time_zone, now, dates),
        zone=reporting.time_zone,
        week_start=reporting.week_start,
        plans=picked_plans,
        team=team,
        # Rounded to the hour, so that cached reads are found again.
        now=now.replace(minute=0, second=0, microsecond=0),
    )
    with beside:
        note_marks.draw(operator, view)
        view_names.draw(operator)
    st.caption(view.note)
    return view


def say_zone(operator: Operator) -> None:
    """One line for pages without a period."""
    reporting = read_reporting(operator)
    st.caption(
        f"Days are those of {reporting.time_zone}; weeks start on {reporting.week_start.title()}."
    )


def pick_period() -> str:
    """A key of PERIODS."""
    choice = st.segmented_control(
        "Period",
        list(PERIODS),
        default=DEFAULT,
        key="period",
        required=True,
        bind="query-params",
        label_visibility="collapsed",
    )
    # The value comes from the browser: treat anything unknown as the default.
    return choice if choice in PERIODS else DEFAULT


def pick_dates(zone: str) -> tuple[date, date]:
    """The first and the last day of a custom period, both included."""
    today = periods.local(datetime.now(UTC), zone).date()
    picked = st.date_input(
        "First and last day",
        value=(today - timedelta(days=29), today),
        max_value=today,
        key="dates",
        bind="query-params",
        width=260,
    )
    days = picked if isinstance(picked, tuple) else (picked,)
    known = [day for day in days if day] or [today]
    return known[0], known[-1]


def pick_plans(reporting: Reporting) -> tuple[str, ...]:
    codes = {name: code for code, name in reporting.plans.items()}
    picked = st.multiselect(
        "Plans",
        list(codes),
        key="plan",
        bind="query-params",
        placeholder="All plans",
        label_visibility="collapsed",
        width=240,
    )
    return tuple(sorted(codes[name] for name in picked if name in codes))


def pick_team(reporting: Reporting) -> str | None:
    ids = {name: key for key, name in sorted(reporting.teams.items(), key=lambda team: team[1])}
    picked = st.selectbox(
        "Team",
        list(ids),
        index=None,
        key="team",
        bind="query-params",
        placeholder="All teams",
        label_visibility="collapsed",
        width=240,
    )
    return ids.get(picked) if picked else None


def pick_states() -> tuple[str, ...]:
    """States of answers to filter by; empty means all."""
    words = {word: state for state, (_, word) in STATES.items()}
    picked = st.pills(
        "Show only", list(words), selection_mode="multi", key="state", bind="query-params"
    )
    return tuple(words[word] for word in picked if word in words)
