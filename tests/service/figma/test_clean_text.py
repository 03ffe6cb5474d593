"""Text as it can be stored and shown."""

import pytest

from service.figma.clean_text import showable, storable_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x00\x07b\x7f\x9fc", "abc"),
        ("a\r\nb\rc\u2028d\u2029e\tf", "a\nb\nc\nd\ne\tf"),
        ("a\u202eb\u2066c\u200ed\u061ce", "abcde"),
        ("b\u200bu\u00add\u2060d\ufeffy\u3164\U000e0062\ufe0f\u034f\ue000", "buddy"),
        ("b\u200cu\u200ddd\u200dy", "buddy"),
        ("a\u2800b", "a b"),
        ("e\u0301", "é"),
        ("\ud83d\ude00 \ud800", "😀 \ufffd"),
        # What shapes its neighbours stays.
        ("👩🏽‍💻 ❤️ 🏳️‍🌈 1️⃣", "👩🏽‍💻 ❤️ 🏳️‍🌈 1️⃣"),
        ("می‌خواهم क्‍ष", "می‌خواهم क्‍ष"),
    ],
)
def test_what_is_shown_is_seen(text, shown):
    assert showable(text) == shown
    assert showable(shown) == shown


def test_every_text_of_a_value_can_be_stored():
    value = {"a\x00": ["b\x00c", ("\ud83d\ude00", 1)], "d": {"e": "f\ud800"}, "g": None}
    assert storable_json(value) == {"a": ["bc", ["😀", 1]], "d": {"e": "f\ufffd"}, "g": None}


@pytest.mark.parametrize("value", ["", "é 😀", {"a": [1, 2.5, True, None]}, "a\\u0000b", ("a",)])
def test_what_can_be_stored_is_handed_on_as_it_is(value):
    assert storable_json(value) is value
