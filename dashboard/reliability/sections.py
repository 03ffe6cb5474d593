"""The parts of the reliability page under its tiles: objectives, times, providers, webhooks."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import figma_quotas, latest_answers, webhook_rows
from dashboard.data.latest_answers import QueueStatus
from dashboard.data.view import View
from dashboard.parts import chart_card, chart_style, definitions, delivery_chart, formats, tiles
from dashboard.parts.metric import Rows
from dashboard.reliability import charts, objective_form, queries, tables
from dashboard.reliability import figures as shown
from dashboard.reliability.queries import Reliability

ALL = "All webhooks"
WEBHOOKS_SHOWN = 10


def objectives(
    operator: Operator, rows: pd.DataFrame, view: View, palette: chart_style.Palette
) -> None:
    st.header(
        "Objectives, up to 30 days",
        anchor=False,
        help=definitions.explain("reliability.objectives"),
    )
    st.dataframe(
        tables.objectives(rows),
        hide_index=True,
        column_config={"Cases, 30 days": st.column_config.NumberColumn(format="localized")},
        alt="Objectives and error budget",
    )
    st.caption(definitions.explain("reliability.burn_rate"))
    with st.container(horizontal=True):
        tiles.rows_of("objectives", "Objectives and error budget", lambda: Rows(rows))
        if operator.role == "founder":
            objective_form.draw(operator, rows)
    days = queries.read_budget(operator)
    names = {row["code"]: tables.objective(row) for _, row in rows.iterrows()}
    footer: dict[str, int | float | None] = {
        each: int(days[each].sum()) for each in ("cases", "good", "bad")
    }
    with st.container(border=True):
        figure = charts.budgets(days, names, f"Day ({view.zone})", palette)
        chart_card.draw(
            "error_budget",
            "Error budget of the last 30 days",
            definitions.explain("reliability.error_budget"),
            figure,
            lambda: Rows(days, footer),
        )


def errors_and_times(now: Reliability, view: View, palette: chart_style.Palette) -> None:
    left, right = st.columns(2)
    with left.container(border=True):
        figure = charts.failures(now.causes, palette)
        chart_card.draw(
            "failures",
            "Failures by cause",
            definitions.explain("reliability.causes"),
            figure,
            lambda: shown.cause_rows(now),
            view,
        )
    with right.container(border=True):
        figure = charts.latencies(now.course, axis_of(view), palette)
        footer = {"answered": now.answered, "failed": now.failed}
        chart_card.draw(
            "answer_times", "Answer time", definitions.explain("reliability.times"), figure,
            lambda: Rows(now.course, {**footer, "without_model": now.without_model}), view,
            is_by_step=True,
        )  # fmt: skip
    if len(now.latencies):
        st.dataframe(tables.latencies(now.latencies), hide_index=True, alt="Percentiles of times")
        tiles.rows_of("percentiles", "Percentiles of times", lambda: Rows(now.latencies), view)


def _builds(queue: QueueStatus) -> str:
    """Components have a queue of their own."""
    waits = formats.counted(queue.builds_waiting, "stage")
    oldest = f", the oldest for {formats.age(queue.builds_oldest_seconds)}"
    builders = formats.counted(queue.builders, "builder")
    return (
        f"Components now: {waits} waiting{oldest if queue.builds_waiting else ''}, "
        f"{queue.builds_working} in work, {builders} live."
    )


def providers_and_queue(operator: Operator, view: View, palette: chart_style.Palette) -> None:
    rows = queries.read_providers(operator, view)
    left, right = st.columns(2)
    with left.container(border=True):
        figure = charts.providers(rows, palette)
        footer: dict[str, int | float | None] = {"calls": int(rows["calls"].sum())}
        chart_card.draw(
            "providers",
            "Model providers",
            definitions.explain("reliability.providers"),
            figure,
            lambda: Rows(rows, footer),
            view,
        )
    with right.container(border=True):
        queue = queries.read_queue_course(operator, view)
        figure = charts.queue(queue, f"Time ({view.zone})", palette)
        chart_card.draw(
            "queue",
            "Queue",
            definitions.explain("reliability.queue"),
            figure,
            lambda: Rows(queue),
            view,
        )
        st.caption(_builds(latest_answers.read_queue(operator)))
    if len(rows):
        number = st.column_config.NumberColumn(format="localized")
        st.dataframe(
            tables.providers(rows),
            hide_index=True,
            column_config=dict.fromkeys(("Answered", "Failed", "Passed over"), number),
            alt="Availability of providers",
        )


def webhooks(operator: Operator, view: View, palette: chart_style.Palette) -> None:
    """Deliveries over time, and how long each webhook has been silent."""
    rows = webhook_rows.read_webhooks(operator).rows
    names = dict(zip(tables.webhook_names(rows), rows["id"], strict=True))
    with st.container(border=True):
        picked = st.selectbox(
            "Webhook", [ALL, *names], key="webhook", bind="query-params", width=320,
            label_visibility="collapsed",
        )  # fmt: skip
        found = webhook_rows.read_deliveries(operator, view, names.get(picked or ALL))
        footer: dict[str, int | float | None] = {
            each: int(found[each].sum()) for each in ("deliveries", "redeliveries")
        }
        figure = delivery_chart.deliveries(found, view.buckets(), axis_of(view), palette)
        chart_card.draw(
            "webhook_deliveries",
            "Webhook deliveries",
            definitions.explain("reliability.delivery_course"),
            figure,
            lambda: Rows(found, footer),
            view,
            is_by_step=True,
        )
    if rows.empty:
        return
    st.header(
        "Silence per webhook, now", anchor=False, help=definitions.explain("reliability.silence")
    )
    table = tables.webhooks(rows, datetime.now(UTC))
    number = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        table,
        hide_index=True,
        row_height=tiles.ROW_HEIGHT,
        height=tiles.table_height(len(table), WEBHOOKS_SHOWN),
        column_config=dict.fromkeys(
            ("Deliveries, 7 days", "To be answered", "Not readable"), number
        ),
        alt="Webhooks, the silent ones first",
    )
    tiles.rows_of("webhook_silence", "Silence per webhook", lambda: Rows(rows))


def quotas(operator: Operator) -> None:
    st.header(
        "Figma's quotas, last 30 days", anchor=False, help=definitions.explain("reliability.quotas")
    )
    rows = figma_quotas.read_quotas(operator)
    if rows.empty:
        st.caption("Figma has refused no call in the last 30 days.")
        return
    st.dataframe(
        tables.quotas(rows, datetime.now(UTC)),
        hide_index=True,
        column_config={"Upgrade": st.column_config.LinkColumn(display_text="Figma's offer")},
        alt="Quotas Figma said were used up",
    )
    st.caption(definitions.explain("reliability.quota_forecast"))
    tiles.rows_of("figma_quotas", "Figma's quotas", lambda: Rows(rows))


def axis_of(view: View) -> str:
    return f"{view.step.capitalize()} ({view.zone})"
