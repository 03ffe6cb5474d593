"""JSON answers through the real `openai` client against the stand-in provider on loopback."""

import json
from dataclasses import replace
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pydantic import BaseModel, ConfigDict

from local.model import ModelStandIn
from service.llm import JsonForm, ModelAnswer, ModelChain, NoModel, Prompt, build_prompt
from service.llm.json_answers import read_json
from service.llm.providers import Provider
from service.observing.metrics import observe_model_calls
from tests.service.llm.chains import chain_of, run


class Verdict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    word: str
    score: int


SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["word", "score"],
    "additionalProperties": False,
}
FORM = JsonForm("verdict", SCHEMA, Verdict.model_validate)
PROMPT = Prompt(({"role": "user", "content": "Judge it."},))
GOOD = '{"word": "fine", "score": 3}'


def ask(chain: ModelChain, **limits: Any) -> ModelAnswer:
    answer = run(chain, lambda chain: chain.ask(PROMPT, form=FORM, **limits))
    assert isinstance(answer, ModelAnswer)
    return answer


def steps(answer: ModelAnswer | NoModel) -> list[tuple[str, str, str]]:
    return [(each.provider, each.reason, each.schema) for each in answer.attempts]


def test_a_schema_is_sent_in_the_strict_form_and_the_answer_has_its_value(
    first: ModelStandIn,
) -> None:
    first.behave(text=GOOD)
    answer = ask(chain_of(first))
    assert answer.data == Verdict(word="fine", score=3)
    assert steps(answer) == [("openai", "ok", "enforced")]
    sent = first.requests[0]["body"]["response_format"]
    assert sent == {
        "type": "json_schema",
        "json_schema": {"name": "verdict", "strict": True, "schema": SCHEMA},
    }
    assert json.loads(json.dumps(answer.to_json()))["text"] == GOOD


