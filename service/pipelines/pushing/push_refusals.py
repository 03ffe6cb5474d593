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
    "push_folder_absolute",
    "push_folder_outside",
    "push_folder_acted_upon",
    "push_folder_unfit",
    "push_base_own",
    "push_base_unfit",
    "push_base_missing",
    "push_token_unreadable",
    "push_setter_gone",
    "push_branch_changed",
]
_FOLDER = "Enter one such as src/components, or leave it empty for the root of the repository."
# What is wrong with a folder or a branch, and what is allowed.
PLACES: Mapping[str, str] = {
    "push_folder_absolute": (
        f"The folder is counted from the root of the repository, no slash before it. {_FOLDER}"
    ),
    "push_folder_outside": f"The folder has a . or .. in it, and must stay where it is. {_FOLDER}",
    "push_folder_acted_upon": (
        "Nothing is pushed into a folder that git or GitHub act upon, such as .github or .git. "
        f"{_FOLDER}"
    ),
    "push_folder_unfit": (
        "The names in a folder have letters, digits, spaces and @ + ( ) [ ] . _ - alone, no dot or "
        f"space at their end, and are none that Windows keeps for devices. {_FOLDER}"
    ),
    "push_base_own": (
        "Branches that begin with buddy/ are the buddy's own, so pull requests go to none of "
        "them. Enter another, such as main, or leave it empty for the repository's default."
    ),
    "push_base_unfit": (
        "The branch for pull requests has letters, digits and . _ - + @ / alone, as in main or "
        "release/2.x. Leave it empty for the repository's default."
    ),
    "push_base_missing": (
        "The repository has no branch {branch} that the token can see. Enter the name of one that "
        "is there, or leave it empty for the repository's default."
    ),
}
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
    **PLACES,
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
