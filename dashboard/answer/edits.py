"""Showing what people wrote, with a reason that is kept."""

from dataclasses import dataclass
from typing import Any

from dashboard.access.auth import Operator
from dashboard.answer import queries
from dashboard.data import audit
from dashboard.data.call_records import Sent
from dashboard.data.writes import send_for

READS = (queries.read_detail, audit.read_audit, audit.read_audit_choices)


@dataclass(frozen=True)
class Words:
    """What is still stored of a comment, its reply, what was measured and what was sent."""

    question: str | None
    reply: str | None
    facts: dict[str, Any] | None
    prompts: list[Sent]


def reveal(operator: Operator, answer_id: str, reason: str) -> Words:
    """Logged."""
    parameters = {"p_answer_id": answer_id, "p_reason": reason}
    return send_for(operator, "reveal_answer", Words, parameters, clears=READS)
