"""The operations of the stand-in, each as GitHub does it."""

import base64
import binascii
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.github.description import Json
from local.github.git_objects import Commit, Entry, person_from
from local.github.repositories import ALL, Hub, PullRequest, Repository, Token

Answer = tuple[int, str, Any]


class Refused(Exception):
    """An error that GitHub would answer."""

    def __init__(self, status: int, message: str, *, headers: Mapping[str, str] | None = None,
                 **more: Any):  # fmt: skip
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body = {"message": message, "status": str(status), **more,
                     "documentation_url": "https://docs.github.com/rest"}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """One request that was let in."""

    hub: Hub
    token: Token
    repository: Repository
    named: dict[str, str]
    query: Mapping[str, str]
    body: Json
    site: str


def get_repository(asked: Asked) -> Answer:
    found, site = asked.repository, asked.site
    return 200, "full-repository", {
        "id": found.id,
        "name": found.name,
        "full_name": found.full_name,
        "private": found.is_private,
        "fork": found.is_fork,
        "archived": found.is_archived,
        "disabled": found.is_disabled,
        "default_branch": found.default_branch,
        "owner": {"login": found.owner, "type": "User"},
        "html_url": f"{site}/{found.full_name}",
        "permissions": {
            "admin": False,
            "push": asked.token.is_writer and not found.is_archived,
            "pull": True,
        },
    }  # fmt: skip


def get_ref(asked: Asked) -> Answer:
    name = asked.named["ref"]
    sha = asked.repository.refs.get(name.removeprefix("heads/"))
    if not asked.repository.refs:
        raise Refused(409, "Git Repository is empty.")
    if sha is None or not name.startswith("heads/"):
        raise Refused(404, "Not Found")
    return 200, "git-ref", _ref(name, sha)


def get_commit(asked: Asked) -> Answer:
    sha = asked.named["commit_sha"]
    commit = asked.repository.objects.commits.get(sha)
    if commit is None:
        raise Refused(404, "Not Found")
    return 200, "git-commit", _commit(sha, commit)


def create_blob(asked: Asked) -> Answer:
    content = asked.body["content"]
    try:
        is_base64 = asked.body.get("encoding") == "base64"
        data = base64.b64decode(content, validate=True) if is_base64 else content.encode()
    except (binascii.Error, ValueError):
        raise Refused(422, "Problems parsing base64") from None
    return 201, "short-blob", {"sha": asked.repository.objects.add_blob(data)}


def create_tree(asked: Asked) -> Answer:
    objects = asked.repository.objects
    base = asked.body.get("base_tree")
    if base is not None and base not in objects.trees:
        base = objects.commits[base].tree if base in objects.commits else None
        if base is None:
            raise Refused(404, "Not Found")
    changes = {}
    for each in asked.body["tree"]:
        path = each.get("path", "")
        if not _is_path(path):
            raise Refused(422, f"tree.path contains a malformed path component: {path[:100]}")
        sha = each.get("sha")
        if "content" in each and sha:
            raise Refused(422, "Must supply either tree.sha or tree.content, not both.")
        if "content" in each:
            sha = objects.add_blob(each["content"].encode())
        if sha not in objects.blobs:
            raise Refused(422, f"tree.sha {sha} is not a valid blob")
        changes[path] = Entry(each.get("mode", "100644"), sha)
    sha = objects.add_tree(base, changes)
    rows = [{"path": path, "mode": entry.mode, "type": "blob", "sha": entry.sha}
            for path, entry in objects.trees[sha].items()]  # fmt: skip
    return 201, "git-tree", {"sha": sha, "tree": rows, "truncated": False}


def create_commit(asked: Asked) -> Answer:
    objects, now = asked.repository.objects, datetime.now(UTC)
    if asked.body["tree"] not in objects.trees:
        raise Refused(422, "Tree SHA does not exist")
    parents = tuple(asked.body.get("parents", ()))
    if any(each not in objects.commits for each in parents):
        raise Refused(422, "Parent SHA does not exist or is not a commit object")
    author = person_from(asked.body.get("author", {"name": asked.token.login}), now)
    committer = asked.body.get("committer")
    made = Commit(
        asked.body["tree"],
        parents,
        author,
        person_from(committer, now) if committer else author,
        asked.body["message"],
    )
    sha = objects.add_commit(made)
    return 201, "git-commit", _commit(sha, made)


