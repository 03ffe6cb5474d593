"""Replies as they are posted, and as they are found again."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.figma.addressing import Addressing, is_marked, reply_marker
from service.figma.records import Comment
from service.figma.replies import (
    MAX_REPLY_CHARS,
    compose_reply,
    find_own_reply,
    reply_reference,
)

BUDDY = Addressing(["@buddy"])
MARKER = reply_marker("Buddy")
REFERENCE = reply_reference(UUID("00000000-0000-4000-8000-000000000001"))


def compose(body: str, footer: str = "7 of 10 free uses left", **changes: Addressing) -> str:
    addressing = changes.get("addressing", BUDDY)
    return compose_reply(MARKER, body, footer, REFERENCE, addressing=addressing)


def reply(message: str, parent_id: str | None = "32") -> Comment:
    return Comment("40", parent_id, "1", "Bot", message, None)


def test_a_reference_is_ten_unmistakable_characters_and_always_the_same():
    assert reply_reference(UUID("00000000-0000-4000-8000-000000000001")) == REFERENCE
    assert len(REFERENCE) == 10
    assert set(REFERENCE) <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@settings(deadline=None)
@given(st.uuids(), st.uuids())
def test_two_answers_have_two_references(one, other):
    assert (reply_reference(one) == reply_reference(other)) == (one == other)


def test_a_reply_begins_with_the_marker_and_ends_with_footer_and_reference():
    lines = compose("Looks fine.").splitlines()
    assert lines[0] == "✦ Buddy"
    assert lines[2] == "Looks fine."
    assert lines[-1] == f"7 of 10 free uses left · ref {REFERENCE}"
    assert compose("Fine.", footer="").splitlines()[-1] == f"ref {REFERENCE}"


def test_a_long_body_is_cut_at_a_word_and_the_rest_stays_whole():
    text = compose("measured contrast " * 500)
    assert len(text) <= MAX_REPLY_CHARS
    assert text.splitlines()[2].endswith((" contrast …", " measured …"))
    assert text.endswith(f"7 of 10 free uses left · ref {REFERENCE}")


def test_control_characters_do_not_reach_figma():
    text = compose("a\x00b\x1b[31mc\u202ed\r\ne\tf\ud800g")
    assert text.splitlines()[2:4] == ["ab[31mcd", "e\tf\ufffdg"]


def test_a_posted_reply_is_found_by_its_reference_in_its_own_thread():
    posted = reply(compose("Fine.") + "  \n")
    others = [reply("Fine."), reply(compose("Fine."), parent_id="31"), posted]
    assert find_own_reply(others, "32", REFERENCE) is posted
    assert find_own_reply(others, "33", REFERENCE) is None
    assert find_own_reply(others, "32", "0" * 10) is None
    assert find_own_reply([], "32", REFERENCE) is None


@pytest.mark.parametrize("quoted", [f"ref {REFERENCE}\nwhat is that?", f"href {REFERENCE}"])
def test_a_reference_elsewhere_than_at_the_end_is_no_reply(quoted):
    assert find_own_reply([reply(quoted)], "32", REFERENCE) is None


def test_a_reference_that_somebody_writes_is_no_reply():
    for said in (f"ref {REFERENCE}", f"What is\nref {REFERENCE}", f"Look:\n{compose('Fine.')}"):
        assert find_own_reply([reply(said)], "32", REFERENCE) is None


def test_a_reply_of_before_is_known_whatever_it_was_called_and_hid():
    old = f"✦ B\u2060uddy\n\nAsk @\u2060buddy.\n\n2 left · r\u2060ef {REFERENCE}"
    assert find_own_reply([reply(old)], "32", REFERENCE) is not None
    renamed = compose("Fine.").replace("Buddy", "Ink")
    assert find_own_reply([reply(renamed)], "32", REFERENCE) is not None


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["@buddy ", "buddy", "ref ", "é", "\n", " "]) | st.text(), max_size=9),
    st.integers(1, 900),
    st.text(max_size=700),
    st.lists(st.sampled_from(["@buddy", "buddy", "ref", "uses"]), min_size=1),
)
def test_every_reply_fits_addresses_nobody_and_is_known_again(words, times, footer, triggers):
    addressing = Addressing(triggers)
    text = compose("".join(words) * times, footer, addressing=addressing)
    assert len(text) <= MAX_REPLY_CHARS
    assert not addressing.read(text).is_addressed
    assert is_marked(text, MARKER)
    assert find_own_reply([reply(text)], "32", REFERENCE) is not None
