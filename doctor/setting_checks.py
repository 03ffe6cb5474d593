"""The settings by themselves: there, well-formed, in agreement, and strong. No call is made."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import SecretStr

from backup.settings import load_settings as load_backup_settings
from dashboard.config import load_settings as load_dashboard_settings
from doctor.finding import Finding, Skip, failed, ok, warning
from doctor.running import Check
from doctor.world import World
from service.config import FIGMA_SCOPES, SettingsError
from service.llm.providers import providers_from
from service.web.routes.receiver import PATH as WEBHOOK_PATH

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"
REDIRECT_PATH = "/api/auth/figma-oauth"
TRANSACTION_POOLER = 6543
# A random text of 32 letters has about 20 different ones; one that people make up has fewer.
FEWEST_LETTERS = 12
# Words that no random text has by chance.
_MADE_UP = re.compile(r"change.?me|example|secret|password|123456|abcdef|qwerty", re.I)
_NAME = re.compile(r"^(?:# )?([A-Z][A-Z0-9_]+)=", re.M)
# Read by compose.yaml alone; docs/compose.md explains them.
OF_COMPOSE = frozenset((
    "SITE_DOMAIN", "DASHBOARD_DOMAIN", "IMAGE", "TAG", "COMPOSE_PROFILES", "POSTGRES_PASSWORD",
    "JWT_SECRET", "GRAFANA_PASSWORD", "SMTP_HOST", "SMTP_PORT", "SMTP_USER", "SMTP_PASS",
    "SMTP_FROM",
))  # fmt: skip


def settings(world: World) -> Finding:
    if world.problem:
        lines = [line.strip() for line in world.problem.splitlines()[1:]]
        return failed(
            f"Settings are missing or malformed: {'; '.join(lines)}.",
            "No process of the product starts without them.",
            "Set them in the environment or in .env; docs/settings.md explains each.",
        )
    return ok("All that are needed are there and well-formed.")


def dashboard_settings(world: World) -> Finding:
    try:
        load_dashboard_settings(world.env_file)
    except SettingsError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:]]
        return failed(
            f"The dashboard would not start: {'; '.join(lines)}.",
            "Operators could not look at anything.",
            "Give the dashboard SUPABASE_URL and the publishable (anon) key.",
        )
    return ok("The dashboard has its address and a key without rights of its own.")


def unknown_settings(world: World) -> Finding:
    """Names in .env that nothing reads. The environment itself has names of everybody."""
    if world.env_file is None or not world.env_file.exists():
        raise Skip("There is no .env file here.")
    known = set(_NAME.findall(EXAMPLE.read_text(encoding="utf-8")))
    known |= {"SUPABASE_PUBLISHABLE_KEY", "SUPABASE_SECRET_KEY", "CHROMIUM", "PORT"} | OF_COMPOSE
    unread = sorted(name for name in dotenv_values(world.env_file) if name not in known)
    if unread:
        return warning(
            f"Nothing reads {', '.join(unread)} in .env.",
            "A mistyped name leaves the setting at its default, and nobody says so.",
            "Correct the name (.env.example has them all), or remove the line.",
        )
    return ok("Every name in .env is a setting.")


def secrets(world: World) -> Finding:
    weak = [f"{name} is {why}" for name, why in _weak(world)]
    if weak:
        return failed(
            f"{'; '.join(weak)}.",
            "Whoever guesses it can sign in as others or read their connections to Figma.",
            "Make a new one: `openssl rand -base64 48`, or `make key` for TOKEN_ENCRYPTION_KEYS.",
        )
    return ok("They look random, and each is used for one thing.")


def _weak(world: World) -> Iterator[tuple[str, str]]:
    given = world.settings
    named = {
        "SESSION_SECRET": given.session_secret,
        "METRICS_TOKEN": given.metrics_token,
        "FIGMA_CLIENT_SECRET": given.figma_client_secret,
        "SUPABASE_SERVICE_ROLE_KEY": given.supabase_service_role_key,
    }
    keys = given.token_encryption_keys
    named |= {f"TOKEN_ENCRYPTION_KEYS ({place})": key for place, key in enumerate(keys, 1)}
    values = {name: _text(secret) for name, secret in named.items() if secret}
    shared = {value for value, count in Counter(values.values()).items() if count > 1}
    for name, value in values.items():
        is_ours = name.startswith(("SESSION", "METRICS", "TOKEN"))
        if value in shared:
            yield name, "the same as another secret"
        elif is_ours and (len(set(value)) < FEWEST_LETTERS or _MADE_UP.search(value)):
            yield name, "easy to guess"
        elif name == "METRICS_TOKEN" and len(value) < 16:
            yield name, "shorter than 16 characters"


def _text(secret: SecretStr) -> str:
    return secret.get_secret_value()


def addresses(world: World) -> Finding:
    given = world.settings
    redirect, webhook = urlsplit(given.figma_redirect_uri), urlsplit(given.webhook_url)
    wrong = []
    if redirect.path != REDIRECT_PATH:
        wrong.append(f"FIGMA_REDIRECT_URI does not end in {REDIRECT_PATH}")
    if webhook.path != WEBHOOK_PATH:
        wrong.append(f"WEBHOOK_URL does not end in {WEBHOOK_PATH}")
    if not given.is_local:
        wrong += [
            f"{name} is not https"
            for name, parts in (("FIGMA_REDIRECT_URI", redirect), ("WEBHOOK_URL", webhook))
            if parts.scheme != "https"
        ]
    if wrong:
        return failed(
            f"{'; '.join(wrong)}.",
            "Sign-ins would end nowhere, comments would not arrive, or both could be read on their "
            "way.",
            "Correct them here and, for the redirect address, at the Figma app.",
        )
    if redirect.hostname != webhook.hostname and not given.is_local:
        return warning(
            f"People come to {redirect.hostname}, and Figma delivers to {webhook.hostname}.",
            "That is right only if both lead to this product.",
            "If it is not on purpose, use one host for both.",
        )
    return ok(f"Both lead to {redirect.hostname}, to the paths that web has.")


def figma_scopes(world: World) -> Finding:
    asked = set(world.settings.figma_scopes)
    missing = [scope for scope in FIGMA_SCOPES if scope not in asked]
    gone = sorted(asked & {"files:read", "file_read"})
    if missing:
        return failed(
            f"FIGMA_SCOPES leaves out {', '.join(missing)}.",
            "Figma refuses the calls that need them, and the buddy cannot do its work.",
            "Leave FIGMA_SCOPES at its default, and tick the same scopes at the Figma app.",
        )
    if gone:
        return warning(
            f"FIGMA_SCOPES asks for {', '.join(gone)}, which Figma is removing.",
            "One scope that the app does not have makes Figma refuse every sign-in.",
            "Remove it from FIGMA_SCOPES and from the Figma app.",
        )
    return ok("All that the buddy needs are asked for.")


def database_port(world: World) -> Finding:
    port = urlsplit(_text(world.settings.database_url)).port
    if port == TRANSACTION_POOLER:
        return failed(
            "DATABASE_URL leads to the transaction pooler (port 6543).",
            "It passes no LISTEN, so workers are not woken, and answers come late.",
            "Take the session pooler or the direct connection (port 5432) from Supabase → Connect.",
        )
    return ok("DATABASE_URL is a session-mode connection, as far as its port tells.")


def model_chain(world: World) -> Finding:
    providers = providers_from(world.settings)
    if not providers:
        return warning(
            "No model is set up.",
            "Every reply is a measured review, made by rules alone.",
            "Set OPENAI_API_KEY, Azure's two settings or MODEL_ENDPOINTS, if answers should be "
            "written by a model.",
        )
    if providers and world.settings.service_microusd_per_day == 0 and not world.is_local:
        return warning(
            "SERVICE_MICROUSD_PER_DAY is 0: nothing limits what all models cost in a day.",
            "A wave of questions, or somebody's script, is paid by you.",
            "Set it here, or on the dashboard under Settings, Triggers and limits.",
        )
    return ok(f"{len(providers)} in the chain: {', '.join(each.id for each in providers)}.")


def trusted_proxies(world: World) -> Finding:
    count = world.settings.trusted_proxies
    if world.is_local:
        if count:
            return warning(
                f"TRUSTED_PROXIES is {count} on a local run.",
                "Without a proxy in front, everybody can claim any address.",
                "Set it to 0 here.",
            )
        return ok("No proxy is in front of a local run, and none is trusted.")
    if world.settings.is_https and count == 0:
        return warning(
            "TRUSTED_PROXIES is 0, but the address is https, which something in front of web ends.",
            "All people then count as one address, and limits for strangers hit everybody.",
            "Set it to the number of proxies in front of web: 1 on most hosts.",
        )
    dashboard = os.environ.get("DASHBOARD_TRUSTED_PROXIES", "")
    return ok(
        f"{count} in front of web" + (f", {dashboard} of the dashboard." if dashboard else ".")
    )


def backup_settings(world: World) -> Finding:
    # Looked at where backups alone are made, too: the product's other settings are not there.
    try:
        given = load_backup_settings(world.env_file, to_seal=True)
    except SettingsError as error:
        lines = [line.strip() for line in str(error).splitlines()[1:]]
        if lines == ["BACKUP_RECIPIENTS: is missing"]:
            return _nobody_to_seal_for(world)
        return failed(
            f"Backups cannot be made: {'; '.join(lines)}.",
            "What is lost without a backup stays lost.",
            "Correct these settings; docs/backup.md explains them.",
        )
    return ok(f"Backups are sealed for {len(given.backup_recipients)} keys.")


def _nobody_to_seal_for(world: World) -> Finding:
    if not world.problem and world.is_local:
        raise Skip(
            "A local run, whose data nobody depends on. `make backup` needs BACKUP_RECIPIENTS."
        )
    return warning(
        "BACKUP_RECIPIENTS is not set, so no backup can be made from here.",
        "What is lost without a backup stays lost.",
        "Run `make backup-key`, and set the public key where backups are made (docs/backup.md).",
    )


CHECKS = (
    Check("settings", "settings", settings),
    Check("dashboard_settings", "settings", dashboard_settings),
    Check("unknown_settings", "settings", unknown_settings),
    Check("secrets", "settings", secrets),
    Check("addresses", "settings", addresses),
    Check("figma_scopes", "settings", figma_scopes),
    Check("database_port", "settings", database_port),
    Check("model_chain", "settings", model_chain),
    Check("trusted_proxies", "settings", trusted_proxies),
    Check("backup_settings", "settings", backup_settings),
)
