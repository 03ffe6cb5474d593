"""Compiled checks of requests and responses, from Figma's OpenAPI file with known errors fixed.

The file comes with the npm package ``@figma/rest-api-spec``; no copy of it is in this repository.
"""

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml

SPEC_IN_PACKAGE = "node_modules/@figma/rest-api-spec/openapi/openapi.yaml"
Json = dict[str, Any]
Check = Callable[[Any], str | None]

# Limits that are only in Figma's documentation, not in the OpenAPI file.
# https://developers.figma.com/docs/rest-api/webhooks-endpoints/
LONGEST = {
    "postWebhook": {"endpoint": 2048, "passcode": 100, "description": 150},
    "putWebhook": {"endpoint": 2048, "passcode": 100, "description": 140},
}


def find_spec() -> Path:
    """The OpenAPI file: ``SANDBOX_SPEC`` if set, else from the nearest ``node_modules`` upwards."""
    if os.environ.get("SANDBOX_SPEC"):
        return Path(os.environ["SANDBOX_SPEC"])
    for folder in Path(__file__).resolve().parents:
        if (folder / SPEC_IN_PACKAGE).is_file():
            return folder / SPEC_IN_PACKAGE
    raise FileNotFoundError(
        "Figma's OpenAPI file is not installed, so the sandbox cannot check requests. "
        "Run `npm ci` in the repository, or point SANDBOX_SPEC at openapi.yaml."
    )


def correct(document: Json) -> Json:
    """Correct in place where the published file differs from Figma's real behaviour."""
    schemas, paths = document["components"]["schemas"], document["paths"]
    # Node is a recursive union of 28 types. The tests check each type once, on the seed.
    schemas["Node"] = {
        "type": "object",
        "required": ["id", "name", "type"],
        "properties": {key: {"type": "string"} for key in ("id", "name", "type", "characters")},
    }
    # The docs say that each field of PUT is optional. The file requires a team_id, undeclared.
    _body(paths["/v2/webhooks/{webhook_id}"]["put"]).pop("required", None)
    # The alternatives of the pin's oneOf overlap: every region pin matches two of them.
    for schema in (_body(paths["/v1/files/{file_key}/comments"]["post"]), schemas["Comment"]):
        pin = schema["properties"]["client_meta"]
        pin["anyOf"] = pin.pop("oneOf")
    # A reply has no pin of its own; for an unknown node id the response has null.
    schemas["Comment"]["properties"]["client_meta"]["anyOf"].append({"type": "null"})
    nodes = document["components"]["responses"]["GetFileNodesResponse"]["content"]
    nodes = nodes["application/json"]["schema"]["properties"]["nodes"]
    nodes["additionalProperties"]["type"] = ["object", "null"]
    _correct_comment_event(schemas)
    return document


def _correct_comment_event(schemas: Json) -> None:
    schemas["WebhookUser"] = {
        "type": "object",
        "required": ["id", "handle"],
        "properties": {"id": {"type": "string"}, "handle": {"type": "string"}},
        "additionalProperties": False,
    }
    event = schemas["WebhookFileCommentPayload"]["allOf"][1]["properties"]
    event["mentions"]["items"] = {"$ref": "#/components/schemas/WebhookUser"}
    event["triggered_by"] = {"$ref": "#/components/schemas/WebhookUser"}
    for name in ("parent_id", "order_id", "resolved_at", "protocol_version"):
        event[name] = {"type": "string"}
    event["retries"] = {"type": "integer"}
    fragment = schemas["CommentFragment"]
    fragment["oneOf"] = [{"required": ["text"]}, {"required": ["mention"]}]


def _body(operation: Json) -> Json:
    return operation["requestBody"]["content"]["application/json"]["schema"]


