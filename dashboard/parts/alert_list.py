"""Alerts as a table: open or over, what each means, and where the runbook says what to do."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.config import load_settings
from dashboard.data.alerts import Alert
from dashboard.parts import words
from service.alert_sentences import RUNBOOK, runbook_words

RECENT = timedelta(days=1)
# Of these nothing is over, and there is nothing to do.
_TOLD = frozenset({"test", "weekly_report", "budget"})
OPEN, OVER, TOLD = "▲ Open", "✓ Recovered", "• Told"


def recent(found: list[Alert]) -> list[Alert]:
    """What is open, and what was raised or over within a day; open ones first."""
    since = datetime.now(UTC) - RECENT
    kept = [each for each in found if each.ended_at is None or _moment(each.ended_at) > since]
    return sorted(kept, key=lambda each: each.ended_at is not None)


def table(found: list[Alert]) -> pd.DataFrame:
    """A row for each alert, in their order."""
    address = load_settings().runbook_url
    return pd.DataFrame(
        {
            "State": [_state(each) for each in found],
            "Alert": [each.title for each in found],
            "At (UTC)": [words.minute(each.at) for each in found],
            "What it means": [each.detail for each in found],
            "What to do": [
                "" if each.kind in ("test", "weekly_report") else runbook_words(each.kind, address)
                for each in found
            ],
            "Over (UTC)": [words.minute(each.ended_at) if each.ended_at else "" for each in found],
        }
    )


def counts(rows: pd.DataFrame) -> str:
    """How many of a table are open, told and over: what is told asks for nothing."""
    found = rows["State"].value_counts()
    said = ((OPEN, "open"), (TOLD, "told"), (OVER, "over within a day"))
    return ", ".join(f"{found[state]} {word}" for state, word in said if state in found)


def draw(rows: pd.DataFrame, alt: str) -> None:
    """The table; the runbook opens beside the page where its address is known."""
    columns: dict[str, Any] = {"What it means": st.column_config.TextColumn(width="large")}
    has_address = bool(load_settings().runbook_url)
    if has_address:
        columns["What to do"] = st.column_config.LinkColumn(display_text=r"#(\w+)$")
    st.dataframe(rows, hide_index=True, alt=alt, column_config=columns)
    if not has_address and rows["What to do"].any():
        st.caption(f"`{RUNBOOK}` is in the repository. Set `RUNBOOK_URL` to open its entries here.")


def _state(alert: Alert) -> str:
    if alert.kind in _TOLD:
        return TOLD
    return OPEN if alert.ended_at is None else OVER


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at).astimezone(UTC)
