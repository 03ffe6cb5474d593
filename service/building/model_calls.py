"""Models in a stage: money is reserved before they are asked, and each call is booked at once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from service.answering.booked_usage import usage_of
from service.answering.design import Design
from service.answering.posting import retry_while_away
from service.building.stage_results import StageFailed
from service.building.stage_work import StorageAway, Work, as_json
from service.llm import Attempt
from service.observing.metrics import observe_model_calls
from service.observing.tracing import note, span
from service.pipelines.editing import Edited

# What became of the files, kept when the last call is booked: another attempt does not ask again.
BY_MODEL = "model"
_NO_DESIGN = Design("off")

log = structlog.get_logger(__name__)
# Asks with at most this many micro-dollars.
Asking = Callable[[int, str | None], Awaitable[Edited]]


@dataclass(frozen=True)
class Outcome:
    """``reason``: edited, or why the files are as they were."""

    files: Mapping[str, str]
    reason: str


def may_ask(work: Work) -> bool:
    """Whether a model is there for this team. What it may still cost is asked when money is
    reserved."""
    worker = work.state.worker
    return (
        worker is not None
        and work.task.flags.model_answers
        and work.task.ceiling_microusd > 0
        and bool(worker.chain.providers)
    )


async def ask_model(work: Work, files: Mapping[str, str], asking: Asking) -> Outcome:
    """Let a model change the files, once for each round."""
    round = work.task.round
    if work.has("candidate", BY_MODEL, round):
        kept = await work.read_json("candidate", BY_MODEL, round)
        return Outcome(kept["files"] or files, kept["reason"])
    database = work.state.database
    with span(f"pipeline model {work.task.stage}", {"pipeline.id": work.task.id}) as traced:
        reserved = await work.state.ask_database(
            database.reserve_stage_call, *work.key, work.task.ceiling_microusd
        )
        if reserved.granted_microusd <= 0:
            return Outcome(files, "ceiling_reached")
        granted = await _within_day(work, reserved.granted_microusd)
        if granted <= 0:
            await work.state.ask_database(database.reserve_stage_call, *work.key, 0)
            return Outcome(files, "day_spend")
        edited = await asking(granted, work.task.model or None)
        called = [each for each in edited.attempts if each.outcome != "skipped"]
        observe_model_calls(edited.attempts)
        told = {
            "files": dict(edited.files) if edited.is_changed else None,
            "reason": edited.reason,
        }
        rows, trouble = await _stored(work, told) if called else ([], None)
        for number, attempt in enumerate(called, 1):
            is_last = number == len(called)
            await _book(work, number, attempt, edited, rows if is_last else [], is_last)
        note(
            traced,
            pipeline__model_calls=len(called),
            pipeline__cost_microusd=work.cost_microusd,
            pipeline__most_microusd=edited.most_microusd,
            pipeline__outcome=edited.reason,
        )
        if not called:
            # Nothing was spent.
            await work.state.ask_database(database.reserve_stage_call, *work.key, 0)
        if trouble:
            raise trouble
    log.info("model_asked", reason=edited.reason, calls=len(called))
    return Outcome(edited.files, edited.reason)


async def _within_day(work: Work, microusd: int) -> int:
    """What of it the day's spend of the whole service still allows: all or nothing."""
    worker = work.state.worker
    assert worker is not None
    limit = worker.values.service_microusd_per_day
    if not limit:
        return microusd
    reserve = work.state.database.reserve_spend
    reserved = await work.state.ask_database(reserve, work.task.id, microusd, limit)
    return microusd if reserved.is_granted else 0


async def _stored(
    work: Work, told: Mapping[str, Any]
) -> tuple[list[dict[str, Any]], Exception | None]:
    """What was made is stored first. Where that fails, the calls are booked all the same."""
    try:
        return await work.store([as_json("candidate", told, BY_MODEL)]), None
    except (StageFailed, StorageAway) as error:
        return [], error


async def _book(
    work: Work,
    number: int,
    attempt: Attempt,
    edited: Edited,
    rows: list[dict[str, Any]],
    is_last: bool,
) -> None:
    usage = usage_of([attempt], _NO_DESIGN, attempt.latency_ms)
    usage = {
        **usage,
        "provider": attempt.provider,
        "model": attempt.model,
        "prompt_version": edited.prompt_version,
        "most_microusd": attempt.most_microusd,
        "facts": None,
    }
    outcome = "answered" if attempt.outcome == "answered" else attempt.reason
    # What is not known counts with the most that it may be in the reservation, and here as nothing.
    cost = usage["cost_microusd"] or 0
    work.cost_microusd += cost
    with span(
        "pipeline model call",
        {
            "pipeline.id": work.task.id,
            "llm.provider": attempt.provider,
            "llm.model": attempt.model,
            "llm.most_microusd": attempt.most_microusd,
            "llm.cost_microusd": cost,
            "llm.outcome": outcome,
        },
    ):
        await retry_while_away(_call_named(work, is_last, rows), *work.key, number, outcome, usage)


def _call_named(
    work: Work, is_last: bool, rows: list[dict[str, Any]]
) -> Callable[..., Awaitable[object]]:
    async def call(*arguments: Any) -> object:
        return await work.state.ask_database(
            work.state.database.book_stage_call, *arguments, is_last=is_last, artifacts=rows
        )

    return call
