"""Rows of the audit log: the filter, each change before and after, and the table to download."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard.people import story, words

COLUMNS = [
    "id", "at", "actor", "table_name", "row_key", "operation", "before", "after", "reason",
]  # fmt: skip
VERBS = {
    "INSERT": "added to",
    "UPDATE": "changed in",
    "DELETE": "removed from",
    "REVEAL": "shown from",
    "EXPORT": "exported from",
}
NOTHING = "–"


class Choice(NamedTuple):
    """What to narrow to; None: everything. `bounds` is [from, to) in ISO."""

    actor: str | None
    table: str | None
    row: str | None
    bounds: tuple[str | None, str | None]


def pick(choices: dict[str, list[str]], zone: str) -> Choice:
    """Draw the filter. `choices` are the actors and tables that occur."""
    with st.grid(4, min_column_width=170):
        actor = st.selectbox(
            "Who", choices["actors"], index=None, placeholder="Everybody", key="audit_who"
        )
        table = st.selectbox(
            "Table", choices["tables"], index=None, placeholder="All tables", key="audit_table"
        )
        row = st.text_input(
            "Row",
            key="audit_row",
            bind="query-params",
            placeholder="Any row",
            help="The key of a changed row, or the id of the person whom a change concerns.",
        )
        days = st.date_input(
            "Period",
            value=[],
            key="audit_days",
            help=f"Days in {zone}; the last one counts whole.",
        )
    return Choice(actor, table, (row or "").strip() or None, bounds(days, zone))


def bounds(days: Any, zone: str) -> tuple[str | None, str | None]:
    """[first moment of the first day, first moment after the last) of picked days, in ISO."""
    picked: tuple[date, ...] = days if isinstance(days, tuple) else (days,)
    if not picked:
        return None, None
    first, last = picked[0], picked[-1] + timedelta(days=1)
    start, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, last))
    return start.isoformat(), end.isoformat()


def draw(row: dict[str, Any], zone: str) -> None:
    verb = VERBS.get(row["operation"], row["operation"].lower())
    title = f"{words.moment(row['at'], zone)} · {row['actor']} · {verb} {row['table_name']}"
    with st.expander(words.plain(title)):
        st.text(f"Reason: {row['reason'] or 'none given'}\nRow: {row['row_key']} (no. {row['id']})")
        table = changes(row["before"], row["after"])
        if table.empty:
            st.caption("No field that the log keeps was changed.")
        else:
            st.dataframe(table, hide_index=True, alt="Fields before and after")
        if row["person_id"]:
            st.page_link(
                "app_pages/people.py",
                label="Open the person",
                icon=":material/person:",
                query_params={"person": row["person_id"]},
            )


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None) -> pd.DataFrame:
    """Columns Field, Before, After of the fields that differ."""
    old, new = before or {}, after or {}
    fields = [key for key in {**old, **new} if old.get(key, NOTHING) != new.get(key, NOTHING)]
    return pd.DataFrame(
        {
            "Field": fields,
            "Before": [_text(old[key]) if key in old else NOTHING for key in fields],
            "After": [_text(new[key]) if key in new else NOTHING for key in fields],
        }
    )


def _text(value: Any) -> str:
    if value is None:
        return "(empty)"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def draw_turn(pages: list[int | None], rows: list[dict[str, Any]], size: int) -> None:
    with st.container(horizontal=True):
        st.button(
            "Newer",
            key="audit_newer",
            on_click=story.turn_back,
            args=(pages,),
            disabled=len(pages) == 1,
            icon=":material/arrow_upward:",
        )
        st.button(
            "Older",
            key="audit_older",
            on_click=pages.append,
            args=(rows[:size][-1]["id"],),
            disabled=len(rows) <= size,
            icon=":material/arrow_downward:",
        )


def to_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows as a table; before and after as JSON."""
    table = pd.DataFrame(rows, columns=COLUMNS)
    for column in ("before", "after"):
        table[column] = [
            json.dumps(each, ensure_ascii=False) if each else "" for each in table[column]
        ]
    return table
