"""Webhook payloads as documented, as seen on the wire, and as nobody would send them."""

import json
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from local.sandbox.spec import load_spec
from service.figma.addressing import Addressing, Mention
from service.figma.payloads import (
    CommentEvent,
    OtherEvent,
    PayloadError,
    payload_without_passcode,
    read_event,
    read_passcode,
    read_webhook_id,
)

# https://developers.figma.com/docs/rest-api/webhooks-events/
DOCUMENTED: dict[str, Any] = {
    "event_type": "FILE_COMMENT",
    "webhook_id": "22",
    "passcode": "secretpasscode",
    "timestamp": "2020-02-23T20:27:16Z",
    "file_key": "zH44k2FUM629Fa4EMShiHL",
    "file_name": "Mockup library",
    "comment": [
        {"text": "TODO: \n"},
        {"mention": "811724164054158337"},
        {"text": "Change selection colors"},
    ],
    "comment_id": "32",
    "parent_id": "",
    "order_id": "23 ",
    "created_at": "2020-02-23T20:27:16Z",
    "resolved_at": "",
    "mentions": [{"id": "811724164054158337", "handle": "Evan Wallace"}],
    "triggered_by": {"id": "813845097374535682", "handle": "Dylan Field"},
}
PING = {
    "event_type": "PING",
    "passcode": "secretpasscode",
    "timestamp": "2020-02-23T20:27:16Z",
    "webhook_id": "22",
}
KEYS = st.sampled_from([*DOCUMENTED, "text", "mention", "id", "handle", "emoji"]) | st.text()
ANY_TEXT = st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=30)
BUDDY = Addressing(["@buddy"])
COMMENTS = st.lists(
    st.sampled_from(
        ["@buddy", "@", "bud", "dy", " ", ",", "x", ":eyes:", "\u0301", "\ud83d", "\x00"]
    ),
    max_size=5,
).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda each: st.lists(each, max_size=5) | st.dictionaries(KEYS, each, max_size=8),
    max_leaves=20,
)


def comment_of(*fragments: object, **changes: object) -> CommentEvent:
    return CommentEvent.from_json({**DOCUMENTED, "comment": list(fragments), **changes})


def test_the_documented_example_is_read_whole():
    at = datetime(2020, 2, 23, 20, 27, 16, tzinfo=UTC)
    assert read_event(DOCUMENTED) == CommentEvent(
        webhook_id="22",
        timestamp=at,
        file_key="zH44k2FUM629Fa4EMShiHL",
        file_name="Mockup library",
        comment_id="32",
        parent_id=None,
        order_id="23",
        created_at=at,
        resolved_at=None,
        parts=(
            "TODO: \n",
            Mention("811724164054158337", "Evan Wallace"),
            " Change selection colors",
        ),
        mention_ids=("811724164054158337",),
        author_id="813845097374535682",
        author_handle="Dylan Field",
    )
    assert read_event(DOCUMENTED).text == "TODO: \n@Evan Wallace Change selection colors"


def test_the_documented_example_is_valid_under_figmas_openapi_file():
    assert load_spec().check_named("WebhookFileCommentPayload")(DOCUMENTED) is None


def test_a_redelivered_reply_is_read_with_what_only_the_wire_shows():
    event = comment_of(
        {"text": "ok"}, parent_id="38805422", order_id="", retries=2, protocol_version="2"
    )
    assert (event.parent_id, event.root_id, event.order_id) == ("38805422", "38805422", None)
    assert (event.retries, event.protocol_version) == (2, "2")


def test_ids_that_come_as_numbers_become_text():
    event = comment_of({"mention": 5}, comment_id=32, parent_id=31, triggered_by={"id": 813})
    assert (event.comment_id, event.root_id, event.author_id) == ("32", "31", "813")
    assert event.mention_ids == ("5",)


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("2020-02-23T22:27:16+02:00", datetime(2020, 2, 23, 20, 27, 16, tzinfo=UTC)),
        ("2020-02-23T20:27:16", datetime(2020, 2, 23, 20, 27, 16, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("0000-01-01T00:00:00Z", None),
        ("10000-01-01T00:00:00Z", None),
        ("2016-12-31T23:59:60Z", None),
        ("1999-12-31T23:59:59Z", None),
        ("2999-01-01T00:00:00Z", None),
        ("yesterday", None),
        (5, None),
        ({}, None),
    ],
)
def test_a_time_is_read_in_utc_or_not_at_all(given, at):
    event = comment_of({"text": "ok"}, created_at=given, timestamp=given, resolved_at=given)
    assert (event.created_at, event.timestamp, event.resolved_at) == (at, at, at)
    assert at is None or event.created_at.tzinfo is UTC


def test_only_what_places_the_comment_is_required():
    event = CommentEvent.from_json(
        {"webhook_id": "1", "file_key": "k", "comment_id": "2", "triggered_by": {"id": "3"}}
    )
    assert (event.text, event.mention_ids, event.file_name, event.author_handle) == ("", (), "", "")
    assert (event.timestamp, event.created_at, event.retries) == (None, None, 0)


