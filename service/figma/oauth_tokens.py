"""New access tokens for a person who signed in before, without a new sign-in."""

from dataclasses import dataclass, field
from typing import Self

import httpx

from service.figma.calls import Endpoint
from service.figma.client import FigmaClient
from service.figma.errors import FigmaError
from service.figma.records import Json, read_text

# Access tokens live 90 days: https://developers.figma.com/docs/rest-api/oauth-apps/
DEFAULT_LIFE_SECONDS = 90 * 86_400

REFRESH = Endpoint("refresh_token", "POST", "/v1/oauth/refresh", 3, "renew the connection to Figma")


@dataclass(frozen=True)
class TokenSet:
    """The tokens from a refresh. ``refresh_token`` is None, as Figma does it today: the old one
    stays valid.

    A new one replaces the old one (RFC 6749 section 6).
    """

    access_token: str = field(repr=False)
    expires_in: int
    refresh_token: str | None = field(default=None, repr=False)

    @classmethod
    def from_json(cls, body: Json) -> Self:
        access_token = read_text(body, "access_token")
        if not access_token:
            raise ValueError("there is no access token")
        life = body.get("expires_in")
        return cls(
            access_token=access_token,
            expires_in=life if type(life) is int and life > 0 else DEFAULT_LIFE_SECONDS,
            refresh_token=read_text(body, "refresh_token"),
        )


def refresh_access_token(
    client: FigmaClient, refresh_token: str, *, timeout: float | None = None
) -> TokenSet:
    """Get a new access token. Figma ends the old one, so call this under a lock.

    Raises ``FigmaError``: ``token_invalid`` if the person has to sign in again, ``forbidden`` if
    Figma refuses our own client id or secret. ``maybe_done``: the old token may be dead.
    """
    settings = client.settings
    try:
        return client.caller.call(
            REFRESH,
            settings.figma_refresh_url,
            TokenSet.from_json,
            timeout=timeout,
            auth=httpx.BasicAuth(
                settings.figma_client_id, settings.figma_client_secret.get_secret_value()
            ),
            # RFC 6749 section 6 requires grant_type. Figma accepts it with or without.
            data={"grant_type": "refresh_token", "refresh_token": refresh_token},
        )
    except FigmaError as error:
        raise _explain(error) from None


def _explain(error: FigmaError) -> FigmaError:
    """A dead refresh token gives 400 here, a refused client 401 (RFC 6749 section 5.2)."""
    if error.code in ("bad_request", "token_expired"):
        return FigmaError("token_invalid", REFRESH.action, figma_status=error.figma_status)
    if error.code == "forbidden" or error.figma_status == 401:
        return FigmaError(
            "forbidden",
            REFRESH.action,
            figma_status=error.figma_status,
            message="Figma did not let the buddy renew the connection. Connect Figma again; "
            "if that fails as well, support has to check the buddy's registration at Figma.",
        )
    return error
