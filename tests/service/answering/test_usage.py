"""What is booked of the providers that were asked: whose time, and whose bill."""

import pytest
from prometheus_client import REGISTRY

from service.settings import ModelEndpoint
from tests.exactly_once.scene import ADA, Json, Scene

SECONDS = "model_latency_seconds"


def calls_timed(provider: str) -> float:
    return REGISTRY.get_sample_value(f"{SECONDS}_count", {"provider": provider}) or 0.0


def seconds_timed(provider: str) -> float:
    return REGISTRY.get_sample_value(f"{SECONDS}_sum", {"provider": provider}) or 0.0


def ask(scene: Scene, spare: str | None = None) -> Json:
    """One question, with a second provider of this name at the same stand-in; its ledger row."""
    where = {"base_url": scene.model.url, "model": "local-model"}
    endpoints = (ModelEndpoint(name=spare, **where),) if spare else ()
    scene.configure(model_endpoints=endpoints, model_timeout_seconds=0.3)
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    (row,) = scene.rows("select * from public.usage_logs")
    return row


def test_a_provider_that_hangs_is_not_timed_as_the_one_that_answers(scene: Scene) -> None:
    scene.model.behave(fault="timeout", times=1)
    calls, seconds = calls_timed("openai"), seconds_timed("openai")
    row = ask(scene, spare="quick")
    assert (row["provider"], row["model_latency_ms"] >= 300) == ("quick", True)
    assert (calls_timed("openai") - calls, calls_timed("quick")) == (1, 1)
    assert seconds_timed("openai") - seconds >= 0.3
    # What was waited for both is the ledger's; each one's own time is the metric's.
    assert seconds_timed("quick") < row["model_latency_ms"] / 1000


def test_a_provider_that_is_passed_over_is_not_timed(scene: Scene) -> None:
    scene.configure(model_cost_ceiling_microusd=1)
    calls = calls_timed("openai")
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    (row,) = scene.rows("select * from public.usage_logs")
    assert (row["provider"], row["model_latency_ms"]) == ("measured-review", 0)
    assert calls_timed("openai") == calls


@pytest.mark.parametrize("fault", ["timeout", "garbage", "empty"])
def test_a_call_that_may_be_billed_is_unpriced_and_its_wait_is_booked(
    scene: Scene, fault: str
) -> None:
    scene.model.behave(fault=fault)
    row = ask(scene)
    booked = ("provider", "model", "cost_microusd", "cost_state", "price_name", "input_tokens")
    if fault == "empty":
        # It told its tokens.
        assert (row["cost_state"], row["cost_microusd"] > 0) == ("priced", True)
    else:
        assert [row[name] for name in booked] == [
            "measured-review", "", None, "unpriced", "no token counts", 0,
        ]  # fmt: skip
    assert (row["status"], row["model_latency_ms"] > 0) == ("answered", True)


@pytest.mark.parametrize("fault", ["500", "429", "drop"])
def test_a_call_that_a_provider_refused_costs_nothing(scene: Scene, fault: str) -> None:
    scene.model.behave(fault=fault)
    row = ask(scene)
    assert (row["provider"], row["cost_state"], row["cost_microusd"]) == (
        "measured-review", "priced", 0,
    )  # fmt: skip


def test_what_is_known_of_an_answers_cost_is_booked_though_another_call_may_be_billed(
    scene: Scene,
) -> None:
    scene.model.behave(fault="timeout", times=1)
    where = {"base_url": scene.model.url, "model": "gpt-5-mini", "price_provider": "openai"}
    scene.configure(
        model_endpoints=(ModelEndpoint(name="spare", **where),), model_timeout_seconds=0.3
    )
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    (row,) = scene.rows("select * from public.usage_logs")
    assert (row["provider"], row["cost_state"], row["cost_microusd"] > 0) == (
        "spare", "priced", True,
    )  # fmt: skip
