"""A guidance is tried before it is saved: a person's latest questions are answered with it, from
what was measured for them then. Nothing is read at Figma, nothing is posted, no use is taken."""

from collections.abc import Mapping
from typing import Any, cast

import structlog

from service.answering import wording
from service.answering.asking import Asked, ask_models
from service.answering.booked_usage import usage_of
from service.answering.design import Design, DesignState
from service.answering.outcomes import again_soon
from service.answering.posting import retry_while_away
from service.answering.worker_state import Context, WorkerState, read_context
from service.errors import NotFound, Unavailable
from service.llm import Prompt, build_prompt
from service.observing.metrics import observe_model_calls
from service.observing.tracing import span
from service.review import Facts, Options, measured_review, with_house_rules
from service.store.people_records import ContextVersion
from service.store.rehearsal_records import RehearsalQuestion, RehearsalTask

# The layers are not stored, only what was measured of them.
_NO_LAYERS = "The list of layers is not at hand, only what was measured of them."

log = structlog.get_logger(__name__)


class RehearsalJob:
    """Run it once. Each question is closed and booked on its own. So another attempt goes on where
    this one ended, and a model is never asked the same question twice. Raises RetryAt while the
    database is away."""

    def __init__(self, worker: WorkerState, rehearsal_id: str):
        self.worker = worker
        self.rehearsal_id = rehearsal_id
        self._database = worker.services.database

    async def run(self) -> None:
        try:
            await self._run()
        except NotFound:
            log.warning("rehearsal_gone", rehearsal_id=self.rehearsal_id)
        except Unavailable as error:
            raise again_soon(error) from error

    async def _run(self) -> None:
        ask = self.worker.ask_database
        task = await ask(self._database.begin_rehearsal, self.rehearsal_id)
        if task.is_over:
            return
        with (
            structlog.contextvars.bound_contextvars(
                request_id=task.request_id, rehearsal_id=task.id, attempt=task.attempt
            ),
            span("rehearse"),
        ):
            context = read_context(ContextVersion.from_json({**task.content, "version": 0}))
            for question in task.questions:
                if not await self._rehearse(task, question, context):
                    return
            log.info("rehearsal_done", questions=len(task.questions))

    async def _rehearse(
        self, task: RehearsalTask, question: RehearsalQuestion, context: Context
    ) -> bool:
        """Answer one question. False if the rehearsal belongs to another attempt now."""
        ask = self.worker.ask_database
        taken = await ask(self._database.take_rehearsed, task.id, task.attempt, question.number)
        if not taken.is_mine:
            log.info("attempt_superseded")
            return False
        design = design_of(question, context)
        asked = Asked(None)
        is_broke = taken.left_microusd <= 0
        if question.flags.model_answers and not is_broke:
            prompt = _build_prompt(question, design, context)
            asked = await ask_models(self.worker, question.id, prompt, taken.left_microusd)
            is_broke = asked.is_stopped or _is_too_dear(asked)
        observe_model_calls(asked.attempts)
        body = asked.text or ("" if is_broke else _measured(question, design, context, asked))
        used = usage_of(
            asked.attempts,
            design,
            sum(each.latency_ms for each in asked.attempts),
            guidance=context.fields,
            grounding=asked.grounding,
        )
        usage: dict[str, Any] = {
            **used,
            "facts": None,
            "most_microusd": sum(each.most_microusd for each in asked.attempts),
        }
        await retry_while_away(
            ask,
            self._database.book_rehearsed,
            task.id,
            question.number,
            body,
            None if is_broke else "model" if asked.text else "measured",
            ("day_spend" if asked.is_stopped else "ceiling_reached") if is_broke else "",
            usage,
        )
        return True


def design_of(question: RehearsalQuestion, context: Context) -> Design:
    """What was measured for a question then, without what the guidance switches off. Facts of an
    old version that cannot be read any more are left out."""
    state = cast(DesignState, question.design_state or "no_node")
    told = question.facts
    if told is None:
        gap = "" if state == "read" or state == "no_node" else wording.design_gap(state)
        return Design(state, question.node_id, gap=gap)
    try:
        facts = Facts.from_json(told)
    except (TypeError, KeyError):
        return Design("failed", question.node_id, gap=wording.design_gap("failed"))
    off = with_house_rules(Options(), context.guidance.design_system).off
    kept = tuple(each for each in facts.facts if each.rule not in off)
    return Design(state, question.node_id, facts=Facts(kept, facts.notes))


def _is_too_dear(asked: Asked) -> bool:
    """Whether models were left out for nothing but their cost."""
    reasons = {each.reason for each in asked.attempts}
    return asked.text is None and reasons == {"over_cost_ceiling"}


def _would_pass(question: RehearsalQuestion) -> list[str]:
    told: Mapping[str, Any] = question.facts or {}
    return [str(each) for each in told.get("would_pass", ())]


def _build_prompt(question: RehearsalQuestion, design: Design, context: Context) -> Prompt:
    note = design.gap or (wording.NO_NODE if design.state == "no_node" else _NO_LAYERS)
    return build_prompt(
        question.question,
        asker=question.author_handle,
        guidance=context.guidance,
        facts=design.facts,
        would_pass=[f"[would pass] contrast: {each}" for each in _would_pass(question)],
        file_name=question.file_name,
        note=note,
        model=context.model if question.flags.model_choice else None,
    )


def _measured(question: RehearsalQuestion, design: Design, context: Context, asked: Asked) -> str:
    is_withheld = asked.grounding == "fell_back"
    return measured_review(
        question.question,
        design.facts,
        context.guidance,
        no_design_reason=wording.nothing_measured(design.gap, is_withheld=is_withheld),
        would_pass=_would_pass(question),
    )
