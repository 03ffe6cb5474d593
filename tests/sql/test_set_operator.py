"""Operators are made and changed through Supabase Auth and our own table."""

import httpx
import psycopg
import pytest
from supabase import Client, ClientOptions, create_client

from service.config import Settings, SettingsError
from sql.set_operator import OperatorError, load_project, set_operator
from tests.sql.admin_api import admin_api


def stored_operators(settings: Settings) -> list[tuple]:
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        return connection.execute("select email, role from public.operators").fetchall()


def visitor(settings: Settings, http: httpx.Client) -> Client:
    options = ClientOptions(auto_refresh_token=False, persist_session=False, httpx_client=http)
    key = settings.supabase_anon_key.get_secret_value()
    return create_client(settings.supabase_url, key, options)


def signed_in_operator(settings: Settings, email: str, password: str) -> dict:
    """What the dashboard is told of who signs in."""
    with httpx.Client(trust_env=False) as http:
        client = visitor(settings, http)
        client.auth.sign_in_with_password({"email": email, "password": password})
        return client.rpc("current_operator").execute().data


def test_an_operator_can_sign_in_and_reads_their_role(settings):
    made = set_operator(settings, "Ada@Example.com", "finance", "correct-horse-9")
    assert (made.email, made.password) == ("ada@example.com", "correct-horse-9")
    operator = signed_in_operator(settings, made.email, "correct-horse-9")
    assert operator == {"user_id": made.user_id, "email": made.email, "role": "finance"}


def test_a_second_call_changes_the_role_and_keeps_the_password(settings):
    first = set_operator(settings, "ada@example.com", "finance")
    again = set_operator(settings, "ada@example.com", "founder", "another-ferry-9")
    assert first.password
    assert again.password is None
    assert again.user_id == first.user_id
    assert stored_operators(settings) == [("ada@example.com", "founder")]


@pytest.fixture
def hosted(database, settings):
    """Settings of a project that has an admin API."""
    with admin_api(database) as url:
        yield settings.model_copy(update={"supabase_url": url})


def delete_account(database, user_id: str) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("delete from auth.users where id = %s", [user_id])


def operator_changes(settings: Settings) -> list[tuple]:
    with psycopg.connect(settings.database_url.get_secret_value()) as connection:
        return connection.execute(
            "select operation, before ->> 'user_id', after ->> 'user_id' from public.audit_log"
            " where table_name = 'operators' and before ->> 'user_id' <> after ->> 'user_id'"
        ).fetchall()


def test_an_account_that_was_deleted_is_made_anew_and_takes_the_operators_place(
    database, settings, hosted
):
    first = set_operator(hosted, "ada@example.com", "finance", "correct-horse-9")
    delete_account(database, first.user_id)
    again = set_operator(hosted, "ada@example.com", "founder")
    assert again.password and again.user_id != first.user_id
    assert stored_operators(settings) == [("ada@example.com", "founder")]
    assert signed_in_operator(settings, "ada@example.com", again.password) == {
        "user_id": again.user_id, "email": "ada@example.com", "role": "founder",
    }  # fmt: skip
    assert operator_changes(settings) == [("UPDATE", first.user_id, again.user_id)]


def test_an_account_that_was_deleted_and_signed_up_again_is_found_and_kept(
    database, settings, hosted
):
    first = set_operator(hosted, "ada@example.com", "finance", "correct-horse-9")
    delete_account(database, first.user_id)
    with httpx.Client(trust_env=False) as http:
        visitor(settings, http).auth.sign_up(
            {"email": "ada@example.com", "password": "another-ferry-9"}
        )
    again = set_operator(hosted, "ada@example.com", "finance")
    assert again.password is None
    operator = signed_in_operator(settings, "ada@example.com", "another-ferry-9")
    assert operator["user_id"] == again.user_id != first.user_id


def test_an_account_that_is_there_is_asked_for_and_stays(settings, hosted):
    first = set_operator(hosted, "ada@example.com", "finance", "correct-horse-9")
    again = set_operator(hosted, "ada@example.com", "support", "another-ferry-9")
    assert (again.user_id, again.password) == (first.user_id, None)
    assert signed_in_operator(settings, "ada@example.com", "correct-horse-9")["role"] == "support"
    assert operator_changes(settings) == []


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
    for password, said in (("correct-9", "at least 12"), ("lovelace-2026", "easy to guess")):
        with pytest.raises(OperatorError, match=said):
            set_operator(settings, "ada.lovelace@example.com", "finance", password)
    assert stored_operators(settings) == []


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
