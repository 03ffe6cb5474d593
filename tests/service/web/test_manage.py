"""Switching the buddy on and off in Figma, and every way Figma may refuse."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.service.web.conftest import (
    CHECKOUT,
    HARBOUR_TEAM,
    Person,
    Web,
    at_figma,
    design_link,
    lose_at_figma,
    signed_in,
)

TEAM_LINK = f"https://www.figma.com/files/team/{HARBOUR_TEAM}/Harbour"
PORTFOLIO = "PrtFol6Xb3WiVu9sHq5Jd2"


def test_a_file_link_makes_one_webhook_here_and_at_figma(web: Web, ada: Person) -> None:
    answer = ada.switch_on(design_link(CHECKOUT), guest_rule="owner_pays")
    assert answer.status_code == 201
    webhook = answer.json()["webhook"]
    assert (webhook["label"], webhook["context"]) == ("Checkout redesign", "file")
    assert (webhook["state"], webhook["guest_rule"]) == ("active", "owner_pays")
    [hook] = at_figma(web)
    assert (hook.context_id, hook.endpoint) == (CHECKOUT, web.services.settings.webhook_url)
    [row] = web.rows("select passcode_encrypted, figma_webhook_id from public.user_webhooks")
    assert web.services.vault.decrypt(row["passcode_encrypted"]) == hook.passcode
    assert hook.passcode not in answer.text


def test_a_team_link_is_labelled_as_a_team(ada: Person) -> None:
    answer = ada.switch_on(TEAM_LINK)
    assert answer.json()["webhook"]["label"] == f"Team {HARBOUR_TEAM}"


def test_links_of_the_local_figma_count_too(web: Web, ada: Person) -> None:
    assert ada.switch_on(f"{web.sandbox.url}/design/{CHECKOUT}").status_code == 201


def test_switching_on_twice_changes_nothing(web: Web, ada: Person) -> None:
    first = ada.switch_on(design_link(CHECKOUT)).json()["webhook"]
    again = ada.switch_on(design_link(CHECKOUT))
    assert (again.status_code, again.json()["status"]) == (200, "already_on")
    assert again.json()["webhook"]["id"] == first["id"]
    assert len(at_figma(web)) == 1


def test_two_requests_at_once_make_one_webhook(web: Web, ada: Person) -> None:
    cookies = dict(ada.http.cookies)

    def post(_: int) -> int:
        person = web.person()
        person.http.cookies.update(cookies)
        return person.switch_on(design_link(CHECKOUT)).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(post, range(4))) == [200, 200, 200, 201]
    assert (len(at_figma(web)), len(ada.webhooks())) == (1, 1)


def test_somebody_elses_webhook_is_named_and_not_doubled(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    jonas = signed_in(web, "Jonas Lind")
    answer = jonas.switch_on(design_link(CHECKOUT))
    assert (answer.status_code, answer.json()["status"]) == (200, "already_on")
    webhook = answer.json()["webhook"]
    assert (webhook["is_mine"], webhook["id"]) == (False, None)
    assert webhook["owner_handle"] == "Ada Okafor" and "Ada Okafor" in answer.json()["message"]
    assert (len(at_figma(web)), jonas.webhooks()) == (1, [])


def test_a_webhook_left_by_an_interrupted_request_is_taken_over(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    [before] = at_figma(web)
    web.change("delete from public.user_webhooks")
    old_passcode = before.passcode
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    [after] = at_figma(web)
    assert after.id == before.id and after.passcode != old_passcode


def test_a_webhook_of_a_deleted_row_is_taken_over(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    web.change("update public.user_webhooks set state = 'deleted'")
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    assert len(at_figma(web)) == 1


def test_a_row_whose_creation_died_is_taken_over_after_a_minute(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    while not web.sandbox.deliveries():
        time.sleep(0.02)
    web.change(
        "update public.user_webhooks set state = 'creating', figma_webhook_id = null,"
        " created_at = now() - interval '2 minutes'"
    )
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    assert [each["state"] for each in ada.webhooks()] == ["active"]


def test_a_creation_whose_answer_was_lost_is_found_again(web: Web, ada: Person) -> None:
    web.sandbox.faults(
        {"kind": "reply_lost", "path": "/v2/webhooks$", "method": "POST", "times": 1}
    )
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    assert len(at_figma(web)) == 1


def test_a_webhook_removed_in_figma_is_made_anew(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    lose_at_figma(web)
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    assert (len(at_figma(web)), len(ada.webhooks())) == (1, 1)


def fill_slots(web: Web) -> None:
    ada = signed_in(web, "Ada Okafor")
    [row] = web.rows("select access_token_encrypted from public.figma_tokens")
    token = web.services.vault.decrypt(row["access_token_encrypted"])
    for number in range(3):
        made = ada.http.post(
            f"{web.sandbox.url}/v2/webhooks",
            headers={"Authorization": f"Bearer {token}"},
            json={
                "event_type": "FILE_COMMENT",
                "context": "file",
                "context_id": CHECKOUT,
                "endpoint": f"http://127.0.0.1:9/{number}",
                "passcode": "x",
                "status": "PAUSED",
            },
        )
        assert made.status_code == 200


@pytest.mark.parametrize(
    ("name", "link", "status", "code"),
    [
        ("Jonas Lind", TEAM_LINK, 403, "not_team_admin"),
        ("Inês Duarte", "https://www.figma.com/files/team/833000000000000001", 403,
         "not_team_admin"),
        ("Inês Duarte", design_link(PORTFOLIO), 403, "starter_plan"),
        ("Victor Hale", design_link(CHECKOUT), 403, "cannot_edit"),
        ("Victor Hale", "https://www.figma.com/files/project/711000001", 403, "cannot_edit"),
        ("Tom Becker", design_link(CHECKOUT), 404, "file_not_found"),
        ("Ada Okafor", design_link("NoSuchFile0123456789Ab"), 404, "file_not_found"),
        ("Ada Okafor", "https://example.com/design/abc", 400, "bad_link"),
        ("Ada Okafor", "https://www.figma.com/community/file/1", 400, "bad_link"),
        ("Ada Okafor", "nonsense", 400, "bad_link"),
    ],
)  # fmt: skip
def test_a_refusal_is_a_sentence_and_leaves_nothing_behind(
    web: Web, name: str, link: str, status: int, code: str
) -> None:
    person = signed_in(web, name)
    answer = person.switch_on(link)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert len(answer.json()["message"]) > 40 and answer.json()["request_id"]
    assert (person.webhooks(), at_figma(web)) == ([], [])


def test_used_up_slots_are_explained(web: Web) -> None:
    fill_slots(web)
    person = signed_in(web, "Ada Okafor")
    answer = person.switch_on(design_link(CHECKOUT))
    assert (answer.status_code, answer.json()["error"]) == (409, "slots_used_up")
    assert "3 webhooks" in answer.json()["message"]
    assert person.webhooks() == []


def test_a_refusal_with_slots_left_blames_none_and_names_the_address(
    serve: Callable[..., Web],
) -> None:
    # The sandbox posts to this machine alone, and refuses any other address with a 400.
    address = "https://buddy.example.com/api/figma-comment-webhook"
    person = signed_in(serve(webhook_url=address), "Ada Okafor")
    for link, place in ((design_link(CHECKOUT), "file"), (TEAM_LINK, "team")):
        answer = person.switch_on(link)
        assert (answer.status_code, answer.json()["error"]) == (409, "webhook_refused")
        message = answer.json()["message"]
        assert address in message and f"for this {place}." in message
        assert ("no webhook left" in message) is (place == "file")
    assert person.webhooks() == []


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "500", "method": "POST"}, 503, "figma_down"),
        ({"kind": "429", "method": "POST", "retry_after": 90}, 429, "rate_limited"),
        ({"kind": "429", "method": "GET", "retry_after": 90}, 429, "rate_limited"),
    ],
)
def test_figmas_trouble_leaves_nothing_behind(
    web: Web, ada: Person, fault: dict[str, Any], status: int, code: str
) -> None:
    web.sandbox.faults({**fault, "path": "/v2/webhooks"})
    answer = ada.switch_on(design_link(CHECKOUT))
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    if status == 429:
        assert answer.headers["Retry-After"] == "90"
    assert ada.webhooks() == []


def test_a_missing_scope_is_named(serve: Callable[..., Web]) -> None:
    scopes = ("current_user:read", "file_metadata:read", "webhooks:read")
    person = signed_in(serve(figma_scopes=scopes), "Ada Okafor")
    answer = person.switch_on(design_link(CHECKOUT))
    assert (answer.status_code, answer.json()["error"]) == (403, "scope_missing")
    assert "webhooks:write" in answer.json()["message"]


def test_an_expired_token_is_renewed_on_the_way(web: Web, ada: Person) -> None:
    web.sandbox.expire("Ada Okafor")
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201
    assert web.rows("select version from public.figma_tokens")[0]["version"] == 2


def test_a_revoked_connection_asks_to_sign_in_again(web: Web, ada: Person) -> None:
    web.sandbox.revoke("Ada Okafor")
    answer = ada.switch_on(design_link(CHECKOUT))
    assert (answer.status_code, answer.json()["error"]) == (401, "figma_sign_in_needed")
    assert ada.http.get("/api/user/me").json()["needs_sign_in"] is True
    assert "no longer accepts" in ada.http.get("/account").text


def test_pause_resume_and_guest_rule(web: Web, ada: Person) -> None:
    id_ = ada.switch_on(design_link(CHECKOUT)).json()["webhook"]["id"]

    def change(**fields: str) -> dict[str, Any]:
        return ada.ask("PATCH", "/api/webhook/manage", json={"id": id_, **fields}).json()["webhook"]

    assert change(state="paused")["state"] == "paused"
    assert at_figma(web)[0].status == "PAUSED"
    assert change(guest_rule="ignore")["guest_rule"] == "ignore"
    assert change(state="active")["state"] == "active"
    assert at_figma(web)[0].status == "ACTIVE"


PAUSE = "update public.user_webhooks set state = 'paused', operator_paused_at = now()"


def test_what_an_operator_paused_its_owner_cannot_resume(web: Web, ada: Person) -> None:
    id_ = ada.switch_on(design_link(CHECKOUT)).json()["webhook"]["id"]
    web.change(PAUSE)

    def change(**fields: str) -> Any:
        return ada.ask("PATCH", "/api/webhook/manage", json={"id": id_, **fields})

    page = ada.http.get("/account").text
    assert "Paused by support" in page and "Write to support" in page
    for answer in (change(state="active"), ada.switch_on(design_link(CHECKOUT))):
        assert (answer.status_code, answer.json()["error"]) == (409, "paused_by_operator")
        assert "Write to support" in answer.json()["message"]
    for fields in ({"state": "paused"}, {"guest_rule": "ignore"}):
        webhook = change(**fields).json()["webhook"]
        assert (webhook["state"], webhook["is_paused_by_operator"]) == ("paused", True)
    assert change(state="active").status_code == 409
    assert at_figma(web)[0].status == "ACTIVE"


def test_removing_a_webhook_does_not_end_an_operators_pause(web: Web, ada: Person) -> None:
    id_ = ada.switch_on(design_link(CHECKOUT)).json()["webhook"]["id"]
    web.change(PAUSE)
    assert ada.ask("DELETE", f"/api/webhook/manage?id={id_}").status_code == 200
    answer = ada.switch_on(design_link(CHECKOUT))
    assert (answer.status_code, answer.json()["error"]) == (409, "paused_by_operator")
    assert (at_figma(web), ada.webhooks()) == ([], [])
    web.change("update public.user_webhooks set operator_paused_at = null")
    assert ada.switch_on(design_link(CHECKOUT)).status_code == 201


@pytest.mark.parametrize("in_body", [True, False])
@pytest.mark.parametrize("is_gone", [True, False])
def test_removing_removes_both(web: Web, ada: Person, in_body: bool, is_gone: bool) -> None:
    id_ = ada.switch_on(design_link(CHECKOUT)).json()["webhook"]["id"]
    if is_gone:
        lose_at_figma(web)
    query = "" if in_body else f"?id={id_}"
    more = {"json": {"id": id_}} if in_body else {}
    answer = ada.ask("DELETE", f"/api/webhook/manage{query}", **more)
    assert (answer.status_code, answer.json()["status"]) == (200, "deleted")
    assert ("no such webhook" in (answer.json()["message"] or "")) is is_gone
    assert (at_figma(web), ada.webhooks()) == ([], [])


def test_nobody_touches_anothers_webhook(web: Web, ada: Person) -> None:
    id_ = ada.switch_on(design_link(CHECKOUT)).json()["webhook"]["id"]
    jonas = signed_in(web, "Jonas Lind")
    change = jonas.ask("PATCH", "/api/webhook/manage", json={"id": id_, "state": "paused"})
    remove = jonas.ask("DELETE", f"/api/webhook/manage?id={id_}")
    assert (change.status_code, remove.status_code) == (404, 404)
    assert at_figma(web)[0].status == "ACTIVE"


def test_deleting_the_account_removes_its_webhooks_at_figma(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    answer = ada.ask("DELETE", "/api/user/me")
    expected = {"status": "deleted", "webhooks_deleted": 1, "webhooks_left": []}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert at_figma(web) == []
    assert web.rows("select 1 from public.figma_tokens") == []
    assert ada.http.get("/api/user/me").status_code == 401


def test_deleting_the_account_reports_what_figma_kept(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    web.sandbox.faults({"kind": "500", "path": "/v2/webhooks", "method": "DELETE"})
    report = ada.ask("DELETE", "/api/user/me").json()
    assert report["webhooks_deleted"] == 0
    [left] = report["webhooks_left"]
    assert (left["label"], left["is_tried"]) == ("Checkout redesign", True)
    assert left["reason"] == "Figma did not let us remove it, because it has trouble just now."
    assert web.rows("select state from public.users")[0]["state"] == "deleted"


def test_deleting_a_cut_off_account_promises_no_removal(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    ada.switch_on(TEAM_LINK)
    web.sandbox.revoke("Ada Okafor")
    left = ada.ask("DELETE", "/api/user/me").json()["webhooks_left"]
    assert [each["is_tried"] for each in left] == [False, False]
    assert "no longer accepts" in left[0]["reason"]
    assert web.rows("select outcome from public.webhook_removals") == [{"outcome": "left"}] * 2


def test_figmas_specification_finds_nothing_wrong_with_our_calls(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    ada.switch_on(TEAM_LINK)
    assert web.sandbox.violations() == []


def test_a_query_and_a_body_that_name_two_webhooks_are_refused(web: Web, ada: Person) -> None:
    ada.switch_on(design_link(CHECKOUT))
    [row] = ada.webhooks()
    other = {"id": "00000000-0000-4000-8000-000000000000"}
    refused = ada.ask("DELETE", f"/api/webhook/manage?id={row['id']}", json=other)
    assert (refused.status_code, len(ada.webhooks())) == (400, 1)
    same = {"id": row["id"].upper()}
    kept = ada.ask("DELETE", f"/api/webhook/manage?id={row['id']}", json=same)
    assert kept.status_code == 200
