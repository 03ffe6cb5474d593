"""Every request that the clients build is one that Figma's own OpenAPI file allows."""

import re
from typing import Any

import pytest

from local.sandbox.spec import load_spec
from service.config import FIGMA_SCOPES
from service.figma import async_client, client
from service.figma.calls import Endpoint
from tests.service.figma.conftest import KEY

COMMENT = {"id": "33"}
WEBHOOK = {"id": "22", "context": "FILE", "context_id": KEY}
ENDPOINTS = [
    each
    for module in (client, async_client)
    for each in vars(module).values()
    if isinstance(each, Endpoint)
]
RULES = {
    "/v1/me": "/v1/me",
    f"/v1/files/{KEY}/meta": "/v1/files/<file_key>/meta",
    f"/v1/files/{KEY}/nodes": "/v1/files/<file_key>/nodes",
    f"/v1/images/{KEY}": "/v1/images/<file_key>",
    f"/v1/files/{KEY}/images": "/v1/files/<file_key>/images",
    f"/v1/files/{KEY}/comments": "/v1/files/<file_key>/comments",
    "/v2/webhooks": "/v2/webhooks",
    "/v2/webhooks/22": "/v2/webhooks/<webhook_id>",
    "/v2/webhooks/22/requests": "/v2/webhooks/<webhook_id>/requests",
}
MAKE = {"context_id": KEY, "endpoint": "https://buddy.example/hook", "passcode": "p" * 40}
# Each method with every combination of its options that changes the request.
REQUESTS: list[tuple[str, tuple[Any, ...], dict[str, Any], dict[str, Any]]] = [
    ("me", (), {}, {"id": "813"}),
    ("file_meta", (KEY,), {}, {"file": {"name": "Shop"}}),
    ("file_nodes", (KEY, ["1-2", "I3:4;5:6"], 3), {}, {"nodes": {}}),
    ("whole_node", (KEY, "1-2"), {}, {"nodes": {"1:2": None}}),
    ("file_images", (KEY, "I3:4;5:6", 0.1), {}, {"err": None, "images": {}}),
    ("file_images", (KEY, "1:2", 2.0), {}, {"err": None, "images": {"1:2": None}}),
    ("file_exports", (KEY, ["1:2", "I3:4;5:6"], "png", 2), {}, {"err": None, "images": {}}),
    ("file_exports", (KEY, ["1:2"], "svg"), {}, {"err": None, "images": {"1:2": None}}),
    ("file_fills", (KEY,), {}, {"meta": {"images": {}}}),
    ("comments", (KEY,), {}, {"comments": []}),
    ("post_comment", (KEY, "Fine."), {}, COMMENT),
    ("post_comment", (KEY, "Fine.", "32"), {}, COMMENT),
    ("create_webhook", (), {**MAKE, "context": "file"}, WEBHOOK),
    ("create_webhook", (), {**MAKE, "context": "team", "status": "PAUSED"}, WEBHOOK),
    ("create_webhook", (), {**MAKE, "context": "project", "description": "Buddy"}, WEBHOOK),
    ("webhooks", ("team", "9"), {}, {"webhooks": []}),
    ("update_webhook", ("22",), {"status": "ACTIVE"}, WEBHOOK),
    ("update_webhook", ("22",), {"endpoint": "https://b.example", "passcode": "p"}, WEBHOOK),
    ("delete_webhook", ("22",), {}, WEBHOOK),
    ("webhook_requests", ("22",), {}, {"requests": []}),
]


@pytest.mark.parametrize(("method", "values", "options", "answer"), REQUESTS)
def test_every_request_is_valid_under_figmas_openapi_file(
    figma, operation, token, method, values, options, answer
):
    figma.say(answer)
    operation(method)(token, *values, **options)
    asked = figma.asked[0]
    rule = load_spec().operation(asked.method, RULES[asked.path])
    assert rule is not None
    assert rule.check_request(asked.query, asked.json) is None


def test_every_operation_of_the_clients_is_among_the_checked_requests():
    methods = {method for method, *_ in REQUESTS}
    # The same operation as that of file_nodes.
    assert {each.name for each in ENDPOINTS} == methods - {"whole_node"}


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda each: each.name)
def test_every_operation_names_a_scope_that_figma_accepts_and_we_ask_for(endpoint):
    rule = re.sub(r"\{(\w+)\}", r"<\1>", endpoint.path.replace("{key}", "{file_key}"))
    operation = load_spec().operation(endpoint.method, rule)
    assert operation is not None
    assert endpoint.scope in operation.scopes
    assert endpoint.scope in FIGMA_SCOPES


def test_the_check_itself_refuses_a_comment_without_a_message():
    operation = load_spec().operation("POST", "/v1/files/<file_key>/comments")
    assert operation is not None
    assert operation.check_request({}, {"comment_id": "32"}) is not None
