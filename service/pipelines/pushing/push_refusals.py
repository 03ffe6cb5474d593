"""What is not pushed, and why, before anything is asked of GitHub."""

from collections.abc import Mapping
from typing import Literal

from service.errors import ServiceError
from service.github.errors import github_sentence

PushCode = Literal[
    "push_path_refused",
    "push_too_much",
    "push_no_files",
    "push_target_unfit",
    "push_token_unreadable",
    "push_setter_gone",
    "push_branch_changed",
]
_SENTENCES: Mapping[str, str] = {
    "push_path_refused": (
        "The file {path} may not be pushed: a path stays within its folder, uses plain letters, "
        "and is nothing that git or GitHub act upon, such as .github."
    ),
    "push_too_much": "There are too many or too large files for one push.",
    "push_no_files": "There is no file to push.",
    "push_target_unfit": (
        "The {part} of the GitHub setting cannot be used. Set it anew on the Build page."
    ),
    "push_token_unreadable": (
        "The stored GitHub token cannot be read any more. Enter a token anew on the Build page."
    ),
    "push_setter_gone": (
        "Whoever entered the GitHub token has left the team, so it is no longer used. "
        "Enter another one on the Build page."
    ),
    "push_branch_changed": (
        "Somebody else has committed to the branch {branch}, so the buddy leaves it alone. "
        "Merge or delete the branch, or download the component instead."
    ),
}


class PushRefused(ServiceError):
    """A push that is not made. No retry helps."""

    status = 422
    permanent = True

    def __init__(self, code: PushCode, **parameters: str):
        super().__init__(_SENTENCES[code].format(**parameters), code=code)
        self.parameters = parameters


def push_sentence(code: str, parameters: Mapping[str, str]) -> str | None:
    """The sentence of a failed push by its code and parameters, GitHub's errors included; None: no
    code of these."""
    words = _SENTENCES.get(code)
    if words is None:
        return github_sentence(code, parameters)
    return words.format(**{"path": "…", "part": "…", "branch": "…", **parameters})
