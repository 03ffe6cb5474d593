"""What stops the service at its start, in words that never repeat a value."""

import os
import subprocess
import sys
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from local.stack.stack import ROOT
from service.config import Settings, SettingsError, load_settings
from service.config_checks import is_figma, is_public_address

GOOD = {
    "SUPABASE_URL": "https://project.supabase.co",
    "SUPABASE_ANON_KEY": "sb_publishable_x",
    "SUPABASE_SERVICE_ROLE_KEY": "sb_secret_x",
    "DATABASE_URL": "postgresql://postgres:x@db.project.supabase.co:5432/postgres?sslmode=require",
    "FIGMA_CLIENT_ID": "app",
    "FIGMA_CLIENT_SECRET": "secret",
    "FIGMA_REDIRECT_URI": "https://buddy.example.com/api/auth/figma-oauth",
    "WEBHOOK_URL": "https://buddy.example.com/api/figma-comment-webhook",
    "TOKEN_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "SESSION_SECRET": "s" * 40,
}
# Each with a password in which a special letter was left as it is.
MALFORMED = (
    "postgresql://postgres:s3cr%tPa@db.example.com:5432/postgres",
    "postgresql://postgres:s3cr%00tPa@db.example.com:5432/postgres",
    "postgresql://postgres:s3cr tPa@db.example.com:5432/postgres",
    "postgresql://postgres:s3cr@tPa@db.example.com:5432/postgres",
    "postgresql://postgres:s3cr/tPa@db.example.com:5432/postgres",
    "postgresql://postgres:s3cr@db.example.com:54tPa/postgres",
    "postgresql://postgres:s3cr@[tPa:5432/postgres",
    "mysql://postgres:s3cr-tPa@db.example.com/postgres",
    "https://s3cr-tPa.supabase.co",
    "s3cr-tPa",
)


