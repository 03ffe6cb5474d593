"""What models may cost in a day, all processes together: reserved before a model is asked."""

from dataclasses import dataclass
from typing import Literal

import structlog

from service.answering.worker_state import WorkerState
from service.llm import Prompt

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Allowance:
    """What the calls of one question may cost together, in micro-dollars. ``is_hard``: none may
    begin that could go beyond, and none without a known price."""

    microusd: int
    is_hard: bool = False


async def allow(
    worker: WorkerState, id: str, prompt: Prompt, *, max_output_tokens: int | None = None
) -> Allowance | Literal["stopped"]:
    """Reserve what asking for ``id`` (an answer or analysis) may cost at most. Without a limit for
    the day nothing is reserved and nobody is asked about it. Raises Unavailable."""
    ceiling = worker.values.model_cost_ceiling_microusd
    limit = worker.values.service_microusd_per_day
    if not limit or not worker.chain.providers:
        return Allowance(ceiling)
    most = worker.chain.most_microusd(prompt, max_output_tokens=max_output_tokens)
    if most is None:
        # The chain asks nobody then: what cannot be priced cannot be kept within a limit.
        return Allowance(ceiling, is_hard=True)
    wanted = min(ceiling, most)
    reserved = await worker.ask_database(worker.services.database.reserve_spend, id, wanted, limit)
    if not reserved.is_granted:
        log.warning("day_spend_reached", limit_microusd=limit)
        return "stopped"
    return Allowance(wanted, is_hard=True)
