"""An operator is invited from the page Settings, follows the mail's link, and is let in."""

from urllib.parse import parse_qs, urlsplit

import pytest
from streamlit.testing.v1 import AppTest
from structlog.testing import capture_logs

from dashboard.access import auth
from dashboard.parts import accept_invitation
from dashboard.settings import operator_invitations
from local.stack import Database, Stack
from service.inviting.invitation_mails import PROBLEMS
from service.inviting.invitations import Invitations
from service.store.database import Database as ServiceDatabase
from service.store.sql_calls import open_client
from tests.conftest import make_settings
from tests.dashboard.conftest import ROUTER
from tests.dashboard.stage import Buddy, open_page, refill_caches, sign_in, words
from tests.dashboard.test_setting_forms import open_section

EVA, WHY = "eva@example.com", "she looks after people now"
STATE = "select state, sends from public.operator_invitations"


def press(router: AppTest, label: str) -> None:
    [button] = [each for each in router.button if each.label == label]
    button.click().run()
    assert not router.exception


def send_mail(database: Database, stack: Stack) -> dict[str, str]:
    """What a worker does, and the query of the link that it shows on this machine."""
    settings = make_settings(database, stack)
    stored = ServiceDatabase(open_client(settings, 2, 10))
    with capture_logs() as logs:
        sent = Invitations(settings, stored).send_next()
    stored.close()
    assert sent and sent.problem == ""
    [shown] = [each for each in logs if each["event"] == "local_invitation_link"]
    query = parse_qs(urlsplit(shown["open_this"]).query)
    return {name: value for name, [value] in query.items()}


def follow(query: dict[str, str]) -> AppTest:
    router = AppTest.from_file(ROUTER, default_timeout=60)
    for name, value in query.items():
        router.query_params[name] = value
    return router.run()


def set_password(page: AppTest, password: str) -> None:
    page.text_input(key="new_password").set_value(password)
    press(page, "Set the password and sign in")


def test_who_is_invited_sets_a_password_and_has_that_role_alone(
    router: AppTest, buddy: Buddy, database: Database, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operator_invitations, "address_of", lambda _: "http://localhost:8501")
    founder = open_section(router, buddy, "Operators")
    router.text_input(key="invite_email").set_value("Eva@Example.com")
    router.radio(key="invite_role").set_value("finance")
    router.text_input(key="invite_reason").set_value(WHY)
    press(router, "Invite")
    assert "Invited" in str(router.success[0].value)
    first = send_mail(database, stack)
    refill_caches()
    router.run()
    table = router.dataframe[1].value
    assert list(table["State"]) == ["sent"] and list(table["Invited by"]) == [founder]
    # Sent again: the first link leads nowhere, even though its account is real.
    with_ago = "update public.operator_invitations set requested_at = now() - interval '1 hour'"
    buddy.rows(f"{with_ago} returning 1")
    router.text_input(key="invitation_reason").set_value("the mail went to spam")
    press(router, "Send again")
    assert buddy.rows(STATE) == [("sending", 2)]
    second = send_mail(database, stack)
    stale = follow({**first, "token_hash": second["token_hash"]})
    assert "You are invited" in words(stale)
    set_password(stale, "short")
    assert "at least 12" in words(stale)
    set_password(stale, "password-2026")
    assert "easy to guess" in words(stale)
    # What is in one's own address, which only the link tells.
    set_password(stale, "eva at example.com")
    assert "easy to guess" in words(stale)
    set_password(stale, "correct-horse-9")
    assert accept_invitation.NOT_OPEN in words(stale)
    assert buddy.rows("select role from public.operators") == [("founder",)]
    # That used up the sign-in of the mail; with the password it set, the newest link lets in.
    used = follow(second)
    set_password(used, "correct-horse-10")
    assert auth.LINK_OVER in words(used)
    invited = follow({"invitation": second["invitation"]})
    assert accept_invitation.WITH_PASSWORD in words(invited)
    invited.text_input[0].set_value(EVA)
    invited.text_input[1].set_value("correct-horse-9")
    invited.form_submit_button[0].click().run()
    assert not invited.exception and not invited.error
    assert buddy.rows("select role from public.operators where email <> ''  order by 1") == [
        ("finance",), ("founder",),
    ]  # fmt: skip
    assert buddy.rows(STATE) == [("accepted", 2)]
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        open_page(invited, "settings")


def test_by_one_link_from_the_mail_to_the_first_page_and_out_again(
    router: AppTest, buddy: Buddy, database: Database, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operator_invitations, "address_of", lambda _: "http://localhost:8501")
    open_section(router, buddy, "Operators")
    for email in (EVA, "max@example.com"):
        router.text_input(key="invite_email").set_value(email)
        router.text_input(key="invite_reason").set_value(WHY)
        press(router, "Invite")
    page = follow(send_mail(database, stack))
    set_password(page, "correct-horse-9")
    assert not page.error and not page.query_params
    assert buddy.rows(f"select role from public.operators where email = '{EVA}'") == [("support",)]
    again = AppTest.from_file(ROUTER, default_timeout=60)
    sign_in(again, EVA, "correct-horse-9")
    assert not again.error and "Not an operator" not in words(again)
    # The other is withdrawn before the mail is read.
    query = send_mail(database, stack)
    refill_caches()
    router.run()
    router.text_input(key="invitation_reason").set_value("he took another job")
    press(router, "Remove the invitation")
    gone = follow(query)
    set_password(gone, "correct-horse-9")
    assert accept_invitation.NOT_OPEN in words(gone)
    assert len(buddy.rows("select 1 from public.operators")) == 2


def test_every_problem_of_a_mail_has_its_sentence() -> None:
    codes = {*PROBLEMS.values(), "key_refused", "auth_away", "send_unknown"}
    assert codes == set(operator_invitations.PROBLEMS)
