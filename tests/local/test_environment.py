"""What a local run takes from the person, and what it stands in for."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from local.demo import Demo
from local.environment import Plan, plan_run, read_given, write_environment
from local.ports import DEFAULTS, check_ports, read_ports
from local.programs import list_services, read_procfile
from local.run import _summary
from local.setup import check_machine
from local.stack.keys import generate_secrets, load_secrets
from local.stack.stack import ROOT, free_port
from service.settings import Settings, load_settings

SECRETS = generate_secrets()
HOSTED = {
    "SUPABASE_URL": "https://project.supabase.co",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
    "SUPABASE_SECRET_KEY": "sb_secret_x",
    "DATABASE_URL": "postgresql://postgres:x@db.project.supabase.co:5432/postgres",
}


def plan(**given: str) -> Plan:
    return plan_run(given, SECRETS, DEFAULTS)


def test_with_nothing_set_everything_is_local_and_the_settings_are_complete(monkeypatch):
    made = plan()
    assert (made.local_supabase, made.local_figma, made.local_model) == (True, True, False)
    for name, value in made.settings.items():
        monkeypatch.setenv(name, value)
    settings = Settings(_env_file=None)
    assert settings.figma_api_url == "http://127.0.0.1:8100"
    assert settings.public_url == "http://127.0.0.1:8000"


def test_a_hosted_project_leaves_figma_local():
    made = plan(**HOSTED)
    assert (made.local_supabase, made.local_figma) == (False, True)
    assert made.settings["DATABASE_URL"] == HOSTED["DATABASE_URL"]
    assert "SUPABASE_ANON_KEY" not in made.settings


def test_a_real_figma_app_leaves_supabase_local():
    made = plan(FIGMA_CLIENT_ID="app", FIGMA_CLIENT_SECRET="secret")
    assert (made.local_supabase, made.local_figma) == (True, False)
    assert "FIGMA_API_URL" not in made.settings
    assert "FIGMA_BOT_TOKEN" not in made.settings


@pytest.mark.parametrize(
    ("url", "is_told"),
    [("", True), ("https://a-tunnel.example.com/api/figma-comment-webhook", False)],
)
def test_with_a_real_figma_it_starts_and_says_whether_comments_can_arrive(
    monkeypatch, url, is_told
):
    given = {"FIGMA_CLIENT_ID": "app", "FIGMA_CLIENT_SECRET": "secret", "WEBHOOK_URL": url}
    made = plan(**{name: value for name, value in given.items() if value})
    for name, value in made.settings.items():
        monkeypatch.setenv(name, value)
    said = _summary(made, load_settings(None), [], Demo())
    told = "Figma cannot reach http://127.0.0.1:8000/api/figma-comment-webhook"
    assert (told in said) is is_told


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SUPABASE_URL": "https://x.supabase.co"}, "SUPABASE_ANON_KEY"),
        ({"FIGMA_CLIENT_ID": "app"}, "FIGMA_CLIENT_SECRET"),
    ],
)
def test_a_half_set_up_service_is_refused_by_name(given, missing):
    with pytest.raises(SystemExit, match=f"without .*{missing}"):
        plan(**given)


def test_a_persons_own_values_go_first():
    made = plan(OPENAI_API_KEY="sk-mine", SESSION_SECRET="s" * 40)
    assert made.settings["OPENAI_API_KEY"] == "sk-mine"
    assert made.settings["SESSION_SECRET"] == "s" * 40


def test_the_environment_goes_before_the_file_and_empty_counts_as_unset(tmp_path):
    (tmp_path / ".env").write_text("BUDDY_NAME=File\nOPENAI_MODEL=file\nFIGMA_CLIENT_ID=\n")
    given = read_given(tmp_path, {"BUDDY_NAME": "Shell", "SUPABASE_URL": ""})
    assert given == {"BUDDY_NAME": "Shell", "OPENAI_MODEL": "file"}


def test_what_was_generated_is_kept_and_a_persons_own_keys_are_not(tmp_path):
    path = tmp_path / "env"
    made = plan(OPENAI_API_KEY="sk-mine", SESSION_SECRET="s" * 40)
    write_environment(made, path)
    kept = dotenv_values(path)
    assert kept == made.generated
    assert kept["DATABASE_URL"] == made.settings["DATABASE_URL"]
    assert not {"OPENAI_API_KEY", "SESSION_SECRET"} & set(kept)
    assert path.stat().st_mode & 0o777 == 0o600


def test_keys_are_made_once_and_gain_what_is_new(tmp_path):
    path = tmp_path / "secrets.json"
    first = load_secrets(path)
    assert load_secrets(path) == first
    path.write_text(path.read_text().replace('"bot_token"', '"old_name"'))
    again = load_secrets(path)
    assert again.anon_key == first.anon_key
    assert again.bot_token != first.bot_token


@pytest.mark.parametrize("value", ["abc", "0", "70000", "-1", "８０"])
def test_a_port_that_is_none_is_refused(value):
    with pytest.raises(SystemExit, match="WEB_PORT is"):
        read_ports({"WEB_PORT": value})


def test_a_taken_port_is_named_with_its_variable_and_its_owner():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        sentence = rf"port {port} \(the web service\) is taken by .*; stop that, or set WEB_PORT=…"
        with pytest.raises(SystemExit, match=sentence):
            check_ports({"WEB_PORT": port}, ["WEB_PORT"])


def test_two_parts_on_one_port_are_refused():
    port = free_port()
    with pytest.raises(SystemExit, match="are both"):
        check_ports({"WEB_PORT": port, "MODEL_PORT": port}, ["WEB_PORT", "MODEL_PORT"])


def test_free_ports_pass():
    check_ports({"WEB_PORT": free_port()}, ["WEB_PORT"])


def test_the_sandbox_and_the_service_share_one_oauth_app(tmp_path):
    services = {each.program.name: each for each in list_services(plan(), DEFAULTS, tmp_path)}
    assert list(services) == ["sandbox", "web", "worker", "dashboard"]
    sandbox = services["sandbox"].program.environment
    web = services["web"].program.environment
    assert sandbox["SANDBOX_CLIENT_SECRET"] == web["FIGMA_CLIENT_SECRET"]
    assert sandbox["SANDBOX_BOT_TOKEN"] == web["FIGMA_BOT_TOKEN"]
    assert sandbox["SANDBOX_REDIRECT_URIS"] == web["FIGMA_REDIRECT_URI"]
    assert services["web"].program.command[2] == f"exec {read_procfile(ROOT / 'Procfile')['web']}"


def test_the_dashboard_gets_no_key_that_opens_everything(tmp_path):
    services = {each.program.name: each for each in list_services(plan(), DEFAULTS, tmp_path)}
    shown = services["dashboard"].program.environment
    assert shown["SUPABASE_ANON_KEY"] == SECRETS.anon_key
    values = set(shown.values())
    assert not values & {SECRETS.service_role_key, SECRETS.session_secret, SECRETS.encryption_key}
    assert "DATABASE_URL" not in shown


def test_with_a_real_figma_no_sandbox_is_started(tmp_path):
    made = plan(FIGMA_CLIENT_ID="app", FIGMA_CLIENT_SECRET="secret", MODEL_STAND_IN="1")
    names = [each.program.name for each in list_services(made, DEFAULTS, tmp_path)]
    assert names == ["model", "web", "worker", "dashboard"]


def test_the_procfile_has_the_four_processes():
    assert set(read_procfile(ROOT / "Procfile")) == {"release", "web", "worker", "dashboard"}


def test_the_dashboard_alone_runs_as_the_web_process_of_an_app_of_its_own():
    everything = read_procfile(ROOT / "Procfile")
    assert read_procfile(ROOT / "dashboard" / "Procfile") == {"web": everything["dashboard"]}


def test_the_example_names_every_setting_with_its_default():
    text = (ROOT / ".env.example").read_text()
    shown = dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", text, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        assert name.upper() in shown
        if not field.is_required() and shown[name.upper()] and name != "model_endpoints":
            default = field.default
            expected = ",".join(default) if isinstance(default, tuple) else str(default)
            assert shown[name.upper()] == expected
    assert set(DEFAULTS) <= set(shown)


def test_an_older_python_is_told_which_one_is_needed(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(
        SystemExit, match=r"Python 3\.11 or newer is needed, and this is Python 3\.9"
    ):
        check_machine()


def test_make_lists_its_targets():
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    targets = re.findall(r"^  make (\w+) +\S", shown.stdout, re.MULTILINE)
    wanted = {"run", "reset", "test", "lint", "bench", "migrate", "operator", "seed", "key"}
    assert wanted <= set(targets)


def test_every_requirement_is_pinned_exactly():
    for name in ("requirements.txt", "requirements-dev.txt"):
        lines = (ROOT / name).read_text().splitlines()
        pins = [line for line in lines if line and not line.startswith(("#", "-r "))]
        assert pins
        assert all(re.fullmatch(r"[A-Za-z0-9_.\-\[\]]+==[\w.]+", pin) for pin in pins)


def test_the_npm_lock_names_no_download_addresses():
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_the_settings_folder_is_never_committed():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {".local/", ".env", ".venv/", "node_modules/"} <= set(ignored)
    assert Path(ROOT / ".env.example").exists()
