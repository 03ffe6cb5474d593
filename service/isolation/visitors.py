"""Who tries: a stranger with the public key, and accounts that sign in as people do.

An account is made for one run, with a password that nobody learns, and is deleted with the run.
"""

import secrets
from typing import Any
from uuid import uuid4

import httpx

from service.errors import Unavailable

# Codes of a sign-in service without an admin API, as the local one is.
_NO_ADMIN_API = (401, 403, 404, 405, 501)
SECONDS = 20


class Supabase:
    """The API of the project, as anybody reaches it: with the public key and one's own token."""

    def __init__(self, url: str, anon_key: str, service_key: str):
        self._anon, self._service = anon_key, service_key
        self._http = httpx.Client(base_url=url, timeout=SECONDS)

    def close(self) -> None:
        self._http.close()

    def ask(
        self, token: str | None, method: str, path: str, query: dict[str, str], body: Any
    ) -> httpx.Response:
        """One request under ``/rest/v1``. Without a token: as a stranger. Raises Unavailable."""
        headers = _as(self._anon, token or self._anon) | {"Prefer": "return=representation"}
        try:
            return self._http.request(
                method, f"/rest/v1/{path}", params=query, json=body, headers=headers
            )
        except httpx.HTTPError as error:
            raise Unavailable(f"The API did not answer ({type(error).__name__}).") from error

    def make_account(self) -> tuple[str, str, str]:
        """A new account: (id, e-mail address, token). Raises Unavailable."""
        email, password = f"isolation-canary-{uuid4().hex}@example.com", secrets.token_urlsafe(32)
        about = {"email": email, "password": password}
        made = self._post("admin/users", self._service, {**about, "email_confirm": True})
        if made.status_code in _NO_ADMIN_API:
            made = self._post("signup", self._anon, about)
        told = self._post("token?grant_type=password", self._anon, about)
        body = told.json() if told.status_code == 200 else {}
        if not body.get("access_token"):
            raise Unavailable(
                f"The sign-in service did not let a new account in ({made.status_code}, "
                f"{told.status_code})."
            )
        return str(body["user"]["id"]), email, str(body["access_token"])

    def _post(self, path: str, key: str, body: dict[str, Any]) -> httpx.Response:
        try:
            return self._http.post(f"/auth/v1/{path}", json=body, headers=_as(key, key))
        except httpx.HTTPError as error:
            raise Unavailable(
                f"The sign-in service did not answer ({type(error).__name__})."
            ) from error


def _as(key: str, token: str) -> dict[str, str]:
    return {"apikey": key, "Authorization": f"Bearer {token}"}
