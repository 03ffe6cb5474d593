"""Health, readiness, figures, logs, group commit, and the API against its own description."""

import html
import io
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import structlog
from cryptography.fernet import Fernet
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from pydantic import SecretStr
from schemathesis import GenerationMode

from service.config import ModelEndpoint, Settings
from service.errors import ServiceError, Unavailable
from service.figma.oauth_tokens import TokenSet
from service.observing import logs, tracing
from service.observing.logs import scrub_text
from service.pipelines.pushing import PushRefused, open_target
from service.receiving.group_commit import GroupCommit
from service.review.rules import RULES
from service.secrets import rotate_keys
from service.secrets.encryption import Vault
from service.secrets.figma_tokens import FigmaTokens
from service.secrets.rotate_keys import (
    Outcome,
    rotate_passcodes,
    rotate_targets,
    rotate_tokens,
)
from tests.service.web.conftest import CHECKOUT, Person, Web, design_link


def test_health_and_readiness(web: Web) -> None:
    person = web.person()
    assert person.http.get("/healthz").json() == {"status": "ok"}
    ready = person.http.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")


def test_without_a_database_it_lives_but_is_not_ready(serve: Callable[..., Web]) -> None:
    person = serve(supabase_url="http://127.0.0.1:9").person()
    assert person.http.get("/healthz").status_code == 200
    ready = person.http.get("/readyz")
    checks = ready.json()["checks"]
    assert ready.status_code == 503 and "cannot be reached" in checks["encryption"]
    figures = person.http.get("/metrics")
    assert figures.status_code == 200 and "queue_status_up 0.0" in figures.text


def test_figures_name_routes_and_not_paths(web: Web) -> None:
    person = web.person()
    person.http.get("/some/unknown/path")
    person.http.get("/healthz")
    text = person.http.get("/metrics").text
    assert 'http_requests_total{method="GET",route="/healthz",status="200"}' in text
    assert "/some/unknown/path" not in text
    for name in ("queue_answers_queued 0.0", "queue_dead_letters 0.0", "queue_status_up 1.0",
                 "webhook_batch_size_bucket", "answers_total", "figma_requests_total"):  # fmt: skip
        assert name in text


def test_figures_can_be_behind_a_token(serve: Callable[..., Web]) -> None:
    person = serve(metrics_token=SecretStr("metrics-token")).person()
    assert person.http.get("/metrics").status_code == 401
    headers = {"Authorization": "Bearer metrics-token"}
    assert person.http.get("/metrics", headers=headers).status_code == 200


def test_figures_without_a_token_stay_on_this_machine(web: Web) -> None:
    headers = {"X-Forwarded-For": "203.0.113.9"}
    assert web.person().http.get("/metrics", headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("given", "is_kept"),
    [("a-sane-id_1.2", True), ("short", False), ("x" * 65, False), ("evil id", False)],
)
def test_request_ids_are_taken_over_if_sane(web: Web, given: str, is_kept: bool) -> None:
    answer = web.person().http.get("/healthz", headers={"X-Request-Id": given})
    assert (answer.headers["X-Request-Id"] == given) is is_kept


# Logs


@pytest.fixture
def written(web_settings: Settings) -> Iterator[io.StringIO]:
    logs.configure_logs(web_settings.model_copy(update={"log_level": "DEBUG"}))
    stream = io.StringIO()
    handler = logging.getLogger().handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream


SECRETS = (
    "figu_abcdefgh12345678", "figd_abcdefgh12345678", "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl",
    "gAAAAABmabcdefghijklmnopqrstuvwxyz", "sk-proj-abcdefgh1234", "hunter2hunter2",
)  # fmt: skip


