"""The pickers that pages share. What is picked is kept in the URL, so that a view can be shared."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

import streamlit as st

from dashboard.answer_table import STATES

# Days by what is picked, which is also what stands in the URL.
PERIODS = {"24 hours": 1, "7 days": 7, "30 days": 30, "90 days": 90}
DEFAULT = "24 hours"
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Whole UTC hours in [start, end), shown in steps of an hour or a day."""

    start: datetime
    end: datetime
    step: Literal["hour", "day"]
    # How far back the comparable stretch lies.
    shift: timedelta
    label: str

    @property
    def frequency(self) -> str:
        """The step as pandas names it."""
        return "h" if self.step == "hour" else "D"

    def before(self) -> tuple[datetime, datetime]:
        """The stretch of the same length one shift earlier, cut off at the same hour."""
        return self.start - self.shift, self.end - self.shift

    @property
    def note(self) -> str:
        """In words: what is counted, and what it is compared with."""
        start = f"{self.start:%-d %b %Y, %H:%M}"
        end = f"{self.end:%-d %b, %H:%M}"
        return (
            f"Whole hours from {start} to {end} UTC, the current one included. "
            f"Changes compare with the same stretch {self.label} earlier."
        )


def period_of(choice: str, now: datetime | None = None) -> Period:
    """The period behind a choice: the last 24 hours, or so many UTC days, today included."""
    end = (now or datetime.now(UTC)).astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    end += HOUR
    shift = PERIODS[choice] * DAY
    if choice == DEFAULT:
        return Period(end - shift, end, "hour", shift, choice)
    # `end` may be midnight already: the last counted hour decides which day is today.
    today = (end - HOUR).replace(hour=0)
    return Period(today + DAY - shift, end, "day", shift, choice)


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


def pick_states() -> tuple[str, ...]:
    """States of answers to narrow to; none picked means all."""
    words = {word: state for state, (_, word) in STATES.items()}
    picked = st.pills(
        "Show only", list(words), selection_mode="multi", key="state", bind="query-params"
    )
    return tuple(words[word] for word in picked if word in words)
