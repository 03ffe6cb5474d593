"""An owner can always silence the buddy, whatever Figma says; only resuming needs Figma."""

import time
from typing import Any

import pytest

from service.switching.departures import Departure
from tests.service.web.conftest import (
    CHECKOUT,
    Person,
    Web,
    at_figma,
    design_link,
    lose_at_figma,
)

MANAGE = "/api/webhook/manage"
LIMITED = {"kind": "429", "retry_after": 90}
REFUSALS = [
    (LIMITED, "because it allows your account no more calls"),
    ({"kind": "500"}, "because it has trouble"),
    ({"kind": "403"}, "because it no longer accepts the buddy's connection"),
]


@pytest.fixture
def webhook_id(ada: Person) -> str:
    return ada.switch_on(design_link(CHECKOUT)).json()["webhook"]["id"]


def change(person: Person, webhook_id: str, **fields: str) -> Any:
    return person.ask("PATCH", MANAGE, json={"id": webhook_id, **fields})


def remove(person: Person, webhook_id: str) -> Any:
    return person.ask("DELETE", f"{MANAGE}?id={webhook_id}")


def refuse(web: Web, fault: dict[str, Any]) -> None:
    web.sandbox.faults({**fault, "path": "/v2/webhooks/"})


def ask_buddy(web: Web) -> str:
    """What becomes of a comment that Figma delivers all the same."""
    posted = web.sandbox.post_comment("Jonas Lind", CHECKOUT, "@buddy is this contrast ok?")
    while not web.sandbox.deliveries(posted["id"]):
        time.sleep(0.02)
    query = "select outcome from public.webhook_deliveries where event_key = %s"
    return web.rows(query, posted["id"])[0]["outcome"]


def removals(web: Web) -> list[dict[str, Any]]:
    return web.rows("select outcome, problem from public.webhook_removals")


@pytest.mark.parametrize(("fault", "cause"), REFUSALS)
def test_a_pause_holds_although_figma_refuses_it(
    web: Web, ada: Person, webhook_id: str, fault: dict[str, Any], cause: str
) -> None:
    refuse(web, fault)
    answer = change(ada, webhook_id, state="paused")
    assert (answer.status_code, answer.json()["webhook"]["state"]) == (200, "paused")
    assert answer.json()["message"].startswith("Paused in Checkout redesign")
    assert f"did not let us pause its webhook too, {cause}" in answer.json()["message"]
    assert at_figma(web)[0].status == "ACTIVE"
    assert ask_buddy(web) == "paused"


@pytest.mark.parametrize(("fault", "cause"), REFUSALS)
def test_removing_holds_although_figma_refuses_it(
    web: Web, ada: Person, webhook_id: str, fault: dict[str, Any], cause: str
) -> None:
    refuse(web, fault)
    answer = remove(ada, webhook_id)
    assert (answer.status_code, ada.webhooks()) == (200, [])
    assert f"did not let us remove its webhook too, {cause}" in answer.json()["message"]
    assert len(at_figma(web)) == 1 and ask_buddy(web) == "paused"


def test_what_figma_refused_for_now_is_removed_there_later(
    web: Web, ada: Person, webhook_id: str
) -> None:
    refuse(web, LIMITED)
    assert "trying for seven days" in remove(ada, webhook_id).json()["message"]
    jobs = web.rows("select args from queue.procrastinate_jobs where task_name = 'remove_webhooks'")
    [user] = web.rows("select id::text from public.users")
    assert jobs == [{"args": {"user_id": user["id"]}}]
    web.sandbox.faults()
    Departure(web.services, user["id"]).run()
    assert (at_figma(web), removals(web)[0]["outcome"]) == ([], "removed")
    # They are still here, and so is their connection.
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201


