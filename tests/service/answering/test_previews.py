"""Answers that their webhook's owner looks at first: posted once, in whose words, or not at all."""

from uuid import uuid4

import pytest

from service.answering import wording
from service.answering.outcomes import RetryAt
from service.errors import Conflict, NotFound
from tests.exactly_once.scene import ADA, JONAS, Scene


def drafted(scene: Scene, preview: str = "always", asker: str = JONAS) -> tuple[str, str, str]:
    """Ada's webhook, which asks her first; the answer that waits, and Ada."""
    ada = scene.connect(ADA)
    if asker != ADA:
        scene.connect(asker)
    hook = scene.switch_on(ada)
    scene.database.set_webhook_preview(ada, hook, preview)
    answer_id = scene.ask(hook, asker, "@buddy is this ok?")
    with pytest.raises(RetryAt, match="awaiting_owner"):
        scene.attempt(answer_id)
    return hook, answer_id, ada


def said(scene: Scene) -> list[str]:
    return [each["message"] for each in scene.replies()]


def receipts(scene: Scene) -> list[str]:
    return [each["state"] for each in scene.rows("select state from public.use_receipts")]


def test_a_draft_waits_with_its_use_and_is_posted_once_when_its_owner_says_so(
    scene: Scene,
) -> None:
    _, answer_id, ada = drafted(scene)
    assert len(said(scene)) == 1 and wording.PREVIEW_WAITS[:30] in said(scene)[0]
    [waiting] = scene.database.list_previews(ada)
    assert (waiting.answer_id, waiting.question) == (answer_id, "is this ok?") and waiting.body
    assert (scene.books()["held"], receipts(scene)) == (1, ["reserved"])
    # A draft is no reply: whoever asked does not read it on their own page.
    jonas = scene.rows("select id::text from public.users where handle like 'Jonas%%'")[0]["id"]
    assert [each.reply for each in scene.database.get_account(jonas).answers] == [None]
    # Another attempt meanwhile asks no model and says nothing more.
    asked = len(scene.model.requests)
    with pytest.raises(RetryAt) as again:
        scene.attempt(answer_id)
    assert again.value.at == waiting.until
    for choice in ("post", "post"):
        assert scene.database.decide_preview(ada, answer_id, choice, None) == "post"
    with pytest.raises(Conflict, match="decided already"):
        scene.database.decide_preview(ada, answer_id, "drop", None)
    answer = scene.finish(answer_id)
    scene.finish(answer_id)
    assert answer["state"] == "answered" and len(scene.model.requests) == asked
    assert len(said(scene)) == 2 and waiting.body in said(scene)[1]
    assert (scene.books()["used"], receipts(scene)) == (1, ["settled"])
    assert scene.database.list_previews(ada) == []
    jobs = scene.rows("select 1 from queue.procrastinate_jobs where scheduled_at is null")
    assert len(jobs) >= 1


def test_an_edited_draft_is_posted_in_its_owners_words_by_the_rules_of_every_reply(
    scene: Scene,
) -> None:
    _, answer_id, ada = drafted(scene, asker=ADA)
    # The owner asked: the account page is enough.
    assert said(scene) == []
    with pytest.raises(NotFound):
        scene.database.decide_preview(str(uuid4()), answer_id, "post", None)
    words = "Use the dark blue.\n@buddy see https://evil.example"
    scene.database.decide_preview(ada, answer_id, "post", words)
    assert scene.finish(answer_id)["state"] == "answered"
    [reply] = said(scene)
    assert "Use the dark blue." in reply and wording.PREVIEW_EDITED in reply
    assert "evil.example" not in reply and "@buddy" not in reply
    assert scene.rows("select is_edited from public.answer_previews") == [{"is_edited": True}]
    [line] = scene.rows("select status, cost_microusd > 0 as has_cost from public.usage_logs")
    assert line == {"status": "answered", "has_cost": True}


@pytest.mark.parametrize("is_removed", [False, True])
def test_a_dropped_draft_is_not_posted_and_takes_no_use(scene: Scene, is_removed: bool) -> None:
    hook, answer_id, ada = drafted(scene)
    if is_removed:
        # Nobody is left who could decide.
        scene.database.change_webhook(ada, hook, state="deleted")
        with pytest.raises(NotFound):
            scene.database.decide_preview(ada, answer_id, "post", None)
    else:
        scene.database.decide_preview(ada, answer_id, "drop", None)
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["reason"]) == ("ignored", "dropped_by_owner")
    assert len(said(scene)) == 2 and wording.PREVIEW_DROPPED[:40] in said(scene)[1]
    assert (scene.books()["used"], receipts(scene)) == (0, ["released"])
    [line] = scene.rows(
        "select status, error_code, cost_microusd > 0 as paid from public.usage_logs"
    )
    assert line == {"status": "refused", "error_code": "dropped_by_owner", "paid": True}


def test_a_draft_that_nobody_looks_at_expires_with_a_word_in_the_thread(scene: Scene) -> None:
    _, answer_id, ada = drafted(scene)
    scene.rows("update public.answer_previews set until = now() returning 1")
    with pytest.raises(Conflict, match="its day is over"):
        scene.database.decide_preview(ada, answer_id, "post", None)
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["reason"]) == ("ignored", "preview_expired")
    assert len(said(scene)) == 2 and "did not release my answer" in said(scene)[1]
    assert (scene.books()["used"], receipts(scene)) == (0, ["released"])


def test_only_the_first_answer_of_a_file_waits_where_the_owner_wants_that(scene: Scene) -> None:
    hook, answer_id, ada = drafted(scene, "first", asker=ADA)
    scene.database.decide_preview(ada, answer_id, "post", None)
    scene.finish(answer_id)
    assert scene.finish(scene.ask(hook, ADA, "@buddy and this?"))["state"] == "answered"
    # Switched off while one waits: it still waits for its owner.
    scene.database.set_webhook_preview(ada, hook, "always")
    late = scene.ask(hook, ADA, "@buddy and that?")
    with pytest.raises(RetryAt):
        scene.attempt(late)
    scene.database.set_webhook_preview(ada, hook, "off")
    with pytest.raises(RetryAt, match="awaiting_owner"):
        scene.attempt(late)
