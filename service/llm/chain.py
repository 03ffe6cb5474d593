"""Ask the providers in order until one answers, within a time limit and a cost ceiling."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import structlog

from service.config import Settings
from service.llm.answers import (
    STANDARD_TIER,
    Attempt,
    ModelAnswer,
    NoModel,
    SchemaUse,
    TokenUsage,
    most_spent,
)
from service.llm.breaker import Permit
from service.llm.failures import Failure, failure_of
from service.llm.json_answers import TRUNCATED, JsonForm, Malformed, read_json
from service.llm.prices import PriceList, PriceRow
from service.llm.prompt import Prompt
from service.llm.providers import Completion, Provider, providers_from
from service.llm.reading import Reading, read_completion
from service.llm.usage import usage_from
from service.observing.tracing import Attribute, note, span

# With fewer tokens an answer is not worth its price.
MIN_OUTPUT_TOKENS = 100

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Budget:
    """The limits of one question: output tokens, micro-dollars for all attempts together, seconds
    for each attempt. With fewer than ``fewest`` output tokens nobody is asked. ``is_hard``: nor is
    a provider without a known price, and a call whose bill is not known counts as what was reserved
    for it."""

    output_tokens: int
    microusd: int
    seconds: float
    fewest: int = MIN_OUTPUT_TOKENS
    is_hard: bool = False


class ModelChain:
    """The providers of the settings, shared by all jobs of one event loop.

    Cheap to create: the first question imports ``openai`` and opens the clients.
    """

    def __init__(
        self,
        settings: Settings,
        price_rows: Sequence[PriceRow] = (),
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ):
        self.providers = providers_from(settings)
        self.prices = PriceList(tuple(price_rows))
        self._now = now
        self._off: frozenset[str] = frozenset()
        self._budget = Budget(
            settings.model_max_output_tokens,
            settings.model_cost_ceiling_microusd,
            settings.model_timeout_seconds,
        )

    def set_price_rows(self, rows: Iterable[PriceRow]) -> None:
        """Replace the override prices. Calls that end from now on use them."""
        self.prices = PriceList(tuple(rows))

    def set_off(self, names: Iterable[str]) -> None:
        """Leave these out, each a provider's name or ``provider/model``. Calls under way go on."""
        self._off = frozenset(names)

    def _is_off(self, provider: Provider) -> bool:
        return provider.id in self._off or provider.name in self._off

    def most_microusd(self, prompt: Prompt, *, max_output_tokens: int | None = None) -> int | None:
        """What asking everybody in the chain twice may cost at most: an answer, and its repair.
        None if nobody in it has a known price."""
        written = max_output_tokens or self._budget.output_tokens
        most = [
            price
            for each in self.providers
            if not self._is_off(each)
            and (price := self._most_for(each, _most_sent(prompt, each), written)) is not None
        ]
        return 2 * math.ceil(sum(most)) if most else None

    @property
    def output_tokens(self) -> int:
        """How much a model may write in one answer, by the settings."""
        return self._budget.output_tokens

    def available_models(self) -> tuple[str, ...]:
        """The ``provider/model`` ids a context may choose from; () without any key."""
        return tuple(provider.id for provider in self.providers)

    def takes_pictures(self, model: str | None) -> bool:
        """Whether the provider that would be asked first takes pictures. ``model``: as in a
        prompt."""
        asked = (
            each
            for each in self._order(model)
            if not each.breaker.is_open and not self._is_off(each)
        )
        return next((each.takes_pictures for each in asked), False)

    def warm_up(self) -> None:
        """Import ``openai`` and the price library, and open the clients in the running loop. This
        takes over a second."""
        for provider in self.providers:
            provider.open()
            self._most_for(provider, 1, 1)

    async def close(self) -> None:
        await asyncio.gather(*(provider.close() for provider in self.providers))

    async def ask(
        self,
        prompt: Prompt,
        *,
        max_output_tokens: int | None = None,
        cost_ceiling_microusd: int | None = None,
        timeout_seconds: float | None = None,
        form: JsonForm | None = None,
        fewest_output_tokens: int | None = None,
        is_ceiling_hard: bool = False,
    ) -> ModelAnswer:
        """The answer of the first provider that gives one. Raises NoModel with all attempts if
        there is none.

        Without a limit, the setting applies. ``timeout_seconds`` applies to each provider. With a
        ``form`` the answer is JSON, whose value is ``ModelAnswer.data``. A provider whose answer
        has another form is asked once more, within the same limits. ``fewest_output_tokens``: what
        an answer needs at least. ``is_ceiling_hard``: see ``Budget``.
        """
        budget = replace(
            self._budget,
            output_tokens=max_output_tokens or self._budget.output_tokens,
            microusd=self._budget.microusd
            if cost_ceiling_microusd is None
            else cost_ceiling_microusd,
            seconds=timeout_seconds or self._budget.seconds,
            fewest=fewest_output_tokens or (form.fewest_tokens if form else MIN_OUTPUT_TOKENS),
            is_hard=is_ceiling_hard,
        )
        started, attempts = time.monotonic(), list[Attempt]()
        for provider in self._order(prompt.model):
            result = await self._try(provider, prompt, budget, attempts, form)
            if isinstance(result, Malformed):
                result = await self._repair(provider, prompt, budget, attempts, form, result)
            if isinstance(result, ModelAnswer):
                return replace(result, latency_ms=_milliseconds(started))
        raise NoModel(attempts)

    async def ask_again(
        self,
        prompt: Prompt,
        answer: ModelAnswer,
        request: str,
        reason: str,
        *,
        cost_ceiling_microusd: int | None = None,
        is_ceiling_hard: bool = False,
    ) -> ModelAnswer:
        """Ask the provider of ``answer`` once more, and say what is wrong with it.

        It has the same limits as the first question, and what that left of them: the ceiling is
        for all calls together, and the time for both. ``reason`` is the code by which the first
        answer is remembered. Raises NoModel with all attempts, the first ones included.
        """
        ceiling = self._budget.microusd if cost_ceiling_microusd is None else cost_ceiling_microusd
        *earlier, first = answer.attempts
        attempts = [*earlier, replace(first, reason=reason)]
        seconds = self._budget.seconds - first.latency_ms / 1000
        again = prompt.followed_by(answer.text, request)
        for provider in self.providers:
            if (provider.name, provider.model) != (first.provider, first.model) or seconds <= 0:
                continue
            budget = replace(
                self._budget, microusd=ceiling, seconds=seconds, is_hard=is_ceiling_hard
            )
            result = await self._try(provider, again, budget, attempts, None)
            if isinstance(result, ModelAnswer):
                return replace(result, latency_ms=answer.latency_ms + result.latency_ms)
            break
        raise NoModel(attempts)

    def _order(self, chosen: str | None) -> list[Provider]:
        return sorted(self.providers, key=lambda provider: provider.id != chosen)

    async def _repair(
        self,
        provider: Provider,
        prompt: Prompt,
        budget: Budget,
        attempts: list[Attempt],
        form: JsonForm | None,
        bad: Malformed,
    ) -> ModelAnswer | Malformed | None:
        """Ask the provider once more, in the time that its first answer left."""
        left = budget.seconds - attempts[-1].latency_ms / 1000
        if left <= 0:
            return None
        again = replace(prompt, messages=bad.repair(prompt.messages))
        return await self._try(provider, again, replace(budget, seconds=left), attempts, form)

    async def _try(
        self,
        provider: Provider,
        prompt: Prompt,
        budget: Budget,
        attempts: list[Attempt],
        form: JsonForm | None,
    ) -> ModelAnswer | Malformed | None:
        """Ask one provider, or skip it. Adds one attempt in both cases."""
        if self._is_off(provider):
            attempts.append(Attempt(provider.name, provider.model, "skipped", "switched_off"))
            return None
        sent = prompt.tokens_for(provider.model, sees=provider.takes_pictures)
        if budget.is_hard:
            sent = _most_sent(prompt, provider)
        if budget.is_hard and self._most_for(provider, sent, budget.output_tokens) is None:
            attempts.append(Attempt(provider.name, provider.model, "skipped", "no_price"))
            return None
        tokens = self._affordable_tokens(provider, sent, budget, attempts)
        permit = provider.breaker.acquire() if tokens else None
        if permit is None:
            reason = "circuit_open" if tokens else "over_cost_ceiling"
            attempts.append(Attempt(provider.name, provider.model, "skipped", reason))
            return None
        with span(f"chat {provider.model}", _about(provider), is_call=True) as current:
            limits = replace(budget, output_tokens=tokens)
            answer = await self._call(provider, permit, prompt, limits, attempts, form)
            if budget.is_hard and (most := self._most_for(provider, sent, tokens)) is not None:
                attempts[-1] = replace(attempts[-1], reserved_microusd=math.ceil(most))
                if isinstance(answer, ModelAnswer):
                    answer = replace(answer, attempts=tuple(attempts))
            usage, reason, cost = attempts[-1].usage, attempts[-1].reason, attempts[-1].cost
            note(
                current,
                gen_ai__usage__input_tokens=usage.input if usage else None,
                gen_ai__usage__output_tokens=usage.output if usage else None,
                gen_ai__usage__cache_read__input_tokens=usage.cached_input if usage else None,
                gen_ai__response__id=attempts[-1].call_id or None,
                llm__cost_microusd=cost.microusd if cost else None,
                error__type=None if isinstance(answer, ModelAnswer) else reason,
            )
            return answer

    async def _call(
        self,
        provider: Provider,
        permit: Permit,
        prompt: Prompt,
        limits: Budget,
        attempts: list[Attempt],
        form: JsonForm | None,
    ) -> ModelAnswer | Malformed | None:
        started, asked_at = time.monotonic(), self._now()
        try:
            completion = await provider.complete(
                prompt.messages, limits.output_tokens, limits.seconds, form, prompt.picture
            )
        except asyncio.CancelledError:
            provider.breaker.abandon(permit)
            raise
        except Exception as error:
            # Any exception of a client library must lead to the next provider.
            failure = failure_of(error)
            self._note_failure(provider, permit, failure)
            failed = _failed(provider, failure.reason, started)
            attempts.append(replace(failed, asked_at=asked_at))
            return None
        provider.breaker.succeed(permit)
        return self._read(provider, prompt, completion, started, asked_at, attempts, form)

    def _read(
        self,
        provider: Provider,
        prompt: Prompt,
        completion: Completion,
        started: float,
        asked_at: datetime,
        attempts: list[Attempt],
        form: JsonForm | None,
    ) -> ModelAnswer | Malformed | None:
        reading = read_completion(completion.raw, cuts=form is None)
        data: Any = None
        malformed: Malformed | None = None
        schema: SchemaUse = ""
        if form and not reading.problem:
            data, malformed, schema = _read_form(reading, form, completion.had_schema)
        usage = usage_from(reading.usage)
        provider.service_tier = reading.service_tier
        cost = self.prices.cost_of(
            usage,
            provider=provider.price_provider,
            models=[reading.model, provider.model] if reading.model else [provider.model],
            at=self._now(),
            base_url=provider.price_url,
            service_tier=reading.service_tier,
            told=reading.usage,
        )
        was_billed = usage is not None or cost.state == "reported"
        attempt = replace(
            _failed(provider, malformed.reason if malformed else reading.problem, started),
            cost=cost if was_billed else None,
            usage=usage if was_billed else None,
            service_tier=reading.service_tier,
            schema=schema,
            call_id=reading.call_id,
            asked_at=asked_at,
        )
        if attempt.reason:
            attempts.append(attempt)
            return malformed
        answered = replace(attempt, outcome="answered", reason="ok", cost=cost)
        attempts.append(answered)
        return ModelAnswer(
            reading.text,
            provider.name,
            provider.model,
            usage or TokenUsage(),
            cost,
            answered.latency_ms,
            tuple(attempts),
            prompt.version,
            reading.truncated,
            data,
            completion.had_picture,
        )

    def _note_failure(self, provider: Provider, permit: Permit, failure: Failure) -> None:
        breaker = provider.breaker
        if failure.trips:
            has_opened = breaker.trip(permit, failure.retry_after)
            # Logged once, however many calls were running: only an operator can fix these.
            if has_opened and failure.reason != "quota_exhausted":
                log.error(
                    "model_access_refused",
                    provider=provider.name,
                    reason=failure.reason,
                    status=failure.status,
                )
        elif failure.counts:
            breaker.fail(permit, failure.retry_after)
        else:
            breaker.abandon(permit)
        log.warning(
            "model_call_failed",
            provider=provider.name,
            model=provider.model,
            reason=failure.reason,
            status=failure.status,
            circuit_open=breaker.is_open,
        )

    def _affordable_tokens(
        self,
        provider: Provider,
        sent: int,
        budget: Budget,
        attempts: Sequence[Attempt],
    ) -> int:
        """The output tokens that the ceiling still allows, at most the limit; 0 if too few.

        For a provider without a known price no ceiling can be applied, so it gets the limit.
        """
        spent = sum(each.cost.microusd or 0 for each in attempts if each.cost)
        if budget.is_hard:
            spent = most_spent(attempts)
        output = budget.output_tokens
        base, most = (self._most_for(provider, sent, tokens) for tokens in (0, output))
        if base is None or most is None:
            return output
        room = Decimal(budget.microusd - spent) - base
        if room < 0:
            return 0
        each_token = (most - base) / output
        affordable = output if not each_token else min(output, math.floor(room / each_token))
        return affordable if affordable >= min(budget.fewest, output) else 0

    def _most_for(self, provider: Provider, sent: int, written: int) -> Decimal | None:
        """The highest possible cost of a call with these tokens, in micro-dollars; None if no price
        is known.

        All input may be written to the provider's cache, which often costs more. The tier is
        assumed to be that of the last answer. If that tier has no price, the standard price is
        better than none.
        """
        usages = (TokenUsage(sent, 0, written), TokenUsage(sent, 0, written, cache_write=sent))
        for tier in dict.fromkeys((provider.service_tier, STANDARD_TIER)):
            found = [self._price_of(provider, usage, tier) for usage in usages]
            if known := [price[0] for price in found if price]:
                return max(known)
        return None

    def _price_of(
        self, provider: Provider, usage: TokenUsage, tier: str
    ) -> tuple[Decimal, str] | None:
        return self.prices.exact(
            usage, provider.price_provider, [provider.model], self._now(), provider.price_url, tier
        )


