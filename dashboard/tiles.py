"""The figures at the top of a page. Each says on hover how it is defined."""

import streamlit as st

from dashboard import formats
from dashboard.queries import QueueStatus, Totals, TrialTotals

# Two tiles fit next to each other on a phone.
TILE_WIDTH = 150


def draw_totals(now: Totals, before: Totals) -> None:
    cases = now.answers + now.failed
    with st.grid(4, min_column_width=TILE_WIDTH):
        st.metric(
            "Answers",
            formats.count(now.answers),
            formats.change(now.answers, before.answers),
            delta_description=f"{formats.count(now.refused)} refused",
            help="Comments answered with a posted reply. Commands such as `@buddy help` and "
            "refusals (no use left, too fast …) are not answers.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Error rate",
            formats.rate(now.failed, cases),
            _error_change(now, before, cases),
            delta_color="inverse",
            delta_description=f"{formats.count(now.failed)} failed",
            help="Failed ÷ (answered + failed). A failure is a comment that ended without a reply "
            f"and without a charge. Below {formats.SMALL_SAMPLE} cases the cases are shown.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Cost",
            formats.money(now.cost_microusd),
            formats.change(now.cost_microusd, before.cost_microusd),
            delta_color="off",
            delta_description=_unpriced(now.unpriced),
            help="What the models cost: reported by the provider, or priced from its list. Calls "
            "without a known price are not in the sum; they are counted below it.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Answer time, p95",
            formats.duration(now.latency_p95_ms),
            formats.change(now.latency_p95_ms, before.latency_p95_ms),
            delta_color="inverse",
            delta_description="to reply",
            help="19 of 20 answers were posted within this time, counted from the arrival of "
            "Figma's webhook to the posted reply.",
            border=True,
            height="stretch",
        )


def draw_queue(queue: QueueStatus) -> None:
    is_open = queue.queued + queue.working > 0
    with st.grid(5, min_column_width=TILE_WIDTH):
        st.metric(
            "Waiting",
            formats.count(queue.queued),
            delta_description=f"oldest {formats.age(queue.oldest_seconds)}" if is_open else "none",
            help="Addressed comments no worker has taken yet. The age is that of the oldest one "
            "that waits or is in work.",
            border=True,
            height="stretch",
        )
        st.metric(
            "In work",
            formats.count(queue.working),
            delta_description="being answered",
            help="Comments a worker is answering at this moment.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Put off",
            formats.count(queue.deferred),
            delta_description="tried again later",
            help="Comments that wait for a quota at Figma or for a model to come back.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Dead letters",
            formats.count(queue.dead_letters),
            delta_description="of all time",
            help="Comments that failed for good, each with its reason. Nobody was charged.",
            border=True,
            height="stretch",
        )
        st.metric(
            "Live workers",
            formats.count(queue.workers),
            delta_description="within 30 s",
            help="Worker processes whose heartbeat arrived within the last 30 seconds.",
            border=True,
            height="stretch",
        )
    if queue.workers == 0:
        st.warning(
            "Comments are still received and kept, and are answered as soon as a worker runs. "
            "Start one with `python -m service.worker`.",
            title="No worker is running",
            icon=":material/warning:",
        )


def draw_trials(trials: TrialTotals) -> None:
    with st.grid(3, min_column_width=TILE_WIDTH):
        st.metric(
            "Signed up",
            formats.count(trials.signed_up),
            help="People with an account. Deleted accounts are left out.",
            border=True,
        )
        st.metric(
            "Started the trial",
            formats.count(trials.started),
            help="People with at least one free use settled by a posted reply.",
            border=True,
        )
        st.metric(
            f"Used up all {trials.limit}",
            formats.count(trials.used_up),
            help=f"People who have had all {trials.limit} free uses.",
            border=True,
        )


def _error_change(now: Totals, before: Totals, cases: int) -> str | float | None:
    few = min(cases, before.answers + before.failed) < formats.SMALL_SAMPLE
    return None if few else formats.points(now.error_rate, before.error_rate)


def _unpriced(calls: int) -> str:
    if not calls:
        return "all priced"
    return f"{formats.count(calls)} unpriced"
