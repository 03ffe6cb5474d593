"""A push: one commit, one branch, one pull request, wherever it was cut and however often tried."""

import json
import random
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from local.github import Fault, GitHubStandIn, Repository
from service.errors import ServiceError
from service.github.errors import GitHubError
from service.github.github_client import GitHubClient
from service.pipelines.pushing import (
    PushedPipeline,
    PushRefused,
    PushTarget,
    push,
    push_sentence,
)
from service.pipelines.pushing.push_words import branch_name
from tests.service.github.hubs import (
    CREDENTIAL,
    DEATHS,
    PLACE,
    Killed,
    make_hub,
    repository_of,
)

TARGET = PushTarget(PLACE, "main", "src/components", CREDENTIAL)
PIPELINE = PushedPipeline(
    id="0f8fad5b-d9cb-469f-a165-70867728950e",
    component="PayCard",
    created_at=datetime(2026, 11, 29, 12, 0, 5, 123456, UTC),
    quality={"metric_version": 1, "geometry_share": 0.987, "text_share": 1.0, "mae": None,
             "behaviour_mutants": 20, "behaviour_killed": 18, "style_mutants": 0,
             "style_killed": 0, "axe_violations": 0, "overflow_widths": [], "ssim": 0.91234},
    page_url="https://buddy.example/build/0f8fad5b-d9cb-469f-a165-70867728950e",
)  # fmt: skip
FILES: dict[str, str | bytes] = {
    "PayCard/PayCard.tsx": "export const PayCard = () => <b>Größe ✓</b>;\n",
    "PayCard/PayCard.test.tsx": "test('x', () => {});\n",
    "PayCard/picture.png": b"\x89PNG\x00\xff",
}
BRANCH = branch_name(PIPELINE.component, PIPELINE.id)


def pushed(client: GitHubClient, **changes: Any):
    given = {"target": TARGET, "files": FILES, "pipeline": PIPELINE} | changes
    return push(**given, client=client)


def assert_pushed_once(repository: Repository, main: str) -> None:
    """One branch, one commit on it, one pull request, and nothing else has moved."""
    assert set(repository.refs) == {"main", BRANCH}
    assert repository.refs["main"] == main
    head = repository.refs[BRANCH]
    assert repository.objects.commits[head].parents == (main,)
    [pull] = repository.pulls
    assert (pull.head, pull.base, pull.head_sha, pull.state) == (BRANCH, "main", head, "open")
    files = repository.objects.files(head)
    for path, content in FILES.items():
        data = content if isinstance(content, bytes) else content.encode()
        assert files[f"src/components/{path}"] == data
    assert set(files) == {"README.md", *(f"src/components/{path}" for path in FILES)}


@pytest.fixture
def repository(github: GitHubStandIn) -> Repository:
    return repository_of(github.hub)


def test_a_push_is_one_commit_and_one_pull_request(github, repository, client):
    main = repository.refs["main"]
    done = pushed(client)
    assert_pushed_once(repository, main)
    assert done.branch == BRANCH == "buddy/PayCard-0f8fad5b-d9cb-469f-a165-70867728950e"
    assert done.commit == repository.refs[BRANCH]
    assert done.pull_request_url == f"{github.url}/harbour/design-system/pull/1"


def test_the_commit_says_what_made_it_and_when(repository, client):
    commit = repository.objects.commits[pushed(client).commit]
    assert commit.message == f"Add PayCard from Figma\n\nFigma-AI-Buddy-Pipeline: {PIPELINE.id}"
    assert commit.author == commit.committer
    assert commit.author.date == datetime(2026, 11, 29, 12, 0, 5, tzinfo=UTC)
    assert commit.author.email.endswith(".invalid")


def test_the_pull_request_has_the_row_of_figures(repository, client):
    pushed(client)
    [pull] = repository.pulls
    assert pull.title == "Add PayCard from Figma"
    for line in (
        "| Geometry: boxes within 2 px or 2 % | 98.7 % |",
        "| Text that is the design's | 100.0 % |",
        "| Mean pixel difference (MAE) | not measured |",
        "| Likeness of the pictures (SSIM) | 0.912 |",
        "| Behaviour mutants killed | 18 of 20 |",
        "| Style mutants killed | not measured |",
        "| Accessibility violations (axe) | 0 |",
        "| Overflow | at no width |",
    ):
        assert line in pull.body
    assert PIPELINE.page_url in pull.body


