"""Whose guidance stands in the prompt of whose answer."""

import json
from collections.abc import Sequence
from functools import partial

import pytest

from service.answering.outcomes import RetryAt
from service.guidance import FIELDS
from tests.exactly_once.scene import ADA, JONAS, MEI, Scene

PAY_BUTTON = "1:50"
DRAFT = "Draft02Wc7MsPh4vGj8Lt6"

# A word of its own for each field, so that a prompt tells which of them it holds.
OWNERS = {
    "instructions": "owner-instructions", "tone": "owner-tone", "brand": "owner-brand",
    "design_system_rules": "owner-rules", "language": "owner-language",
    "focus_areas": ["owner-focus"], "model": "",
}  # fmt: skip
MARKS = {
    name: value[0] if isinstance(value, list) else value for name, value in OWNERS.items() if value
}


def write(scene: Scene, user_id: str, shared: Sequence[str] = (), **changes: object) -> None:
    content = OWNERS | {"shared_with_guests": list(shared)} | changes
    version = scene.database.get_context(user_id).version
    scene.database.save_context(user_id, version, content, "user")


def prompts(scene: Scene) -> list[str]:
    """What the model was sent, whole: rules and data."""
    return [str(each["body"]["messages"]) for each in scene.model.requests]


def given(prompt: str) -> set[str]:
    """Fields of the owner that a prompt holds."""
    return {name for name, mark in MARKS.items() if mark in prompt}


def test_every_field_that_says_something_can_be_shared() -> None:
    assert set(FIELDS) == MARKS.keys()


@pytest.mark.parametrize(
    "shared", [(), ("brand", "design_system_rules"), ("language",), tuple(sorted(MARKS))]
)
def test_a_guest_gets_of_the_owners_guidance_what_the_owner_shares(
    scene: Scene, shared: tuple[str, ...]
) -> None:
    ada = scene.connect(ADA)
    write(scene, ada, shared)
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    answer = scene.finish(scene.ask(hook, JONAS, "@buddy and me?"))
    assert (answer["state"], str(answer["payer_id"])) == ("answered", ada)
    [prompt] = prompts(scene)
    assert given(prompt) == set(shared)
    assert ("</guidance>" in prompt) is bool(shared)
    assert (str(answer["context_user_id"]), answer["context_version"]) == (ada, 2)
    assert set(answer["guidance"]) == set(shared)


def test_a_context_from_before_fields_could_be_shared_shares_none(scene: Scene) -> None:
    ada = scene.connect(ADA)
    write(scene, ada)
    scene.rows("update public.user_context_versions set content = content - 'shared_with_guests'")
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    answer = scene.finish(scene.ask(hook, JONAS, "@buddy and me?"))
    assert given(prompts(scene)[0]) == set() and answer["guidance"] == []


def test_everybody_who_is_connected_gets_their_own_guidance_and_nobody_elses(scene: Scene) -> None:
    ada, mei = scene.connect(ADA), scene.connect(MEI)
    write(scene, ada, sorted(MARKS))
    write(scene, mei, **dict.fromkeys(("instructions", "tone", "brand"), "meis-own"))
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    scene.finish(scene.ask(hook, MEI, "@buddy one?"))
    answer = scene.finish(scene.ask(hook, ADA, "@buddy two?"))
    of_mei, of_ada = prompts(scene)
    assert "meis-own" in of_mei
    assert given(of_mei) == {"design_system_rules", "language", "focus_areas"}  # her own as well
    assert given(of_ada) == MARKS.keys() == set(answer["guidance"]) and "meis-own" not in of_ada


def test_somebody_connected_without_guidance_gets_none_of_the_owners(scene: Scene) -> None:
    ada = scene.connect(ADA)
    write(scene, ada, sorted(MARKS))
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    scene.connect(MEI)
    answer = scene.finish(scene.ask(hook, MEI, "@buddy one?"))
    assert given(prompts(scene)[0]) == set() and answer["guidance"] == []


def test_a_prompt_holds_nothing_of_other_threads_and_other_files(scene: Scene) -> None:
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    other = scene.say(ADA, "@buddy words of another thread", node_id=PAY_BUTTON)
    scene.finish(scene.record(hook, other))
    scene.say(ADA, "words of another file", file_key=DRAFT)
    root = scene.say(ADA, "words of this thread")["id"]
    answer = scene.finish(scene.ask(hook, JONAS, "@buddy and me?", root=root))
    prompt = prompts(scene)[-1]
    assert "words of this thread" in prompt
    assert not any(f"words of another {place}" in prompt for place in ("thread", "file"))
    [reply] = scene.replies(root)
    assert answer["reply_comment_id"] == reply["id"]
    assert len(scene.replies()) == 2 and scene.replies(file_key=DRAFT) == []


