"""The dashboard's settings from the environment: Supabase's address and public key, a replica to
read from, the number of proxies in front of the dashboard, whether operators need a second factor,
and where the runbook can be read."""

import base64
import json
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.config import SettingsError, explain
from service.config_checks import check_http_address, check_page_link

__all__ = ["Settings", "SettingsError", "load_settings"]


class Settings(BaseSettings):
    """Supabase's address and publishable (anon) key: a key with more rights is refused. Where to
    read instead, if there is a read replica. How many proxies set `X-Forwarded-For`, or which
    header tells the client. Whether operators need a second factor to see anything."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    supabase_url: str
    supabase_anon_key: SecretStr = Field(
        validation_alias=AliasChoices("SUPABASE_ANON_KEY", "SUPABASE_PUBLISHABLE_KEY")
    )
    supabase_read_url: str = ""
    dashboard_trusted_proxies: int = Field(0, ge=0, le=5)
    client_address_header: str = Field("", pattern=r"^[A-Za-z0-9-]{0,60}$")
    dashboard_require_mfa: bool = False
    runbook_url: Annotated[str, AfterValidator(check_page_link)] = Field("", validate_default=False)

    @field_validator("supabase_url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        return check_http_address(url)

    @field_validator("supabase_read_url")
    @classmethod
    def _check_read_url(cls, url: str) -> str:
        return check_http_address(url) if url else ""

    @field_validator("supabase_anon_key")
    @classmethod
    def _check_key(cls, key: SecretStr) -> SecretStr:
        if opens_everything(key.get_secret_value()):
            raise ValueError(
                "is the secret key of the service; the dashboard takes the publishable (anon) key"
            )
        return key


def opens_everything(key: str) -> bool:
    """Whether a Supabase key bypasses row level security: a secret key, or a service_role JWT.

    https://supabase.com/docs/guides/api/api-keys
    """
    if key.startswith("sb_secret_"):
        return True
    parts = key.split(".")
    if len(parts) != 3:
        return False
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return False
    return isinstance(claims, dict) and claims.get("role") == "service_role"


def load_settings(env_file: str | Path | None = ".env") -> Settings:
    """Read the environment (and ``.env``). Raises SettingsError, which lists every problem."""
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise explain("The dashboard's settings", error) from None