def test_secrets_are_taken_out_of_every_log(written: io.StringIO) -> None:
    log = structlog.get_logger("test")
    log.info("a", access_token=SECRETS[0], nested={"Passcode": "hunter2hunter2", "ok": "kept"})
    log.info("b", text=f"got {SECRETS[1]} and {SECRETS[2]}", headers=[("x", SECRETS[3])])
    log.info(f"https://x/cb?code=hunter2hunter2&state=hunter2hunter2 {SECRETS[4]}")
    log.info("c", url="postgresql://me:hunter2hunter2@host/db", code="Xy9hunter2hunter2")
    logging.getLogger("httpx").warning("Authorization: Bearer hunter2hunter2 %s", SECRETS[0])
    try:
        raise ValueError(f"token {SECRETS[0]} passcode: {{'passcode': 'hunter2hunter2'}}")
    except ValueError:
        log.exception("d")
        logging.getLogger("gunicorn.error").exception("e")
    text = written.getvalue()
    assert [secret for secret in SECRETS if secret in text] == []
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0]["nested"]["ok"] == "kept"
    assert "ValueError" in lines[-1]["exception"] and lines[-1]["logger"] == "gunicorn.error"


def test_what_the_settings_keep_secret_is_taken_out_whatever_it_looks_like(
    web_settings: Settings, written: io.StringIO
) -> None:
    """Keys of providers, passwords and our own secrets have no form that would tell them."""
    endpoint = ModelEndpoint(name="own", base_url="http://x", model="m", api_key="plainwordskey")  # type: ignore[arg-type]
    changed = {
        "azure_openai_api_key": SecretStr("0123456789abcdef0123456789abcdef"),
        "metrics_token": SecretStr("just-some-words"),
        "model_endpoints": (endpoint,),
        "database_url": SecretStr("postgresql://me:p%40ssw%2Frd-1@db/postgres"),
        "smtp_url": SecretStr("smtps://ops:m%40ilpass-1@mail.example.com"),
        "openai_base_url": "https://me:proxypass-1@models.example.com/v1",
        "otel_exporter_otlp_endpoint": "https://tracetoken-1@traces.example.com",
    }
    handler = logging.getLogger().handlers[0]
    logs.configure_logs(web_settings.model_copy(update=changed))
    logging.getLogger().handlers[:] = [handler]
    kept = [each.get_secret_value() for each in (
        web_settings.session_secret, web_settings.figma_client_secret,
        web_settings.supabase_service_role_key, web_settings.supabase_anon_key,
        *web_settings.token_encryption_keys,
    )]  # fmt: skip
    values = [*kept, "0123456789abcdef0123456789abcdef", "just-some-words", "plainwordskey",
              "p@ssw/rd-1", "p%40ssw%2Frd-1", "m@ilpass-1", "m%40ilpass-1", "proxypass-1",
              "tracetoken-1"]  # fmt: skip
    log = structlog.get_logger("test")
    for value in values:
        log.info(f"it said {value}.", note=value, deep=[{"x": value.encode()}])
        logging.getLogger("httpx").warning("answered %s", value)
        try:
            raise ValueError(value)
        except ValueError:
            log.exception("failed")
    text = written.getvalue()
    assert text.count(logs.MASK) >= 4 * len(values)
    assert [value for value in values if value in text] == []


def test_what_signs_in_within_an_address_is_taken_out_of_every_log(written: io.StringIO) -> None:
    log = structlog.get_logger("test")
    for address in (
        "smtps://ops:pw-1@mail.example.com", "smtp://ops%40example.com:pw-1@mail.example.com:587",
        "https://pw-1@hooks.example.com/x", "redis://:pw-1@cache/0", "https://a:pw-1@pw-1@host/x",
    ):  # fmt: skip
        log.info("sent", to=address)
        try:
            raise OSError(f"cannot reach {address}: refused")
        except OSError:
            log.exception("failed")
    text = written.getvalue()
    assert "pw-1" not in text and "mail.example.com" in text and "hooks.example.com/x" in text
    log.info("asked", address="https://example.com/a?mail=ada@example.com", mail="a@example.com")
    assert "https://example.com/a?mail=ada@example.com" in written.getvalue()


