"""The form for a file: what it was read as, for which of our providers and days, and sending it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.writes import Refused
from dashboard.parts import change_form, formats
from dashboard.provider_bills import bill_reading, edits
from dashboard.provider_bills.bill import BillProblem
from dashboard.provider_bills.bill_reading import LABELS, Bill, Table
from dashboard.provider_bills.hand_mapped import MEANINGS, NEEDED, Mapping
from dashboard.provider_bills.queries import Bills
from dashboard.provider_bills.sections import in_words
from service.outside_names import provider_name

MEGABYTES = bill_reading.MOST_BYTES // 1024 // 1024
KNOWN = ", ".join(each.label for each in bill_reading.FORMATS)


def draw(operator: Operator, bills: Bills) -> None:
    st.caption(
        f"A CSV export, at most {MEGABYTES} MB. Known by their columns: {KNOWN}. Others are mapped "
        "by hand once. Of the file, only days, model names, ids of calls and numbers are kept."
    )
    # A new key empties it after an upload.
    turn = st.session_state.setdefault("provider_bills_turn", 0)
    given = st.file_uploader(
        "Bill or usage, as CSV",
        type="csv",
        key=f"provider_bills_file_{turn}",
        max_upload_size=MEGABYTES,
    )
    if given is None:
        st.session_state.pop(READ, None)
        return
    try:
        bill_reading.check_size(given.size)
        table = _once("table", given.file_id, lambda: bill_reading.read_table(given.getvalue()))
        mapping = None
        if bill_reading.format_of(table) is None:
            mapping = _map_by_hand(table, bills)
            if mapping is None:
                return
        key = (given.file_id, str(mapping and mapping.to_json()))
        bill = _once("bill", key, lambda: bill_reading.read_bill(table, mapping))
    except BillProblem as problem:
        st.error(str(problem), title="This file cannot be read", icon=":material/error:")
        return
    if bill.file_hash in bills.hashes:
        st.info("This very file is there already.", icon=":material/content_copy:")
    _offer(operator, bills, table, bill, mapping)


T = TypeVar("T")
READ = "provider_bills_read"


def _once(what: str, key: object, read: Callable[[], T]) -> T:
    """What was read of the file, kept as it is: a form that is filled in reads no file again."""
    kept = st.session_state.setdefault(READ, {})
    if what not in kept or kept[what][0] != key:
        with st.spinner("Reading the file …"):
            kept[what] = (key, read())
    found: T = kept[what][1]
    return found


def _map_by_hand(table: Table, bills: Bills) -> Mapping | None:
    """Ask which column means what; the last answer for this header stands there at first."""
    kept = bills.headers.get(table.code)
    known = Mapping.from_json(kept) if kept else None
    st.warning(
        "This header is not known. Say which column means what: it is remembered for files with "
        "the same header." if not known else "Mapped as it was for the last file like this.",
        icon=":material/table_edit:",
    )  # fmt: skip
    st.dataframe(
        [dict(zip(table.header, row, strict=False)) for row in table.rows[:3]],
        alt="The first lines of the file",
    )
    chosen: dict[str, str] = {}
    with st.grid(3, min_column_width=200):
        for meaning, label in MEANINGS.items():
            before = known.columns.get(meaning) if known else None
            place = table.header.index(before) if before in table.header else None
            picked = st.selectbox(
                label,
                table.header,
                index=place,
                placeholder="Not in the file",
                key=f"provider_bills_{meaning}_{table.code}",
            )
            if picked:
                chosen[meaning] = picked
    includes = st.checkbox(
        "Input tokens include those of the cache",
        value=known.input_includes if known else True,
        key=f"provider_bills_includes_{table.code}",
    )
    mapping = Mapping(chosen, includes)
    if any(name not in chosen for name in NEEDED) or not mapping.tells:
        st.caption("A day, a model, and at least one number are needed.")
        return None
    return mapping


def _offer(
    operator: Operator, bills: Bills, table: Table, bill: Bill, mapping: Mapping | None
) -> None:
    likely = [each for each in bills.providers if bill.provider_hint in each.lower()]
    options = list(dict.fromkeys([*likely, *bills.providers])) or [bill.provider_hint or "openai"]
    lines = formats.counted(len(bill.lines), "line")
    st.markdown(
        f"**{LABELS[bill.format]}**: {lines}, {bill.first_day:%-d %b} – {bill.last_day:%-d %b %Y}, "
        f"tells {', '.join(bill.tells)}."
    )
    if bill.rounding:
        st.caption(
            "Its amounts are rounded: prices can be compared no closer than "
            rf"\${bill.rounding / 1_000_000:f} a line."
        )
    with st.form("provider_bills_upload", border=True):
        with st.grid(3, min_column_width=200):
            provider = st.selectbox(
                "Which of our providers it bills", options, format_func=provider_name
            )
            first = st.date_input("First day (UTC)", value=bill.first_day)
            last = st.date_input("Last whole day (UTC)", value=_last_whole(bill))
        others = {
            each.id: in_words(each)
            for each in bills.uploads
            if each.first_day <= bill.last_day
            and each.last_day >= bill.first_day
            and set(each.tells) & set(bill.tells)
        }
        replaces = st.multiselect(
            "Replaces", list(others), format_func=others.__getitem__, disabled=not others,
            placeholder="No earlier upload" if not others else "Choose what it replaces",
        )  # fmt: skip
        reason = change_form.ask_reason("provider_bills_upload_reason")
        pressed = st.form_submit_button("Compare", type="primary", icon=":material/balance:")
    if pressed:
        _send(operator, table, bill, mapping, provider, _days(first, last), replaces, reason or "")


def _last_whole(bill: Bill) -> date:
    """Today is not over: its calls would seem to be missing on the bill."""
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    return max(bill.first_day, min(bill.last_day, yesterday))


def _days(first: Any, last: Any) -> tuple[date, date] | None:
    if isinstance(first, date) and isinstance(last, date) and first <= last:
        return first, last
    return None


def _send(
    operator: Operator,
    table: Table,
    bill: Bill,
    mapping: Mapping | None,
    provider: str,
    days: tuple[date, date] | None,
    replaces: list[str],
    reason: str,
) -> None:
    if days is None:
        st.error("The first day must come before the last.", icon=":material/error:")
        return
    # Asked here as well: by SQL only when the last line is sent.
    if len(reason.strip()) < 3:
        st.error("Say why in a few words, for example “October's invoice”.", icon=":material/edit:")
        return
    bar = st.progress(0.0, text="Sending …")
    try:
        if mapping:
            edits.keep_mapping(operator, table.code, mapping, reason)
        edits.upload(
            operator,
            provider,
            bill.within(*days),
            replaces,
            reason,
            lambda share: bar.progress(share),
        )
    except Refused as refusal:
        bar.empty()
        st.error(str(refusal).replace("$", r"\$"), icon=":material/block:")
        return
    st.session_state["provider_bills_turn"] += 1
    st.session_state.pop(READ, None)
    st.session_state["settings_saved"] = "The bill is compared with our books."
    st.rerun()
