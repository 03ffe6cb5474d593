"""What the page of one answer reads. None of it returns anybody's words."""

from dataclasses import dataclass
from typing import Annotated, Any

import pandas as pd
from supabase import Client

from dashboard import results
from dashboard.access.auth import Operator
from dashboard.data.call_records import Attempt, Line
from dashboard.data.reads import ask, cached, call
from dashboard.results import Columns

RECEIPTS = ("run", "state", "reason", "plan_code", "reserved_at", "closed_at")
DELIVERIES = ("received_at", "outcome", "redelivered", "request_id")
AUDIT = ("at", "actor", "operation", "reason")


@dataclass(frozen=True)
class Webhook:
    """Through which webhook it came."""

    figma_webhook_id: str | None
    context: str
    label: str
    state: str
    owner: str | None
    owner_id: str | None
    guest_rule: str


@dataclass(frozen=True)
class Detail:
    """One answer; tables RECEIPTS, DELIVERIES and AUDIT."""

    id: str
    state: str
    decision: str | None
    command: str | None
    reason: str
    failure_message: str
    run: int
    attempt: int
    failures: int
    request_id: str
    trace_id: str
    asked_at: str | None
    received_at: str
    confirmed_at: str | None
    decided_at: str | None
    deferred_until: str | None
    reply_created_at: str | None
    settled_at: str | None
    file_key: str
    file_name: str
    comment_id: str
    root_comment_id: str
    reply_comment_id: str | None
    node_id: str | None
    author: str
    author_id: str | None
    payer: str | None
    payer_id: str | None
    team: str | None
    team_id: str | None
    plan_code: str
    context_user_id: str | None
    context_version: int
    guidance: list[str] | None
    provider: str
    model: str
    prompt_version: str
    design_state: str
    grounding: str | None
    facts: int | None
    webhook: Webhook | None
    receipts: Annotated[pd.DataFrame, Columns(RECEIPTS, ("reserved_at", "closed_at"))]
    deliveries: Annotated[pd.DataFrame, Columns(DELIVERIES, ("received_at",))]
    audit: Annotated[pd.DataFrame, Columns(AUDIT, ("at",))]
    ledger: list[Line]
    attempts: list[Attempt]


@cached(ttl=5)
def read_detail(operator: Operator, answer_id: str) -> Detail | None:
    """One answer: SQL `answer_detail`; None if there is none."""
    found = call(operator, "answer_detail", {"p_answer_id": answer_id})
    return None if found is None else results.read_one(Detail, found, "answer_detail")


@cached(ttl=5)
def find_by_comment(operator: Operator, file_key: str, comment_id: str) -> str | None:
    """The answer to a comment at Figma, or the one whose reply it is."""
    for column in ("comment_id", "reply_comment_id"):
        if rows := _answers_with(operator, file_key, column, comment_id):
            return str(rows[0]["id"])
    return None


@cached(ttl=5)
def find_by_reference(operator: Operator, reference: str) -> str | None:
    """The answer whose reply ends with it: SQL `answer_by_reference`."""
    found = call(operator, "answer_by_reference", {"p_reference": reference})
    return None if found is None else str(found)


def _answers_with(operator: Operator, file_key: str, column: str, value: str) -> list[Any]:
    def question(client: Client) -> Any:
        query = client.table("answers").select("id").eq("file_key", file_key).eq(column, value)
        return query.limit(1).execute().data

    found: list[Any] = ask(operator.sign_in, question)
    return found
