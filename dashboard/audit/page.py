"""Who changed what, when and why, and the proof that nobody changed this log."""

from collections.abc import Callable
from typing import BinaryIO

import streamlit as st

from dashboard.audit import entries
from dashboard.data import audit
from dashboard.data.reads import asker
from dashboard.data.reporting import read_reporting
from dashboard.exports.writing import write
from dashboard.parts import file_offer, filters, gate, notices


def verify() -> None:
    result = audit.verify_audit(operator)
    if result.ok:
        st.success(
            f"All {result.rows:,} rows are as they were written, and none is missing.",
            title="The log is intact",
            icon=":material/verified:",
        )
        st.caption(
            f"Hash of the newest row, {result.last_id}. Keep it elsewhere: if a later log does "
            "not hold it, the whole chain was written anew."
        )
        st.code(result.last_hash or "The log is empty.", language=None, wrap_lines=True)
    else:
        st.error(
            f"The chain breaks at row {result.first_broken_id}: that row or the one before it "
            "was changed or removed past the product. Compare with a backup of the database.",
            title="The log was changed",
            icon=":material/gpp_bad:",
        )


def write_file(target: BinaryIO, tell: Callable[[int], None]) -> int:
    return write(entries.CSV, asker(operator), choice, target, tell).rows


def page_starts(choice: entries.Choice) -> list[int | None]:
    """The row id before which each opened page begins. A new filter starts again at page 1."""
    if st.session_state.get("audit_choice") != choice:
        st.session_state["audit_choice"] = choice
        st.session_state["audit_pages"] = [None]
    pages: list[int | None] = st.session_state["audit_pages"]
    return pages


operator = gate.require_operator()
with notices.show_errors(offer_retry=True):
    reporting = read_reporting(operator)
    choice = entries.pick(audit.read_audit_choices(operator), reporting.time_zone)
    filters.say_zone(operator)
    if operator.role != "founder":
        st.caption(
            "Changes of model prices, budgets, the books, operators and founders' settings are "
            "shown to founders alone."
        )
    pages = page_starts(choice)
    rows = audit.read_audit(operator, choice.parameters(pages[-1], audit.AUDIT_PAGE + 1))
    with st.container(horizontal=True):
        is_verify = st.button("Verify the log", icon=":material/verified_user:", key="audit_verify")
        if rows:
            # A key per filter, so that a file always belongs to the current filter.
            key = f"audit_file_{hash(choice)}"
            file_offer.draw(key, "audit-log.csv", write_file, label="Prepare CSV of these rows")
    if is_verify:
        verify()
    if not rows:
        notices.say_empty(
            "No change of this kind",
            "Every change of plans, prices, people and settings is written here by the database.",
            icon="history",
        )
    for row in rows[: audit.AUDIT_PAGE]:
        entries.draw(row, reporting)
    if rows:
        entries.draw_turn(pages, rows, audit.AUDIT_PAGE)
