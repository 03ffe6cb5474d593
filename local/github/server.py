"""The stand-in's HTTP server: every request and every answer is checked against the description."""

import asyncio
import html
import json
import time
from typing import Any

from aiohttp import web

from local.github.answering import OPERATIONS, Answer, Asked, Refused, create_token
from local.github.app_keys import check_app_token
from local.github.description import Json, Operation, load_description
from local.github.faults import Fault, parse_fault
from local.github.filling import fill
from local.github.repositories import Hub, Repository, Token
from local.loopback import LoopbackServer


class GitHubService:
    """The state: what GitHub knows, the faults in force, the requests so far, and what was wrong
    about them. ``violations`` are requests that the description does not allow."""

    def __init__(self, hub: Hub):
        self.hub = hub
        self.faults: list[Fault] = []
        self.requests: list[Json] = []
        self.violations: list[str] = []
        self.description = load_description()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        found = self.description.find(request.method, request.path)
        if found is None:
            self.violations.append(f"{request.method} {request.path} is not described")
            return _json(404, {"message": "Not Found"})
        operation, named = found
        self.requests.append({"operation": operation.id, "path": request.path_qs})
        fault = next((each for each in self.faults if each.takes(operation.id)), None)
        if fault and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault and fault.kind == "drop":
            return _cut(request)
        elif fault and fault.kind == "garbage":
            return web.Response(text="<html>unicorn</html>", content_type="text/html")
        elif fault and fault.kind != "lost":
            status, body, headers = fault.answer()
            return _json(status, body, headers)
        told: dict[str, str] = {}
        try:
            status, name, given = await self._work(request, operation, named, told)
            body = self._filled(name, given, request)
        except Refused as refused:
            status, body, told = refused.status, refused.body, refused.headers
        if fault and fault.kind == "lost":
            return _cut(request)
        return self._checked(operation, status, body, told)

    async def _work(
        self,
        request: web.Request,
        operation: Operation,
        named: dict[str, str],
        told: dict[str, str],
    ) -> Answer:
        """``told`` gets the headers of a success."""
        body = await _body_of(request)
        reason = operation.check_request(request.query, body)
        if reason:
            self.violations.append(f"{operation.id}: {reason}")
            raise Refused(422, f"Invalid request. {reason}")
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        site = f"http://{request.host}"
        if operation.id == "apps/create-installation-access-token":
            if not check_app_token(bearer, self.hub):
                raise Refused(401, "A JSON web token could not be decoded")
            return create_token(self.hub, int(named["installation_id"]), body or {}, site)
        token = self._token(bearer)
        told.update(token.headers())
        work, permission, level = OPERATIONS[operation.id]
        repository = self._repository(token, named, request)
        _need(token, repository, permission, level)
        return work(Asked(self.hub, token, repository, named, request.query, body or {}, site))

    def _token(self, bearer: str) -> Token:
        token = self.hub.tokens.get(bearer)
        if token is None or token.is_over():
            raise Refused(401, "Bad credentials")
        return token

    def _repository(self, token: Token, named: Json, request: web.Request) -> Repository:
        full_name = f"{named['owner']}/{named['repo']}"
        moved = self.hub.renamed.get(full_name.lower())
        if moved:
            rest = request.path.removeprefix(f"/repos/{full_name}")
            url = f"http://{request.host}/repos/{moved}{rest}"
            raise Refused(301, "Moved Permanently", headers={"Location": url}, url=url)
        found = self.hub.find(full_name)
        if found is None or (found.is_private and not token.reaches(found)):
            raise Refused(404, "Not Found")
        return found

    def _filled(self, name: str, given: Any, request: web.Request) -> Any:
        base = f"http://{request.host}/"
        if name.startswith("["):
            return [fill(self.description, name.strip("[]"), each, base) for each in given]
        return fill(self.description, name, given, base)

    def _checked(
        self, operation: Operation, status: int, body: Any, headers: dict[str, str]
    ) -> web.Response:
        reason = operation.check_answer(status, body)
        if reason:
            self.violations.append(f"the answer {status} to {operation.id}: {reason}")
            return _json(500, {"message": f"The stand-in's own answer is invalid: {reason}"})
        return _json(status, body, headers)

    async def put_faults(self, request: web.Request) -> web.Response:
        try:
            given = await request.json()
            self.faults = [parse_fault(each) for each in given["faults"]]
        except (ValueError, KeyError, TypeError) as error:
            return _json(400, {"message": f"Send {{faults: […]}}: {error}"})
        return _json(200, {"faults": len(self.faults)})

    async def show_pull(self, request: web.Request) -> web.Response:
        """A pull request as a page, for people who try the product out."""
        named = request.match_info
        found = self.hub.find(f"{named['owner']}/{named['repo']}")
        number = int(named["number"])
        pull = (
            next((each for each in found.pulls if each.number == number), None) if found else None
        )
        if found is None or pull is None:
            return _json(404, {"message": "Not Found"})
        before = found.objects.files(pull.base_sha)
        changed = [
            f"<h2>{html.escape(path)}</h2><pre>{html.escape(text.decode('utf-8', 'replace'))}</pre>"
            for path, text in sorted(found.objects.files(pull.head_sha).items())
            if before.get(path) != text
        ]
        page = (
            f"<!doctype html><title>{html.escape(pull.title)}</title>"
            f"<h1>{html.escape(pull.title)}</h1><p>{html.escape(found.full_name)}: "
            f"{html.escape(pull.head)} into {html.escape(pull.base)}, {pull.state}</p>"
            f"<pre>{html.escape(pull.body)}</pre>{''.join(changed)}"
        )
        return web.Response(text=page, content_type="text/html")

    async def health(self, _request: web.Request) -> web.Response:
        return _json(200, {"status": "ok"})


