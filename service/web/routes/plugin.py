"""How the plugin signs in. It cannot receive Figma's redirect, so a browser signs in on its behalf.

The plugin makes a secret, opens the browser with ``challenge`` = base64url(sha256(secret)), and
polls with the secret until the person has agreed.
"""

import hashlib

from flask import Flask, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from service.errors import BadRequest, Forbidden, SignInNeeded
from service.secrets.encryption import is_same
from service.web.message_pages import Goal, message_page, sign_in_action
from service.web.route_policy import policy
from service.web.routes.sign_in import CHALLENGE
from service.web.sessions import LIFETIME, Session, find_session, need_browser
from service.web.web_parts import web

HANDOVER_SECONDS = 300
ACCOUNT = ("Open my account", "/account")


def register(app: Flask) -> None:
    app.add_url_rule("/api/auth/plugin", view_func=show_plugin, methods=["GET"])
    app.add_url_rule("/api/auth/plugin", view_func=confirm_plugin, methods=["POST"])


@policy(asked_by="browser", who="checked_inside", limit="by_address")
def show_plugin() -> Response:
    """Ask the signed-in person whether the plugin with this code may act as them."""
    challenge = _read_challenge(request.args.get("challenge", ""))
    if find_session() is None:
        return redirect(f"/api/auth/figma-oauth?plugin={challenge}")
    session = need_browser()
    page = render_template(
        "plugin.html",
        session=session,
        challenge=challenge,
        code=plugin_code(challenge),
        form_token=_form_token(session, challenge),
        days=LIFETIME.days,
        idle_days=web().settings.session_idle_days,
    )
    return make_response(page)


@policy(asked_by="browser", who="checked_inside", limit="by_address", body="read_inside")
def confirm_plugin() -> Response:
    """The person's decision. The plugin collects its session by itself."""
    given = request.form.get("challenge", "")
    try:
        session = need_browser()
    except SignInNeeded as error:
        again = sign_in_action(goal=Goal(_read_challenge(given)))
        return message_page("Please sign in", error.message, action=again, status=error.status)
    challenge = _read_challenge(given)
    if not is_same(request.form.get("form_token", ""), _form_token(session, challenge)):
        raise Forbidden("This form is out of date. Go back to the plugin and sign in from there.")
    if request.form.get("decision") == "allow":
        return _allow(challenge, session)
    return _decline(challenge, session)


def _allow(challenge: str, session: Session) -> Response:
    database = web().services.database
    if not database.approve_handover(challenge, session.user_id, HANDOVER_SECONDS):
        return message_page(
            "This sign-in is over",
            "The plugin's code was answered before and can no longer be used, so nothing was "
            "changed now.",
            next_step="Go back to the plugin in Figma and sign in from there: it shows a new code.",
            action=ACCOUNT,
            status=410,
        )
    return message_page(
        "The plugin is connected",
        "Go back to Figma: the plugin signs in by itself within a few seconds.",
        next_step="You can close this page. To take its access back, sign out of your account.",
        action=ACCOUNT,
        tone="good",
    )


def _decline(challenge: str, session: Session) -> Response:
    if not web().services.database.decline_handover(challenge, session.user_id):
        return message_page(
            "The plugin has signed in already",
            "You agreed before, and the plugin has used that.",
            next_step="To take its access back, sign out of your account.",
            action=ACCOUNT,
            status=409,
        )
    return message_page(
        "The plugin was not connected",
        "You declined, so the plugin has no access to your account.",
        next_step="You can close this page.",
        action=ACCOUNT,
    )


def plugin_code(challenge: str) -> str:
    """The short code that both sides show: the first 8 hex digits of sha256(challenge)."""
    digits = hashlib.sha256(challenge.encode()).hexdigest()[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"


def _read_challenge(challenge: str) -> str:
    if not CHALLENGE.fullmatch(challenge):
        raise BadRequest("The plugin's link is not complete. Go back to the plugin and try again.")
    return challenge


def _form_token(session: Session, challenge: str) -> str:
    return web().services.vault.keyed_hash(f"plugin form:{session.token_hash}:{challenge}")
