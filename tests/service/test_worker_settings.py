"""A running worker goes by the settings and flags in force, and delivers alerts."""

import asyncio
import json
from uuid import uuid4

import pytest
from standardwebhooks import Webhook

from dashboard.settings.sealing import new_secret, seal
from service.worker import BuddyWorker
from tests.exactly_once.processes import work_here
from tests.exactly_once.scene import ADA, Scene, model, sandbox, scene
from tests.service.alerts.conftest import Receiver, receiver
from tests.service.test_worker import WORKER_IS_THERE

__all__ = ["model", "receiver", "sandbox", "scene"]
PAY_BUTTON = "1:50"
FLAGGED = (
    "with made as (insert into public.teams (name, feature_flags) values ('A', %s) returning id)"
    " update public.users set team_id = made.id from made"
)


def set_to(scene: Scene, code: str, value: object) -> None:
    scene.rows(
        "insert into public.product_settings (code, value) values (%s, %s)", code, json.dumps(value)
    )


def test_a_worker_begins_by_what_is_set_and_follows_a_change(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    set_to(scene, "answers_per_minute", 1)

    async def act(one: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until, WORKER_IS_THERE)
        assert one.state.values.answers_per_minute == 1
        first = scene.ask(hook, ADA, "@buddy contrast?")
        await asyncio.to_thread(scene.wait_until_closed)
        second = scene.ask(hook, ADA, "@buddy spacing?")
        await asyncio.to_thread(scene.wait_until_closed)
        assert scene.answer(first)["state"] == "answered"
        assert (scene.answer(second)["state"], scene.answer(second)["reason"]) == (
            "refused",
            "too_fast",
        )
        scene.rows("update public.product_settings set value = '5'")
        for _ in range(100):
            if one.state.values.answers_per_minute == 5:
                break
            await asyncio.sleep(0.1)
        third = scene.ask(hook, ADA, "@buddy tokens?")
        await asyncio.to_thread(scene.wait_until_closed)
        assert scene.answer(third)["state"] == "answered"

    work_here(scene, act)


def test_replies_hold_none_of_the_triggers_that_are_set(scene: Scene) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    set_to(scene, "triggers", ["@ink", "!ink"])
    scene.model.behave(text="Ask @ink, or !INK again.")

    async def act(one: BuddyWorker) -> None:
        await asyncio.to_thread(scene.wait_until, WORKER_IS_THERE)
        answer = scene.ask(hook, ADA, "@ink contrast?")
        await asyncio.to_thread(scene.wait_until_closed)
        [reply] = scene.replies(scene.answer(answer)["root_comment_id"])
        text = reply["message"]
        assert "Ask ink, or INK again." in text
        assert not one.state.addressing.read(text).is_addressed

    work_here(scene, act)


@pytest.mark.parametrize(
    ("flag", "provider", "design_state"),
    [("model_answers", "measured-review", "read"), ("design_reading", "openai", "off")],
)
def test_a_flag_of_the_payers_team_is_obeyed(
    scene: Scene, flag: str, provider: str, design_state: str
) -> None:
    hook = scene.switch_on(scene.connect(ADA))
    scene.rows(FLAGGED, json.dumps({flag: False}))
    answer = scene.ask(hook, ADA, "@buddy contrast?", node_id=PAY_BUTTON)
    row = scene.finish(answer)
    assert row["state"] == "answered"
    assert (row["provider"], row["design_state"]) == (provider, design_state)


def test_a_worker_tells_its_key_and_delivers_what_is_sealed_with_it(
    scene: Scene, receiver: Receiver
) -> None:
    channel, secret = str(uuid4()), new_secret()

    async def act(_: BuddyWorker) -> None:
        told = "select exists (select from public.service_profile)"
        await asyncio.to_thread(scene.wait_until, told)
        [profile] = scene.rows("select * from public.service_profile")
        assert profile["defaults"]["triggers"] == ["@buddy"]
        sealed = seal(profile["sealing_key"], channel, receiver.url, secret)
        scene.rows(
            "insert into public.alert_channels (id, kind, name, host, kinds)"
            " values (%s, 'webhook', 'Pager', 'x', '{unpriced}')",
            channel,
        )
        scene.rows("insert into public.alert_channel_secrets values (%s, %s)", channel, sealed)
        scene.rows(
            "insert into public.usage_logs (answer_id, feature, provider, model, status,"
            " cost_state) values (gen_random_uuid(), 'comment', 'openai', 'm', 'answered',"
            " 'unpriced')"
        )
        scene.services.database.check_alerts()
        done = "select exists (select from public.alert_deliveries where state = 'delivered')"
        await asyncio.to_thread(scene.wait_until, done)

    work_here(scene, act)
    [(headers, body)] = receiver.got
    assert Webhook(secret).verify(body, headers)["type"] == "alert.unpriced"
    assert scene.rows("select count(*) from queue.procrastinate_jobs")[0]["count"] == 0
