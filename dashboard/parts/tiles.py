"""Figures as tiles. Each shows its definition on hover and opens the rows that add up to it."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Literal
from zlib import crc32

import pandas as pd
import streamlit as st

from dashboard.data.view import View
from dashboard.exports import csv_export
from dashboard.exports.csv_export import MONEY
from dashboard.parts import causes, formats
from dashboard.parts.metric import Figure, Metric, Rows
from service.outside_names import provider_name

# On a phone two tiles fit next to each other.
TILE_WIDTH = 160
ROWS_SHOWN = 500
TABLE_WIDTH = 560
ROW_HEIGHT = 36
# A line through fewer values, or through fewer than half of the steps, shows a trend that is none.
SHORTEST_COURSE = 5

Opens = Callable[[], Rows]
Tile = tuple[Metric, Figure, Opens | None]
Colour = Literal["normal", "inverse", "off"]
# What an id opens, in tables of rows.
LINKS = {
    "answer_id": "/answer?id=",
    "analysis_id": "/analyses?analysis=",
    "team_id": "/team?id=",
}
# Columns whose codes are read as words. Free text that stands there too stays as it is.
CODES = (
    "plan_code", "plan_before", "kind", "payer_kind", "state", "status", "feature", "decision",
    "outcome", "stage", "cause", "reason", "error_code",
)  # fmt: skip
_CODE = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
COLOURS: dict[str, Colour] = {"up": "normal", "down": "inverse", "neither": "off"}


def draw(view: View | None, tiles: Sequence[Tile], *, columns: int = 4) -> None:
    """Tiles in a grid that wraps; `view` names the period in the files they offer."""
    with st.grid(columns, min_column_width=TILE_WIDTH):
        for metric, figure, opens in tiles:
            tile(metric, figure, opens, view)


def tile(metric: Metric, figure: Figure, opens: Opens | None, view: View | None = None) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        change = metric.change(figure)
        is_same = change is not None and change.startswith(formats.SAME)
        st.metric(
            metric.label,
            metric.text(figure),
            change,
            delta_color="off" if is_same else COLOURS[metric.better],
            delta_arrow="off" if is_same else "auto",
            help=metric.definition,
            chart_data=course_of(figure),
            chart_type="area",
        )
        if figure.note:
            # Beside the change it would be cut off on a phone.
            st.caption(figure.note.replace("$", r"\$"))
        if opens:
            rows_of(metric.name, metric.label, opens, view)


def course_of(figure: Figure) -> list[float] | None:
    """The known values of its course, or None where a line of them would say nothing."""
    known = [each for each in figure.course if each is not None]
    is_short = len(known) < max(SHORTEST_COURSE, len(figure.course) / 2)
    return None if is_short or len(set(known)) == 1 else known


def table_height(rows: int, shown: int) -> int | Literal["content"]:
    """The height of a table with rows of ROW_HEIGHT: all of few, else so many of them."""
    return "content" if rows <= shown else (shown + 1) * ROW_HEIGHT + 2


def rows_of(name: str, label: str, opens: Opens, view: View | None = None) -> None:
    """A popover with the rows behind a figure and their CSV. Rows are read when it is opened."""
    popover = st.popover(
        "Rows", icon=":material/table_rows:", type="tertiary", key=f"rows_{name}", on_change="rerun"
    )
    if not popover.open:
        return
    with popover:
        rows = opens()
        st.markdown(f"**{label}**")
        if rows.frame.empty:
            st.caption("No rows in this period.")
            return
        st.dataframe(
            _readable(rows.frame.head(ROWS_SHOWN)),
            width=TABLE_WIDTH,
            hide_index=True,
            column_order=_order(rows.frame),
            column_config=_columns(rows.frame),
            key=f"table_{name}",
            alt=f"The rows behind {label}",
        )
        st.caption(_sums(rows))
        st.download_button(
            "Download CSV",
            data=lambda: csv_export.to_csv(rows.frame, rows.footer),
            file_name=file_name(name, view),
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"csv_{name}",
        )


def file_name(name: str, view: View | None) -> str:
    return f"{name}_{view.first_day}_{view.last_day}.csv" if view else f"{name}.csv"


def title_of(column: str) -> str:
    """A column's name in words."""
    return column.removesuffix(MONEY).removesuffix("_code").replace("_", " ").capitalize()


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Money in dollars, codes in words, ids as addresses. The CSV has micro-dollars, codes, ids."""
    if "provider" in frame.columns:
        frame = frame.assign(provider=frame["provider"].map(provider_name, na_action="ignore"))
    money = [column for column in frame.columns if column.endswith(MONEY)]
    codes = [column for column in CODES if column in frame.columns]
    opened = {column: LINKS[column] for column in frame.columns if column in LINKS}
    return frame.assign(
        **{column: frame[column] / 1_000_000 for column in money},
        **{column: frame[column].map(_in_words) for column in codes},
        **{column: address + frame[column].astype("string") for column, address in opened.items()},
    )


def _in_words(value: object) -> object:
    return causes.cause(value) if isinstance(value, str) and _CODE.fullmatch(value) else value


def _order(frame: pd.DataFrame) -> list[str]:
    """Ids last: people look them up but do not read them."""
    return sorted(frame.columns, key=lambda column: column.endswith("_id"))


def _columns(frame: pd.DataFrame) -> dict[str, Any]:
    return {column: _column(column, frame[column].dtype) for column in frame.columns}


def _column(column: str, kind: object) -> Any:
    """A heading in words; money in dollars, moments with their zone."""
    if column.endswith(MONEY):
        return st.column_config.NumberColumn(f"{title_of(column)} ($)", format="%.6f")
    if isinstance(kind, pd.DatetimeTZDtype):
        zone = str(kind.tz)
        return st.column_config.DatetimeColumn(
            f"{title_of(column)} ({zone})", format="D MMM YYYY, HH:mm:ss", timezone=zone
        )
    if column in LINKS:
        return st.column_config.LinkColumn("Open", display_text="Open", width="small")
    return title_of(column)


def _total(column: str, value: int | float) -> str:
    if column.endswith(MONEY):
        return formats.money(int(value))
    return formats.count(value) if isinstance(value, int) else f"{value:,.6g}"


def _sums(rows: Rows) -> str:
    count = len(rows.frame)
    is_whole = count <= ROWS_SHOWN
    shown = formats.counted(count, "row") if is_whole else f"first {ROWS_SHOWN} of {count:,}"
    totals = ", ".join(
        f"{title_of(column).lower()} {_total(column, value)}"
        for column, value in rows.footer.items()
        if value is not None
    )
    # A dollar sign would start a formula in Markdown.
    return f"{shown}. Total: {totals}".replace("$", r"\$") if totals else shown


def table_key(rows: pd.DataFrame) -> str:
    """A different key for different rows, so that a selection never moves to another row."""
    return f"picked_{crc32(','.join(rows['id']).encode())}"
