"""Entries of the audit log: the filter, each deed with before and after, and the file."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from dashboard import results
from dashboard.audit import deeds
from dashboard.data.audit import Choices, Entry
from dashboard.data.reporting import Reporting
from dashboard.exports.writing import Ask, Export, Row, pages
from dashboard.parts import formats, paging, words

COLUMNS = (
    "id", "at", "actor", "table_name", "row_key", "person_id", "operation", "before", "after",
    "reason", "prev_hash", "row_hash",
)  # fmt: skip
# The most rows that one call returns.
CSV_PAGE = 1000
OPERATIONS = {
    "Added": "INSERT",
    "Changed": "UPDATE",
    "Removed": "DELETE",
    "Shown": "REVEAL",
    "Exported": "EXPORT",
}
NOTHING = "–"
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
# This much of a reason fits in the title.
TITLE_REASON = 60


class Choice(NamedTuple):
    """The filter; None: everything. `bounds` is [from, to) in ISO 8601."""

    actor: str | None
    operation: str | None
    table: str | None
    row: str | None
    bounds: tuple[str | None, str | None]

    def parameters(self, before_id: int | None, limit: int) -> dict[str, Any]:
        """The parameters of the SQL function `audit_rows`."""
        return {
            "p_actor": self.actor,
            "p_operation": self.operation,
            "p_table": self.table,
            "p_row": self.row,
            "p_from": self.bounds[0],
            "p_to": self.bounds[1],
            "p_before_id": before_id,
            "p_limit": limit,
        }


def pick(choices: Choices, zone: str) -> Choice:
    """Draw the filter, kept in the URL. `choices`: the actors and tables that occur."""
    with st.grid(3, min_column_width=150):
        actor = _one_of("Who", choices.actors, "Everybody", "who")
        operation = _one_of("What", list(OPERATIONS), "Everything", "what")
        tables = {deeds.ABOUT.get(each, each.replace("_", " ")): each for each in choices.tables}
        about = _one_of("About", sorted(tables), "All of it", "about")
    # A date range does not fit into a third of a row.
    with st.grid(2, min_column_width=240):
        row = st.text_input(
            "Subject",
            key="audit_row",
            bind="query-params",
            placeholder="Any row or person",
            help="The key of a changed row, or the id of the person whom a change concerns.",
        )
        days = st.date_input(
            "Period",
            value=[],
            key="audit_days",
            bind="query-params",
            help=f"Days in {zone}; the last one counts whole.",
        )
    subject = (row or "").strip() or None
    table = tables.get(about or "")
    return Choice(actor, OPERATIONS.get(operation or ""), table, subject, bounds(days, zone))


def _one_of(label: str, options: list[str], everything: str, name: str) -> str | None:
    picked = st.selectbox(
        label,
        options,
        index=None,
        placeholder=everything,
        key=f"audit_{name}",
        bind="query-params",
    )
    return picked if picked in options else None


def bounds(days: Any, zone: str) -> tuple[str | None, str | None]:
    """[start of the first day, end of the last day) of the picked days, in ISO 8601."""
    picked: tuple[date, ...] = days if isinstance(days, tuple) else (days,)
    if not picked:
        return None, None
    first, last = picked[0], picked[-1] + timedelta(days=1)
    start, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (first, last))
    return start.isoformat(), end.isoformat()


def draw(row: Entry, reporting: Reporting) -> None:
    zone = reporting.time_zone
    what = deeds.sentence(row, reporting.plans)
    facts = [words.moment(row.at, zone), row.actor, what, _short(row.reason or "")]
    with st.expander(words.label(" · ".join(fact for fact in facts if fact))):
        about = deeds.ABOUT.get(row.table_name, row.table_name.replace("_", " "))
        st.text(f"Reason: {row.reason or 'none given'}\n{about}: {row.row_key} (entry {row.id})")
        table = changes(row.before, row.after, zone)
        if table.empty:
            st.caption("No field that the log keeps was changed.")
        else:
            st.dataframe(table, hide_index=True, alt="Fields before and after")
        if row.table_name == "answers":
            st.page_link(
                "answer/page.py",
                label="Open the answer",
                icon=":material/chat:",
                query_params={"id": row.row_key},
            )
        if row.person_id:
            st.page_link(
                "people/page.py",
                label="Open the person",
                icon=":material/person:",
                query_params={"person": row.person_id},
            )


def _short(reason: str) -> str:
    return reason if len(reason) <= TITLE_REASON else f"{reason[:TITLE_REASON]}…"


def changes(before: dict[str, Any] | None, after: dict[str, Any] | None, zone: str) -> pd.DataFrame:
    """Columns Field, Before, After of the fields that differ, in words."""
    old, new = before or {}, after or {}
    fields = [key for key in {**old, **new} if old.get(key, NOTHING) != new.get(key, NOTHING)]
    return pd.DataFrame(
        {
            "Field": [_field(key) for key in fields],
            "Before": [_text(key, old[key], zone) if key in old else NOTHING for key in fields],
            "After": [_text(key, new[key], zone) if key in new else NOTHING for key in fields],
        }
    )


def _field(key: str) -> str:
    return key.replace("_microusd", " ($)").replace("_", " ").capitalize()


def _text(key: str, value: Any, zone: str) -> str:
    if value is None:
        return "(empty)"
    if "microusd" in key and isinstance(value, int):
        return formats.money(value)
    if isinstance(value, str):
        return words.moment(value, zone) if MOMENT.match(value) else value
    return json.dumps(value, ensure_ascii=False)


def draw_turn(pages: list[int | None], rows: list[Entry], size: int) -> None:
    with st.container(horizontal=True):
        st.button(
            "Newer",
            key="audit_newer",
            on_click=paging.turn_back,
            args=(pages,),
            disabled=len(pages) == 1,
            icon=":material/arrow_upward:",
        )
        st.button(
            "Older",
            key="audit_older",
            on_click=pages.append,
            args=(rows[:size][-1].id,),
            disabled=len(rows) <= size,
            icon=":material/arrow_downward:",
        )


def csv_rows(ask: Ask, choice: Choice) -> Iterator[Row]:
    """All rows of a filter, newest first, read page by page; before and after as JSON."""

    def read(before_id: int | None) -> list[Entry]:
        found = ask("audit_rows", choice.parameters(before_id, CSV_PAGE))
        return results.read_all(Entry, found, "audit_rows")

    for row in pages(read, lambda row: row.id, None):
        values = [getattr(row, column) for column in COLUMNS]
        yield tuple(
            json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
            for value in values
        )


CSV = Export(name="audit-log", columns=COLUMNS, rows=csv_rows)
