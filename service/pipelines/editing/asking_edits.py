"""Ask a model to edit a candidate, or to mend one, within what a run may still cost."""

import asyncio
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import structlog

from service.llm import Attempt, ModelAnswer, ModelChain, NoModel, Prompt, most_spent
from service.pipelines.editing.edit_answers import files_in
from service.pipelines.editing.edit_prompts import (
    EDIT_PROMPT_VERSION,
    NOTHING,
    edit_prompt,
    fold,
    layers_to_mend,
    unfold,
)
from service.pipelines.editing.edit_rules import Refused, check_edit
from service.pipelines.editing.meanings import with_meaning
from service.pipelines.editing.tsx_tree import Unreadable, read_tsx
from service.pipelines.gate.results import GateResult
from service.pipelines.spec import Spec
from service.pipelines.spec.overruling import CHOSEN

MOST_ROUNDS = 2
# A component of so many letters is about 20,000 tokens, and all of it has to be written again.
MAX_SENT_CHARS = 60_000
# Writing takes longer than answering a comment.
TIMEOUT_SECONDS = 180.0
_MOST_TRIES = 2
_MOST_OUTPUT_TOKENS = 32_000
# What a model thinks before it writes.
_THINKING_TOKENS = 2_000
_KEPT_ANSWER = 4_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Edited:
    """The files after a call, or after none. ``attempts`` are for the ledger.

    ``reason``: "edited", or why the files are as they were: "unchanged" (the model wanted it so),
    "no_model", "over_cost_ceiling", "no_price", "truncated", "too_large", "no_candidate",
    "nothing_to_mend", "too_many_rounds"; or the code of a refusal: "no_files", "unclosed_block",
    "foreign_path", "doubled_path", "too_long", "unreadable", "forbidden_name", "changed_import",
    "changed_code", "changed_words", "changed_layout", "lost_node", "doubled_node", "foreign_node",
    "refused_tag", "refused_group", "refused_attribute", "refused_name".
    """

    files: Mapping[str, str]
    attempts: tuple[Attempt, ...] = ()
    reason: str = "edited"
    prompt_version: str = EDIT_PROMPT_VERSION

    @property
    def is_changed(self) -> bool:
        return self.reason == "edited"

    @property
    def most_microusd(self) -> int:
        """What the calls cost at most: where a bill is not known, what was reserved for it."""
        return most_spent(self.attempts)


