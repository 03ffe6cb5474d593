"""Web's requests to Figma, one method per operation: the account, the file, and webhooks."""

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from service.config import Settings
from service.figma.caller import Caller, open_http
from service.figma.calls import Endpoint, Observer, fill_path, token_headers
from service.figma.errors import FigmaError
from service.figma.records import (
    Context,
    FigmaToken,
    FileMeta,
    Json,
    Person,
    Webhook,
    read_list,
)

# https://developers.figma.com/docs/rest-api/webhooks-endpoints/
MAX_ENDPOINT_CHARS = 2_048
MAX_PASSCODE_CHARS = 100
MAX_DESCRIPTION_CHARS = 140

# Tiers: https://developers.figma.com/docs/rest-api/rate-limits/
ME = Endpoint("me", "GET", "/v1/me", 3, "see whose account this is", "current_user:read")
FILE_META = Endpoint(
    "file_meta", "GET", "/v1/files/{key}/meta", 3, "look at the file", "file_metadata:read"
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

    ``timeout`` is in seconds for the whole call. Without it, ``figma_timeout_seconds`` applies.
    """

    def __init__(self, settings: Settings, *, observer: Observer | None = None):
        self.settings = settings
        self.caller = Caller(open_http(), settings.figma_timeout_seconds, observer)

    def close(self) -> None:
        self.caller.http.close()

    def me(self, token: FigmaToken, *, timeout: float | None = None) -> Person:
        return self._call(ME, token, Person.from_json, timeout=timeout)

    def file_meta(self, token: FigmaToken, key: str, *, timeout: float | None = None) -> FileMeta:
        """The cheapest check whether a token can see a file, and with which role."""
        return self._call(FILE_META, token, FileMeta.from_json, {"key": key}, timeout=timeout)

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
        """Subscribe to the comments of a team, project or file. An ACTIVE one gets a PING at
        once."""
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
        """The webhooks of one team, project or file that this account can see, also others'."""

        def read(body: Json) -> list[Webhook]:
            return read_list(Webhook.from_json, body, "webhooks")

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
        """Delete it for good. Raises ``not_found`` if it is already gone."""
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
    """For responses without anything that the buddy needs."""


def _check_webhook(endpoint: Endpoint, address: str | None, passcode: str | None) -> None:
    if len(address or "") > MAX_ENDPOINT_CHARS:
        problem = f"A webhook's address has at most {MAX_ENDPOINT_CHARS} characters."
    elif len(passcode or "") > MAX_PASSCODE_CHARS:
        problem = f"A webhook's passcode has at most {MAX_PASSCODE_CHARS} characters."
    else:
        return
    raise FigmaError("bad_request", endpoint.action, message=problem)