def test_plain_codes_and_counts_stay_in_the_logs(written: io.StringIO) -> None:
    structlog.get_logger("test").info("x", code="rate_limited", state="queued", input_tokens=7)
    line = json.loads(written.getvalue())
    assert (line["code"], line["state"], line["input_tokens"]) == ("rate_limited", "queued", 7)


def test_a_whole_sign_in_leaves_no_secret_in_the_logs(web: Web, written: io.StringIO) -> None:
    person = web.person()
    callback = web.sandbox.sign_in("Ada Okafor", person.start_sign_in())
    assert callback
    person.http.get(callback)
    text = written.getvalue()
    [token] = web.rows("select access_token_encrypted from public.figma_tokens")
    secrets = [callback.split("code=")[1].split("&")[0], person.http.cookies["buddy_session"],
               web.services.vault.decrypt(token["access_token_encrypted"])]  # fmt: skip
    assert "request" in text and [each for each in secrets if each in text] == []


# Group commit


def test_a_lone_item_goes_out_at_once() -> None:
    batches: list[list[int]] = []
    group = GroupCommit[int, int](lambda items: batches.append(items) or items)
    assert [group.submit(1), group.submit(2)] == [1, 2]
    assert batches == [[1], [2]]


def run_together(group: GroupCommit[Any, Any], items: list[Any]) -> list[Any]:
    """What each of several threads got, or the exception it met."""
    got: list[Any] = [None] * len(items)

    def submit(index: int) -> None:
        try:
            got[index] = group.submit(items[index], len(str(items[index])))
        except Exception as error:
            got[index] = error

    threads = [threading.Thread(target=submit, args=(index,)) for index in range(len(items))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return got


def test_what_arrives_during_a_commit_goes_out_together() -> None:
    sizes: list[int] = []

    def commit(items: list[int]) -> list[int]:
        sizes.append(len(items))
        # The first is under way until all the others have come, however late their threads begin.
        while sum(sizes) + len(group._waiting) < 30:
            time.sleep(0.01)
        return [item * 2 for item in items]

    group = GroupCommit[int, int](commit, batch_limit=10)
    assert run_together(group, list(range(30))) == [item * 2 for item in range(30)]
    assert len(sizes) <= 4 and max(sizes) <= 10 and sum(sizes) == 30


def test_one_bad_item_does_not_fail_the_others() -> None:
    def commit(items: list[int]) -> list[int]:
        time.sleep(0.02)
        if 13 in items:
            raise ServiceError("13 is refused.")
        return items

    got = run_together(GroupCommit[int, int](commit), list(range(20)))
    assert isinstance(got[13], ServiceError)
    assert [each for each in got if isinstance(each, int)] == [n for n in range(20) if n != 13]


def test_a_database_that_is_away_fails_each_waiter_and_then_recovers() -> None:
    is_away = True

    def commit(items: list[int]) -> list[int]:
        time.sleep(0.02)
        if is_away:
            raise Unavailable("away")
        return items

    group = GroupCommit[int, int](commit)
    assert all(isinstance(each, Unavailable) for each in run_together(group, list(range(8))))
    is_away = False
    assert group.submit(1) == 1


def test_a_leader_that_is_killed_leaves_nobody_waiting() -> None:
    class Killed(BaseException):
        """As gunicorn's SystemExit, raised in the thread that commits."""

    has_begun = threading.Event()
    others_wait = threading.Event()

    def commit(items: list[int]) -> list[int]:
        if 0 in items:
            has_begun.set()
            others_wait.wait(10)
            raise Killed
        return items

    group = GroupCommit[int, int](commit)

    def lead() -> None:
        with pytest.raises(Killed):
            group.submit(0)

    leader = threading.Thread(target=lead)
    leader.start()
    has_begun.wait(10)
    release = threading.Timer(0.1, others_wait.set)
    release.start()
    assert run_together(group, [1, 2, 3]) == [1, 2, 3]
    leader.join(60)
    release.join()


# Figma tokens and their encryption


def test_concurrent_renewals_ask_figma_once(web: Web, ada: Person) -> None:
    [user] = web.rows("select id::text from public.users")
    stored = web.services.tokens.of_user(user["id"])
    web.sandbox.expire("Ada Okafor")
    got: list[str] = []

    def call() -> None:
        me = web.services.figma.me
        got.append(web.services.tokens.call(stored, lambda token: me(token).id))

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(got) == 6
    asked = [each for each in web.sandbox.requests() if each["path"] == "/v1/oauth/refresh"]
    assert len(asked) == 1
    assert web.rows("select version from public.figma_tokens")[0]["version"] == 2


def test_a_token_with_less_than_a_day_is_renewed_in_time(web: Web, ada: Person) -> None:
    web.change("update public.figma_tokens set expires_at = now() + interval '23 hours'")
    [user] = web.rows("select id::text from public.users")
    web.services.tokens.get(web.services.tokens.of_user(user["id"]))
    [row] = web.rows("select version, expires_at > now() + interval '80 days' as fresh"
                     " from public.figma_tokens")  # fmt: skip
    assert row == {"version": 2, "fresh": True}


def test_a_failed_early_renewal_uses_what_still_works(web: Web, ada: Person) -> None:
    web.change("update public.figma_tokens set expires_at = now() + interval '23 hours'")
    web.sandbox.faults({"kind": "500", "path": "/v1/oauth/refresh"})
    [user] = web.rows("select id::text from public.users")
    stored = web.services.tokens.of_user(user["id"])
    token = web.services.tokens.get(stored)
    assert web.services.figma.me(token).handle == "Ada Okafor"


def with_keys(settings: Settings, *keys: SecretStr) -> Settings:
    return settings.model_copy(update={"token_encryption_keys": keys})


def test_tokens_move_to_the_first_key(web: Web, ada: Person) -> None:
    old = web.services.settings
    new_key = SecretStr(Fernet.generate_key().decode())
    both = with_keys(old, new_key, *old.token_encryption_keys)
    assert rotate_tokens(web.services.database, Vault(both)) == Outcome(rotated=1)
    only_new = Vault(with_keys(old, new_key))
    [user] = web.rows("select id::text from public.users")
    tokens = FigmaTokens(web.services.database, web.services.figma, only_new)
    token = tokens.get(tokens.of_user(user["id"]))
    assert web.services.figma.me(token).handle == "Ada Okafor"
    assert rotate_tokens(web.services.database, web.services.vault) == Outcome(unreadable=1)


def set_target(web: Web) -> str:
    """A GitHub setting of Ada's; returns her id."""
    [user] = web.rows("select id::text from public.users")
    sealed = web.services.vault.encrypt("github_pat_secret")
    web.services.database.set_target(user["id"], "a/b", "main", "", sealed, None)
    return user["id"]


def test_tokens_of_github_move_to_the_first_key(web: Web, ada: Person) -> None:
    user_id, database = set_target(web), web.services.database
    old = web.services.settings
    new_key = SecretStr(Fernet.generate_key().decode())
    both = Vault(with_keys(old, new_key, *old.token_encryption_keys))
    assert rotate_targets(database, both) == Outcome(rotated=1)
    only_new = Vault(with_keys(old, new_key))
    sealed = database.read_target(user_id)
    assert sealed and open_target(sealed, only_new).credential.token == "github_pat_secret"
    with pytest.raises(PushRefused, match="Enter a token anew"):
        open_target(sealed, web.services.vault)
    assert rotate_targets(database, web.services.vault) == Outcome(unreadable=1)
    assert database.show_target(user_id)
    assert rotate_targets(database, web.services.vault, give_up=True) == Outcome(unreadable=1)
    assert database.show_target(user_id) is None


def passcode(web: Web) -> str:
    [row] = web.rows("select passcode_encrypted from public.user_webhooks")
    return row["passcode_encrypted"]


@pytest.mark.parametrize("state", ["creating", "active", "paused", "deleted"])
def test_passcodes_move_to_the_first_key_whatever_the_state(
    web: Web, ada: Person, state: str
) -> None:
    ada.switch_on(design_link(CHECKOUT))
    web.change("update public.user_webhooks set state = %s", state)
    old = web.services.settings
    new_key = SecretStr(Fernet.generate_key().decode())
    both = Vault(with_keys(old, new_key, *old.token_encryption_keys))
    before = both.decrypt(passcode(web))
    assert rotate_passcodes(web.services.database, both) == Outcome(rotated=1)
    assert Vault(with_keys(old, new_key)).decrypt(passcode(web)) == before


def test_a_passcode_changed_during_a_rotation_stays(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    [row] = web.services.database.passcode_batch(None, 10)
    web.change("update public.user_webhooks set passcode_encrypted = 'newer'")
    save = web.services.database.save_reencrypted_passcode
    assert save(row.webhook_id, row.passcode_encrypted, "rotated") is False
    assert passcode(web) == "newer"


def test_every_batch_of_passcodes_is_rotated(
    web: Web, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.secrets.rotate_keys.BATCH", 2)
    [user] = web.rows("select id::text from public.users")
    for number in range(5):
        web.services.database.start_webhook(
            user_id=user["id"], context="file", context_id=f"F{number}", label="",
            passcode_hash=f"{number}", guest_rule="invite",
            passcode_encrypted=web.services.vault.encrypt(f"{number}"),
        )  # fmt: skip
    assert rotate_passcodes(web.services.database, web.services.vault) == Outcome(rotated=5)


@pytest.mark.parametrize(
    "lose",
    ["update public.figma_tokens set access_token_encrypted = %s",
     "update public.user_webhooks set passcode_encrypted = %s"],
)  # fmt: skip
def test_readiness_fails_while_no_key_opens_what_is_stored(
    web: Web, ada: Person, monkeypatch: pytest.MonkeyPatch, lose: str
) -> None:
    monkeypatch.setattr("service.web.key_check.CHECK_SECONDS", -1)
    ada.switch_on(design_link(CHECKOUT))

    def checked() -> tuple[int, str]:
        ready = web.person().http.get("/readyz")
        return ready.status_code, ready.json()["checks"]["encryption"]

    assert checked() == (200, "ok")
    web.change(lose, Fernet(Fernet.generate_key()).encrypt(b"secret").decode())
    status, sentence = checked()
    assert status == 503 and "TOKEN_ENCRYPTION_KEYS" in sentence
    database, vault = web.services.database, web.services.vault
    for rotate in (rotate_tokens, rotate_passcodes):
        rotate(database, vault, give_up=True)
    assert checked() == (200, "ok")
    assert rotate_tokens(database, vault).unreadable == 0
    assert rotate_passcodes(database, vault).unreadable == 0


def test_readiness_asks_the_database_for_secrets_once_a_minute(web: Web, ada: Person) -> None:
    person = web.person()
    assert person.http.get("/readyz").status_code == 200
    web.change("update public.figma_tokens set access_token_encrypted = 'gAAAA-unreadable'")
    assert person.http.get("/readyz").status_code == 200


def test_a_webhook_given_up_is_taken_over_by_pasting_its_link(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    lost = Fernet(Fernet.generate_key()).encrypt(b"secret").decode()
    web.change("update public.user_webhooks set passcode_encrypted = %s", lost)
    database, vault = web.services.database, web.services.vault
    assert rotate_passcodes(database, vault, give_up=True) == Outcome(unreadable=1)
    assert ada.webhooks() == []
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    assert rotate_passcodes(database, vault) == Outcome(rotated=1)


def test_the_command_moves_every_kind_and_says_what_no_key_opens(
    web: Web, ada: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ada.switch_on(design_link(CHECKOUT))
    old, new_key = web.services.settings, SecretStr(Fernet.generate_key().decode())
    set_target(web)

    def run(settings: Settings, *arguments: str) -> str:
        monkeypatch.setattr("service.secrets.rotate_keys.load_settings", lambda: settings)
        monkeypatch.setattr("sys.argv", ["rotate_keys", *arguments])
        rotate_keys.main()
        return capsys.readouterr().out

    told = run(with_keys(old, new_key, *old.token_encryption_keys))
    assert "1 tokens, 1 passcodes of webhooks, 1 tokens of GitHub and 0 addresses" in told
    only_new = with_keys(old, new_key)
    assert "1 tokens, 1 passcodes" in run(only_new)
    with pytest.raises(SystemExit, match=r"1 tokens, 1 passcodes .* 1 tokens of .* ARGS=--give-up"):
        run(old)
    assert "1 tokens, 1 passcodes" in run(only_new)
    assert "webhooks and 1 tokens of GitHub could not be read" in run(old, "--give-up")
    assert "cannot be read" not in run(old)
    with pytest.raises(SystemExit, match=r"start `make run` .* check SUPABASE_URL"):
        run(old.model_copy(update={"supabase_url": "http://127.0.0.1:9"}))


def test_a_refresh_token_that_figma_replaces_is_kept(
    web: Web, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    replies = [TokenSet("figu_2", 3600, "refresh-2"), TokenSet("figu_3", 3600)]
    monkeypatch.setattr(
        "service.secrets.figma_tokens.refresh_access_token", lambda *_, **__: replies.pop(0)
    )
    [user] = web.rows("select id::text from public.users")
    kept = []
    for version in (1, 2):
        web.services.tokens.refresh_after_403(user["id"], version)
        [row] = web.rows("select refresh_token_encrypted from public.figma_tokens")
        kept.append(web.services.vault.decrypt(row["refresh_token_encrypted"]))
    assert kept == ["refresh-2", "refresh-2"]


# Traces


def test_spans_cost_nothing_when_tracing_is_off() -> None:
    with tracing.span("nothing") as current:
        assert current is None and tracing.trace_parent() == ""


# The description


# Pages and files for browsers.
UNDESCRIBED = {
    *("/", "/account", "/api/auth/plugin", "/docs", "/docs/rules"),
    *("/openapi.json", "/static/<path>"),
    *("/help", "/status", "/.well-known/security.txt"),
    *("/build", "/build/<path>", "/build/<path>/part", "/build/<path>/plan"),
    *("/build/<path>/cancel", "/build/<path>/push", "/build/<path>/retry"),
}


def test_every_route_that_is_no_page_is_in_the_description(web: Web) -> None:
    paths = web.person().http.get("/openapi.json").json()["paths"]
    described = {re.sub(r"\{\w+\}", "<path>", path) for path in paths}
    served = {
        re.sub(r"<(?:\w+:)?(\w+)>", r"<path>", rule.rule) for rule in web.app.url_map.iter_rules()
    }
    assert served - UNDESCRIBED == described


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("is_signed_in", [False, True])
def test_the_api_keeps_to_its_description(
    serve: Callable[..., Web],
    monkeypatch: pytest.MonkeyPatch,
    is_signed_in: bool,
    mode: GenerationMode,
) -> None:
    monkeypatch.setattr("service.web.app.WRITES_PER_PERSON", "10000/minute")
    web = serve()
    person = web.person()
    headers = {"Origin": web.url}
    if is_signed_in:
        person.sign_in("Ada Okafor")
        headers["Cookie"] = f"buddy_session={person.http.cookies['buddy_session']}"
    schema = schemathesis.openapi.from_dict(person.http.get("/openapi.json").json())
    # Signing out or deleting the account would end what the other calls need.
    kept = schema
    if is_signed_in:
        kept = schema.exclude(path="/api/auth/logout").exclude(path="/api/user/me", method="DELETE")
    checks = find_checks()
    checked = 0
    for result in kept.get_all_operations():
        operation = result.ok()

        @schemathesis_given(operation, mode)
        def check(case: Any) -> None:
            nonlocal checked
            checked += 1
            answer = case.call(base_url=web.url, headers=headers, allow_redirects=False)
            case.validate_response(answer, checks=checks)

        # What takes nothing cannot be given anything wrong.
        with suppress(*([Unsatisfiable] if mode.is_negative else [])):
            check()
    assert checked > 50


def find_checks() -> list[Any]:
    schemathesis.checks.load_all_checks()
    names = ("not_a_server_error", "status_code_conformance", "content_type_conformance",
             "response_schema_conformance")  # fmt: skip
    return [schemathesis.checks.CHECKS.get_one(name) for name in names]


def schemathesis_given(operation: Any, mode: GenerationMode) -> Callable[..., Any]:
    from hypothesis import given

    def decorate(test: Callable[..., None]) -> Callable[[], None]:
        return hypothesis_settings(
            max_examples=15,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )(given(case=operation.as_strategy(generation_mode=mode))(test))

    return decorate


def test_the_page_of_the_api_shows_every_route(web: Web) -> None:
    person = web.person()
    document = person.http.get("/openapi.json").json()
    page = person.http.get("/docs").text
    assert len(document["paths"]) >= 10
    assert [path for path in document["paths"] if path not in page] == []
    for operation in (each for path in document["paths"].values() for each in path.values()):
        assert "<br" not in operation.get("description", "")
        assert operation["summary"].endswith("."), operation


def test_the_page_of_the_rules_is_made_from_the_rules(web: Web) -> None:
    page = html.unescape(web.person().http.get("/docs/rules").text)
    assert len(RULES) >= 26
    for rule in RULES:
        for told in (rule.id, rule.title, rule.measures, rule.threshold, *rule.exemptions):
            assert told in page
        assert f'href="{rule.source.url}"' in page and rule.source.name in page
    # Every topic has its words, so that no rule is left off.
    assert page.count('<section class="card operation"') == len(RULES)
    assert "In your guidance now" not in page


def test_who_is_signed_in_sees_which_rules_their_guidance_switches_off(web: Web) -> None:
    person = web.person()
    person.sign_in()
    before = person.http.get("/api/user/context")
    body = {"design_system_rules": "Rules off: apca\nGrid: 8"}
    headers = {"If-Match": before.headers["ETag"]}
    saved = person.ask("PUT", "/api/user/context", json=body, headers=headers)
    assert saved.status_code == 200, saved.text
    page = person.http.get("/docs/rules").text
    assert "rules off: apca; grid of 8 px" in page
    assert page.count("off in your guidance") == 1


def test_static_files_are_cached_by_their_content(web: Web) -> None:
    http = web.person().http
    folder = Path(web.app.static_folder or "")
    found = re.search(rf"/static/{next(folder.glob('*.css')).name}\?v=\w+", http.get("/").text)
    assert found and "max-age=31536000" in http.get(found[0]).headers["Cache-Control"]


def test_a_script_that_another_imports_is_asked_for_again_and_not_sent_again(web: Web) -> None:
    http = web.person().http
    sent = http.get("/static/calls.js")
    assert sent.headers["Cache-Control"] == "no-cache"
    again = http.get("/static/calls.js", headers={"If-None-Match": sent.headers["ETag"]})
    assert again.status_code == 304


def test_reasons_of_figma_are_no_tokens_of_it() -> None:
    assert scrub_text("reason=figma_rate_limited figma_unreadable_answer") == (
        "reason=figma_rate_limited figma_unreadable_answer"
    )
    assert "figd_" not in scrub_text("X-Figma-Token: figd_abcdefghijkl")
