"""Which names a component can have, and what people are told of the others."""

import pytest

from service.github.github_client import web_address
from service.pipelines.component_names import BadName, name_note, named, read_name
from service.pipelines.sentences import _CODES, tell_attempt


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("", ""),
        ("PayCard", "PayCard"),
        (" Pay   card\n", "PayCard"),
        ("pay-button_2", "PayButton2"),
        ("Crème brûlée", "CremeBrulee"),
        ("default", "Default"),
        ("React card", "ReactCard"),
    ],
)
def test_a_name_is_made_of_plain_words(asked, name):
    assert read_name(asked) == name


@pytest.mark.parametrize(
    "asked",
    [
        *("React", "react", "Text", "Meta", "types", "Symbol", "NaN"),
        *("123", "2nd card", "日本語", "Größe", "Pay 日本", "<img src=x>", "Kill <b>Test</b>"),
        *("\u202ePay", "Pay\u202eCard", "Pay\u0000Card", "../x", "-", "👀", "a b c d e f g"),
    ],
)
def test_what_code_cannot_bear_is_refused_with_the_rule(asked):
    with pytest.raises(BadName) as refused:
        read_name(asked)
    assert "use that of the layer." in refused.value.message
    assert "<" not in refused.value.message


def test_what_became_of_a_name_is_said():
    name, options = named("Pay  card", {"push": False})
    assert (name, options) == ("PayCard", {"push": False, "asked_name": "Pay card"})
    assert "“Pay card”" in name_note(name, options) and "called PayCard" in name_note(name, options)
    assert named("PayCard", {}) == ("PayCard", {}) and name_note("PayCard", {}) == ""


@pytest.mark.parametrize("code", [*_CODES, "worker_lost", "cancelled", "of_another_version"])
def test_an_attempt_says_nothing_of_its_run(code):
    said = str(tell_attempt(code, {}))
    assert "charged" not in said and "This run was given up" not in said


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://git.example.com/api/v3", "https://git.example.com"),
        ("https://api.harbour.ghe.com", "https://harbour.ghe.com"),
        ("http://127.0.0.1:8300", "http://127.0.0.1:8300"),
    ],
)
def test_the_pages_of_a_github_are_known_by_its_api(api, web):
    assert web_address(api) == web
