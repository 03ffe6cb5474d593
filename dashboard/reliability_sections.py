"""The tiles of the reliability page, each with its definition and its rows, and its charts."""

from collections.abc import Callable

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from dashboard import causes, charts
from dashboard.auth import Operator
from dashboard.filters import View
from dashboard.metric import Figure, Metric, Rows
from dashboard.queries import operations, reliability

Tile = tuple[Metric, Figure, Callable[[], Rows] | None]

BURN_NOTE = (
    "Burn rate: how many times faster than allowed the error budget of 30 days is used up, in so "
    "many whole hours and the current one. 1× uses it up in just 30 days. A failed comment counts "
    "against both objectives."
)
QUOTA_NOTE = (
    "Figma tells of a quota only when it refuses a call, and never what is left: the forecast sets "
    "the designs read in the last seven days against Figma's published ceiling for such a seat."
)
ERROR_RATE = Metric(
    "error_rate",
    "Error rate",
    "Failed ÷ (answered + failed). A failure is a comment that ended without a reply and without "
    "a charge.",
    "share",
    "down",
)
TIMES = {
    "total": Metric(
        "total_p95_ms",
        "Answer time, p95",
        "19 of 20 answers were posted within this time, from the arrival of Figma's webhook.",
        "ms",
        "down",
    ),
    "model": Metric(
        "model_p95_ms",
        "Model time, p95",
        "19 of 20 answers waited at most this long for the models, fallbacks included.",
        "ms",
        "down",
    ),
    "figma": Metric(
        "figma_p95_ms",
        "Figma time, p95",
        "19 of 20 answers spent at most this long in calls to Figma.",
        "ms",
        "down",
    ),
}
FALLBACKS = Metric(
    "fallbacks",
    "Fallbacks",
    "Calls that failed at one model provider, or passed it over, so that the next was asked.",
    "count",
    "down",
)
WITHOUT_MODEL = Metric(
    "without_model",
    "Answers without a model",
    "Answers written from measured facts alone, because no model answered or none is set up.",
    "count",
    "down",
)
DELIVERIES = Metric(
    "deliveries",
    "Deliveries",
    "What Figma's webhooks delivered, redeliveries included.",
    "count",
    "neither",
)
SILENT = Metric(
    "silent",
    "Silent webhooks",
    "Active webhooks quiet for a day and for half as long again as their longest pause in the "
    "28 days before. Now, whatever the period.",
    "count",
    "down",
)


def figures(operator: Operator, view: View) -> list[Tile]:
    """Every tile of the page, in order."""
    return [_errors(operator, view), *_times(operator, view), *_others(operator, view)]


def _errors(operator: Operator, view: View) -> Tile:
    now = reliability.read_totals(operator, view)
    before = view.before()
    past = reliability.read_totals(operator, before) if before else None

    def rows() -> Rows:
        frame = reliability.read_causes(operator, view)
        frame.insert(1, "cause", [causes.cause(code) for code in frame["error_code"]])
        frame["error_rate"] = frame["failed"] / now.cases if now.cases else 0.0
        return Rows(frame, {"failed": now.failed, "error_rate": now.error_rate})

    figure = Figure(
        now.error_rate, past.error_rate if past else None, part=now.failed, whole=now.cases
    )
    return ERROR_RATE, figure, rows


def _times(operator: Operator, view: View) -> list[Tile]:
    before = view.before()
    now = _p95(operator, view)
    past = _p95(operator, before) if before else {}
    answered = reliability.read_totals(operator, view).answered

    def rows_of(metric: Metric) -> Callable[[], Rows]:
        def rows() -> Rows:
            course = reliability.read_course(operator, view)[["at", "answered", metric.name]]
            value = now.get(metric.name)
            return Rows(course, {"answered": answered, metric.name: value})

        return rows

    return [
        (metric, Figure(now.get(metric.name), past.get(metric.name)), rows_of(metric))
        for metric in TIMES.values()
    ]


def _p95(operator: Operator, view: View) -> dict[str, int]:
    rows = reliability.read_latencies(operator, view)
    return {
        TIMES[kind].name: int(p95) for kind, p95 in zip(rows["kind"], rows["p95_ms"], strict=True)
    }


def _others(operator: Operator, view: View) -> list[Tile]:
    before = view.before()
    totals = reliability.read_totals(operator, view)
    past = reliability.read_totals(operator, before) if before else None
    deliveries = reliability.read_deliveries(operator, view)
    counts, _ = operations.read_webhooks(operator)

    def silent() -> Rows:
        frame = operations.read_webhooks(operator, only_silent=True)[1]
        frame = frame[["owner", "label", "context", "context_id", "last_event_at"]].copy()
        frame["silent"] = 1
        return Rows(frame, {"silent": counts["silent"]})

    fallbacks = _fallbacks(operator, view)
    return [
        (
            FALLBACKS,
            Figure(
                int(fallbacks["fallbacks"].sum()),
                int(_fallbacks(operator, before)["fallbacks"].sum()) if before else None,
            ),
            lambda: Rows(fallbacks, {"fallbacks": int(fallbacks["fallbacks"].sum())}),
        ),
        (WITHOUT_MODEL, Figure(totals.without_model, past.without_model if past else None), None),
        (
            DELIVERIES,
            Figure(
                int(deliveries["deliveries"].sum()),
                int(reliability.read_deliveries(operator, before)["deliveries"].sum())
                if before
                else None,
            ),
            lambda: Rows(deliveries, {"deliveries": int(deliveries["deliveries"].sum())}),
        ),
        (SILENT, Figure(counts["silent"]), silent),
    ]


def _fallbacks(operator: Operator, view: View) -> pd.DataFrame:
    rows = reliability.read_providers(operator, view)
    rows = rows[rows["outcome"] != "answered"].drop(columns="latency_ms_sum")
    return rows.rename(columns={"calls": "fallbacks"}).reset_index(drop=True)


def chart(figure: go.Figure, title: str, view: View | None = None) -> None:
    """Draw a figure; with a view, one by its steps, of which the last may not be over."""
    if view and view.is_unfinished and figure.data:
        palette = charts.palette_of(st.context.theme.type)
        charts.mark_unfinished(figure, view.buckets(), palette)
    st.plotly_chart(figure, theme=None, config=charts.CONFIG, key=title, alt=title)
