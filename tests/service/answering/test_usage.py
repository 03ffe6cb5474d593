"""What is booked of the providers that were asked: whose time, and whose bill."""

import pytest
from prometheus_client import REGISTRY

from service.answering.booked_usage import carry, usage_of
from service.answering.design import Design
from service.config import ModelEndpoint
from service.llm import Attempt, Cost, TokenUsage
from tests.exactly_once.scene import ADA, Json, Scene

SECONDS = "model_latency_seconds"


# How long a model that hangs is waited for, in seconds. One that answers needs far less, also on a
# busy machine.
PATIENCE = 3.0


def calls_timed(provider: str) -> float:
    return REGISTRY.get_sample_value(f"{SECONDS}_count", {"provider": provider}) or 0.0


def seconds_timed(provider: str) -> float:
    return REGISTRY.get_sample_value(f"{SECONDS}_sum", {"provider": provider}) or 0.0


def ask(scene: Scene, spare: str | None = None) -> Json:
    """One question, with a second provider of this name at the same stand-in; its ledger row."""
    where = {"base_url": scene.model.url, "model": "local-model"}
    endpoints = (ModelEndpoint(name=spare, **where),) if spare else ()
    scene.configure(model_endpoints=endpoints, model_timeout_seconds=PATIENCE)
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    (row,) = scene.rows("select * from public.usage_logs")
    return row


def test_a_provider_that_hangs_is_not_timed_as_the_one_that_answers(scene: Scene) -> None:
    scene.model.behave(fault="timeout", times=1)
    calls, seconds = calls_timed("openai"), seconds_timed("openai")
    row = ask(scene, spare="quick")
    assert (row["provider"], row["model_latency_ms"] >= 1000 * PATIENCE) == ("quick", True)
    assert (calls_timed("openai") - calls, calls_timed("quick")) == (1, 1)
    assert seconds_timed("openai") - seconds >= PATIENCE
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


@pytest.mark.parametrize("fault", ["timeout", "garbage", "empty", "drop"])
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


@pytest.mark.parametrize("fault", ["500", "429"])
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
        model_endpoints=(ModelEndpoint(name="spare", **where),), model_timeout_seconds=PATIENCE
    )
    hook = scene.switch_on(scene.connect(ADA))
    scene.finish(scene.ask(hook, ADA, "@buddy contrast?"))
    (row,) = scene.rows("select * from public.usage_logs")
    assert (row["provider"], row["cost_state"], row["cost_microusd"] > 0) == (
        "spare", "priced", True,
    )  # fmt: skip
    # Each call by itself, as the provider's bill will name it.
    calls = scene.rows("select * from public.model_calls order by at")
    assert [(call["provider"], call["cost_state"], call["call_id"] != "") for call in calls] == [
        ("openai", "unknown", False), ("spare", "priced", True),
    ]  # fmt: skip
    assert calls[1]["cost_microusd"] == row["cost_microusd"]
    assert {call["usage_id"] for call in calls} == {row["id"]}
    days = scene.rows("select sum(calls) as calls, sum(unknown) as unknown,"
                      " sum(input_tokens) as tokens from public.model_call_days")  # fmt: skip
    assert days == [{"calls": 2, "unknown": 1, "tokens": row["input_tokens"]}]


NO_DESIGN = Design("no_node")


def billed(tier: str, price: str, microusd: int | None, usage: TokenUsage) -> Json:
    """What one attempt of a run used, with one call of a model."""
    cost = Cost("unpriced" if microusd is None else "priced", microusd, price)
    call = Attempt("openai", "gpt-5-mini", "answered", "ok", 1, cost, usage, tier)
    return usage_of([call], NO_DESIGN, 1)


WRITTEN = TokenUsage(100, 0, 10, 0, 60, (("cache_write_1h_tokens", 20),))
HEARD = TokenUsage(50, 5, 10, 0, 0, (("cache_write_1h_tokens", 1), ("input_audio_tokens", 9)))


def test_calls_of_an_earlier_attempt_are_added_class_by_class_and_priced_as_one_or_as_several() -> (
    None
):
    first, last = billed("flex", "a list", 3, WRITTEN), billed("flex", "a list", 4, HEARD)
    total = carry(first, last, 0)
    assert (total["input_tokens"], total["cache_write_tokens"]) == (150, 60)
    assert total["token_classes"] == {"cache_write_1h_tokens": 21, "input_audio_tokens": 9}
    assert (total["service_tier"], total["price_name"]) == ("flex", "a list")
    assert (total["cost_state"], total["cost_microusd"]) == ("priced", 7)
    assert [call["cost_microusd"] for call in total["calls"]] == [3, 4]
    other = billed("standard", "another", None, HEARD)
    for pair in ((first, other), (other, first)):
        mixed = carry(*pair, 0)
        assert (mixed["service_tier"], mixed["cost_microusd"]) == ("mixed", None)
        # As re-pricing knows calls of more than one price.
        assert set(mixed["price_name"].split(", ")) == {"a list", "another"}


def test_an_attempt_that_asked_no_model_changes_neither_tier_nor_price() -> None:
    asked, silent = billed("flex", "a list", 3, WRITTEN), usage_of([], NO_DESIGN, 0)
    for pair in ((asked, silent), (silent, asked)):
        total = carry(*pair, 0)
        assert (total["service_tier"], total["price_name"]) == ("flex", "a list")
    assert carry(silent, silent, 0)["service_tier"] == "standard"


def test_what_an_older_worker_kept_is_of_the_standard_tier_without_classes() -> None:
    new = ("cache_write_tokens", "token_classes", "service_tier")
    kept = {name: value for name, value in billed("standard", "a list", 3, HEARD).items()
            if name not in new}  # fmt: skip
    total = carry(kept, billed("standard", "a list", 4, WRITTEN), 0)
    assert (total["cache_write_tokens"], total["service_tier"]) == (60, "standard")
    assert total["token_classes"] == {"cache_write_1h_tokens": 20}
