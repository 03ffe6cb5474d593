"""A second factor: set up, asked for before anything is shown, required, and removed."""

from collections.abc import Iterator

import psycopg
import pytest
import streamlit as st
from postgrest.exceptions import APIError
from streamlit.testing.v1 import AppTest

from dashboard.access import auth, session
from dashboard.data import second_factor
from dashboard.data.second_factor import FactorRefused, WrongCode
from local.stack import Database
from tests.dashboard.gotrue import PICTURE, GoTrue
from tests.dashboard.stage import (
    PASSWORD,
    Buddy,
    FakeBrowser,
    metrics,
    open_page,
    settings_of,
    sign_in,
    words,
)


@pytest.fixture
def gotrue(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[GoTrue]:
    """The sign-in service of the dashboard from here on."""
    made = GoTrue(database)
    server = made.start()
    monkeypatch.setenv("SUPABASE_URL", made.url)
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def browser(router: AppTest, monkeypatch: pytest.MonkeyPatch) -> FakeBrowser:
    made = FakeBrowser()
    monkeypatch.setattr(session, "visitor", made.visitor())
    return made


def press(page: AppTest, label: str) -> AppTest:
    [button] = [each for each in page.button if each.label == label]
    return button.click().run()


def enter_code(page: AppTest, code: str, label: str = "Go on") -> AppTest:
    [field] = [each for each in page.text_input if each.label == "Code"]
    field.set_value(code)
    return press(page, label)


def set_up(page: AppTest, gotrue: GoTrue) -> str:
    """Set one up on the page Your sign-in; its id."""
    open_page(page, "your_sign_in")
    press(page, "Set up")
    [factor_id] = [key for key, each in gotrue.factors.items() if each["status"] != "verified"]
    enter_code(page, gotrue.code(factor_id), "Switch on")
    assert not page.exception and not page.error
    return factor_id


def set_up_beforehand(gotrue: GoTrue, database: Database, email: str) -> str:
    signed_in = auth.sign_in(settings_at(gotrue, database), email, PASSWORD)
    made = second_factor.enrol(signed_in, "Phone")
    second_factor.confirm(signed_in, made.id, gotrue.code(made.id))
    return made.id


def settings_at(gotrue: GoTrue, database: Database) -> auth.Settings:
    return settings_of(database).model_copy(update={"supabase_url": gotrue.url})


def test_one_is_offered_and_set_up_with_a_picture_a_key_and_a_code(
    router: AppTest, buddy: Buddy, gotrue: GoTrue
) -> None:
    sign_in(router, buddy.make_operator("finance"))
    open_page(router, "your_sign_in")
    assert "No second factor yet" in router.info[0].proto.title
    press(router, "Set up")
    [factor_id] = gotrue.factors
    assert router.code[0].value == gotrue.secrets[factor_id]
    [[picture]] = [each.value for each in router.image]
    assert picture.startswith("data:image/svg+xml;base64,")
    enter_code(router, "12 34", "Switch on")
    assert [each.value for each in router.error] == [second_factor.WRONG_CODE]
    assert gotrue.factors[factor_id]["status"] == "unverified"
    code = gotrue.code(factor_id)
    # As some apps show it.
    enter_code(router, f"{code[:3]} {code[3:]}", "Switch on")
    assert gotrue.factors[factor_id]["status"] == "verified"
    assert "is switched on" in router.success[0].value
    assert any("Authenticator app, since 22 Nov 2026" in each.value for each in router.text)
    # The very session was made one with a code: it goes on.
    assert second_factor.is_given(router.session_state[session.KEY])


def test_the_code_is_asked_before_anything_is_shown_or_remembered(
    router: AppTest, buddy: Buddy, gotrue: GoTrue, database: Database, browser: FakeBrowser
) -> None:
    email = buddy.make_operator("founder")
    factor_id = set_up_beforehand(gotrue, database, email)
    sign_in(router, email)
    assert [each.value for each in router.title] == ["Second factor"]
    assert not router.metric and not router.sidebar.button and email not in words(router)
    assert session.TICKET not in router.session_state
    enter_code(router, "000000" if gotrue.code(factor_id) != "000000" else "000001")
    assert [each.value for each in router.error] == [second_factor.WRONG_CODE]
    assert not router.metric and session.TICKET not in router.session_state
    enter_code(router, gotrue.code(factor_id))
    assert "Answers" in metrics(router)
    assert browser.fetch_cookie(router).status_code == 204


def test_codes_cannot_be_guessed_without_end(
    router: AppTest, buddy: Buddy, gotrue: GoTrue, database: Database
) -> None:
    email = buddy.make_operator("founder")
    factor_id = set_up_beforehand(gotrue, database, email)
    sign_in(router, email)
    for _ in range(5):
        enter_code(router, "none")
    enter_code(router, gotrue.code(factor_id))
    assert router.error[0].value.startswith("Too many attempts. Try again in ")
    assert not router.metric


def test_a_session_without_a_code_reads_nothing_at_the_api_either(
    buddy: Buddy, gotrue: GoTrue, database: Database
) -> None:
    """Past the dashboard, with the password alone."""
    email = buddy.make_operator("founder")
    with psycopg.connect(database.admin_url) as connection:
        connection.execute(
            "create table auth.mfa_factors (user_id uuid, status text, factor_type text)"
        )
        try:
            connection.commit()
            first = auth.sign_in(settings_at(gotrue, database), email, PASSWORD)
            assert first.client().rpc("queue_status").execute().data
            made = second_factor.enrol(first, "Phone")
            second_factor.confirm(first, made.id, gotrue.code(made.id))
            connection.execute(
                "insert into auth.mfa_factors values (%s, 'unverified', 'totp')", [first.user_id]
            )
            connection.commit()
            by_password = auth.sign_in(settings_at(gotrue, database), email, PASSWORD)
            assert by_password.client().rpc("queue_status").execute().data
            connection.execute("update auth.mfa_factors set status = 'verified'")
            connection.commit()
            with pytest.raises(APIError) as refused:
                by_password.client().rpc("queue_status").execute()
            assert refused.value.code == "42501"
            assert by_password.client().table("answers").select("id").execute().data == []
            assert first.client().rpc("queue_status").execute().data
        finally:
            connection.rollback()
            connection.execute("drop table auth.mfa_factors")


@pytest.mark.parametrize("role", ["founder", "support", "finance"])
def test_where_it_is_required_nothing_is_shown_until_it_is_set_up(
    router: AppTest,
    buddy: Buddy,
    gotrue: GoTrue,
    browser: FakeBrowser,
    monkeypatch: pytest.MonkeyPatch,
    role: str,
) -> None:
    monkeypatch.setenv("DASHBOARD_REQUIRE_MFA", "true")
    sign_in(router, buddy.make_operator(role))
    assert [each.value for each in router.title] == ["Set up a second factor"]
    assert not router.metric and session.TICKET not in router.session_state
    press(router, "Set up")
    [factor_id] = gotrue.factors
    enter_code(router, gotrue.code(factor_id), "Switch on")
    assert not router.exception and router.sidebar.button
    assert browser.fetch_cookie(router).status_code == 204


def test_where_it_is_required_a_stranger_is_refused_as_ever(
    router: AppTest, buddy: Buddy, gotrue: GoTrue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASHBOARD_REQUIRE_MFA", "true")
    buddy.make_account("stranger@example.com")
    sign_in(router, "stranger@example.com")
    assert "may not use the dashboard" in router.error[0].value


def test_one_that_was_set_up_elsewhere_is_asked_for_once_the_session_is_renewed(
    router: AppTest, buddy: Buddy, gotrue: GoTrue, database: Database
) -> None:
    email = buddy.make_operator("founder")
    sign_in(router, email)
    assert "Answers" in metrics(router)
    set_up_beforehand(gotrue, database, email)
    router.session_state[session.KEY]._client.auth._in_memory_session.expires_at = 1
    st.cache_data.clear()
    router.run()
    # GoTrue ended it when the factor came into force.
    assert [each.value for each in router.warning] == [auth.OVER]
    sign_in(router, email)
    assert [each.value for each in router.title] == ["Second factor"]


def test_one_is_removed_and_no_longer_asked_for(
    router: AppTest, buddy: Buddy, gotrue: GoTrue
) -> None:
    email = buddy.make_operator("founder")
    sign_in(router, email)
    set_up(router, gotrue)
    press(router, "Remove it")
    assert not router.exception and not router.error
    assert not gotrue.factors
    assert router.success[0].value == "Removed."
    router.sidebar.button[0].click().run()
    sign_in(router, email)
    assert router.sidebar.button


def test_removing_the_last_one_where_it_is_required_asks_for_another(
    router: AppTest, buddy: Buddy, gotrue: GoTrue, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    set_up(router, gotrue)
    monkeypatch.setenv("DASHBOARD_REQUIRE_MFA", "true")
    press(router, "Remove it")
    assert [each.value for each in router.title] == ["Set up a second factor"]
    assert not router.metric


def test_what_was_begun_and_not_ended_does_not_stand_in_the_way(
    router: AppTest, buddy: Buddy, gotrue: GoTrue
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    open_page(router, "your_sign_in")
    press(router, "Set up")
    [begun] = gotrue.factors
    press(router, "Begin again")
    press(router, "Set up")
    assert not router.error
    [again] = gotrue.factors
    assert again != begun


def test_two_of_one_name_are_refused_with_a_sentence(
    router: AppTest, buddy: Buddy, gotrue: GoTrue
) -> None:
    sign_in(router, buddy.make_operator("founder"))
    set_up(router, gotrue)
    press(router, "Set up")
    assert [each.value for each in router.error] == [second_factor.NAME_TAKEN]


@pytest.mark.parametrize("is_required", [False, True])
def test_a_service_that_has_none_is_said_so(
    router: AppTest, buddy: Buddy, monkeypatch: pytest.MonkeyPatch, is_required: bool
) -> None:
    """The local stack itself: it knows nothing of factors."""
    monkeypatch.setenv("DASHBOARD_REQUIRE_MFA", str(is_required))
    sign_in(router, buddy.make_operator("founder"))
    if not is_required:
        open_page(router, "your_sign_in")
    press(router, "Set up")
    assert [each.value for each in router.error] == [second_factor.NOT_OFFERED]
    assert bool(router.sidebar.button) is not is_required


def test_a_service_that_has_it_switched_off_is_said_so(
    buddy: Buddy, gotrue: GoTrue, database: Database
) -> None:
    gotrue.offers_totp = False
    signed_in = auth.sign_in(
        settings_at(gotrue, database), buddy.make_operator("founder"), PASSWORD
    )
    with pytest.raises(FactorRefused, match="offers no second factor"):
        second_factor.enrol(signed_in, "Phone")


@pytest.mark.parametrize("code", ["", "12345a", "one", "../../verify"])
def test_what_cannot_be_a_code_is_not_sent(
    buddy: Buddy, gotrue: GoTrue, database: Database, code: str
) -> None:
    signed_in = auth.sign_in(
        settings_at(gotrue, database), buddy.make_operator("founder"), PASSWORD
    )
    made = second_factor.enrol(signed_in, "Phone")
    with pytest.raises(WrongCode):
        second_factor.confirm(signed_in, made.id, code)
    assert not gotrue.challenges


def test_the_picture_is_white_up_to_its_edge() -> None:
    shown = second_factor.with_white_ground(PICTURE)
    assert '2000/svg"><rect width="100%" height="100%" fill="white"/><rect x="3"' in shown
    assert shown.startswith("<?xml")


def test_a_key_is_in_no_representation(buddy: Buddy, gotrue: GoTrue, database: Database) -> None:
    signed_in = auth.sign_in(
        settings_at(gotrue, database), buddy.make_operator("founder"), PASSWORD
    )
    made = second_factor.enrol(signed_in, "Phone")
    assert made.secret not in repr(made)
