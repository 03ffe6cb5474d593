"""What support does to a run: end it, or try it again. Each with a reason, which is logged."""

from dataclasses import dataclass
from typing import Any

from dashboard.access.auth import Operator
from dashboard.data import audit
from dashboard.data.writes import Refused, send_for
from dashboard.pipelines import queries
from service.pipelines.sentences import tell

READS = (
    queries.read_course, queries.read_measures, queries.read_queue, queries.read_runs,
    queries.read_detail, audit.read_audit, audit.read_audit_choices,
)  # fmt: skip


@dataclass(frozen=True)
class Changed:
    """The state of the run after the call. A code says why it could not be done."""

    state: str
    code: str
    params: dict[str, Any]


def cancel(operator: Operator, pipeline_id: str, reason: str) -> str:
    """End a run that has not ended; return its state."""
    return _send(operator, "operator_cancel_pipeline", pipeline_id, reason)


def retry(operator: Operator, pipeline_id: str, reason: str) -> str:
    """Let a failed run go on from the stage that failed; return its state."""
    return _send(operator, "operator_retry_pipeline", pipeline_id, reason)


def _send(operator: Operator, function: str, pipeline_id: str, reason: str) -> str:
    parameters = {"p_pipeline_id": pipeline_id, "p_reason": reason}
    done = send_for(operator, function, Changed, parameters, clears=READS)
    if done.code:
        raise Refused(str(tell(done.code, done.params)))
    return done.state
