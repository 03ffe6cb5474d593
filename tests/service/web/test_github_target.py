"""The GitHub setting over HTTP: tried before it is stored, the team's alone, its token unseen."""

import logging
from collections.abc import Callable, Iterator

import pytest
from flask import render_template
from pydantic import SecretStr

from local.github import Fault, GitHubStandIn, Installation, Token
from service.pipelines.pushing import PushedPipeline, PushRefused, open_target, push
from service.wiring import build_services
from tests.service.github.hubs import APP_KEY, PLACE, TOKEN, make_hub, pem, repository_of
from tests.service.web.conftest import Person, Web, signed_in

PATH = "/api/push-target"
GIVEN = {"repository": PLACE.full_name, "token": TOKEN, "folder": "./src/ui/"}


@pytest.fixture
def github() -> Iterator[GitHubStandIn]:
    with GitHubStandIn(make_hub()) as running:
        yield running
        assert running.service.violations == []


@pytest.fixture
def web(serve: Callable[..., Web], web_settings, github: GitHubStandIn) -> Web:
    return serve_with(serve, web_settings, github)


def serve_with(serve: Callable[..., Web], web_settings, github: GitHubStandIn, **more) -> Web:
    changes = {"github_api_url": github.url, **more}
    return serve(build_services(web_settings.model_copy(update=changes)), **changes)


@pytest.fixture
def ada(web: Web) -> Person:
    return signed_in(web, "Ada Okafor")


def put(person: Person, **changes):
    return person.ask("PUT", PATH, json={**GIVEN, **changes})


def user_id(web: Web, handle: str = "Ada Okafor") -> str:
    [row] = web.rows("select id::text from public.users where handle = %s", handle)
    return row["id"]


def test_a_setting_is_tried_stored_and_shown_without_its_token(web, ada, github):
    refs = dict(repository_of(github.hub).refs)
    assert ada.ask("GET", PATH).json() == {"target": None, "app_is_offered": False}
    answer = put(ada)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["message"] == (
        "It works: in the private repository harbour/design-system the buddy can make branches of "
        "its own and open pull requests into main."
    )
    target = ada.ask("GET", PATH).json()["target"]
    assert target == said["target"]
    assert (target["repository"], target["base_branch"], target["folder"]) == (
        "harbour/design-system", "main", "src/ui",
    )  # fmt: skip
    assert (target["signs_in_with"], target["is_team"]) == ("token", False)
    assert TOKEN not in answer.text + ada.ask("GET", PATH).text
    # The trial has left nothing behind.
    assert repository_of(github.hub).refs == refs and repository_of(github.hub).pulls == []


def test_the_token_is_sealed_in_the_database(web, ada):
    put(ada)
    [row] = web.rows("select * from public.pipeline_targets")
    assert TOKEN not in str(row) and row["token_encrypted"].startswith("gAAAA")
    assert TOKEN not in str(web.rows("select * from public.audit_log"))
    assert web.services.vault.decrypt(row["token_encrypted"]) == TOKEN


def test_what_was_set_is_what_a_push_uses(web, ada, github):
    put(ada)
    sealed = web.services.database.read_target(user_id(web))
    assert sealed
    target = open_target(sealed, web.services.vault)
    [row] = web.rows("select now() as at")
    done = push(target, {"A.tsx": "x"}, PushedPipeline("id", "A", row["at"]), web.services.github)
    assert "src/ui/A.tsx" in repository_of(github.hub).objects.files(done.commit)
    assert TOKEN not in repr(sealed) + repr(target)


