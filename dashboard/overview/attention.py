"""What needs attention now: the number, why it matters, and the rows if there are any."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from dashboard.access.auth import Operator
from dashboard.data import alerts, figma_quotas
from dashboard.data.alerts import Alert
from dashboard.data.latest_answers import QueueStatus
from dashboard.overview import queries
from dashboard.overview.queries import Attention
from dashboard.parts import formats, queue_tiles, tiles
from dashboard.parts.metric import Rows
from dashboard.parts.pipeline_words import cause_of, stage_of
from dashboard.parts.tiles import Opens

# Kinds of alerts that no other line covers.
ALERTS = (
    "budget",
    "error_budget",
    "queue_stuck",
    "webhook_paused",
    "author_limit",
    "unbilled",
    "connection_lost",
    "bill_drift",
    "isolation",
    "day_spend",
    "silence",
    "refresh_failing",
    "model_failing",
    "builds_failing",
    "disk",
    "certificate",
    "backup_missing",
    "advice_rule",
)
FAILED = "failed_pipelines"
LINKED = 3


def draw(operator: Operator, found: Attention, queue: QueueStatus) -> None:
    """One line per kind that occurs, or one line that says that nothing needs attention."""
    listed = _listed(operator, found, queue)
    if not listed:
        st.success(
            "No alert, no dead letters, no call without a price, no quota about to end, nobody who "
            "costs more than they pay.",
            title="Nothing needs attention",
            icon=":material/check_circle:",
        )
        return
    with st.grid(3, min_column_width=260):
        for name, title, sentence, opens in listed:
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.markdown(f":material/warning: **{title}**")
                st.caption(sentence)
                if name == FAILED:
                    _open_failed(operator)
                if opens:
                    tiles.rows_of(name, title, opens)


def _listed(
    operator: Operator, found: Attention, queue: QueueStatus
) -> list[tuple[str, str, str, Opens | None]]:
    going_on = _alerts(operator)
    kinds: list[tuple[int, str, tuple[str, str], str, Opens | None]] = [
        (
            len(going_on),
            "alerts",
            ("alert is still on", "alerts are still on"),
            "; ".join(going_on["title"]),
            lambda: Rows(going_on.assign(alerts=1), {"alerts": len(going_on)}),
        ),
        (
            int(queue.workers == 0),
            "workers",
            ("No worker is running", ""),
            "Comments are kept and answered as soon as a worker runs: `python -m service.worker`.",
            None,
        ),
        (
            int(queue.builders == 0) * queue.builds_waiting,
            "builders",
            (
                "stage waits, and no builder is running",
                "stages wait, and no builder is running",
            ),
            "Components are built as soon as a builder runs: `python -m service.builder`.",
            None,
        ),
        (
            found.pipelines,
            FAILED,
            (
                "pipeline that failed in seven days",
                "pipelines that failed in seven days",
            ),
            "They ended without a component, and took no use. Figma's own refusals are left out.",
            lambda: _failed_pipelines(operator),
        ),
        (
            found.dead_letters,
            "dead_letters_now",
            ("dead letter", "dead letters"),
            "Comments and analyses that failed for good. Nobody was charged; they can be replayed.",
            queue_tiles.rows_in(operator, "failed", "dead_letters"),
        ),
        (
            found.unpriced,
            "unpriced",
            ("call without a price in 30 days", "calls without a price in 30 days"),
            "Their cost is in no sum. Add the model's price to count them.",
            lambda: Rows(queries.read_unpriced(operator), {"unpriced": found.unpriced}),
        ),
        (
            found.figma_limits,
            "figma_limits",
            ("Figma quota used up", "Figma quotas used up"),
            "Until they start again, answers there do without the design, and say so.",
            lambda: _quotas(operator),
        ),
        (
            found.nearly_used,
            "nearly_used",
            (
                "person near the end of the month's uses",
                "people near the end of their month's uses",
            ),
            "At least nine tenths are taken: somebody to talk to about a larger plan.",
            lambda: Rows(queries.read_nearly_used(operator)),
        ),
        (
            found.costly,
            "costly",
            ("payer who costs more than they pay", "payers who cost more than they pay"),
            "Their AI cost of the last 30 days is above their monthly price.",
            lambda: Rows(queries.read_costly(operator)),
        ),
    ]
    return [
        (name, _title(count, *words), sentence, opens)
        for count, name, words, sentence, opens in kinds
        if count
    ]


def _alerts(operator: Operator) -> pd.DataFrame:
    """Ongoing alerts that no other line covers, and that ask for something."""
    going_on = [
        each
        for each in alerts.read_alerts(operator)
        if each.ended_at is None and each.kind in ALERTS and not _is_below_limit(each)
    ]
    return pd.DataFrame(
        {
            "at": pd.to_datetime([each.at for each in going_on], utc=True, format="ISO8601"),
            "kind": [each.kind for each in going_on],
            "title": [each.title for each in going_on],
            "detail": [each.detail for each in going_on],
        }
    )


def _is_below_limit(alert: Alert) -> bool:
    """A budget at 50 or 80 %: told so that it is known. One of an older version does not say."""
    told = alert.parameters or {}
    return alert.kind == "budget" and told.get("threshold", 100) < 100


def _failed_pipelines(operator: Operator) -> Rows:
    rows = queries.read_failed_pipelines(operator)
    why = [cause_of(each) for each in rows["cause"]]
    return Rows(rows.assign(why=why, pipelines=1), {"pipelines": len(rows)})


def _open_failed(operator: Operator) -> None:
    """Links to the newest of them; the page Pipelines has them all."""
    for run in queries.read_failed_pipelines(operator).head(LINKED).to_dict("records"):
        st.page_link(
            "pipelines/page.py",
            label=f"{stage_of(run['stage'])}, {run['handle'] or 'somebody who left'}",
            icon=":material/open_in_new:",
            query_params={"pipeline": run["pipeline_id"]},
        )


def _quotas(operator: Operator) -> Rows:
    quotas = figma_quotas.read_quotas(operator)
    now = quotas[quotas["limited_until"] > datetime.now(UTC)].assign(figma_limits=1)
    return Rows(now, {"figma_limits": len(now)})


def _title(count: int, one: str, many: str) -> str:
    """The number and the kind; a kind without a plural is shown alone."""
    if not many:
        return one
    return f"{formats.count(count)} {one if count == 1 else many}"
