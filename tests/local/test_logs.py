"""docs/logs.md names every event that is logged, with its fields, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from local.stack.stack import ROOT

ROOMS = ("service", "backup", "sql")
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
# Functions that log what they are given, or are one of a logger's own.
OURS = {"log_failed": {"reason"}, "write": set()}
# What would tell who somebody is or what they wrote. `reason` and `message` are codes and sentences
# of ours.
WORDS = {
    "handle", "author_handle", "name", "file_name", "question", "comment", "text", "prompt",
    "reply", "body", "address", "ip", "remote_addr", "user_agent", "token", "password", "draft",
    "instructions", "design", "label", "figma_user_id", "email", "repository", "title",
}  # fmt: skip
# On a local stack alone, which delivers no mail.
LOCAL_ONLY = {"local_invitation_link"}


def events_in(source: str) -> Iterator[tuple[str, set[str]]]:
    """Each event with the names of its fields; "*" for the fields of a record. What it goes by is
    told as text, so that it can be found."""
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        place, more = 0, set[str]()
        match call.func:
            case ast.Attribute(value=ast.Name(id="log"), attr=attr) if attr in LEVELS:
                pass
            case ast.Attribute(value=ast.Name(id="log"), attr="log"):
                place = 1
            case ast.Name(id=name) if name in OURS and is_text(call):
                more = OURS[name]
            case _:
                continue
        event = call.args[place]
        if is_text(call, place):
            assert isinstance(event, ast.Constant)
            fields = {each.arg or "*" for each in call.keywords} - {"exc_info"}
            yield event.value, fields | more
        else:
            # Only the function above that is given its event.
            assert ast.unparse(event) == "event", ast.unparse(call)


def is_text(call: ast.Call, place: int = 0) -> bool:
    event = call.args[place] if len(call.args) > place else None
    return isinstance(event, ast.Constant) and isinstance(event.value, str)


def logged() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for event, fields in events_in(path.read_text(encoding="utf-8")):
                found.setdefault(event, set()).update(fields)
    return found


def told() -> dict[str, set[str]]:
    text = Path(ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ((?:`[\w*]+` ?)*)\|", text, re.MULTILINE)
    names = [event for event, _ in rows]
    assert len(names) == len(set(names))
    return {event: set(re.findall(r"`([\w*]+)`", fields)) for event, fields in rows}


def test_the_document_has_each_event_with_its_fields_and_no_other() -> None:
    assert told() == logged()


def test_no_event_has_a_field_for_a_persons_name_address_or_words() -> None:
    found = {event: fields & WORDS for event, fields in logged().items() if fields & WORDS}
    assert {event for event in found if event not in LOCAL_ONLY} == set()


def test_events_are_named_and_never_made_of_words_that_somebody_gave() -> None:
    for event in logged():
        assert re.fullmatch(r"[a-z_]+", event), event
