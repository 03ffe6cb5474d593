"""Each role opens every page it has, and no page of it asks for what the role may not read."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import pages
from dashboard.data import reads
from tests.dashboard.stage import Buddy, open_page, sign_in, words

OPENED = [
    (role, entry.folder)
    for role in sorted(pages.EVERYBODY)
    for entries in pages.SECTIONS.values()
    for entry in entries
    if role in entry.roles
]


@pytest.fixture
def given_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Why reads were given up, as the log has it: pages say it in other words, or carry on."""
    causes: list[str] = []
    give_up = reads.give_up

    def noted(cause: str, error: Exception) -> None:
        causes.append(cause)
        give_up(cause, error)

    monkeypatch.setattr(reads, "give_up", noted)
    yield causes


@pytest.mark.parametrize(("role", "page"), OPENED)
def test_a_page_asks_for_nothing_that_its_role_may_not_read(
    router: AppTest, buddy: Buddy, given_up: list[str], role: str, page: str
) -> None:
    buddy.answer()
    buddy.answer(cost_microusd=None)
    buddy.fail()
    sign_in(router, buddy.make_operator(role))
    open_page(router, page)
    assert not router.exception
    assert given_up == []
    assert "No figures right now" not in words(router)