def test_what_was_not_tested_is_called_so(repository, client):
    untested = PushedPipeline(PIPELINE.id, PIPELINE.component, PIPELINE.created_at)
    pushed(client, pipeline=untested)
    assert "**Not tested**" in repository.pulls[0].body and "|" not in repository.pulls[0].body


def test_a_second_push_changes_nothing_and_says_the_same(github, repository, client):
    main = repository.refs["main"]
    first = pushed(client)
    assert pushed(client) == first
    assert_pushed_once(repository, main)


def test_killed_after_any_call_it_goes_on_from_there(github, client):
    pushed(client)
    calls = len(github.service.requests)
    assert calls >= 9
    for cut in range(1, calls + 1):
        hub = fresh(github)
        main = repository_of(hub).refs["main"]
        with DEATHS.after(cut), pytest.raises(Killed):
            pushed(client)
        before = dict(repository_of(hub).refs)
        done = pushed(client)
        assert_pushed_once(repository_of(hub), main)
        assert before.get(BRANCH, done.commit) == done.commit
        assert pushed(client) == done


@pytest.mark.parametrize("fault", ["drop", "lost", "500", "rate_limit"])
def test_failed_at_any_call_a_retry_ends_it(github, client, fault):
    pushed(client)
    calls = len(github.service.requests)
    shas = set()
    for cut in range(calls):
        hub = fresh(github)
        main = repository_of(hub).refs["main"]
        github.fail(Fault(fault, skip=cut))
        with pytest.raises(GitHubError) as caught:
            pushed(client)
        assert not caught.value.permanent
        shas.add(pushed(client).commit)
        assert_pushed_once(repository_of(hub), main)
    assert len(shas) == 1


def fresh(github: GitHubStandIn):
    github.reset(make_hub())
    return github.hub


