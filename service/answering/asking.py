"""Ask the model chain, and post nothing of it whose numbers nobody measured."""

from dataclasses import dataclass, replace

import structlog

from service.answering.day_spend import allow
from service.answering.worker_state import WorkerState
from service.llm import (
    Attempt,
    Grounding,
    NoModel,
    Prompt,
    check_numbers,
    repair_request,
)

# The reason of a call whose answer was not used, or not as it was.
UNGROUNDED = "ungrounded"
# Longer than any model is asked to write. It leaves room for what is added to it.
MAX_REVIEW_CHARS = 2_500

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Asked:
    """``text`` is what a model wrote, None if a measured review has to be written instead.
    ``prompt`` holds all messages that were sent in the end. ``grounding`` is None if no model
    answered at all. ``saw_picture``: it got the picture.
    ``is_stopped``: nobody was asked, because the day's spend of the whole service is reached."""

    text: str | None
    prompt: Prompt | None = None
    attempts: tuple[Attempt, ...] = ()
    grounding: Grounding | None = None
    saw_picture: bool = False
    is_stopped: bool = False


async def ask_models(
    worker: WorkerState, answer_id: str, prompt: Prompt, most_microusd: int | None = None
) -> Asked:
    """The first answer whose numbers were all given to the model. One that has others is repaired
    once, by the same model and within the same limits. Never raises for a model's sake.
    ``most_microusd``: what may be spent where that is less than an answer may cost."""
    allowance = await allow(worker, answer_id, prompt)
    if allowance == "stopped":
        return Asked(None, is_stopped=True)
    ceiling, is_hard = allowance.microusd, allowance.is_hard
    if most_microusd is not None:
        ceiling = min(ceiling, most_microusd)
    try:
        answer = await worker.chain.ask(
            prompt, cost_ceiling_microusd=ceiling, is_ceiling_hard=is_hard
        )
    except NoModel as error:
        return Asked(None, prompt, error.attempts)
    # What is posted is checked, so it is cut first.
    text = _cut(answer.text)
    check = check_numbers(text, prompt.given)
    if check.is_grounded:
        state: Grounding = "grounded" if check.count else "no_numbers"
        return Asked(text, prompt, answer.attempts, state, answer.saw_picture)
    # How many, and not which: they may come from the design.
    log.info("answer_not_grounded", provider=answer.provider, foreign=len(check.foreign))
    request = repair_request(check)
    again = prompt.followed_by(answer.text, request)
    try:
        better = await worker.chain.ask_again(
            prompt,
            answer,
            request,
            UNGROUNDED,
            cost_ceiling_microusd=ceiling,
            is_ceiling_hard=is_hard,
        )
    except NoModel as error:
        return Asked(None, again, error.attempts, "fell_back", answer.saw_picture)
    text = _cut(better.text)
    if check_numbers(text, prompt.given).is_grounded:
        return Asked(text, again, better.attempts, "repaired", better.saw_picture)
    *earlier, last = better.attempts
    tried = (*earlier, replace(last, reason=UNGROUNDED))
    # The last answer too: nothing of it is posted, so it stands nowhere else.
    sent = replace(again, messages=(*again.messages, {"role": "assistant", "content": better.text}))
    return Asked(None, sent, tried, "fell_back", better.saw_picture)


def _cut(text: str) -> str:
    if len(text) <= MAX_REVIEW_CHARS:
        return text
    return text[:MAX_REVIEW_CHARS].rsplit(maxsplit=1)[0] + " …"
