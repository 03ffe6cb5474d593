"""The worker's requests to Figma for each answer: the thread, the design and the reply."""

from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar

from service.config import Settings
from service.config_checks import is_figma
from service.figma.async_caller import AsyncCaller
from service.figma.calls import Endpoint, Observer, fill_path, token_headers
from service.figma.errors import FigmaError
from service.figma.pictures import Picture, fetch_file, fetch_picture
from service.figma.records import (
    Comment,
    FigmaToken,
    Json,
    NodeResult,
    SentEvent,
    WholeNode,
    read_list,
    read_object,
    read_objects,
    read_text,
)

# Figma publishes no maximum length; this one is ours.
MAX_MESSAGE_CHARS = 4_000

# Tiers: https://developers.figma.com/docs/rest-api/rate-limits/
FILE_NODES = Endpoint(
    "file_nodes", "GET", "/v1/files/{key}/nodes", 1, "read the design", "file_content:read"
)
FILE_IMAGES = Endpoint(
    "file_images", "GET", "/v1/images/{key}", 1, "see the frame", "file_content:read"
)
FILE_EXPORTS = Endpoint(
    "file_exports", "GET", "/v1/images/{key}", 1, "export the layers", "file_content:read"
)
FILE_FILLS = Endpoint(
    "file_fills", "GET", "/v1/files/{key}/images", 2, "find the images", "file_content:read"
)
COMMENTS = Endpoint(
    "comments", "GET", "/v1/files/{key}/comments", 2, "read the comments", "file_comments:read"
)
POST_COMMENT = Endpoint(
    "post_comment", "POST", "/v1/files/{key}/comments", 2, "post the reply", "file_comments:write"
)
WEBHOOK_REQUESTS = Endpoint(
    "webhook_requests",
    "GET",
    "/v2/webhooks/{webhook_id}/requests",
    2,
    "see what was sent for the webhook",
    "webhooks:read",
)

Answer = TypeVar("Answer")


