"""Push a component: one commit on a branch of its own, one pull request, however often it is tried.

Every step first looks whether it was done already, and git computes the id of a commit from what
is in it. So a push that was killed anywhere goes on from there, and two at once open one pull
request.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.github.errors import GitHubError
from service.github.github_client import MAKE_PULL, Author, GitHubClient, GitHubRepository
from service.github.github_records import PullRequestFacts
from service.pipelines.pushing import push_words
from service.pipelines.pushing.push_paths import place_files
from service.pipelines.pushing.push_refusals import PushRefused
from service.pipelines.pushing.push_targets import PushTarget, check_target
from service.pipelines.pushing.target_checks import refuse_unfit


@dataclass(frozen=True)
class PushedPipeline:
    """What a push needs to know of a pipeline.

    ``created_at`` dates the commit, so it must be the same at each attempt. ``quality`` is the
    chosen quality row as JSON, None: not tested. ``page_url``: where people see the run.
    """

    id: str
    component: str
    created_at: datetime
    quality: Mapping[str, Any] | None = None
    page_url: str = ""


@dataclass(frozen=True)
class Pushed:
    """Where the component is now. Without a pull request, the base branch holds it already."""

    branch: str
    commit: str
    pull_request_url: str | None


def push(
    target: PushTarget,
    files: Mapping[str, str | bytes],
    pipeline: PushedPipeline,
    client: GitHubClient,
) -> Pushed:
    """Push the files to the target's folder. Blocking; some ten calls of GitHub.

    Texts are given as str, everything else as bytes. Safe to call again, also after it was killed.
    Raises ``GitHubError`` (``permanent`` says whether a retry can help, ``retry_after`` when), and
    ``PushRefused``, for which no retry helps.
    """
    placed = place_files(files, target.folder)
    check_target(target)
    repository = client.open(target.place, target.credential)
    refuse_unfit(repository.facts(), target.place)
    branch = push_words.branch_name(pipeline.component, pipeline.id)
    before = repository.find_pulls(branch)
    if before and not any(each.is_open for each in before):
        # Somebody merged or closed it: that is the end of it.
        return Pushed(branch, before[0].head_sha, before[0].url)
    holder, commit = _bring_branch(repository, branch, target.base, placed, pipeline)
    if holder == target.base:
        return Pushed(holder, commit, None)
    pull = next((each for each in before if each.is_open), None)
    pull = pull or _open_pull(repository, branch, target.base, pipeline)
    return Pushed(branch, commit, pull.url)


def _bring_branch(
    repository: GitHubRepository,
    branch: str,
    base: str,
    files: Mapping[str, str | bytes],
    pipeline: PushedPipeline,
) -> tuple[str, str]:
    """Have the branch hold the files. Returns which branch holds them, and its commit: the base if
    it has exactly these files already."""
    head = repository.branch(branch)
    if head is not None:
        return branch, _bring_up_to_date(repository, branch, head, files, pipeline)
    start = repository.branch(base)
    if start is None:
        raise GitHubError("github_not_found", "find the base branch", repository.place.full_name)
    commit = _commit(repository, start, files, pipeline)
    if commit is None:
        return base, start
    try:
        repository.make_branch(branch, commit)
    except GitHubError as error:
        if error.code != "github_rejected":
            raise
        # Another attempt was faster, or the response to this one's call was lost.
        head = repository.branch(branch)
        if head is None:
            raise
        return branch, _bring_up_to_date(repository, branch, head, files, pipeline)
    return branch, commit


def _bring_up_to_date(
    repository: GitHubRepository,
    branch: str,
    head: str,
    files: Mapping[str, str | bytes],
    pipeline: PushedPipeline,
) -> str:
    """As a rule the files are there already. If the pipeline has made others since, they come on
    top; what people have committed is never touched."""
    commit = _commit(repository, head, files, pipeline, only_on_own=True)
    if commit is None:
        return head
    try:
        repository.move_branch(branch, commit)
    except GitHubError as error:
        if error.code != "github_rejected":
            raise
        raise PushRefused("push_branch_changed", branch=branch) from None
    return commit


def _commit(
    repository: GitHubRepository,
    parent: str,
    files: Mapping[str, str | bytes],
    pipeline: PushedPipeline,
    *,
    only_on_own: bool = False,
) -> str | None:
    """Commit the files on top of ``parent``. None: it holds exactly these already."""
    before = repository.commit(parent)
    blobs = {
        path: repository.make_blob(content)
        for path, content in files.items()
        if isinstance(content, bytes)
    }
    texts = {path: content for path, content in files.items() if isinstance(content, str)}
    tree = repository.make_tree(before.tree, texts, blobs)
    if tree == before.tree:
        return None
    if only_on_own and not push_words.is_own_message(before.message, pipeline.id):
        branch = push_words.branch_name(pipeline.component, pipeline.id)
        raise PushRefused("push_branch_changed", branch=branch)
    author = Author(
        push_words.AUTHOR_NAME,
        push_words.AUTHOR_EMAIL,
        push_words.commit_date(pipeline.created_at),
    )
    message = push_words.commit_message(pipeline.component, pipeline.id)
    return repository.make_commit(message, tree, parent, author)


def _open_pull(
    repository: GitHubRepository, branch: str, base: str, pipeline: PushedPipeline
) -> PullRequestFacts:
    text = push_words.pull_request_text(
        pipeline.component, pipeline.quality, pipeline.page_url, pipeline.id
    )
    try:
        return repository.make_pull(push_words.title(pipeline.component), branch, base, text)
    except GitHubError as error:
        if error.code != "github_rejected":
            raise
        # Another attempt was faster, or the response to this one's call was lost.
        found = repository.find_pulls(branch)
        if found:
            return found[0]
        # GitHub's servers may not all have heard of a branch that was just made.
        if error.reason.endswith("; head"):
            raise GitHubError(
                "github_conflict", MAKE_PULL.action, repository.place.full_name
            ) from None
        raise
