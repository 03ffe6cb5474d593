"""Every read of the dashboard: one cached function per question, asked as the signed-in operator.

Results are cached per operator and role, so nobody is shown what was read for somebody else or in
a role they no longer have. Each figure's formula is in the comment of its SQL function.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import httpx
import pandas as pd
import streamlit as st
from postgrest.exceptions import APIError
from supabase import Client

from dashboard.auth import AuthAway, Operator, SessionOver, SignIn
from dashboard.filters import Period

logger = logging.getLogger(__name__)

# PostgREST's codes for a token that is not, or no longer, good.
# https://docs.postgrest.org/en/v14/references/errors.html#group-3-jwt
TOKEN_REFUSED = ("PGRST301", "PGRST303")
LATEST = 100


class DataUnavailable(Exception):
    """The data cannot be read right now. The cause is in the log, not in the message."""


@dataclass(frozen=True)
class Totals:
    """Sums over a period; money in micro-dollars, times in milliseconds.

    `error_rate` is failed / (answers + failed), None without either.
    """

    answers: int
    refused: int
    failed: int
    error_rate: float | None
    cost_microusd: int
    unpriced: int
    latency_p95_ms: int | None

    @property
    def is_empty(self) -> bool:
        return self.answers + self.refused + self.failed == 0


@dataclass(frozen=True)
class QueueStatus:
    """Answers by open state, age of the oldest in seconds, and live workers, at this moment."""

    queued: int
    working: int
    deferred: int
    dead_letters: int
    oldest_seconds: float
    workers: int
    figma_limits: int


@dataclass(frozen=True)
class TrialTotals:
    """People: signed up, with a free use settled, with none left; and the number of free uses."""

    signed_up: int
    started: int
    used_up: int
    limit: int


def _key(operator: Operator) -> tuple[str, str]:
    return operator.user_id, operator.role


def _cached(ttl: int) -> Any:
    return st.cache_data(ttl=ttl, max_entries=200, show_spinner=False, hash_funcs={Operator: _key})


def find_operator(sign_in: SignIn) -> Operator | None:
    """Who signed in, asked anew for each run so that a changed role counts; None: no operator."""
    if sign_in.is_over:
        raise SessionOver
    row = _read_operator(sign_in.user_id, sign_in)
    return Operator(row["user_id"], row["email"], row["role"], sign_in) if row else None


# Long enough for the parts of one page to share one answer.
@st.cache_data(ttl=2, max_entries=200, show_spinner=False)
def _read_operator(user_id: str, _sign_in: SignIn) -> dict[str, str] | None:
    return _ask(_sign_in, lambda client: client.rpc("current_operator").execute().data)


@_cached(ttl=8)
def read_totals(operator: Operator, start: datetime, end: datetime) -> Totals:
    """Totals of the whole UTC hours in [start, end): SQL function `overview_totals`."""
    bounds = {"p_from": start.isoformat(), "p_to": end.isoformat()}
    return Totals(**_call(operator, "overview_totals", bounds))


@_cached(ttl=8)
def read_queue(operator: Operator) -> QueueStatus:
    """The queue now: SQL function `queue_status`."""
    return QueueStatus(**_call(operator, "queue_status", {}))


@_cached(ttl=30)
def read_trials(operator: Operator) -> TrialTotals:
    """Trials of everybody who has an account: SQL function `trial_totals`."""
    return TrialTotals(**_call(operator, "trial_totals", {}))


@_cached(ttl=30)
def read_series(operator: Operator, period: Period) -> pd.DataFrame:
    """Columns at, answers, refused, failed, cost_microusd; one row per hour or day, none left out.

    SQL functions `overview_hours` and `overview_days`.
    """
    function = f"overview_{period.step}s"
    bounds = {"p_from": period.start.isoformat(), "p_to": period.end.isoformat()}
    rows = pd.DataFrame(_call(operator, function, bounds))
    measures = ["answers", "refused", "failed", "cost_microusd"]
    buckets = pd.date_range(
        period.start, period.end, freq=period.frequency, inclusive="left", name="at"
    )
    if rows.empty:
        return pd.DataFrame(0, index=buckets, columns=measures).reset_index()
    rows["at"] = pd.to_datetime(rows[period.step], utc=True, format="ISO8601").astype(buckets.dtype)
    filled = rows.set_index("at")[measures].reindex(buckets, fill_value=0)
    return filled.reset_index()


@_cached(ttl=8)
def read_answers(
    operator: Operator, start: datetime, end: datetime, states: tuple[str, ...] = ()
) -> pd.DataFrame:
    """The answers received in [start, end), newest first, at most LATEST: view `answer_list`.

    `states` narrows to these; none means all. Money in micro-dollars, times in milliseconds.
    """
    columns = (
        "received_at,state,command,reason,failure_message,author_handle,file_key,file_name,"
        "provider,model,cost_microusd,cost_state,latency_ms"
    )

    def ask(client: Client) -> Any:
        query = client.table("answer_list").select(columns)
        query = query.gte("received_at", start.isoformat()).lt("received_at", end.isoformat())
        if states:
            query = query.in_("state", list(states))
        return query.order("received_at", desc=True).limit(LATEST).execute().data

    rows = pd.DataFrame(_ask(operator.sign_in, ask), columns=columns.split(","))
    rows["received_at"] = pd.to_datetime(rows["received_at"], utc=True, format="ISO8601")
    return rows


@_cached(ttl=30)
def has_any_use(operator: Operator) -> bool:
    """Whether anything was ever answered, refused or failed."""
    rows = _ask(
        operator.sign_in,
        lambda client: client.table("usage_hourly").select("hour").limit(1).execute().data,
    )
    return bool(rows)


def _call(operator: Operator, function: str, parameters: dict[str, Any]) -> Any:
    return _ask(operator.sign_in, lambda client: client.rpc(function, parameters).execute().data)


def _ask(sign_in: SignIn, question: Callable[[Client], Any]) -> Any:
    """Ask, renewing a refused token once. Raises SessionOver or DataUnavailable."""
    try:
        try:
            return question(sign_in.client())
        except APIError as error:
            if error.code not in TOKEN_REFUSED:
                raise
            return question(sign_in.client(renew=True))
    except AuthAway as error:
        _give_up("the sign-in service is away", error)
    except APIError as error:
        _give_up(f"the database said {error.code}: {error.message}", error)
    except httpx.HTTPError as error:
        _give_up(f"{type(error).__name__}", error)


def _give_up(cause: str, error: Exception) -> NoReturn:
    logger.error("The dashboard could not read its data: %s", cause)
    raise DataUnavailable(cause) from error