@pytest.mark.parametrize("missing", ["webhook_id", "file_key", "comment_id", "triggered_by"])
def test_a_comment_that_cannot_be_placed_is_refused_by_name(missing):
    body = {key: value for key, value in DOCUMENTED.items() if key != missing}
    with pytest.raises(PayloadError, match=f"has no {missing}") as caught:
        read_event(body)
    assert caught.value.code == "unreadable_payload"


@pytest.mark.parametrize("body", [None, 3, "x", [], [DOCUMENTED]])
def test_what_is_no_object_is_refused(body):
    with pytest.raises(PayloadError, match="not a JSON object"):
        read_event(body)
    assert read_passcode(body) == ""
    assert read_webhook_id(body) == ""
    assert payload_without_passcode(body) == {}


@pytest.mark.parametrize("comment", [7, True, [["x"]], [None], [{"text": "a"}, 3]])
def test_a_comment_of_an_odd_type_is_refused(comment):
    with pytest.raises(PayloadError, match="not a list of fragments"):
        read_event({**DOCUMENTED, "comment": comment})


@pytest.mark.parametrize("comment", ["Hi", {"text": "Hi"}, ["Hi"], ["H", {"text": "i"}]])
def test_a_plain_text_or_a_lone_fragment_is_read_as_well(comment):
    assert CommentEvent.from_json({**DOCUMENTED, "comment": comment}).text == "Hi"


@pytest.mark.parametrize(
    ("fragments", "text"),
    [
        ([{"text": "nice "}, {"text": ":eyes:"}, {"text": " one"}], "nice :eyes: one"),
        ([{"emoji": ":eyes:"}, {"unknown": 1}, {"text": 4}], ":eyes:"),
        ([{"mention": "811724164054158337"}, {"text": ", look"}], "@Evan Wallace, look"),
        ([{"text": "ask"}, {"mention": "9"}, {"text": "now"}], "ask @someone now"),
        ([{"mention": "9"}, {"text": ""}, {"mention": "8"}], "@someone @someone"),
        ([{"mention": "9"}, {"text": ""}, {"text": "now"}], "@someone now"),
    ],
)
def test_fragments_are_joined_into_one_readable_text(fragments, text):
    assert comment_of(*fragments).text == text


@pytest.mark.parametrize("handle", ["Buddy", "buddy holly", "buddy,", "@buddy"])
@pytest.mark.parametrize("text", [" can you look?", "", ", @bud", "'s idea", "@buddyx"])
def test_the_name_of_somebody_mentioned_is_never_a_trigger(handle, text):
    for fragments in (
        [{"mention": "9"}, {"text": text}],
        [{"text": "ask "}, {"mention": "9"}, {"text": text}],
        [{"text": "@"}, {"mention": "9"}, {"text": text}],
        [{"mention": "9"}, {"mention": "9"}, {"text": text}],
    ):
        event = comment_of(*fragments, mentions=[{"id": "9", "handle": handle}])
        read = BUDDY.read(event.parts)
        assert not read.is_addressed
        assert f"@{handle}" in read.question


@pytest.mark.parametrize(
    ("fragments", "question"),
    [
        ([{"text": "@buddy ask"}, {"mention": "9"}, {"text": "now"}], "ask @Buddy Holly now"),
        ([{"mention": "9"}, {"text": " and @buddy"}], "@Buddy Holly and"),
        # Whom it names ends a word, so what is typed right beside it stands by itself.
        ([{"mention": "9"}, {"text": "@buddy look"}], "@Buddy Holly look"),
        ([{"text": "look @buddy"}, {"mention": "9"}], "look @Buddy Holly"),
    ],
)
def test_a_trigger_beside_a_mention_counts_and_the_name_stays_readable(fragments, question):
    event = comment_of(*fragments, mentions=[{"id": "9", "handle": "Buddy Holly"}])
    read = BUDDY.read(event.parts)
    assert (read.is_addressed, read.question) == (True, question)


@pytest.mark.parametrize("halves", [("@bud", "dy look"), ("@", "buddy look"), ("@buddy", "x look")])
def test_a_trigger_may_be_split_by_nothing_but_fragments_of_text(halves):
    first, last = ({"text": half} for half in halves)
    together = BUDDY.read(comment_of({"text": "".join(halves)}).parts)
    assert BUDDY.read(comment_of(first, last).parts) == together
    assert BUDDY.read(comment_of(first, {"mention": "9"}, last).parts) != together


def test_a_comment_too_long_is_cut_before_a_mention_and_not_in_it():
    text = {"text": "x" * 19_995}
    event = comment_of(text, {"mention": "9"}, {"text": "after"})
    assert event.parts == ("x" * 19_995 + " ",)
    assert event.mention_ids == ("9",)


def test_a_mention_that_nobody_names_keeps_its_id():
    assert comment_of({"mention": "9"}, {"mention": "9"}, mentions=None).mention_ids == ("9",)


