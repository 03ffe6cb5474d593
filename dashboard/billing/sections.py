"""The parts of the billing page: figures, statements, closing, credits, and the files."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import BinaryIO
from uuid import uuid4

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.billing import edits, queries
from dashboard.billing.queries import MonthTotals
from dashboard.data import billing_months
from dashboard.data.reads import asker
from dashboard.data.writes import Refused
from dashboard.exports import month as files
from dashboard.exports.writing import Export, write
from dashboard.parts import definitions, file_offer, formats, money_columns, tiles
from dashboard.parts.metric import Figure, Rows
from dashboard.parts.words import DAY

DONE = "billing_done"
METRICS = tuple(
    definitions.metric(f"billing.{name}")
    for name in (
        "due", "ai_cost", "margin", "uses", "overage", "credits", "adjustments", "unpriced",
    )
)  # fmt: skip
FILES = {
    "Statements": (files.STATEMENT, "One line per payer."),
    "Raw ledger": (files.LEDGER, "Every use, refusal and failure, one line each."),
    "MRR movements": (
        files.MOVEMENTS,
        "In ChartMogul's 16 columns, for its import; amounts in cents. No line of totals.",
    ),
    "AI costs": (
        files.COSTS,
        "In FOCUS 1.2 columns, for import; late facts are corrections. No line of totals.",
    ),
}
MONEY = ("Fee", "Overage fee", "Credits", "Adjustments", "Due", "AI cost", "Margin")


def pick_month(operator: Operator) -> date:
    """Pick one of the existing months; the default is the newest month that is over."""
    calendar = billing_months.read_calendar(operator)
    months = [each.month for each in calendar]
    closed = {each.month for each in calendar if each.closed_at}
    words = {f"{month:%Y-%m}": month for month in months}
    picked = st.selectbox(
        "Month",
        list(words),
        index=min(1, len(words) - 1),
        key="month",
        bind="query-params",
        width=260,
        format_func=lambda word: (
            f"{words[word]:%B %Y}{', closed' if words[word] in closed else ''}"
        ),
    )
    st.caption(
        "Months are calendar months in UTC, whatever the reporting time zone is. "
        "Money is in US dollars."
    )
    return words.get(picked, months[0])


def draw_state(month: date, totals: MonthTotals) -> None:
    if done := st.session_state.pop(DONE, ""):
        st.success(done, icon=":material/check:")
    if totals.closed_at:
        at = datetime.fromisoformat(totals.closed_at).astimezone(UTC)
        st.info(
            f"Closed on {at:%-d %b %Y, %H:%M} UTC by {totals.closed_by}. What becomes known about "
            "it later is booked in the next open month, dated to the day it belongs to.",
            icon=":material/lock:",
        )
    elif not totals.is_over:
        st.info(
            "This month is not over: its figures still grow. Fees are shown as if every plan "
            "stayed as it is until the end of the month.",
            icon=":material/hourglass_top:",
        )


def draw_tiles(operator: Operator, month: date, totals: MonthTotals) -> None:
    def rows_of(name: str) -> Callable[[], Rows]:
        footer = {name: getattr(totals, name)}
        return lambda: Rows(queries.read_statements(operator, month), footer)

    tiles.draw(
        None,
        [
            (metric, Figure(getattr(totals, metric.name)), rows_of(metric.name))
            for metric in METRICS
        ],
    )


def to_table(rows: pd.DataFrame, plans: dict[str, str]) -> pd.DataFrame:
    """Statements for the page: numbers stay numbers, money in dollars, plans by their names."""
    table = pd.DataFrame(
        {
            "Payer": rows["payer_name"],
            "Kind": rows["payer_kind"].str.capitalize(),
            "Plans": [
                ", ".join(plans.get(code, code) for code in codes.split(", ")) or formats.NONE
                for codes in rows["plans"]
            ],
            "Seats": rows["seats"],
            "Uses": rows["uses"],
            "Included": rows["included"],
            "Overage uses": rows["overage_uses"],
        }
    )
    names = ("fee", "overage", "credits", "adjustments", "due", "ai_cost", "margin")
    for label, name in zip(MONEY, names, strict=True):
        table[label] = rows[f"{name}_microusd"] / 1_000_000
    return table


def draw_statements(rows: pd.DataFrame, plans: dict[str, str]) -> None:
    table, money = money_columns.show(to_table(rows, plans), MONEY)
    counts = {
        label: st.column_config.NumberColumn(format="localized")
        for label in ("Seats", "Uses", "Included", "Overage uses")
    }
    st.dataframe(
        table,
        hide_index=True,
        # What is owed first: a phone shows the first columns.
        column_order=["Payer", "Due", *table.columns.drop(["Payer", "Due"])],
        column_config=money | counts,
        alt="Statements by payer",
    )


def draw_closing(operator: Operator, month: date) -> None:
    with st.form("close_month", border=True):
        st.markdown(
            f"**Close {month:%B %Y}.** Its statements are frozen as they are now, for ever. This "
            "cannot be undone."
        )
        reason = st.text_input("Reason", key="billing_close_reason", max_chars=200)
        sure = st.checkbox("I have checked the figures above", key="billing_close_sure")
        pressed = st.form_submit_button("Close the month", icon=":material/lock:")
    if not pressed:
        return
    if not sure:
        st.error("Tick that you have checked the figures.", icon=":material/error:")
        return
    try:
        edits.close_month(operator, month, reason or "")
    except Refused as refusal:
        st.error(str(refusal), icon=":material/error:")
    else:
        st.session_state[DONE] = f"{month:%B %Y} is closed."
        st.rerun()


def draw_adjustments(rows: pd.DataFrame) -> None:
    if rows.empty:
        st.caption("No credit, charge or late fact is booked in this month.")
        return
    table = pd.DataFrame(
        {
            "Dated": [f"{pd.Timestamp(at):{DAY}}" for at in rows["dated"]],
            "Kind": rows["kind"].str.replace("_", " ").str.capitalize(),
            "Payer": rows["payer_name"],
            "Amount": rows["amount_microusd"] / 1_000_000,
            "Uses": rows["uses"],
            "AI cost": rows["cost_microusd"] / 1_000_000,
            "By": rows["actor"],
            "Why": rows["reason"],
        }
    )
    shown, columns = money_columns.show(table, ("Amount", "AI cost"))
    st.dataframe(
        shown,
        hide_index=True,
        column_config=columns,
        alt="Credits, charges and late facts",
    )


def draw_adjusting(operator: Operator, month: date, rows: pd.DataFrame) -> None:
    payers = rows[rows["payer_kind"] != "nobody"]
    names = {
        (kind, key): f"{name} ({kind})"
        for kind, key, name in zip(
            payers["payer_kind"], payers["payer_id"], payers["payer_name"], strict=True
        )
    }
    if not names:
        return
    # Kept until the booking is done, so that pressing twice books once.
    key = st.session_state.setdefault("billing_key", str(uuid4()))
    with st.form("billing_adjust", border=True):
        payer = st.selectbox("Payer", list(names), format_func=names.__getitem__)
        kind = st.segmented_control("Kind", ["credit", "charge"], default="credit", required=True)
        amount = st.number_input("Amount in dollars", min_value=0.0, step=1.0, format="%.2f")
        day = st.date_input("Dated (UTC)", value=min(month, datetime.now(UTC).date()))
        reason = st.text_input("Reason", key="billing_adjust_reason", max_chars=200)
        pressed = st.form_submit_button("Book it")
    if not pressed or not isinstance(day, date):
        return
    microusd = int(Decimal(str(amount)) * 1_000_000)
    try:
        booked = edits.add_adjustment(operator, key, payer, kind, microusd, day, reason or "")
    except Refused as refusal:
        st.error(str(refusal), icon=":material/error:")
    else:
        del st.session_state["billing_key"]
        st.session_state[DONE] = f"Booked in {booked:%B %Y}."
        st.rerun()


def draw_files(operator: Operator, month: date, totals: MonthTotals) -> None:
    with st.grid(2, min_column_width=300):
        for label, (export, note) in FILES.items():
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{label}**")
                st.caption(_size(note, export, totals))
                _draw_file(operator, month, export, totals)


def _size(note: str, export: Export, totals: MonthTotals) -> str:
    """The note, and the totals that the last line of the file will have."""
    sums = {
        files.STATEMENT: f"{formats.count(totals.payers)} payers, "
        f"{formats.money(totals.due_microusd)} due.",
        files.LEDGER: f"{formats.count(totals.ledger_rows)} rows, "
        f"{formats.money(totals.ledger_cost_microusd)}.",
        files.COSTS: f"{formats.money(totals.ai_cost_microusd)}.",
    }
    return f"{note} {sums.get(export, '')}".strip().replace("$", r"\$")


def _draw_file(operator: Operator, month: date, export: Export, totals: MonthTotals) -> None:
    def writer(target: BinaryIO, tell: Callable[[int], None]) -> int:
        return write(export, asker(operator), month, target, tell).rows

    file_offer.draw(
        f"billing_file_{export.name}_{month}",
        export.file_name(month),
        writer,
        expected=totals.ledger_rows if export is files.LEDGER else 0,
    )