@pytest.mark.parametrize("seed", range(50))
def test_any_order_of_retries_gives_one_pull_request(github, repository, client, seed):
    """Attempts that die at a random call, some of them two at a time, while the base moves on."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 4)):
        attempts = [
            threading.Thread(target=attempt, args=(client, chance.randint(1, 11)))
            for _ in range(chance.randint(1, 2))
        ]
        for each in attempts:
            each.start()
        for each in attempts:
            each.join()
        if chance.random() < 0.3:
            repository.commit("main", {"CHANGELOG.md": str(chance.random())})
    main = repository.refs["main"]
    done = pushed(client)
    assert pushed(client) == done
    assert len(repository.pulls) == 1
    assert set(repository.refs) == {"main", BRANCH}
    assert repository.refs["main"] == main
    head = repository.objects.commits[repository.refs[BRANCH]]
    assert len(head.parents) == 1 and head.message.startswith("Add PayCard")
    assert repository.objects.is_ancestor(head.parents[0], main)


def attempt(client: GitHubClient, calls: int) -> None:
    with DEATHS.after(calls), suppress(Killed, ServiceError):
        pushed(client)


def test_two_at_once_end_in_one_pull_request(github, repository, client):
    main = repository.refs["main"]
    threads = [threading.Thread(target=attempt, args=(client, 10**6)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    pushed(client)
    assert_pushed_once(repository, main)


def test_a_commit_is_there_but_no_pull_request(github, repository, client):
    github.fail(Fault("500", "pulls/create"))
    with pytest.raises(GitHubError):
        pushed(client)
    assert repository.pulls == [] and BRANCH in repository.refs
    head = repository.refs[BRANCH]
    assert pushed(client).commit == head
    assert len(repository.pulls) == 1


def test_a_branch_that_github_has_not_heard_of_yet_is_waited_for(github, repository, client):
    main = repository.refs["main"]
    github.fail(Fault("unheard", "pulls/create"))
    with pytest.raises(GitHubError) as caught:
        pushed(client)
    assert (caught.value.code, caught.value.permanent) == ("github_conflict", False)
    pushed(client)
    assert_pushed_once(repository, main)


@pytest.mark.parametrize("is_merged", [True, False])
def test_after_it_was_merged_or_closed_there_is_no_second_one(repository, client, is_merged):
    first = pushed(client)
    [pull] = repository.pulls
    if is_merged:
        repository.merge(pull)
    else:
        pull.state = "closed"
        del repository.refs[BRANCH]
    refs = dict(repository.refs)
    assert pushed(client) == first
    assert len(repository.pulls) == 1 and repository.refs == refs


def test_other_files_of_the_same_pipeline_come_on_top(repository, client):
    first = pushed(client)
    again = pushed(client, files={"PayCard/PayCard.tsx": "export default 2;\n"})
    assert again.pull_request_url == first.pull_request_url
    assert repository.objects.commits[again.commit].parents == (first.commit,)
    files = repository.objects.files(repository.refs[BRANCH])
    assert files["src/components/PayCard/PayCard.tsx"] == b"export default 2;\n"
    assert len(repository.pulls) == 1


def test_what_people_committed_to_the_branch_is_never_touched(repository, client):
    pushed(client)
    theirs = repository.commit(BRANCH, {"src/components/PayCard/PayCard.tsx": "mine\n"})
    with pytest.raises(PushRefused) as caught:
        pushed(client)
    assert caught.value.code == "push_branch_changed" and caught.value.permanent
    assert repository.refs[BRANCH] == theirs


def test_people_may_add_to_the_branch(repository, client):
    pushed(client)
    theirs = repository.commit(BRANCH, {"notes.md": "mine\n"})
    assert pushed(client).commit == theirs


def test_what_the_base_has_already_makes_no_pull_request(repository, client):
    files = {f"src/components/{path}": text for path, text in FILES.items()
             if isinstance(text, str)}  # fmt: skip
    main = repository.commit("main", files)
    texts = {path: text for path, text in FILES.items() if isinstance(text, str)}
    done = pushed(client, files=texts)
    assert (done.branch, done.commit, done.pull_request_url) == ("main", main, None)
    assert repository.pulls == [] and set(repository.refs) == {"main"}


def test_another_pipeline_of_the_same_component_has_a_branch_of_its_own(repository, client):
    first = pushed(client)
    other = PushedPipeline("9b2f0d0e-0000-4000-8000-000000000001", "PayCard", PIPELINE.created_at)
    second = pushed(client, pipeline=other)
    assert first.branch != second.branch and len(repository.pulls) == 2


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"is_archived": True}, "github_archived"),
        ({"is_fork": True}, "github_fork"),
        ({"is_disabled": True}, "github_disabled"),
        ({"closed_branches": ("buddy/",)}, "github_protected"),
        ({"refs": {}}, "github_empty"),
        ({"refs": {"trunk": "x"}}, "github_not_found"),
    ],
)
def test_a_repository_that_cannot_be_pushed_to_is_told(repository, client, change, code):
    for name, value in change.items():
        setattr(repository, name, value)
    refs = dict(repository.refs)
    with pytest.raises(GitHubError) as caught:
        pushed(client)
    assert caught.value.code == code and caught.value.permanent
    assert PLACE.full_name in caught.value.message
    assert repository.refs == refs and repository.pulls == []


def test_a_renamed_repository_is_told(github, client):
    github.hub.renamed[PLACE.full_name] = "harbour/shop"
    with pytest.raises(GitHubError) as caught:
        pushed(client)
    assert caught.value.code == "github_moved"


def test_the_name_of_a_layer_is_only_a_word_in_all_it_says(repository, client):
    evil = "Pay](javascript:x) @everyone closes #1 <img src=x> ../../main..lock"
    done = pushed(client, pipeline=PushedPipeline(PIPELINE.id, evil, PIPELINE.created_at))
    [pull] = repository.pulls
    commit = repository.objects.commits[done.commit]
    for text in (pull.title, pull.body, commit.message, done.branch):
        assert not any(each in text for each in ("@", "#", "](", "<", ".."))
    assert done.branch.startswith("buddy/Pay-javascript-x-everyone-closes-1-img-src-x-main")


@pytest.mark.parametrize("name", ["", "...", "💳", "-", ".lock", "a" * 500])
def test_any_name_makes_a_branch_that_git_takes(repository, client, name):
    done = pushed(client, pipeline=PushedPipeline(PIPELINE.id, name, PIPELINE.created_at))
    assert done.branch in repository.refs


def test_a_failure_is_told_again_by_its_code_and_parameters(repository, client):
    repository.is_archived = True
    with pytest.raises(GitHubError) as archived:
        pushed(client)
    with pytest.raises(PushRefused) as refused:
        pushed(client, files={"../x": "x"})
    for error in (archived.value, refused.value):
        kept = json.loads(json.dumps(error.parameters))
        assert push_sentence(error.code, kept) == error.message
        assert push_sentence(error.code, {})
    assert push_sentence("no_such_code", {}) is None


def test_another_base_set_meanwhile_opens_no_second_pull_request(repository, client):
    first = pushed(client)
    repository.commit("trunk", {"a": "b"})
    trunk = PushTarget(PLACE, "trunk", "src/components", CREDENTIAL)
    assert pushed(client, target=trunk) == first
    assert len(repository.pulls) == 1
