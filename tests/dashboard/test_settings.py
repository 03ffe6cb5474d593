"""The dashboard's settings, and the keys it must not be given."""

import base64
import json

import pytest

from dashboard.config import SettingsError, load_settings


def jwt(role: str) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"role": role}).encode()).rstrip(b"=").decode()
    return f"eyJhbGciOiJIUzI1NiJ9.{claims}.signature"


def give(monkeypatch: pytest.MonkeyPatch, url: str, key: str) -> None:
    monkeypatch.setenv("SUPABASE_URL", url)
    monkeypatch.setenv("SUPABASE_PUBLISHABLE_KEY", key)


@pytest.mark.parametrize("key", ["sb_publishable_abc", jwt("anon"), "a.b.c"])
def test_a_publishable_key_is_taken_under_its_new_name_too(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    give(monkeypatch, "https://project.supabase.co/", key)
    settings = load_settings(env_file=None)
    assert settings.supabase_url == "https://project.supabase.co"
    assert settings.supabase_anon_key.get_secret_value() == key


@pytest.mark.parametrize("key", ["sb_secret_abc", jwt("service_role")])
def test_the_secret_key_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    give(monkeypatch, "https://project.supabase.co", key)
    with pytest.raises(SettingsError, match="is the secret key of the service") as refused:
        load_settings(env_file=None)
    assert key not in str(refused.value)


def test_every_problem_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPABASE_URL", "project.supabase.co")
    with pytest.raises(SettingsError) as refused:
        load_settings(env_file=None)
    assert "SUPABASE_URL: must be a full http(s) address" in str(refused.value)
    assert "SUPABASE_ANON_KEY: is missing" in str(refused.value)


def test_a_second_factor_is_required_and_proxies_trusted_only_where_that_was_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    give(monkeypatch, "https://project.supabase.co", "sb_publishable_abc")
    settings = load_settings(env_file=None)
    assert (settings.dashboard_require_mfa, settings.dashboard_trusted_proxies) == (False, 0)
    monkeypatch.setenv("DASHBOARD_REQUIRE_MFA", "true")
    monkeypatch.setenv("DASHBOARD_TRUSTED_PROXIES", "2")
    settings = load_settings(env_file=None)
    assert (settings.dashboard_require_mfa, settings.dashboard_trusted_proxies) == (True, 2)
    monkeypatch.setenv("DASHBOARD_TRUSTED_PROXIES", "-1")
    monkeypatch.setenv("DASHBOARD_REQUIRE_MFA", "perhaps")
    with pytest.raises(SettingsError) as refused:
        load_settings(env_file=None)
    assert "DASHBOARD_TRUSTED_PROXIES" in str(refused.value)
    assert "DASHBOARD_REQUIRE_MFA" in str(refused.value)
