"""Each check of the settings, broken on purpose: nothing is reached."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from backup import make_backup
from doctor.world import World
from local.compose_env import lines_for
from local.stack.stack import ROOT
from service.config import SettingsError
from tests.doctor.conftest import KEY, SECRET, is_told, look, public_settings

# check: what is set, how it is judged, and what it says. All are well without these changes.
BROKEN = [
    ("secrets", {"session_secret": "change-me-change-me-change-me-change-me"}, "failed",
     "SESSION_SECRET is easy to guess"),
    ("secrets", {"session_secret": "a" * 40}, "failed", "SESSION_SECRET is easy to guess"),
    ("secrets", {"metrics_token": "Xk8Rt2Wq9"}, "failed", "METRICS_TOKEN is easy to guess|shorter"),
    ("secrets", {"metrics_token": SECRET}, "failed", "the same as another secret"),
    ("secrets", {"token_encryption_keys": "A" * 43 + "="}, "failed", "_KEYS .1. is easy"),
    ("addresses", {"figma_redirect_uri": "https://buddy.example.com/callback"}, "failed",
     "FIGMA_REDIRECT_URI does not end in /api/auth/figma-oauth"),
    ("addresses", {"webhook_url": "https://buddy.example.com/hook"}, "failed",
     "WEBHOOK_URL does not end in"),
    ("addresses", {"figma_redirect_uri": "http://10.0.0.5/api/auth/figma-oauth"}, "failed",
     "FIGMA_REDIRECT_URI is not https"),
    ("addresses", {"webhook_url": "https://b.example.com/api/figma-comment-webhook"}, "warning",
     "People come to buddy.example.com, and Figma delivers to b.example.com"),
    ("figma_scopes", {"figma_scopes": "current_user:read"}, "failed", "leaves out file_comments"),
    ("database_port",
     {"database_url": "postgresql://u:word@pooler.example.com:6543/postgres?sslmode=require"},
     "failed", "transaction pooler"),
    ("model_chain", {}, "warning", "No model is set up"),
    ("model_chain", {"openai_api_key": "sk-any-any-any"}, "warning", "nothing limits what all"),
    ("trusted_proxies", {"trusted_proxies": 0}, "warning", "TRUSTED_PROXIES is 0"),
    ("trusted_proxies", {"figma_redirect_uri": "http://127.0.0.1:8000/api/auth/figma-oauth"},
     "warning", "TRUSTED_PROXIES is 1 on a local run"),
]  # fmt: skip
WELL = {"model_chain": {"openai_api_key": "sk-any-any-any", "service_microusd_per_day": 10}}


@pytest.mark.parametrize(("name", "changes", "status", "says"), BROKEN)
def test_a_setting_that_is_wrong_is_told(
    world_of: Callable[..., World], name: str, changes: dict, status: str, says: str
):
    found = look(name, world_of(**changes))
    assert found.status == status
    assert pytest.RaisesExc(Exception, match=says).matches(Exception(found.what))
    assert is_told(found)
    assert look(name, world_of(**WELL.get(name, {}))).status == "ok"


# check: the environment that is wrong, what it says, and what mends it.
NEEDED = {
    "SUPABASE_URL": "https://project.example.com",
    "SUPABASE_ANON_KEY": "sb_publishable_one",
    "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_two",
    "DATABASE_URL": "postgresql://postgres:very-hidden-word@db.example.com:5432/postgres?sslmode=require",
    "FIGMA_CLIENT_ID": "client",
    "FIGMA_CLIENT_SECRET": "secret",
    "FIGMA_REDIRECT_URI": "https://buddy.example.com/api/auth/figma-oauth",
    "WEBHOOK_URL": "https://buddy.example.com/api/figma-comment-webhook",
    "TOKEN_ENCRYPTION_KEYS": KEY,
    "SESSION_SECRET": SECRET,
    "BACKUP_RECIPIENTS": "age1wknampxrc2xvlpnps0hjl47an3sxqrudxkxkf3g60dds5wcpnf6s3xq86g",
}
READ_BROKEN = [
    ("settings", {"SESSION_SECRET": ""}, "failed", "SESSION_SECRET: is missing"),
    ("settings", {"DATABASE_URL": "mysql://x"}, "failed", "must be a Postgres address"),
    ("dashboard_settings", {"SUPABASE_ANON_KEY": "sb_secret_all"}, "failed", "secret key"),
    ("backup_settings", {"BACKUP_RECIPIENTS": "age1nonsense"}, "failed", "public key of age"),
    ("backup_settings", {"BACKUP_RECIPIENTS": ""}, "warning", "BACKUP_RECIPIENTS is not set"),
]


@pytest.mark.parametrize(("name", "changes", "status", "says"), READ_BROKEN)
def test_an_environment_that_is_wrong_is_told(
    monkeypatch: pytest.MonkeyPatch, name: str, changes: dict, status: str, says: str
):
    for each in (changes, {}):
        for variable, value in {**NEEDED, **each}.items():
            monkeypatch.setenv(variable, value)
        world = World.read({}, None)
        found = look(name, world)
        world.close()
        if each:
            assert found.status == status and says in found.what and is_told(found)
            assert "very-hidden-word" not in str(found)
    assert found.status == "ok"


OF_BACKUPS = {
    "SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY", "DATABASE_URL", "BACKUP_RECIPIENTS",
}  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "status", "says"),
    [
        ("", "ok", "sealed for 1 keys"),
        ("BACKUP_RECIPIENTS", "warning", "BACKUP_RECIPIENTS is not set"),
        ("DATABASE_URL", "failed", "DATABASE_URL: is missing"),
    ],
)
def test_a_machine_that_only_makes_backups_is_told_what_they_lack(
    monkeypatch: pytest.MonkeyPatch, missing: str, status: str, says: str
):
    monkeypatch.delenv("BACKUP_RECIPIENTS", raising=False)
    for variable in OF_BACKUPS - {missing}:
        monkeypatch.setenv(variable, NEEDED[variable])
    world = World.read({}, None)
    found = look("backup_settings", world)
    world.close()
    assert (found.status, says in found.what) == (status, True)


def test_all_that_backups_lack_is_told_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("BACKUP_RECIPIENTS", raising=False)
    world = World.read({}, None)
    found = look("backup_settings", world)
    world.close()
    assert all(f"{name}: is missing" in found.what for name in OF_BACKUPS)
    with pytest.raises(SettingsError) as refused:
        make_backup.main()
    assert all(f"{name}: is missing" in str(refused.value) for name in OF_BACKUPS)


def test_a_mistyped_name_in_the_file_is_told(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_text("SUPABSE_URL=https://x.example.com\nOPENAI_API_KEY=k\n")
    world = World(public_settings(), {}, env_file=file)
    found = look("unknown_settings", world)
    assert found.status == "warning" and "SUPABSE_URL" in found.what and is_told(found)
    file.write_text(
        "SUPABASE_URL=https://x.example.com\nWEB_CONCURRENCY=2\nSUPABASE_SECRET_KEY=k\n"
    )
    assert look("unknown_settings", world).status == "ok"
    world.close()


@pytest.mark.parametrize("self_hosted", [False, True])
def test_what_compose_reads_is_no_mistyped_name(tmp_path: Path, self_hosted: bool):
    file = tmp_path / ".env"
    read = re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text(encoding="utf-8"))
    lines = lines_for("buddy.example.com", "ops.example.com", self_hosted=self_hosted)
    file.write_text("\n".join([*lines, "COMPOSE_PROFILES=telemetry", *(f"{n}=x" for n in read)]))
    world = World(public_settings(), {}, env_file=file)
    assert look("unknown_settings", world).what == "Every name in .env is a setting."
    world.close()
