"""Every environment variable the product reads: its name, type, default and meaning."""

import re
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic import model_validator as validate_model
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from service.config_checks import (
    check_encryption_key,
    check_http_address,
    check_mail_address,
    check_page_link,
    check_postgres_address,
    check_private_key,
    check_rate,
    check_session_address,
    check_smtp_address,
    check_support_link,
    is_figma,
    is_public_address,
    read_json_list,
)

# What the buddy needs at Figma: the signed-in person, comments, the commented node, its own
# webhooks.
# https://developers.figma.com/docs/rest-api/scopes/
FIGMA_SCOPES = (
    "current_user:read",
    "file_comments:read",
    "file_comments:write",
    "file_content:read",
    "file_metadata:read",
    "webhooks:read",
    "webhooks:write",
)


Commas = Annotated[tuple[str, ...], NoDecode]
HttpAddress = Annotated[str, AfterValidator(check_http_address)]
# For settings that may be left out. All other defaults are validated like set values.
NO_ADDRESS: Any = Field(default="", validate_default=False)


class SettingsError(SystemExit):
    """Raised at start with one message that names every missing or malformed setting."""


# A builder proves strangers' designs as code. It has no use for these, and its environment need not
# have them.
NOT_FOR_BUILDERS = frozenset(
    {"FIGMA_CLIENT_ID", "FIGMA_CLIENT_SECRET", "FIGMA_BOT_TOKEN", "TOKEN_ENCRYPTION_KEYS"}
    | {"SESSION_SECRET", "OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"}
    | {"MODEL_ENDPOINTS", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "SMTP_URL"}
)


class ModelEndpoint(BaseModel):
    """An OpenAI-compatible endpoint of the model chain (Anthropic, Gemini, a local server …)."""

    name: str = Field(pattern=r"^[a-z0-9_-]{1,40}$")
    base_url: HttpAddress
    model: str
    api_key: SecretStr = SecretStr("none")
    # The provider's name in genai-prices, if it differs from ``name``.
    price_provider: str | None = None
    # Whether its model takes pictures.
    pictures: bool = False


