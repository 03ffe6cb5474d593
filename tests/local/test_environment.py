"""What a local run takes from the person, and what it stands in for."""

import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from dotenv import dotenv_values

from dashboard.config import Settings as DashboardSettings
from local.demo import Demo
from local.environment import Plan, after_run, plan_run, read_given, write_environment
from local.ports import DEFAULTS, check_ports, read_ports
from local.programs import list_services, read_procfile
from local.run import _summary
from local.setup import check_machine
from local.stack.keys import generate_secrets, load_secrets
from local.stack.stack import ROOT, free_port
from local.stack.supervision import wait_until
from service.config import NOT_FOR_BUILDERS, Settings, load_settings
from service.secrets.encryption import Vault

SECRETS = generate_secrets()
HOSTED = {
    "SUPABASE_URL": "https://project.supabase.co",
    "SUPABASE_PUBLISHABLE_KEY": "sb_publishable_x",
    "SUPABASE_SECRET_KEY": "sb_secret_x",
    "DATABASE_URL": "postgresql://postgres:x@db.project.supabase.co:5432/postgres?sslmode=require",
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


def test_github_is_stood_in_for_until_one_of_its_settings_is_given():
    made = plan()
    assert made.local_github
    assert made.settings["GITHUB_API_URL"] == "http://127.0.0.1:8300"
    for given in ({"GITHUB_API_URL": "https://api.github.com"}, {"GITHUB_APP_ID": "4711"}):
        made = plan(**given)
        assert not made.local_github
        assert made.settings.get("GITHUB_API_URL") == given.get("GITHUB_API_URL")
        assert "GITHUB_API_URL" not in after_run(made.generated, {}) or given


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
    ("given", "is_hinted"),
    [
        ({}, True),
        ({"OPENAI_API_KEY": "sk-mine"}, False),
        ({"OPENAI_API_KEY": "sk-mine", "MODEL_CHAIN": "azure"}, True),
        ({"MODEL_ENDPOINTS": '[{"name": "x", "base_url": "http://x/v1", "model": "x"}]'}, False),
    ],
)
def test_it_says_that_there_is_no_model_where_the_chain_has_none(monkeypatch, given, is_hinted):
    made = plan(**given)
    for name, value in made.settings.items():
        monkeypatch.setenv(name, value)
    said = _summary(made, load_settings(None), [], Demo())
    assert ("No model is set up" in said) is is_hinted
    assert "not tested" not in said
    lacking = _summary(made, load_settings(None), [], Demo(), lack="Chromium is missing: install.")
    assert "not tested, and take no use:\n  Chromium is missing: install." in lacking


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


@pytest.mark.parametrize("stray", ["DATABASE_POOLER_URL", "SUPABASE_READ_URL"])
def test_a_local_run_is_not_led_to_a_real_project(stray):
    with pytest.raises(SystemExit, match=f"{stray} would lead past the local Supabase"):
        plan(**{stray: "postgresql://u:p@db.example.com:6543/postgres"})


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


def test_a_key_given_later_encrypts_and_what_was_stored_before_can_still_be_read(monkeypatch):
    def vault(made: Plan) -> Vault:
        for name, value in made.settings.items():
            monkeypatch.setenv(name, value)
        return Vault(load_settings(None))

    stored = vault(plan()).encrypt("a token")
    given = Fernet.generate_key().decode()
    later = vault(plan(TOKEN_ENCRYPTION_KEYS=given))
    assert later.decrypt(stored) == "a token"
    assert Fernet(given).decrypt(later.encrypt("another").encode()) == b"another"
    assert plan(**HOSTED, TOKEN_ENCRYPTION_KEYS=given).settings["TOKEN_ENCRYPTION_KEYS"] == given


def test_a_proxy_is_passed_by_whichever_way_the_exceptions_are_spelled(monkeypatch):
    for given in (
        {"no_proxy": "intranet.example.com"},
        {"NO_PROXY": "a.example.com", "no_proxy": "intranet.example.com, a.example.com"},
        {"NO_PROXY": "a.example.com,*"},
        {},
    ):
        for environment in (plan(**given).settings, after_run({}, given)):
            assert environment["no_proxy"] == environment["NO_PROXY"]
            for name in ("NO_PROXY", "no_proxy"):
                monkeypatch.setenv(name, environment[name])
            for host in ("127.0.0.1:8000", "localhost", *given.values()):
                assert urllib.request.proxy_bypass_environment(host.partition(",")[0])
    monkeypatch.setenv("no_proxy", plan(NO_PROXY="a.example.com").settings["no_proxy"])
    assert not urllib.request.proxy_bypass_environment("b.example.com")


# Other commands


def test_other_commands_see_what_the_last_run_made_and_the_persons_own_before_it():
    last = plan().generated
    seen = after_run(last, {"LOG_FORMAT": "json"})
    assert seen["DATABASE_URL"] == last["DATABASE_URL"]
    assert (seen["SUPABASE_ANON_KEY"], seen["LOG_FORMAT"]) == (SECRETS.anon_key, "json")


