"""The parts of the page: the period, days and models with both sides of one, and the uploads."""

from calendar import monthrange
from datetime import UTC, date, datetime

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.parts import change_form, formats, tiles
from dashboard.parts.metric import Rows
from dashboard.parts.words import DAY, minute
from dashboard.provider_bills import edits, queries
from dashboard.provider_bills.bill_reading import LABELS
from dashboard.provider_bills.figures import CAUSES, rows_with_seen, share
from dashboard.provider_bills.queries import Bills, Totals, Upload
from service.outside_names import provider_name

SIDES = {"billed": "Billed", "ours": "Our books"}
TOKENS = {
    "Input": "input_tokens",
    "Cached": "cached_tokens",
    "Written": "write_tokens",
    "Output": "output_tokens",
}
MONEY_COLUMN = st.column_config.NumberColumn(format="$%.4f", alignment="right")
DAY_COLUMN = st.column_config.DateColumn(format="D MMM YYYY")


def pick(bills: Bills) -> tuple[str, date, date]:
    """Provider, first and last day of the picked month; those of the newest upload at first."""
    providers = sorted({each.provider for each in bills.uploads})
    with st.container(horizontal=True):
        provider = st.selectbox(
            "Provider",
            providers,
            index=providers.index(bills.uploads[0].provider),
            key="provider",
            bind="query-params",
            width=220,
            format_func=provider_name,
        )
        months = months_of([each for each in bills.uploads if each.provider == provider])
        words = {f"{month:%Y-%m}": month for month in months}
        picked = st.selectbox(
            "Month",
            list(words),
            key="month",
            bind="query-params",
            width=220,
            format_func=lambda word: f"{words[word]:%B %Y}",
        )
    month = words.get(picked, months[0])
    st.caption("Days and months are UTC here, as providers bill. Money is in US dollars.")
    return provider, month, month.replace(day=monthrange(month.year, month.month)[1])


def months_of(uploads: list[Upload]) -> list[date]:
    """The months that uploads cover, newest first, by their first day."""
    found = set()
    for upload in uploads:
        month = upload.first_day.replace(day=1)
        while month <= upload.last_day:
            found.add(month)
            month = (month.replace(day=28) + pd.Timedelta(days=4)).replace(day=1)
    return sorted(found, reverse=True)


def say_verdict(totals: Totals) -> None:
    """One sentence: whether the bill and our books agree, and else what mostly differs."""
    drift = share(totals.difference_microusd, totals.billed_microusd)
    seen = share(totals.seen_calls, totals.billed_calls)
    if seen is None:
        seen = share(totals.seen_tokens, totals.billed_tokens)
    is_far = (drift is not None and abs(drift) > 0.02) or (seen is not None and seen < 0.98)
    parts = [f"{totals.differing:,} of {totals.rows:,} days and models differ."]
    if drift is not None:
        parts.append(f"Our books are {'above' if drift < 0 else 'below'} the bill by "
                     f"{formats.percent(abs(drift))}.")  # fmt: skip
    if seen is not None and seen < 1:
        parts.append(f"We saw {formats.percent(seen)} of what was billed.")
    if totals.billed_microusd is None:
        parts.append("No upload tells amounts: add the export of costs.")
    elif totals.billed_calls is None and totals.billed_tokens is None:
        parts.append(
            "No upload tells calls or tokens, so missing calls and changed prices look alike: add "
            "the export of usage."
        )
    said = " ".join(parts).replace("$", r"\$")
    if is_far:
        st.warning(said, icon=":material/balance:")
    elif totals.differing:
        st.info(said, icon=":material/balance:")
    else:
        st.success(f"The bill and our books agree. {said}", icon=":material/check:")


