"""What flask-openapi3 cannot know of the API: security schemes, browser routes, the receiver."""

import re
from typing import Any

from flask_openapi3 import Info, OpenAPI
from pydantic import BaseModel

from service.config import Settings
from service.web.routes.analysis_shapes import AnalysisBatchIn, AnalysisIn
from service.web.routes.pipeline_shapes import PipelineIn
from service.web.routes.receiver import PATH
from service.web.routes.shapes import Delivery, DeliveryTaken, ErrorAnswer
from service.web.sessions import session_cookie

INFO = Info(
    title="Figma AI Buddy",
    version="1.0.0",
    description="Answers comments in Figma that are addressed to it. Every refusal has the shape "
    "`{error, message, request_id}`; `Retry-After` says when to try again.",
)
_SENTENCE = re.compile(r"(.+?[.!?])\s+(?=[A-Z`0-9])")
_REF = "#/components/schemas/{model}"


def security(settings: Settings) -> dict[str, Any]:
    """The two ways to authenticate."""
    return {
        "cookie": {"type": "apiKey", "in": "cookie", "name": session_cookie(settings)},
        "bearer": {"type": "http", "scheme": "bearer"},
    }


def add_plain_routes(app: OpenAPI) -> None:
    """Describe the routes that are registered without a model."""
    document = app.api_doc
    read_inside = (AnalysisIn, AnalysisBatchIn, PipelineIn)
    for model in (Delivery, DeliveryTaken, ErrorAnswer, *read_inside):
        schema = model.model_json_schema(ref_template=_REF)
        for name, part in schema.pop("$defs", {}).items():
            document["components"]["schemas"].setdefault(name, part)
        document["components"]["schemas"].setdefault(model.__name__, schema)
    document["paths"][PATH] = {"post": _receiver()}
    document["paths"]["/api/auth/figma-oauth"] = {"get": _sign_in()}
    document["components"]["schemas"].pop("ValidationErrorModel", None)
    for path in document["paths"].values():
        for operation in path.values():
            _describe(operation)
            # The library adds its own 422 to each operation. Ours are stated where they occur.
            if "ValidationErrorModel" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]


def _describe(operation: dict[str, Any]) -> None:
    """Summary and description by sentences. The library makes them of a docstring by its lines, and
    breaks the others as HTML."""
    lines = f"{operation.get('summary', '')}\n{operation.pop('description', '')}"
    parts = lines.replace("<br/>", "\n").strip().split("\n\n")
    first, *others = (" ".join(part.split()) for part in parts)
    found = _SENTENCE.match(first)
    operation["summary"], rest = (found[1], first[found.end() :]) if found else (first, "")
    if told := "\n\n".join(filter(None, (rest, *others))):
        operation["description"] = told


def _json(model: type[BaseModel], description: str) -> dict[str, Any]:
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _receiver() -> dict[str, Any]:
    refusals = {
        "400": "Wrong passcode. Figma then stops the webhook.",
        "404": "No such webhook.",
        "413": "Larger than this service takes.",
        "415": "Not JSON.",
        "422": "No webhook or passcode in it.",
        "429": "Too many requests without a known webhook.",
        "500": "A mistake of ours; Figma tries again.",
        "503": "The database is away; Figma tries again.",
    }
    return {
        "summary": "Figma calls this for every comment.",
        "description": "Answers 200 once the delivery is stored and its job is queued.",
        "operationId": "receive_event",
        "tags": ["Receiver"],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": _REF.format(model="Delivery")}}},
        },
        "responses": {
            "200": _json(DeliveryTaken, "What became of it."),
            **{code: _json(ErrorAnswer, text) for code, text in refusals.items()},
        },
    }


def _sign_in() -> dict[str, Any]:
    page = {"text/html": {"schema": {"type": "string"}}}
    codes = {"400": "An incomplete or old sign-in.", "403": "Declined, or a permission is missing.",
             "429": "Too many tries.", "500": "A mistake of ours.", "502": "Figma refused.",
             "503": "Figma or the database is away.", "504": "Figma was too slow."}  # fmt: skip
    names = {
        "plugin": "A plugin's challenge: base64url(sha256(secret)).",
        "code": "From Figma.",
        "state": "From Figma.",
        "error": "From Figma.",
    }
    return {
        "summary": "Start signing in with Figma, and finish it when Figma sends the browser back.",
        "operationId": "figma_sign_in",
        "tags": ["Account"],
        "parameters": [
            {"name": name, "in": "query", "description": text, "schema": {"type": "string"}}
            for name, text in names.items()
        ],
        "responses": {
            "302": {"description": "To Figma, or to the account page."},
            **{code: {"description": text, "content": page} for code, text in codes.items()},
        },
    }
