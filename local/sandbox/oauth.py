"""Figma's OAuth 2: the consent page in the browser, and the two token endpoints.

Rules: https://developers.figma.com/docs/rest-api/oauth-apps/
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from local.sandbox.errors import FigmaError
from local.sandbox.gate import parts, record_violation
from local.sandbox.world import Grant, World

bp = Blueprint("oauth", __name__)
Json = dict[str, Any]
CODE_SECONDS = 30
TOKEN_SECONDS = 7_776_000
SCOPE_MEANINGS = {
    "current_user:read": "Read your name, picture and e-mail address",
    "file_comments:read": "Read comments in files you can see",
    "file_comments:write": "Write comments and reactions as you",
    "file_content:read": "Read the contents of files you can see",
    "file_metadata:read": "Read names and details of files you can see",
    "webhooks:read": "See webhooks you manage",
    "webhooks:write": "Create and change webhooks where you may",
}


@bp.get("/oauth")
def show_consent() -> AnyResponse:
    """Ask a person to allow the app; an invalid request gets a 400 and no redirect."""
    scopes, problem = _read_request(request.args)
    if problem:
        return _refuse(problem)
    meanings = [(scope, SCOPE_MEANINGS.get(scope, scope)) for scope in scopes]
    page = render_template(
        "consent.html", people=parts().world.people.values(), scopes=meanings, asked=request.args
    )
    return make_response(page)


@bp.post("/oauth")
def decide() -> AnyResponse:
    """Allow: redirect to the app with a code. Decline: Figma makes no callback at all."""
    form = request.form
    scopes, problem = _read_request(form)
    if problem:
        return _refuse(problem)
    if form.get("decision") != "allow":
        return make_response(render_template("declined.html"))
    if form.get("person_id") not in parts().world.people:
        return _refuse("Choose one of the people on the page")
    code = secrets.token_urlsafe(24)
    with parts().world.change():
        parts().world.codes[code] = {
            "client_id": form["client_id"],
            "redirect_uri": form["redirect_uri"],
            "person_id": form["person_id"],
            "scopes": scopes,
            "challenge": form.get("code_challenge", ""),
            "expires_at": parts().world.now() + CODE_SECONDS,
        }
    joint = "&" if "?" in form["redirect_uri"] else "?"
    answer = urlencode({"code": code, "state": form.get("state", "")})
    return redirect(f"{form['redirect_uri']}{joint}{answer}", code=302)


def _read_request(asked: Mapping[str, str]) -> tuple[list[str], str | None]:
    config = parts().config
    scopes = re.split(r"[\s,]+", asked.get("scope", "").strip())
    if asked.get("client_id") != config.client_id:
        return [], "OAuth app with this client id does not exist"
    if asked.get("redirect_uri") not in config.redirect_uris:
        return [], "Invalid redirect uri"
    if asked.get("response_type") != "code":
        return [], "Invalid response type"
    if not set(scopes) <= set(config.scopes):
        return [], "Invalid scopes for app"
    if asked.get("code_challenge") and asked.get("code_challenge_method", "S256") != "S256":
        return [], "code_challenge_method must be S256"
    return scopes, None


def _refuse(message: str) -> AnyResponse:
    answer = jsonify(error=True, status=400, message=message, i18n=None)
    answer.status_code = 400
    return answer


@bp.post("/v1/oauth/token")
def exchange_code() -> AnyResponse:
    """Exchange a code for tokens; also accepts ``grant_type=refresh_token``."""
    client_id = _check_client()
    if request.form.get("grant_type") == "refresh_token":
        return _refresh(client_id)
    if request.form.get("grant_type") != "authorization_code":
        return _complain("Invalid grant type")
    with parts().world.change():
        # Removed before it is checked: a code works once, even if the check fails.
        code = parts().world.codes.pop(request.form.get("code", ""), None)
    if code is None or code["client_id"] != client_id:
        return _complain("Invalid code")
    if code["expires_at"] < parts().world.now():
        return _complain("Code expired")
    if code["redirect_uri"] != request.form.get("redirect_uri"):
        return _complain("Redirect uri does not match")
    if code["challenge"] and not _proves(request.form.get("code_verifier", ""), code["challenge"]):
        return _complain("Invalid code verifier")
    grant = _save_grant(parts().world, client_id, code["person_id"], code["scopes"])
    return jsonify(
        user_id_string=grant.person_id,
        access_token=grant.access_token,
        token_type="bearer",
        expires_in=TOKEN_SECONDS,
        refresh_token=grant.refresh_token,
    )


@bp.post("/v1/oauth/refresh")
def refresh_token() -> AnyResponse:
    """A new access token; the old one ends at once, the refresh token does not change."""
    return _refresh(_check_client())


def _refresh(client_id: str) -> AnyResponse:
    world, given = parts().world, request.form.get("refresh_token", "")
    with world.change():
        grants = [g for g in world.grants.values() if g.client_id == client_id]
        grant = next((g for g in grants if _same(g.refresh_token, given)), None)
        if grant is None:
            return _complain("Invalid refresh token")
        grant.access_token = _new_token("figu")
        grant.expires_at = world.now() + TOKEN_SECONDS
    return jsonify(access_token=grant.access_token, token_type="bearer", expires_in=TOKEN_SECONDS)


def _save_grant(world: World, client_id: str, person_id: str, scopes: list[str]) -> Grant:
    grant = Grant(
        client_id, person_id, scopes, _new_token("figu"), _new_token("figur"),
        world.now() + TOKEN_SECONDS,
    )  # fmt: skip
    with world.change():
        # One grant per app and person: a new sign-in replaces the old grant.
        world.grants[client_id, person_id] = grant
    return grant


def _new_token(prefix: str) -> str:
    return f"{prefix}_{secrets.token_urlsafe(30)}"


def _check_client() -> str:
    """The id of the app in HTTP Basic; only form-encoded bodies are accepted."""
    if request.mimetype != "application/x-www-form-urlencoded":
        record_violation("OAuth requests must be form-encoded")
        raise FigmaError(400, "The body must be application/x-www-form-urlencoded")
    config, given = parts().config, _read_basic(request.headers.get("Authorization", ""))
    wanted = f"{config.client_id}:{config.client_secret}"
    if not _same(given, wanted):
        raise FigmaError(401, "Invalid client credentials")
    return config.client_id


def _read_basic(header: str) -> str:
    scheme, _, encoded = header.partition(" ")
    try:
        return base64.b64decode(encoded, validate=True).decode() if scheme == "Basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _proves(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    proof = base64.urlsafe_b64encode(digest).rstrip(b"=")
    return _same(proof.decode(), challenge)


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


def _complain(message: str) -> Response:
    answer = jsonify(error=True, status=400, message=message)
    answer.status_code = 400
    return answer
