"""GitHub's errors, parsed from its responses, with sentences for people."""

import json
import re
import time
from collections.abc import Mapping
from typing import Any, Literal

from service.errors import ServiceError
from service.observing.logs import scrub_text

GitHubCode = Literal[
    "github_token_invalid",
    "github_app_not_set_up",
    "github_app_refused",
    "github_permission_missing",
    "github_forbidden",
    "github_rate_limited",
    "github_not_found",
    "github_moved",
    "github_archived",
    "github_fork",
    "github_disabled",
    "github_read_only",
    "github_empty",
    "github_protected",
    "github_rejected",
    "github_conflict",
    "github_down",
    "github_timeout",
    "github_unreadable",
]

# code: our own HTTP status, whether a retry is useless, and the sentence.
_CODES: Mapping[str, tuple[int, bool, str]] = {
    "github_token_invalid": (
        403,
        True,
        "GitHub does not accept the token, so the buddy could not {action}. It may be mistyped, "
        "expired or revoked: make a new one and enter it.",
    ),
    "github_app_not_set_up": (
        422,
        True,
        "This service has no GitHub App, so the buddy could not {action}. Enter a fine-grained "
        "token without an installation, or ask the team that runs the service.",
    ),
    "github_app_refused": (
        403,
        True,
        "GitHub gives the buddy's App no token for {repository}, so the buddy could not {action}. "
        "Check that the App is installed there, that the installation's number is right, and that "
        "it may write contents and pull requests.",
    ),
    "github_permission_missing": (
        403,
        True,
        "The token lacks {permission} for {repository}, so the buddy could not {action}. "
        "Allow it at GitHub, or make a new token with it.",
    ),
    "github_forbidden": (
        403,
        True,
        "GitHub does not let the token {action} in {repository}. Its organisation may not admit "
        "such tokens, or asks for single sign-on: check its settings there.",
    ),
    "github_rate_limited": (
        429,
        False,
        "GitHub allows this token no more calls for now, so the buddy could not {action}. "
        "Try again in {wait}.",
    ),
    "github_not_found": (
        404,
        True,
        "GitHub shows the token nothing there, so the buddy could not {action}. Check the name "
        "{repository} and the branch, and that the token is for this repository.",
    ),
    "github_moved": (
        409,
        True,
        "The repository {repository} was renamed or moved, so the buddy could not {action}. "
        "Enter the name that it has now.",
    ),
    "github_archived": (
        409,
        True,
        "The repository {repository} is archived, so nothing can be pushed there. Unarchive it at "
        "GitHub, or enter another one.",
    ),
    "github_fork": (
        409,
        True,
        "The repository {repository} is a fork. Enter the repository that it was made from, or one "
        "of its own: a pull request in a fork is easily overlooked.",
    ),
    "github_disabled": (
        409,
        True,
        "GitHub has disabled the repository {repository}, so nothing can be pushed there. "
        "Its owner has to ask GitHub why.",
    ),
    "github_read_only": (
        403,
        True,
        "The account behind the token may only read {repository}, so nothing can be pushed there. "
        "Ask its owner for write access.",
    ),
    "github_empty": (
        409,
        True,
        "The repository {repository} is empty, so the buddy could not {action}. Make a first "
        "commit there, such as a README, and try again.",
    ),
    "github_protected": (
        409,
        True,
        "A rule of {repository} forbids it, so the buddy could not {action}.{reason} Allow "
        "branches that begin with buddy/ in the rules of the repository.",
    ),
    "github_rejected": (
        422,
        True,
        "GitHub did not accept the request to {action} in {repository}.{reason} Check the branch "
        "and the folder that are set; if it stays, contact support.",
    ),
    "github_conflict": (
        409,
        False,
        "Something else changed {repository} at the same time, so the buddy could not {action}. "
        "Try again in a minute.",
    ),
    "github_down": (
        503,
        False,
        "GitHub has trouble just now, so the buddy could not {action}. Nothing is wrong with the "
        "repository; try again in a few minutes.",
    ),
    "github_timeout": (
        503,
        False,
        "GitHub took too long, so the buddy could not {action}. Try again in a few minutes.",
    ),
    "github_unreadable": (
        502,
        False,
        "GitHub's answer was not understood, so the buddy could not {action}. Try again in a few "
        "minutes; if it stays, contact support.",
    ),
}
# The least that GitHub asks for where it names no time.
# https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
DEFAULT_WAIT_SECONDS = 60
_LONGEST_WAIT = 86_400
_NEEDED = re.compile(r"[a-z_]{1,40}=(?:read|write)")
_REASON_CHARS = 200


