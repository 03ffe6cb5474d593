"""A past month with other prices and limits: the form and the result."""

import json
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import formats, money_columns, tiles
from dashboard.parts.metric import Rows
from dashboard.revenue import queries, sections

MONEY = ("Fees", "AI cost", "Margin")
MARGINS = ("Margin, before", "Margin, after")


def draw(operator: Operator, month: date, plans: pd.DataFrame) -> None:
    """`plans`: the current plans, with columns code, name, price_microusd, uses."""
    with st.form("what_if", border=True):
        with st.grid(2, min_column_width=160):
            asked = {
                row["code"]: (
                    st.number_input(
                        f"{row['name']}: price in dollars", min_value=0.0,
                        value=row["price_microusd"] / 1_000_000, key=f"price_{row['code']}",
                    ),
                    st.number_input(
                        f"{row['name']}: uses", min_value=0, value=int(row["uses"]),
                        key=f"uses_{row['code']}",
                    ),
                )
                for _, row in plans.iterrows()
            }  # fmt: skip
        st.form_submit_button("Work it out", icon=":material/calculate:")
    rows = queries.read_what_if(operator, month, json.dumps(_changes(plans, asked)))
    if rows.empty:
        st.caption(sections.NOTHING_THEN)
        return
    names = dict(zip(plans["code"], plans["name"], strict=True))
    table = to_table(rows, names)
    counts = [label for label in table.columns[1:] if not label.startswith(MONEY)]
    table, money = money_columns.show(table, table.columns[1:].drop(counts))
    st.dataframe(
        table,
        hide_index=True,
        # What is asked first: a phone shows the first columns.
        column_order=["Plan", *MARGINS, *table.columns.drop(["Plan", *MARGINS])],
        column_config=dict.fromkeys(counts, sections.COUNT) | money,
        alt="The month with other prices",
    )
    sums: dict[str, Any] = {each: int(rows[each].sum()) for each in rows.columns[1:]}
    tiles.rows_of("what_if", "What if", lambda: Rows(rows, sums))
    change = int((rows["margin_after_microusd"] - rows["margin_before_microusd"]).sum())
    if not change:
        st.markdown("The month's margin would be the same.")
        return
    sign = "+" if change > 0 else ""
    told = f"The month's margin would change by **{sign}{formats.money(change)}**."
    st.markdown(told.replace("$", r"\$"))


def to_table(rows: pd.DataFrame, names: dict[str, str]) -> pd.DataFrame:
    """Each plan before and after, money in dollars; `names` maps codes of plans to names."""
    table = pd.DataFrame({"Plan": rows["plan_code"].replace(names), "Payers": rows["payers"]})
    for label, name in (("Fees", "fee"), ("AI cost", "cost"), ("Margin", "margin")):
        for when in ("before", "after"):
            table[f"{label}, {when}"] = rows[f"{name}_{when}_microusd"] / 1_000_000
    table["Uses, before"], table["Uses, after"] = rows["uses_before"], rows["uses_after"]
    table["People cut"] = rows["people_cut"]
    return table


def _changes(plans: pd.DataFrame, asked: dict[str, tuple[float, int]]) -> dict[str, dict[str, int]]:
    """Only the differences from the current plans: the rest stays as it was in that month."""
    changes = {}
    for _, row in plans.iterrows():
        price, uses = asked[row["code"]]
        microusd = round(price * 1_000_000)
        changed = {}
        if microusd != row["price_microusd"]:
            changed["price_microusd"] = microusd
        if uses != row["uses"]:
            changed["uses"] = uses
        if changed:
            changes[row["code"]] = changed
    return changes
