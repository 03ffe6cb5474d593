"""What a page shows: its period, its comparison period, and its filters."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd

from dashboard.data import periods
from dashboard.data.periods import Span


@dataclass(frozen=True)
class View:
    """What a page shows: [start, end), its comparison period, and its filters.

    All datetimes are timezone-aware; `step` is hour, day, week or month of the zone.
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

    def counts_of(self, at: pd.Series, counts: pd.Series) -> list[float]:
        """The sum of the counts in every step, 0 where there are none."""
        return [each or 0.0 for each in self.values_of(at, counts)]

    def values_of(self, at: pd.Series, values: pd.Series) -> list[float | None]:
        """The sum of the values in every step, None where there are none. `at`: their steps.

        The first step may begin before the period, and so before its rows.
        """
        steps = self.buckets()
        places = steps.searchsorted(at.dt.tz_convert(steps.tz), side="right") - 1
        found = values.astype("float64").groupby(places).sum(min_count=1)
        sums = found.reindex(range(len(steps)))
        return [None if pd.isna(each) else float(each) for each in sums]

    def before(self) -> "View | None":
        """The period to compare with, or None when nothing is compared."""
        if not self.compare:
            return None
        return replace(self, span=self.span.before(), compare=False)

    def refreshed(self) -> "View":
        """The same choice, computed for the current time."""
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

    def step_parameters(self, starts: pd.DatetimeIndex | None = None) -> dict[str, object]:
        """p_starts and p_to, for the view's own steps or other steps that cover the period."""
        steps = self.buckets() if starts is None else starts
        # The first step may begin before the period. That part is not counted.
        return {
            "p_starts": [max(start, pd.Timestamp(self.start)).isoformat() for start in steps],
            "p_to": self.end.isoformat(),
        }

    @property
    def note(self) -> str:
        """What is counted, in which zone, and what it is compared with."""
        start, end = (periods.local(at, self.zone) for at in (self.start, self.end))
        parts = [f"{start:%-d %b %Y, %H:%M} to {end:%-d %b %Y, %H:%M %Z}."]
        parts.append(f"Days are those of {self.zone}; weeks start on {self.week_start.title()}.")
        if self.compare:
            before = [
                periods.local(at, self.zone) for at in (self.span.shift_start, self.span.shift_end)
            ]
            parts.append(
                f"Compared with {before[0]:%-d %b %Y, %H:%M} to {before[1]:%-d %b %Y, %H:%M %Z}."
            )
        if self.is_unfinished:
            parts.append(f"The last {self.step} is not over yet.")
        return " ".join(parts)
