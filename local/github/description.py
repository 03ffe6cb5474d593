"""Checks of requests and responses, compiled from the pruned description of GitHub's API.

``openapi.json`` beside it is made by ``prune.py``.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import jsonschema_rs

from local.github.prune import PRUNED

Json = dict[str, Any]
Check = Callable[[Any], str | None]


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    id: str
    check_body: Check | None
    known_fields: frozenset[str]
    query: dict[str, Check]
    answers: dict[int, Check | None]

    def check_request(self, query: Mapping[str, str], body: object) -> str | None:
        """Why the description refuses this request, or None."""
        for name, value in query.items():
            if name not in self.query:
                return f"the parameter {name} is not known"
            reason = self.query[name](int(value) if value.isdecimal() else value)
            if reason:
                return f"the parameter {name}: {reason}"
        if self.check_body is None:
            return None if body is None else "a body where none belongs"
        # GitHub ignores what it does not know. Ours would be a mistake.
        unknown = set(body) - self.known_fields if isinstance(body, dict) else set()
        return self.check_body(body) or (f"fields not known: {sorted(unknown)}" if unknown else "")

    def check_answer(self, status: int, body: object) -> str | None:
        """Why the description has no such answer, or None. It leaves out some statuses of errors,
        and says of others only that they are errors."""
        if status not in self.answers:
            return None if status >= 400 else f"the status {status} is not declared"
        check = self.answers[status]
        return check(body) if check else None


class Description:
    """The pruned document; each operation is compiled once."""

    def __init__(self, document: Json):
        self._document = _corrected(document)
        self.operations = {
            (method.upper(), path): self._compile(operation)
            for path, methods in self._document["paths"].items()
            for method, operation in methods.items()
        }

    def schema(self, name: str) -> Json:
        found: Json = self._document["components"]["schemas"][name]
        return found

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
        """The operation for a real path, and the values of its parameters."""
        for (each_method, template), operation in self.operations.items():
            if each_method == method and (found := _pattern(template).fullmatch(path)):
                return operation, found.groupdict()
        return None

    def check(self, schema: Json) -> Check:
        root = {**schema, "components": self._document["components"]}
        validator = jsonschema_rs.Draft202012Validator(root, validate_formats=True)

        def check(value: object) -> str | None:
            if validator.is_valid(value):
                return None
            error = next(iter(validator.iter_errors(value)))
            where = ".".join(str(part) for part in error.instance_path)
            return f"{where}: {error.message}" if where else error.message

        return check

    def _compile(self, operation: Json) -> Operation:
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        parameters = [self._follow(each) for each in operation.get("parameters", [])]
        return Operation(
            id=operation["operationId"],
            check_body=self.check(body["schema"]) if body else None,
            known_fields=frozenset(body["schema"].get("properties", {})) if body else frozenset(),
            query={p["name"]: self.check(p["schema"]) for p in parameters if p["in"] == "query"},
            answers={
                int(status): self._check_of(self._follow(answer))
                for status, answer in operation["responses"].items()
            },
        )

    def _check_of(self, answer: Json) -> Check | None:
        content = answer.get("content", {}).get("application/json")
        return self.check(content["schema"]) if content else None

    def _follow(self, part: Json) -> Json:
        if "$ref" not in part:
            return part
        _, _, kind, name = part["$ref"].split("/")
        found: Json = self._document["components"][kind][name]
        return found


def _corrected(part: Any) -> Any:
    """As JSON Schema. OpenAPI 3.0 writes ``nullable: true`` where that has a type of its own. And
    GitHub's alternatives overlap: each error of a blob matches both of its two."""
    if isinstance(part, list):
        return [_corrected(each) for each in part]
    if not isinstance(part, dict):
        return part
    made = {
        "anyOf" if name == "oneOf" else name: _corrected(each)
        for name, each in part.items()
        if name != "nullable"
    }
    return {"anyOf": [made, {"type": "null"}]} if part.get("nullable") is True else made


@cache
def _pattern(template: str) -> re.Pattern[str]:
    # A ref has slashes in it, and is the last part of its paths.
    named = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(template))
    return re.compile(named.replace("(?P<ref>[^/]+)", "(?P<ref>.+)"))


@lru_cache(maxsize=1)
def load_description() -> Description:
    """Read once per process."""
    return Description(json.loads(PRUNED.read_text(encoding="utf-8")))
