"""The environment in which the product runs on one machine, for `make run` and other commands.

`python -m local.environment COMMAND …` runs a command in the environment of the last `make run`.

Everything has a default. .env overrides the defaults, and the environment overrides .env. If the
settings of Supabase, Figma or GitHub are set there, the real service is used, otherwise the local
stack, the sandbox or a stand-in.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from local.stack.keys import Secrets, write_private
from local.stack.stack import ROOT
from service.config import Settings, load_settings

CLIENT_ID = "figma-ai-buddy-local"
MODEL_KEY = "model-key"
# Each inner tuple has the possible names of one value.
SUPABASE = (
    ("SUPABASE_URL",),
    ("SUPABASE_ANON_KEY", "SUPABASE_PUBLISHABLE_KEY"),
    ("SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY"),
    ("DATABASE_URL",),
)
# Other ways to the same project: beside a local one they would lead to somebody else's data.
BESIDE_SUPABASE = ("DATABASE_POOLER_URL", "SUPABASE_READ_URL")
FIGMA = (("FIGMA_CLIENT_ID",), ("FIGMA_CLIENT_SECRET",))
# Any of these means the real GitHub, or another one.
GITHUB = ("GITHUB_API_URL", "GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY")
KEYS = "TOKEN_ENCRYPTION_KEYS"
# What a local run generates for each service. With the real service these values are useless.
OF_LOCAL_SUPABASE = (*(name for names in SUPABASE for name in names), KEYS, "SESSION_SECRET")
OF_LOCAL_FIGMA = (
    "FIGMA_CLIENT_ID", "FIGMA_CLIENT_SECRET", "FIGMA_API_URL", "FIGMA_AUTHORIZE_URL",
    "FIGMA_BOT_TOKEN", "FIGMA_PICTURES",
)  # fmt: skip


@dataclass(frozen=True)
class Plan:
    """What is local in this run, and the settings of every process.

    `generated` are the settings that the person did not set, and the local stack's own key.
    """

    local_supabase: bool
    local_figma: bool
    local_model: bool
    local_github: bool
    settings: dict[str, str]
    generated: dict[str, str]


def read_given(folder: Path = ROOT, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """What the person set: .env, overridden by the environment. Empty values count as not set."""
    from_file = dotenv_values(folder / ".env")
    given = {**from_file, **environment}
    return {name: value for name, value in given.items() if value}


def plan_run(given: Mapping[str, str], secrets: Secrets, ports: Mapping[str, int]) -> Plan:
    """Decide what is local. Raises SystemExit if a real service has only some of its settings."""
    local_supabase = not _is_given(given, "Supabase", SUPABASE)
    stray = [name for name in BESIDE_SUPABASE if name in given and local_supabase]
    if stray:
        raise SystemExit(
            f"{' and '.join(stray)} would lead past the local Supabase to a real one. Leave it "
            "out, or set SUPABASE_URL, its two keys and DATABASE_URL of that project too."
        )
    local_figma = not _is_given(given, "Figma", FIGMA)
    web = f"http://127.0.0.1:{ports['WEB_PORT']}"
    settings = {
        "FIGMA_REDIRECT_URI": f"{web}/api/auth/figma-oauth",
        "WEBHOOK_URL": f"{web}/api/figma-comment-webhook",
        KEYS: secrets.encryption_key,
        "SESSION_SECRET": secrets.session_secret,
        "LOG_FORMAT": "console",
    }
    if local_supabase:
        settings |= local_supabase_settings(secrets, ports)
    if local_figma:
        settings |= local_figma_settings(secrets, ports)
    local_model = bool(given.get("MODEL_STAND_IN"))
    if local_model:
        settings |= {
            "OPENAI_API_KEY": MODEL_KEY,
            "OPENAI_BASE_URL": f"http://127.0.0.1:{ports['MODEL_PORT']}/v1",
        }
    local_github = not any(name in given for name in GITHUB)
    if local_github:
        settings["GITHUB_API_URL"] = f"http://127.0.0.1:{ports['GITHUB_PORT']}"
    generated = {name: value for name, value in settings.items() if name not in given}
    everything = {**settings, **given, **_past_proxies(given)}
    if local_supabase:
        generated[KEYS] = secrets.encryption_key
        everything[KEYS] = _with_own_key(given, secrets.encryption_key)
    return Plan(local_supabase, local_figma, local_model, local_github, everything, generated)


def _with_own_key(given: Mapping[str, str], own: str) -> str:
    """The given keys, plus the key with which earlier runs encrypted. The first key encrypts."""
    return ",".join(dict.fromkeys([*given.get(KEYS, "").replace(",", " ").split(), own]))


def _past_proxies(given: Mapping[str, str]) -> dict[str, str]:
    """Local requests never go through a proxy.

    Sets both names: most clients read only the lower-case one if it exists.
    """
    listed = ",".join(given.get(name, "") for name in ("NO_PROXY", "no_proxy"))
    hosts = [host.strip() for host in listed.split(",") if host.strip()]
    direct = ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"]))
    # "*" means every host only if it is alone; in a list it matches nothing.
    direct = "*" if "*" in hosts else direct
    return {"NO_PROXY": direct, "no_proxy": direct}


def settle_settings(plan: Plan) -> Settings:
    """Put the settings into this process's environment and check them before anything starts."""
    os.environ.update(plan.settings)
    return load_settings(None)


