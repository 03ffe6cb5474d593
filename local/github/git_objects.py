"""Git's objects in memory, with the ids that git computes.

https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@dataclass(frozen=True)
class Entry:
    """A file of a tree: its mode ("100644" …) and the id of its content."""

    mode: str
    sha: str


@dataclass(frozen=True)
class Person:
    name: str
    email: str
    date: datetime

    def __str__(self) -> str:
        return f"{self.name} <{self.email}> {int(self.date.timestamp())} +0000"


@dataclass(frozen=True)
class Commit:
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str

    def to_bytes(self) -> bytes:
        lines = [f"tree {self.tree}", *(f"parent {each}" for each in self.parents)]
        lines += [f"author {self.author}", f"committer {self.committer}", "", self.message]
        return "\n".join(lines).encode()


@dataclass
class Objects:
    """Everything that was ever written, by id. Trees are kept as flat files by path."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    trees: dict[str, dict[str, Entry]] = field(default_factory=lambda: {EMPTY_TREE: {}})
    commits: dict[str, Commit] = field(default_factory=dict)

    def add_blob(self, content: bytes) -> str:
        sha = object_id("blob", content)
        self.blobs[sha] = content
        return sha

    def add_tree(self, base: str | None, changes: dict[str, Entry]) -> str:
        files = dict(self.trees[base]) if base else {}
        for path in changes:
            # A file takes the place of a folder of that name, and the other way round.
            for other in [each for each in files if _is_in_way(each, path)]:
                del files[other]
        files |= changes
        sha = _tree_id(files)
        self.trees[sha] = files
        return sha

    def add_commit(self, commit: Commit) -> str:
        sha = object_id("commit", commit.to_bytes())
        self.commits[sha] = commit
        return sha

    def is_ancestor(self, older: str, newer: str) -> bool:
        waiting = [newer]
        while waiting:
            sha = waiting.pop()
            if sha == older:
                return True
            waiting += self.commits[sha].parents
        return False

    def files(self, commit: str) -> dict[str, bytes]:
        """The contents at a commit, by path."""
        tree = self.trees[self.commits[commit].tree]
        return {path: self.blobs[entry.sha] for path, entry in tree.items()}


def object_id(kind: str, content: bytes) -> str:
    header = f"{kind} {len(content)}\0".encode()
    return hashlib.sha1(header + content, usedforsecurity=False).hexdigest()


def _is_in_way(other: str, path: str) -> bool:
    return other.startswith(f"{path}/") or path.startswith(f"{other}/")


def _tree_id(files: dict[str, Entry]) -> str:
    """The id of a folder, from the files below it."""
    folders: dict[str, dict[str, Entry]] = {}
    entries: list[tuple[str, Entry]] = []
    for path, entry in files.items():
        name, slash, rest = path.partition("/")
        if slash:
            folders.setdefault(name, {})[rest] = entry
        else:
            entries.append((name, entry))
    entries += [(name, Entry("40000", _tree_id(below))) for name, below in folders.items()]
    # Git sorts a folder as if its name ended with a slash.
    entries.sort(key=lambda each: f"{each[0]}/".encode() if each[1].mode == "40000"
                 else each[0].encode())  # fmt: skip
    return object_id(
        "tree", b"".join(_tree_entry(name, entry.mode, entry.sha) for name, entry in entries)
    )


def _tree_entry(name: str, mode: str, sha: str) -> bytes:
    return f"{mode} {name}\0".encode() + bytes.fromhex(sha)


def person_from(given: dict[str, Any], now: datetime) -> Person:
    """Author or committer of a request. GitHub takes the time of the call where none is given."""
    date = given.get("date")
    at = datetime.fromisoformat(date) if isinstance(date, str) else now
    return Person(str(given.get("name", "")), str(given.get("email", "")), at)
