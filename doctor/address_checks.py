"""The public addresses, asked from here as people and Figma ask: reached, https, the certificate,
and that it is this product that answers, with these settings."""

import math
import socket
import ssl
import time
from urllib.parse import parse_qs, urlsplit

import httpx

from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import CALL_SECONDS, World

# Most hosts renew a certificate a month before its end.
CERTIFICATE_WARNING_DAYS, CERTIFICATE_FAILED_DAYS = 14, 3


def web(world: World) -> Finding:
    try:
        reply = world.get(f"{world.settings.public_url}/readyz")
        checks = reply.json()["checks"]
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        how = "does not answer" if isinstance(error, httpx.HTTPError) else "is not this product"
        return failed(
            f"{world.settings.public_url} {how}.",
            "Nobody can sign in, and Figma cannot deliver.",
            "Start web, and look at DNS and the proxy in front of it; this machine must reach the "
            "address too.",
        )
    wrong = [f"{name}: {said}" for name, said in checks.items() if said != "ok"]
    if wrong:
        return failed(
            f"Web is up and not ready: {'; '.join(wrong)}",
            "The host takes it out of service.",
            "docs/trouble.md says what each of them needs.",
        )
    return ok(f"{world.settings.public_url} is up and ready.")


def redirect(world: World) -> Finding:
    """A sign-in leads to Figma, with the client and the way back of these settings."""
    given = world.settings
    try:
        reply = world.get(given.figma_redirect_uri)
    except httpx.HTTPError:
        raise Skip("Web does not answer: see `web`.") from None
    target = urlsplit(reply.headers.get("Location", ""))
    query = parse_qs(target.query)
    if not 300 <= reply.status_code < 400 or "client_id" not in query:
        return failed(
            f"FIGMA_REDIRECT_URI answers with status {reply.status_code}, and begins no sign-in.",
            "Nobody can sign in.",
            "Let it lead to web's /api/auth/figma-oauth.",
        )
    differ = [
        name
        for name, here, there in (
            ("FIGMA_CLIENT_ID", given.figma_client_id, query["client_id"][0]),
            ("FIGMA_REDIRECT_URI", given.figma_redirect_uri, query.get("redirect_uri", [""])[0]),
            ("FIGMA_AUTHORIZE_URL", given.figma_authorize_url, target._replace(query="").geturl()),
        )
        if here != there
    ]
    if differ:
        return failed(
            f"Web runs with another {', '.join(differ)} than is set here.",
            "What is checked here is not what runs.",
            "Restart web with these settings, or run this with web's.",
        )
    return ok("A sign-in leads to Figma and back here. Enter the same address at the Figma app.")


def webhook_endpoint(world: World) -> Finding:
    """A delivery of a webhook that nobody has: web says that it knows none, and stores nothing."""
    body = {"event_type": "FILE_COMMENT", "webhook_id": "doctor", "passcode": "doctor"}
    try:
        reply = world.http.post(world.settings.webhook_url, json=body)
    except httpx.HTTPError as error:
        return failed(
            f"WEBHOOK_URL cannot be reached ({type(error).__name__}).",
            "Comments do not arrive.",
            "Look at DNS and the proxy in front of web, or start web.",
        )
    if reply.status_code == 404 and "unknown_webhook" in reply.text:
        return ok("It refuses what Figma did not send.")
    if reply.status_code == 429:
        raise Skip("It has refused too many strangers within a minute to answer this.")
    return failed(
        f"WEBHOOK_URL answers a made-up delivery with status {reply.status_code}.",
        "Something else than web's receiver is there, and comments are lost.",
        "Let it lead to web's /api/figma-comment-webhook, unchanged and without a redirect.",
    )


def certificate(world: World) -> list[Finding]:
    given = world.settings
    places = dict.fromkeys(
        (parts.hostname or "", parts.port or 443)
        for parts in map(urlsplit, (given.figma_redirect_uri, given.webhook_url))
        if parts.scheme == "https"
    )
    if not places:
        raise Skip("No address is https.")
    return [_certificate_of(world, host, port) for host, port in places]


def _certificate_of(world: World, host: str, port: int) -> Finding:
    context = world.tls or ssl.create_default_context()
    try:
        with (
            socket.create_connection((host, port), timeout=CALL_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as secure,
        ):
            found = secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        return failed(
            f"Its certificate is not accepted: {error.verify_message}.",
            "Browsers warn people away, and Figma does not deliver.",
            "Get a certificate for this name; most hosts do it when the domain is entered there.",
            about=host,
        )
    except OSError as error:
        return failed(
            f"No TLS connection could be made ({type(error).__name__}).",
            "Nobody can come, and Figma cannot deliver.",
            "Look at DNS and at what ends https in front of web.",
            about=host,
        )
    ends = ssl.cert_time_to_seconds(str(found["notAfter"]))
    return judge_certificate(math.floor((ends - time.time()) / 86400), host)


def judge_certificate(days: int, host: str) -> Finding:
    if days >= CERTIFICATE_WARNING_DAYS:
        return ok(f"Its certificate is good for {days} more days.", about=host)
    judge = failed if days < CERTIFICATE_FAILED_DAYS else warning
    return judge(
        f"Its certificate ends in {days} days (limit: {CERTIFICATE_WARNING_DAYS}).",
        "Then browsers warn people away, and Figma does not deliver.",
        "Look why it is not renewed by itself; renew it by hand today.",
        about=host,
    )


def traces(world: World) -> Finding:
    """Whether somebody listens where traces are sent; nothing is sent but an empty request."""
    endpoint = world.settings.otel_exporter_otlp_endpoint
    if endpoint is None:
        raise Skip("OTEL_EXPORTER_OTLP_ENDPOINT is not set: no traces are sent.")
    try:
        reply = world.http.post(
            f"{endpoint}/v1/traces", headers={"Content-Type": "application/x-protobuf"}
        )
    except httpx.HTTPError as error:
        return _no_traces(f"Nobody takes traces there ({type(error).__name__}).")
    if reply.status_code in (401, 403, 404):
        return _no_traces(f"Traces are refused there with status {reply.status_code}.")
    return ok("Somebody takes traces there.")


def _no_traces(what: str) -> Finding:
    return warning(
        what,
        "The product works on, and what was slow cannot be looked at later.",
        "Start the collector, or correct OTEL_EXPORTER_OTLP_ENDPOINT (without /v1/traces).",
    )


CHECKS = (
    Check("web", "addresses", web),
    Check("redirect", "addresses", redirect),
    Check("webhook_endpoint", "addresses", webhook_endpoint),
    Check("certificate", "addresses", certificate),
    Check("traces", "addresses", traces),
)
