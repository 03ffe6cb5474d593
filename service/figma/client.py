"""The part of Figma's REST API that the buddy uses, one method per operation."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

import httpx

from service.figma.calls import Caller, Endpoint, Observer, fill_path, open_http, token_headers
from service.figma.errors import FigmaError
from service.figma.records import (
    Comment,
    Context,
    FigmaToken,
    FileMeta,
    Json,
    NodeResult,
    Person,
    Webhook,
    read_id,
    read_object,
    read_objects,
)
from service.settings import Settings

# Figma publishes no longest message; this is ours.
MAX_MESSAGE_CHARS = 4_000
# https://developers.figma.com/docs/rest-api/webhooks-endpoints/
MAX_ENDPOINT_CHARS = 2_048
MAX_PASSCODE_CHARS = 100
MAX_DESCRIPTION_CHARS = 140

# Tiers: https://developers.figma.com/docs/rest-api/rate-limits/
ME = Endpoint("me", "GET", "/v1/me", 3, "see whose account this is", "current_user:read")
FILE_META = Endpoint(
    "file_meta", "GET", "/v1/files/{key}/meta", 3, "look at the file", "file_metadata:read"
)
FILE_NODES = Endpoint(
    "file_nodes", "GET", "/v1/files/{key}/nodes", 1, "read the design", "file_content:read"
)
COMMENTS = Endpoint(
    "comments", "GET", "/v1/files/{key}/comments", 2, "read the comments", "file_comments:read"
)
POST_COMMENT = Endpoint(
    "post_comment", "POST", "/v1/files/{key}/comments", 2, "post the reply", "file_comments:write"
)
POST_REACTION = Endpoint(
    "post_reaction",
    "POST",
    "/v1/files/{key}/comments/{comment_id}/reactions",
    2,
    "react to the comment",
    "file_comments:write",
)
CREATE_WEBHOOK = Endpoint(
    "create_webhook", "POST", "/v2/webhooks", 2, "switch itself on there", "webhooks:write"
)
WEBHOOKS = Endpoint(
    "webhooks", "GET", "/v2/webhooks", 2, "see where it is switched on", "webhooks:read"
)
UPDATE_WEBHOOK = Endpoint(
    "update_webhook", "PUT", "/v2/webhooks/{webhook_id}", 2, "change the webhook", "webhooks:write"
)
DELETE_WEBHOOK = Endpoint(
    "delete_webhook",
    "DELETE",
    "/v2/webhooks/{webhook_id}",
    2,
    "switch itself off there",
    "webhooks:write",
)

Answer = TypeVar("Answer")


class FigmaClient:
    """Synchronous and safe to share between threads. Every method raises ``FigmaError``.

    ``timeout`` is in seconds for the whole call; left out, ``figma_timeout_seconds`` holds.
    An ``http`` that is passed in stays the caller's to close.
    """

    def __init__(
        self,
        settings: Settings,
        http: httpx.Client | None = None,
        *,
        observer: Observer | None = None,
    ):
        self.settings = settings
        self.caller = Caller(http or open_http(), settings.figma_timeout_seconds, observer)
        self._owns_http = http is None

    def close(self) -> None:
        if self._owns_http:
            self.caller.http.close()

    def me(self, token: FigmaToken, *, timeout: float | None = None) -> Person:
        return self._call(ME, token, Person.from_json, timeout=timeout)

    def file_meta(self, token: FigmaToken, key: str, *, timeout: float | None = None) -> FileMeta:
        """The cheapest way to learn whether a token sees a file, and with which role."""
        return self._call(FILE_META, token, FileMeta.from_json, {"key": key}, timeout=timeout)

    def file_nodes(
        self,
        token: FigmaToken,
        key: str,
        ids: Iterable[str],
        depth: int,
        *,
        timeout: float | None = None,
    ) -> dict[str, NodeResult | None]:
        """Nodes by id ("1:2"; "1-2" is read so too), ``depth`` levels below each; None: unknown."""
        wanted = [node_id.replace("-", ":") for node_id in ids]
        if not wanted or any(not node_id or "," in node_id for node_id in wanted):
            raise FigmaError("bad_request", FILE_NODES.action)

        def read(body: Json) -> dict[str, NodeResult | None]:
            nodes = read_object(body, "nodes")
            if "nodes" not in body:
                raise ValueError("there are no nodes")
            return {each: NodeResult.from_json(body, read_object(nodes, each)) for each in wanted}

        params = {"ids": ",".join(wanted), "depth": max(1, depth)}
        return self._call(FILE_NODES, token, read, {"key": key}, timeout=timeout, params=params)

    def comments(
        self, token: FigmaToken, key: str, *, timeout: float | None = None
    ) -> list[Comment]:
        """All comments of a file, in Figma's order; it offers no page and no single one."""

        def read(body: Json) -> list[Comment]:
            return _read_list(Comment.from_json, body, "comments")

        return self._call(COMMENTS, token, read, {"key": key}, timeout=timeout)

    def post_comment(
        self,
        token: FigmaToken,
        key: str,
        message: str,
        root_comment_id: str | None = None,
        *,
        timeout: float | None = None,
    ) -> Comment:
        """Post a comment, or a reply to the first comment of a thread (Figma takes no other)."""
        if not message.strip() or len(message) > MAX_MESSAGE_CHARS:
            raise FigmaError(
                "bad_request",
                POST_COMMENT.action,
                message=f"A comment has between 1 and {MAX_MESSAGE_CHARS} characters, this one has "
                f"{len(message.strip()) and len(message)}. Shorten it and try again.",
            )
        body = {"message": message}
        if root_comment_id:
            body["comment_id"] = root_comment_id
        return self._call(
            POST_COMMENT, token, Comment.from_json, {"key": key}, timeout=timeout, json=body
        )

    def post_reaction(
        self,
        token: FigmaToken,
        key: str,
        comment_id: str,
        emoji: str = ":eyes:",
        *,
        timeout: float | None = None,
    ) -> None:
        self._call(
            POST_REACTION,
            token,
            _ignore,
            {"key": key, "comment_id": comment_id},
            timeout=timeout,
            json={"emoji": emoji},
        )

    def create_webhook(
        self,
        token: FigmaToken,
        *,
        context: Context,
        context_id: str,
        endpoint: str,
        passcode: str,
        description: str = "",
        status: Literal["ACTIVE", "PAUSED"] = "ACTIVE",
        timeout: float | None = None,
    ) -> Webhook:
        """Subscribe to the comments of a team, project or file. An ACTIVE one is PINGed at once."""
        _check_webhook(CREATE_WEBHOOK, endpoint, passcode)
        body = {
            "event_type": "FILE_COMMENT",
            "context": context,
            "context_id": context_id,
            "endpoint": endpoint,
            "passcode": passcode,
            "status": status,
            "description": description[:MAX_DESCRIPTION_CHARS],
        }
        return self._call(CREATE_WEBHOOK, token, Webhook.from_json, timeout=timeout, json=body)

    def webhooks(
        self,
        token: FigmaToken,
        context: Context,
        context_id: str,
        *,
        timeout: float | None = None,
    ) -> list[Webhook]:
        """The webhooks of one team, project or file that this account can see, anyone's."""

        def read(body: Json) -> list[Webhook]:
            return _read_list(Webhook.from_json, body, "webhooks")

        params = {"context": context, "context_id": context_id}
        return self._call(WEBHOOKS, token, read, timeout=timeout, params=params)

    def update_webhook(
        self,
        token: FigmaToken,
        webhook_id: str,
        *,
        status: Literal["ACTIVE", "PAUSED"] | None = None,
        endpoint: str | None = None,
        passcode: str | None = None,
        timeout: float | None = None,
    ) -> Webhook:
        """Change only what is given."""
        _check_webhook(UPDATE_WEBHOOK, endpoint, passcode)
        given = {"status": status, "endpoint": endpoint, "passcode": passcode}
        return self._call(
            UPDATE_WEBHOOK,
            token,
            Webhook.from_json,
            {"webhook_id": webhook_id},
            timeout=timeout,
            json={name: value for name, value in given.items() if value is not None},
        )

    def delete_webhook(
        self, token: FigmaToken, webhook_id: str, *, timeout: float | None = None
    ) -> None:
        """Delete it for good. One that is gone already raises ``not_found``."""
        self._call(DELETE_WEBHOOK, token, _ignore, {"webhook_id": webhook_id}, timeout=timeout)

    def _call(
        self,
        endpoint: Endpoint,
        token: FigmaToken,
        parse: Callable[[Json], Answer],
        ids: dict[str, str] | None = None,
        *,
        timeout: float | None,
        **content: Any,
    ) -> Answer:
        url = self.settings.figma_api_url + fill_path(endpoint, **(ids or {}))
        headers = token_headers(token, endpoint.action)
        return self.caller.call(endpoint, url, parse, headers=headers, timeout=timeout, **content)


def _ignore(_body: Json) -> None:
    """For answers that say nothing the buddy needs."""


def _read_list(read: Callable[[Json], Answer], body: Json, key: str) -> list[Answer]:
    """Every record that can be read; one broken entry does not cost the others."""
    if not isinstance(body.get(key), list):
        raise ValueError(f"there is no list of {key}")
    return [read(each) for each in read_objects(body, key) if read_id(each, "id")]


def _check_webhook(endpoint: Endpoint, address: str | None, passcode: str | None) -> None:
    if len(address or "") > MAX_ENDPOINT_CHARS:
        problem = f"A webhook's address has at most {MAX_ENDPOINT_CHARS} characters."
    elif len(passcode or "") > MAX_PASSCODE_CHARS:
        problem = f"A webhook's passcode has at most {MAX_PASSCODE_CHARS} characters."
    else:
        return
    raise FigmaError("bad_request", endpoint.action, message=problem)