@pytest.mark.parametrize("name", ["SUPABASE_URL", "SUPABASE_SECRET_KEY", "DATABASE_URL"])
def test_beside_a_hosted_project_nothing_of_the_local_one_is_seen(name):
    for given in (HOSTED, {name: HOSTED[name]}):
        seen = after_run(plan().generated, given)
        assert seen.items() >= given.items() and seen["FIGMA_BOT_TOKEN"] == SECRETS.bot_token
        own = {"SUPABASE_ANON_KEY", "SUPABASE_SERVICE_ROLE_KEY", "TOKEN_ENCRYPTION_KEYS",
               "SESSION_SECRET"}  # fmt: skip
        assert not own & set(seen)
        assert not {SECRETS.anon_key, SECRETS.encryption_key} & set(seen.values())


def test_beside_a_real_figma_nothing_of_the_sandbox_is_seen():
    seen = after_run(plan().generated, {"FIGMA_CLIENT_ID": "app", "FIGMA_CLIENT_SECRET": "secret"})
    assert (seen["FIGMA_CLIENT_ID"], seen["FIGMA_CLIENT_SECRET"]) == ("app", "secret")
    assert not {"FIGMA_API_URL", "FIGMA_AUTHORIZE_URL", "FIGMA_BOT_TOKEN"} & set(seen)
    assert seen["SESSION_SECRET"] == SECRETS.session_secret


def test_rotating_on_the_local_stack_has_its_own_key_beside_a_given_one():
    given = {"TOKEN_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    made = plan(**given)
    assert made.generated["TOKEN_ENCRYPTION_KEYS"] == SECRETS.encryption_key
    seen = after_run(made.generated, given)
    assert seen["TOKEN_ENCRYPTION_KEYS"] == made.settings["TOKEN_ENCRYPTION_KEYS"]


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
    assert list(services) == ["sandbox", "github", "web", "worker", "builder", "dashboard"]
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


def test_a_builder_gets_no_secret_but_those_of_the_database(tmp_path):
    services = {each.program.name: each for each in list_services(plan(), DEFAULTS, tmp_path)}
    given = services["builder"].program.environment
    assert "DATABASE_URL" in given and SECRETS.service_role_key in given.values()
    assert not set(given.values()) & {SECRETS.session_secret, SECRETS.encryption_key}
    assert not set(given) & NOT_FOR_BUILDERS


@pytest.mark.parametrize("name", ["web", "dashboard"])
def test_a_local_run_listens_on_this_machine_alone(tmp_path, name):
    ports = DEFAULTS | {"WEB_PORT": free_port(), "DASHBOARD_PORT": free_port()}
    made = plan_run({}, SECRETS, ports)
    service = next(
        each for each in list_services(made, ports, tmp_path) if each.program.name == name
    )
    program, port = service.program, ports[service.port_name]
    with (tmp_path / "output").open("wb") as output:
        process = subprocess.Popen(
            program.command, cwd=program.directory, env=program.environment,
            stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        wait_until(lambda: can_connect("127.0.0.1", port), 60, (tmp_path / "output").read_text)
        # Loopback has more than one address: elsewhere in the own network nobody listens either.
        assert not can_connect("127.0.0.2", port)
    finally:
        process.terminate()
        process.wait(60)


def can_connect(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port)):
            return True
    except ConnectionRefusedError:
        return False


def test_with_a_real_figma_no_sandbox_is_started(tmp_path):
    made = plan(FIGMA_CLIENT_ID="app", FIGMA_CLIENT_SECRET="secret", MODEL_STAND_IN="1")
    names = [each.program.name for each in list_services(made, DEFAULTS, tmp_path)]
    assert names == ["model", "github", "web", "worker", "builder", "dashboard"]


def test_the_procfile_has_the_five_processes():
    assert set(read_procfile(ROOT / "Procfile")) == {
        *("release", "web", "worker", "builder", "dashboard")
    }


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
            expected = expected.lower() if isinstance(default, bool) else expected
            assert shown[name.upper()] == expected
    assert {name.upper() for name in DashboardSettings.model_fields} <= set(shown)
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
    wanted = {
        "run",
        "reset",
        "check",
        "test",
        "lint",
        "lock",
        "bench",
        "migrate",
        "operator",
        "seed",
    }
    assert wanted | {"rotate", "key"} <= set(targets)


@pytest.mark.parametrize("folder", [".", "plugin", "toolchain"])
def test_the_npm_locks_name_no_download_addresses(folder: str):
    assert '"resolved"' not in (ROOT / folder / "package-lock.json").read_text()


def test_the_settings_folder_is_never_committed():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {".local/", ".env", ".venv/", "node_modules/"} <= set(ignored)
    assert Path(ROOT / ".env.example").exists()
