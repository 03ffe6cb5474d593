"""An operator changes their own password, and nobody does who has only their screen."""

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.access import auth, remembered
from dashboard.access.auth import SignInRefused
from dashboard.access.cookies import new_id
from dashboard.parts import password_form
from local.stack import Database
from tests.dashboard.stage import PASSWORD, Buddy, open_page, settings_of, sign_in, words

NEW = "walnut ferry quilt moss"


def change(page: AppTest, present: str, chosen: str) -> AppTest:
    page.text_input(key="present_password").set_value(present)
    page.text_input(key="new_password").set_value(chosen)
    [button] = [each for each in page.button if each.label == "Change the password"]
    button.click().run()
    assert not page.exception
    return page


def open_form(router: AppTest, buddy: Buddy) -> str:
    email = buddy.make_operator("finance")
    sign_in(router, email)
    open_page(router, "your_sign_in")
    return email


def test_it_is_changed_by_who_knows_it_and_signs_other_browsers_out(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    email = open_form(router, buddy)
    settings = settings_of(database)
    elsewhere = auth.sign_in(settings, email, PASSWORD)
    somebody = auth.sign_in(settings, buddy.make_operator("support"), PASSWORD)
    theirs, _ = remembered.remember(elsewhere, new_id())
    other, _ = remembered.remember(somebody, new_id())

    change(router, PASSWORD, NEW)
    assert [each.value for each in router.success] == [password_form.CHANGED]
    assert not router.error
    assert elsewhere.is_over and remembered.recall(theirs) is None
    assert remembered.recall(other) is somebody
    # Here one stays in.
    open_page(router, "billing")
    assert not router.exception and not router.error
    with pytest.raises(SignInRefused, match="not right"):
        auth.sign_in(settings, email, PASSWORD)
    assert auth.sign_in(settings, email, NEW).email == email


@pytest.mark.parametrize(
    ("present", "chosen", "said"),
    [
        ("", NEW, "Enter your present password"),
        ("not the password", NEW, password_form.WRONG),
        (PASSWORD, PASSWORD, password_form.THE_SAME),
        (PASSWORD, "short", "at least 12"),
        (PASSWORD, "iloveyou12345", "easy to guess"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(
    router: AppTest, buddy: Buddy, database: Database, present: str, chosen: str, said: str
) -> None:
    email = open_form(router, buddy)
    change(router, present, chosen)
    assert said in words(router) and not router.success
    assert auth.sign_in(settings_of(database), email, PASSWORD).email == email


def test_the_present_one_cannot_be_guessed_at_somebody_elses_screen(
    router: AppTest, buddy: Buddy, database: Database
) -> None:
    email = open_form(router, buddy)
    for guess in range(5):
        change(router, f"guess {guess}", NEW)
    change(router, PASSWORD, NEW)
    assert "Too many attempts" in words(router)
    assert auth.sign_in(settings_of(database), email, PASSWORD).email == email
