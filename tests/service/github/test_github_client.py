"""The client against the stand-in, which checks requests and answers by GitHub's description."""

import json
import logging
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from local.github import Fault, GitHubStandIn, Token
from local.github.answering import OPERATIONS
from service.github import github_client
from service.github.errors import GitHubError, error_from_answer
from service.github.github_calls import Route
from service.github.github_client import Author, Credential, GitHubClient, GitHubRepository
from service.github.github_records import Place
from service.observing import tracing
from service.observing.logs import scrub
from tests.service.github.hubs import CREDENTIAL, PLACE, TOKEN, client_for, repository_of

NOW = Author("Buddy", "buddy@example.com", "2026-11-29T12:00:00Z")
ROUTES = [each for each in vars(github_client).values() if isinstance(each, Route)]


def refuse(ask, *values) -> GitHubError:
    with pytest.raises(GitHubError) as caught:
        ask(*values)
    return caught.value


def whole_push(repository: GitHubRepository) -> str:
    """Each call once; returns the address of the pull request."""
    base = repository.branch(repository.facts().default_branch)
    assert base
    tree = repository.commit(base).tree
    blob = repository.make_blob(b"\x89PNG")
    tree = repository.make_tree(tree, {"src/A.tsx": "export {}\n"}, {"src/a.png": blob})
    commit = repository.make_commit("One", tree, base, NOW)
    repository.make_branch("buddy/one", commit)
    tree = repository.make_tree(tree, {"src/A.tsx": "export default 1\n"}, {})
    repository.move_branch("buddy/one", repository.make_commit("Two", tree, commit, NOW))
    made = repository.make_pull("Add A", "buddy/one", "main", "Text")
    assert [each.url for each in repository.find_pulls("buddy/one")] == [made.url]
    return made.url


def test_every_operation_is_one_that_github_describes(github, repository):
    assert whole_push(repository) == f"{github.url}/harbour/design-system/pull/1"
    asked = {each["operation"] for each in github.service.requests}
    assert asked == set(OPERATIONS) and len(ROUTES) == len(OPERATIONS)
    [pull] = repository_of(github.hub).pulls
    files = repository_of(github.hub).objects.files(pull.head_sha)
    assert files["src/a.png"] == b"\x89PNG" and files["src/A.tsx"] == b"export default 1\n"
    assert files["README.md"].startswith(b"#")


@pytest.mark.parametrize(
    ("fault", "code", "ours", "permanent"),
    [
        ("401", "github_token_invalid", 403, True),
        ("403", "github_permission_missing", 403, True),
        ("404", "github_not_found", 404, True),
        ("409", "github_empty", 409, True),
        ("422", "github_rejected", 422, True),
        ("429", "github_rate_limited", 429, False),
        ("secondary", "github_rate_limited", 429, False),
        ("rate_limit", "github_rate_limited", 429, False),
        ("500", "github_down", 503, False),
        ("502", "github_down", 503, False),
        ("drop", "github_down", 503, False),
        ("garbage", "github_unreadable", 502, False),
    ],
)
def test_each_failure_has_its_code_and_says_what_to_do(
    github, repository, fault, code, ours, permanent
):
    github.fail(Fault(fault))
    error = refuse(repository.facts)
    assert (error.code, error.status, error.permanent) == (code, ours, permanent)
    assert not error.maybe_done
    assert len(error.message) > 60 and error.message.endswith(".")
    assert TOKEN not in f"{error!r} {error.message} {error.parameters}"


@pytest.mark.parametrize("fault", ["secondary", "429"])
def test_a_secondary_limit_names_its_wait(github, repository, fault):
    github.fail(Fault(fault, retry_after=42))
    error = refuse(repository.facts)
    assert error.retry_after == 42 and "in 42 seconds" in error.message


def test_a_primary_limit_tells_the_wait_by_its_end(github, repository):
    started = time.time()
    github.fail(Fault("rate_limit", retry_after=1800))
    error = refuse(repository.facts)
    assert error.retry_after
    assert started + 1800 <= time.time() + error.retry_after <= time.time() + 1801
    assert "30 minutes" in error.message or "31 minutes" in error.message


