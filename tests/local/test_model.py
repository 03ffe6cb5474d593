"""The stand-in provider: the provider's own wire format, its refusals, and its faults."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from local.model import ModelStandIn

HELLO: Any = [{"role": "user", "content": "Is the contrast fine?"}]
GOOD = {"model": "gpt-4o-mini", "messages": HELLO}


@pytest.fixture(scope="module")
def running() -> Iterator[ModelStandIn]:
    with ModelStandIn(key="model-key") as model:
        yield model


@pytest.fixture
def model(running: ModelStandIn) -> ModelStandIn:
    running.reset()
    return running


@pytest.fixture
def client(model: ModelStandIn) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=model.url, api_key="model-key", max_retries=0) as client:
        yield client


def post(model: ModelStandIn, body: object, key: str = "model-key") -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    return httpx.post(f"{model.url}/chat/completions", json=body, headers=headers)


def test_the_real_client_parses_an_answer_strictly(model: ModelStandIn) -> None:
    with openai.OpenAI(
        base_url=model.url, api_key="model-key", max_retries=0, _strict_response_validation=True
    ) as strict:
        answer = strict.chat.completions.create(model="gpt-5-mini", messages=HELLO)
    choice = answer.choices[0]
    assert "Is the contrast fine?" in (choice.message.content or "")
    assert choice.finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens_details is not None
    assert answer.usage.completion_tokens_details is not None


def test_the_real_azure_client_is_answered_too(model: ModelStandIn) -> None:
    with openai.AzureOpenAI(
        azure_endpoint=model.origin, api_key="model-key", api_version="2024-10-21", max_retries=0
    ) as client:
        answer = client.chat.completions.create(model="our-deployment", messages=HELLO)
    assert answer.model == "our-deployment"


def test_the_models_are_listed(client: openai.OpenAI) -> None:
    assert "gpt-5-mini" in [model.id for model in client.models.list()]


def test_the_same_question_gets_the_same_answer_and_quotes_a_measured_fact(
    model: ModelStandIn,
) -> None:
    prompt = (
        "<measured_facts>\n[problem] contrast: Pay (1:9): 2.31:1\n</measured_facts>\n\n"
        "<question>\n@buddy is it fine?\n</question>"
    )
    body = GOOD | {"messages": [{"role": "user", "content": prompt}]}
    one, other = (post(model, body).json() for _ in range(2))
    assert one["id"] == other["id"]
    text = one["choices"][0]["message"]["content"]
    assert text == other["choices"][0]["message"]["content"]
    assert "You asked: buddy is it fine?" in text
    assert "Pay (1:9): 2.31:1" in text
    assert "not from an AI provider" in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"colour": "red"}, "Unrecognized request argument supplied: colour"),
        ({"temperature": "hot"}, "Invalid value for 'temperature'"),
        ({"messages": []}, "empty array"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, "Invalid value for 'messages.0'"),
        ({"messages": [{"role": "user"}]}, "Invalid value for 'messages.0'"),
        ({"messages": "hello"}, "Invalid value for 'messages'"),
        ({"model": "gpt-5-mini", "max_tokens": 5}, "Use 'max_completion_tokens' instead"),
        ({"reasoning_effort": "low"}, "Unrecognized request argument supplied: reasoning_effort"),
    ],
)
def test_a_request_the_provider_would_refuse_is_refused(
    model: ModelStandIn, change: dict[str, Any], said: str
) -> None:
    refused = post(model, GOOD | change)
    assert refused.status_code == 400
    assert said in refused.json()["error"]["message"]
    assert refused.json()["error"]["type"] == "invalid_request_error"
    assert model.requests == []


@pytest.mark.parametrize("body", [{}, {"model": "x"}, [1], "text"])
def test_a_body_without_what_is_required_is_refused(model: ModelStandIn, body: object) -> None:
    assert post(model, body).status_code == 400


@pytest.mark.parametrize("key", ["", "another-key"])
def test_a_missing_or_wrong_key_is_refused_without_repeating_it(
    model: ModelStandIn, key: str
) -> None:
    refused = post(model, GOOD, key)
    assert refused.status_code == 401
    assert refused.json()["error"]["code"] == "invalid_api_key"
    assert "another-key" not in refused.text


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("429", openai.RateLimitError),
        ("quota", openai.RateLimitError),
        ("500", openai.InternalServerError),
        ("401", openai.AuthenticationError),
        ("flagged", openai.PermissionDeniedError),
        ("drop", openai.APIConnectionError),
    ],
)
def test_the_real_client_sees_each_fault_as_its_own_error(
    model: ModelStandIn, client: openai.OpenAI, fault: str, error: type[openai.APIError]
) -> None:
    behaviour = {"fault": fault, "times": 1, "retry_after": 7}
    assert httpx.put(f"{model.origin}/standin/behaviour", json=behaviour).status_code == 200
    with pytest.raises(error) as caught:
        client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)
    if isinstance(caught.value, openai.RateLimitError):
        assert caught.value.response.headers["retry-after"] == "7"
    assert client.chat.completions.create(model="gpt-4o-mini", messages=HELLO).choices


@pytest.mark.parametrize(
    ("fault", "finish"), [("empty", "stop"), ("length", "length"), ("content_filter",) * 2]
)
def test_a_spoiled_answer_still_reports_its_usage(
    model: ModelStandIn, client: openai.OpenAI, fault: str, finish: str
) -> None:
    model.behave(fault=fault)
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)
    assert answer.choices[0].finish_reason == finish
    assert answer.usage is not None
    assert answer.usage.prompt_tokens > 0


def test_a_refusal_and_a_reported_cost_look_as_they_do_on_the_wire(
    model: ModelStandIn, client: openai.OpenAI
) -> None:
    model.behave(fault="refusal", report_cost=0.002)
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=HELLO)
    assert answer.choices[0].message.content is None
    assert answer.choices[0].message.refusal
    assert answer.usage is not None
    assert answer.usage.model_extra == {"cost": 0.002}


def test_requests_are_kept_and_a_misspelt_behaviour_is_refused(model: ModelStandIn) -> None:
    post(model, GOOD)
    kept = httpx.get(f"{model.origin}/standin/requests").json()["requests"]
    assert [request["body"] for request in kept] == [GOOD]
    refused = httpx.put(f"{model.origin}/standin/behaviour", json={"delay": 3})
    assert (refused.status_code, refused.json()["error"]) == (400, "bad_behaviour")
    assert httpx.get(f"{model.origin}/healthz").json() == {"status": "ok"}


def test_a_taken_port_is_a_clear_message(model: ModelStandIn) -> None:
    command = [sys.executable, "-m", "local.model", "--port", str(model.port)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1
    assert f"cannot listen on 127.0.0.1:{model.port}" in ended.stderr
    assert "--port" in ended.stderr


SCHEMA = {
    "type": "object",
    "properties": {"word": {"type": "string"}},
    "required": ["word"],
    "additionalProperties": False,
}


def asks(schema: Any) -> dict[str, Any]:
    form = {
        "type": "json_schema",
        "json_schema": {"name": "word", "strict": True, "schema": schema},
    }
    return {**GOOD, "response_format": form}


@pytest.mark.parametrize(
    ("schema", "fault"),
    [
        ({**SCHEMA, "additionalProperties": True}, "'additionalProperties' is required"),
        ({**SCHEMA, "required": []}, "'required' must include every key"),
        ({**SCHEMA, "properties": {"word": {"type": "string", "maxLength": 3}}}, "not permitted"),
    ],
)
def test_a_schema_that_strict_mode_refuses_is_refused(
    model: ModelStandIn, schema: Any, fault: str
) -> None:
    answer = post(model, asks(schema), "model-key")
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["param"] == "response_format"
    assert error["message"].startswith("Invalid schema for response_format 'word'")
    assert fault in error["message"]


@pytest.mark.parametrize(
    ("schemas", "status", "param"),
    [
        ("taken", 200, None),
        ("ignored", 200, None),
        ("unknown", 400, None),
        ("unsupported", 400, "response_format"),
        ("invalid", 400, "response_format"),
    ],
)
def test_a_schema_is_treated_as_each_sort_of_endpoint_does(
    model: ModelStandIn, schemas: str, status: int, param: str | None
) -> None:
    model.behave(schemas=schemas)
    answer = post(model, asks(SCHEMA), "model-key")
    assert answer.status_code == status
    if status == 200:
        text = answer.json()["choices"][0]["message"]["content"]
        assert text.startswith("{") is (schemas == "taken")
    else:
        assert answer.json()["error"]["param"] == param


def test_given_texts_are_answered_one_after_another(
    client: openai.OpenAI, model: ModelStandIn
) -> None:
    model.behave(texts=["First.", "Then {json}"], text="Always.")
    said = [client.chat.completions.create(**GOOD).choices[0].message.content for _ in range(3)]
    assert said[0] == "First."
    assert str(said[1]).startswith('Then {"summary": ')
    assert said[2] == "Always."


FILES = """<files>
File: Card.tsx
```tsx
export function Card() {
  return (
    <article data-node="1:1" className="flex">
      <div data-node="1:2" className="p-4">
        <p data-node="1:3">{"Words"}</p>
        {"more"}
      </div>
    </article>
  );
}
```
</files>"""


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ("good", '<section data-node="1:2" className="p-4">'), ("same", '<div data-node="1:2"'),
        ("nonsense", "Lovely"), ("half", "File: Card.tsx"), ("fetch", "fetch("), ("eval", "eval("),
        ("import", "evil.example"), ("lost_node", '<article className="flex">'),
        ("climbing_path", "File: ../../Card.tsx"), ("foreign_path", "File: server/secrets.ts"),
        ("words", "pay here"), ("layout", "fixed inset-0"), ("theme", "File: theme.css"),
        ("handler", "location.reload()"), ("giant", "// more\n// more"),
        ("twice", "```\n\nFile: Card"), ("prose", "### `Card.tsx`"),
    ],
)  # fmt: skip
def test_it_edits_a_component_as_it_is_told(
    model: ModelStandIn, client: openai.OpenAI, edit: str, said: str
) -> None:
    model.behave(edit=edit)
    asked: Any = [{"role": "system", "content": "Edit."}, {"role": "user", "content": FILES}]
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=asked)
    text = answer.choices[0].message.content or ""
    assert said in text
    if edit == "good":
        assert "      </section>\n    </article>" in text


def test_what_it_is_to_mend_it_leaves_alone(model: ModelStandIn, client: openai.OpenAI) -> None:
    asked: Any = [{"role": "user", "content": f"{FILES}\n\n<trouble>\nNo.\n</trouble>"}]
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=asked)
    assert '<div data-node="1:2"' in (answer.choices[0].message.content or "")