class Settings(BaseSettings):
    """The environment, validated. Fields have the names of the variables, in lower case."""

    model_config = SettingsConfigDict(
        env_file=".env", extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    # Supabase: the API, its two keys (old and new names), and a session-mode Postgres connection
    # (direct, or the pooler's port 5432: LISTEN does not work through the transaction pooler). The
    # transaction pooler, if there is one, for everything but LISTEN and migrations.
    supabase_url: HttpAddress
    supabase_anon_key: SecretStr = Field(
        validation_alias=AliasChoices("SUPABASE_ANON_KEY", "SUPABASE_PUBLISHABLE_KEY")
    )
    supabase_service_role_key: SecretStr = Field(
        validation_alias=AliasChoices("SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY")
    )
    database_url: SecretStr
    database_pooler_url: SecretStr | None = None

    # Figma's OAuth app, and our addresses that Figma calls.
    figma_client_id: str
    figma_client_secret: SecretStr
    figma_redirect_uri: HttpAddress
    webhook_url: HttpAddress
    figma_scopes: Commas = FIGMA_SCOPES
    figma_bot_token: SecretStr | None = None
    figma_api_url: HttpAddress = "https://api.figma.com"
    figma_authorize_url: HttpAddress = "https://www.figma.com/oauth"
    figma_token_url: HttpAddress = NO_ADDRESS
    figma_refresh_url: HttpAddress = NO_ADDRESS
    figma_timeout_seconds: float = Field(default=20, gt=0, le=120)
    # Whether models get a picture of the pinned frame, which is one more call of Figma's scarce
    # tier 1. auto: only for accounts that are known to have many of them.
    figma_pictures: Literal["auto", "always", "never"] = "auto"

    # GitHub, where components are pushed to, and our GitHub App there. Without the App, people give
    # tokens of their own.
    github_api_url: HttpAddress = "https://api.github.com"
    github_app_id: str = Field(default="", pattern=r"^[A-Za-z0-9.]{0,40}$")
    github_app_private_key: SecretStr | None = None

    # Our own secrets. The first encryption key encrypts, every listed key decrypts.
    token_encryption_keys: Annotated[tuple[SecretStr, ...], NoDecode]
    session_secret: SecretStr = Field(min_length=32)
    # A designer's browser or plugin is signed out after this many days without use, and after 30
    # days in any case.
    session_idle_days: int = Field(default=14, ge=1, le=30)

    # How comments address the buddy.
    buddy_triggers: Commas = ("@buddy",)
    buddy_name: str = Field(default="Buddy", min_length=1, max_length=40)
    # For people without an account, if the owner chose nothing when switching the buddy on.
    guest_rule: Literal["invite", "owner_pays", "ignore"] = "invite"

    # The model chain, in this order, without entries that lack a key. The measured review is last.
    model_chain: Commas = ("openai", "azure", "endpoints")
    openai_api_key: SecretStr | None = None
    openai_base_url: HttpAddress = "https://api.openai.com/v1"
    openai_model: str = "gpt-5-mini"
    openai_pictures: bool = True
    azure_openai_endpoint: HttpAddress | None = None
    azure_openai_api_key: SecretStr | None = None
    azure_openai_deployment: str = "gpt-5-mini"
    azure_openai_api_version: str = "2024-10-21"
    azure_openai_pictures: bool = True
    model_endpoints: Annotated[tuple[ModelEndpoint, ...], NoDecode] = ()
    model_timeout_seconds: float = Field(default=60, gt=0, le=600)
    model_max_output_tokens: int = Field(default=2000, ge=100, le=32_000)
    model_cost_ceiling_microusd: int = Field(default=200_000, gt=0)
    # Providers, or provider/model, that are not asked although they are set up.
    models_off: Commas = ()
    # The most that all models may cost in a UTC day, in millionths of a dollar; 0: no limit.
    service_microusd_per_day: int = Field(default=0, ge=0)

    # Limits. Each refusal says when to try again. On the dashboard, founders may override the first
    # three, the triggers, the guest rule, what models may cost and job attempts: live_settings.py.
    answers_per_minute: int = Field(default=10, ge=1)
    loop_breaker_replies: int = Field(default=3, ge=1)
    loop_breaker_window_seconds: int = Field(default=300, ge=10)
    # All replies to one author in one file within a day. Then the buddy says so once and is silent.
    author_replies_per_day: int = Field(default=50, ge=1)
    # The most that one author, webhook or file may cost us in a UTC day without taking a use.
    unbilled_microusd_per_day: int = Field(default=1_000_000, gt=0)
    # Analyses of one person in any 15 minutes, and how long a request waits for one before it is
    # told to ask again.
    analyses_per_quarter_hour: int = Field(default=100, ge=1, le=10_000)
    analysis_wait_seconds: float = Field(default=25, ge=0, le=50)
    # For one webhook, in each web process. Further deliveries get 429, and Figma retries.
    webhook_deliveries_rate: str = "600/minute"
    max_body_bytes: int = Field(default=1_048_576, ge=10_000)
    body_seconds: float = Field(default=30, gt=0, le=300)
    rate_limit_public: str = "60/minute"
    # How many proxies in front of web set X-Forwarded-*. 0 trusts none of these headers.
    trusted_proxies: int = Field(default=0, ge=0, le=5)
    # The header in which the host's proxy says who asks, where X-Forwarded-For does not. It must
    # write over what clients send there.
    client_address_header: str = Field(default="", pattern=r"^[A-Za-z0-9-]{0,60}$")

    # Components from designs.
    pipelines_per_team: int = Field(default=3, ge=1, le=100)
    pipeline_ceiling_microusd: int = Field(default=400_000, ge=0, le=100_000_000)
    # Stages at once: in each worker those that wait for others, in each builder those that compute.
    pipelines_concurrency: int = Field(default=8, ge=1, le=200)
    builder_concurrency: int = Field(default=1, ge=1, le=64)
    builder_metrics_port: int = Field(default=0, ge=0, le=65535)

    # The worker.
    worker_concurrency: int = Field(default=200, ge=1, le=2000)
    worker_heartbeat_seconds: float = Field(default=3, gt=0, le=10)
    worker_lease_seconds: float = Field(default=12, ge=2, le=60)
    worker_shutdown_seconds: float = Field(default=20, ge=1)
    job_attempts: int = Field(default=6, ge=1, le=20)
    worker_metrics_port: int = Field(default=0, ge=0, le=65535)

    # Links shown to people.
    plans_url: Annotated[str, AfterValidator(check_page_link)] = NO_ADDRESS
    support_url: Annotated[str, AfterValidator(check_support_link)] = NO_ADDRESS
    # Who is told of a hole in the security, in /.well-known/security.txt; empty: support.
    security_contact: Annotated[str, AfterValidator(check_support_link)] = NO_ADDRESS

    # Operations.
    # Where docs/runbook.md can be read, for links in alerts.
    runbook_url: Annotated[str, AfterValidator(check_page_link)] = NO_ADDRESS
    # How large the database may become, in GB; 0: not known, and nobody warns.
    database_max_gb: float = Field(default=0, ge=0, le=1_000_000)
    # Alerts by mail: smtps://user:password@host (465), or smtp:// (587, with STARTTLS).
    smtp_url: SecretStr | None = None
    mail_from: str = Field(default="", max_length=200, validate_default=True)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "console"] = "json"
    otel_exporter_otlp_endpoint: HttpAddress | None = None
    metrics_token: SecretStr | None = None

    @field_validator("buddy_triggers", "figma_scopes", "model_chain", "models_off", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(re.findall(r"[^,\s]+", value)) if isinstance(value, str) else value

    @field_validator("buddy_triggers", "figma_scopes")
    @classmethod
    def _check_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if not words:
            raise ValueError("needs at least one word")
        return words

    @field_validator("token_encryption_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("token_encryption_keys")
    @classmethod
    def _check_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not keys:
            raise ValueError("needs at least one key")
        for key in keys:
            check_encryption_key(key.get_secret_value())
        return keys

    @field_validator("model_endpoints", mode="before")
    @classmethod
    def _read_endpoints(cls, value: object) -> object:
        return read_json_list(value) if isinstance(value, str) else value

    @field_validator("azure_openai_api_key")
    @classmethod
    def _check_azure(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        endpoint = info.data.get("azure_openai_endpoint", key)
        if key and not endpoint:
            raise ValueError("needs AZURE_OPENAI_ENDPOINT beside it")
        if endpoint and not key:
            raise ValueError("is missing, and AZURE_OPENAI_ENDPOINT needs it")
        return key

    @field_validator("github_app_private_key")
    @classmethod
    def _check_app_key(cls, key: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        app_id = info.data.get("github_app_id")
        if key and not app_id:
            raise ValueError("needs GITHUB_APP_ID beside it")
        if app_id and not key:
            raise ValueError("is missing, and GITHUB_APP_ID needs it")
        if key:
            check_private_key(key.get_secret_value())
        return key

    @field_validator("smtp_url")
    @classmethod
    def _check_smtp(cls, url: SecretStr | None) -> SecretStr | None:
        if url:
            check_smtp_address(url.get_secret_value())
        return url

    @field_validator("mail_from")
    @classmethod
    def _check_sender(cls, sender: str, info: ValidationInfo) -> str:
        if info.data.get("smtp_url") and not sender:
            raise ValueError("is missing, and SMTP_URL needs it")
        return check_mail_address(sender) if sender else sender

    @field_validator("worker_lease_seconds")
    @classmethod
    def _check_lease(cls, seconds: float, info: ValidationInfo) -> float:
        if seconds <= info.data.get("worker_heartbeat_seconds", 0):
            raise ValueError(
                "must be longer than WORKER_HEARTBEAT_SECONDS, best several times as long"
            )
        return seconds

    @field_validator("database_url", "database_pooler_url")
    @classmethod
    def _check_database(cls, url: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if url:
            check_postgres_address(url.get_secret_value())
        if url and info.field_name == "database_url":
            check_session_address(url.get_secret_value())
        return url

    @field_validator("rate_limit_public", "webhook_deliveries_rate")
    @classmethod
    def _check_rate(cls, rate: str) -> str:
        return check_rate(rate)

    @field_validator("model_chain")
    @classmethod
    def _check_chain(cls, chain: tuple[str, ...]) -> tuple[str, ...]:
        unknown = set(chain) - {"openai", "azure", "endpoints"}
        if unknown:
            raise ValueError(f"knows openai, azure, endpoints; not {', '.join(sorted(unknown))}")
        return chain

    @validate_model(mode="after")
    def _derive(self) -> Self:
        self.figma_token_url = self.figma_token_url or f"{self.figma_api_url}/v1/oauth/token"
        self.figma_refresh_url = self.figma_refresh_url or f"{self.figma_api_url}/v1/oauth/refresh"
        return self

    @validate_model(mode="after")
    def _check_webhook_url(self) -> Self:
        # On a local machine everything but the webhook works: see is_found_by_figma.
        if not self.is_found_by_figma and not self.is_local:
            raise ValueError(
                "WEBHOOK_URL: must be a public address: Figma cannot reach one of this machine or "
                "of a private network"
            )
        return self

    @cached_property
    def public_url(self) -> str:
        """Where people find this service: the origin of the OAuth redirect address, in the form
        that browsers send in the Origin header."""
        parts = urlsplit(self.figma_redirect_uri)
        usual_port = ":443" if parts.scheme == "https" else ":80"
        return f"{parts.scheme}://{parts.netloc.lower().removesuffix(usual_port)}"

    @property
    def is_https(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def is_local(self) -> bool:
        """Whether this runs on a local machine: people can reach it only on loopback."""
        return urlsplit(self.figma_redirect_uri).hostname in ("127.0.0.1", "localhost", "::1")

    @property
    def is_found_by_figma(self) -> bool:
        """Whether Figma can deliver to WEBHOOK_URL. A local stand-in for Figma reaches any
        address."""
        return not is_figma(self.figma_api_url) or is_public_address(self.webhook_url)


def load_settings(env_file: str | Path | None = ".env", **instead: Any) -> Settings:
    """Read the environment (and ``.env``). On problems, stop the process and name all of them.
    ``instead``: values that no environment changes."""
    try:
        return Settings(_env_file=env_file, **instead)  # type: ignore[call-arg]
    except ValidationError as error:
        raise explain("The settings", error) from None


def explain(what: str, error: ValidationError) -> SettingsError:
    """One message for everything that is missing or malformed. It does not contain the values."""
    lines = [_problem(dict(each)) for each in error.errors(include_input=False)]
    return SettingsError(
        f"{what} are not complete. Set these in the environment or in .env "
        "(every setting is explained in .env.example):\n  " + "\n  ".join(lines)
    )


# https://docs.pydantic.dev/latest/errors/validation_errors/
_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    # Of secrets.
    "too_short": "is too short: it needs at least {min_length} characters",
    "string_too_short": "is too short: it needs at least {min_length} characters",
    "string_too_long": "is too long: it may have at most {max_length} characters",
    "string_pattern_mismatch": "has letters that are not allowed: it has to match {pattern}",
    "int_parsing": "has to be a whole number",
    "int_from_float": "has to be a whole number",
    "float_parsing": "has to be a number",
    "bool_parsing": "has to be true or false",
    "literal_error": "has to be {expected}",
    "greater_than": "has to be more than {gt}",
    "greater_than_equal": "has to be at least {ge}",
    "less_than": "has to be less than {lt}",
    "less_than_equal": "has to be at most {le}",
}


def _problem(error: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in error["loc"]).upper()
    told = _REASONS.get(error["type"])
    reason = (
        told.format(**error.get("ctx", {})) if told else error["msg"].removeprefix("Value error, ")
    )
    # A check of several settings together names the wrong one itself.
    return f"{name}: {reason}" if name else reason


if __name__ == "__main__":
    load_settings()
