"""The providers of the model chain, built from the settings, and one chat completion with each.

It uses Chat Completions, not Responses, because OpenAI, Azure and all compatible endpoints support
it. https://platform.openai.com/docs/api-reference/chat/create
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from service.config import Settings
from service.llm.answers import STANDARD_TIER
from service.llm.breaker import Breaker
from service.llm.json_answers import JsonForm
from service.llm.prompt_pictures import (
    PromptPicture,
    is_about_pictures,
    is_about_this_picture,
    with_picture,
)

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI

MAX_CONNECTIONS = 2000
_COMPLETIONS = "/chat/completions"
_CONNECT_SECONDS = 5.0
_TOKEN_LIMITS = ("max_completion_tokens", "max_tokens")
_FORMAT = "response_format"
# How an endpoint says that it does not know a parameter, or not this kind of it.
_UNKNOWN = re.compile(
    r"unknown|unrecogni[sz]ed|unsupported|(?:not|n't) support|not permitted|not allowed|unavailable"
    r"|not available|enabled only|only enabled|unexpected|must be|should be|extra (?:input|field)",
    re.IGNORECASE,
)
# "Invalid schema for response_format": the parameter is known, and this schema is not taken.
_OF_SCHEMA = re.compile(r"\b(?:response_?)?schema\b(?! is not supported)", re.IGNORECASE)
_SCHEMA_WORDS = re.compile(r"response_?format|schema", re.IGNORECASE)
_REASONING_MODEL = re.compile(r"^(gpt-([5-9]|\d\d)(?!.*chat)|o\d)")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Completion:
    """A chat completion as plain JSON types. ``had_schema`` and ``had_picture``: it was made with
    them."""

    raw: Mapping[str, Any]
    had_schema: bool = False
    had_picture: bool = False


@dataclass
class Provider:
    """One entry of the chain, with the state it keeps between calls.

    ``token_limit`` is this endpoint's name for the output limit, and ``extras`` are the optional
    parameters it accepts. Both are corrected when the endpoint refuses one by name, and
    ``takes_schemas`` and ``takes_pictures`` when it refuses every schema or picture.
    ``service_tier`` is the tier that served the last answer.
    """

    name: str
    model: str
    price_provider: str
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    azure_api_version: str | None = None
    token_limit: str = "max_completion_tokens"
    extras: dict[str, Any] = field(default_factory=dict)
    breaker: Breaker = field(default_factory=Breaker)
    service_tier: str = STANDARD_TIER
    takes_schemas: bool = True
    takes_pictures: bool = False
    _renamed: bool = False
    _client: "AsyncOpenAI | None" = field(default=None, repr=False)
    _completions_url: str = _COMPLETIONS

    @property
    def id(self) -> str:
        return f"{self.name}/{self.model}"

    @property
    def price_url(self) -> str:
        return self.base_url if self.azure_api_version is None else ""

    def open(self) -> "AsyncOpenAI":
        """The shared client of this provider, created at first use in the running event loop."""
        if self._client is None:
            self._client = _make_client(self)
            if self.azure_api_version is None:
                # The full address: otherwise the client would build it for every call. Azure's
                # client builds the address itself, from the deployment.
                self._completions_url = str(self._client.base_url) + _COMPLETIONS.lstrip("/")
        return self._client

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    async def complete(
        self,
        messages: tuple[dict[str, str], ...],
        max_output_tokens: int,
        seconds: float,
        form: JsonForm | None = None,
        picture: PromptPicture | None = None,
    ) -> Completion:
        """One chat completion. Raises the errors of ``openai``, or TimeoutError.

        ``seconds`` limits the whole call, however slowly the bytes arrive. The schema of ``form``
        and the picture are sent to endpoints that take them.
        """
        client = self.open()
        is_refused = False
        picture = picture if self.takes_pictures else None
        async with asyncio.timeout(seconds):
            while True:
                body = {
                    "model": self.model,
                    "messages": with_picture(messages, picture),
                    self.token_limit: max_output_tokens,
                    **self.extras,
                }
                has_schema = form is not None and self.takes_schemas and not is_refused
                if form is not None and has_schema:
                    body[_FORMAT] = form.response_format
                try:
                    # As plain data: building the typed model costs as much CPU as the call itself.
                    answer = await client.post(self._completions_url, cast_to=object, body=body)
                except _status_error() as error:
                    if picture and self.refuses_picture(error):
                        picture = None
                        continue
                    if error.status_code != 400:
                        raise
                    if has_schema and self.refuses_schema(error.param, error.message):
                        is_refused = True
                    elif not self.adapt(error.param, error.message, {*body} - {_FORMAT}):
                        raise
                    continue
                if not isinstance(answer, dict):
                    raise ValueError("the answer is not a JSON object")
                return Completion(answer, has_schema, picture is not None)

    def refuses_schema(self, param: str | None, message: str) -> bool:
        """Whether the schema is why a call was refused. The call is then repeated without it.

        If the endpoint does not know the parameter, no schema is sent to it any more. An invalid
        schema is a fault of that schema alone.
        """
        if not _SCHEMA_WORDS.search(f"{param or ''} {message}"):
            return False
        is_unknown = bool(_UNKNOWN.search(message)) and not _OF_SCHEMA.search(message)
        if is_unknown and ".schema" not in (param or ""):
            self.takes_schemas = False
        log.warning(
            "model_schema_refused",
            provider=self.name,
            model=self.model,
            for_good=not self.takes_schemas,
        )
        return True

    def refuses_picture(self, error: "APIStatusError") -> bool:
        """Whether the picture is why a call was refused. The call is then repeated without it.

        If the endpoint takes none, no picture is sent to it any more. One that it cannot read is a
        fault of that picture alone.
        """
        if not is_about_pictures(error.status_code, error.message):
            return False
        if not is_about_this_picture(error.message, error.code or ""):
            self.takes_pictures = False
        log.warning(
            "model_picture_refused",
            provider=self.name,
            model=self.model,
            status=error.status_code,
            for_good=not self.takes_pictures,
        )
        return True

    def adapt(self, param: str | None, message: str, sent: set[str]) -> bool:
        """Drop or rename a parameter that the endpoint refused by name. False if none was.

        Also True if a concurrent call has corrected it since this one was sent.
        """
        for each in sent - {"model", "messages"}:
            if each != param and not re.search(rf"\b{each}\b", message):
                continue
            if each not in _TOKEN_LIMITS:
                self.extras = {key: value for key, value in self.extras.items() if key != each}
                return True
            if each == self.token_limit:
                # Each name is tried once: an endpoint that refuses both gets no third try.
                if self._renamed:
                    return False
                self.token_limit = next(name for name in _TOKEN_LIMITS if name != each)
                self._renamed = True
            return True
        return False


def providers_from(settings: Settings) -> list[Provider]:
    """The chain in the order of ``settings.model_chain``; entries without a key are left out."""
    makers = {"openai": _openai, "azure": _azure, "endpoints": _endpoints}
    return [provider for kind in settings.model_chain for provider in makers[kind](settings)]


def _openai(settings: Settings) -> list[Provider]:
    if settings.openai_api_key is None:
        return []
    key, model = settings.openai_api_key.get_secret_value(), settings.openai_model
    return [
        Provider(
            "openai",
            model,
            "openai",
            settings.openai_base_url,
            key,
            extras=_extras(model),
            takes_pictures=settings.openai_pictures,
        )
    ]


def _azure(settings: Settings) -> list[Provider]:
    if settings.azure_openai_api_key is None or not settings.azure_openai_endpoint:
        return []
    return [
        Provider(
            "azure",
            settings.azure_openai_deployment,
            "azure",
            settings.azure_openai_endpoint,
            settings.azure_openai_api_key.get_secret_value(),
            azure_api_version=settings.azure_openai_api_version,
            extras=_extras(settings.azure_openai_deployment),
            takes_pictures=settings.azure_openai_pictures,
        )
    ]


def _endpoints(settings: Settings) -> list[Provider]:
    # Older compatible servers know only max_tokens. If one refuses it, the other name is tried.
    return [
        Provider(
            each.name,
            each.model,
            each.price_provider or each.name,
            each.base_url,
            each.api_key.get_secret_value(),
            token_limit="max_tokens",
            takes_pictures=each.pictures,
        )
        for each in settings.model_endpoints
    ]


def _extras(model: str) -> dict[str, Any]:
    """A short answer needs little reasoning, and reasoning counts against the output limit."""
    return {"reasoning_effort": "low"} if _REASONING_MODEL.match(model) else {}


def _status_error() -> Any:
    from openai import APIStatusError

    return APIStatusError


def _make_client(provider: Provider) -> "AsyncOpenAI":
    import httpx2
    import openai

    # At DEBUG the client logs whole prompts, at INFO each call. Our own log line is enough.
    for name in ("openai", "httpx2"):
        logging.getLogger(name).setLevel(logging.WARNING)
    shared: dict[str, Any] = {
        "api_key": provider.api_key,
        "max_retries": 0,
        "http_client": openai.DefaultAioHttpClient(
            limits=httpx2.Limits(
                max_connections=MAX_CONNECTIONS, max_keepalive_connections=MAX_CONNECTIONS
            ),
            timeout=httpx2.Timeout(None, connect=_CONNECT_SECONDS),
            # A redirect would send the prompt to an address that nobody configured.
            follow_redirects=False,
        ),
    }
    if provider.azure_api_version is None:
        return openai.AsyncOpenAI(base_url=provider.base_url, **shared)
    return openai.AsyncAzureOpenAI(
        azure_endpoint=provider.base_url, api_version=provider.azure_api_version, **shared
    )