def start(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.setenv(name, value)
    return load_settings(None)


def problem(monkeypatch: pytest.MonkeyPatch, **changes: str) -> str:
    with pytest.raises(SettingsError) as refused:
        start(monkeypatch, **changes)
    # Nothing else is carried along that a traceback would show.
    assert refused.value.__suppress_context__
    return str(refused.value)


@pytest.mark.parametrize("url", MALFORMED)
def test_a_malformed_database_address_is_a_sentence_without_the_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    said = problem(monkeypatch, DATABASE_URL=url)
    assert "DATABASE_URL: must be" in said and "postgresql://" in said
    assert [part for part in ("s3cr", "tPa", "example.com") if part in said] == []


@pytest.mark.parametrize("url", MALFORMED)
def test_applying_sql_says_the_same_sentence(url: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "sql.apply"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1 and ended.stdout == ""
    assert ended.stderr.startswith("DATABASE_URL: must be") and ended.stderr.count("\n") == 1
    assert [part for part in ("s3cr", "tPa", "example.com") if part in ended.stderr] == []


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://postgres:s3cr%25t%40%2F@db.example.com/postgres?sslmode=verify-full",
        "postgres://postgres.ref:p#[x]?y@aws-0.pooler.supabase.com:5432/postgres?sslmode=require",
        "postgresql://u:p@[::1]:5432/db",
        "postgresql://u@postgres:5432/db",
        "postgresql://u@db.buddy.svc/db",
        "postgresql://u@db.buddy.svc.cluster.local/db",
        "postgresql://u@db.databases/db",
        "postgresql:///db?host=/var/run/postgresql",
    ],
)
def test_a_good_database_address_is_kept(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert start(monkeypatch, DATABASE_URL=url).database_url.get_secret_value() == url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3cr@db.example.com/db",
        "postgresql://u:s3cr@93.184.215.14/db",
        "postgresql://u:s3cr@[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/db",
        "postgresql://u:s3cr@db/db?hostaddr=93.184.215.14",
    ],
)
def test_a_database_over_the_internet_is_reached_with_tls_alone(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    said = problem(monkeypatch, DATABASE_URL=url)
    assert "  DATABASE_URL: must end in ?sslmode=require" in said and "s3cr" not in said
    assert "DATABASE_POOLER_URL: must end" in problem(monkeypatch, DATABASE_POOLER_URL=url)
    # As libpq takes it from the environment, too.
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert start(monkeypatch, DATABASE_URL=url, DATABASE_POOLER_URL=url)
    # What stands in the address comes first there, too.
    mark = "&" if "?" in url else "?"
    assert "must end in" in problem(monkeypatch, DATABASE_URL=f"{url}{mark}sslmode=prefer")


@pytest.mark.parametrize(
    "name",
    ["FIGMA_REDIRECT_URI", "WEBHOOK_URL", "SUPABASE_URL", "OPENAI_BASE_URL", "PLANS_URL",
     "OTEL_EXPORTER_OTLP_ENDPOINT", "FIGMA_API_URL", "GITHUB_API_URL", "SUPPORT_URL"],
)  # fmt: skip
def test_nothing_goes_over_the_internet_in_clear_text(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for url in ("http://s3cr.example.com/x", "HTTP://93.184.215.14/x", "http://s3cr.example.com./"):
        said = problem(monkeypatch, **{name: url})
        assert f"  {name}: must begin with https://" in said and "s3cr" not in said


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:54321", "http://10.0.0.5", "http://gateway:8000", "http://[fd00::1]:8000",
     "http://gateway.supabase.svc", "http://gateway.supabase.svc.cluster.local:8000",
     "http://gateway.supabase", "http://buddy.flycast", "http://100.64.0.3:8000"],
)  # fmt: skip
def test_inside_a_private_network_it_may(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert start(monkeypatch, SUPABASE_URL=url).supabase_url == url


def test_the_error_of_settings_made_by_hand_repeats_no_value_either() -> None:
    values: dict[str, Any] = {**GOOD, "DATABASE_URL": MALFORMED[0]}
    with pytest.raises(ValidationError) as refused:
        Settings(_env_file=None, **values)
    assert "s3cr" not in str(refused.value)


@pytest.mark.parametrize("rate", ["sixty", "60", "0/minute", "1/minute;9/hour", "5/fortnight"])
def test_a_rate_that_is_none_is_refused_at_start(
    monkeypatch: pytest.MonkeyPatch, rate: str
) -> None:
    said = problem(monkeypatch, RATE_LIMIT_PUBLIC=rate)
    assert "RATE_LIMIT_PUBLIC: must be one limit such as 60/minute" in said


@pytest.mark.parametrize("rate", ["60/minute", "5 per second", "500/hour"])
def test_a_rate_is_kept(monkeypatch: pytest.MonkeyPatch, rate: str) -> None:
    assert start(monkeypatch, RATE_LIMIT_PUBLIC=rate).rate_limit_public == rate


# Where Figma delivers to

PRIVATE = (
    "http://127.0.0.1:8000/x", "http://localhost:8000/x", "https://[::1]/x", "http://10.0.0.5/x",
    "https://192.168.1.4/x", "http://[fd00::1]/x", "http://web:8000/x", "https://buddy.local/x",
    "http://169.254.1.1/x",
)  # fmt: skip
PUBLIC = ("https://buddy.example.com/x", "https://93.184.215.14/x", "https://b.example.com:81/x")


@pytest.mark.parametrize("url", PRIVATE)
def test_figma_itself_is_given_no_private_address(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    said = problem(monkeypatch, WEBHOOK_URL=url)
    assert "  WEBHOOK_URL: must be a public address" in said


def test_an_address_that_cannot_be_read_is_refused_without_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = problem(monkeypatch, WEBHOOK_URL="https://[half/x")
    assert "WEBHOOK_URL: must be a full http(s) address" in said and "half" not in said


@pytest.mark.parametrize("url", PUBLIC)
def test_a_public_address_is_taken(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    assert start(monkeypatch, WEBHOOK_URL=url).is_found_by_figma


def test_what_stands_in_for_figma_may_deliver_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    made = start(monkeypatch, WEBHOOK_URL=PRIVATE[0], FIGMA_API_URL="http://127.0.0.1:8100")
    assert made.is_found_by_figma


def test_on_ones_own_machine_all_but_the_webhook_may_be_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = "http://127.0.0.1:8000/api/auth/figma-oauth"
    made = start(monkeypatch, WEBHOOK_URL=PRIVATE[0], FIGMA_REDIRECT_URI=here)
    assert made.is_local and not made.is_found_by_figma


def test_figma_is_told_from_its_stand_ins() -> None:
    figma = ("https://api.figma.com", "https://api.figma-gov.com", "https://figma.com")
    others = ("http://127.0.0.1:8100", "https://notfigma.com", "https://figma.com.example.org")
    assert [is_figma(url) for url in figma] == [True] * 3
    assert [is_figma(url) for url in others] == [False] * 3
    assert [is_public_address(url) for url in (*PRIVATE, *PUBLIC)] == [False] * 9 + [True] * 3


# What would otherwise fail later, and elsewhere

NO_ADDRESS = "must be a full http(s) address"
ENDPOINT = '[{"name": "local", "base_url": "%s", "model": "llama3.3", "api_key": "s3cr-tPa"}]'


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("OPENAI_BASE_URL", "api.openai.com/v1", NO_ADDRESS),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318", NO_ADDRESS),
        ("FIGMA_AUTHORIZE_URL", "www.figma.com/oauth", NO_ADDRESS),
        ("FIGMA_TOKEN_URL", "api.figma.com/v1/oauth/token", NO_ADDRESS),
        ("FIGMA_REFRESH_URL", "api.figma.com/v1/oauth/refresh", NO_ADDRESS),
        ("PLANS_URL", "javascript:alert(1)", NO_ADDRESS),
        ("PLANS_URL", "mailto:help@example.com", NO_ADDRESS),
        ("SUPPORT_URL", "javascript:alert(1)", f"{NO_ADDRESS}, or mailto:"),
        ("SUPPORT_URL", "mailto:", f"{NO_ADDRESS}, or mailto:"),
        ("MODEL_ENDPOINTS", "[bad", "must be a list in JSON, such as"),
        ("MODEL_ENDPOINTS", '{"name": "local"}', "must be a list in JSON, such as"),
        ("MODEL_ENDPOINTS.0.BASE_URL", ENDPOINT % "nonsense", NO_ADDRESS),
        ("MODEL_ENDPOINTS.0.MODEL", ENDPOINT.replace('"model"', '"modell"'), "is missing"),
        ("BUDDY_TRIGGERS", ",", "needs at least one word"),
        ("FIGMA_SCOPES", " , ", "needs at least one word"),
        ("WORKER_LEASE_SECONDS", "3", "must be longer than WORKER_HEARTBEAT_SECONDS"),
    ],
)
def test_what_would_fail_later_is_refused_at_start_beside_everything_else(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    told = problem(monkeypatch, **{name.partition(".")[0]: value}, SESSION_SECRET="short")
    assert f"\n  {name}: {said}" in told and "\n  SESSION_SECRET: " in told
    assert "s3cr" not in told


def test_a_heartbeat_as_long_as_the_lease_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = {"WORKER_HEARTBEAT_SECONDS": "10", "WORKER_LEASE_SECONDS": "10"}
    assert "  WORKER_LEASE_SECONDS: must be longer" in problem(monkeypatch, **changes)
    changes["WORKER_LEASE_SECONDS"] = "10.5"
    assert start(monkeypatch, **changes).worker_lease_seconds == 10.5


def test_half_of_azure_is_refused_and_names_the_other_half(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key, endpoint = "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_ENDPOINT"
    with monkeypatch.context() as patch:
        assert f"  {key}: needs {endpoint}" in problem(patch, **{key: "s3cr-tPa"})
    with monkeypatch.context() as patch:
        said = problem(patch, **{endpoint: "https://foo.openai.azure.com"})
    assert f"  {key}: is missing, and {endpoint} needs it" in said
    said = problem(monkeypatch, **{key: "s3cr-tPa", endpoint: "foo.openai.azure.com"})
    assert f"  {endpoint}: {NO_ADDRESS}" in said and f"  {key}" not in said
    monkeypatch.setenv(endpoint, "https://foo.openai.azure.com/")
    assert load_settings(None).azure_openai_endpoint == "https://foo.openai.azure.com"


def test_what_may_be_set_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    made = start(
        monkeypatch,
        MODEL_ENDPOINTS=ENDPOINT % "http://127.0.0.1:11434/v1/",
        BUDDY_TRIGGERS="@buddy, @crit,",
        PLANS_URL="https://example.com/plans/",
        SUPPORT_URL="mailto:help@example.com",
    )
    assert [each.base_url for each in made.model_endpoints] == ["http://127.0.0.1:11434/v1"]
    assert made.buddy_triggers == ("@buddy", "@crit")
    assert (made.plans_url, made.support_url) == (
        "https://example.com/plans/", "mailto:help@example.com",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"SMTP_URL": "mail.example.com:25", "MAIL_FROM": "a@example.com"}, "SMTP_URL: must be"),
        ({"SMTP_URL": "smtps://mail.example.com"}, "MAIL_FROM: is missing, and SMTP_URL needs"),
        ({"MAIL_FROM": "the buddy"}, "MAIL_FROM: must be an address of mail"),
    ],
)
def test_a_mail_server_and_its_sender_are_checked_at_the_start(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, str], said: str
) -> None:
    assert said in problem(monkeypatch, **changes)
    good = {"SMTP_URL": "smtps://u:p@mail.example.com", "MAIL_FROM": "Buddy <b@example.com>"}
    assert start(monkeypatch, **good).mail_from == "Buddy <b@example.com>"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SESSION_SECRET", "too-short", "is too short: it needs at least 32 characters"),
        ("BUDDY_NAME", "B" * 41, "is too long: it may have at most 40 characters"),
        ("MODEL_MAX_OUTPUT_TOKENS", "many", "has to be a whole number"),
        ("MODEL_MAX_OUTPUT_TOKENS", "99", "has to be at least 100"),
        ("MODEL_MAX_OUTPUT_TOKENS", "32001", "has to be at most 32000"),
        ("MODEL_TIMEOUT_SECONDS", "0", "has to be more than 0"),
    ],
)
def test_a_value_that_does_not_fit_is_told_as_what_it_has_to_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    assert f"  {name}: {said}" in problem(monkeypatch, **{name: value})