def create_ref(asked: Asked) -> Answer:
    repository, name = asked.repository, asked.body["ref"]
    branch = name.removeprefix("refs/heads/")
    if branch == name or not _is_branch(branch):
        raise Refused(422, f"{name} is not a valid ref name.")
    if branch.startswith(repository.closed_branches or ("\0",)):
        raise Refused(
            422, "Repository rule violations found\n\nCannot create ref due to creations being "
            "restricted."
        )  # fmt: skip
    if branch in repository.refs:
        raise Refused(422, "Reference already exists")
    _need_commit(repository, asked.body["sha"])
    repository.refs[branch] = asked.body["sha"]
    return 201, "git-ref", _ref(f"heads/{branch}", asked.body["sha"])


def update_ref(asked: Asked) -> Answer:
    repository, sha = asked.repository, asked.body["sha"]
    branch = asked.named["ref"].removeprefix("heads/")
    if branch not in repository.refs:
        raise Refused(422, "Reference does not exist")
    _need_commit(repository, sha)
    is_forward = repository.objects.is_ancestor(repository.refs[branch], sha)
    if not (is_forward or asked.body.get("force")):
        raise Refused(422, "Update is not a fast forward")
    repository.refs[branch] = sha
    for pull in repository.pulls:
        if pull.head == branch and pull.state == "open":
            pull.head_sha = sha
    return 200, "git-ref", _ref(f"heads/{branch}", sha)


def list_pulls(asked: Asked) -> Answer:
    state = asked.query.get("state", "open")
    owner, colon, head = asked.query.get("head", "").partition(":")
    found = [
        each
        for each in reversed(asked.repository.pulls)
        if state in ("all", each.state)
        # GitHub looks past a head without an owner.
        and (not colon or (owner.lower() == asked.repository.owner.lower() and head == each.head))
        and asked.query.get("base", each.base) == each.base
    ]
    most = int(asked.query.get("per_page", 30))
    return 200, "[pull-request-simple]", [_pull(asked, each) for each in found[:most]]


def create_pull(asked: Asked) -> Answer:
    repository, body = asked.repository, asked.body
    head = body["head"].removeprefix(f"{repository.owner}:")
    for name, branch in (("head", head), ("base", body["base"])):
        if branch not in repository.refs:
            raise _invalid_pull(name)
    head_sha, base_sha = repository.refs[head], repository.refs[body["base"]]
    if any(each.head == head and each.base == body["base"] and each.state == "open"
           for each in repository.pulls):  # fmt: skip
        words = f"A pull request already exists for {repository.owner}:{head}."
        raise _invalid_pull(None, words)
    if repository.objects.is_ancestor(head_sha, base_sha):
        raise _invalid_pull(None, f"No commits between {body['base']} and {head}")
    made = PullRequest(
        len(repository.pulls) + 1, body.get("title", ""), body.get("body") or "", head,
        body["base"], head_sha, base_sha,
    )  # fmt: skip
    repository.pulls.append(made)
    return 201, "pull-request", _pull(asked, made)


