"""The warning while anybody can make themselves an account at the sign-in service."""

import logging
from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from dashboard.access import sign_ups
from dashboard.config import Settings
from local.stack import Database
from local.stack.stack import free_port
from tests.dashboard.gotrue import GoTrue
from tests.dashboard.stage import Buddy, open_page, settings_of, sign_in


@pytest.fixture
def gotrue(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoTrue]:
    """A sign-in service that counts as being elsewhere."""
    made = GoTrue(database)
    server = made.start()
    monkeypatch.setattr(sign_ups, "is_local", lambda url: False)
    yield made
    server.shutdown()
    server.server_close()


def settings_at(url: str) -> Settings:
    return Settings(_env_file=None, supabase_url=url, SUPABASE_ANON_KEY=SecretStr("anon"))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"disable_signup": False}, True),
        ({"disable_signup": True}, False),
        ({}, None),
        ({"disable_signup": "no"}, None),
    ],
)
def test_what_the_service_says(
    gotrue: GoTrue, said: dict[str, object], expected: bool | None
) -> None:
    gotrue.settings = said
    assert sign_ups.are_open(settings_at(gotrue.url)) is expected


def test_a_service_that_says_nothing_is_no_reason_to_warn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_ups, "is_local", lambda url: False)
    assert sign_ups.are_open(settings_at(f"http://127.0.0.1:{free_port()}")) is None


def test_a_local_run_is_not_warned_of_itself(database: Database) -> None:
    assert sign_ups.are_open(settings_of(database)) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:54321", True),
        ("http://[::1]:54321", True),
        ("http://localhost:54321", True),
        ("https://project.supabase.co", False),
        ("http://10.0.0.5:8000", False),
    ],
)
def test_what_is_local(url: str, expected: bool) -> None:
    assert sign_ups.is_local(url) is expected


@pytest.mark.parametrize("is_off", [False, True])
def test_the_start_logs_it(gotrue: GoTrue, caplog: pytest.LogCaptureFixture, is_off: bool) -> None:
    gotrue.settings = {"disable_signup": is_off}
    with caplog.at_level(logging.WARNING, logger=sign_ups.logger.name):
        sign_ups.warn_beside(settings_at(gotrue.url)).join()
    assert (sign_ups.WARNING in caplog.messages) is not is_off


def test_founders_are_told_and_nobody_else(
    router: AppTest, buddy: Buddy, gotrue: GoTrue, monkeypatch: pytest.MonkeyPatch
) -> None:
    gotrue.settings = {"disable_signup": False}
    monkeypatch.setenv("SUPABASE_URL", gotrue.url)
    sign_in(router, buddy.make_operator("founder"))
    assert [each.value for each in router.warning] == [sign_ups.WARNING]
    router.query_params["section"] = "Operators"
    open_page(router, "settings")
    assert sign_ups.WARNING in [each.value for each in router.warning]
    router.sidebar.button[0].click().run()
    sign_in(router, buddy.make_operator("support"))
    assert not router.warning
