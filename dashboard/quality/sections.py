"""The parts of the page Quality under its tiles: the chart, the tables, the disputes."""

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data.view import View
from dashboard.parts import chart_card, chart_style, definitions, formats, tiles
from dashboard.parts.analysis_words import rule
from dashboard.parts.answer_table import MEASURED_REVIEW
from dashboard.parts.metric import Rows
from dashboard.quality import charts, figures, queries
from service.outside_names import model_name

NUMBER = st.column_config.NumberColumn(format="localized", width=85)
ROWS_SHOWN = 12
TITLES: dict[queries.Kind, str] = {
    "rule": "By rule",
    "model": "By model",
    "context": "By context version",
}
BECAUSE = {"thumb": "Said so in the thread", "reaction": "Thumb down on the reply"}


def over_time(operator: Operator, view: View, palette: chart_style.Palette) -> None:
    rows = queries.read_course(operator, view)
    start = pd.Timestamp(view.start)
    starts = [max(each, start).tz_convert("UTC") for each in view.buckets()]
    axis = f"{view.step.capitalize()} ({view.zone})"
    with st.container(border=True):
        chart_card.draw(
            "advice",
            f"What became of advice, per {view.step}",
            definitions.explain("quality.course"),
            charts.course(rows, starts, view.zone, axis, palette),
            lambda: figures.course_rows(rows),
            view,
            is_by_step=True,
        )


def by(operator: Operator, view: View, kind: queries.Kind) -> None:
    """One table with its rows to be downloaded."""
    title = TITLES[kind]
    st.header(title, anchor=False, help=definitions.explain(f"quality.{kind}"))
    rows = queries.read_by(operator, view, kind)
    if rows.empty:
        st.caption("No answer told of a problem in this period.")
        return
    table = to_table(rows, kind)
    st.dataframe(
        table,
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(table), ROWS_SHOWN),
        column_config={
            table.columns[0]: st.column_config.TextColumn(width=200),
            "Taken share": st.column_config.TextColumn(width=190),
            **dict.fromkeys(("Known", "Taken", "Ignored", "Disputed", "Unknown"), NUMBER),
        },
        alt=f"What became of advice, {title.lower()}",
    )
    footer: dict[str, int | float | None] = {
        name: int(rows[name].sum()) for name in queries.OUTCOMES
    }
    tiles.rows_of(f"by_{kind}", title, lambda: Rows(rows, footer), view)


def to_table(rows: pd.DataFrame, kind: queries.Kind) -> pd.DataFrame:
    """Text ready to be shown: each share with its 95 % interval, or its few cases."""
    known = rows[figures.KNOWN].sum(axis=1)
    table = pd.DataFrame(
        {
            kind.capitalize(): [
                name_of(kind, name, handle)
                for name, handle in zip(rows["name"], rows["handle"], strict=True)
            ],
            "Taken share": [
                share(*each)
                for each in zip(rows["taken"], known, rows["low"], rows["high"], strict=True)
            ],
            "Known": known,
            **{name.capitalize(): rows[name] for name in queries.OUTCOMES},
        }
    )
    if kind == "rule":
        flags = ["⚑ Nobody takes it" if each else "" for each in rows["is_flagged"]]
        table.insert(2, "Flag", flags)
    return table


def name_of(kind: queries.Kind, name: str, handle: str | None) -> str:
    """A rule in words, a model, or whose context in which version."""
    if kind == "rule":
        return rule(name)
    if kind == "model":
        provider, _, model = name.partition(" ")
        return "Measured review" if provider == MEASURED_REVIEW else model_name(provider, model)
    version = name.rpartition(":")[2]
    return f"{handle or formats.NONE}, version {version}"


def share(part: int, whole: int, low: float | None, high: float | None) -> str:
    """23 % (18–29 %), or of few cases 3 of 12 (9–53 %)."""
    if not whole or low is None or high is None:
        return formats.NONE
    return f"{formats.rate(part, whole)} ({low * 100:.0f}–{high * 100:.0f} %)"


def disputes(operator: Operator, view: View) -> None:
    """The disputed answers; each opens the whole answer, whose words ask for a reason."""
    st.header("Disputes", anchor=False, help=definitions.explain("quality.disputes"))
    rows = queries.read_latest_disputes(operator, view)
    if rows.empty:
        st.caption("Nobody disputed an answer of this period.")
        return
    st.dataframe(
        disputes_table(rows, view.zone),
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(rows), ROWS_SHOWN),
        column_config={
            "Answered": st.column_config.DatetimeColumn(
                f"Answered ({view.zone})", format="D MMM YYYY, HH:mm", timezone=view.zone
            ),
            "Answer": st.column_config.LinkColumn(display_text="Open", width=80),
            "Comment": st.column_config.LinkColumn(
                display_text="Open",
                width=80,
                help="The comment that says “bad”. Its words are masked there.",
            ),
        },
        alt="Disputed answers, newest first",
    )
    if len(rows) == queries.MOST_DISPUTES:
        st.caption(f"The newest {queries.MOST_DISPUTES}; *Rows* has all of them.")
    tiles.rows_of(
        "disputes",
        "Disputes",
        lambda: figures.dispute_rows(queries.read_disputes(operator, view)),
        view,
    )


def disputes_table(rows: pd.DataFrame, zone: str) -> pd.DataFrame:
    address = tiles.LINKS["answer_id"]
    return pd.DataFrame(
        {
            "Answered": rows["at"].dt.tz_convert(zone),
            "Answer": address + rows["answer_id"].astype("string"),
            "Comment": [address + each if each else "" for each in rows["word_answer_id"]],
            "Why": [BECAUSE.get(each, each) for each in rows["because"]],
            "Rules": [
                ", ".join(map(rule, each.split(", "))) if each else formats.NONE
                for each in rows["rules"]
            ],
            "Model": [
                name_of("model", f"{provider} {model}", None)
                for provider, model in zip(rows["provider"], rows["model"], strict=True)
            ],
            "Asked again": rows["follow_ups"],
        }
    )
