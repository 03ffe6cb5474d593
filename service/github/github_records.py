"""What GitHub answers, read once into small records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self


@dataclass(frozen=True)
class Place:
    """A repository by its name, as people write it: owner/name."""

    owner: str
    name: str

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True)
class RepositoryFacts:
    """What a repository is, and whether the token's account may write there.

    ``scopes`` and ``token_ends_at`` are about the token, as GitHub's headers tell: only classic
    tokens have scopes.
    """

    full_name: str
    default_branch: str
    is_private: bool
    is_fork: bool
    is_archived: bool
    is_disabled: bool
    may_push: bool | None
    may_administer: bool
    scopes: tuple[str, ...] | None = None
    token_ends_at: str = ""

    @classmethod
    def from_json(cls, body: Any, headers: Mapping[str, str]) -> Self:
        may = body.get("permissions")
        scopes = headers.get("x-oauth-scopes")
        return cls(
            full_name=_text(body["full_name"]),
            default_branch=_text(body["default_branch"]),
            is_private=body["private"] is True,
            is_fork=body["fork"] is True,
            is_archived=body["archived"] is True,
            is_disabled=body["disabled"] is True,
            may_push=None if may is None else may.get("push") is True,
            may_administer=may is not None and may.get("admin") is True,
            scopes=None if scopes is None else tuple(scopes.replace(",", " ").split()),
            token_ends_at=headers.get("github-authentication-token-expiration", "")[:10],
        )


@dataclass(frozen=True)
class CommitFacts:
    sha: str
    tree: str
    message: str

    @classmethod
    def from_json(cls, body: Any, _headers: Mapping[str, str]) -> Self:
        return cls(_sha(body["sha"]), _sha(body["tree"]["sha"]), _text(body["message"]))


@dataclass(frozen=True)
class PullRequestFacts:
    number: int
    url: str
    is_open: bool
    head_sha: str

    @classmethod
    def from_json(cls, body: Any, _headers: Mapping[str, str]) -> Self:
        url = _text(body["html_url"])
        if not url.startswith(("https://", "http://")):
            raise ValueError("no address of a page")
        return cls(int(body["number"]), url, body["state"] == "open", _sha(body["head"]["sha"]))


@dataclass(frozen=True)
class InstallationToken:
    """A token of the App for one repository, and until when it holds."""

    value: str = field(repr=False)
    ends_at: datetime
    repositories: tuple[str, ...]

    @classmethod
    def from_json(cls, body: Any, _headers: Mapping[str, str]) -> Self:
        return cls(
            _text(body["token"]),
            datetime.fromisoformat(body["expires_at"]),
            tuple(_text(each["full_name"]) for each in body.get("repositories", [])),
        )


def read_sha(body: Any, _headers: Mapping[str, str]) -> str:
    """The id of what was made: a blob, a tree or a commit."""
    return _sha(body["sha"])


def read_ref(body: Any, _headers: Mapping[str, str]) -> str:
    """The commit that a branch points to."""
    if body["object"]["type"] != "commit":
        raise ValueError("no branch")
    return _sha(body["object"]["sha"])


def read_pulls(body: Any, headers: Mapping[str, str]) -> list[PullRequestFacts]:
    return [PullRequestFacts.from_json(each, headers) for each in body]


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def _sha(value: Any) -> str:
    text = _text(value)
    # 40 letters, or 64 where a repository uses SHA-256.
    if len(text) not in (40, 64) or not all(each in "0123456789abcdef" for each in text):
        raise ValueError("no object id")
    return text