async def edit(
    chain: ModelChain,
    spec: Spec,
    files: Mapping[str, str],
    ceiling_microusd: int,
    *,
    model: str | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Edited:
    """Let a model give the candidate's layers their meaning. Never raises for a model's sake.

    ``files`` are a traced candidate's. ``ceiling_microusd`` is for all calls together; none is made
    that could go above it. ``model``: the ``provider/model`` to ask first. ``timeout_seconds`` is
    for each provider and try.
    """
    return await _ask(chain, spec, files, ceiling_microusd, model, timeout_seconds)


async def repair(
    chain: ModelChain,
    spec: Spec,
    files: Mapping[str, str],
    gate_result: GateResult,
    round: int,
    ceiling_microusd: int,
    *,
    model: str | None = None,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Edited:
    """Let a model mend what a gate found. ``round`` is 1 or 2; the rest as in ``edit``."""
    if round > MOST_ROUNDS:
        return Edited(files, reason="too_many_rounds")
    if not gate_result.failures:
        return Edited(files, reason="nothing_to_mend")
    return await _ask(chain, spec, files, ceiling_microusd, model, timeout_seconds, gate_result)


async def _ask(
    chain: ModelChain,
    spec: Spec,
    files: Mapping[str, str],
    ceiling: int,
    model: str | None,
    seconds: float,
    trouble: GateResult | None = None,
) -> Edited:
    # Reading a large component takes a quarter of a second.
    ready = await asyncio.to_thread(_prepare, spec, files, model, trouble)
    if isinstance(ready, str):
        return Edited(files, reason=ready)
    prompt = ready.prompt
    attempts: tuple[Attempt, ...] = ()
    reason = "no_model"
    for _ in range(_MOST_TRIES):
        try:
            answer = await chain.ask(
                prompt,
                max_output_tokens=ready.most_tokens,
                fewest_output_tokens=ready.fewest_tokens,
                cost_ceiling_microusd=ceiling - most_spent(attempts),
                is_ceiling_hard=True,
                timeout_seconds=seconds,
            )
        except NoModel as error:
            # If a second try was not possible, the first one says why there is no edit.
            reason = reason if attempts else _why(error.attempts)
            return Edited(files, (*attempts, *error.attempts), reason)
        try:
            changed = await asyncio.to_thread(_changed, spec, answer, ready)
        except Refused as refused:
            reason = refused.code
            attempts = (*attempts, *_refused(answer, reason))
            # The code alone: the text may hold words of the design.
            log.info("edit_refused", provider=answer.provider, reason=reason)
            if reason in ("truncated", "too_long"):
                break
            prompt = _again(prompt, answer, str(refused))
            continue
        done = (*attempts, *answer.attempts)
        if not changed:
            return Edited(files, done, "unchanged")
        return Edited({**files, **changed}, done)
    return Edited(files, attempts, reason)


@dataclass(frozen=True)
class _Ready:
    """What is sent and asked for, and what an answer is held against."""

    prompt: Prompt
    sent: Mapping[str, str]
    drawings: tuple[str, ...]
    opened: frozenset[str]
    fewest_tokens: int
    most_tokens: int


def _prepare(
    spec: Spec, files: Mapping[str, str], model: str | None, trouble: GateResult | None
) -> _Ready | str:
    """What is needed for a call, or why there is none."""
    own = (f"{spec.name}.tsx", f"{spec.name}.stories.tsx", "types.ts")
    sent = {path: files[path] for path in own if path in files}
    if own[0] not in sent or not all(map(_is_readable, sent.values())):
        return "no_candidate"
    shown, drawings = _folded(sent)
    letters = sum(map(len, shown.values()))
    if letters > MAX_SENT_CHARS:
        return "too_large"
    opened = layers_to_mend(trouble) if trouble else frozenset[str]()
    return _Ready(
        edit_prompt(spec, shown, model=model, trouble=trouble, opened=opened),
        sent,
        tuple(drawings),
        opened,
        # Three letters of code are a token, rather less.
        math.ceil(len(shown[own[0]]) / 3) + 200,
        min(_MOST_OUTPUT_TOKENS, math.ceil(letters / 2) + _THINKING_TOKENS),
    )


def _is_readable(text: str) -> bool:
    try:
        read_tsx(text)
    except Unreadable:
        return False
    return True


def _folded(sent: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    shown: dict[str, str] = {}
    drawings: list[str] = []
    for path, text in sent.items():
        folded = fold(text, len(drawings) + 1)
        shown[path] = folded.shown
        drawings += folded.drawings
    return shown, drawings


def _changed(spec: Spec, answer: ModelAnswer, ready: _Ready) -> dict[str, str]:
    """The files that are others now. Raises Refused."""
    if answer.truncated:
        raise Refused("truncated", "The answer was cut off.")
    if re.fullmatch(rf"\W*{NOTHING}\W*", answer.text, re.IGNORECASE):
        return {}
    sent, written = ready.sent, files_in(answer.text, ready.sent)
    found = {path: unfold(text, ready.drawings) for path, text in written.items()}
    given = {each.id: dict(each.attributes) for each in spec.root.walk() if each.id}
    for path, text in found.items():
        check_edit(path, sent[path], text, given=given, opened=ready.opened)
    _check_chosen(spec, {**sent, **found})
    # An answer without the blanks of the file is no other file.
    return {path: text for path, text in found.items() if read_tsx(text) != read_tsx(sent[path])}


def _check_chosen(spec: Spec, files: Mapping[str, str]) -> None:
    """A tag that a person chose is no model's to change, also in a part that is used often."""
    meant = {each.id: each.tag for each in with_meaning(spec, files).root.walk() if each.id}
    for each in spec.root.walk():
        if each.reason == CHOSEN and meant.get(each.id) != each.tag:
            raise Refused("refused_tag", f"Somebody chose that layer {each.id} is {each.tag}.")


def _refused(answer: ModelAnswer, reason: str) -> tuple[Attempt, ...]:
    *earlier, last = answer.attempts
    return (*earlier, replace(last, reason=reason))


def _again(prompt: Prompt, answer: ModelAnswer, complaint: str) -> Prompt:
    """The same model, told what is wrong with its answer."""
    request = (
        f"{complaint[:500]}\nAll of this answer is thrown away. Answer the first message again, "
        "and change nothing but what you may."
    )
    asked = replace(prompt, model=f"{answer.provider}/{answer.model}")
    return asked.followed_by(answer.text[:_KEPT_ANSWER], request)


def _why(attempts: tuple[Attempt, ...]) -> str:
    """Why nobody was asked, if that is so; else "no_model"."""
    reasons = {each.reason for each in attempts}
    if reasons == {"no_price"}:
        return "no_price"
    return (
        "over_cost_ceiling"
        if reasons and reasons <= {"over_cost_ceiling", "no_price"}
        else "no_model"
    )