class AsyncFigmaClient:
    """For one event loop. Every method raises ``FigmaError``.

    ``timeout`` is in seconds for the whole call. Without it, ``figma_timeout_seconds`` applies.
    """

    def __init__(self, settings: Settings, *, observer: Observer | None = None):
        self.settings = settings
        self.caller = AsyncCaller(settings.figma_timeout_seconds, observer)

    async def close(self) -> None:
        await self.caller.close()

    async def file_nodes(
        self,
        token: FigmaToken,
        key: str,
        ids: Iterable[str],
        depth: int,
        *,
        timeout: float | None = None,
    ) -> dict[str, NodeResult | None]:
        """Nodes by id ("1:2"; "1-2" works too), with ``depth`` levels below each. None: unknown."""
        wanted = [node_id.replace("-", ":") for node_id in ids]
        if not wanted or any(not node_id or "," in node_id for node_id in wanted):
            raise FigmaError("bad_request", FILE_NODES.action)

        def read(body: Json) -> dict[str, NodeResult | None]:
            nodes = read_object(body, "nodes")
            if "nodes" not in body:
                raise ValueError("there are no nodes")
            return {each: NodeResult.from_json(body, read_object(nodes, each)) for each in wanted}

        params = {"ids": ",".join(wanted), "depth": max(1, depth)}
        return await self._call(
            FILE_NODES, token, read, {"key": key}, timeout=timeout, params=params
        )

    async def file_images(
        self,
        token: FigmaToken,
        key: str,
        node_id: str,
        scale: float,
        *,
        timeout: float | None = None,
    ) -> str | None:
        """The address of a node's picture as PNG. ``scale`` is from 0.01 to 4. None: Figma cannot
        draw it, for example because nothing of it is visible."""

        def read(body: Json) -> str | None:
            if body.get("err"):
                raise ValueError("it was not drawn")
            if "images" not in body:
                raise ValueError("there are no images")
            return read_text(read_object(body, "images"), node_id)

        params = {"ids": node_id, "scale": f"{scale:.3f}", "format": "png"}
        return await self._call(
            FILE_IMAGES, token, read, {"key": key}, timeout=timeout, params=params
        )

    async def whole_node(
        self, token: FigmaToken, key: str, node_id: str, *, timeout: float | None = None
    ) -> WholeNode | None:
        """One node with everything below it, as Figma gives it. None: there is no such node."""
        wanted = node_id.replace("-", ":")
        if not wanted or "," in wanted:
            raise FigmaError("bad_request", FILE_NODES.action)

        def read(body: Json) -> WholeNode | None:
            if "nodes" not in body:
                raise ValueError("there are no nodes")
            return WholeNode.from_json(body, read_object(read_object(body, "nodes"), wanted))

        params = {"ids": wanted, "geometry": "paths"}
        return await self._call(
            FILE_NODES, token, read, {"key": key}, timeout=timeout, params=params
        )

    async def file_exports(
        self,
        token: FigmaToken,
        key: str,
        ids: Iterable[str],
        form: Literal["png", "svg"],
        scale: float = 1,
        *,
        timeout: float | None = None,
    ) -> dict[str, str]:
        """The addresses of exported nodes by id. What Figma cannot draw is left out."""

        def read(body: Json) -> dict[str, str]:
            if body.get("err"):
                raise ValueError("nothing was drawn")
            images = read_object(body, "images")
            return {each: url for each in images if (url := read_text(images, each))}

        params = {"ids": ",".join(ids), "scale": f"{scale:.3f}", "format": form}
        return await self._call(
            FILE_EXPORTS, token, read, {"key": key}, timeout=timeout, params=params
        )

    async def file_fills(
        self, token: FigmaToken, key: str, *, timeout: float | None = None
    ) -> dict[str, str]:
        """The addresses of all images that fill something in the file, by their ``imageRef``."""

        def read(body: Json) -> dict[str, str]:
            images = read_object(read_object(body, "meta"), "images")
            return {each: url for each in images if (url := read_text(images, each))}

        return await self._call(FILE_FILLS, token, read, {"key": key}, timeout=timeout)

    async def fetch_file(self, url: str, *, most_bytes: int, timeout: float) -> bytes:
        """The bytes at an address that Figma gave."""
        return await fetch_file(
            self.caller.session,
            url,
            is_local=not is_figma(self.settings.figma_api_url),
            most_bytes=most_bytes,
            timeout=timeout,
            observer=self.caller.observer,
        )

    async def fetch_picture(self, url: str, *, timeout: float) -> Picture:
        """The picture at an address of ``file_images``."""
        return await fetch_picture(
            self.caller.session,
            url,
            is_local=not is_figma(self.settings.figma_api_url),
            timeout=timeout,
            observer=self.caller.observer,
        )

    async def comments(
        self, token: FigmaToken, key: str, *, timeout: float | None = None
    ) -> list[Comment]:
        """All comments of a file, in Figma's order. It offers neither pages nor single comments."""

        def read(body: Json) -> list[Comment]:
            return read_list(Comment.from_json, body, "comments")

        return await self._call(COMMENTS, token, read, {"key": key}, timeout=timeout)

    async def post_comment(
        self,
        token: FigmaToken,
        key: str,
        message: str,
        root_comment_id: str | None = None,
        *,
        timeout: float | None = None,
    ) -> Comment:
        """Post a comment, or a reply to the first comment of a thread (Figma allows no others)."""
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
        return await self._call(
            POST_COMMENT, token, Comment.from_json, {"key": key}, timeout=timeout, json=body
        )

    async def webhook_requests(
        self, token: FigmaToken, webhook_id: str, *, timeout: float | None = None
    ) -> list[SentEvent]:
        """The events that Figma sent for a webhook in the last seven days, delivered or not."""

        def read(body: Json) -> list[SentEvent]:
            if not isinstance(body.get("requests"), list):
                raise ValueError("there is no list of requests")
            return [SentEvent.from_json(each) for each in read_objects(body, "requests")]

        ids = {"webhook_id": webhook_id}
        return await self._call(WEBHOOK_REQUESTS, token, read, ids, timeout=timeout)

    async def _call(
        self,
        endpoint: Endpoint,
        token: FigmaToken,
        parse: Callable[[Json], Answer],
        ids: dict[str, str],
        *,
        timeout: float | None,
        **content: Any,
    ) -> Answer:
        url = self.settings.figma_api_url + fill_path(endpoint, **ids)
        headers = token_headers(token, endpoint.action)
        return await self.caller.call(
            endpoint, url, parse, headers=headers, timeout=timeout, **content
        )