class GitHubError(ServiceError):
    """One failed call to GitHub.

    ``status`` is our own API's status, ``github_status`` is GitHub's (None: no response).
    ``permanent``: the same call cannot succeed later without a person's help. ``maybe_done``: a
    write that may have been stored anyway. ``retry_after``: the wait that GitHub asks for, in
    seconds; None if it gave none. ``reason`` is GitHub's own short text, without secrets.
    ``parameters`` and the code make the sentence again: ``github_sentence``.
    """

    def __init__(
        self,
        code: GitHubCode,
        action: str,
        repository: str,
        *,
        github_status: int | None = None,
        maybe_done: bool = False,
        retry_after: int | None = None,
        permission: str | None = None,
        reason: str = "",
    ):
        status, permanent, _ = _CODES[code]
        self.parameters = {
            "action": action,
            "repository": repository or "the repository",
            "permission": permission or "a permission",
            "wait": describe_wait(retry_after),
            "reason": f" It says: {reason}." if reason else "",
        }
        words = github_sentence(code, self.parameters)
        super().__init__(words or code, code=code, retry_after=retry_after)
        self.status = status
        self.permanent = permanent
        self.github_status = github_status
        self.maybe_done = maybe_done
        self.permission = permission
        self.reason = reason


def github_sentence(code: str, parameters: Mapping[str, str]) -> str | None:
    """The sentence of a code and its parameters, as an error has them; None: no code of these."""
    found = _CODES.get(code)
    return found[2].format_map(_Named(parameters)) if found else None


class _Named(dict[str, str]):
    """Parameters that another version has stored may lack one."""

    def __missing__(self, name: str) -> str:
        return "…"


def describe_wait(seconds: int | None) -> str:
    """A wait in rough words, rounded up: "40 seconds", "3 minutes"."""
    if seconds is None or seconds > 90:
        minutes = -(-(seconds or 180) // 60)
        return f"{minutes} minutes"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


def error_from_answer(
    action: str,
    repository: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    is_write: bool = False,
) -> GitHubError:
    """Parse one error response. A 403 means many things: its text and headers tell them apart.

    https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    reason = _read_reason(body)
    code = _read_code(status, headers, reason.lower())
    return GitHubError(
        code,
        action,
        repository,
        github_status=status,
        maybe_done=is_write and status >= 500,
        retry_after=_read_wait(headers) if code == "github_rate_limited" else None,
        permission=_read_permission(headers) if code == "github_permission_missing" else None,
        reason=reason,
    )


def _read_code(status: int, headers: Mapping[str, str], reason: str) -> GitHubCode:
    if status == 401:
        return "github_token_invalid"
    if status in (403, 429):
        return _read_refusal(status, headers, reason)
    if "rule violations" in reason:
        return "github_protected"
    by_status: dict[int, GitHubCode] = {
        404: "github_not_found",
        408: "github_timeout",
        410: "github_disabled",
        451: "github_disabled",
    }
    if status in by_status:
        return by_status[status]
    if status == 409:
        return "github_empty" if "empty" in reason else "github_conflict"
    if status >= 500:
        return "github_down"
    if status >= 400:
        return "github_rejected"
    return "github_moved" if status in (301, 302, 307, 308) else "github_unreadable"


def _read_refusal(status: int, headers: Mapping[str, str], reason: str) -> GitHubCode:
    is_limit = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers
    if status == 429 or is_limit or "rate limit" in reason:
        return "github_rate_limited"
    if "archived" in reason:
        return "github_archived"
    if "rule violations" in reason or "protected" in reason:
        return "github_protected"
    return "github_permission_missing" if "not accessible by" in reason else "github_forbidden"


def _read_reason(body: bytes) -> str:
    """GitHub's text and those of its single errors, on one line."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(answer, dict):
        return ""
    words = [answer.get("message"), *map(_read_error, answer.get("errors") or [])]
    text = "; ".join(each for each in words if isinstance(each, str) and each)
    # Our own sentence goes on behind it.
    plain = re.sub(r"[^\x20-\x7e]+", " ", text).rstrip(". ")
    return scrub_text(plain)[:_REASON_CHARS]


def _read_error(error: Any) -> str:
    if isinstance(error, dict):
        named = (error.get("message"), error.get("field"), error.get("code"))
        return next((each for each in named if isinstance(each, str) and each), "")
    return error if isinstance(error, str) else ""


def _read_wait(headers: Mapping[str, str]) -> int:
    """Seconds until GitHub takes calls again, from whichever header it sent."""
    after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
    if _is_number(after):
        wait = int(after)
    elif _is_number(reset) and headers.get("x-ratelimit-remaining") == "0":
        wait = int(reset) - int(time.time()) + 1
    else:
        wait = DEFAULT_WAIT_SECONDS
    return max(1, min(wait, _LONGEST_WAIT))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 16


def _read_permission(headers: Mapping[str, str]) -> str | None:
    """ "contents: write" from GitHub's header, which names what would have been enough."""
    named = headers.get("x-accepted-github-permissions", "")
    found = _NEEDED.findall(named[:500])
    return f"the permission {found[0].replace('=', ': ')}" if found else None