def draw_rows(operator: Operator, provider: str, rows: pd.DataFrame) -> None:
    """The table, and both sides of the row that is picked."""
    event = st.dataframe(
        to_table(rows),
        hide_index=True,
        selection_mode="single-row",
        on_select="rerun",
        key=f"provider_bill_rows_{provider}",
        column_config={
            "Day": DAY_COLUMN,
            **dict.fromkeys(("Billed", "Ours", "Billed − ours"), MONEY_COLUMN),
        },
        alt="Days and models, those that differ most first",
        placeholder=formats.NONE,
    )
    tiles.rows_of("provider_bill_rows", "Days and models", lambda: Rows(rows_with_seen(rows)))
    for place in event.selection.rows:
        if place < len(rows):
            picked = rows.iloc[place]
            day = date.fromisoformat(picked["day"])
            st.subheader(f"{picked['model']}, {day:%-d %B %Y}", anchor=False)
            lines = queries.read_lines(operator, provider, day, day, picked["model"], False)
            for side, title in SIDES.items():
                st.markdown(f"**{title}**")
                draw_lines(lines[lines["side"] == side], f"{side}_of_day")


def to_table(rows: pd.DataFrame) -> pd.DataFrame:
    def both(what: str) -> list[str]:
        return [
            f"{_whole(billed)} / {_whole(ours)}"
            for billed, ours in zip(rows[f"billed_{what}"], rows[f"our_{what}"], strict=True)
        ]

    return pd.DataFrame(
        {
            "Day": pd.to_datetime(rows["day"]).dt.date,
            "Model": rows["model"],
            "What differs": [CAUSES.get(cause, cause) for cause in rows["cause"]],
            "Billed": _dollars(rows["billed_microusd"]),
            "Ours": _dollars(rows["our_microusd"]),
            "Billed − ours": _dollars(rows["difference_microusd"]),
            "Calls, billed / ours": both("calls"),
            "Tokens, billed / ours": both("tokens"),
        }
    )


def _whole(number: float | None) -> str:
    return formats.NONE if number is None or pd.isna(number) else formats.count(int(number))


def _dollars(microusd: pd.Series) -> pd.Series:
    return pd.to_numeric(microusd) / 1_000_000


def draw_lines(lines: pd.DataFrame, name: str) -> None:
    """Lines of one side, with their CSV."""
    if lines.empty:
        st.caption("Nothing on this side.")
        return
    table = {
        "At (UTC)": lines["at"],
        "Model": lines["model"],
        "Tier": lines["service_tier"].replace("", formats.NONE),
        "Calls": [_whole(each) for each in lines["calls"]],
        **{title: [_whole(each) for each in lines[column]] for title, column in TOKENS.items()},
        "Amount": _dollars(lines["cost_microusd"]),
        "Id of the call": lines["call_id"].replace("", formats.NONE),
    }
    st.dataframe(
        pd.DataFrame(table),
        hide_index=True,
        column_config={
            "At (UTC)": st.column_config.DatetimeColumn(
                format="D MMM YYYY, HH:mm:ss", timezone="UTC"
            ),
            "Amount": st.column_config.NumberColumn(format="$%.6f"),
        },
        key=f"provider_bill_{name}",
        alt="Lines of this side",
        placeholder=formats.NONE,
    )
    cost = pd.to_numeric(lines["cost_microusd"]).sum(min_count=1)
    total = None if pd.isna(cost) else int(cost)
    footer: dict[str, int | float | None] = {"cost_microusd": total}
    tiles.rows_of(f"provider_bill_lines_{name}", "Lines", lambda: Rows(lines, footer))


def draw_unmatched(operator: Operator, provider: str, first: date, last: date) -> None:
    lines = queries.read_lines(operator, provider, first, last, None, True)
    billed, ours = (lines[lines["side"] == side] for side in SIDES)
    if lines.empty:
        st.caption("No call is on one side only, of the bills that tell ids of calls.")
        return
    for title, side, name in (
        ("Billed, never seen by us", billed, "not_seen"),
        ("Booked, never billed", ours, "not_billed"),
    ):
        shown = "first 500" if len(side) == 500 else formats.counted(len(side), "call")
        st.markdown(f"**{title}**: {shown}")
        draw_lines(side, name)
    if st.button("Look for them again", icon=":material/sync:", key="provider_bills_match"):
        edits.match(operator, provider)
        st.rerun()


