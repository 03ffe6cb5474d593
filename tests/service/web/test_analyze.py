"""Analyses over HTTP: what is taken, refused, limited, waited for, cached and booked."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import pytest

from service.web.design_bodies import MAX_NESTING, nesting
from tests.service.web.conftest import Person, Web, signed_in

PATH = "/api/analyze"
MODEL = {"provider": "openai", "model": "gpt", "cost_microusd": 900, "cost_state": "priced"}


def text(identity: str = "1:2", grey: float = 0.7, **fields: Any) -> dict[str, Any]:
    """A grey text, too pale on the white frame that it lies in."""
    fill = {"type": "SOLID", "color": {"r": grey, "g": grey, "b": grey, "a": 1}}
    box = {"x": 10, "y": 10, "width": 80, "height": 20}
    style = {"fontSize": 14, "fontWeight": 400, "fontFamily": "Inter"}
    return {"id": identity, "name": "Pay", "type": "TEXT", "characters": "Pay now",
            "absoluteBoundingBox": box, "fills": [fill], "style": style, **fields}  # fmt: skip


def frame(identity: str = "1:1", *children: dict[str, Any], **fields: Any) -> dict[str, Any]:
    white = {"type": "SOLID", "color": {"r": 1, "g": 1, "b": 1, "a": 1}}
    box = {"x": 0, "y": 0, "width": 100, "height": 40}
    return {"id": identity, "name": "Card", "type": "FRAME", "absoluteBoundingBox": box,
            "fills": [white], "children": list(children), **fields}  # fmt: skip


def body(*elements: dict[str, Any], **fields: Any) -> dict[str, Any]:
    given = list(elements) or [frame("1:1", text())]
    return {"type": "design-analysis", "data": {"elements": given}, **fields}


def ask(person: Person, given: Any = None, path: str = PATH, **more: Any) -> httpx.Response:
    return person.ask("POST", path, json=given or body(), **more)


def worker_lives(web: Web) -> None:
    web.change("insert into queue.procrastinate_workers default values")


@contextmanager
def worker(web: Web, source: str = "model", stop_at: int = 0) -> Iterator[list[str]]:
    """Stands for a worker: settles what is queued, with the facts as the words."""
    worker_lives(web)
    done: list[str] = []
    stopping = threading.Event()

    def run() -> None:
        database = web.services.database
        while not stopping.is_set():
            rows = web.rows(
                "select id::text from public.analyses where state = 'queued' and leader_id is null"
            )
            for row in rows:
                task = database.begin_analysis(row["id"], 30.0)
                result = stored(task.request)
                database.settle_analysis(row["id"], task.attempt, source, result, MODEL)
                done.append(row["id"])
            time.sleep(0.02)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield done
    finally:
        stopping.set()
        thread.join()


def stored(request: Any) -> Any:
    from service.analysis.canonical import prepare
    from service.analysis.request import AnalysisRequest
    from service.analysis.suggestions import to_stored
    from service.analysis.words import measured

    prepared = prepare(AnalysisRequest.model_validate(request))
    return to_stored(measured(prepared).to_json(), prepared)


def used(web: Web) -> tuple[int, int]:
    [row] = web.rows(
        "select coalesce(sum(used), 0)::int as used, coalesce(sum(reserved), 0)::int as held"
        " from public.use_balances"
    )
    return row["used"], row["held"]


def ledger(web: Web) -> list[tuple[str, str]]:
    rows = web.rows("select status, provider from public.usage_logs where feature = 'analysis'"
                    " order by id")  # fmt: skip
    return [(row["status"], row["provider"]) for row in rows]


def test_without_a_worker_the_measured_review_comes_at_once(web: Web, ada: Person) -> None:
    answer = ask(ada)
    told = answer.json()
    assert (answer.status_code, told["state"], told["source"]) == (200, "done", "measured")
    assert (told["model"], told["cached"], told["use"]["charged"]) == (None, False, False)
    [first, *_] = [each for each in told["suggestions"] if each["rule"].startswith("contrast")]
    assert (first["element_id"], first["element_name"]) == ("1:2", "Pay")
    assert used(web) == (0, 0)
    assert ledger(web) == [("answered", "measured-review")]
    assert answer.headers["RateLimit"].startswith('"user";r=99;t=')
    assert '"user";q=100;w=900' in answer.headers["RateLimit-Policy"]


def test_words_of_a_model_take_one_use(web: Web, ada: Person) -> None:
    with worker(web):
        answer = ask(ada)
    told = answer.json()
    assert (answer.status_code, told["source"], told["model"]) == (200, "model", "openai/gpt")
    assert told["use"] == {"charged": True, "left": 9, "limit": 10, "plan": "trial"}
    assert used(web) == (1, 0)
    again = ada.ask("GET", f"{PATH}/{told['id']}")
    assert (again.status_code, again.json()) == (200, told)


def test_an_equal_request_is_answered_from_the_cache_with_ones_own_ids(
    web: Web, ada: Person
) -> None:
    moved = frame("7:1", text("7:2"))
    moved["absoluteBoundingBox"] = {"x": 500, "y": 500, "width": 100, "height": 40}
    moved["children"][0]["absoluteBoundingBox"] = {"x": 510, "y": 510, "width": 80, "height": 20}
    with worker(web):
        first = ask(ada).json()
        second = ask(ada, body(moved)).json()
    assert (first["cached"], second["cached"]) == (False, True)
    assert second["use"] == {"charged": False, "left": 9, "limit": 10, "plan": "trial"}
    assert {each["element_id"] for each in second["suggestions"]} <= {"7:1", "7:2"}
    assert len(second["suggestions"]) == len(first["suggestions"])
    assert ledger(web) == [("answered", "openai"), ("answered", "")]
    assert second["id"] != first["id"]


def test_a_slow_one_is_told_where_to_ask_again(serve: Callable[..., Web]) -> None:
    web = serve(analysis_wait_seconds=0.1)
    ada = signed_in(web, "Ada Okafor")
    worker_lives(web)
    answer = ask(ada)
    told = answer.json()
    assert (answer.status_code, told) == (202, {"id": told["id"], "state": "queued"})
    assert answer.headers["Location"] == f"{PATH}/{told['id']}"
    assert int(answer.headers["Retry-After"]) >= 1
    assert ada.ask("GET", answer.headers["Location"]).status_code == 202
    with worker(web) as done:
        while not done:
            time.sleep(0.02)
    assert ada.ask("GET", answer.headers["Location"]).json()["source"] == "model"


def test_a_worker_without_a_model_gives_the_use_back(web: Web, ada: Person) -> None:
    with worker(web, source="measured"):
        told = ask(ada).json()
    assert (told["source"], told["use"]["charged"]) == ("measured", False)
    assert used(web) == (0, 0)


def test_what_failed_for_good_is_measured(serve: Callable[..., Web]) -> None:
    web = serve(analysis_wait_seconds=0)
    ada = signed_in(web, "Ada Okafor")
    worker_lives(web)
    waiting = ask(ada).json()["id"]
    joined = ask(ada, body(frame("8:1", text("8:2")))).json()["id"]
    database = web.services.database
    database.begin_analysis(waiting, 30.0)
    database.give_up_analysis(waiting, 1, "worker_lost", "The worker died.", {})
    told = ada.ask("GET", f"{PATH}/{waiting}").json()
    assert (told["state"], told["source"], told["suggestions"][0]["element_id"]) == (
        "done", "measured", "1:2"
    )  # fmt: skip
    other = ada.ask("GET", f"{PATH}/{joined}").json()
    assert other["suggestions"][0]["element_id"] == "8:2"
    assert used(web) == (0, 0)


def test_measuring_is_free_also_after_the_trial(web: Web, ada: Person) -> None:
    worker_lives(web)
    web.change(
        "insert into public.use_balances (user_id, plan_code, period_start, used)"
        " select id, 'trial', '-infinity', 10 from public.users"
    )
    refusal = ask(ada)
    assert (refusal.status_code, refusal.json()["error"]) == (402, "no_uses_left")
    assert "/account" in refusal.json()["message"]
    answer = ask(ada, path=f"{PATH}/measure")
    told = answer.json()
    assert (answer.status_code, told["source"], "id" in told) == (200, "measured", False)
    assert told["use"] == {"charged": False, "left": 0, "limit": 10, "plan": "trial"}
    assert answer.headers["RateLimit"].startswith('"user";r=98;')


def test_whoever_is_suspended_is_told_so(web: Web, ada: Person) -> None:
    worker_lives(web)
    web.change("update public.users set state = 'suspended'")
    refusal = ask(ada)
    assert (refusal.status_code, refusal.json()["error"]) == (403, "suspended")


def test_mistakes_are_named_by_their_paths_and_cost_nothing(web: Web, ada: Person) -> None:
    worker_lives(web)
    wrong = text()
    wrong["fills"][0]["color"]["r"] = "red"
    refusal = ask(ada, body(frame("1:1", wrong)))
    assert refusal.status_code == 422
    assert refusal.json()["error"] == "invalid"
    [field] = refusal.json()["fields"]
    assert field["path"].startswith("data.elements[0].children[0].fills[0]")
    assert used(web) == (0, 0)
    assert ledger(web) == []
    assert web.rows("select 1 from public.analyses") == []
    assert web.rows("select 1 from public.analysis_windows") == []


def test_unknown_fields_are_dropped(web: Web, ada: Person) -> None:
    worker_lives(web)
    with worker(web):
        assert ask(ada, body(frame("1:1", text(secret="x")), more=1)).status_code == 200
    assert web.rows("select 1 from public.analyses where request::text like %s", "%secret%") == []


def test_what_postgres_cannot_store_is_left_out(web: Web, ada: Person) -> None:
    odd = frame("1:1", text(characters="Pay \x00 now"), name="Card \x00")
    with worker(web):
        answer = ada.ask(
            "POST", PATH, content=json.dumps(body(odd, question="a\x00b")),
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
    assert (answer.status_code, answer.json()["source"]) == (200, "model")


HALF = "\ud83d"


@pytest.mark.parametrize("path", [PATH, f"{PATH}/measure", f"{PATH}/batch"])
def test_half_an_emoji_anywhere_in_a_design_is_no_fault(web: Web, ada: Person, path: str) -> None:
    binding = {f"fills{HALF}": [{"id": f"V:1{HALF}"}]}
    odd = frame(
        "1:1",
        text(name=f"Pay {HALF}", characters=f"Pay {HALF}", boundVariables=binding),
        componentProperties={"Label": {"type": "TEXT", "value": HALF}},
        componentPropertyDefinitions={"Size": {"type": "VARIANT", "variantOptions": [HALF]}},
        interactions=[{"trigger": {"type": HALF}}],
    )
    asked = body(odd, question=f"Is it ok {HALF}?")
    is_batch = path.endswith("batch")
    content = json.dumps({"items": [asked]} if is_batch else asked)
    answer = ada.ask("POST", path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == (202 if is_batch else 200), answer.text
    if not is_batch:
        assert "Pay \ufffd" in {each["element_name"] for each in answer.json()["suggestions"]}


def test_a_body_that_is_no_object_is_told_so_in_words(ada: Person) -> None:
    said = "The request has mistakes. the body: This has to be an object."
    assert ask(ada, [1], f"{PATH}/measure").json()["message"] == said
    told = ask(ada, {"items": [1]}, f"{PATH}/batch").json()
    assert told["fields"] == [{"path": "items[0]", "message": "This has to be an object."}]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"{", 400, "bad_json"),
        (b"[1}", 400, "bad_json"),
        (b"nothing", 400, "bad_json"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, 413, "too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, 413, "too_deep"),
        (b'"' + b"x" * 1_000_001 + b'"', 413, "too_large"),
        (b"[]", 422, "invalid"),
        (b"{}", 422, "invalid"),
    ],
)
def test_what_is_too_large_or_too_deep_is_refused_before_it_is_read(
    web: Web, ada: Person, content: bytes, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    refusal = ada.ask("POST", PATH, content=content, headers=headers)
    assert (refusal.status_code, refusal.json()["error"]) == (status, code)
    assert "RateLimit" in refusal.headers
    stranger = web.person().ask("POST", PATH, content=content, headers=headers)
    expected = 401 if status == 422 else status
    assert stranger.status_code == expected


def test_too_many_layers_are_refused_before_the_session_is_looked_up(web: Web) -> None:
    many = body(*[text(f"1:{number}") for number in range(500)])
    refusal = ask(web.person(), many)
    assert (refusal.status_code, refusal.json()["fields"][0]["path"]) == (422, "data.elements")
    fifty = body(*[text(f"1:{number}") for number in range(50)], question='"elements": [{}, {}]')
    assert ask(web.person(), fifty).status_code == 401
    assert ask(web.person()).status_code == 401


@pytest.mark.parametrize(
    ("raw", "depth"),
    [
        (b"1", 0),
        (b'{"a": [1, {"b": []}]}', 4),
        (b'{"a": "[[[["}', 1),
        (rb'{"a": "\"[[\\", "b": ["\\\"]"]}', 2),
        (b"[" * 5_000, None),
        (b"]", None),
        (b"[" * 5_000 + b"]" * 5_000, MAX_NESTING + 1),
    ],
)
def test_brackets_are_counted_outside_of_texts(raw: bytes, depth: int | None) -> None:
    assert nesting(raw) == depth


def test_the_101st_within_15_minutes_waits_and_costs_no_call(
    web: Web, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    web.change(
        "insert into public.analysis_windows"
        " select id, floor(extract(epoch from now()) / 900), 100, 0 from public.users"
    )
    first = ask(ada)
    assert (first.status_code, first.json()["error"]) == (429, "too_many_requests")
    assert first.headers["RateLimit"].startswith('"user";r=0;t=')
    assert 1 <= int(first.headers["Retry-After"]) <= 1800
    _forbid_calls(web, monkeypatch)
    second = ask(ada)
    assert (second.status_code, second.headers["RateLimit"][:11]) == (429, '"user";r=0;')
    assert ledger(web) == []


def _forbid_calls(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (web.services.database, web.services.hasty_database, web.services.analyses):
        monkeypatch.setattr(type(each), "_call", _no_call)


def _no_call(*_: Any, **__: Any) -> Any:
    raise AssertionError("it asks the database")


def test_400_requests_over_16_connections_are_100(web: Web, ada: Person) -> None:
    def ask_25(_: int) -> list[int]:
        with httpx.Client(base_url=web.url, cookies=ada.http.cookies, timeout=60) as http:
            headers = {"Origin": web.url}
            return [
                http.post(f"{PATH}/measure", json=body(), headers=headers).status_code
                for _ in range(25)
            ]

    with ThreadPoolExecutor(16) as pool:
        statuses = [each for found in pool.map(ask_25, range(16)) for each in found]
    assert (statuses.count(200), statuses.count(429)) == (100, 300)


def test_strangers_are_counted_by_their_address(
    web: Web, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limits import parse

    limits = web.app.extensions["web"].stranger_limits
    monkeypatch.setattr(limits, "_rate", parse("2/60 seconds"))
    stranger = web.person()
    limits._valid.clear()
    assert [ask(stranger).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert ask(ada).status_code == 429
    limits._refused.clear()
    assert ask(ada).status_code == 200
    # From now on her session is known, and what others at her address try is not hers.
    assert [ask(stranger).status_code for _ in range(2)] == [401, 429]
    assert ask(ada).status_code == 200


def test_tokens_that_are_none_are_counted_by_their_address_whatever_they_ask_for(
    web: Web, ada: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from limits import parse

    limits = web.app.extensions["web"].stranger_limits
    monkeypatch.setattr(limits, "_rate", parse("3/60 seconds"))
    assert ada.http.get("/api/user/me").status_code == 200

    def make_up(number: int, path: str) -> int:
        headers = {"Authorization": f"Bearer made-up-{number}"}
        return httpx.get(web.url + path, headers=headers).status_code

    paths = ["/api/user/me", "/api/pipelines", "/api/user/context", "/api/user/me"]
    assert [make_up(n, path) for n, path in enumerate(paths)] == [401, 401, 401, 401]
    _forbid_calls(web, monkeypatch)
    again = httpx.get(web.url + paths[0], headers={"Authorization": "Bearer made-up-5"})
    assert again.status_code == 429 and int(again.headers["Retry-After"]) <= 60
    assert again.json()["error"] == "too_many_requests"
    monkeypatch.undo()
    # Neither pages for everybody nor who is signed in pay for it.
    assert httpx.get(web.url + "/help").status_code == 200
    assert ada.http.get("/api/user/me").status_code == 200


def test_asking_whether_one_may_ask_costs_nothing(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forbid_calls(web, monkeypatch)
    answer = web.person().http.request("OPTIONS", PATH, headers={"Origin": "null"})
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = answer.headers["Access-Control-Expose-Headers"]
    assert all(name in exposed for name in ("RateLimit", "RateLimit-Policy", "Location"))
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]


def test_20_equal_requests_at_once_are_one_call_one_use_and_20_answers(
    web: Web, ada: Person
) -> None:
    def one(number: int) -> dict[str, Any]:
        with httpx.Client(base_url=web.url, cookies=ada.http.cookies, timeout=60) as http:
            given = body(frame(f"{number}:1", text(f"{number}:2")))
            answer = http.post(PATH, json=given, headers={"Origin": web.url})
            assert answer.status_code == 200
            return answer.json()

    with worker(web) as done, ThreadPoolExecutor(20) as pool:
        told = list(pool.map(one, range(20)))
    assert (len(done), used(web)) == (1, (1, 0))
    assert sorted(each["use"]["charged"] for each in told) == [False] * 19 + [True]
    for number, each in enumerate(told):
        ids = {found["element_id"] for found in each["suggestions"]}
        assert ids and ids <= {f"{number}:1", f"{number}:2"}
    assert len(ledger(web)) == 20


def test_nobody_reads_what_another_asked(web: Web, ada: Person) -> None:
    with worker(web):
        told = ask(ada).json()
    other = signed_in(web, "Jonas Lind")
    assert other.ask("GET", f"{PATH}/{told['id']}").status_code == 404
    outcomes = {"outcomes": [{"ref": 1, "outcome": "applied"}]}
    assert ask(other, outcomes, f"{PATH}/{told['id']}/outcomes").status_code == 404
    assert ada.ask("GET", f"{PATH}/{uuid4()}").status_code == 404
    assert ada.ask("GET", f"{PATH}/nonsense").status_code == 422


def test_outcomes_are_kept(web: Web, ada: Person) -> None:
    with worker(web):
        told = ask(ada).json()
    outcomes = {"outcomes": [{"ref": 1, "outcome": "applied"}, {"ref": 2, "outcome": "ignored",
                                                                "reason": "brand"}]}  # fmt: skip
    answer = ask(ada, outcomes, f"{PATH}/{told['id']}/outcomes")
    assert (answer.status_code, answer.content) == (204, b"")
    rows = web.rows("select ref, rule, outcome from public.suggestion_outcomes order by ref")
    assert rows[0] == {"ref": 1, "rule": told["suggestions"][0]["rule"], "outcome": "applied"}
    assert len(rows) == 2


def batch_of(count: int) -> dict[str, Any]:
    return {"items": [body(question=f"question {number}") for number in range(count)]}


def test_a_batch_is_answered_in_its_order(web: Web, ada: Person) -> None:
    worker_lives(web)
    begun = ask(ada, batch_of(3), f"{PATH}/batch", headers={"Idempotency-Key": "k-1"})
    assert begun.status_code == 202
    place = begun.headers["Location"]
    assert place == f"{PATH}/batch/{begun.json()['id']}"
    assert begun.headers["RateLimit"].startswith('"user";r=97;')
    standing = ada.ask("GET", place).json()
    assert (standing["state"], standing["counts"]["total"]) == ("queued", 3)
    again = ask(ada, batch_of(3), f"{PATH}/batch", headers={"Idempotency-Key": "k-1"})
    assert (again.status_code, again.headers["Location"]) == (202, place)
    other = ask(ada, batch_of(2), f"{PATH}/batch", headers={"Idempotency-Key": "k-1"})
    assert (other.status_code, other.json()["error"]) == (422, "idempotency_key_reused")
    with worker(web) as done:
        while len(done) < 3:
            time.sleep(0.02)
    standing = ada.ask("GET", place).json()
    assert standing["state"] == "done"
    assert standing["counts"] == {"total": 3, "done": 3, "failed": 0, "cancelled": 0}
    assert [each["index"] for each in standing["items"]] == [0, 1, 2]
    assert all(each["result"]["source"] == "model" for each in standing["items"])
    assert used(web) == (3, 0)


def test_items_beyond_the_plan_are_told_by_themselves(web: Web, ada: Person) -> None:
    worker_lives(web)
    web.change(
        "insert into public.use_balances (user_id, plan_code, period_start, used)"
        " select id, 'trial', '-infinity', 9 from public.users"
    )
    begun = ask(ada, batch_of(3), f"{PATH}/batch")
    standing = ada.ask("GET", begun.headers["Location"]).json()
    states = [each["state"] for each in standing["items"]]
    assert states == ["queued", "failed", "failed"]
    assert standing["items"][1]["error"]["error"] == "no_uses_left"


def test_a_batch_of_a_team_without_models_is_measured_when_it_is_read(
    web: Web, ada: Person
) -> None:
    web.change(
        "with made as (insert into public.teams (name, feature_flags)"
        " values ('T', '{\"model_answers\": false}') returning id)"
        " update public.users set team_id = made.id from made"
    )
    begun = ask(ada, batch_of(2), f"{PATH}/batch")
    standing = ada.ask("GET", begun.headers["Location"]).json()
    assert [each["result"]["source"] for each in standing["items"]] == ["measured"] * 2
    assert (standing["state"], used(web)) == ("done", (0, 0))


def test_a_batch_is_cancelled(web: Web, ada: Person) -> None:
    worker_lives(web)
    place = ask(ada, batch_of(2), f"{PATH}/batch").headers["Location"]
    standing = ada.ask("DELETE", place).json()
    assert (standing["state"], standing["counts"]["cancelled"]) == ("cancelled", 2)
    assert used(web) == (0, 0)
    assert ada.ask("DELETE", f"{PATH}/batch/{uuid4()}").status_code == 404


def test_a_batch_with_a_mistake_begins_nothing(web: Web, ada: Person) -> None:
    worker_lives(web)
    given = batch_of(2)
    given["items"][1]["type"] = "poem"
    refusal = ask(ada, given, f"{PATH}/batch")
    assert refusal.json()["fields"][0]["path"] == "items[1].type"
    assert ask(ada, {"items": []}, f"{PATH}/batch").status_code == 422
    assert ask(ada, batch_of(21), f"{PATH}/batch").status_code == 422
    assert web.rows("select 1 from public.analyses") == []


def test_ignored_findings_are_a_list_of_a_file(web: Web, ada: Person) -> None:
    item = {"fingerprint": "0123456789abcdef", "rule": "contrast-text", "reason": "brand",
            "element_name": "Pay"}  # fmt: skip
    saved = ada.ask("PUT", "/api/ignores", json={"file_key": "FILE", "items": [item]})
    assert saved.status_code == 200
    listed = ada.ask("GET", "/api/ignores?file_key=FILE").json()
    assert (listed["file_key"], listed["items"][0]["reason"]) == ("FILE", "brand")
    assert ada.ask("DELETE", "/api/ignores?file_key=FILE").json()["items"] == []
    assert ada.ask("GET", "/api/ignores?file_key=FILE").json()["items"] == []
    assert ada.ask("GET", "/api/ignores").status_code == 422
