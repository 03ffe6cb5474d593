"""Why a model call failed: a short code, and its effect on the provider's next calls."""

from collections.abc import Mapping
from dataclasses import dataclass

REFUSED_SECONDS = 600.0
_EXHAUSTED = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_FILTERED = frozenset({"content_filter", "content_policy_violation"})


@dataclass(frozen=True)
class Failure:
    """``counts``: it counts against the provider's health. ``trips``: the next call would fail too,
    whatever the question. Neither: it concerns only this question.

    ``retry_after`` is in seconds, 0 if unknown.
    """

    reason: str
    counts: bool = False
    trips: bool = False
    status: int | None = None
    retry_after: float = 0.0


def failure_of(error: Exception) -> Failure:
    """Classify an exception of the ``openai`` client. Its text is not kept, because it may contain
    the prompt.

    Status codes: https://platform.openai.com/docs/guides/error-codes and
    https://openrouter.ai/docs/api/reference/errors-and-debugging
    """
    import openai

    if isinstance(error, openai.APIStatusError):
        return _status_failure(error.status_code, error.code or "", error.response.headers)
    # The client itself limits only the connect time. We limit the whole call.
    if isinstance(error, openai.APIConnectionError):
        return Failure("connection" if _is_unsent(error) else "hung_up", counts=True)
    if isinstance(error, TimeoutError):
        return Failure("timeout", counts=True)
    return Failure("bad_answer", counts=True)


def _is_unsent(error: BaseException) -> bool:
    """Whether there never was a connection. Where there was one, the question may have arrived, and
    may be billed. The client calls both a time-out of connecting; only the transport's own error
    tells them apart."""
    import aiohttp

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
            return True
        cause = cause.__cause__
    return False


def _status_failure(status: int, code: str, headers: Mapping[str, str]) -> Failure:
    wait = _seconds(headers.get("retry-after"))
    if status == 401:
        # With this wait, a corrected key is noticed without a restart.
        return Failure("wrong_key", trips=True, status=status, retry_after=REFUSED_SECONDS)
    if status == 403:
        return _forbidden(code)
    if status == 402 or (status == 429 and code in _EXHAUSTED):
        return Failure("quota_exhausted", trips=True, status=status, retry_after=wait)
    if status == 429:
        return Failure("rate_limited", counts=True, status=status, retry_after=wait)
    if status >= 500 or status == 408:
        return Failure("server_error", counts=True, status=status)
    if status == 404:
        return Failure("not_found", counts=True, status=status)
    if code in _FILTERED:
        return Failure("content_filter", status=status)
    return Failure("bad_request", status=status)


def _forbidden(code: str) -> Failure:
    """If OpenAI does not serve the region, every call fails. Otherwise the input alone may be the
    cause: OpenRouter responds 403 to input that moderation flags or a guardrail stops."""
    if code == "unsupported_country_region_territory":
        return Failure("forbidden", trips=True, status=403, retry_after=REFUSED_SECONDS)
    return Failure("content_filter" if code in _FILTERED else "forbidden", status=403)


def _seconds(value: object) -> float:
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return 0.0
