"""One POST to a receiver, and what its response means. Redirects and bodies are ignored."""

import asyncio
import ssl
from dataclasses import dataclass

import httpx

from service.public_addresses import Address

STEP_SECONDS = 10.0
TOTAL_SECONDS = 15.0
USER_AGENT = "figma-ai-buddy-alerts"
# What these statuses mean at Slack:
# https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors
_SLACK_FINAL = {
    400: "The receiver does not understand the message.",
    403: "The receiver does not allow messages from here.",
    404: "The receiver does not know this address: it may have been revoked.",
    410: "The receiver's channel is archived.",
}


@dataclass(frozen=True)
class Outcome:
    """The result of one attempt. ``reason`` is a sentence for operators, without the address."""

    is_delivered: bool
    status: int | None = None
    reason: str = ""
    is_final: bool = False
    is_unwanted: bool = False
    retry_after: int | None = None


def post(kind: str, address: Address, body: str, headers: dict[str, str]) -> Outcome:
    """Send to a checked address. Blocks for at most ``STEP_SECONDS`` for a step, such as
    connecting, and ``TOTAL_SECONDS`` in total, so call it outside an event loop."""
    sent = {**headers, "Host": address.host_header, "User-Agent": USER_AGENT}
    try:
        return asyncio.run(_post(kind, address, body, sent))
    except (httpx.TimeoutException, TimeoutError):
        return Outcome(False, reason="The receiver did not answer in time.")
    except httpx.HTTPError as error:
        return Outcome(False, reason=_reason_of(error))
    except httpx.InvalidURL:
        return Outcome(False, reason="It is not an address.", is_final=True)


async def _post(kind: str, address: Address, body: str, headers: dict[str, str]) -> Outcome:
    # The connection goes to the checked IP address, but the certificate is verified for the host
    # name.
    # https://www.python-httpx.org/advanced/extensions/#sni_hostname
    named = {"sni_hostname": address.host}
    # httpx limits only each read. A response that arrives byte by byte would never end.
    async with (
        asyncio.timeout(TOTAL_SECONDS),
        httpx.AsyncClient(timeout=STEP_SECONDS, follow_redirects=False, trust_env=False) as client,
        client.stream(
            "POST", address.url, content=body.encode(), headers=headers, extensions=named
        ) as answer,
    ):
        return read_status(kind, answer.status_code, answer.headers.get("Retry-After"))


def read_status(kind: str, status: int, retry_after: str | None = None) -> Outcome:
    """Only 2xx is success. A 410 to a signed webhook means: send no more alerts."""
    if 200 <= status < 300:
        return Outcome(True, status)
    if 300 <= status < 400:
        reason = f"The receiver redirects (status {status}): enter the address it redirects to."
        return Outcome(False, status, reason, is_final=True)
    if kind == "webhook" and status == 410:
        reason = "The receiver answered 410 Gone: it wants no more alerts."
        return Outcome(False, status, reason, is_final=True, is_unwanted=True)
    if kind == "slack" and status in _SLACK_FINAL:
        reason = f"{_SLACK_FINAL[status]} (status {status})"
        return Outcome(False, status, reason, is_final=True)
    seconds = int(retry_after) if retry_after and retry_after.isdecimal() else None
    reason = f"The receiver answered with status {status}."
    return Outcome(False, status, reason, retry_after=seconds)


def _reason_of(error: Exception) -> str:
    """The reason in our own words: the library's text may contain the address."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "The receiver's certificate is not valid for its name."
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.ConnectError):
        return "The receiver cannot be reached."
    return "The connection to the receiver broke off."
