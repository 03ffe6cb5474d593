"""Several people and one place in Figma: who has the buddy on there, and who is just at it."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.service.web.conftest import (
    CHECKOUT,
    Person,
    Web,
    at_figma,
    design_link,
    lose_at_figma,
    signed_in,
)

LINK = design_link(CHECKOUT)


@pytest.fixture
def jonas(web: Web) -> Person:
    """May edit the checkout file, as Ada may."""
    return signed_in(web, "Jonas Lind")


@pytest.fixture
def _unheard(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """No PING tells us of a webhook before Figma's answer does."""
    assert web.sandbox.app
    courier = web.sandbox.app.extensions["sandbox"].courier
    monkeypatch.setattr(courier, "ping", lambda hook: None)


def around(
    web: Web, monkeypatch: pytest.MonkeyPatch, name: str, before: Callable[[], object]
) -> None:
    """Do something once, just before the database is first asked for ``name``."""
    real, pending = getattr(web.services.database, name), [before]

    def call(*args: Any, **fields: Any) -> Any:
        if pending:
            pending.pop()()
        return real(*args, **fields)

    monkeypatch.setattr(web.services.database, name, call)


def test_a_dead_webhook_of_a_colleague_locks_nobody_out(
    web: Web, ada: Person, jonas: Person
) -> None:
    ada.switch_on(LINK)
    lose_at_figma(web)
    assert jonas.switch_on(LINK).status_code == 201
    assert [each["state"] for each in jonas.webhooks()] == ["active"]


def test_a_webhook_that_figma_stopped_locks_nobody_out(
    web: Web, ada: Person, jonas: Person
) -> None:
    ada.switch_on(LINK)
    at_figma(web)[0].status = "PAUSED"
    assert jonas.switch_on(LINK).status_code == 201
    assert [hook.status for hook in at_figma(web)] == ["PAUSED", "ACTIVE"]


def test_a_viewer_is_told_who_has_it_on(web: Web, ada: Person) -> None:
    ada.switch_on(LINK)
    answer = signed_in(web, "Victor Hale").switch_on(LINK)
    assert (answer.status_code, answer.json()["status"]) == (200, "already_on")
    assert "Ada Okafor" in answer.json()["message"]


@pytest.mark.usefixtures("_unheard")
def test_a_webhook_that_is_just_being_made_is_not_taken_over(
    web: Web, ada: Person, jonas: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    real = web.services.database.webhooks_of_context

    def look(*place: str) -> Any:
        looks.append(place)
        return real(*place)

    with ThreadPoolExecutor(1) as pool:

        def let_jonas_try() -> None:
            # Ada's is at Figma, and its id not yet in her row.
            monkeypatch.setattr(web.services.database, "webhooks_of_context", look)
            asked.append(pool.submit(jonas.switch_on, LINK))
            while len(looks) < 4 and not asked[0].done():
                time.sleep(0.01)

        asked: list[Any] = []
        around(web, monkeypatch, "confirm_webhook", let_jonas_try)
        assert ada.switch_on(LINK).status_code == 201
        answer = asked[0].result()
    assert (answer.status_code, answer.json()["status"]) == (200, "already_on")
    assert (len(at_figma(web)), len(ada.webhooks()), jonas.webhooks()) == (1, 1, [])
    # Each listed them once: whoever waits asks nothing of Figma.
    asked_of_figma = [(each["method"], each["path"]) for each in web.sandbox.requests()]
    assert asked_of_figma.count(("GET", "/v2/webhooks")) == 2
    [row] = web.rows("select passcode_encrypted from public.user_webhooks where state = 'active'")
    assert web.services.vault.decrypt(row["passcode_encrypted"]) == at_figma(web)[0].passcode


def test_one_that_was_made_since_figma_was_asked_is_not_doubled(
    web: Web, ada: Person, jonas: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    around(web, monkeypatch, "start_webhook", lambda: ada.switch_on(LINK))
    answer = jonas.switch_on(LINK)
    assert (answer.status_code, answer.json()["status"]) == (200, "already_on")
    assert (len(at_figma(web)), len(ada.webhooks()), jonas.webhooks()) == (1, 1, [])


@pytest.mark.usefixtures("_unheard")
def test_one_that_lost_its_webhook_to_a_colleague_is_cleaned_up(
    web: Web, ada: Person, jonas: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def outwait() -> None:
        web.change("update public.user_webhooks set created_at = now() - interval '2 minutes'")
        assert jonas.switch_on(LINK).status_code == 201

    around(web, monkeypatch, "confirm_webhook", outwait)
    answer = ada.switch_on(LINK)
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert "Somebody else switched the buddy on there" in answer.json()["message"]
    assert (len(at_figma(web)), ada.webhooks(), len(jonas.webhooks())) == (1, [], 1)


def test_a_comment_while_a_left_webhook_is_taken_over_does_not_stop_it(
    web: Web, ada: Person, jonas: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.switch_on(LINK)
    web.change("update public.user_webhooks set state = 'deleted'")
    posted: dict[str, Any] = {}

    def comment() -> None:
        posted.update(web.sandbox.post_comment("Ada Okafor", CHECKOUT, "@buddy is this ok?"))
        while not web.sandbox.deliveries(posted["id"]):
            time.sleep(0.01)

    around(web, monkeypatch, "confirm_webhook", comment)
    assert jonas.switch_on(LINK).status_code == 201
    assert [each["status"] for each in web.sandbox.deliveries(posted["id"])] == [404]
    assert [hook.status for hook in at_figma(web)] == ["ACTIVE"]
    # Figma tries again in five minutes.
    web.sandbox.redeliver(comment_id=posted["id"])
    while len(sent := web.sandbox.deliveries(posted["id"])) < 2:
        time.sleep(0.01)
    assert {each["status"] for each in sent} == {404, 200}


@pytest.mark.usefixtures("_unheard")
def test_what_is_said_after_switching_on_is_no_more_than_is_known(web: Web, ada: Person) -> None:
    made = ada.switch_on(LINK).json()
    assert made["webhook"]["contact"] == "waiting"
    assert "on as soon as Figma's first message" in made["message"]
    assert "Waiting for Figma" in ada.http.get("/account").text
    web.change("update public.user_webhooks set created_at = now() - interval '2 minutes'")
    assert ada.webhooks()[0]["contact"] == "none"
    page = ada.http.get("/account").text
    assert "No word from Figma yet" in page and "Waiting for Figma" not in page
    web.change("update public.user_webhooks set last_event_at = now()")
    assert ada.webhooks()[0]["contact"] == "heard"
    assert '<span class="pill good">On</span>' in ada.http.get("/account").text
