"""The client of GitHub: a repository is opened with a token or the App, then read and written."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from service.config import Settings
from service.github.app_tokens import AppTokens
from service.github.errors import GitHubError
from service.github.github_calls import GitHubCaller, Observer, Route, Sent
from service.github.github_records import (
    CommitFacts,
    Place,
    PullRequestFacts,
    RepositoryFacts,
    read_pulls,
    read_ref,
    read_sha,
)

TIMEOUT_SECONDS = 20.0
# Each branch that this product may make or move begins so. Nothing else is ever written to.
OWN_BRANCHES = "buddy/"

_REPO = "/repos/{owner}/{repo}"
REPOSITORY = Route("repository", "GET", _REPO, "read the repository")
BRANCH = Route("branch", "GET", _REPO + "/git/ref/heads/{branch}", "read the branch")
COMMIT = Route("commit", "GET", _REPO + "/git/commits/{sha}", "read the last commit")
MAKE_BLOB = Route("make_blob", "POST", _REPO + "/git/blobs", "upload a file")
MAKE_TREE = Route("make_tree", "POST", _REPO + "/git/trees", "upload the files")
MAKE_COMMIT = Route("make_commit", "POST", _REPO + "/git/commits", "commit the files")
MAKE_BRANCH = Route("make_branch", "POST", _REPO + "/git/refs", "make its branch")
MOVE_BRANCH = Route("move_branch", "PATCH", _REPO + "/git/refs/heads/{branch}", "move its branch")
FIND_PULLS = Route("find_pulls", "GET", _REPO + "/pulls", "look for its pull request")
MAKE_PULL = Route("make_pull", "POST", _REPO + "/pulls", "open the pull request")

Answer = TypeVar("Answer")


def web_address(api_url: str) -> str:
    """The address of the pages of a GitHub, by that of its API: github.com, a company's at ghe.com,
    an Enterprise Server, or a stand-in, whose pages are beside its API.

    https://docs.github.com/en/enterprise-cloud@latest/admin/data-residency/network-details-for-ghecom
    """
    parts = urlsplit(api_url)
    host = parts.netloc
    if host == "api.github.com" or host.endswith(".ghe.com"):
        host = host.removeprefix("api.")
    return f"{parts.scheme}://{host}"


@dataclass(frozen=True)
class Credential:
    """How to sign in: a personal token, or the number of an installation of our App."""

    token: str | None = field(default=None, repr=False)
    installation_id: int | None = None


@dataclass(frozen=True)
class Author:
    """Who a commit is by, and when: an ISO time, fixed so that a retry makes the same commit."""

    name: str
    email: str
    date: str

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "email": self.email, "date": self.date}


class GitHubClient:
    """Thread-safe; one per process. ``timeout`` is in seconds, for each call."""

    def __init__(
        self,
        settings: Settings,
        *,
        timeout: float = TIMEOUT_SECONDS,
        observer: Observer | None = None,
    ):
        self.caller = GitHubCaller(settings.github_api_url, timeout, observer)
        self.app_tokens = AppTokens(settings, self.caller)

    def close(self) -> None:
        self.caller.close()

    def open(self, place: Place, credential: Credential) -> "GitHubRepository":
        """A repository to work with. Makes no call."""
        return GitHubRepository(self, place, credential)


class GitHubRepository:
    """One repository. Every method raises ``GitHubError``."""

    def __init__(self, client: GitHubClient, place: Place, credential: Credential):
        self._client = client
        self.place = place
        self._credential = credential

    def facts(self) -> RepositoryFacts:
        return self._call(REPOSITORY, RepositoryFacts.from_json)

    def branch(self, name: str) -> str | None:
        """The commit that a branch points to. None: there is no such branch."""
        try:
            return self._call(BRANCH, read_ref, {"branch": name})
        except GitHubError as error:
            if error.code == "github_not_found":
                return None
            raise

    def commit(self, sha: str) -> CommitFacts:
        return self._call(COMMIT, CommitFacts.from_json, {"sha": sha})

    def make_blob(self, content: bytes) -> str:
        """Upload a file that is no text; returns its id."""
        body = {"content": base64.b64encode(content).decode(), "encoding": "base64"}
        return self._call(MAKE_BLOB, read_sha, body=body)

    def make_tree(self, base: str, texts: Mapping[str, str], blobs: Mapping[str, str]) -> str:
        """A tree with these files added to ``base``: texts by path, and ids of blobs by path."""
        entries = [{"path": path, "content": text} for path, text in texts.items()]
        entries += [{"path": path, "sha": sha} for path, sha in blobs.items()]
        tree = [{"mode": "100644", "type": "blob", **entry} for entry in entries]
        tree.sort(key=lambda entry: entry["path"])
        return self._call(MAKE_TREE, read_sha, body={"base_tree": base, "tree": tree})

    def make_commit(self, message: str, tree: str, parent: str, author: Author) -> str:
        by = author.to_json()
        body = {"message": message, "tree": tree, "parents": [parent], "author": by,
                "committer": by}  # fmt: skip
        return self._call(MAKE_COMMIT, read_sha, body=body)

    def make_branch(self, name: str, sha: str) -> None:
        _need_own(name)
        body = {"ref": f"refs/heads/{name}", "sha": sha}
        self._call(MAKE_BRANCH, read_ref, body=body)

    def move_branch(self, name: str, sha: str) -> None:
        """Move a branch forward; never over a commit that is not in it already."""
        _need_own(name)
        self._call(MOVE_BRANCH, read_ref, {"branch": name}, body={"sha": sha, "force": False})

    def find_pulls(self, head: str) -> list[PullRequestFacts]:
        """The pull requests from a branch to any other, open or not, the newest first."""
        query = {"head": f"{self.place.owner}:{head}", "state": "all"}
        return self._call(FIND_PULLS, read_pulls, query=query)

    def make_pull(self, title: str, head: str, base: str, text: str) -> PullRequestFacts:
        body = {"title": title, "head": head, "base": base, "body": text}
        return self._call(MAKE_PULL, PullRequestFacts.from_json, body=body)

    def _call(
        self,
        route: Route,
        parse: Callable[[Any, Mapping[str, str]], Answer],
        ids: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        body: dict[str, Any] | None = None,
    ) -> Answer:
        named = {"owner": self.place.owner, "repo": self.place.name, **(ids or {})}

        def once() -> Answer:
            sent = Sent(self.place.full_name, self._bearer(), named, query, body)
            return self._client.caller.call(route, sent, parse)

        try:
            return once()
        except GitHubError as error:
            installation_id = self._credential.installation_id
            if error.code != "github_token_invalid" or installation_id is None:
                raise
            # It ended before its time, for example because the App was installed anew.
            self._client.app_tokens.forget(installation_id, self.place)
        return once()

    def _bearer(self) -> str:
        if self._credential.installation_id is not None:
            return self._client.app_tokens.get(self._credential.installation_id, self.place)
        return self._credential.token or ""


def _need_own(branch: str) -> None:
    """Whoever calls this with another branch has a fault that must not reach GitHub."""
    if not branch.startswith(OWN_BRANCHES):
        raise ValueError(f"only branches that begin with {OWN_BRANCHES} may be written")
