"""Figma as an OAuth 2 provider for Authlib: code flow with PKCE, state bound to the browser.

https://developers.figma.com/docs/rest-api/oauth-apps/
"""

from dataclasses import dataclass
from typing import Any

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import FlaskIntegration, OAuth
from flask import Flask, session

from service.config import Settings
from service.figma.errors import FigmaError, error_from_answer
from service.figma.oauth_tokens import TokenSet

SIGN_IN_SECONDS = 600
# Each unfinished sign-in keeps a few hundred bytes in the cookie, which browsers cap at 4 KB.
MAX_UNFINISHED = 3
ACTION = "sign you in"
_STATE_PREFIX = "_state_figma_"


@dataclass(frozen=True)
class Grant:
    """The tokens from a sign-in, and the person they belong to if Figma says so."""

    tokens: TokenSet
    user_id: str | None


class _ShortLived(FlaskIntegration):  # type: ignore[misc]
    """Refuses expired states: Authlib stores when a state ends, but does not check it."""

    expires_in = SIGN_IN_SECONDS

    def get_state_data(self, session: Any, state: str) -> Any:
        self._clear_session_state(session)
        return super().get_state_data(session, state)


class _OAuth(OAuth):  # type: ignore[misc]
    framework_integration_cls = _ShortLived


def make_oauth(app: Flask, settings: Settings) -> OAuth:
    oauth = _OAuth(app)
    oauth.register(
        "figma",
        client_id=settings.figma_client_id,
        client_secret=settings.figma_client_secret.get_secret_value(),
        authorize_url=settings.figma_authorize_url,
        access_token_url=settings.figma_token_url,
        compliance_fix=_read_refusals,
        client_kwargs={
            "scope": " ".join(settings.figma_scopes),
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic",
        },
    )
    return oauth


def _read_refusals(client: Any) -> None:
    """Figma's errors are not in OAuth's format, so they are read before Authlib parses them."""

    def check(answer: requests.Response) -> requests.Response:
        if answer.status_code >= 300:
            raise error_from_answer(ACTION, answer.status_code, answer.headers, answer.content)
        return answer

    client.register_compliance_hook("access_token_response", check)


def begin(client: Any, redirect_uri: str, goal: dict[str, str]) -> str:
    """Store a new sign-in in this browser, with where it leads. Returns the address at Figma to
    redirect to."""
    for key in [key for key in session if key.startswith(_STATE_PREFIX)][: 1 - MAX_UNFINISHED]:
        session.pop(key)
    session.permanent = True
    made = client.create_authorization_url(redirect_uri)
    client.save_authorize_data(
        redirect_uri=redirect_uri,
        state=made["state"],
        code_verifier=made["code_verifier"],
        goal=goal,
    )
    return str(made["url"])


def has_unfinished() -> bool:
    return any(key.startswith(_STATE_PREFIX) for key in session)


def exchange(client: Any, timeout: float) -> Grant:
    """Exchange the code of this request for tokens. Raises ``FigmaError``.

    Authlib checks the state again and deletes it, so that a code is used only once.
    """
    try:
        token = client.authorize_access_token(timeout=timeout)
    except requests.Timeout:
        raise FigmaError("timeout", ACTION) from None
    except requests.ConnectionError:
        raise FigmaError("figma_down", ACTION) from None
    except (OAuthError, requests.RequestException, ValueError):
        raise FigmaError("unreadable_answer", ACTION) from None
    try:
        return Grant(TokenSet.from_json(token), token.get("user_id_string"))
    except ValueError:
        raise FigmaError("unreadable_answer", ACTION) from None