def test_a_plain_question_sends_no_schema_and_counts_none(first: ModelStandIn) -> None:
    answer = run(chain_of(first), lambda chain: chain.ask(build_prompt("Fine?")))
    assert "response_format" not in first.requests[0]["body"]
    assert steps(answer) == [("openai", "ok", "")]
    assert answer.data is None


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}```",
        f"Here you are {{as asked}}:\n\n{GOOD}\n\nAsk me {{anything}} more.",
        f'The form is {{"word": "…"}}. My answer: {GOOD}',
    ],
)
def test_fences_and_prose_around_the_json_are_dropped_and_say_that_the_schema_was_ignored(
    first: ModelStandIn, text: str
) -> None:
    first.behave(text=text, schemas="ignored")
    answer = ask(chain_of(first))
    assert answer.data.score == 3
    assert steps(answer) == [("openai", "ok", "ignored")]


@pytest.mark.parametrize(
    ("bad", "complaint"),
    [
        ("I would say it is fine.", "no JSON object"),
        ('{"word": "fi', "no JSON object"),
        ("[1, 2]", "no JSON object"),
        ('{"word": "fine", "score": NaN}', "no JSON object"),
        ('{"word": "fine"}', "score: Field required"),
        ('{"word": "fine", "score": "3"}', "score: Input should be a valid integer"),
        ('{"word": "fine", "score": 3, "id": "1:2"}', "id: Extra inputs are not permitted"),
        ('{"a":' * 5000, "no JSON object"),
    ],
)
def test_a_malformed_answer_is_repaired_once_by_the_same_model_which_is_told_what_is_wrong(
    first: ModelStandIn, spare: ModelStandIn, bad: str, complaint: str
) -> None:
    first.behave(texts=[bad, GOOD], report_cost=0.001)
    answer = ask(chain_of(first, spare))
    assert answer.data.word == "fine"
    assert [each[:2] for each in steps(answer)] == [("openai", "malformed"), ("openai", "ok")]
    # Both calls were paid for.
    assert [each.cost.microusd for each in answer.attempts if each.cost] == [1000, 1000]
    asked, said, told = first.requests[1]["body"]["messages"]
    assert asked["content"] == "Judge it."
    assert (said["role"], said["content"]) == ("assistant", bad[:8000])
    assert complaint in told["content"]


def test_after_one_bad_repair_the_next_provider_is_asked_and_then_there_is_no_model(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    first.behave(text="No.")
    spare.behave(texts=["No.", GOOD])
    answer = ask(chain_of(first, spare))
    assert [each[:2] for each in steps(answer)] == [
        ("openai", "malformed"), ("openai", "malformed"), ("spare", "malformed"), ("spare", "ok"),
    ]  # fmt: skip
    spare.behave(text="No.")
    with pytest.raises(NoModel) as caught:
        ask(chain_of(first, spare))
    assert len(caught.value.attempts) == 4


def test_a_truncated_answer_is_a_failure_even_if_it_can_be_parsed(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    # Two thirds of this text are the object.
    first.behave(fault="length", text=GOOD + " " * (len(GOOD) // 2))
    spare.behave(text=GOOD)
    answer = ask(chain_of(first, spare))
    assert [each[:2] for each in steps(answer)] == [
        ("openai", "truncated"), ("openai", "truncated"), ("spare", "ok"),
    ]  # fmt: skip
    assert not answer.truncated
    again = first.requests[1]["body"]["messages"]
    assert [each["role"] for each in again] == ["user", "user"]
    assert "cut off" in again[1]["content"]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("refusal", "refused"),
        ("content_filter", "content_filter"),
        ("empty", "empty"),
        ("429", "rate_limited"),
        ("500", "server_error"),
        ("garbage", "bad_answer"),
    ],
)
def test_other_failures_are_not_repaired(
    first: ModelStandIn, spare: ModelStandIn, fault: str, reason: str
) -> None:
    first.behave(fault=fault)
    spare.behave(text=GOOD)
    assert [each[:2] for each in steps(ask(chain_of(first, spare)))] == [
        ("openai", reason),
        ("spare", "ok"),
    ]


def test_a_repair_has_the_time_that_the_first_answer_left(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    first.behave(texts=["No.", GOOD])
    spare.behave(text=GOOD)
    chain = chain_of(first, spare)
    complete, seconds = Provider.complete, list[float]()

    async def watched(
        provider: Provider, messages: Any, tokens: int, left: float, *others: Any
    ) -> Any:
        seconds.append(left)
        return await complete(provider, messages, tokens, left, *others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Provider, "complete", watched)
        answer = ask(chain, timeout_seconds=30)
    assert seconds[0] == 30
    assert seconds[1] == 30 - answer.attempts[0].latency_ms / 1000


def test_a_repair_stays_below_the_same_cost_ceiling(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    first.behave(texts=["No.", GOOD], report_cost=0.0099)
    spare.behave(text=GOOD)
    answer = ask(chain_of(first, spare), cost_ceiling_microusd=10_000)
    assert [each[:2] for each in steps(answer)] == [
        ("openai", "malformed"), ("openai", "over_cost_ceiling"), ("spare", "ok"),
    ]  # fmt: skip


def test_a_provider_that_could_only_begin_its_answer_is_skipped(
    first: ModelStandIn, spare: ModelStandIn
) -> None:
    spare.behave(text=GOOD)
    long = replace(FORM, fewest_tokens=600)
    # At $2 a million output tokens this buys under 500.
    work = chain_of(first, spare)
    answer = run(work, lambda chain: chain.ask(PROMPT, form=long, cost_ceiling_microusd=1000))
    assert [each[:2] for each in steps(answer)] == [
        ("openai", "over_cost_ceiling"),
        ("spare", "ok"),
    ]
    assert first.requests == []


@pytest.mark.parametrize("schemas", ["unknown", "unsupported"])
def test_an_endpoint_that_knows_no_schemas_is_not_sent_one_again(
    first: ModelStandIn, schemas: str
) -> None:
    first.behave(schemas=schemas, text=GOOD)
    chain = chain_of(first)

    async def twice(chain: ModelChain) -> list[ModelAnswer]:
        return [await chain.ask(PROMPT, form=FORM) for _ in range(2)]

    answers = run(chain, twice)
    assert [steps(each) for each in answers] == [[("openai", "ok", "refused")]] * 2
    assert not chain.providers[0].takes_schemas
    assert chain.providers[0].extras == {"reasoning_effort": "low"}


def test_an_invalid_schema_is_left_out_of_that_call_and_does_not_switch_schemas_off(
    first: ModelStandIn,
) -> None:
    first.behave(schemas="invalid", text=GOOD)
    chain = chain_of(first)

    async def story(chain: ModelChain) -> list[ModelAnswer]:
        refused = await chain.ask(PROMPT, form=FORM)
        first.behave(text=GOOD)
        return [refused, await chain.ask(PROMPT, form=FORM)]

    refused, taken = run(chain, story)
    assert steps(refused) == [("openai", "ok", "refused")]
    assert steps(taken) == [("openai", "ok", "enforced")]


@pytest.mark.parametrize(
    ("message", "param", "is_schema", "for_good"),
    [
        # OpenAI
        ("Unrecognized request argument supplied: response_format", None, True, True),
        ("Unknown parameter: 'response_format.json_schema'.", "response_format.json_schema",
         True, True),
        ("Invalid parameter: 'response_format' of type 'json_schema' is not supported with this "
         "model.", "response_format", True, True),
        ("Invalid schema for response_format 'verdict': In context=(), 'oneOf' is not permitted.",
         "response_format", True, False),
        ("Invalid schema for response_format 'verdict': unknown type.",
         "response_format.json_schema.schema", True, False),
        # Azure with an old api-version
        ("response_format value as json_schema is enabled only for api versions "
         "2024-08-01-preview and later", None, True, True),
        # DeepSeek, Groq, llama.cpp
        ("This response_format type is unavailable now", None, True, True),
        ("This model does not support response format `json_schema`.", "response_format",
         True, True),
        ("'response_format.type' must be 'json_object' or 'text'", None, True, True),
        # Gemini
        ("Invalid JSON payload received. Unknown name \"additionalProperties\" at "
         "'generation_config.response_schema': Cannot find field.", None, True, False),
        ("Unsupported parameter: 'max_tokens' is not supported.", "max_tokens", False, False),
        ("The prompt was filtered.", None, False, False),
    ],
)  # fmt: skip
def test_only_an_unknown_parameter_is_dropped_for_good(
    message: str, param: str | None, is_schema: bool, for_good: bool
) -> None:
    provider = Provider("any", "model", "any")
    assert provider.refuses_schema(param, message) is is_schema
    assert provider.takes_schemas is not for_good


def test_what_became_of_schemas_is_counted_for_each_provider(first: ModelStandIn) -> None:
    first.behave(texts=["No.", GOOD])
    answer = ask(chain_of(first))

    def count(schema: str) -> float:
        labels = {"provider": "openai", "schema": schema}
        return REGISTRY.get_sample_value("model_schemas_total", labels) or 0.0

    before = [count("ignored"), count("enforced")]
    observe_model_calls(answer.attempts)
    assert [count("ignored"), count("enforced")] == [before[0] + 1, before[1] + 1]


def test_the_last_object_that_fits_is_the_answer() -> None:
    text = '{"word": "first", "score": 1} and better {"word": "last", "score": 2} {"x": 1}'
    assert read_json(text, FORM) == (Verdict(word="last", score=2), False)
