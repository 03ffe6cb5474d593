"""The provider's wire format: checking requests, writing completions and errors.

Requests are validated against the types of the ``openai`` package itself, so a parameter that the
real API does not know is refused here too.
https://platform.openai.com/docs/api-reference/chat/create
"""

import hashlib
import json
import re
import time
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from local.model.behaviour import Behaviour, Schemas
from local.model.edits import edited_answer
from local.model.pictures import picture_tokens, pictures_of, words_of

_REASONING_MODEL = re.compile(r"^(gpt-([5-9]|\d\d)|o\d)")
_FACT = re.compile(r"^\[(?:problem|info|ok)\] (.+)$", re.MULTILINE)
_QUESTION = re.compile(r"<question[^>]*>\n(.*?)\n</question>", re.DOTALL)
# "12. [problem] contrast: Pay label (3): …" in the prompt of an analysis.
_NUMBERED_FACT = re.compile(
    r"^(\d+)\. \[\w+\] [\w-]+: (.+?) \((\d+)\)(?: and \d+ more like it)?: ", re.MULTILINE
)
_PARAGRAPH = 400


class Refused(Exception):
    """A request the provider would refuse: the HTTP status and the error object."""

    def __init__(
        self,
        status: int,
        message: str,
        kind: str,
        code: str | None = None,
        param: str | None = None,
    ):
        super().__init__(message)
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def check_request(body: object, behaviour: Behaviour) -> dict[str, Any]:
    """Return the request body. Raises Refused with the provider's error for an invalid one."""
    if not isinstance(body, dict):
        raise Refused(400, "We could not parse the JSON body of your request.", _INVALID)
    types = _parameter_types()
    for name in body:
        if name not in types:
            raise Refused(
                400, f"Unrecognized request argument supplied: {name}", _INVALID, None, None
            )
    for name in ("model", "messages"):
        if name not in body:
            raise Refused(
                400, f"Missing required parameter: '{name}'.", _INVALID, "missing_parameter", name
            )
    for name, value in body.items():
        _check_parameter(name, value, types[name])
    if not body["messages"]:
        raise Refused(400, "Invalid 'messages': empty array.", _INVALID, "empty_array", "messages")
    _check_model_rules(body, behaviour)
    _check_pictures(body["messages"], behaviour)
    return body


def completion(body: dict[str, Any], behaviour: Behaviour, fault: str | None) -> dict[str, Any]:
    """A chat completion that depends only on the request (except for its timestamp)."""
    text = _answer(body, behaviour)
    finish, refusal = "stop", ""
    if fault == "empty":
        text = ""
    elif fault == "content_filter":
        finish, text = "content_filter", ""
    elif fault == "refusal":
        text, refusal = "", "I'm sorry, but I can't help with that."
    elif fault == "length":
        finish, text = "length", text[: max(len(text) * 2 // 3, 1)]
    words = [{**each, "content": words_of(each)} for each in body["messages"]]
    written = json.dumps(words, sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(written.encode()).hexdigest()
    model = body["model"]
    return {
        "id": f"chatcmpl-{digest[:29]}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": behaviour.answered_as
        or (f"{model}-2025-08-07" if model == "gpt-5-mini" else model),
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": None if refusal else text,
                    "refusal": refusal or None,
                    "annotations": [],
                },
                "logprobs": None,
                "finish_reason": finish,
            }
        ],
        "usage": _usage(written, text + refusal, picture_tokens(body["messages"]), behaviour),
        "service_tier": behaviour.service_tier,
        "system_fingerprint": None,
    }


def _answer(body: dict[str, Any], behaviour: Behaviour) -> str:
    given = behaviour.take_text()
    asks_json = "response_format" in body
    if given is not None and "{json}" not in given:
        return given
    if given is None and (not asks_json or behaviour.schemas == "ignored"):
        asked = next(words_of(each) for each in body["messages"] if each.get("role") == "user")
        return edited_answer(asked, behaviour.edit) or answer_text(body["messages"])
    return (given or "{json}").replace("{json}", json_answer(body["messages"]))


def json_answer(messages: list[dict[str, Any]]) -> str:
    """The JSON answer to an analysis: words about each numbered fact of the prompt."""
    prompt = next(words_of(each) for each in messages if each.get("role") == "user")
    facts = _NUMBERED_FACT.findall(prompt)
    suggestions = [
        {
            "ref": int(ref),
            "fact": int(number),
            "words": f"Look at {name.strip()} first: this is what people will notice.",
        }
        for number, name, ref in facts[:20]
    ]
    summary = (
        "These words come from the stand-in model, not from an AI provider. What is measured is "
        "real."
    )
    return json.dumps({"summary": summary, "suggestions": suggestions})


def answer_text(messages: list[dict[str, Any]]) -> str:
    """An answer that quotes the question and the worst measured fact of the prompt."""
    prompt = words_of(messages[-1])
    found = _QUESTION.search(prompt)
    question = " ".join((found[1] if found else prompt)[:_PARAGRAPH].split())
    # Do not repeat an @: it could mention somebody.
    question = question.replace("@", "")
    fact = _FACT.search(prompt)
    lines = [f"You asked: {question}"]
    if fact:
        lines.append(f"- Measured: {fact[1][:_PARAGRAPH]}")
        lines.append("- Fix this one first; it affects the most people.")
    else:
        lines.append("- Nothing was measured on this node, so this is a general answer.")
    if pictures_of(messages):
        lines.append("- A picture of the frame came with the question.")
    lines.append("This text comes from the stand-in model, not from an AI provider.")
    return "\n".join(lines)


