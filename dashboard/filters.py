"""The pickers that pages share, and the `View` they make: period, comparison, plans and team.

What is picked is kept in the URL, so that a view can be shared.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import streamlit as st

from dashboard import periods
from dashboard.answer_table import STATES
from dashboard.auth import Operator
from dashboard.periods import CUSTOM, DEFAULT, PERIODS, Span
from dashboard.queries.reporting import Reporting, read_reporting


@dataclass(frozen=True)
class View:
    """What a page shows: [start, end), what it is compared with, and what it is narrowed to.

    All moments are aware; `step` is hour, day, week or month of the zone.
    """

    choice: str
    dates: tuple[date, date] | None
    compare: bool
    span: Span
    zone: str
    week_start: str
    plans: tuple[str, ...]
    team: str | None
    now: datetime

    @property
    def start(self) -> datetime:
        return self.span.start

    @property
    def end(self) -> datetime:
        return self.span.end

    @property
    def step(self) -> str:
        return self.span.step

    @property
    def first_day(self) -> date:
        return periods.local(self.start, self.zone).date()

    @property
    def last_day(self) -> date:
        return periods.local(self.end - timedelta(microseconds=1), self.zone).date()

    @property
    def is_unfinished(self) -> bool:
        """Whether the last step has not ended yet."""
        return self.end > self.now or self.buckets()[-1] + self._offset > pd.Timestamp(self.now)

    @property
    def _offset(self) -> pd.DateOffset:
        return pd.DateOffset(**{f"{self.step}s": 1})

    def buckets(self) -> pd.DatetimeIndex:
        """The start of every step, in the zone."""
        return periods.steps(self.span, self.zone, self.week_start)

    def before(self) -> "View | None":
        """The stretch to compare with, or None when nothing is compared."""
        if not self.compare:
            return None
        return replace(self, span=self.span.before(), compare=False)

    def refreshed(self) -> "View":
        """The same choice at this moment."""
        now = datetime.now(UTC)
        span = periods.span_of(self.choice, self.zone, now, self.dates)
        return replace(self, span=span, now=now.replace(minute=0, second=0, microsecond=0))

    def parameters(self) -> dict[str, object]:
        """p_from, p_to, p_plans and p_team as the SQL functions take them."""
        return {
            "p_from": self.start.isoformat(),
            "p_to": self.end.isoformat(),
            "p_plans": list(self.plans) or None,
            "p_team": self.team,
        }

    @property
    def note(self) -> str:
        """What is counted, in which zone, and what it is compared with."""
        start, end = (periods.local(at, self.zone) for at in (self.start, self.end))
        parts = [f"{start:%-d %b %Y, %H:%M} to {end:%-d %b %Y, %H:%M}."]
        parts.append(f"Days are those of {self.zone}; weeks start on {self.week_start.title()}.")
        if self.compare:
            before = [
                periods.local(at, self.zone) for at in (self.span.shift_start, self.span.shift_end)
            ]
            parts.append(
                f"Compared with {before[0]:%-d %b %Y, %H:%M} to {before[1]:%-d %b %Y, %H:%M}."
            )
        if self.is_unfinished:
            parts.append(f"The last {self.step} is not over yet.")
        return " ".join(parts)


def pick_view(operator: Operator, *, plans: bool = True, teams: bool = True) -> View:
    """Draw the pickers and the caption under them; return what is picked."""
    reporting = read_reporting(operator)
    choice = pick_period()
    dates = pick_dates(reporting.time_zone) if choice == CUSTOM else None
    with st.container(horizontal=True, vertical_alignment="center"):
        compare = st.toggle(
            "Compare with the period before", value=True, key="compare", bind="query-params"
        )
        picked_plans = pick_plans(reporting) if plans else ()
        team = pick_team(reporting) if teams else None
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
        # By the hour, so that cached answers are found again.
        now=now.replace(minute=0, second=0, microsecond=0),
    )
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
    # The value comes from the browser: anything else counts as the default.
    return choice if choice in PERIODS else DEFAULT


def pick_dates(zone: str) -> tuple[date, date]:
    """The first and the last day of a period of one's own, both included."""
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
    """States of answers to narrow to; none picked means all."""
    words = {word: state for state, (_, word) in STATES.items()}
    picked = st.pills(
        "Show only", list(words), selection_mode="multi", key="state", bind="query-params"
    )
    return tuple(words[word] for word in picked if word in words)