def draw_names(operator: Operator, provider: str, rows: pd.DataFrame, bills: Bills) -> None:
    """Say that a name on the bill is a model of ours: at Azure, which deployment."""
    billed = sorted(rows[rows["cause"] == "not_seen"]["model"].unique())
    ours = sorted(rows[rows["our_calls"] > 0]["model"].unique())
    known = [each for each in bills.names if each.provider == provider]
    if known:
        said = ", ".join(f"“{each.billed}” is our “{each.model}”" for each in known)
        st.caption(f"{said}. Choose a name again to change what it is.")
    names = [*billed, *(each.billed for each in known if each.billed not in billed)]
    if not names or not (ours or known):
        st.caption("Every name on the bill is one of our models.")
        return
    with st.form("provider_bills_name", border=False):
        name = st.selectbox("Name on the bill", names)
        model = st.selectbox("Our model or deployment", ["", *ours],
                             format_func=lambda each: each or "None of ours")  # fmt: skip
        reason = change_form.ask_reason("provider_bills_name_reason")
        pressed = st.form_submit_button("Remember", icon=":material/save:")
    if pressed:
        change_form.save(
            lambda: edits.name_model(operator, provider, name, model, reason or ""),
            f"“{name}” is {f'our “{model}”' if model else 'none of our models'} from now on.",
        )


def draw_uploads(operator: Operator, uploads: list[Upload]) -> None:
    st.dataframe(uploads_table(uploads), hide_index=True, alt="Uploads")
    names = {each.id: in_words(each) for each in uploads}
    with (
        st.expander("Remove an upload", icon=":material/delete:"),
        st.form("provider_bills_remove", border=False),
    ):
        key = st.selectbox("Upload", list(names), format_func=names.__getitem__)
        reason = change_form.ask_reason("provider_bills_remove_reason")
        pressed = st.form_submit_button("Remove it", icon=":material/delete:")
    if pressed:
        change_form.save(
            lambda: edits.remove(operator, key, reason or ""), f"{names[key]} is removed."
        )


def in_words(upload: Upload) -> str:
    days = f"{upload.first_day:%-d %b} – {upload.last_day:%-d %b %Y}"
    export = LABELS.get(upload.format, upload.format)
    return f"{export} for {provider_name(upload.provider)}, {days}"


def uploads_table(uploads: list[Upload]) -> pd.DataFrame:
    """Columns about each upload, and what of it is not compared."""
    return pd.DataFrame(
        {
            "Export": [LABELS.get(each.format, each.format) for each in uploads],
            "Provider": [provider_name(each.provider) for each in uploads],
            "First day": [f"{each.first_day:{DAY}}" for each in uploads],
            "Last day": [f"{each.last_day:{DAY}}" for each in uploads],
            "Tells": [", ".join(each.tells) for each in uploads],
            "Lines": [formats.count(each.lines) for each in uploads],
            "Not compared": [not_compared(each) for each in uploads],
            "By": [each.uploaded_by for each in uploads],
            "At": [f"{minute(each.uploaded_at)} UTC" for each in uploads],
        }
    )


def at(upload: Upload) -> datetime:
    return datetime.fromisoformat(upload.uploaded_at).astimezone(UTC)


def not_compared(upload: Upload) -> str:
    parts = []
    if upload.credits_microusd:
        parts.append(f"credits {formats.money(upload.credits_microusd)}")
    if upload.tax_microusd:
        parts.append(f"tax {formats.money(upload.tax_microusd)}")
    if upload.left_out_lines:
        others = formats.counted(upload.left_out_lines, "other line")
        parts.append(f"{others} ({formats.money(upload.left_out_microusd)})")
    return ", ".join(parts) or formats.NONE