def test_what_postgres_refuses_is_gone_and_split_characters_are_whole():
    event = comment_of({"text": "a\x00b\ud83d"}, {"text": "\ude00c\udfff"}, file_name="\x00F")
    assert event.text == "ab😀c\ufffd"
    assert event.file_name == "F"


def test_long_values_are_cut():
    event = comment_of({"text": "x" * 30_000}, file_name="n" * 900, comment_id="9" * 500)
    assert (len(event.text), len(event.file_name), len(event.comment_id)) == (20_000, 500, 128)


@pytest.mark.parametrize("body", [PING, {**PING, "event_type": "FILE_UPDATE"}])
def test_other_events_keep_their_type_and_webhook(body):
    event = read_event(body)
    assert isinstance(event, OtherEvent)
    assert (event.event_type, event.webhook_id) == (body["event_type"], "22")
    assert event.is_ping == (body is PING)


def test_the_passcode_is_read_apart_and_held_by_no_event():
    assert read_passcode(DOCUMENTED) == "secretpasscode"
    assert "secretpasscode" not in repr(read_event(DOCUMENTED))
    assert "secretpasscode" not in repr(read_event(PING))


def test_the_stored_payload_has_no_passcode_at_any_depth():
    body = {**DOCUMENTED, "pass\x00code": "p1", "request": [{"passcode": "p2", "kept": 1}]}
    stored = payload_without_passcode(body)
    assert stored["request"] == [{"kept": 1}]
    assert not any(each in json.dumps(stored) for each in ("secretpasscode", "p1", "p2"))
    assert stored["comment"] == DOCUMENTED["comment"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("9" * 500, "9" * 128), (" 813 ", "813"), (813, "813"), (10**4000, None), (["x"] * 900, None)],
    ids=["long", "spaces", "number", "long number", "list"],
)
def test_the_stored_author_is_the_one_of_the_event_whatever_it_is(given, kept):
    author = {"id": given, "handle": "Dylan"}
    stored = payload_without_passcode({**DOCUMENTED, "triggered_by": author})
    assert stored["triggered_by"] == {"id": kept, "handle": "Dylan"}
    assert author["id"] is given


def test_a_bottomless_payload_is_cut_off():
    body: dict[str, Any] = {}
    for _ in range(400):
        body = {"in": [body]}
    assert len(json.dumps(payload_without_passcode(body))) < 500


def test_postgres_stores_the_most_hostile_payload(database):
    hostile = {"\x00key": ["\x00", "\ud800", float("nan"), float("-inf"), 10**400, "\\u0000"]}
    stored = payload_without_passcode({**DOCUMENTED, "comment": [hostile]})
    with psycopg.connect(database.admin_url) as connection:
        kept = connection.execute("select %s::jsonb", [Jsonb(stored)]).fetchone()
    assert kept == (stored,)
    assert stored["comment"] == [{"key": ["", "\ufffd", None, None, 10**400, "\\u0000"]}]


@settings(deadline=None)
@given(JSON)
def test_nothing_but_a_payload_error_comes_of_any_json(body):
    for candidate in (body, {**DOCUMENTED, "comment": body}, {**DOCUMENTED, "mentions": body}):
        try:
            event = read_event(candidate)
        except PayloadError as error:
            assert error.message.endswith(".")
        else:
            assert "\x00" not in repr(event)


@settings(deadline=None)
@given(JSON)
def test_any_stored_payload_is_fit_for_jsonb(body):
    stored = json.dumps(payload_without_passcode({"a": body}), ensure_ascii=False, allow_nan=False)
    assert "\\u0000" not in stored
    stored.encode()


@settings(deadline=None)
@given(ANY_TEXT, st.lists(st.integers(0, 30), max_size=6))
def test_any_split_of_a_text_into_fragments_gives_the_same_text(text, cuts):
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    pieces = [{"text": text[start:end]} for start, end in pairwise(edges)]
    assert comment_of(*pieces).parts == comment_of({"text": text}).parts


@settings(deadline=None)
@given(
    st.lists(st.tuples(COMMENTS, COMMENTS), min_size=1, max_size=4),
    st.lists(st.integers(0, 12), max_size=4),
)
def test_any_split_of_the_texts_round_mentions_asks_the_same(texts, cuts):
    whole: list[dict[str, Any]] = []
    split: list[dict[str, Any]] = []
    for before, after in texts:
        for text in (before, after):
            edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
            whole.append({"text": text})
            split += [{"text": text[start:end]} for start, end in pairwise(edges)]
        for fragments in (whole, split):
            fragments.append({"mention": "9"})
    named = [{"id": "9", "handle": "Buddy"}]
    parts = [comment_of(*each, mentions=named).parts for each in (whole, split)]
    assert parts[0] == parts[1]
    typed = [part for part in parts[0] if isinstance(part, str)]
    is_addressed = any(BUDDY.read(text).is_addressed for text in typed)
    assert BUDDY.read(parts[1]).is_addressed is is_addressed
