"""What operators do to dead letters and webhooks. Each is one SQL function, audited."""

from typing import Any

from dashboard.auth import Operator
from dashboard.edits.sending import send
from dashboard.queries import operations

LETTER_READS = (operations.read_causes, operations.read_letters, operations.read_plan)
WEBHOOK_READS = (operations.read_webhooks, operations.read_webhook_rows)


def replay(
    operator: Operator, answer_ids: tuple[str, ...], cost_cap_microusd: int | None, reason: str
) -> dict[str, Any]:
    """Queue dead letters again: {estimated_microusd, results: [{id, outcome}]}."""
    parameters = {
        "p_answer_ids": list(answer_ids),
        "p_cost_cap_microusd": cost_cap_microusd,
        "p_reason": reason,
    }
    done: dict[str, Any] = send(operator, "replay_answers", parameters, clears=LETTER_READS)
    return done


def discard(operator: Operator, answer_id: str, reason: str) -> bool:
    """Close a dead letter for good; False when it was none any more."""
    parameters = {"p_answer_id": answer_id, "p_reason": reason}
    done = send(operator, "discard_answer", parameters, clears=LETTER_READS)
    return bool(done["discarded"])


def set_webhook_state(operator: Operator, webhook_id: str, state: str, reason: str) -> bool:
    """Pause a webhook on our side, or end such a pause; False when it was so already."""
    parameters = {"p_webhook_id": webhook_id, "p_state": state, "p_reason": reason}
    done = send(operator, "operator_set_webhook_state", parameters, clears=WEBHOOK_READS)
    return bool(done["changed"])