def test_a_guest_who_connects_meanwhile_still_gets_only_what_is_shared(scene: Scene) -> None:
    ada = scene.connect(ADA)
    write(scene, ada, ["tone"])
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    answer_id = scene.ask(hook, JONAS, "@buddy and me?")

    def connect(step: str) -> None:
        if step == "thread_read":
            scene.connect(JONAS)
            raise RuntimeError("the first attempt ends here")

    with pytest.raises(RetryAt):
        scene.attempt(answer_id, connect)
    answer = scene.finish(answer_id)
    assert (answer["attempt"], str(answer["payer_id"])) == (2, ada)
    assert given(prompts(scene)[0]) == {"tone"}


def test_the_measured_review_of_a_guest_does_not_follow_the_owners_focus(scene: Scene) -> None:
    scene.configure(openai_api_key=None)
    ada = scene.connect(ADA)
    write(scene, ada, focus_areas=["spacing"])
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    for handle in (ADA, JONAS):
        scene.finish(scene.ask(hook, handle, "@buddy what do you think?", node_id=PAY_BUTTON))
    owners, guests = (each["message"].lower() for each in scene.replies())
    assert "contrast" not in owners and "contrast" in guests


def test_rules_that_the_guidance_switches_off_are_not_measured(scene: Scene) -> None:
    scene.configure(openai_api_key=None)
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada)
    ask = partial(scene.ask, hook, ADA, "@buddy is the contrast ok?", node_id=PAY_BUTTON)
    scene.finish(ask())
    write(scene, ada, design_system_rules="Buttons are green.\nRules off: contrast-text, nonsense")
    answer = scene.finish(ask())
    before, after = (each["message"] for each in scene.replies())
    assert "4.5:1" in before and "4.5:1" not in after
    rules = {each["rule"] for each in answer["facts"]["facts"]}
    assert rules and "contrast-text" not in rules
    assert "Switched off by the guidance: contrast-text." in answer["facts"]["notes"]
    assert any("nonsense, but no rule" in each for each in answer["facts"]["notes"])


def test_a_finding_that_somebody_ignores_in_the_file_is_left_out(scene: Scene) -> None:
    scene.configure(openai_api_key=None)
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada)
    ask = partial(scene.ask, hook, ADA, "@buddy is the contrast ok?", node_id=PAY_BUTTON)
    first = scene.finish(ask())
    [found] = [each for each in first["facts"]["facts"] if each["rule"] == "contrast-text"]
    items = [{"fingerprint": found["fingerprint"], "rule": found["rule"], "reason": "our brand"}]
    save = "select public.save_ignored_findings(%s, %s, %s)"
    scene.rows(save, ada, first["file_key"], json.dumps(items))
    second = scene.finish(ask())
    assert "contrast-text" not in {each["rule"] for each in second["facts"]["facts"]}
    assert "1 finding is ignored in this file." in second["facts"]["notes"]


def test_a_replay_for_a_guest_keeps_what_its_draft_was_given(scene: Scene) -> None:
    ada = scene.connect(ADA)
    write(scene, ada, ["brand"])
    hook = scene.switch_on(ada, guest_rule="owner_pays")
    scene.sandbox.faults({"kind": "403", "path": "/comments", "method": "POST"})
    answer_id = scene.ask(hook, JONAS, "@buddy contrast?")
    assert scene.finish(answer_id)["state"] == "failed"
    scene.sandbox.faults()
    scene.connect(ADA)
    scene.rows("select public.replay_answer(%s)", answer_id)
    answer = scene.finish(answer_id)
    assert (answer["state"], len(prompts(scene)), answer["guidance"]) == ("answered", 1, ["brand"])


def test_a_replayed_reply_that_no_guidance_went_into_is_settled(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.sandbox.faults({"kind": "403", "path": "/comments", "method": "POST"})
    answer_id = scene.ask(hook, JONAS, "@buddy and me?")
    assert scene.finish(answer_id)["state"] == "failed"
    scene.sandbox.faults()
    scene.connect(ADA)
    scene.rows("select public.replay_answer(%s)", answer_id)
    answer = scene.finish(answer_id)
    assert (answer["state"], answer["reason"], answer["guidance"]) == (
        "refused", "guest_invited", None,
    )  # fmt: skip
