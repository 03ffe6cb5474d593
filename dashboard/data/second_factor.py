"""A second factor: codes of an authenticator app, stored and checked by Supabase Auth.

A session's token says how it was made: `aal1` with a password, `aal2` with a code as well.
https://supabase.com/docs/guides/auth/auth-mfa/totp
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import httpx
from supabase_auth._sync.gotrue_mfa_api import SyncGoTrueMFAAPI
from supabase_auth.errors import AuthApiError, AuthError

from dashboard.access.auth import (
    AWAY,
    TOO_MANY,
    TOO_MANY_STATUS,
    AuthAway,
    SessionOver,
    SignIn,
    is_away,
)
from dashboard.data.reads import ask

ISSUER = "Figma AI Buddy"
WITH_CODE = "aal2"
MOST_NAME = 60

NOT_OFFERED = (
    "The sign-in service here offers no second factor. On hosted Supabase it is switched on under "
    "Authentication, Multi-Factor (TOTP)."
)
WRONG_CODE = (
    "This code is not right. Enter the one your app shows now, and check the clock of its device."
)
NAME_TAKEN = "There is already a second factor of this name. Choose another name."
TOO_OLD = "This took too long. Begin again."
TOO_MANY_FACTORS = "You have as many second factors as there may be. Remove one first."
CODE_FIRST = "Sign in with a code of your second factor to change it."
FAILED = "The sign-in service did not accept this. Begin again."

# GoTrue's error codes: https://supabase.com/docs/guides/auth/debugging/error-codes
REFUSALS = {
    "mfa_totp_enroll_not_enabled": NOT_OFFERED,
    "mfa_totp_verify_not_enabled": NOT_OFFERED,
    "mfa_verification_failed": WRONG_CODE,
    "mfa_verification_rejected": WRONG_CODE,
    "validation_failed": WRONG_CODE,
    "mfa_factor_name_conflict": NAME_TAKEN,
    "mfa_challenge_expired": TOO_OLD,
    "mfa_factor_not_found": TOO_OLD,
    "too_many_enrolled_mfa_factors": TOO_MANY_FACTORS,
    "insufficient_aal": CODE_FIRST,
    "over_request_rate_limit": TOO_MANY,
}


class FactorRefused(Exception):
    """A second factor was not set up, checked or removed. The message is for the person."""


class WrongCode(FactorRefused):
    """The code was checked and is wrong."""


@dataclass(frozen=True)
class Factor:
    """A second factor that is in force."""

    id: str
    name: str
    since: datetime


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs, until the first code proves that the app is set up."""

    id: str
    name: str
    picture: str = field(repr=False)
    secret: str = field(repr=False)


def is_given(sign_in: SignIn) -> bool:
    """Whether this session was made with a code."""
    return _levels(sign_in)[0] == WITH_CODE


def is_due(sign_in: SignIn) -> bool:
    """Whether the person has a second factor and this session was made without it."""
    now, possible = _levels(sign_in)
    return possible == WITH_CODE and now != WITH_CODE


def _levels(sign_in: SignIn) -> tuple[str | None, str | None]:
    found = ask(sign_in, lambda client: client.auth.mfa.get_authenticator_assurance_level())
    return found.current_level, found.next_level


def list_factors(sign_in: SignIn) -> list[Factor]:
    """The factors in force, not cached. Raises FactorRefused."""
    with _told(sign_in) as mfa:
        return [
            Factor(each.id, each.friendly_name or "Authenticator app", each.created_at)
            for each in mfa.list_factors().totp
        ]


def enrol(sign_in: SignIn, name: str) -> Enrolment:
    """Begin to set up a factor; `confirm` activates it. Raises FactorRefused."""
    with _told(sign_in) as mfa:
        for begun in mfa.list_factors().all:
            if begun.status == "unverified":
                mfa.unenroll({"factor_id": begun.id})
        made = mfa.enroll(
            {"factor_type": "totp", "friendly_name": name[:MOST_NAME], "issuer": ISSUER}
        )
    if made.totp is None:
        raise FactorRefused(FAILED)
    # The client puts the head of a data URL before the SVG.
    _, _, picture = made.totp.qr_code.partition("utf-8,")
    return Enrolment(made.id, made.friendly_name, with_white_ground(picture), made.totp.secret)


def confirm(sign_in: SignIn, factor_id: str, code: str) -> None:
    """Check a code: the session becomes `aal2`, and a new factor becomes active.

    Raises WrongCode, or FactorRefused.
    """
    digits = "".join(code.split())
    if not digits.isdecimal():
        raise WrongCode(WRONG_CODE)
    with _told(sign_in) as mfa:
        mfa.challenge_and_verify({"factor_id": factor_id, "code": digits})


def remove(sign_in: SignIn, factor_id: str) -> None:
    """Needs a session made with a code. Raises FactorRefused."""
    with _told(sign_in) as mfa:
        mfa.unenroll({"factor_id": factor_id})
    # The token and the client's data about the person still contain the factor.
    sign_in.client(renew=True)


def with_white_ground(picture: str) -> str:
    """A QR code as SVG, white up to its edge: cameras need that on a dark page."""
    head, tag, rest = picture.partition("<svg")
    inside, end, after = rest.partition(">")
    return f'{head}{tag}{inside}{end}<rect width="100%" height="100%" fill="white"/>{after}'


@contextmanager
def _told(sign_in: SignIn) -> Iterator[SyncGoTrueMFAAPI]:
    """The service's MFA calls; every error becomes one sentence."""
    try:
        with sign_in.tokens() as auth:
            yield auth.mfa
    except SessionOver:
        raise
    except (AuthAway, httpx.HTTPError) as error:
        raise FactorRefused(AWAY) from error
    except AuthError as error:
        sentence = _sentence(error)
        raise (WrongCode if sentence == WRONG_CODE else FactorRefused)(sentence) from error


def _sentence(error: AuthError) -> str:
    if _status(error) == 404 and error.code is None:
        return NOT_OFFERED
    if error.code in REFUSALS:
        return REFUSALS[error.code]
    if _status(error) == TOO_MANY_STATUS:
        return TOO_MANY
    return AWAY if is_away(error) else FAILED


def _status(error: AuthError) -> int:
    """The response's status, also where the client could not read the response."""
    if isinstance(error, AuthApiError):
        return error.status
    cause = error.__context__
    return cause.response.status_code if isinstance(cause, httpx.HTTPStatusError) else 0
