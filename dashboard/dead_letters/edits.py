"""What operators do to dead letters and webhooks. Each is one SQL function, audited."""

from typing import Any

from dashboard.access.auth import Operator
from dashboard.data.writes import send
from dashboard.dead_letters import queries

LETTER_READS = (queries.read_causes, queries.read_letters, queries.read_plan)


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
