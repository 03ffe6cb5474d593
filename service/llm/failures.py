"""Why a model call failed: a short code, and what it means for the provider's next calls."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Failure:
    """``counts``: it speaks against the provider's health. ``disables``: the key is refused.

    ``retry_after`` is in seconds, 0 when the provider named none.
    """

    reason: str
    counts: bool = False
    disables: bool = False
    status: int | None = None
    retry_after: float = 0.0


def failure_of(error: Exception) -> Failure:
    """Sort what the ``openai`` client raised. The error's own text may hold the prompt: not kept.

    Status codes: https://platform.openai.com/docs/guides/error-codes
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
    if status in (401, 403):
        return Failure("wrong_key", disables=True, status=status)
    if status == 429:
        wait = _seconds(headers.get("retry-after"))
        exhausted = code in {"insufficient_quota", "billing_hard_limit_reached"}
        reason = "quota_exhausted" if exhausted else "rate_limited"
        return Failure(reason, counts=True, status=status, retry_after=wait)
    if status >= 500 or status == 408:
        return Failure("server_error", counts=True, status=status)
    if status == 404:
        return Failure("not_found", counts=True, status=status)
    if code in {"content_filter", "content_policy_violation"}:
        return Failure("content_filter", status=status)
    return Failure("bad_request", status=status)


def _seconds(value: object) -> float:
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return 0.0