def _need(token: Token, repository: Repository, permission: str, level: str) -> None:
    if token.may(permission, level) and (
        level == "read" or (token.reaches(repository) and token.is_writer)
    ):
        if level == "write" and repository.is_archived:
            raise Refused(403, "Repository was archived so is read-only.")
        return
    kind = "integration" if token.is_of_app else "personal access token"
    headers = {"x-accepted-github-permissions": f"{permission}={level}"}
    raise Refused(403, f"Resource not accessible by {kind}", headers=headers)


async def _body_of(request: web.Request) -> Any:
    raw = await request.read()
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        raise Refused(400, "Problems parsing JSON") from None


def _json(status: int, body: Any, headers: dict[str, str] | None = None) -> web.Response:
    limits = {"x-ratelimit-remaining": "4999", "x-ratelimit-reset": str(int(time.time()) + 3600)}
    return web.json_response(body, status=status, headers={**limits, **(headers or {})})


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def make_app(hub: Hub) -> web.Application:
    service = GitHubService(hub)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app[SERVICE] = service
    app.add_routes(
        [
            web.get("/healthz", service.health),
            web.put("/standin/faults", service.put_faults),
            web.get(r"/{owner}/{repo}/pull/{number:\d+}", service.show_pull),
            web.route("*", "/{path:.*}", service.answer),
        ]
    )
    return app


SERVICE = web.AppKey("service", GitHubService)


class GitHubStandIn(LoopbackServer):
    """The stand-in on a free port, in a thread with its own loop, for tests. A context manager."""

    def __init__(self, hub: Hub, port: int = 0):
        super().__init__(make_app(hub), "github-stand-in", port)

    @property
    def url(self) -> str:
        return self.origin

    @property
    def service(self) -> GitHubService:
        return self._app[SERVICE]

    @property
    def hub(self) -> Hub:
        return self.service.hub

    def fail(self, *faults: Fault) -> None:
        """Replace all faults by these."""
        self.service.faults = list(faults)

    def reset(self, hub: Hub) -> None:
        """Begin anew with another hub."""
        self.service.hub = hub
        for kept in (self.service.faults, self.service.requests, self.service.violations):
            kept.clear()