def model_list() -> dict[str, Any]:
    names = ("gpt-5-mini", "gpt-4o-mini", "local-model")
    models = [
        {"id": name, "object": "model", "created": 1_754_000_000, "owned_by": "stand-in"}
        for name in names
    ]
    return {"object": "list", "data": models}


_INVALID = "invalid_request_error"


@cache
def _parameter_types() -> dict[str, Any]:
    from openai.types.chat import ChatCompletionMessageParam
    from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming

    hints = get_type_hints(CompletionCreateParamsNonStreaming)
    # An Iterable would be validated only lazily; a list is validated at once.
    return hints | {"messages": list[ChatCompletionMessageParam]}


@cache
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter(_parameter_types()[name])


def _check_parameter(name: str, value: object, kind: object) -> None:
    try:
        _adapter(name).validate_python(value, strict=name != "messages")
    except ValidationError as error:
        place = ".".join([name, *(str(part) for part in error.errors()[0]["loc"][:1])])
        raise Refused(
            400, f"Invalid value for '{place}'.", _INVALID, "invalid_value", name
        ) from None


def _check_model_rules(body: dict[str, Any], behaviour: Behaviour) -> None:
    reasons = bool(_REASONING_MODEL.match(body["model"]))
    refused = ""
    if reasons and "max_tokens" in body:
        refused, other = "max_tokens", "max_completion_tokens"
    elif behaviour.only_max_tokens and "max_completion_tokens" in body:
        refused, other = "max_completion_tokens", "max_tokens"
    if refused:
        raise Refused(
            400,
            f"Unsupported parameter: '{refused}' is not supported with this model. "
            f"Use '{other}' instead.",
            _INVALID,
            "unsupported_parameter",
            refused,
        )
    if "response_format" in body:
        _check_schema(body["response_format"], behaviour.schemas)
    if not reasons and "reasoning_effort" in body:
        raise Refused(400, "Unrecognized request argument supplied: reasoning_effort", _INVALID)


def _check_schema(given: dict[str, Any], schemas: Schemas) -> None:
    """Refuse a schema in the words of OpenAI, which names the parameter in each case."""
    name = given.get("json_schema", {}).get("name", "")
    fault = _strict_fault(given.get("json_schema", {}).get("schema", {}), "()")
    if schemas == "invalid":
        fault = "In context=(), 'additionalProperties' is required to be supplied and to be false."
    if schemas == "unknown":
        message, code = "Unrecognized request argument supplied: response_format", None
    elif schemas == "unsupported":
        message = (
            "Invalid parameter: 'response_format' of type 'json_schema' is not supported with "
            "this model."
        )
        code = None
    elif fault and schemas != "ignored":
        message, code = f"Invalid schema for response_format '{name}': {fault}", None
    else:
        return
    param = None if schemas == "unknown" else "response_format"
    raise Refused(400, message, _INVALID, code, param)


def _strict_fault(schema: object, place: str) -> str:
    """What strict mode refuses in a schema, or "".

    https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    if not isinstance(schema, dict):
        return ""
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            return f"In context={place}, 'additionalProperties' is required to be false."
        if sorted(schema.get("required", [])) != sorted(properties):
            return f"In context={place}, 'required' must include every key in properties."
        found = (_strict_fault(each, f"{place}.{name}") for name, each in properties.items())
        return next(filter(None, found), "")
    for name in ("allOf", "not", "if", "minLength", "maxLength"):
        if name in schema:
            return f"In context={place}, '{name}' is not permitted."
    return _strict_fault(schema.get("items"), f"{place}.items")


def _check_pictures(messages: list[dict[str, Any]], behaviour: Behaviour) -> None:
    """Refuse pictures in the words of OpenAI."""
    for at, part, is_png in pictures_of(messages):
        place = f"messages.[{at}].content.[{part}]"
        if not behaviour.pictures:
            message = "Invalid content type. image_url is only supported by certain models."
            raise Refused(400, message, _INVALID, None, f"{place}.type")
        if not is_png:
            message = (
                "You uploaded an unsupported image. Please make sure your image has of one the "
                "following formats: ['png', 'jpeg', 'gif', 'webp']."
            )
            raise Refused(400, message, _INVALID, "invalid_image_format", None)


def _usage(prompt: str, answer: str, pictures: int, behaviour: Behaviour) -> dict[str, Any]:
    if behaviour.usage is not None:
        return behaviour.usage
    reasoning = behaviour.reasoning_tokens or 0
    sent, written = len(prompt) // 4 + 1 + pictures, len(answer) // 4 + reasoning
    cached = min(behaviour.cached_tokens or 0, sent)
    usage: dict[str, Any] = {
        "prompt_tokens": sent,
        "completion_tokens": written,
        "total_tokens": sent + written,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    if behaviour.report_cost is not None:
        usage["cost"] = behaviour.report_cost
    return usage
