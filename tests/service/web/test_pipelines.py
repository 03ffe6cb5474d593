"""Runs over HTTP: started once, refused with a reason, followed, cancelled, their files, whose."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from service.pipelines.gate.results import Failure, GateResult
from tests.service.pipeline_play import PNG, ROW, Player
from tests.service.web.conftest import Person, Web, design_link, signed_in

PATH = "/api/pipelines"
KEY = "ChkOut7Qm2VxLpR4tYw8Za"
LINK = design_link(KEY)
# As in tests/conftest.py.
GITHUB = "http://127.0.0.1:1"
NO_ONE = "00000000-0000-4000-8000-000000000000"


def start(person: Person, link: str = LINK, **fields: Any) -> httpx.Response:
    return person.ask("POST", PATH, json={"figma_url": link, **fields})


def started(person: Person, **fields: Any) -> str:
    answer = start(person, **fields)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def show(person: Person, pipeline_id: str) -> dict[str, Any]:
    answer = person.ask("GET", f"{PATH}/{pipeline_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def balance(web: Web) -> tuple[int, int]:
    [row] = web.rows(
        "select coalesce(sum(used), 0)::int as used, coalesce(sum(reserved), 0)::int as held"
        " from public.use_balances"
    )
    return row["used"], row["held"]


def test_a_run_is_started_followed_and_downloaded(web: Web, ada: Person) -> None:
    begun = start(ada, component="  Pay   card ", options={"push": False})
    told = begun.json()
    assert begun.headers["Location"] == f"{PATH}/{told['id']}"
    assert (told["is_new"], told["state"]) == (True, "read")
    assert balance(web) == (0, 1)

    run = show(ada, told["id"])
    assert (run["file_key"], run["node_id"], run["component"]) == (KEY, "1:2", "PayCard")
    assert run["options"] == {"framework": "react", "tests": True, "push": False, "overrides": {},
                              "asked_name": "Pay card"}  # fmt: skip
    said = "The name “Pay card” cannot stand in code as it is, so the component is called PayCard."
    assert run["name_note"] == said and said in ada.ask("GET", f"/build/{told['id']}").text
    assert (run["verdict"], run["figures"], run["failure"]) == (None, [], None)

    Player(web.services, told["id"]).to_done()
    run = show(ada, told["id"])
    assert (run["state"], run["verdict"], run["cost"]["uses"]) == ("done", "passed", 1)
    said = "A model's answer was refused: it left out a layer."
    assert [each["model"] for each in run["stages"] if each["model"]] == [
        f"{said} The component stayed as it was."
    ]
    assert said.replace("'", "&#39;") in ada.ask("GET", f"/build/{told['id']}").text
    assert {each["stage"] for each in run["stages"]} == {"read", "spec", "generate", "test",
                                                         "gate", "package"}  # fmt: skip
    assert run["quality"]["geometry_share"] == 0.98
    figures = {each["label"]: each for each in run["figures"]}
    assert figures["Geometry"]["value"] == "98 %" and figures["Geometry"]["verdict"] == "good"
    assert balance(web) == (1, 0)
    widths = sorted(each["width"] for each in run["artifacts"] if each["kind"] == "render")
    assert widths == [360, 768, 1200, 1920]
    assert "path" not in str(run["artifacts"])
    for artifact in run["artifacts"]:
        answer = ada.ask("GET", artifact["href"])
        assert (answer.status_code, len(answer.content)) == (200, artifact["bytes"]), artifact


def test_a_file_comes_as_a_download_that_can_do_nothing_in_our_name(web: Web, ada: Person) -> None:
    pipeline = started(ada)
    Player(web.services, pipeline).to_done()
    planned = json.dumps({"component": 'Pay "card"\r\n../x'})
    web.change("update public.pipelines set facts = facts || %s", planned)
    report = ada.ask("GET", f"{PATH}/{pipeline}/artifacts/report")
    assert report.headers["Content-Disposition"] == 'attachment; filename="Pay-card-x-report.html"'
    assert report.headers["Content-Security-Policy"].startswith("sandbox;")
    assert report.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in report.headers["Cache-Control"]
    packed = ada.ask("GET", f"{PATH}/{pipeline}/artifacts/zip")
    assert packed.headers["Content-Type"] == "application/zip"
    assert packed.headers["Content-Disposition"] == 'attachment; filename="Pay-card-x.zip"'
    picture = ada.ask("GET", f"{PATH}/{pipeline}/artifacts/render?round=0&width=360")
    assert (picture.content, picture.headers["Content-Type"]) == (PNG, "image/png")
    tag = {"If-None-Match": picture.headers["ETag"]}
    again = ada.ask("GET", f"{PATH}/{pipeline}/artifacts/render?round=0&width=360", headers=tag)
    assert (again.status_code, again.content) == (304, b"")
    for wrong in ("render?width=361", "zip?round=2", "picture?round=1"):
        assert ada.ask("GET", f"{PATH}/{pipeline}/artifacts/{wrong}").status_code == 404
    for hidden in ("design", "image", "..%2Fzip", "nothing"):
        assert ada.ask("GET", f"{PATH}/{pipeline}/artifacts/{hidden}").status_code in (404, 422)


def test_an_answer_that_has_not_changed_is_not_sent_again(web: Web, ada: Person) -> None:
    pipeline = started(ada)
    first = ada.ask("GET", f"{PATH}/{pipeline}")
    assert "no-store" in first.headers["Cache-Control"]
    tag = {"If-None-Match": first.headers["ETag"]}
    assert ada.ask("GET", f"{PATH}/{pipeline}", headers=tag).status_code == 304
    Player(web.services, pipeline).begin("read")
    changed = ada.ask("GET", f"{PATH}/{pipeline}", headers=tag)
    assert (changed.status_code, changed.json()["stages"][0]["state"]) == (200, "running")


@pytest.mark.parametrize(
    "link",
    [
        f"https://www.figma.com/design/{KEY}/Checkout?node-id=1-2&t=abc",
        f"figma.com/file/{KEY}?node-id=1%3A2",
        f"https://www.figma.com/proto/{KEY}/Checkout?node-id=1-2&starting-point-node-id=9%3A9",
        f"figma://file/{KEY}?node-id=1-2",
        f"See https://www.figma.com/design/{KEY}/A?node-id=1-2.",
        "https://www.figma.com/embed?url=https%3A%2F%2Fwww.figma.com%2Fdesign%2F"
        f"{KEY}%2FA%3Fnode-id%3D1-2",
        f"https://www.figma.com/design/OtherKey12345678/branch/{KEY}/A?node-id=1-2",
    ],
)
def test_every_form_of_a_link_to_a_frame_is_read(web: Web, ada: Person, link: str) -> None:
    run = show(ada, started(ada, link=link))
    assert (run["file_key"], run["node_id"]) == (KEY, "1:2")


def test_each_bad_field_is_named(web: Web, ada: Person) -> None:
    body = {
        "figma_url": "https://example.com/x",
        "component": "x" * 61,
        "options": {
            "framework": "vue",
            "tests": "perhaps",
            "more": 1,
            "overrides": {"1:2": "<b>", "2:3": ["a"], "Card": "a", "1-4": "nav"},
        },
        "else": 1,
    }
    answer = ada.ask("POST", PATH, json=body)
    assert answer.status_code == 422
    named = {each["path"] for each in answer.json()["fields"]}
    assert {"figma_url", "component", "options.framework", "options.tests", "options.more",
            "else"} <= named  # fmt: skip
    layers = {each.removeprefix("options.overrides") for each in named if "overrides" in each}
    assert layers == {"['1:2']", "['2:3']", ".Card"}
    many = start(ada, options={"overrides": {f"1:{at}": "a" for at in range(201)}})
    assert (many.status_code, many.json()["fields"][0]["path"]) == (422, "options.overrides")
    [field] = start(ada, component="React").json()["fields"]
    assert field["path"] == "component" and "such as ReactCard" in field["message"]
    for link in (f"https://www.figma.com/design/{KEY}/A", "https://www.figma.com/files/team/12/A"):
        [field] = start(ada, link).json()["fields"]
        assert (field["path"], "one frame" in field["message"]) == ("figma_url", True)
    for wrong in ([], "text", {"figma_url": 1}, {}):
        assert ada.ask("POST", PATH, json=wrong).status_code == 422
    assert ada.ask("POST", PATH, content=b"{").status_code in (400, 415)
    assert balance(web) == (0, 0)


def test_the_same_key_starts_one_run(web: Web, ada: Person) -> None:
    key = {"Idempotency-Key": "order 7"}
    answers = [ada.ask("POST", PATH, json={"figma_url": LINK}, headers=key) for _ in range(3)]
    assert [each.status_code for each in answers] == [202, 200, 200]
    assert len({each.json()["id"] for each in answers}) == 1
    assert balance(web) == (0, 1)
    for wrong in ("", "x" * 191):
        headers = {"Idempotency-Key": wrong}
        refused = ada.ask("POST", PATH, json={"figma_url": LINK}, headers=headers)
        assert refused.status_code == 400


def test_who_may_not_start_is_told_why(web: Web, ada: Person) -> None:
    def refused(status: int, code: str) -> None:
        answer = start(ada)
        assert (answer.status_code, answer.json()["error"]) == (status, code)
        assert answer.json()["message"].count(".") >= 3
        told = ada.ask("GET", f"{PATH}/preflight", params={"figma_url": LINK}).json()
        assert (told["can_start"], told["failure"]["code"]) == (False, code.replace(
            "no_uses_left", "no_uses"))  # fmt: skip

    web.change("update public.feature_flags set is_on = false where code = 'pipelines'")
    refused(403, "pipelines_off")
    web.change("update public.feature_flags set is_on = true where code = 'pipelines'")
    web.change("update public.users set state = 'suspended'")
    refused(403, "suspended")
    web.change("update public.users set state = 'active'")
    web.change(
        "insert into public.use_balances (user_id, plan_code, period_start, used)"
        " select id, 'trial', '-infinity', 10 from public.users"
        " on conflict (user_id, plan_code, period_start) do update set used = 10"
    )
    refused(402, "no_uses_left")
    assert web.rows("select id from public.pipelines") == []


def test_a_hundred_may_wait_and_one_more_is_refused(web: Web, ada: Person) -> None:
    web.change("update public.plans set uses = 1000")
    answers = [start(ada) for _ in range(104)]
    assert [each.status_code for each in answers] == [202] * 103 + [429]
    assert int(answers[-1].headers["Retry-After"]) >= 1
    [row] = web.rows(
        "select count(*) filter (where state = 'queued') as waiting from public.pipelines"
    )
    assert row["waiting"] == 100


def test_what_a_run_takes_is_told_before(web: Web, ada: Person) -> None:
    told = ada.ask("GET", f"{PATH}/preflight", params={"figma_url": LINK}).json()
    assert (told["uses"], told["left"], told["can_start"]) == (1, 10, True)
    assert told["figma"]["seat"] == "unknown" and "six a month" in told["figma"]["message"]
    [person] = web.rows("select figma_user_id from public.users")
    web.services.database.note_figma_limit(person["figma_user_id"], KEY, 1, 3600, "pro", "low", "")
    told = ada.ask("GET", f"{PATH}/preflight", params={"figma_url": LINK}).json()
    assert told["figma"]["seat"] == "low" and told["figma"]["limited_until"]
    assert "no more calls" in told["figma"]["message"]
    assert web.rows("select id from public.pipelines") == []


def test_pages_of_runs_come_by_cursor(web: Web, ada: Person) -> None:
    made = [started(ada, component=f"Card{at}") for at in range(5)]
    seen: list[str] = []
    cursor = ""
    for count in (2, 2, 1):
        page = ada.ask("GET", f"{PATH}?limit=2{cursor}").json()
        assert len(page["pipelines"]) == count
        seen += [each["id"] for each in page["pipelines"]]
        cursor = f"&cursor={page['next_cursor']}"
    assert (seen, page["next_cursor"]) == (made[::-1], None)
    for wrong in ("cursor=nonsense", "cursor=MjAyNi0x", "cursor=%C3%A4"):
        assert ada.ask("GET", f"{PATH}?{wrong}").status_code == 400
    assert ada.ask("GET", f"{PATH}?limit=101").status_code == 422


def test_a_cancelled_run_gives_its_use_back(web: Web, ada: Person) -> None:
    pipeline = started(ada)
    cancelled = ada.ask("DELETE", f"{PATH}/{pipeline}").json()
    assert (cancelled["state"], cancelled["cost"]["uses"]) == ("cancelled", 0)
    assert ada.ask("DELETE", f"{PATH}/{pipeline}").status_code == 200
    assert balance(web) == (0, 0)
    assert ada.ask("POST", f"{PATH}/{pipeline}/retry").status_code == 409


def test_a_failed_run_says_why_and_goes_on_from_there(web: Web, ada: Person) -> None:
    pipeline = started(ada)
    player = Player(web.services, pipeline)
    player.fail("read", "figma_forbidden")
    assert "Retry from Read" in ada.ask("GET", f"/build/{pipeline}").text
    failure = show(ada, pipeline)["failure"]
    assert failure["code"] == "figma_forbidden"
    assert "does not let your account read" in failure["why"] and failure["next"]
    retried = ada.ask("POST", f"{PATH}/{pipeline}/retry")
    assert (retried.status_code, retried.json()["state"]) == (202, "read")
    player.to_done()
    assert show(ada, pipeline)["state"] == "done"
    assert balance(web) == (1, 0)


def test_what_is_not_tested_is_called_so_and_takes_no_use(web: Web, ada: Person) -> None:
    pipeline = started(ada)
    Player(web.services, pipeline).to_done(quality=None)
    run = show(ada, pipeline)
    assert (run["state"], run["verdict"], run["cost"]["uses"]) == ("done", "not_tested", 0)
    assert (run["quality"], run["figures"]) == (None, [])
    page = ada.ask("GET", f"/build/{pipeline}").text
    assert "Not tested" in page and "nothing has proven it" in page


def test_a_push_is_offered_and_taken_only_with_a_target(web: Web, ada: Person) -> None:
    def offered() -> bool:
        return "Open a pull request" in ada.ask("GET", "/build", params={"link": LINK}).text

    answer = start(ada, options={"push": True})
    assert (answer.status_code, answer.json()["error"], offered()) == (422, "no_target", False)
    [person] = web.rows("select id::text from public.users")
    web.services.database.set_target(person["id"], "a/b", "main", "", "sealed", None)
    assert offered()
    assert start(ada, options={"push": True}).status_code == 202
    told = ada.ask("GET", f"{PATH}/preflight", params={"figma_url": LINK}).json()
    assert told["has_target"] is True
    answer = ada.ask("POST", "/build", data={"link": LINK, "key": "p", "push": "yes"})
    assert show(ada, answer.headers["Location"].rpartition("/")[2])["options"]["push"] is True


def test_a_finished_run_can_be_pushed_later(web: Web, ada: Person) -> None:
    pipeline = started(ada)
    player = Player(web.services, pipeline)
    address = f"{PATH}/{pipeline}/push"
    no_target = ada.ask("POST", address)
    assert (no_target.status_code, no_target.json()["error"]) == (422, "push_no_target")
    [person] = web.rows("select id::text from public.users")
    web.services.database.set_target(person["id"], "a/b", "main", "", "sealed", None)
    early = ada.ask("POST", address)
    assert (early.status_code, early.json()["error"]) == (409, "nothing_to_push")
    assert 'id="push"' not in ada.ask("GET", f"/build/{pipeline}").text
    player.to_done()
    assert "Push to GitHub" in ada.ask("GET", f"/build/{pipeline}").text
    assert ada.ask("POST", f"/build/{pipeline}/push").headers["Location"] == f"/build/{pipeline}"
    # Whoever asks again finds it under way.
    again = ada.ask("POST", address)
    assert (again.status_code, again.json()["is_new"], again.json()["state"]) == (
        200,
        False,
        "push",
    )
    task = player.begin("push")
    web.services.database.fail_stage(
        pipeline, "push", 0, task.attempt, "github_rate_limited", {}, None
    )
    run = show(ada, pipeline)
    assert (run["state"], run["verdict"], run["failure"]) == ("done", "passed", None)
    assert run["push_failure"]["happened"] == "Nothing was pushed."
    assert "Nothing was pushed." in ada.ask("GET", f"/build/{pipeline}").text
    assert ada.ask("POST", address).status_code == 202
    opened = {"pull_request": {"url": f"{GITHUB}/a/b/pull/1"}}
    player.end("push", "done", facts=opened)
    run = show(ada, pipeline)
    assert (run["push_failure"], run["pull_request"]) == (None, opened["pull_request"]["url"])
    assert "Push again" in ada.ask("GET", f"/build/{pipeline}").text and balance(web) == (1, 0)
    # Whatever stands there in place of a page of our GitHub is no link.
    for foreign in ("https://github.com.evil.example/a", f"{GITHUB}.evil/x", "javascript:1"):
        web.change(
            "update public.pipelines set facts = facts || %s",
            json.dumps({"pull_request": {"url": foreign}}),
        )
        assert show(ada, pipeline)["pull_request"] is None


def test_a_limit_of_figma_that_is_known_is_told_before(web: Web, ada: Person) -> None:
    [person] = web.rows("select figma_user_id from public.users")
    note = web.services.database.note_figma_limit
    note(person["figma_user_id"], KEY, 1, 172_800, "starter", "low", "")
    refused = start(ada)
    assert (refused.status_code, refused.json()["error"]) == (429, "figma_limited")
    assert 172_000 < int(refused.headers["Retry-After"]) <= 172_800
    told = ada.ask("GET", f"{PATH}/preflight", params={"figma_url": LINK}).json()
    assert (told["can_start"], told["failure"]["code"]) == (False, "figma_limited")
    page = ada.ask("GET", "/build", params={"link": LINK}).text
    assert "no more calls for this file until" in page and ">Build it<" not in page
    note(person["figma_user_id"], KEY, 1, 600, "starter", "low", "")
    assert start(ada).status_code == 202


KINDS = ("zip", "report", "picture", "spec", "gate", "candidate", "tests")


def every_address(pipeline: str) -> list[tuple[str, str]]:
    api, page = f"{PATH}/{pipeline}", f"/build/{pipeline}"
    return [
        ("GET", api), ("DELETE", api), ("POST", f"{api}/retry"),
        *[("GET", f"{api}/artifacts/{kind}") for kind in KINDS],
        ("GET", f"{api}/artifacts/render?round=0&width=360"),
        ("GET", page), ("GET", f"{page}/part"), ("GET", f"{page}/plan"),
        ("POST", f"{page}/cancel"), ("POST", f"{page}/retry"), ("POST", f"{page}/plan"),
        ("POST", f"{api}/push"), ("POST", f"{page}/push"),
    ]  # fmt: skip


def test_a_run_of_others_is_like_one_that_never_was(web: Web, ada: Person) -> None:
    mine = started(ada, component="SecretPlan")
    Player(web.services, mine).to_done()
    victor = signed_in(web, "Victor Hale")
    for (method, path), (_, nowhere) in zip(
        every_address(mine), every_address(NO_ONE), strict=True
    ):
        theirs, none = victor.ask(method, path), victor.ask(method, nowhere)
        assert (theirs.status_code, none.status_code) == (404, 404), path
        assert _without_id(theirs) == _without_id(none), path
        assert "Secret" not in theirs.text
    assert victor.ask("GET", PATH).json()["pipelines"] == []
    assert "SecretPlan" not in victor.ask("GET", "/build").text
    assert show(ada, mine)["state"] == "done"
    stranger = web.person()
    for method, path in every_address(mine):
        assert stranger.ask(method, path).status_code == 401, path


def _without_id(answer: httpx.Response) -> Any:
    if "json" not in answer.headers["Content-Type"]:
        return answer.text
    return {key: value for key, value in answer.json().items() if key != "request_id"}


def test_a_team_sees_its_runs_and_no_others(web: Web, ada: Person) -> None:
    victor = signed_in(web, "Victor Hale")
    before = started(victor)
    team = uuid4()
    web.change("insert into public.teams (id, name) values (%s, 'Harbour')", team)
    web.change("update public.users set team_id = %s", team)
    shared = started(ada)
    Player(web.services, shared).to_done()
    assert show(victor, shared)["verdict"] == "passed"
    assert victor.ask("GET", f"{PATH}/{shared}/artifacts/zip").status_code == 200
    # What somebody began before they joined stays their own.
    assert ada.ask("GET", f"{PATH}/{before}").status_code == 404
    web.change("update public.users set team_id = null where handle = 'Victor Hale'")
    assert victor.ask("GET", f"{PATH}/{shared}").status_code == 404
    assert victor.ask("GET", f"{PATH}/{shared}/artifacts/zip").status_code == 404


def test_another_site_starts_nothing_with_our_cookie(web: Web, ada: Person) -> None:
    mine = started(ada)
    foreign = {"Origin": "https://evil.example"}
    form = {"link": LINK, "key": "k"}
    for method, path in (("POST", PATH), ("DELETE", f"{PATH}/{mine}")):
        answer = ada.http.request(method, path, headers=foreign, json={"figma_url": LINK})
        assert answer.status_code == 403
    for path in ("/build", f"/build/{mine}/cancel", f"/build/{mine}/retry", f"/build/{mine}/plan"):
        assert ada.http.post(path, headers=foreign, data=form).status_code == 403
        assert ada.http.post(path, data=form).status_code == 403
    assert len(web.rows("select id from public.pipelines")) == 1
    assert show(ada, mine)["state"] == "read"


# The page


def test_the_page_tells_what_it_takes_and_starts_one_run(web: Web, ada: Person) -> None:
    page = ada.ask("GET", "/build", params={"link": LINK}).text
    assert "What it takes" in page and "of which 10 are left" in page and "six a month" in page
    form = {"link": LINK, "key": "form-1", "component": "Pay card"}
    sent = [ada.ask("POST", "/build", data=form) for _ in range(2)]
    assert [each.status_code for each in sent] == [303, 303]
    assert sent[0].headers["Location"] == sent[1].headers["Location"]
    run = ada.ask("GET", sent[0].headers["Location"]).text
    assert "PayCard" in run and "Cancel" in run
    assert "PayCard" in ada.ask("GET", "/build").text
    bad = ada.ask("POST", "/build", data={**form, "key": "form-2", "component": "Kill <b>Test</b>"})
    assert bad.status_code == 422 and "A component cannot be called so." in bad.text
    assert "Kill &lt;b&gt;" in bad.text and 'name="component"' in bad.text


def test_the_page_refuses_with_words_and_keeps_what_was_typed(web: Web, ada: Person) -> None:
    wrong = ada.ask("GET", "/build", params={"link": "https://example.com/a?b=<i>"})
    assert wrong.status_code == 400 and "not a link to Figma" in wrong.text
    assert "b=&lt;i&gt;" in wrong.text
    web.change("update public.feature_flags set is_on = false where code = 'pipelines'")
    refused = ada.ask("POST", "/build", data={"link": LINK, "key": "a", "component": "Pay card"})
    assert refused.status_code == 403 and "switched off for your team" in refused.text
    assert LINK.replace("&", "&amp;") in refused.text


def test_the_page_without_a_session_asks_to_sign_in(web: Web) -> None:
    answer = web.person().http.get("/build")
    assert answer.status_code == 401 and "Sign in with Figma" in answer.text


def test_what_was_planned_can_be_overruled(web: Web, ada: Person) -> None:
    pipeline = started(ada)
    Player(web.services, pipeline).to_done()
    plan = ada.ask("GET", f"/build/{pipeline}/plan").text
    assert "Its name says so." in plan and "A mask is drawn as a picture." in plan
    assert "<script>alert" not in plan and "&lt;script&gt;alert" in plan
    again = ada.ask("POST", f"/build/{pipeline}/plan", data={"key": "k", "1:3": "a", "1:4": ""})
    assert again.status_code == 303
    run = show(ada, again.headers["Location"].rpartition("/")[2])
    assert (run["options"]["overrides"], run["node_id"]) == ({"1:3": "a"}, "1:2")
    bad = ada.ask("POST", f"/build/{pipeline}/plan", data={"key": "l", "Card": "a"})
    assert bad.status_code == 422 and "is no id of a layer" in bad.text


def test_the_part_of_a_run_is_sent_only_when_it_has_changed(web: Web, ada: Person) -> None:
    pipeline = started(ada)
    part = ada.ask("GET", f"/build/{pipeline}/part")
    assert part.status_code == 200 and "<html" not in part.text
    tag = {"If-None-Match": part.headers["ETag"]}
    web.change("update public.pipelines set started_at = null")
    first = ada.ask("GET", f"/build/{pipeline}/part")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert ada.ask("GET", f"/build/{pipeline}/part", headers=tag).status_code == 304


def test_each_end_says_what_happened_and_what_to_do(web: Web, ada: Person) -> None:
    failed, cancelled, bad = started(ada), started(ada), started(ada)
    Player(web.services, failed).fail("read", "figma_not_found")
    ada.ask("POST", f"/build/{cancelled}/cancel")
    row = {**ROW, "is_passed": False, "behaviour_killed": 3, "overflow_widths": [360]}
    found = (Failure("overflow", "It sticks out at 360 px <b>."), Failure("colour", "Advice."))
    player = Player(web.services, bad)
    player.checks = GateResult(False, found).to_json().encode()
    player.to_done(quality=row)
    page = ada.ask("GET", f"/build/{failed}").text
    # The link would find nothing again: another is needed.
    assert "Figma has no such file" in page and "Retry" not in page and "Build it again" in page
    assert "Start it again whenever you like." in ada.ask("GET", f"/build/{cancelled}").text
    page = ada.ask("GET", f"/build/{bad}").text
    assert "fails some of the checks" in page and "not good" in page and "360 px" in page
    assert "It sticks out at 360 px &lt;b&gt;." in page and "Advice." not in page


def test_what_waits_and_what_is_tried_again_is_said(web: Web, ada: Person) -> None:
    runs = [started(ada) for _ in range(5)]
    waiting = ada.ask("GET", f"/build/{runs[4]}").text
    assert "It waits for its turn" in waiting and "1 of your team waits before it." in waiting
    task = Player(web.services, runs[0]).begin("read")
    soon = datetime.now(UTC) + timedelta(seconds=30)
    web.services.database.fail_stage(runs[0], "read", 0, task.attempt, "unexpected", {}, soon)
    [stage] = show(ada, runs[0])["stages"]
    why = "This attempt ended. There was a mistake on our side. It has been recorded."
    assert (stage["code"], stage["message"]) == ("unexpected", why)
    page = ada.ask("GET", f"/build/{runs[0]}").text
    assert "It is tried again by itself." in page and 'class="stage running"' in page
    assert "not begun" in page and 'class="stage failed"' not in page


def test_a_browser_whose_address_is_limited_is_told_when_to_come_back(
    serve: Callable[..., Web],
) -> None:
    web = serve()
    ada = signed_in(web, "Ada Okafor")
    web.change("update public.plans set uses = 1000")
    answers = [ada.ask("POST", f"{PATH}/{NO_ONE}/retry").status_code for _ in range(121)]
    assert set(answers[:120]) == {404} and answers[120] == 429