def test_a_repositorys_own_branch_is_taken_where_none_is_given(web, ada, github):
    found = repository_of(github.hub)
    found.refs["trunk"] = found.refs.pop("main")
    found.default_branch = "trunk"
    assert put(ada).json()["target"]["base_branch"] == "trunk"
    assert put(ada, base_branch="main").status_code == 422
    assert ada.ask("GET", PATH).json()["target"]["base_branch"] == "trunk"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"repository": "nonsense"}, 422, "repository_unfit"),
        ({"repository": "https://evil.example/a/b"}, 422, "repository_unfit"),
        ({"repository": "others/secret"}, 404, "github_not_found"),
        ({"token": "github_pat_wrong"}, 403, "github_token_invalid"),
        ({"token": "a b"}, 403, "github_token_invalid"),
        ({"folder": "../x"}, 422, "push_folder_outside"),
        ({"folder": "/etc"}, 422, "push_folder_absolute"),
        ({"folder": ".github/workflows"}, 422, "push_folder_acted_upon"),
        ({"base_branch": "buddy/x"}, 422, "push_base_own"),
        ({"base_branch": "nope"}, 422, "push_base_missing"),
        ({"base_branch": "a b"}, 422, "push_base_unfit"),
        ({"installation_id": 99}, 422, "github_app_not_set_up"),
        ({"token": ""}, 422, "invalid"),
        ({"installation_id": 0}, 422, "invalid"),
        ({"unknown": 1}, 422, "invalid"),
    ],
)
def test_what_cannot_work_is_refused_and_nothing_is_stored(web, ada, changes, status, code):
    answer = put(ada, **changes)
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
    token = changes.get("token")
    assert not token or token not in answer.text
    assert web.rows("select * from public.pipeline_targets") == []


@pytest.mark.parametrize(
    ("permissions", "named"),
    [
        ({"metadata": "read", "contents": "read", "pull_requests": "write"}, "contents: write"),
        (
            {"metadata": "read", "contents": "write", "pull_requests": "read"},
            "pull_requests: write",
        ),
    ],
)
def test_a_token_that_may_too_little_is_told_what_it_lacks(web, ada, github, permissions, named):
    github.hub.tokens[TOKEN].permissions = permissions
    answer = put(ada)
    assert (answer.status_code, answer.json()["error"]) == (403, "github_permission_missing")
    assert named in answer.json()["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_archived": True}, "github_archived"),
        ({"is_fork": True}, "github_fork"),
        ({"is_disabled": True}, "github_disabled"),
        ({"refs": {}}, "github_empty"),
    ],
)
def test_a_repository_that_takes_no_push_is_told_at_once(web, ada, github, change, code):
    for name, value in change.items():
        setattr(repository_of(github.hub), name, value)
    answer = put(ada)
    assert (answer.status_code, answer.json()["error"]) == (409, code)


def test_a_reader_is_told_and_a_classic_token_too(web, ada, github):
    token = github.hub.tokens[TOKEN]
    token.is_writer = False
    assert put(ada).json()["error"] == "github_read_only"
    token.is_writer, token.scopes = True, "repo"
    assert "a fine-grained one for this repository alone is safer" in put(ada).json()["message"]


def test_a_limit_of_githubs_is_passed_on_with_its_wait(web, ada, github):
    github.fail(Fault("secondary", retry_after=77))
    answer = put(ada)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "77")


def test_a_setting_is_removed_with_its_token(web, ada):
    put(ada)
    answer = ada.ask("DELETE", PATH).json()
    assert answer["removed"] is True and "Revoke it at GitHub" in answer["message"]
    assert web.rows("select * from public.pipeline_targets") == []
    assert ada.ask("DELETE", PATH).json()["removed"] is False


def join(web: Web, *handles: str) -> None:
    [team] = web.rows("select gen_random_uuid()::text as id")
    web.change("insert into public.teams (id, name) values (%s, 'Harbour')", team["id"])
    web.change(
        "update public.users set team_id = %s where handle = any (%s)", team["id"], list(handles)
    )


