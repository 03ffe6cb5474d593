"""Traces as a collector receives them: from the webhook to the reply, and nobody's words."""

import gzip
import importlib
import pkgutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.semconv import attributes
from opentelemetry.semconv._incubating import attributes as newer

from local.github import GitHubStandIn
from service.building import gate_stage
from service.building.builder_state import BuilderState
from service.observing.tracing import start_tracing, stop_tracing
from service.secrets.encryption import token_hash
from service.web.app import create_app
from service.web.sessions import session_cookie
from tests.exactly_once import analyses
from tests.exactly_once.pipelines import play
from tests.exactly_once.runners import PASSED
from tests.exactly_once.scene import ADA, CHECKOUT, Scene, model, sandbox, scene
from tests.service.github.hubs import PLACE, TOKEN, make_hub

__all__ = ["model", "sandbox", "scene"]

# Every attribute that the installed conventions know.
CONVENTIONS = {
    value
    for package in (attributes, newer)
    for found in pkgutil.iter_modules(package.__path__)
    for value in vars(importlib.import_module(f"{package.__name__}.{found.name}")).values()
    if isinstance(value, str)
}
QUESTION = "is the contrast of the secret launch banner ok?"


@dataclass
class Collector:
    """Takes OTLP over HTTP, as any tracing backend does."""

    url: str = ""
    exports: list[ExportTraceServiceRequest] = field(default_factory=list)

    def spans(self) -> dict[str, Any]:
        """By name; the last of each."""
        return {
            span.name: span
            for export in self.exports
            for resource in export.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.path == "/v1/traces"
            made.exports.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep the output of the tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def test_one_trace_leads_from_the_webhook_to_the_reply(
    scene: Scene, collector: Collector, logging_as_before: None
) -> None:
    scene.configure(otel_exporter_otlp_endpoint=collector.url)
    start_tracing(scene.settings, "figma-ai-buddy-test")
    try:
        answer_id = deliver(scene)
        scene.attempt(answer_id)
    finally:
        stop_tracing()
    assert scene.answer(answer_id)["state"] == "answered"

    spans = collector.spans()
    root, job = spans["POST /api/figma-comment-webhook"], spans["answer_comment"]
    stored = spans["database record_events"]
    chat = next(span for name, span in spans.items() if name.startswith("chat "))
    assert {"figma comments", "figma post_comment"} <= spans.keys()
    assert {"database start_posting", "database settle_answer"} <= spans.keys()
    assert {span.trace_id for span in spans.values()} == {root.trace_id}
    assert job.parent_span_id == root.span_id
    assert chat.parent_span_id == spans["figma post_comment"].parent_span_id == job.span_id
    assert stored.parent_span_id == root.span_id
    kinds = [Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER, Span.SPAN_KIND_CLIENT]
    assert [root.kind, job.kind, chat.kind] == kinds
    asked, answered = facts(chat), facts(job)
    assert asked["gen_ai.usage.output_tokens"].int_value > 0
    assert asked["gen_ai.response.id"].string_value
    assert answered["answer.state"].string_value == "answered"
    assert answered["answer.cost_microusd"].int_value == asked["llm.cost_microusd"].int_value > 0
    assert facts(stored)["db.stored_procedure.name"].string_value == "record_events"
    # Names as OpenTelemetry gives them; ours begin with one of these.
    ours = ("answer.", "analysis.", "pipeline.", "llm.", "figma.", "github.", "decision")
    names = {key for span in spans.values() for key in facts(span)}
    assert {name for name in names if not name.startswith(ours)} <= CONVENTIONS
    everything = b"".join(export.SerializeToString() for export in collector.exports)
    for private in (QUESTION, "model-key", scene.people["Buddy"]["token"]):
        assert private.encode() not in everything


def test_a_trace_goes_on_in_the_analysis_that_it_asked_for(
    scene: Scene, collector: Collector, logging_as_before: None
) -> None:
    scene.configure(otel_exporter_otlp_endpoint=collector.url)
    start_tracing(scene.settings, "figma-ai-buddy-test")
    try:
        parent = f"00-{'a' * 32}-{'b' * 16}-01"
        asked = analyses.request(scene, scene.connect(ADA), question=QUESTION, trace_parent=parent)
        analyses.attempt(scene, asked.id)
    finally:
        stop_tracing()
    spans = collector.spans()
    job = spans["analyse"]
    chat = next(span for name, span in spans.items() if name.startswith("chat "))
    assert (job.trace_id.hex(), job.parent_span_id.hex()) == ("a" * 32, "b" * 16)
    assert chat.parent_span_id == spans["database settle_analysis"].parent_span_id == job.span_id
    assert cost(job, "analysis.cost_microusd") == cost(chat, "llm.cost_microusd") > 0
    assert facts(job)["analysis.source"].string_value


def test_one_trace_leads_from_the_request_for_a_component_to_its_push(
    scene: Scene, collector: Collector, logging_as_before: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BuilderState, "lack", lacks_nothing)
    monkeypatch.setattr(gate_stage, "check", lambda *_: PASSED)
    with GitHubStandIn(make_hub()) as github:
        scene.configure(otel_exporter_otlp_endpoint=collector.url, github_api_url=github.url)
        ada = scene.connect(ADA, session_hash=token_hash("s" * 43))
        token = scene.services.vault.encrypt(TOKEN)
        scene.database.set_target(ada, PLACE.full_name, "main", "", token, None)
        start_tracing(scene.settings, "figma-ai-buddy-test")
        try:
            client = create_app(scene.settings, scene.services).test_client()
            # What is to be pushed is asked for in the browser.
            client.set_cookie(session_cookie(scene.settings), "s" * 43)
            link = f"https://www.figma.com/design/{CHECKOUT}/A?node-id=1-2"
            body = {"figma_url": link, "options": {"push": True}}
            origin = {"Origin": scene.settings.public_url}
            begun = client.post("/api/pipelines", json=body, headers=origin).json
            view = play(scene, begun["id"], ada)
        finally:
            stop_tracing()
    assert view.facts["pull_request"]

    spans = collector.spans()
    root = spans["POST /api/pipelines"]
    assert {span.trace_id for span in spans.values()} == {root.trace_id}
    for stage in ("read", "spec", "generate", "test", "gate", "package", "push"):
        assert spans[f"pipeline {stage}"].parent_span_id == root.span_id
    for call, stage in (("figma file_nodes", "read"), ("github make_pull", "push")):
        assert spans[call].parent_span_id == spans[f"pipeline {stage}"].span_id, call
    chat = next(span for name, span in spans.items() if name.startswith("chat "))
    assert chat.parent_span_id == spans["pipeline model generate"].span_id
    assert spans["pipeline model generate"].parent_span_id == spans["pipeline generate"].span_id

    assert cost(spans["pipeline generate"], "pipeline.cost_microusd") == view.cost_microusd > 0
    assert 0 < cost(chat, "llm.cost_microusd") <= view.cost_microusd
    assert cost(spans["pipeline push"], "pipeline.cost_microusd") == 0
    everything = b"".join(export.SerializeToString() for export in collector.exports)
    assert TOKEN.encode() not in everything


def facts(span: Any) -> dict[str, Any]:
    return {each.key: each.value for each in span.attributes}


def cost(span: Any, name: str) -> int:
    return int(facts(span)[name].int_value)


async def lacks_nothing(_state: BuilderState) -> str:
    return ""


def deliver(scene: Scene) -> str:
    """Ada's question, by way of the webhook's route; its answer's id."""
    made = scene.database.start_webhook(
        user_id=scene.connect(ADA),
        context="file",
        context_id=CHECKOUT,
        label="file",
        guest_rule="invite",
        passcode_encrypted=scene.services.vault.encrypt("pass"),
        passcode_hash=scene.services.vault.keyed_hash("pass"),
    )
    scene.database.confirm_webhook(made.id, "4711")
    comment = scene.say(ADA, f"@buddy {QUESTION}")
    body = {
        "event_type": "FILE_COMMENT",
        "webhook_id": "4711",
        "passcode": "pass",
        "file_key": CHECKOUT,
        "comment": [{"text": comment["message"]}],
        "comment_id": comment["id"],
        "triggered_by": {"id": comment["user"]["id"], "handle": ADA},
        "created_at": comment["created_at"],
    }
    client = create_app(scene.settings, scene.services).test_client()
    assert client.post("/api/figma-comment-webhook", json=body).json == {"status": "queued"}
    return scene.rows("select id from public.answers")[0]["id"]