def _read_form(
    reading: Reading, form: JsonForm, had_schema: bool
) -> tuple[Any, Malformed | None, SchemaUse]:
    """The value of a JSON answer, or what is wrong with it; and what became of the schema."""
    if reading.truncated:
        # Even if the part that came can be parsed: it is not all that was to be said.
        return None, TRUNCATED, "" if had_schema else "refused"
    try:
        data, is_bare = read_json(reading.text, form)
    except ValueError as error:
        bad = Malformed("malformed", str(error), reading.text)
        return None, bad, "ignored" if had_schema else "refused"
    if not had_schema:
        return data, None, "refused"
    return data, None, "enforced" if is_bare else "ignored"


def _failed(provider: Provider, reason: str, started: float) -> Attempt:
    return Attempt(provider.name, provider.model, "failed", reason, _milliseconds(started))


# The name that the conventions give to who is not called so by us.
_PROVIDERS = {"azure": "azure.ai.openai"}


def _about(provider: Provider) -> dict[str, Attribute]:
    """https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/"""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": _PROVIDERS.get(provider.name, provider.name),
        "gen_ai.request.model": provider.model,
    }


def _most_sent(prompt: Prompt, provider: Provider) -> int:
    """Input tokens at most."""
    sent = prompt.tokens_for(provider.model, sees=provider.takes_pictures)
    return sent + prompt.most_tokens - prompt.estimated_tokens


def _milliseconds(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