def _is_given(given: Mapping[str, str], title: str, values: tuple[tuple[str, ...], ...]) -> bool:
    missing = [names[0] for names in values if not any(name in given for name in names)]
    if missing and len(missing) < len(values):
        raise SystemExit(
            f"{title} is only half set up, without {', '.join(missing)}. Set all of "
            f"{', '.join(names[0] for names in values)} in .env to use the real {title}, "
            "or none to use the local one."
        )
    return not missing


def local_supabase_settings(secrets: Secrets, ports: Mapping[str, int]) -> dict[str, str]:
    database = f"127.0.0.1:{ports['POSTGRES_PORT']}/postgres"
    return {
        "SUPABASE_URL": f"http://127.0.0.1:{ports['SUPABASE_PORT']}",
        "SUPABASE_ANON_KEY": secrets.anon_key,
        "SUPABASE_SERVICE_ROLE_KEY": secrets.service_role_key,
        "DATABASE_URL": f"postgresql://postgres:{secrets.postgres_password}@{database}",
    }


def local_figma_settings(secrets: Secrets, ports: Mapping[str, int]) -> dict[str, str]:
    figma = f"http://127.0.0.1:{ports['SANDBOX_PORT']}"
    return {
        "FIGMA_API_URL": figma,
        "FIGMA_AUTHORIZE_URL": f"{figma}/oauth",
        "FIGMA_CLIENT_ID": CLIENT_ID,
        "FIGMA_CLIENT_SECRET": secrets.figma_client_secret,
        "FIGMA_BOT_TOKEN": secrets.bot_token,
        # The buddy has a Full seat there.
        "FIGMA_PICTURES": "always",
    }


def write_environment(plan: Plan, path: Path) -> None:
    """Save the generated values for other commands (`make operator` …), in .env format."""
    lines = [f"{name}='{value}'" for name, value in sorted(plan.generated.items())]
    write_private(path, "\n".join(["# Written by `make run`.", *lines]) + "\n")


def after_run(last_run: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """The environment of other commands: what the person set, over what the last run generated.

    If the person set any value of the real Supabase, Figma or GitHub, all local values of it are
    dropped.
    """
    unused: set[str] = set()
    for values, names in ((SUPABASE, OF_LOCAL_SUPABASE), (FIGMA, OF_LOCAL_FIGMA)):
        if any(name in given for spellings in values for name in spellings):
            unused.update(names)
    if any(name in given for name in GITHUB):
        unused.update(GITHUB)
    kept = {name: value for name, value in last_run.items() if name not in unused}
    everything = {**kept, **given, **_past_proxies(given)}
    if KEYS in kept:
        everything[KEYS] = _with_own_key(given, kept[KEYS])
    return everything


def main() -> None:
    command = sys.argv[1:]
    last_run = {k: v for k, v in dotenv_values(ROOT / ".local" / "env").items() if v}
    os.execvpe(command[0], command, after_run(last_run, read_given()))


if __name__ == "__main__":
    main()
