"""Mentions of people in a comment: they count by who is meant, never by what somebody is called."""

import json
from typing import Any

import pytest

from service.answering.confirming import confirm
from service.figma.addressing import Addressing, Mention
from service.figma.records import Comment
from service.store.answer_records import Look
from tests.service.web.conftest import Web
from tests.service.web.test_receiver import add_hook, comment, jobs, outcome, send

BOT, HOLLY = "777", "9"


@pytest.fixture
def hook(web: Web) -> dict[str, Any]:
    web.services.database.register_bot(BOT, "Buddy")
    return add_hook(web)


def say(web: Web, *fragments: str | dict[str, str]) -> str:
    """Send a comment of these fragments (plain texts, or mentions by id); what came of it."""
    pieces = [{"text": each} if isinstance(each, str) else each for each in fragments]
    people = [{"id": BOT, "handle": "Buddy"}, {"id": HOLLY, "handle": "Buddy Holly"}]
    status, said = outcome(send(web, comment(pieces, mentions=people)))
    assert status == 200
    return said


def read(web: Web, text: str) -> tuple[str, str | None]:
    """How a worker reads the comment, as it stands at Figma, by what its delivery told."""
    [row] = web.rows("select args ->> 'look' as look from queue.procrastinate_jobs")
    look = Look.from_json(json.loads(row["look"]))
    at_figma = Comment(look.comment_id, None, "1", "Ada", text, look.received_at)
    bot = Mention(BOT, "Buddy")
    found = confirm([at_figma], look, Addressing(["@buddy"]), marker="✦ Buddy", bot=bot)
    return found.question, found.command


@pytest.mark.parametrize("text", [" can you look?", "", " help", " stop"])
def test_somebody_who_is_called_like_the_buddy_does_not_wake_it(
    web: Web, hook: dict[str, Any], text: str
) -> None:
    assert say(web, {"mention": HOLLY}, text) == "ignored"
    assert jobs(web) == 0


@pytest.mark.parametrize(
    ("fragments", "text", "expected"),
    [
        (({"mention": BOT}, " is this ok?"), "@Buddy is this ok?", ("is this ok?", None)),
        (({"mention": BOT}, " help"), "@Buddy help", ("help", "help")),
        (("Please stop, ", {"mention": BOT}), "Please stop, @Buddy", ("Please stop", None)),
        (("stop ", {"mention": BOT}), "stop @Buddy", ("stop", "stop")),
        (
            ({"mention": BOT}, " what says ", {"mention": HOLLY}),
            "@Buddy what says @Buddy Holly",
            ("what says @Buddy Holly", None),
        ),
        (
            ({"mention": HOLLY}, " ask ", {"mention": BOT}),
            "@Buddy Holly ask @Buddy",
            ("@Buddy Holly ask", None),
        ),
    ],
)
def test_a_mention_of_the_bot_asks_what_stands_round_it(
    web: Web, hook: dict[str, Any], fragments: Any, text: str, expected: tuple[str, str | None]
) -> None:
    assert say(web, *fragments) == "queued"
    assert read(web, text) == expected


def test_a_trigger_decides_before_any_mention(web: Web, hook: dict[str, Any]) -> None:
    assert say(web, "@buddy what says ", {"mention": HOLLY}, "?") == "queued"
    assert read(web, "@buddy what says @Buddy Holly?") == ("what says @Buddy Holly?", None)


def test_the_bot_in_a_crowd_is_still_addressed(web: Web, hook: dict[str, Any]) -> None:
    crowd = [{"mention": str(number)} for number in range(1000, 1010)]
    assert say(web, *crowd, {"mention": BOT}, " look") == "queued"
    named = "@someone " * 10
    assert read(web, f"{named}@Buddy look")[0].endswith("look")
