"""Asks Supabase Auth for the mail of an invitation, and says what was wrong as a code.

https://supabase.com/docs/reference/python/auth-admin-inviteuserbyemail
"""

import httpx
import psycopg
import structlog
from supabase import Client, ClientOptions, create_client
from supabase_auth.errors import AuthApiError, AuthError

from service.config import Settings

SECONDS = 30
TOO_MANY_STATUS = 429
# The status codes of a server that has no admin API: the local stand-in.
NO_ADMIN_API = (401, 404, 405, 501)
# GoTrue's error codes: https://supabase.com/docs/guides/auth/debugging/error-codes
PROBLEMS = {
    "over_email_send_rate_limit": "too_many_mails",
    "over_request_rate_limit": "too_many_mails",
    "email_address_not_authorized": "mail_not_set_up",
    "email_provider_disabled": "mail_switched_off",
    "otp_disabled": "mail_switched_off",
    "email_address_invalid": "address_refused",
    "validation_failed": "address_refused",
}

log = structlog.get_logger(__name__)


class InvitationMails:
    """Mails by Supabase Auth. Not thread-safe; one per worker. ``send`` blocks."""

    def __init__(self, settings: Settings):
        self._settings = settings

    def send(self, email: str, link: str) -> str:
        """Returns the code of the problem; empty when Supabase Auth took the mail."""
        with httpx.Client(timeout=SECONDS) as http:
            client = self._client(http)
            try:
                self._invite(client, email, link)
            except AuthError as error:
                return problem_of(error)
            except httpx.ConnectError:
                return "auth_away"
            except httpx.HTTPError:
                return "send_unknown"
        return ""

    def _invite(self, client: Client, email: str, link: str) -> None:
        try:
            client.auth.admin.invite_user_by_email(email, {"redirect_to": link})
        except AuthApiError as error:
            if error.code == "email_exists":
                # They have an account and its password: a sign-in link brings them to the page.
                _send_sign_in_link(client, email, link, is_new=False)
            elif self._settings.is_local and error.status in NO_ADMIN_API:
                _send_sign_in_link(client, email, link, is_new=True)
                self._show_link(email, link)
            else:
                raise

    def _show_link(self, email: str, link: str) -> None:
        """The local stand-in delivers no mail: the worker's log shows the link in its place."""
        query = "select recovery_token from auth.users where email = %s"
        with psycopg.connect(self._settings.database_url.get_secret_value()) as connection:
            row = connection.execute(query, [email]).fetchone()
        if row:
            url = f"{link}&token_hash={row[0]}&type=magiclink"
            log.info("local_invitation_link", email=email, open_this=url)

    def _client(self, http: httpx.Client) -> Client:
        options = ClientOptions(
            auto_refresh_token=False,
            persist_session=False,
            httpx_client=http,
            # A link is opened in another browser than this process.
            flow_type="implicit",
        )
        key = self._settings.supabase_service_role_key.get_secret_value()
        return create_client(self._settings.supabase_url, key, options)


def _send_sign_in_link(client: Client, email: str, link: str, *, is_new: bool) -> None:
    client.auth.sign_in_with_otp(
        {"email": email, "options": {"email_redirect_to": link, "should_create_user": is_new}}
    )


def problem_of(error: AuthError) -> str:
    """The code of why no mail went out, or why that is not known."""
    status = getattr(error, "status", 0)
    if error.code in PROBLEMS:
        return PROBLEMS[error.code]
    if status == TOO_MANY_STATUS:
        return "too_many_mails"
    if status in (401, 403):
        return "key_refused"
    # GoTrue answers 500 when its mail server refuses; a gateway before it 502 to 504.
    if status == 500:
        return "mail_not_set_up"
    return "send_unknown" if status == 0 or status > 500 else "refused"