def test_a_slow_github_is_given_up_in_time_and_a_write_may_be_done(github):
    github.fail(Fault("slow", times=None, seconds=600))
    with client_for(github.url, timeout=0.2) as hasty:
        read = refuse(hasty.open(PLACE, CREDENTIAL).facts)
        write = refuse(hasty.open(PLACE, CREDENTIAL).make_blob, b"x")
    assert (read.code, read.maybe_done) == ("github_timeout", False)
    assert (write.code, write.maybe_done) == ("github_timeout", True)


def test_a_write_whose_answer_was_lost_may_be_done(github, repository):
    github.fail(Fault("lost"))
    error = refuse(repository.make_blob, b"x")
    assert (error.code, error.maybe_done) == ("github_down", True)


def test_nobody_there_is_told_and_nothing_was_done():
    with client_for("http://127.0.0.1:1") as alone:
        error = refuse(alone.open(PLACE, CREDENTIAL).make_blob, b"x")
    assert (error.code, error.maybe_done) == ("github_down", False)


def test_a_missing_permission_is_named(github, repository):
    github.hub.tokens[TOKEN].permissions = {"metadata": "read", "contents": "read"}
    error = refuse(repository.make_blob, b"x")
    assert error.code == "github_permission_missing"
    assert "lacks the permission contents: write for harbour/design-system" in error.message
    assert "pull_requests: read" in refuse(repository.find_pulls, "buddy/x").message


def test_a_repository_of_others_is_not_found(github, client):
    github.hub.add("others/secret")
    assert refuse(client.open(Place("others", "secret"), CREDENTIAL).facts).code == (
        "github_not_found"
    )


def test_a_renamed_repository_is_not_followed(github, repository):
    github.hub.renamed[PLACE.full_name] = "harbour/shop"
    error = refuse(repository.facts)
    assert error.code == "github_moved" and "renamed" in error.message
    assert len(github.service.requests) == 1


def test_an_archived_repository_refuses_each_write(github, repository):
    repository_of(github.hub).is_archived = True
    assert refuse(repository.make_blob, b"x").code == "github_archived"


def test_an_empty_repository_is_told(github, repository):
    repository_of(github.hub).refs.clear()
    error = refuse(repository.branch, "main")
    assert error.code == "github_empty" and "first commit" in error.message


def test_a_branch_that_rules_forbid_is_told(github, repository):
    found = repository_of(github.hub)
    found.closed_branches = ("buddy/",)
    error = refuse(repository.make_branch, "buddy/x", found.refs["main"])
    assert error.code == "github_protected" and "buddy/" in error.message


def test_only_branches_of_its_own_are_ever_written(github, repository):
    sha = repository_of(github.hub).refs["main"]
    for name in ("main", "buddy", "Buddy/x", "x/buddy/y", "../buddy/x"):
        with pytest.raises(ValueError, match="only branches"):
            repository.make_branch(name, sha)
        with pytest.raises(ValueError, match="only branches"):
            repository.move_branch(name, sha)
    assert github.service.requests == []


@pytest.mark.parametrize("name", ["..", "a/b", "x?y", "a b", "a#", "", ".", "%2e%2e", "ü"])
def test_no_name_leads_to_another_path(github, client, name):
    error = refuse(client.open(Place("harbour", name), CREDENTIAL).facts)
    assert error.code == "github_rejected"
    assert github.service.requests == []


def test_no_branch_leads_out_of_its_repository():
    with client_for("http://127.0.0.1:1") as alone:

        @given(st.text(max_size=40))
        def never_sent(name):
            error = refuse(alone.open(PLACE, CREDENTIAL).branch, f"../{name}")
            assert error.code == "github_rejected"

        never_sent()


@pytest.mark.parametrize("token", ["", " ", "a\nb", "tökən-secret", "a b", "a\x00"])
def test_a_token_that_is_none_is_never_sent(github, client, token):
    error = refuse(client.open(PLACE, Credential(token)).facts)
    assert error.code == "github_token_invalid"
    assert github.service.requests == []


