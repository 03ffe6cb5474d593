"""Figma's errors, parsed from its responses, with sentences for designers."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from service.errors import ServiceError

FigmaCode = Literal[
    "rate_limited",
    "token_invalid",
    "token_expired",
    "scope_missing",
    "forbidden",
    "not_found",
    "bad_request",
    "too_large",
    "figma_down",
    "timeout",
    "unreadable_answer",
]

# code: our own HTTP status, whether a retry is useless, and the sentence.
_CODES: dict[FigmaCode, tuple[int, bool, str]] = {
    "rate_limited": (
        429,
        False,
        "Figma allows this account no more calls for now, so the buddy could not {action}. "
        "Try again {wait}.",
    ),
    "token_invalid": (
        403,
        True,
        "Figma no longer accepts this connection, so the buddy could not {action}. "
        "Connect Figma again.",
    ),
    "token_expired": (
        403,
        True,
        "The connection to Figma has expired, so the buddy could not {action}. "
        "Connect Figma again.",
    ),
    "scope_missing": (
        403,
        True,
        "The connection to Figma lacks the permission {scope}, so the buddy could not {action}. "
        "Connect Figma again and allow it.",
    ),
    "forbidden": (
        403,
        True,
        "Figma does not let this account {action}. Check what it may do there, "
        "or ask the owner for access.",
    ),
    "not_found": (
        404,
        True,
        "Figma has nothing there that this account can see, so the buddy could not {action}. "
        "Check that it still exists and is shared with the account.",
    ),
    "bad_request": (
        502,
        True,
        "Figma did not accept the request to {action}. Check the link or the text and try again; "
        "if it stays, contact support.",
    ),
    "too_large": (
        502,
        True,
        "There is too much in it for one answer of Figma, so the buddy could not {action}. "
        "Comment on a smaller frame.",
    ),
    "figma_down": (
        503,
        False,
        "Figma has trouble just now, so the buddy could not {action}. "
        "Nothing is wrong with the file; try again in a few minutes.",
    ),
    "timeout": (
        503,
        False,
        "Figma took too long, so the buddy could not {action}. Try again in a few minutes.",
    ),
    "unreadable_answer": (
        502,
        False,
        "Figma's answer was not understood, so the buddy could not {action}. "
        "Try again in a few minutes; if it stays, contact support.",
    ),
}
_SCOPE = re.compile(r"requires the ([a-z_]{1,40}:[a-z_]{1,40})")
_LONGEST_WAIT = 10**8


class FigmaError(ServiceError):
    """One failed call to Figma.

    ``status`` is our own API's status, ``figma_status`` is Figma's (None: no response).
    ``permanent``: the same call cannot succeed later without a person's help. ``maybe_done``: a
    write that may have been stored anyway, so look before repeating it. ``retry_after_seconds`` is
    the wait that Figma asks for, which can be days; None if it gave none.
    """

    def __init__(
        self,
        code: FigmaCode,
        action: str,
        *,
        message: str = "",
        figma_status: int | None = None,
        maybe_done: bool = False,
        retry_after: int | None = None,
        plan_tier: str | None = None,
        rate_limit_type: str | None = None,
        upgrade_link: str | None = None,
        scope: str | None = None,
    ):
        status, permanent, sentence = _CODES[code]
        filled = sentence.format(
            action=action, wait=describe_wait(retry_after), scope=scope or "it needs"
        )
        super().__init__(message or filled, code=code, retry_after=retry_after)
        self.status = status
        self.permanent = permanent
        self.figma_status = figma_status
        self.maybe_done = maybe_done
        self.plan_tier = plan_tier
        self.rate_limit_type = rate_limit_type
        self.upgrade_link = upgrade_link
        self.scope = scope

    @property
    def retry_after_seconds(self) -> int | None:
        return self.retry_after


def describe_wait(seconds: int | None) -> str:
    """The wait in rough words: "in 40 seconds", "in 3 hours", "in 5 days". Rounded up."""
    if seconds is None:
        return "in a few minutes"
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds > size:
            return f"in {-(-seconds // size)} {name}s"
    return f"in {seconds} second{'' if seconds == 1 else 's'}"


def error_from_answer(
    action: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    scope: str | None = None,
    is_write: bool = False,
) -> FigmaError:
    """Parse one error response. Figma also sends 403 for dead tokens; its text tells the cases
    apart.

    https://developers.figma.com/docs/rest-api/errors/ and .../rate-limits/
    """
    reason = _read_reason(body)
    code = _read_code(status, reason.lower())
    named = _SCOPE.search(reason)
    return FigmaError(
        code,
        action,
        figma_status=status,
        maybe_done=is_write and (status >= 500 or code == "timeout"),
        retry_after=_read_retry_after(headers.get("retry-after")),
        plan_tier=_read_word(headers.get("x-figma-plan-tier")),
        rate_limit_type=_read_word(headers.get("x-figma-rate-limit-type")),
        upgrade_link=_read_link(headers.get("x-figma-upgrade-link")),
        scope=(named[1] if named else scope) if code == "scope_missing" else None,
    )


def _read_reason(body: bytes) -> str:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    words = (answer.get("err"), answer.get("message"), answer.get("error_description"))
    return " ".join(word for word in words if isinstance(word, str))


def _read_code(status: int, reason: str) -> FigmaCode:
    if status in (401, 403):
        return _read_refusal(reason, status)
    if status == 413 or (status == 400 and "too large" in reason):
        return "too_large"
    by_status: dict[int, FigmaCode] = {404: "not_found", 408: "timeout", 429: "rate_limited"}
    if status in by_status:
        return by_status[status]
    if status >= 500:
        return "figma_down"
    return "bad_request" if status >= 400 else "unreadable_answer"


def _read_refusal(reason: str, status: int) -> FigmaCode:
    if "expired" in reason:
        return "token_expired"
    if "invalid token" in reason:
        return "token_invalid"
    if "scope" in reason:
        return "scope_missing"
    return "forbidden" if status == 403 else "token_invalid"


def _read_retry_after(value: str | None) -> int | None:
    """Whole seconds, or the date form that RFC 9110 also allows."""
    if value is None:
        return None
    if value.strip().isdecimal() and value.isascii():
        return min(int(value[:20]), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0, min(int((at - datetime.now(UTC)).total_seconds()), _LONGEST_WAIT))


def _read_word(value: str | None) -> str | None:
    word = (value or "").strip().lower()
    return word if re.fullmatch(r"[a-z_-]{1,20}", word) else None


def _read_link(value: str | None) -> str | None:
    link = (value or "").strip()
    return link if re.fullmatch(r"https?://[!-~]{1,500}", link) else None
