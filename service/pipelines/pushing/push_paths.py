"""Which files may be pushed, and to where: by what is allowed, not by what is known to be bad."""

import re
from collections.abc import Mapping

from service.pipelines.pushing.push_refusals import PushCode, PushRefused

# A component has some ten files. GitHub refuses a request of more than about 40 MB.
MOST_FILES = 200
MOST_BYTES = 20_000_000
MOST_PATH_CHARS = 400
_SEGMENT = re.compile(r"[\w@+()\[\] .-]{1,120}")
# Git on Windows takes these for .git (CVE-2014-9390, CVE-2019-1352).
_SHORT_NAMES = re.compile(r"git~\d+")
# https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def place_files(files: Mapping[str, str | bytes], folder: str) -> dict[str, str | bytes]:
    """The files by their path in the repository, within ``folder`` ("": its root).

    Raises ``PushRefused``.
    """
    if not files:
        raise PushRefused("push_no_files")
    if len(files) > MOST_FILES or sum(map(_size, files.values())) > MOST_BYTES:
        raise PushRefused("push_too_much")
    check_folder(folder)
    placed = {f"{folder}/{path}" if folder else path: files[path] for path in sorted(files)}
    for path in files:
        if not is_path(path):
            raise PushRefused("push_path_refused", path=_shown(path))
    for path in placed:
        if len(path) > MOST_PATH_CHARS:
            raise PushRefused("push_path_refused", path=_shown(path))
    _refuse_clashes(placed)
    return placed


def check_folder(folder: str) -> None:
    """Raises ``PushRefused``, which says what is wrong, unless this may be a team's folder; "" is
    the root of the repository."""
    code = _folder_problem(folder) if folder else None
    if code:
        raise PushRefused(code)


def _folder_problem(folder: str) -> PushCode | None:
    parts = folder.split("/")
    if folder.startswith(("/", "\\", "~")) or re.match("[A-Za-z]:", folder):
        return "push_folder_absolute"
    if any(part in (".", "..") for part in parts):
        return "push_folder_outside"
    if any(_is_gits(part.casefold()) for part in parts):
        return "push_folder_acted_upon"
    fits = is_path(folder) and len(folder) <= MOST_PATH_CHARS // 2
    return None if fits else "push_folder_unfit"


def is_path(path: str) -> bool:
    """Whether it is a relative path of plain names, none of which git or GitHub act upon."""
    return bool(path) and all(map(_is_segment, path.split("/")))


def _is_segment(name: str) -> bool:
    lower = name.casefold()
    return (
        _SEGMENT.fullmatch(name) is not None
        # ".", "..", and names that Windows would shorten to another one.
        and not name.endswith((".", " "))
        and not name.startswith(" ")
        and not _is_gits(lower)
        and _DEVICES.fullmatch(lower) is None
    )


def _is_gits(lower: str) -> bool:
    """.git, .github, .gitmodules, .gitattributes, .gitlab-ci.yml …"""
    return lower.startswith(".git") or _SHORT_NAMES.fullmatch(lower) is not None


def _refuse_clashes(placed: Mapping[str, object]) -> None:
    """Two files that are one on a Mac or on Windows, or a file where another needs a folder."""
    seen: set[str] = set()
    for path in placed:
        lower = path.casefold()
        if lower in seen:
            raise PushRefused("push_path_refused", path=_shown(path))
        seen.add(lower)
    for path in placed:
        parts = path.casefold().split("/")
        if any("/".join(parts[:count]) in seen for count in range(1, len(parts))):
            raise PushRefused("push_path_refused", path=_shown(path))


def _shown(path: str) -> str:
    return repr(path[:80])


def _size(content: str | bytes) -> int:
    return len(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