def test_a_token_is_in_no_log_no_error_and_no_trace(github, client, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    for fault in ("401", "403", "500", "drop", "garbage", "rate_limit"):
        github.fail(Fault(fault))
        error = refuse(client.open(PLACE, CREDENTIAL).facts)
        assert error.__cause__ is None
        assert TOKEN not in repr(vars(error))
    whole_push(client.open(PLACE, CREDENTIAL))
    printed = capsys.readouterr()
    assert TOKEN not in caplog.text + printed.out + printed.err
    assert TOKEN not in f"{CREDENTIAL!r} {client.open(PLACE, CREDENTIAL)!r}"


@pytest.mark.parametrize(
    "secret",
    [
        TOKEN,
        "ghp_" + "a1B2" * 9,
        "ghs_" + "a1B2" * 9,
        "gho_" + "a1B2" * 9,
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAAAA\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_githubs_secrets_are_removed_from_whatever_is_logged(secret):
    assert secret not in str(scrub({"event": f"it said {secret} twice", "list": [secret]}))


def test_what_github_says_is_told_without_secrets_and_on_one_line(github, repository):
    text = f"Odd\n{TOKEN}\x00" + "x" * 500
    github.hub.tokens[TOKEN] = Token("harbour")
    found = repository_of(github.hub)
    error = refuse(repository.make_branch, "buddy/a..b", found.refs["main"])
    assert error.code == "github_rejected" and "not a valid ref name" in error.message
    error = error_from_answer("x", "a/b", 422, {}, json.dumps({"message": text}).encode())
    assert TOKEN not in error.message and "\n" not in error.message
    assert len(error.reason) <= 200


@given(st.sampled_from([301, 400, 401, 403, 404, 409, 410, 418, 422, 429, 451, 500, 599]),
       st.binary(max_size=60), st.dictionaries(st.sampled_from(
           ["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset",
            "x-accepted-github-permissions"]), st.text(max_size=20)))  # fmt: skip
def test_no_answer_is_too_odd_for_an_error(status, body, headers):
    error = error_from_answer("do it", "a/b", status, headers, body)
    assert error.message and 400 <= error.status < 600
    assert error.retry_after is None or 1 <= error.retry_after <= 86_400


def test_what_github_tells_of_a_token_is_read(github, repository):
    facts = repository.facts()
    assert (facts.scopes, facts.may_push, facts.token_ends_at) == (None, True, "")
    token = github.hub.tokens[TOKEN]
    token.scopes, token.is_writer = "repo, workflow", False
    token.ends_at = datetime(2100, 5, 4, tzinfo=UTC)
    facts = repository.facts()
    assert facts.scopes == ("repo", "workflow")
    assert (facts.may_push, facts.token_ends_at) == (False, "2100-05-04")


def test_calls_are_observed_without_their_words(github):
    seen: list = []
    with client_for(github.url, observer=seen.append) as client:
        client.open(PLACE, CREDENTIAL).facts()
        github.fail(Fault("404"))
        refuse(client.open(PLACE, CREDENTIAL).facts)
    assert [(each.route, each.status, each.code) for each in seen] == [
        ("repository", 200, None),
        ("repository", 404, "github_not_found"),
    ]


def test_each_call_is_a_span(github, client, monkeypatch):
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setitem(tracing._state, "tracer", provider.get_tracer("tests"))
    with tracing.span("push"):
        client.open(PLACE, CREDENTIAL).facts()
        github.fail(Fault("401"))
        refuse(client.open(PLACE, CREDENTIAL).facts)
    spans = exporter.get_finished_spans()
    assert [each.name for each in spans] == ["github repository", "github repository", "push"]
    assert spans[0].attributes["http.response.status_code"] == 200
    assert spans[1].attributes["error.type"] == "github_token_invalid"
    assert TOKEN not in "".join(each.to_json() for each in spans)


def test_an_author_is_as_given(github, repository):
    base = repository.branch("main")
    tree = repository.make_tree(repository.commit(base).tree, {"a": "b"}, {})
    shas = {repository.make_commit("m", tree, base, NOW) for _ in range(2)}
    assert len(shas) == 1
    commit = repository_of(github.hub).objects.commits[shas.pop()]
    assert commit.author == commit.committer
    assert commit.author.date == datetime(2026, 11, 29, 12, tzinfo=UTC)


def test_binary_content_arrives_whole(github, repository):
    content = bytes(range(256)) * 40
    sha = repository.make_blob(content)
    assert repository_of(github.hub).objects.blobs[sha] == content


def test_a_closed_client_is_closed(github: GitHubStandIn):
    with client_for(github.url) as client:
        assert isinstance(client, GitHubClient)
        client.open(PLACE, CREDENTIAL).facts()
    with pytest.raises(RuntimeError):
        client.open(PLACE, CREDENTIAL).facts()
