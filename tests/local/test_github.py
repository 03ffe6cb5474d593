"""The GitHub stand-in: git's own ids, GitHub's description both ways, its refusals and faults."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from local.github import DEMO_REPOSITORY, DEMO_TOKEN, Fault, GitHubStandIn, Token
from local.github.answering import OPERATIONS
from local.github.description import load_description
from local.github.filling import fill
from local.github.git_objects import EMPTY_TREE, Objects, object_id
from local.github.prune import PRUNED, USED, prune
from local.github.repositories import demo_hub
from local.stack.stack import free_port
from tests.service.github.hubs import PLACE, TOKEN, make_hub, repository_of

REPO = f"/repos/{PLACE.full_name}"
WHEN = "2026-11-29T12:00:00Z"


@pytest.fixture(scope="module")
def running() -> Iterator[GitHubStandIn]:
    with GitHubStandIn(make_hub()) as github:
        yield github


@pytest.fixture
def github(running: GitHubStandIn) -> GitHubStandIn:
    running.reset(make_hub())
    return running


def ask(github: GitHubStandIn, method: str, path: str, body: Any = None, **more: Any):
    headers = {"Authorization": f"Bearer {more.pop('token', TOKEN)}"}
    return httpx.request(method, github.url + path, headers=headers, json=body, **more)


def test_ids_are_those_that_git_computes(tmp_path: Path, github: GitHubStandIn) -> None:
    git = shutil.which("git")
    if git is None:
        pytest.skip("git is not installed here")

    def run(*command: str, **more: Any) -> str:
        # Nobody's own settings of git.
        quiet = {"HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": str(tmp_path / "x")}
        done = subprocess.run([git, *command], check=True, capture_output=True, text=True,
                              env={**quiet, **more.pop("env", {})}, **more)  # fmt: skip
        return done.stdout.strip()

    run("init", "--bare", str(tmp_path / "x"))
    files = {"README.md": "# a\n", "src/a.ts": "1", "src/a/b.ts": "2", "src-x/c": "ü", "src.z": ""}
    rows = [{"path": path, "mode": "100644", "type": "blob", "content": text}
            for path, text in files.items()]  # fmt: skip
    tree = ask(github, "POST", f"{REPO}/git/trees", {"tree": rows}).json()["sha"]
    index = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    for path, text in files.items():
        blob = run("hash-object", "-w", "--stdin", input=text)
        assert blob == object_id("blob", text.encode())
        run("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=index)
    assert run("write-tree", env=index) == tree
    by = {"name": "Buddy", "email": "b@example.com", "date": WHEN}
    body = {"message": "Add it\n\nTrailer: 1", "tree": tree, "author": by, "committer": by}
    commit = ask(github, "POST", f"{REPO}/git/commits", body).json()["sha"]
    who = {f"GIT_{role}_{field}": value for role in ("AUTHOR", "COMMITTER")
           for field, value in (("NAME", "Buddy"), ("EMAIL", "b@example.com"),
                                ("DATE", WHEN))}  # fmt: skip
    ours = repository_of(github.hub).objects.commits[commit].to_bytes()
    assert run("hash-object", "-t", "commit", "--stdin", "-w", input=ours.decode()) == commit
    theirs = run("commit-tree", tree, "-F", "-", input=body["message"], env=who)
    # git ends a message with a line break, which GitHub leaves as it was given.
    assert run("cat-file", "commit", theirs) == ours.decode().strip()


def test_known_ids() -> None:
    assert object_id("blob", b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert Objects().add_tree(None, {}) == EMPTY_TREE == object_id("tree", b"")


def test_the_description_says_whence_it_is_and_holds_only_what_is_used() -> None:
    document = json.loads(PRUNED.read_text(encoding="utf-8"))
    assert document["info"]["x-source"].startswith("api.github.com.json of the npm package")
    assert document["info"]["license"]["name"] == "MIT"
    assert PRUNED.stat().st_size < 250_000
    assert set(document["paths"]) == set(USED)
    ids = {operation.id for operation in load_description().operations.values()}
    assert ids == {*OPERATIONS, "apps/create-installation-access-token"}


def test_pruning_again_changes_nothing() -> None:
    document = json.loads(PRUNED.read_text(encoding="utf-8"))
    again = prune(document)
    assert (again["paths"], again["components"]) == (document["paths"], document["components"])


def test_what_the_description_refuses_is_refused_and_noted(github: GitHubStandIn) -> None:
    for body in ({"content": 1}, {"encoding": "base64"}, {"content": "x", "odd": 1}, None):
        assert ask(github, "POST", f"{REPO}/git/blobs", body).status_code == 422
    assert ask(github, "GET", f"{REPO}/pulls?state=nonsense").status_code == 422
    assert ask(github, "GET", f"{REPO}/pulls?odd=1").status_code == 422
    assert ask(github, "GET", f"{REPO}/contents/README.md").status_code == 404
    assert len(github.service.violations) == 7


def test_an_answer_that_github_would_not_give_is_noticed(
    github: GitHubStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        OPERATIONS, "repos/get", (lambda _: (200, "full-repository", {"id": "x"}), "metadata",
                                  "read")
    )  # fmt: skip
    assert ask(github, "GET", REPO).status_code == 500
    assert "the answer 200 to repos/get: id" in github.service.violations[0]


@pytest.mark.parametrize("name", ["full-repository", "pull-request", "git-commit", "git-tree"])
def test_the_filling_alone_is_valid(name: str) -> None:
    description = load_description()
    made = fill(description, name, {}, "http://127.0.0.1/")
    assert description.check(description.schema(name))(made) is None


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("GET", "/git/ref/heads/none", None, 404, "Not Found"),
        ("GET", "/git/commits/" + "0" * 40, None, 404, "Not Found"),
        ("POST", "/git/refs", {"ref": "refs/heads/x", "sha": "0" * 40}, 422, "Object does not"),
        ("POST", "/git/refs", {"ref": "refs/heads/a..b", "sha": "0" * 40}, 422, "not a valid ref"),
        ("PATCH", "/git/refs/heads/x", {"sha": "0" * 40}, 422, "Reference does not exist"),
        ("POST", "/pulls", {"head": "main", "base": "main", "title": "x"}, 422, "No commits"),
        ("POST", "/pulls", {"head": "none", "base": "main", "title": "x"}, 422, "Validation"),
        ("POST", "/git/blobs", {"content": "???", "encoding": "base64"}, 422, "base64"),
        (
            "POST",
            "/git/trees",
            {"tree": [{"path": "../x", "mode": "100644", "type": "blob", "content": ""}]},
            422,
            "malformed path",
        ),
    ],
)
def test_refusals_are_githubs(github: GitHubStandIn, method, path, body, status, words) -> None:
    answer = ask(github, method, REPO + path, body)
    assert answer.status_code == status and words in answer.text
    assert github.service.violations == []


def test_a_branch_moves_forward_only(github: GitHubStandIn) -> None:
    repository = repository_of(github.hub)
    first = repository.refs["main"]
    repository.commit("main", {"a": "1"})
    answer = ask(github, "PATCH", f"{REPO}/git/refs/heads/main", {"sha": first})
    assert answer.status_code == 422 and "not a fast forward" in answer.text


def test_who_may_what(github: GitHubStandIn) -> None:
    repository = repository_of(github.hub)
    assert ask(github, "GET", REPO, token="nonsense").status_code == 401
    github.hub.tokens["other"] = Token("other")
    assert ask(github, "GET", REPO, token="other").status_code == 404
    repository.is_private = False
    assert ask(github, "GET", REPO, token="other").status_code == 200
    answer = ask(github, "POST", f"{REPO}/git/blobs", {"content": "x"}, token="other")
    assert answer.status_code == 403
    assert answer.headers["x-accepted-github-permissions"] == "contents=write"


def test_faults_strike_as_often_as_they_are_told(github: GitHubStandIn) -> None:
    github.fail(Fault("500", "repos/get", skip=1, times=2))
    statuses = [ask(github, "GET", REPO).status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]


def test_faults_are_switched_over_http(github: GitHubStandIn) -> None:
    url = f"{github.url}/standin/faults"
    assert httpx.put(url, json={"faults": [{"kind": "rate_limit"}]}).status_code == 200
    assert ask(github, "GET", REPO).headers["x-ratelimit-remaining"] == "0"
    for bad in ({"kind": "nonsense"}, {"kind": "500", "odd": 1}, 7):
        assert httpx.put(url, json={"faults": [bad]}).status_code == 400


def test_a_pull_request_is_a_page_on_which_nothing_is_code(github: GitHubStandIn) -> None:
    repository = repository_of(github.hub)
    repository.refs["x"] = repository.refs["main"]
    repository.commit("x", {"a.html": "<script>alert(1)</script>"})
    body = {"head": "x", "base": "main", "title": "<b>x</b>", "body": "<i>"}
    made = ask(github, "POST", f"{REPO}/pulls", body).json()
    page = httpx.get(made["html_url"])
    assert page.status_code == 200 and "&lt;script&gt;" in page.text
    assert "<script" not in page.text and "<b>" not in page.text
    assert httpx.get(made["html_url"][:-1] + "99").status_code == 404


def test_the_demo_is_there() -> None:
    with GitHubStandIn(demo_hub()) as github:
        answer = ask(github, "GET", f"/repos/{DEMO_REPOSITORY}", token=DEMO_TOKEN)
    assert answer.json()["default_branch"] == "main"


def test_a_taken_port_is_told_in_one_sentence(github: GitHubStandIn) -> None:
    command = [sys.executable, "-m", "local.github", "--port", str(github.port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and "choose another one with --port" in done.stderr
    assert free_port()
