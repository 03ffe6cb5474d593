"""Each route says what it needs, and gets it: asked over HTTP, as whoever may not."""

import re
from typing import Any

import pytest
from werkzeug.routing import Rule

from service.secrets.encryption import token_hash
from service.web.route_policy import Policy, policy_of
from service.web.routes.user import BROWSER, SESSION
from tests.service.web.conftest import Person, Web

SOME_ID = "00000000-0000-4000-8000-000000000000"
SELECTION = {"type": "design-analysis", "data": {"elements": [{"id": "1:2", "type": "TEXT"}]}}
FRAME = "https://www.figma.com/design/ChkOut7Qm2VxLpR4tYw8Za/A?node-id=1-2"
BODIES: dict[str, Any] = {
    "analyze": SELECTION,
    "measure_only": SELECTION,
    "begin_batch": {"items": [SELECTION]},
    "note_outcomes": {"outcomes": [{"ref": 1, "outcome": "applied"}]},
    "save_ignores": {"file_key": "FILE", "items": []},
    "save_context": {"tone": "dry"},
    "decide_preview": {"choice": "post"},
    "start_rehearsal": {"guidance": {"tone": "dry"}},
    "switch_on": {"link": "https://www.figma.com/design/ChkOut7Qm2VxLpR4tYw8Za/A"},
    "change_webhook": {"id": SOME_ID, "state": "paused"},
    "delete_webhook": {"id": SOME_ID},
    "choose_model_sharing": {"level": "texts"},
    "set_push_target": {"repository": "a/b", "token": "github_pat_x"},
    "begin_pipeline": {"figma_url": FRAME},
    "collect_session": {"secret": "s" * 43},
}


def routes(web: Web) -> list[tuple[Rule, str, Policy]]:
    """(rule, method, policy) of all that is served."""
    found = []
    for rule in web.app.url_map.iter_rules():
        needs = policy_of(web.app, rule.endpoint)
        assert needs, f"{rule.rule} has no policy: put @policy(...) above {rule.endpoint}"
        found += [(rule, method, needs) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}]
    return found


def ask(person: Person, rule: Rule, method: str, **more: Any) -> Any:
    path = re.sub(r"<[^>]+>", SOME_ID, rule.rule.replace("<kind>", "zip"))
    if rule.rule == "/api/pipelines/preflight":
        path += f"?figma_url={FRAME}"
    if rule.rule == "/api/ignores":
        path += "?file_key=FILE"
    return person.http.request(method, path, json=BODIES.get(rule.endpoint), **more)


def test_every_route_has_a_policy_and_changes_are_limited(web: Web) -> None:
    unlimited = {
        rule.endpoint
        for rule, method, needs in routes(web)
        if method != "GET" and needs.limit == "none"
    }
    # Ways out must not be used up by whoever came into the account.
    assert unlimited == {"end_others", "end_one", "sign_out"}
    # Each has a rule of its own for who may, and tests of its own.
    assert {rule.endpoint for rule, _, needs in routes(web) if needs.who == "checked_inside"} == {
        *("show_account", "show_plugin", "confirm_plugin"),
        *("sign_out", "receive_event", "show_metrics"),
    }


def test_what_asks_for_a_person_is_closed_to_strangers_and_forgers(web: Web, ada: Person) -> None:
    asked = [each for each in routes(web) if each[2].who in ("person", "person_in_browser")]
    assert len(asked) > 10
    stranger = web.person()
    for rule, method, _ in asked:
        assert ask(stranger, rule, method).status_code == 401, rule
        if method != "GET":
            forged = ask(ada, rule, method, headers={"Origin": "https://elsewhere.example"})
            assert forged.status_code == 403, rule
            assert "did not come from a page of this service" in forged.text, rule
    token = "t" * 43
    make_plugin_session(web, token)
    for rule, method, needs in asked:
        if needs.who == "person_in_browser":
            refused = ask(stranger, rule, method, headers={"Authorization": f"Bearer {token}"})
            assert (refused.status_code, refused.json()["error"]) == (403, "browser_needed"), rule


def make_plugin_session(web: Web, token: str) -> None:
    web.change(
        "insert into public.sessions (token_hash, user_id, kind, expires_at)"
        " select %s, id, 'plugin', now() + interval '1 hour' from public.users limit 1",
        token_hash(token),
    )


def test_what_takes_json_takes_nothing_else(web: Web, ada: Person) -> None:
    for rule, method, needs in routes(web):
        if needs.body == "json":
            answer = ada.http.request(method, rule.rule, content="a=b")
            assert answer.status_code == 415, rule


def test_failures_are_pages_or_json_and_plugins_are_let_in_as_the_policy_says(web: Web) -> None:
    person = web.person()
    for rule, _, needs in routes(web):
        # No route has this method, so each refuses in its own way.
        answer = ask(person, rule, "PROPFIND")
        assert answer.status_code == 405
        is_page = answer.headers["Content-Type"].startswith("text/html")
        assert is_page == (needs.asked_by == "browser"), rule
        assert ("Access-Control-Allow-Origin" in answer.headers) == needs.plugins, rule


@pytest.mark.parametrize(
    ("path", "is_page", "is_open"),
    [
        ("/nothing", True, False),
        ("/api/nothing", False, False),
        ("/api/auth/nothing", False, False),
        ("/api/user/nothing", False, True),
        ("/api/webhook/nothing", False, True),
        ("/api/auth/plugin/nothing", False, True),
    ],
)
def test_a_mistyped_address_is_answered_like_its_neighbours(
    web: Web, path: str, is_page: bool, is_open: bool
) -> None:
    answer = web.person().http.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/html") == is_page
    assert ("Access-Control-Allow-Origin" in answer.headers) == is_open


def test_the_description_names_the_sign_in_that_the_policy_asks_for(web: Web) -> None:
    paths = web.person().http.get("/openapi.json").json()["paths"]
    for rule, method, needs in routes(web):
        if needs.asked_by == "machine" and needs.who in ("person", "person_in_browser"):
            path = re.sub(r"<(\w+)>", r"{\1}", rule.rule)
            stated = SESSION if needs.who == "person" else BROWSER
            assert paths[path][method.lower()]["security"] == stated, rule
