"""What all models may cost in a day, and models taken out of the chain, over the real database."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

from service.answering import wording
from service.answering.job import AnswerJob
from service.answering.worker_state import WorkerState
from service.config import ModelEndpoint
from service.review.written import LABEL
from service.upkeep import Upkeep
from tests.exactly_once.analyses import attempt, request
from tests.exactly_once.scene import ADA, Scene

PAY_BUTTON = "1:50"
LEDGER = (
    "select status, error_code, provider, cost_microusd, receipt_id is not null as pays"
    " from public.usage_logs"
)
SPENT = "select private.day_spent_microusd() as spent"
RESERVED = "select microusd, is_booked from public.spend_reservations"


def spent(scene: Scene) -> int:
    return scene.rows(SPENT)[0]["spent"]


def test_once_the_days_spend_is_reached_nobody_is_asked_or_charged_and_one_alert_says_so(
    scene: Scene,
) -> None:
    scene.configure(service_microusd_per_day=1, worker_lease_seconds=30)
    ada = scene.connect(ADA)
    hook = scene.switch_on(ada)
    answer = scene.finish(scene.ask(hook, ADA, "@buddy is it readable?", node_id=PAY_BUTTON))
    asked = request(scene, ada)
    attempt(scene, asked.id)
    assert scene.model.requests == []
    assert (answer["state"], answer["reason"]) == ("refused", "day_spend")
    [reply] = scene.replies()
    assert LABEL in reply["message"] and wording.DAY_SPENT in reply["message"]
    assert "10 of 10 free uses left" in reply["message"]
    assert {name: scene.books()[name] for name in ("used", "held", "released")} == {
        "used": 0, "held": 0, "released": 2,
    }  # fmt: skip
    first, second = scene.rows(LEDGER + " order by id")
    assert (first["status"], first["error_code"], first["pays"]) == ("refused", "day_spend", False)
    assert (second["status"], second["provider"]) == ("answered", "measured-review")
    assert first["cost_microusd"] == second["cost_microusd"] == 0
    assert "no budget left" in str(scene.rows("select result from public.analyses"))
    [stop] = scene.rows("select refused, spent_microusd from public.spend_stops")
    assert stop == {"refused": 2, "spent_microusd": 0}

    def raised() -> list[str]:
        return [each.kind for each in scene.database.check_alerts() if each.kind == "day_spend"]

    scene.database.announce_service("x" * 44, {"service_microusd_per_day": 1})
    assert (raised(), raised()) == (["day_spend"], [])
    # The next day it is over.
    scene.rows("update public.spend_stops set day = day - 1")
    scene.rows("update public.alerts set seen_at = seen_at - interval '11 minutes'")
    assert raised() == []
    [alert] = scene.rows("select ended_at from public.alerts where kind = 'day_spend'")
    assert alert["ended_at"] is not None


def test_what_is_reserved_goes_when_the_ledger_has_the_cost_and_stays_where_the_bill_is_unknown(
    scene: Scene,
) -> None:
    scene.configure(
        service_microusd_per_day=10_000_000, model_timeout_seconds=3.0, worker_lease_seconds=30
    )
    hook = scene.switch_on(scene.connect(ADA))
    seen = []

    def note(step: str) -> None:
        if step == "model_asked":
            seen.extend(scene.rows(RESERVED))

    scene.attempt(scene.ask(hook, ADA, "@buddy contrast?"), note)
    [row] = scene.rows(LEDGER)
    assert row["status"] == "answered" and row["pays"]
    assert 0 < row["cost_microusd"] <= seen[0]["microusd"] <= 200_000
    assert scene.rows(RESERVED) == []
    assert spent(scene) == row["cost_microusd"]
    scene.model.behave(fault="timeout", times=1)
    scene.finish(scene.ask(hook, ADA, "@buddy again?"))
    [kept] = scene.rows(RESERVED)
    assert kept["is_booked"]
    assert spent(scene) == row["cost_microusd"] + kept["microusd"]
    scene.rows("update public.spend_reservations set at = at - interval '1 day'")
    assert spent(scene) == row["cost_microusd"]


def test_the_limit_is_exact_however_many_ask_at_once(scene: Scene) -> None:
    with ThreadPoolExecutor(8) as threads:
        asked = [
            threads.submit(scene.database.reserve_spend, str(uuid4()), 300, 1000) for _ in range(8)
        ]
    assert sum(each.result().is_granted for each in asked) == 3
    assert spent(scene) == 900
    assert scene.database.reserve_spend(str(uuid4()), 100, 1000).left_microusd == 0


def test_a_model_taken_out_is_not_asked_from_the_next_reading_of_the_settings_on(
    scene: Scene,
) -> None:
    spare = ModelEndpoint(name="spare", base_url=scene.model.url, model="other")
    scene.configure(model_endpoints=(spare,), openai_model="gpt-5-mini", worker_lease_seconds=30)
    hook = scene.switch_on(scene.connect(ADA))
    providers = []
    for off in ('["openai/gpt-5-mini"]', '["spare", "openai"]', "[]"):
        scene.rows(
            "insert into public.product_settings (code, value) values ('models_off', %s::jsonb)"
            " on conflict (code) do update set value = excluded.value",
            off,
        )
        id = scene.ask(hook, ADA, f"@buddy without {off}?")

        async def act(worker: WorkerState, id: str = id) -> None:
            await Upkeep(worker).read_settings()
            await AnswerJob(worker, id).run()

        scene.play(act)
        providers.append(scene.answer(id)["provider"])
    assert providers == ["spare", "measured-review", "openai"]
    [skipped] = scene.rows("select calls from public.answer_traces order by at limit 1 offset 1")
    assert [each["reason"] for each in skipped["calls"]] == ["switched_off", "switched_off"]
