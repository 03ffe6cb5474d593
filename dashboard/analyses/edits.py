"""What an operator looks at behind a reason: the words of an analysis. Logged."""

from dataclasses import dataclass
from typing import Any

from dashboard.access.auth import Operator
from dashboard.data import audit
from dashboard.data.call_records import Sent
from dashboard.data.writes import send_for

READS = (audit.read_audit, audit.read_audit_choices)


@dataclass(frozen=True)
class Words:
    """Question and design are kept until the analysis is done, the result from then on."""

    question: str | None
    request: Any
    summary: str | None
    result: Any
    prompts: list[Sent]


def reveal_analysis(operator: Operator, analysis_id: str, reason: str) -> Words:
    parameters = {"p_analysis_id": analysis_id, "p_reason": reason}
    return send_for(operator, "reveal_analysis", Words, parameters, clears=READS)
