"""Columns of money in tables: cents, or the digits that matter where nothing reaches a dollar."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.parts import formats

DOLLARS = st.column_config.NumberColumn(format="dollar", alignment="right")
TEXT = st.column_config.TextColumn(alignment="right")


def show(table: pd.DataFrame, labels: Iterable[str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The table with its columns of dollars ready to be shown, and how Streamlit shows them.

    In a young company everybody's AI cost would be $0.00, and their margin -$0.00.
    """
    shown, columns = table.copy(), {}
    for label in labels:
        dollars = table[label].astype("float64")
        is_tiny = 0 < dollars.abs().max() < 1
        columns[label] = TEXT if is_tiny else DOLLARS
        # Plus zero, or a loss of less than half a cent would still have its sign.
        shown[label] = [_text(each) for each in dollars] if is_tiny else dollars.round(2) + 0.0
    return shown, columns


def _text(dollars: float) -> str:
    return formats.NONE if pd.isna(dollars) else formats.money(round(dollars * 1_000_000))