def test_one_that_is_switched_on_again_meanwhile_is_not_removed(
    web: Web, ada: Person, webhook_id: str
) -> None:
    refuse(web, LIMITED)
    remove(ada, webhook_id)
    web.sandbox.faults()
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    Departure(web.services, web.rows("select id::text from public.users")[0]["id"]).run()
    assert (len(at_figma(web)), removals(web)[0]["outcome"]) == (1, "taken_over")
    assert ask_buddy(web) == "queued"


def test_a_removal_that_lost_its_job_is_queued_again(
    web: Web, ada: Person, webhook_id: str
) -> None:
    refuse(web, LIMITED)
    remove(ada, webhook_id)
    web.change("set search_path = queue, public; delete from procrastinate_jobs")
    web.services.database.purge_expired()
    assert len(web.rows("select 1 from queue.procrastinate_jobs")) == 1


def test_an_owner_who_may_no_longer_edit_can_silence_the_buddy(
    web: Web, ada: Person, webhook_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert web.sandbox.app
    file = web.sandbox.app.extensions["sandbox"].world.files[CHECKOUT]
    monkeypatch.setitem(file.roles, web.sandbox.person("Ada Okafor")["id"], "viewer")
    paused = change(ada, webhook_id, state="paused").json()
    removed = remove(ada, webhook_id).json()
    for message in (paused["message"], removed["message"]):
        assert "it is gone, or you may no longer edit there" in message
    assert "seven days" not in removed["message"] and removals(web) == []
    assert (len(at_figma(web)), ada.webhooks(), ask_buddy(web)) == (1, [], "paused")


def test_a_cut_off_owner_can_pause_and_remove(web: Web, ada: Person, webhook_id: str) -> None:
    web.sandbox.revoke("Ada Okafor")
    paused = change(ada, webhook_id, state="paused")
    assert paused.json()["webhook"]["state"] == "paused"
    assert "no longer accepts the buddy's connection" in paused.json()["message"]
    removed = remove(ada, webhook_id)
    assert (removed.status_code, ada.webhooks(), removals(web)) == (200, [], [])
    assert "no longer accepts the buddy's connection" in removed.json()["message"]


def test_one_that_figma_does_not_show_is_paused_and_not_called_removed(
    web: Web, ada: Person, webhook_id: str
) -> None:
    lose_at_figma(web)
    answer = change(ada, webhook_id, state="paused")
    assert (answer.status_code, answer.json()["webhook"]["state"]) == (200, "paused")
    assert "it is gone, or you may no longer edit there" in answer.json()["message"]
    refused = change(ada, webhook_id, state="active")
    assert (refused.status_code, refused.json()["error"]) == (404, "gone_at_figma")
    assert "Paste the link again" in refused.json()["message"]
    assert [each["state"] for each in ada.webhooks()] == ["paused"]
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201


@pytest.mark.parametrize(("fault", "status"), [(LIMITED, 429), ({"kind": "403"}, 401)])
def test_resuming_needs_figma(
    web: Web, ada: Person, webhook_id: str, fault: dict[str, Any], status: int
) -> None:
    change(ada, webhook_id, state="paused")
    refuse(web, fault)
    assert change(ada, webhook_id, state="active").status_code == status
    assert [each["state"] for each in ada.webhooks()] == ["paused"]


def test_one_that_figma_stopped_is_started_again_though_it_is_on_here(
    web: Web, ada: Person, webhook_id: str
) -> None:
    at_figma(web)[0].status = "PAUSED"
    answer = change(ada, webhook_id, state="active")
    assert (answer.status_code, answer.json()["message"]) == (200, None)
    assert at_figma(web)[0].status == "ACTIVE"


def test_pasting_the_link_again_starts_one_that_figma_stopped(
    web: Web, ada: Person, webhook_id: str
) -> None:
    at_figma(web)[0].status = "PAUSED"
    answer = ada.switch_on(design_link(CHECKOUT))
    assert (answer.status_code, answer.json()["status"]) == (200, "already_on")
    assert "listens again" in answer.json()["message"]
    assert [hook.status for hook in at_figma(web)] == ["ACTIVE"]
