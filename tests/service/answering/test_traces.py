"""What is kept of each attempt at an answer: what was sent to models, word for word, and what each
call took. It goes with the accounts of those whose words it holds."""

import asyncio
from typing import Any

import pytest

from service.answering.answer_traces import ANNOUNCED
from service.answering.outcomes import RetryAt
from service.config import ModelEndpoint
from tests.exactly_once.analyses import attempt, request
from tests.exactly_once.scene import ADA, CHECKOUT, JONAS, Json, Scene

PAY_BUTTON = "1:50"
FOREIGN = "The label has only 7.77:1."


def prompts(scene: Scene, id: str) -> list[list[Json]]:
    """The messages that are kept, attempt by attempt."""
    [row] = scene.rows("select private.prompts_of(%s) as told", id)
    return [each["messages"] for each in row["told"]]


def detail(scene: Scene, id: str) -> Json:
    [row] = scene.rows("select public.answer_detail(%s) as told", id)
    return row["told"]


def test_an_answer_is_kept_with_the_prompt_as_it_was_sent_and_with_each_call(scene: Scene) -> None:
    spare = ModelEndpoint(
        name="spare", base_url=scene.model.url, model="gpt-5-mini", price_provider="openai"
    )
    scene.configure(model_endpoints=(spare,))
    scene.database.announce_prompts(ANNOUNCED)
    scene.database.announce_prompts(ANNOUNCED)
    scene.model.behave(fault="500", times=1, texts=[FOREIGN, "It reads well."])
    ada = scene.connect(ADA)
    scene.database.save_context(ada, 1, guidance("calm & <short>"), "user")
    hook = scene.switch_on(ada)
    root = scene.say(JONAS, 'Umlauts äöü, "quotes" and </thread> too.')
    id = scene.ask(hook, ADA, "@buddy is it readable?", root=root["id"], node_id=PAY_BUTTON)

    async def oversleep(step: str) -> None:
        if step == "posting":
            await asyncio.sleep(1.2)

    with pytest.raises(RetryAt):
        scene.attempt(id, oversleep)
    scene.finish(id)
    *_, first, second = (each["body"]["messages"] for each in scene.model.requests)
    # The second attempt posts the draft of the first, and asks nobody.
    assert prompts(scene, id) == [second]
    assert second[: len(first)] == first and FOREIGN in second[2]["content"]

    found = detail(scene, id)
    asked = found["attempts"][0]
    assert (asked["run"], asked["attempt"], asked["ended"]) == (1, 1, "deferred")
    assert (asked["has_prompt"], asked["saw_picture"]) == (True, False)
    steps = [each["step"] for each in asked["steps"]]
    assert steps[-3:] == ["design_read", "model_asked", "posting"]
    assert [each["ms"] for each in asked["steps"]] == sorted(each["ms"] for each in asked["steps"])
    calls = asked["calls"]
    assert [(each["provider"], each["outcome"], each["reason"]) for each in calls] == [
        ("openai", "failed", "server_error"),
        ("spare", "answered", "ungrounded"),
        ("spare", "answered", "ok"),
    ]
    [booked] = found["ledger"]
    for name in ("cost_microusd", "input_tokens", "cached_input_tokens", "output_tokens"):
        assert sum(each.get(name, 0) for each in calls) == booked[name], name
    assert booked["cost_microusd"] > 0 and booked["status"] == "answered"
    assert [each["state"] for each in found["receipts"]] == ["settled"]
    assert (found["author"], found["author_id"], found["payer_id"]) == (ADA, ada, ada)
    assert found["webhook"]["owner_id"] == ada and found["webhook"]["context"] == "file"
    assert found["reply_comment_id"] and len(found["deliveries"]) == 1
    for words in ("readable", "Umlauts", "calm", "reads well"):
        assert words not in str(found)


def test_a_prompt_is_forgotten_with_whoever_has_words_in_it_and_after_thirty_days(
    scene: Scene,
) -> None:
    ada, jonas = scene.connect(ADA), scene.connect(JONAS)
    hook = scene.switch_on(ada)
    ids = [scene.ask(hook, ADA, f"@buddy question {number}?") for number in range(2)]
    for each in ids:
        scene.finish(each)
    assert [len(prompts(scene, each)) for each in ids] == [1, 1]
    # Only the delivery tells that Jonas wrote in this file at all.
    said = scene.event(hook, scene.say(JONAS, "hello")) | {
        "is_addressed": False,
        "payload": {"triggered_by": {"id": scene.people[JONAS]["id"]}, "file_key": CHECKOUT},
    }
    scene.services.delivery_store.record_events([said])
    scene.rows("update public.answers set file_key = 'OTHER' where id = %s", ids[1])
    scene.database.delete_account(jonas, "hash")
    assert [len(prompts(scene, each)) for each in ids] == [0, 1]
    scene.rows("update public.answer_traces set at = at - interval '31 days'")
    assert scene.database.purge_expired().traces == 1
    assert prompts(scene, ids[1]) == []


def test_an_analysis_is_kept_with_what_was_sent_for_it(scene: Scene) -> None:
    scene.database.announce_prompts(ANNOUNCED)
    asked = request(scene, scene.connect(ADA))
    attempt(scene, asked.id)
    assert prompts(scene, asked.id) == [scene.model.requests[-1]["body"]["messages"]]
    [row] = scene.rows("select private.traces_of(%s) as told", asked.id)
    [call] = row["told"][0]["calls"]
    assert (call["outcome"], call["cost_microusd"] > 0) == ("answered", True)
    assert scene.rows("select kept_usage from public.analyses")[0]["kept_usage"] is None
    scene.rows("update public.answer_traces set at = at - interval '26 hours'")
    assert scene.database.purge_expired().analysis_traces == 1


def guidance(tone: str) -> dict[str, Any]:
    return {
        "instructions": "", "tone": tone, "brand": "", "design_system_rules": "", "language": "",
        "focus_areas": [], "model": "", "shared_with_guests": [],
    }  # fmt: skip
