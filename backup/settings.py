"""What backups need of the environment: the project, for whom they are sealed, where they go."""

import hashlib
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
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backup.sealing import recipient_of
from service.config import explain
from service.config_checks import check_http_address, check_postgres_address


class BackupSettings(BaseSettings):
    """The environment, validated. Nothing of Figma or models is needed, so that backups can be made
    on a machine that has no other secret."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    supabase_url: Annotated[str, AfterValidator(check_http_address)]
    supabase_service_role_key: SecretStr = Field(
        validation_alias=AliasChoices("SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY")
    )
    database_url: SecretStr
    # Public keys of age. Whoever has the private key of one of them can open the backup.
    backup_recipients: Annotated[tuple[str, ...], NoDecode] = ()
    backup_folder: Path = Path("backups")
    # Older ones are removed after a new one was made, but never the newest three.
    backup_keep_days: int = Field(default=30, ge=1, le=3650)
    # Whether the files of pipelines go into the backup. Without them it is smaller, and components
    # that were made have to be made again.
    backup_files: bool = True
    # Signs backups, and lets none be restored that was not signed with it. A public key seals for
    # whoever has the private one, and anybody may seal with it: it does not say who did.
    backup_signing_key: SecretStr | None = Field(default=None, min_length=32)
    # Only their fingerprints are used, to say which keys belong to a backup.
    token_encryption_keys: SecretStr | None = None
    session_secret: SecretStr | None = None

    @field_validator("backup_recipients", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("backup_recipients")
    @classmethod
    def _check_recipients(cls, recipients: tuple[str, ...]) -> tuple[str, ...]:
        for each in recipients:
            recipient_of(each)
        return recipients

    @field_validator("database_url")
    @classmethod
    def _check_database(cls, url: SecretStr) -> SecretStr:
        check_postgres_address(url.get_secret_value())
        return url

    def fingerprints(self) -> dict[str, list[str]]:
        """The first letters of a hash of each key that a restored product will need."""
        keys = self.token_encryption_keys.get_secret_value() if self.token_encryption_keys else ""
        session = self.session_secret.get_secret_value() if self.session_secret else ""
        return {
            "TOKEN_ENCRYPTION_KEYS": [
                _fingerprint(each) for each in keys.replace(",", " ").split()
            ],
            "SESSION_SECRET": [_fingerprint(session)] if session else [],
        }


class SealingSettings(BackupSettings):
    """What making a backup needs, and restoring one does not: for whom it is sealed."""

    backup_recipients: Annotated[tuple[str, ...], NoDecode]


def _fingerprint(secret: str) -> str:
    return hashlib.sha256(f"figma-ai-buddy backup {secret}".encode()).hexdigest()[:12]


def load_settings(env_file: str | Path | None = ".env", *, to_seal: bool = False) -> BackupSettings:
    """Read the environment (and ``.env``). Raises SettingsError, which lists every problem."""
    try:
        return (SealingSettings if to_seal else BackupSettings)(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise explain("The settings of backups", error) from None
