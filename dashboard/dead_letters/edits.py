"""Operators' actions on dead letters. Each is one SQL function, audited."""

from dataclasses import dataclass

from dashboard.access.auth import Operator
from dashboard.data.writes import send_for
from dashboard.dead_letters import queries

LETTER_READS = (queries.read_causes, queries.read_letters, queries.read_plan)


@dataclass(frozen=True)
class Outcome:
    """The result for one letter: a key of `replay_plan.OUTCOMES`."""

    outcome: str


@dataclass(frozen=True)
class Replayed:
    """One result for each letter, in the order of selection."""

    results: list[Outcome]


@dataclass(frozen=True)
class Discarded:
    """Whether it was still a dead letter."""

    discarded: bool


def replay(
    operator: Operator, answer_ids: tuple[str, ...], cost_cap_microusd: int | None, reason: str
) -> Replayed:
    """Queue dead letters again."""
    parameters = {
        "p_answer_ids": list(answer_ids),
        "p_cost_cap_microusd": cost_cap_microusd,
        "p_reason": reason,
    }
    return send_for(operator, "replay_answers", Replayed, parameters, clears=LETTER_READS)


def discard(operator: Operator, answer_id: str, reason: str) -> bool:
    """Close a dead letter permanently; False if it was no longer a dead letter."""
    parameters = {"p_answer_id": answer_id, "p_reason": reason}
    done = send_for(operator, "discard_answer", Discarded, parameters, clears=LETTER_READS)
    return done.discarded
