"""Makes somebody an operator of the dashboard: `python -m sql.set_operator EMAIL ROLE`.

Works on hosted Supabase and on the local stack. The local sign-in server has no admin API: there
the account is made by signing up. A second run changes the role, and makes an account again that
was deleted since. The password comes from PASSWORD in the environment, where other users of the
machine cannot read it; without it, one is generated. Only Supabase's three settings are read, so
that it works before anything else is set up.
"""

import argparse
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import httpx
from postgrest.exceptions import APIError
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from supabase import Client, ClientOptions, create_client
from supabase_auth.errors import AuthApiError, AuthError

from service.config import explain
from service.config_checks import check_http_address
from service.passwords import weakness

ROLES = ("founder", "support", "finance")
# The status codes of a server that has no admin API.
NO_ADMIN_API = (401, 404, 405, 501)


class Project(Protocol):
    """Where Supabase is, and its two keys."""

    @property
    def supabase_url(self) -> str: ...
    @property
    def supabase_anon_key(self) -> SecretStr: ...
    @property
    def supabase_service_role_key(self) -> SecretStr: ...


class ProjectSettings(BaseSettings):
    """A project as the environment names it."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    supabase_url: str
    supabase_anon_key: SecretStr = Field(
        validation_alias=AliasChoices("SUPABASE_ANON_KEY", "SUPABASE_PUBLISHABLE_KEY")
    )
    supabase_service_role_key: SecretStr = Field(
        validation_alias=AliasChoices("SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY")
    )

    @field_validator("supabase_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        return check_http_address(url)


class OperatorError(SystemExit):
    """Why nobody was made an operator, and what to do."""


@dataclass(frozen=True)
class Operator:
    """`password` is None where the account existed and kept its own."""

    user_id: str
    email: str
    role: str
    password: str | None


def load_project(env_file: str | Path | None = ".env") -> ProjectSettings:
    """Read the environment (and ``.env``); stop with every problem named at once."""
    try:
        return ProjectSettings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise explain("Supabase's settings", error) from None


def set_operator(settings: Project, email: str, role: str, password: str = "") -> Operator:
    """Make or find the account of `email` and give it `role`."""
    if role not in ROLES:
        raise OperatorError(f"The role {role!r} does not exist; use one of {', '.join(ROLES)}.")
    email = email.strip().lower()
    if password and (weak := weakness(password, email=email)):
        raise OperatorError(weak)
    with httpx.Client(timeout=30) as http:
        return _set_operator(settings, http, email, role, password)


def has_password(settings: Project, email: str, password: str) -> bool:
    """Whether somebody can sign in with it. Raises OperatorError if Supabase does not answer."""
    try:
        with httpx.Client(timeout=30) as http:
            visitor = _client(settings, http, settings.supabase_anon_key)
            visitor.auth.sign_in_with_password({"email": email, "password": password})
    except httpx.TransportError as error:
        raise OperatorError(_away(settings)) from error
    except AuthError:
        return False
    return True


def _set_operator(
    settings: Project, http: httpx.Client, email: str, role: str, password: str
) -> Operator:
    service = _client(settings, http, settings.supabase_service_role_key)
    try:
        user_id, used = _known_operator(service, email), None
        if user_id is None:
            used = password or secrets.token_urlsafe(12)
            user_id, is_new = _find_or_make_account(settings, http, service, email, used)
            used = used if is_new else None
        service.rpc(
            "set_operator", {"p_user_id": user_id, "p_email": email, "p_role": role}
        ).execute()
    except httpx.TransportError as error:
        raise OperatorError(_away(settings)) from error
    except APIError as error:
        raise OperatorError(f"The database refused: {error.message} ({error.code}).") from error
    except AuthError as error:
        said = error.message.rstrip(".")
        raise OperatorError(f"Supabase could not make the account: {said}.") from error
    return Operator(user_id, email, role, used)


def _away(settings: Project) -> str:
    return (
        f"Supabase does not answer at {settings.supabase_url}. For the local stack start "
        "`make run` in another terminal first; else check SUPABASE_URL."
    )


def _client(settings: Project, http: httpx.Client, key: SecretStr) -> Client:
    options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
    return create_client(settings.supabase_url, key.get_secret_value(), options)


def _known_operator(service: Client, email: str) -> str | None:
    """The operator's account, unless it was deleted since."""
    found = service.table("operators").select("user_id").eq("email", email).execute()
    rows = cast(list[dict[str, str]], found.data)
    return rows[0]["user_id"] if rows and _is_there(service, rows[0]["user_id"]) else None


def _is_there(service: Client, user_id: str) -> bool:
    """Whether an account exists. Without an admin API, we assume that it does."""
    try:
        service.auth.admin.get_user_by_id(user_id)
    except AuthApiError as error:
        if error.code == "user_not_found":
            return False
        if error.status not in NO_ADMIN_API:
            raise
    return True


def _find_or_make_account(
    settings: Project, http: httpx.Client, service: Client, email: str, password: str
) -> tuple[str, bool]:
    """The account's id, and whether it was made just now."""
    try:
        made = service.auth.admin.create_user(
            {"email": email, "password": password, "email_confirm": True}
        )
        return made.user.id, True
    except AuthApiError as error:
        if error.code == "email_exists":
            return _find_account(service, email), False
        if error.status not in NO_ADMIN_API:
            raise
    return _sign_up(_client(settings, http, settings.supabase_anon_key), email, password)


def _find_account(service: Client, email: str) -> str:
    page = 1
    while users := service.auth.admin.list_users(page=page, per_page=1000):
        for user in users:
            if user.email == email:
                return user.id
        page += 1
    raise OperatorError(f"Supabase says that {email} exists, but does not list it.")


def _sign_up(visitor: Client, email: str, password: str) -> tuple[str, bool]:
    try:
        made = visitor.auth.sign_up({"email": email, "password": password})
    except AuthApiError as error:
        if error.code not in ("user_already_exists", "email_exists"):
            raise
        return _sign_in(visitor, email, password), False
    if made.user is None:
        raise OperatorError(f"Supabase made no account for {email}.")
    return made.user.id, True


def _sign_in(visitor: Client, email: str, password: str) -> str:
    try:
        found = visitor.auth.sign_in_with_password({"email": email, "password": password})
    except AuthApiError as error:
        raise OperatorError(
            f"{email} has an account already, and this is not its password: give it with PASSWORD=…"
        ) from error
    if found.user is None:
        raise OperatorError(f"Supabase did not sign {email} in.")
    return found.user.id


def main() -> None:
    parser = argparse.ArgumentParser(description="Make somebody an operator of the dashboard.")
    parser.add_argument("email")
    parser.add_argument("role", choices=ROLES)
    given = parser.parse_args()
    password = os.environ.get("PASSWORD", "")
    operator = set_operator(load_project(), given.email, given.role, password)
    sys.stdout.write(f"{operator.email} is now an operator in the role {operator.role}.\n")
    if operator.password and not password:
        sys.stdout.write(f"Password: {operator.password} (shown this once)\n")


if __name__ == "__main__":
    main()
