"""Signing in with Figma, and out again."""

import re
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from flask import Flask, redirect, request, session
from werkzeug.wrappers import Response

from service.figma.errors import FigmaError
from service.figma.oauth_tokens import TokenSet
from service.figma.records import FigmaToken, Person
from service.secrets.encryption import new_token, token_hash
from service.web import figma_oauth, sign_in_problems
from service.web.message_pages import (
    MOST_PAGE,
    NOWHERE,
    Goal,
    message_page,
    sign_in_action,
)
from service.web.route_policy import is_persons_page, policy
from service.web.sessions import find_session, session_end, session_label, set_cookie
from service.web.web_parts import web

log = structlog.get_logger(__name__)
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = ("127.0.0.1", "localhost")


def register(app: Flask) -> None:
    app.add_url_rule("/api/auth/figma-oauth", view_func=figma_sign_in, methods=["GET"])


@policy(asked_by="browser", limit="by_address")
def figma_sign_in() -> Response:
    """Start signing in with Figma, and finish it when Figma sends the browser back."""
    answers = request.args
    if "error" in answers:
        return _refused(answers["error"], _remembered(answers.get("state", "")) or NOWHERE)
    if "code" in answers or "state" in answers:
        return _finish(answers.get("state", ""), answers.get("code", ""))
    return _start(Goal(answers.get("plugin", ""), answers.get("page", "")))


def _start(goal: Goal) -> Response:
    if goal.plugin and not CHALLENGE.fullmatch(goal.plugin):
        return message_page(
            "This link is not complete",
            "The plugin's link to this page has been cut off or changed.",
            next_step="Go back to the plugin in Figma and press its sign-in button again.",
            action=sign_in_action("Try again"),
            status=400,
        )
    if _is_other_loopback_name():
        # The cookie must be set for the host name that Figma will redirect to.
        query = request.query_string.decode("ascii", "ignore")
        return redirect(f"{web().settings.public_url}{request.path}?{query}")
    if len(goal.page) > MOST_PAGE or not is_persons_page(goal.page):
        goal = replace(goal, page="")
    if (goal.plugin or goal.page) and find_session():
        return redirect(goal.address)
    settings = web().settings
    url = figma_oauth.begin(web().figma_oauth, settings.figma_redirect_uri, asdict(goal))
    return redirect(url)


def _is_other_loopback_name() -> bool:
    ours = web().settings.public_url.partition("://")[2]
    here = request.host
    names = {ours.partition(":")[0], here.partition(":")[0]}
    return names == set(_LOOPBACK) and ours.partition(":")[2] == here.partition(":")[2]


def _remembered(state: str) -> Goal | None:
    """Where the sign-in leads that this browser began under that state; None if it has ended or
    began elsewhere."""
    found: dict[str, Any] = web().figma_oauth.framework.get_state_data(session, state) or {}
    if not found:
        return None
    # One that was begun with the version before has the plugin alone.
    return Goal(**found.get("goal", {"plugin": found.get("plugin", "")}))


def _refused(error: str, goal: Goal) -> Response:
    if error == "access_denied":
        return sign_in_problems.declined(goal)
    log.warning("sign_in_refused", error_code=error[:80])
    return sign_in_problems.refused(error, goal)


def _finish(state: str, code: str) -> Response:
    client = web().figma_oauth
    goal = _remembered(state)
    if goal is None:
        return sign_in_problems.foreign_state()
    if not code:
        return sign_in_problems.no_code(goal)
    timeout = web().settings.figma_timeout_seconds
    try:
        grant = figma_oauth.exchange(client, timeout)
        person = web().services.figma.me(FigmaToken(grant.tokens.access_token, "oauth"))
    except FigmaError as error:
        log.warning("sign_in_failed", code=error.code, figma_status=error.figma_status)
        return sign_in_problems.from_figma(error, goal)
    if grant.user_id not in (None, person.id):
        return sign_in_problems.other_person(goal)
    return _open_session(person, grant.tokens, goal)


def _open_session(person: Person, tokens: TokenSet, goal: Goal) -> Response:
    services = web().services
    encrypt = services.vault.encrypt
    session_token = new_token()
    old = find_session()
    services.database.sign_in(
        figma_user_id=person.id,
        figma_user_hash=services.vault.keyed_hash(person.id),
        handle=person.handle,
        email=person.email,
        image_url=person.img_url,
        access_token_encrypted=encrypt(tokens.access_token),
        refresh_token_encrypted=encrypt(tokens.refresh_token) if tokens.refresh_token else None,
        scopes=list(web().settings.figma_scopes),
        expires_at=datetime.now(UTC) + timedelta(seconds=tokens.expires_in),
        session_hash=token_hash(session_token),
        session_expires_at=session_end(),
        session_label=session_label(),
    )
    if old and old.is_browser:
        services.database.end_session(old.token_hash)
    # Redirects only go to pages of ours: the goal was checked before it was stored.
    response = redirect(goal.address)
    set_cookie(response, session_token)
    return response
