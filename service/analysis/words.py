"""The words of an analysis: a model's, or fixed ones about what was measured."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from service.analysis.answer import FORM, Reading, Written, read
from service.analysis.briefing import number_facts
from service.analysis.canonical import Prepared
from service.analysis.request import AnalysisType
from service.analysis.suggestions import Suggestion, suggestions_of
from service.analysis.versions import PROMPT_VERSION
from service.figma.addressing import Addressing
from service.llm import Attempt, Guidance, ModelChain, NoModel, Prompt
from service.review.facts import Fact, Facts
from service.review.written import LABEL

# Twenty suggestions are about 1,600 tokens, and reasoning counts too: twice a comment's answer.
TIMES_OUTPUT = 2
# What the calls for a prompt may cost together; 0 without a limit for the day, None if no call may
# begin. Takes the prompt and the most tokens of an answer.
Allowing = Callable[[Prompt, int], Awaitable[int | None]]
STOPPED = (
    "Our AI models have no budget left for today (UTC): rules wrote this, free of charge. Ask "
    "again tomorrow."
)
# Words for the plugin call nobody, but a designer may copy them into a comment.
_USUAL_TRIGGERS = Addressing(("@buddy",))


@dataclass(frozen=True)
class Analysis:
    """One answer. ``source`` says who wrote the words; ``attempts`` are for the ledger, and
    ``dropped`` counts what a model wrote and nobody gets to see, by reason. ``prompt``: what was
    sent."""

    type: AnalysisType
    source: Literal["model", "measured"]
    summary: str
    suggestions: tuple[Suggestion, ...]
    not_measurable: tuple[Suggestion, ...]
    notes: tuple[str, ...]
    file: dict[str, Any]
    model: str | None = None
    attempts: tuple[Attempt, ...] = ()
    latency_ms: int = 0
    prompt_version: str = ""
    dropped: dict[str, int] = field(default_factory=dict)
    prompt: Prompt | None = None

    def to_json(self) -> dict[str, Any]:
        """What the asker gets, without what belongs to the request (id, state, use, cached)."""
        return {
            "type": self.type,
            "source": self.source,
            "model": self.model,
            "summary": self.summary,
            "suggestions": [each.to_json() for each in self.suggestions],
            "not_measurable": [each.to_json() for each in self.not_measurable],
            "notes": list(self.notes),
            "file": self.file,
        }


async def write(
    chain: ModelChain,
    prepared: Prepared,
    guidance: Guidance | None = None,
    *,
    addressing: Addressing = _USUAL_TRIGGERS,
    may_ask: bool = True,
    allowing: Allowing | None = None,
    cost_ceiling_microusd: int | None = None,
    timeout_seconds: float | None = None,
) -> Analysis:
    """Ask the chain for words. If no model gives any, they are fixed ones: this never raises for a
    model's sake.

    ``allowing``: asks what the day's spend of the whole service still allows. ``may_ask``: whether
    the payer's team lets its data out to a provider. Measuring takes about 0.1 ms per layer and
    pass, so it runs in a thread.
    """
    if not may_ask:
        return await asyncio.to_thread(measured, prepared)
    numbered = await asyncio.to_thread(number_facts, prepared, guidance)
    allowed = await allowing(numbered.prompt, TIMES_OUTPUT * chain.output_tokens) if allowing else 0
    if allowed is None:
        return await asyncio.to_thread(measured, prepared, STOPPED)
    started = time.monotonic()
    try:
        answer = await chain.ask(
            numbered.prompt,
            form=FORM,
            max_output_tokens=TIMES_OUTPUT * chain.output_tokens,
            cost_ceiling_microusd=allowed or cost_ceiling_microusd,
            is_ceiling_hard=bool(allowed),
            timeout_seconds=timeout_seconds,
        )
    except NoModel as error:
        took = round((time.monotonic() - started) * 1000)
        return _composed(prepared, attempts=error.attempts, latency_ms=took, prompt=numbered.prompt)
    written: Written = answer.data
    reading = read(written, numbered.facts, numbered.prompt.given, addressing)
    words = {numbered.findings[number - 1]: said for number, said in reading.words.items()}
    return _composed(
        prepared,
        reading,
        words,
        source="model",
        model=f"{answer.provider}/{answer.model}",
        attempts=answer.attempts,
        latency_ms=answer.latency_ms,
        prompt_version=PROMPT_VERSION,
        prompt=numbered.prompt,
    )


def measured(prepared: Prepared, note: str = "") -> Analysis:
    """The analysis without any model. ``note``: why, if that has to be said."""
    found = _composed(prepared)
    return replace(found, notes=(note, *found.notes)) if note else found


def _composed(
    prepared: Prepared,
    reading: Reading | None = None,
    words: dict[Fact, str] | None = None,
    *,
    source: Literal["model", "measured"] = "measured",
    **more: Any,
) -> Analysis:
    facts = prepared.facts
    shown, blind, left_out = suggestions_of(facts.facts, prepared.patches, words or {})
    notes = list(facts.notes)
    if left_out:
        notes.append(f"{left_out} more hints are left off.")
    said = reading.summary if reading else ""
    label = f"{LABEL} " if source == "measured" else ""
    return Analysis(
        prepared.request.type,
        source,
        said or label + fixed_summary(facts, shown, blind),
        tuple(shown),
        tuple(blind),
        tuple(notes),
        prepared.screen.scale.to_json(),
        dropped=reading.dropped if reading else {},
        **more,
    )


def fixed_summary(facts: Facts, shown: list[Suggestion], blind: list[Suggestion]) -> str:
    """What was found, in numbers, and what to do first."""
    problems = [each for each in shown if each.severity == "problem"]
    hints = len(shown) - len(problems)
    if not facts.facts:
        return "There is nothing to measure in this selection."
    scope = f"; {facts.scope}" if facts.scope else ""
    found = _count(len(problems), "problem") if problems else "No problem"
    said = f"{found} and {_count(hints, 'hint')} in {_count(len(facts.facts), 'check')}{scope}."
    if blind:
        said += f" {len(blind)} could not be measured."
    if problems:
        worst = problems[0].fact
        said += f" First: {worst.node_name}, {worst.value}, expected {worst.expected}."
    return said


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
