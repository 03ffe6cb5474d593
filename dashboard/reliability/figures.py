"""The tiles of the reliability page, each with its definition and the rows that add up to it."""

from collections.abc import Callable

import pandas as pd

from dashboard.access.auth import Operator
from dashboard.data import grounding_course, webhook_rows
from dashboard.data.view import View
from dashboard.parts import causes, definitions
from dashboard.parts.metric import Figure, Metric, Rows
from dashboard.parts.tiles import Tile
from dashboard.reliability import queries
from dashboard.reliability.queries import Reliability

ERROR_RATE = definitions.metric("reliability.error_rate")
TIMES = {
    "total": definitions.metric("reliability.total_time"),
    "model": definitions.metric("reliability.model_time"),
    "figma": definitions.metric("reliability.figma_time"),
}
FALLBACKS = definitions.metric("reliability.fallbacks")
WITHOUT_MODEL = definitions.metric("reliability.without_model")
GROUNDED = definitions.metric("reliability.grounded")
DELIVERIES = definitions.metric("reliability.deliveries")
SILENT = definitions.metric("reliability.silent")


def figures(operator: Operator, view: View) -> list[Tile]:
    """Every tile of the page, in order."""
    now = queries.read_reliability(operator, view)
    earlier = view.before()
    past = queries.read_reliability(operator, earlier) if earlier else None
    return [
        _errors(view, now, past),
        *_times(view, now, past),
        _fallbacks(operator, view),
        _without_model(view, now, past),
        _grounded(operator, view),
        _deliveries(operator, view),
        _silent(operator),
    ]


def cause_rows(now: Reliability) -> Rows:
    """Failures by cause; the footer has their total and the error rate."""
    frame = now.causes.copy()
    frame.insert(1, "cause", [causes.cause(code) for code in frame["error_code"]])
    frame["error_rate"] = frame["failed"] / now.cases if now.cases else 0.0
    return Rows(frame, {"failed": now.failed, "error_rate": now.error_rate})


def _errors(view: View, now: Reliability, past: Reliability | None) -> Tile:
    steps = now.course
    # Where nothing was to be answered, 0 ÷ 0 is no rate.
    course = view.values_of(steps["at"], steps["failed"] / (steps["answered"] + steps["failed"]))
    figure = Figure(
        now.error_rate, past.error_rate if past else None, course, part=now.failed, whole=now.cases
    )
    return ERROR_RATE, figure, lambda: cause_rows(now)


def _times(view: View, now: Reliability, past: Reliability | None) -> list[Tile]:
    def rows_of(metric: Metric, value: int | None) -> Callable[[], Rows]:
        columns = ["at", "answered", metric.name]
        return lambda: Rows(now.course[columns], {"answered": now.answered, metric.name: value})

    def tile(kind: str, metric: Metric) -> Tile:
        value = p95_of(now, kind)
        course = view.values_of(now.course["at"], now.course[metric.name])
        figure = Figure(value, p95_of(past, kind) if past else None, course)
        return metric, figure, rows_of(metric, value)

    return [tile(kind, metric) for kind, metric in TIMES.items()]


def p95_of(figures: Reliability, kind: str) -> int | None:
    """Milliseconds; None if nothing was measured in the period."""
    found = figures.latencies.loc[figures.latencies["kind"] == kind, "p95_ms"]
    return None if found.empty else int(found.iloc[0])


def _fallbacks(operator: Operator, view: View) -> Tile:
    def read(asked: View) -> pd.DataFrame:
        rows = queries.read_providers(operator, asked)
        rows = rows[rows["outcome"] != "answered"].drop(columns="latency_ms_sum")
        return rows.rename(columns={"calls": "fallbacks"}).reset_index(drop=True)

    rows, earlier = read(view), view.before()
    total = int(rows["fallbacks"].sum())
    past = int(read(earlier)["fallbacks"].sum()) if earlier else None
    return FALLBACKS, Figure(total, past), lambda: Rows(rows, {"fallbacks": total})


def _without_model(view: View, now: Reliability, past: Reliability | None) -> Tile:
    course = now.course[["at", "answered", "without_model"]]
    figure = Figure(
        now.without_model,
        past.without_model if past else None,
        view.counts_of(course["at"], course["without_model"]),
    )
    footer: dict[str, int | float | None] = {
        "answered": now.answered,
        "without_model": now.without_model,
    }
    return WITHOUT_MODEL, figure, lambda: Rows(course, footer)


def _grounded(operator: Operator, view: View) -> Tile:
    rows, earlier = grounding_course.read_grounding(operator, view), view.before()
    shares = view.values_of(rows["at"], rows["grounded"] / grounding_course.with_numbers(rows))
    grounded, whole = int(rows["grounded"].sum()), int(grounding_course.with_numbers(rows).sum())
    past = grounding_course.read_grounding(operator, earlier) if earlier else None
    before = (
        None
        if past is None
        else _share(int(past["grounded"].sum()), int(grounding_course.with_numbers(past).sum()))
    )
    share = _share(grounded, whole)
    counts: dict[str, int | float | None] = {
        name: int(rows[name].sum()) for name in grounding_course.GROUNDING[1:]
    }
    figure = Figure(share, before, shares, part=grounded, whole=whole)
    return GROUNDED, figure, lambda: Rows(rows, {**counts, GROUNDED.name: share})


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _deliveries(operator: Operator, view: View) -> Tile:
    rows, earlier = webhook_rows.read_deliveries(operator, view), view.before()
    total = int(rows["deliveries"].sum())
    past = (
        int(webhook_rows.read_deliveries(operator, earlier)["deliveries"].sum())
        if earlier
        else None
    )
    course = view.counts_of(rows["at"], rows["deliveries"])
    return DELIVERIES, Figure(total, past, course), lambda: Rows(rows, {"deliveries": total})


def _silent(operator: Operator) -> Tile:
    silent = webhook_rows.read_webhooks(operator).silent

    def rows() -> Rows:
        frame = webhook_rows.read_webhooks(operator, only_silent=True).rows
        frame = frame[["owner", "label", "context", "context_id", "last_event_at"]].copy()
        frame["silent"] = 1
        return Rows(frame, {"silent": silent})

    return SILENT, Figure(silent), rows
