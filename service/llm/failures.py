"""Why a model call failed: a short code, and what it means for the provider's next calls."""

from collections.abc import Mapping
from dataclasses import dataclass

REFUSED_SECONDS = 600.0
_EXHAUSTED = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_FILTERED = frozenset({"content_filter", "content_policy_violation"})


@dataclass(frozen=True)
class Failure:
    """``counts``: it speaks against the provider's health. ``trips``: the next call, whatever it
    asks, would meet it as well. Neither: it speaks about this one question alone.

    ``retry_after`` is in seconds, 0 when there is nothing to go by.
    """

    reason: str
    counts: bool = False
    trips: bool = False
    status: int | None = None
    retry_after: float = 0.0


def failure_of(error: Exception) -> Failure:
    """Sort what the ``openai`` client raised. The error's own text may hold the prompt: not kept.

    Status codes: https://platform.openai.com/docs/guides/error-codes and
    https://openrouter.ai/docs/api/reference/errors-and-debugging
    """
    import openai

    if isinstance(error, openai.APIStatusError):
        return _status_failure(error.status_code, error.code or "", error.response.headers)
    # Only connecting has a time limit inside the client; the whole call is timed by us.
    if isinstance(error, openai.APIConnectionError):
        return Failure("connection", counts=True)
    if isinstance(error, TimeoutError):
        return Failure("timeout", counts=True)
    return Failure("bad_answer", counts=True)


def _status_failure(status: int, code: str, headers: Mapping[str, str]) -> Failure:
    wait = _seconds(headers.get("retry-after"))
    if status == 401:
        # A key that is cured is noticed without a restart.
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
    """Of a place that OpenAI does not serve, it holds for every call. Otherwise it may be the
    input alone: OpenRouter answers 403 to what moderation flags or a guardrail stops."""
    if code == "unsupported_country_region_territory":
        return Failure("forbidden", trips=True, status=403, retry_after=REFUSED_SECONDS)
    return Failure("content_filter" if code in _FILTERED else "forbidden", status=403)


def _seconds(value: object) -> float:
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return 0.0
