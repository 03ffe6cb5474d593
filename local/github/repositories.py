"""What GitHub knows: repositories, who may do what in them, and the App with its installations."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from local.github.git_objects import Commit, Entry, Objects, Person

ALL = {"metadata": "read", "contents": "write", "pull_requests": "write"}
_FIRST = Person("Demo", "demo@example.com", datetime(2026, 1, 1, tzinfo=UTC))


@dataclass
class PullRequest:
    number: int
    title: str
    body: str
    head: str
    base: str
    head_sha: str
    base_sha: str
    state: str = "open"
    is_merged: bool = False


@dataclass
class Repository:
    """One repository; ``refs`` are the heads of its branches, by name."""

    owner: str
    name: str
    id: int
    default_branch: str = "main"
    is_private: bool = True
    is_fork: bool = False
    is_archived: bool = False
    is_disabled: bool = False
    # Beginnings of branches that rules protect from being made.
    closed_branches: tuple[str, ...] = ()
    objects: Objects = field(default_factory=Objects)
    refs: dict[str, str] = field(default_factory=dict)
    pulls: list[PullRequest] = field(default_factory=list)

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def commit(self, branch: str, files: dict[str, str], message: str = "A change") -> str:
        """Commit as a person would; returns the commit's id."""
        parents = (self.refs[branch],) if branch in self.refs else ()
        base = self.objects.commits[parents[0]].tree if parents else None
        changes = {
            path: Entry("100644", self.objects.add_blob(text.encode()))
            for path, text in files.items()
        }
        tree = self.objects.add_tree(base, changes)
        sha = self.objects.add_commit(Commit(tree, parents, _FIRST, _FIRST, message))
        self.refs[branch] = sha
        return sha

    def merge(self, pull: PullRequest) -> None:
        """Merge as its owner would, and delete the branch."""
        self.refs[pull.base] = self.refs.pop(pull.head)
        pull.state, pull.is_merged = "closed", True


@dataclass
class Token:
    """What a token may do, and in which repositories (None: in all that the login owns)."""

    login: str
    repositories: frozenset[str] | None = None
    permissions: dict[str, str] = field(default_factory=lambda: dict(ALL))
    ends_at: datetime | None = None
    # Of a classic token; sent as X-OAuth-Scopes.
    scopes: str | None = None
    # Whether the person behind it may write.
    is_writer: bool = True
    is_of_app: bool = False

    def may(self, permission: str, level: str) -> bool:
        given = self.permissions.get(permission)
        return given == "write" or (given == "read" and level == "read")

    def reaches(self, repository: Repository) -> bool:
        if self.repositories is None:
            return repository.owner == self.login
        return repository.full_name in self.repositories

    def headers(self) -> dict[str, str]:
        """What GitHub tells of a token with each answer."""
        told = {}
        if self.scopes is not None:
            told["x-oauth-scopes"] = self.scopes
        if self.ends_at is not None and not self.is_of_app:
            told["github-authentication-token-expiration"] = f"{self.ends_at:%Y-%m-%d %H:%M:%S} UTC"
        return told

    def is_over(self) -> bool:
        return self.ends_at is not None and datetime.now(UTC) >= self.ends_at


@dataclass
class Installation:
    """The App on one account: its repositories, and what it was granted there."""

    account: str
    repositories: frozenset[str]
    permissions: dict[str, str] = field(default_factory=lambda: dict(ALL))


@dataclass
class Hub:
    """All of it. ``token_life`` is how long an installation's token lives: an hour at GitHub."""

    repositories: dict[str, Repository] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    # Old name to new name.
    renamed: dict[str, str] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    app_id: str = ""
    app_key: RSAPublicKey | None = None
    token_life: timedelta = timedelta(hours=1)

    def add(self, full_name: str, **more: object) -> Repository:
        """A repository with a first commit on its default branch."""
        owner, name = full_name.split("/")
        made = Repository(owner, name, len(self.repositories) + 1, **more)  # type: ignore[arg-type]
        self.repositories[full_name.lower()] = made
        made.commit(made.default_branch, {"README.md": f"# {name}\n"}, "First commit")
        return made

    def add_empty(self, full_name: str) -> Repository:
        made = self.add(full_name)
        made.refs.clear()
        return made

    def find(self, full_name: str) -> Repository | None:
        return self.repositories.get(full_name.lower())


def demo_hub() -> Hub:
    """What `make run` begins with."""
    hub = Hub()
    made = hub.add(DEMO_REPOSITORY)
    made.commit("main", {"package.json": '{"name": "design-system"}\n'}, "Set up")
    hub.tokens[DEMO_TOKEN] = Token("demo")
    return hub


DEMO_REPOSITORY = "demo/design-system"
DEMO_TOKEN = "github_pat_demo_for_local_runs_only"
