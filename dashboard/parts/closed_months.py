"""Says where figures of a closed month are no longer those with which it was closed."""

from datetime import date

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.billing_months import Month, read_calendar
from dashboard.parts import cost_words, formats


def say(operator: Operator, first: date, last: date) -> None:
    """One notice if facts came later for a closed month that [first, last] touches."""
    changed = [
        each
        for each in read_calendar(operator)
        if each.later_facts and _touches(each.month, first, last)
    ]
    if changed:
        text = " ".join(sentence(each) for each in sorted(changed, key=lambda each: each.month))
        st.info(text.replace("$", r"\$"), icon=":material/lock_clock:")


def sentence(month: Month) -> str:
    """What came later, and where each figure has it."""
    return (
        f"{month.month:%B %Y} was closed, and later "
        f"{formats.counted(month.later_facts, 'fact')} changed it: AI cost by "
        f"{cost_words.signed(month.later_cost_microusd)}, what is owed by "
        f"{cost_words.signed(month.later_amount_microusd)}. Figures by period have them in "
        f"{month.month:%B}, the books in the month in which they were booked."
    )


def _touches(month: date, first: date, last: date) -> bool:
    return (first.year, first.month) <= (month.year, month.month) <= (last.year, last.month)