def test_a_team_shares_it_and_nobody_else_sees_or_changes_it(web, ada):
    ben, stranger = signed_in(web, "Jonas Lind"), signed_in(web, "Victor Hale")
    join(web, "Ada Okafor", "Jonas Lind")
    put(ada)
    assert ben.ask("GET", PATH).json()["target"]["set_by_handle"] == "Ada Okafor"
    assert stranger.ask("GET", PATH).json()["target"] is None
    assert stranger.ask("DELETE", PATH).json()["removed"] is False
    assert ben.ask("GET", PATH).json()["target"]["is_team"] is True
    web.change("update public.users set team_id = null where handle = 'Ada Okafor'")
    assert ben.ask("GET", PATH).json()["target"]["is_setter_gone"] is True
    sealed = web.services.database.read_target(user_id(web, "Jonas Lind"))
    with pytest.raises(PushRefused, match="has left the team"):
        open_target(sealed, web.services.vault)


def fragment(web: Web, **given) -> str:
    with web.app.test_request_context("/"):
        return render_template("_github_target.html", **given)


def test_the_form_shows_what_is_set_and_never_a_token(web, ada):
    nothing = fragment(web, target=None, app_is_offered=False)
    assert 'id="github-target-set" hidden' in nothing and "Set it up" in nothing
    assert "installation_id" not in nothing
    put(ada)
    target = ada.ask("GET", PATH).json()["target"] | {"set_by_handle": "<b>Ada</b>"}
    told = fragment(web, target=target, app_is_offered=True)
    assert "harbour/design-system" in told and "&lt;b&gt;Ada" in told
    assert 'name="installation_id"' in told and TOKEN not in told
    assert 'id="github-target-gone" class="notice problem" hidden' in told
    gone = fragment(web, target=target | {"is_setter_gone": True}, app_is_offered=False)
    assert 'id="github-target-gone" class="notice problem" >' in gone


@pytest.fixture
def app_web(serve, web_settings, github: GitHubStandIn) -> Web:
    hub = github.hub
    hub.app_id, hub.app_key = "4711", APP_KEY.public_key()
    hub.installations[99] = Installation("harbour", frozenset({PLACE.full_name}))
    return serve_with(
        serve, web_settings, github, github_app_id="4711",
        github_app_private_key=SecretStr(pem(APP_KEY)),
    )  # fmt: skip


def test_the_app_is_set_up_and_the_token_that_shows_the_right_to_is_not_kept(app_web, github):
    person = signed_in(app_web, "Ada Okafor")
    assert person.ask("GET", PATH).json()["app_is_offered"] is True
    answer = put(person, installation_id=99)
    assert answer.status_code == 200, answer.text
    assert "for this repository alone and end within the hour" in answer.json()["message"]
    assert answer.json()["target"]["signs_in_with"] == "app"
    [row] = app_web.rows("select * from public.pipeline_targets")
    assert (row["token_encrypted"], row["installation_id"]) == (None, 99)


def test_nobody_pushes_through_an_installation_of_others(app_web, github):
    """Its number is easily guessed, and the App may write there."""
    github.hub.tokens["github_pat_mallory_token"] = Token("mallory")
    person = signed_in(app_web, "Ada Okafor")
    answer = put(person, installation_id=99, token="github_pat_mallory_token")
    assert (answer.status_code, answer.json()["error"]) == (404, "github_not_found")
    repository_of(github.hub).is_private = False
    github.hub.tokens["github_pat_mallory_token"].is_writer = False
    answer = put(person, installation_id=99, token="github_pat_mallory_token")
    assert (answer.status_code, answer.json()["error"]) == (403, "github_read_only")
    assert app_web.rows("select * from public.pipeline_targets") == []


def test_an_installation_elsewhere_is_told(app_web, github):
    answer = put(signed_in(app_web, "Ada Okafor"), installation_id=100)
    assert (answer.status_code, answer.json()["error"]) == (403, "github_app_refused")


def test_no_token_gets_into_a_log(web, ada, github, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    put(ada)
    github.fail(Fault("500"))
    put(ada)
    put(ada, token="github_pat_wrong_one", unknown=TOKEN)
    printed = capsys.readouterr()
    everything = caplog.text + printed.out + printed.err
    assert TOKEN not in everything and "github_pat_wrong_one" not in everything
