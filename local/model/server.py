"""The stand-in's HTTP server: one event loop for hundreds of open calls."""

import asyncio
import json
from collections import deque
from contextlib import suppress
from typing import Any

from aiohttp import web
from pydantic import ValidationError

from local.loopback import LoopbackServer
from local.model.behaviour import Behaviour
from local.model.wire import Refused, check_request, completion, model_list

_KEPT_REQUESTS = 1000
DRIP_SECONDS = 0.2


class ModelService:
    """The stand-in's state: its key, its behaviour, the last thousand requests, and how many calls
    got an answer that costs."""

    def __init__(self, behaviour: Behaviour, key: str):
        self.behaviour = behaviour
        self.key = key
        self.requests: deque[dict[str, Any]] = deque(maxlen=_KEPT_REQUESTS)
        self.completed = 0

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """POST /v1/chat/completions, and the same under Azure's path."""
        deployment = request.match_info.get("deployment")
        try:
            self._check_key(request, is_azure=deployment is not None)
            body = check_request(await _json_of(request, deployment), self.behaviour)
        except Refused as refused:
            return web.json_response(refused.body, status=refused.status)
        asked = {"path": request.path_qs, "body": body, "completed": False}
        self.requests.append(asked)
        behaviour = self.behaviour
        fault = behaviour.take_fault()
        if behaviour.delay_ms:
            await asyncio.sleep(behaviour.delay_ms / 1000)
        response = await self._respond(request, body, behaviour, fault)
        if response.status == 200 and fault not in ("drip", "garbage"):
            asked["completed"] = True
            self.completed += 1
        return response

    async def _respond(
        self, request: web.Request, body: dict[str, Any], behaviour: Behaviour, fault: str | None
    ) -> web.StreamResponse:
        if fault == "timeout":
            await asyncio.Event().wait()
        if fault == "drip":
            return await _drip(request)
        if fault == "drop" and request.transport is not None:
            request.transport.abort()
        if fault == "garbage":
            return web.Response(text="<html>bad gateway</html>", content_type="text/html")
        if fault in _ERRORS:
            status, message, kind, code = _ERRORS[fault]
            error = {"message": message, "type": kind, "param": None, "code": code}
            headers = {"Retry-After": str(behaviour.retry_after)} if status == 429 else None
            return web.json_response({"error": error}, status=status, headers=headers)
        return web.json_response(completion(body, behaviour, fault))

    async def list_models(self, request: web.Request) -> web.Response:
        try:
            self._check_key(request, is_azure=False)
        except Refused as refused:
            return web.json_response(refused.body, status=refused.status)
        return web.json_response(model_list())

    async def set_behaviour(self, request: web.Request) -> web.Response:
        try:
            self.behaviour = Behaviour.model_validate_json(await request.read())
        except ValidationError as error:
            problems = json.loads(error.json(include_url=False, include_input=False))
            return web.json_response({"error": "bad_behaviour", "problems": problems}, status=400)
        return await self.get_behaviour(request)

    async def get_behaviour(self, _request: web.Request) -> web.Response:
        return web.json_response(self.behaviour.model_dump())

    async def reset_behaviour(self, request: web.Request) -> web.Response:
        self.behaviour = Behaviour()
        return await self.get_behaviour(request)

    async def list_requests(self, _request: web.Request) -> web.Response:
        return web.json_response({"requests": list(self.requests), "completed": self.completed})

    async def forget_requests(self, _request: web.Request) -> web.Response:
        self.requests.clear()
        return web.json_response({"requests": []})

    async def health(self, _request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    def _check_key(self, request: web.Request, is_azure: bool) -> None:
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        given = request.headers.get("api-key", "") if is_azure else bearer
        if not given or (self.key and given != self.key):
            # The real message repeats part of the key; ours does not.
            raise Refused(
                401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"
            )
        if is_azure and not request.query.get("api-version"):
            raise Refused(404, "Resource not found", "invalid_request_error", "404")


_ERRORS: dict[str | None, tuple[int, str, str | None, str | int | None]] = {
    "429": (429, "Rate limit reached for requests.", "requests", "rate_limit_exceeded"),
    "quota": (
        429,
        "You exceeded your current quota, please check your plan and billing details.",
        "insufficient_quota",
        "insufficient_quota",
    ),
    "500": (500, "The server had an error while processing your request.", "server_error", None),
    "401": (401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key"),
    # Same error as OpenRouter: https://openrouter.ai/docs/api/reference/errors-and-debugging
    "credits": (402, "Insufficient credits.", None, 402),
    "flagged": (403, "The chosen model requires moderation and the input was flagged.", None, 403),
    "region": (
        403,
        "Country, region, or territory not supported",
        "request_forbidden",
        "unsupported_country_region_territory",
    ),
}


async def _drip(request: web.Request) -> web.StreamResponse:
    """Begin an answer and send a space every moment, until the caller has had enough: no limit
    between two bytes ever ends it."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    with suppress(ConnectionError):
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(DRIP_SECONDS)
    return response


async def _json_of(request: web.Request, deployment: str | None) -> object:
    try:
        body = await request.json()
    except ValueError:
        return None
    # Azure has the model in the path.
    return {**body, "model": deployment} if deployment and isinstance(body, dict) else body


def make_app(behaviour: Behaviour | None = None, key: str = "") -> web.Application:
    """The application; an empty ``key`` accepts any."""
    service = ModelService(behaviour or Behaviour(), key)
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app[SERVICE] = service
    app.add_routes(
        [
            web.post("/v1/chat/completions", service.answer),
            web.post("/openai/deployments/{deployment}/chat/completions", service.answer),
            web.get("/v1/models", service.list_models),
            web.put("/standin/behaviour", service.set_behaviour),
            web.get("/standin/behaviour", service.get_behaviour),
            web.delete("/standin/behaviour", service.reset_behaviour),
            web.get("/standin/requests", service.list_requests),
            web.delete("/standin/requests", service.forget_requests),
            web.get("/healthz", service.health),
        ]
    )
    return app


SERVICE = web.AppKey("service", ModelService)


class ModelStandIn(LoopbackServer):
    """The stand-in on a free port, in a thread with its own loop, for tests.

    ``url`` is the base URL for the ``openai`` client, ``origin`` the same without "/v1" (Azure's
    endpoint). Use it as a context manager.
    """

    def __init__(self, port: int = 0, key: str = "", delay_ms: int = 0):
        super().__init__(make_app(Behaviour(delay_ms=delay_ms), key), "model-stand-in", port)

    @property
    def url(self) -> str:
        return f"{self.origin}/v1"

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The last valid requests: path and body."""
        return list(self._app[SERVICE].requests)

    def behave(self, **fields: Any) -> None:
        """Switch the behaviour; fields left out go back to their defaults."""
        self._app[SERVICE].behaviour = Behaviour(**fields)

    def reset(self) -> None:
        self.behave()
        self._app[SERVICE].requests.clear()