def create_token(hub: Hub, installation_id: int, body: Json, site: str) -> Answer:
    """A token of the App for one installation, with what was asked of what was granted."""
    installation = hub.installations.get(installation_id)
    if installation is None:
        raise Refused(404, "Not Found")
    wanted = body.get("permissions") or installation.permissions
    token = Token("buddy[bot]", permissions=dict(wanted), is_of_app=True)
    if not all(
        Token("", permissions=installation.permissions).may(name, level)
        for name, level in wanted.items()
    ):
        raise Refused(422, "The permissions requested are not granted to this installation.")
    asked = body.get("repositories")
    names = installation.repositories
    if asked is not None:
        wanted_names = {f"{installation.account}/{name}".lower() for name in asked}
        names = frozenset(each for each in names if each.lower() in wanted_names)
        if len(names) != len(asked):
            raise Refused(
                422,
                "There is at least one repository that does not exist or is not accessible to the "
                "parent installation.",
            )
    token.repositories = names
    token.ends_at = datetime.now(UTC) + hub.token_life
    value = f"ghs_{secrets.token_hex(20)}"
    hub.tokens[value] = token
    rows = [
        {"id": found.id, "name": found.name, "full_name": found.full_name,
         "private": found.is_private, "owner": {"login": found.owner, "type": "User"},
         "default_branch": found.default_branch}
        for name in sorted(names) if (found := hub.find(name))
    ]  # fmt: skip
    return 201, "installation-token", {
        "token": value,
        "expires_at": token.ends_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "permissions": {**wanted},
        "repository_selection": "selected",
        "repositories": rows,
    }  # fmt: skip


def _invalid_pull(field: str | None, message: str = "") -> Refused:
    error = {"resource": "PullRequest", "code": "invalid" if field else "custom"}
    error |= {"field": field} if field else {"message": message}
    return Refused(422, "Validation Failed", errors=[error])


def _need_commit(repository: Repository, sha: str) -> None:
    if sha not in repository.objects.commits:
        raise Refused(422, "Object does not exist")


def _is_path(path: str) -> bool:
    parts = path.split("/")
    return all(part not in ("", ".", "..") and part.lower() != ".git" for part in parts)


def _is_branch(name: str) -> bool:
    """https://git-scm.com/docs/git-check-ref-format, as far as it matters here."""
    bad = ("..", "~", "^", ":", "?", "*", "[", "\\", "@{", "//", " ")
    return (
        bool(name)
        and not any(each in name for each in bad)
        and not name.endswith((".", "/", ".lock"))
        and all(part and not part.startswith(".") for part in name.split("/"))
    )


def _ref(name: str, sha: str) -> Json:
    return {"ref": f"refs/{name}", "object": {"type": "commit", "sha": sha}}


def _commit(sha: str, commit: Commit) -> Json:
    def person(each: Any) -> Json:
        at = each.date.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"name": each.name, "email": each.email, "date": at}

    return {
        "sha": sha,
        "author": person(commit.author),
        "committer": person(commit.committer),
        "message": commit.message,
        "tree": {"sha": commit.tree},
        "parents": [{"sha": each} for each in commit.parents],
        "verification": {"verified": False, "reason": "unsigned"},
    }


def _pull(asked: Asked, pull: PullRequest) -> Json:
    repository = asked.repository
    label = {"label": f"{repository.owner}:{pull.head}", "ref": pull.head, "sha": pull.head_sha}
    base = {"label": f"{repository.owner}:{pull.base}", "ref": pull.base, "sha": pull.base_sha}
    return {
        "number": pull.number,
        "state": pull.state,
        "title": pull.title,
        "body": pull.body,
        "head": label,
        "base": base,
        "user": {"login": asked.token.login, "type": "User"},
        "merged_at": "2026-01-02T00:00:00Z" if pull.is_merged else None,
        "html_url": f"{asked.site}/{repository.full_name}/pull/{pull.number}",
    }


# GitHub's ids, what each does, and what a token needs for it.
# https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
OPERATIONS: dict[str, tuple[Callable[[Asked], Answer], str, str]] = {
    "repos/get": (get_repository, "metadata", "read"),
    "git/get-ref": (get_ref, "contents", "read"),
    "git/get-commit": (get_commit, "contents", "read"),
    "git/create-blob": (create_blob, "contents", "write"),
    "git/create-tree": (create_tree, "contents", "write"),
    "git/create-commit": (create_commit, "contents", "write"),
    "git/create-ref": (create_ref, "contents", "write"),
    "git/update-ref": (update_ref, "contents", "write"),
    "pulls/list": (list_pulls, "pull_requests", "read"),
    "pulls/create": (create_pull, "pull_requests", "write"),
}
assert set(ALL) >= {need for _, need, _ in OPERATIONS.values()}
