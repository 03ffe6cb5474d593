"""Operators are made and changed through Supabase Auth and our own table."""

import httpx
import psycopg
import pytest
from supabase import ClientOptions, create_client

from service.settings import Settings, SettingsError
from sql.set_operator import OperatorError, load_project, set_operator


def stored_operators(settings: Settings) -> list[tuple]:
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        return connection.execute("select email, role from public.operators").fetchall()


def test_an_operator_can_sign_in_and_reads_their_role(settings):
    made = set_operator(settings, "Ada@Example.com", "finance", "correct-horse-9")
    assert (made.email, made.password) == ("ada@example.com", "correct-horse-9")
    with httpx.Client(trust_env=False) as http:
        options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
        key = settings.supabase_anon_key.get_secret_value()
        visitor = create_client(settings.supabase_url, key, options)
        visitor.auth.sign_in_with_password({"email": made.email, "password": "correct-horse-9"})
        operator = visitor.rpc("current_operator").execute().data
    assert operator == {"user_id": made.user_id, "email": made.email, "role": "finance"}


def test_a_second_call_changes_the_role_and_keeps_the_password(settings):
    first = set_operator(settings, "ada@example.com", "finance")
    again = set_operator(settings, "ada@example.com", "founder", "another-one-9")
    assert first.password
    assert again.password is None
    assert again.user_id == first.user_id
    assert stored_operators(settings) == [("ada@example.com", "founder")]


def test_an_account_without_a_role_needs_its_password(settings):
    set_operator(settings, "ada@example.com", "finance", "correct-horse-9")
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        connection.execute("delete from public.operators")
    with pytest.raises(OperatorError, match="not its password"):
        set_operator(settings, "ada@example.com", "finance", "wrong-horse-9")
    set_operator(settings, "ada@example.com", "support", "correct-horse-9")
    assert stored_operators(settings) == [("ada@example.com", "support")]


def test_an_unknown_role_is_refused_before_anything_is_made(settings):
    with pytest.raises(OperatorError, match="founder, support, finance"):
        set_operator(settings, "ada@example.com", "king")
    assert stored_operators(settings) == []


def test_an_unreachable_project_is_named(settings):
    away = settings.model_copy(update={"supabase_url": "http://127.0.0.1:9"})
    with pytest.raises(OperatorError, match=r"does not answer at http://127\.0\.0\.1:9"):
        set_operator(away, "ada@example.com", "finance")


def test_a_weak_password_is_refused_with_a_sentence(settings):
    with pytest.raises(OperatorError, match="could not make the account"):
        set_operator(settings, "ada@example.com", "finance", "1")


def test_supabases_three_settings_are_enough(settings, monkeypatch):
    monkeypatch.setenv("SUPABASE_URL", f"{settings.supabase_url}/")
    monkeypatch.setenv("SUPABASE_PUBLISHABLE_KEY", settings.supabase_anon_key.get_secret_value())
    key = settings.supabase_service_role_key.get_secret_value()
    monkeypatch.setenv("SUPABASE_SECRET_KEY", key)
    project = load_project(None)
    assert project.supabase_url == settings.supabase_url
    set_operator(project, "ada@example.com", "founder", "correct-horse-9")
    assert stored_operators(settings) == [("ada@example.com", "founder")]


def test_missing_settings_of_supabase_are_named_and_no_others(monkeypatch):
    monkeypatch.setenv("SUPABASE_URL", "example.supabase.co")
    with pytest.raises(SettingsError) as refusal:
        load_project(None)
    message = str(refusal.value)
    assert "SUPABASE_URL: must be a full http(s) address" in message
    assert message.count("is missing") == 2
    assert "FIGMA" not in message and "SESSION_SECRET" not in message
