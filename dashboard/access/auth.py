"""Signing in with Supabase Auth, and who the signed-in operator is.

Everything is done with the publishable key and the operator's own token, so row level security
decides what can be read. https://supabase.com/docs/guides/auth/passwords
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

import httpx
from postgrest import SyncPostgrestClient
from supabase import Client, ClientOptions, SupabaseAuthClient, create_client
from supabase_auth.errors import AuthApiError, AuthError, AuthRetryableError, AuthUnknownError
from supabase_auth.types import UserAttributes

from dashboard.config import Settings

REQUEST_SECONDS = 10
MOST_PASSWORD = 200
TOO_MANY_STATUS = 429
# After a change of theirs, somebody reads from the primary for so long: a replica may be behind.
REPLICA_LAG_SECONDS = 60

WRONG = "E-mail address or password is not right. Check both and try again."
TOO_MANY = "Too many attempts. Wait a minute, then try again."
NOT_CONFIRMED = (
    "This e-mail address is not confirmed yet. Open the link in the e-mail you got, then sign in."
)
BLOCKED = "This account is blocked. Ask a founder to open it again."
PASSWORDS_OFF = (
    "Signing in with a password is switched off at the sign-in service. "
    "Whoever runs the dashboard should allow it in Supabase Auth's settings."
)
BAD_KEY = (
    "The sign-in service does not accept this dashboard's key. "
    "Whoever runs the dashboard should check SUPABASE_ANON_KEY."
)
AWAY = "The sign-in service cannot be reached right now. Try again in a minute."
LINK_OVER = (
    "This link was used already, or its time is over. Ask a founder to send the invitation again "
    "(Settings, Operators)."
)
OVER = "Your session is over, please sign in again."

# GoTrue's codes for temporary errors, whatever the status: two renewals at once, a slow hook.
PASSING_CODES = frozenset(
    {"conflict", "hook_timeout", "hook_timeout_after_retry", "request_timeout"}
)

# GoTrue's error codes: https://supabase.com/docs/guides/auth/debugging/error-codes
REFUSALS = {
    "invalid_credentials": WRONG,
    "over_request_rate_limit": TOO_MANY,
    "email_not_confirmed": NOT_CONFIRMED,
    "email_provider_disabled": PASSWORDS_OFF,
    "user_banned": BLOCKED,
}


# Kinds of links in mails by which somebody comes in: an invitation, or a sign-in link.
LinkKind = Literal["invite", "magiclink", "email"]


class SignInRefused(Exception):
    """The sign-in was refused. The message is a sentence for the person who tried."""


class SessionOver(Exception):
    """The tokens expired and could not be renewed. The message is a sentence for the person."""

    def __init__(self, sentence: str = OVER):
        super().__init__(sentence)


class AuthAway(Exception):
    """The sign-in service gave no usable answer; nothing is known about the session."""


class SignIn:
    """One person's sign-in: their client with their tokens, renewed as needed. Thread-safe.

    Tabs of one browser share it, so that all of them use a renewed token at once.
    """

    def __init__(self, client: Client, user_id: str, email: str, replica_url: str = "") -> None:
        self._client = client
        self._replica_url = replica_url
        self._changed_at = float("-inf")
        # Held while tokens change. Reentrant: `tokens` calls `client` while it holds the lock.
        self._lock = threading.RLock()
        self.user_id = user_id
        self.email = email
        self.is_over = False
        self.over_because = OVER

    def client(self, *, renew: bool = False) -> Client:
        """The client with a valid token. Raises SessionOver or AuthAway."""
        with self._lock:
            if self.is_over:
                raise SessionOver(self.over_because)
            try:
                auth = self._client.auth
                session = auth.refresh_session().session if renew else auth.get_session()
            except AuthError as error:
                # "Too many requests" says nothing about this session either.
                if is_away(error) or getattr(error, "status", 0) == TOO_MANY_STATUS:
                    raise AuthAway from error
                raise self._over(BLOCKED if error.code == "user_banned" else OVER) from error
            except httpx.HTTPError as error:
                raise AuthAway from error
            if session is None:
                raise self._over(OVER)
            return self._client

    def replica(self, client: Client) -> SyncPostgrestClient | None:
        """The read replica's API with the token of `client`. None without a replica, and while it
        may not have what this person has just changed."""
        is_behind = time.monotonic() < self._changed_at + REPLICA_LAG_SECONDS
        if not self._replica_url or is_behind:
            return None
        return SyncPostgrestClient(
            f"{self._replica_url}/rest/v1",
            headers=dict(client.options.headers),
            http_client=connections(),
        )

    def note_change(self) -> None:
        """From now on, this person reads from the primary for a while."""
        self._changed_at = time.monotonic()

    @contextmanager
    def tokens(self) -> Iterator[SupabaseAuthClient]:
        """The sign-in service with a valid token, for calls that change the tokens.

        Raises SessionOver or AuthAway.
        """
        with self._lock:
            yield self.client().auth

    def _over(self, sentence: str) -> SessionOver:
        self.is_over, self.over_because = True, sentence
        return SessionOver(sentence)

    def end(self) -> None:
        """Sign out here and, if it can be reached, at the sign-in service."""
        with self._lock:
            self.is_over = True
            try:
                self._client.auth.sign_out({"scope": "local"})
            except (AuthError, httpx.HTTPError):
                return


@dataclass(frozen=True)
class Operator:
    """A signed-in operator. `role` is founder, support or finance."""

    user_id: str
    email: str
    role: str
    sign_in: SignIn = field(repr=False, compare=False)

    @property
    def may_see_answers(self) -> bool:
        return self.role in ("founder", "support")

    @property
    def may_see_costs_of_answers(self) -> bool:
        """The costs of all answers at once. Support sees costs on the page of one person only."""
        return self.role == "founder"


@cache
def connections() -> httpx.Client:
    """The HTTP connection pool of this process. Tokens are set per request, never here."""
    return httpx.Client(timeout=REQUEST_SECONDS, follow_redirects=True)


def _new_client(settings: Settings) -> Client:
    options = ClientOptions(
        auto_refresh_token=False, persist_session=False, httpx_client=connections()
    )
    key = settings.supabase_anon_key.get_secret_value()
    return create_client(settings.supabase_url, key, options)


def sign_in(settings: Settings, email: str, password: str) -> SignIn:
    """Check a password. Raises SignInRefused with the sentence to show, or AuthAway."""
    client = _new_client(settings)
    try:
        answer = client.auth.sign_in_with_password(
            {"email": email.strip().lower(), "password": password}
        )
    except AuthError as error:
        if is_away(error):
            raise AuthAway from error
        raise SignInRefused(_refusal(error)) from error
    except httpx.HTTPError as error:
        raise AuthAway from error
    if answer.user is None or answer.session is None:
        raise SignInRefused(WRONG)
    return SignIn(client, answer.user.id, answer.user.email or email, settings.supabase_read_url)


def open_link(settings: Settings, token_hash: str, kind: LinkKind) -> SignIn:
    """Sign in with the link of a mail, which works once. Raises SignInRefused or AuthAway.

    https://supabase.com/docs/reference/python/auth-verifyotp
    """
    client = _new_client(settings)
    try:
        answer = client.auth.verify_otp({"token_hash": token_hash, "type": kind})
    except AuthError as error:
        if is_away(error):
            raise AuthAway from error
        is_too_many = getattr(error, "status", 0) == TOO_MANY_STATUS
        raise SignInRefused(TOO_MANY if is_too_many else LINK_OVER) from error
    except httpx.HTTPError as error:
        raise AuthAway from error
    if answer.user is None or answer.session is None:
        raise SignInRefused(LINK_OVER)
    return SignIn(client, answer.user.id, answer.user.email or "", settings.supabase_read_url)


def check_password(settings: Settings, email: str, password: str) -> None:
    """Raises SignInRefused, with WRONG if it is not theirs, or AuthAway."""
    sign_in(settings, email, password).end()


def set_password(signed_in: SignIn, password: str, present: str = "") -> None:
    """Set it, and end the person's sign-ins elsewhere. `present`: theirs until now, for which
    Supabase Auth can be set to ask.

    Raises SignInRefused with the sentence to show, SessionOver or AuthAway.
    """
    asked: UserAttributes = {"password": password}
    if present:
        asked["current_password"] = present
    with signed_in.tokens() as auth:
        try:
            auth.update_user(asked)
            # Newer versions of Supabase Auth do this by themselves.
            with suppress(AuthError, httpx.HTTPError):
                auth.sign_out({"scope": "others"})
        except AuthError as error:
            if is_away(error):
                raise AuthAway from error
            if error.code == "same_password":
                return
            said = getattr(error, "message", "").rstrip(".")
            raise SignInRefused(f"This password is not taken: {said}.") from error
        except httpx.HTTPError as error:
            raise AuthAway from error


def is_away(error: AuthError) -> bool:
    if isinstance(error, AuthRetryableError | AuthUnknownError):
        return True
    return error.code in PASSING_CODES or (isinstance(error, AuthApiError) and error.status >= 500)


def _refusal(error: AuthError) -> str:
    status = getattr(error, "status", 0)
    if error.code in REFUSALS:
        return REFUSALS[error.code]
    if status == TOO_MANY_STATUS:
        return TOO_MANY
    return BAD_KEY if status in (401, 403) else WRONG