@dataclass(frozen=True)
class Operation:
    """One method of one path. ``scopes``: an OAuth token needs at least one of them."""

    id: str
    scopes: tuple[str, ...]
    check_body: Check | None
    parameters: tuple[tuple[str, bool, str, Check], ...]
    answers: dict[int, Check]
    error_key: dict[int, str]

    def check_request(self, query: Mapping[str, str], body: object) -> str | None:
        """Why the specification refuses this request, or None."""
        for name, required, kind, check in self.parameters:
            if name not in query:
                if required:
                    return f"Missing required parameter {name}"
                continue
            reason = check(_coerce(query[name], kind))
            if reason:
                return f"Invalid value for parameter {name}: {reason}"
        if self.check_body is None:
            return None
        return self.check_body(body) or self._check_lengths(body)

    def _check_lengths(self, body: object) -> str | None:
        for name, longest in LONGEST.get(self.id, {}).items():
            if isinstance(body, dict) and len(body.get(name, "")) > longest:
                return f"{name} is longer than {longest} characters"
        return None

    def error_body(self, status: int, reason: str) -> Json:
        """An error with ``status`` in the shape declared for this operation."""
        return error_body(status, reason, self.error_key.get(status, "err"))


def error_body(status: int, reason: str, key: str = "err") -> Json:
    """Figma's two error shapes: ``{status, err}`` and ``{error: true, status, message}``."""
    if key == "err":
        return {"status": status, "err": reason}
    return {"error": True, "status": status, "message": reason}


def _coerce(text: str, kind: str) -> object:
    if kind == "number":
        try:
            return float(text)
        except ValueError:
            return text
    return {"true": True, "false": False}.get(text, text) if kind == "boolean" else text


@dataclass
class Spec:
    """The corrected document; each operation is compiled on first use."""

    document: Json
    _operations: dict[tuple[str, str], Operation | None] = field(default_factory=dict)

    @cached_property
    def schemas(self) -> Json:
        return self.document["components"]["schemas"]

    def operation(self, method: str, rule: str) -> Operation | None:
        """The operation for a Flask rule such as ``/v1/files/<file_key>/meta``."""
        key = (method, rule)
        if key not in self._operations:
            path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule)
            found = self.document["paths"].get(path, {}).get(method.lower())
            self._operations[key] = self._compile(found) if found else None
        return self._operations[key]

    def check(self, schema: Json) -> Check:
        """Compile one schema; the check returns the first reason for refusal, or None."""
        used = self._reachable(schema)
        root = {**schema, "components": {"schemas": {n: self.schemas[n] for n in used}}}
        validator = jsonschema_rs.Draft202012Validator(root, validate_formats=True)

        def check(value: object) -> str | None:
            if validator.is_valid(value):
                return None
            error = next(iter(validator.iter_errors(value)))
            where = ".".join(str(part) for part in error.instance_path)
            return f"{where}: {error.message}" if where else error.message

        return check

    def check_named(self, name: str) -> Check:
        return self.check({"$ref": f"#/components/schemas/{name}"})

    def _compile(self, operation: Json) -> Operation:
        answers, error_key = {}, {}
        for status, response in operation["responses"].items():
            if "$ref" in response:
                response = self.document["components"]["responses"][response["$ref"].split("/")[-1]]
            schema = response["content"]["application/json"]["schema"]
            answers[int(status)] = self.check(schema)
            error_key[int(status)] = "message" if "ErrorBoolean" in str(schema) else "err"
        oauth = [scope for way in operation["security"] for scope in way.get("OAuth2", [])]
        return Operation(
            id=operation["operationId"],
            scopes=tuple(oauth),
            check_body=self.check(_body(operation)) if "requestBody" in operation else None,
            parameters=tuple(
                (p["name"], p.get("required", False), p["schema"].get("type", "string"), check)
                for p in operation.get("parameters", [])
                if p["in"] == "query"
                for check in [self.check(p["schema"])]
            ),
            answers=answers,
            error_key=error_key,
        )

    def _reachable(self, schema: Json) -> set[str]:
        seen: set[str] = set()
        todo: list[Any] = [schema]
        while todo:
            each = todo.pop()
            if isinstance(each, list):
                todo.extend(each)
            elif isinstance(each, dict):
                name = str(each.get("$ref", "")).removeprefix("#/components/schemas/")
                if name and name not in seen:
                    seen.add(name)
                    todo.append(self.schemas[name])
                todo.extend(each.values())
        return seen


@lru_cache(maxsize=1)
def load_spec() -> Spec:
    """The corrected specification; read once per process (about a second)."""
    return Spec(correct(read_published()))


def read_published() -> Json:
    """The file exactly as Figma publishes it."""
    with find_spec().open(encoding="utf-8") as file:
        return yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
