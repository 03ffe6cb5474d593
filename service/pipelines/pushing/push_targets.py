"""Where a team's components go: its repository, base branch and folder, and how to sign in."""

import re
from dataclasses import dataclass

from service.github.github_client import OWN_BRANCHES, Credential
from service.github.github_records import Place
from service.pipelines.pushing.push_paths import check_folder
from service.pipelines.pushing.push_refusals import PushRefused
from service.secrets.encryption import UnreadableSecret, Vault
from service.store.target_records import SealedTarget

# https://docs.github.com/en/repositories/creating-and-managing-repositories/repository-limits
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")
_NAME = re.compile(r"(?!\.\.?$)(?!.*\.git$)[A-Za-z0-9_.-]{1,100}")
_BRANCH = re.compile(
    r"(?!.*(?:\.\.|//|\.lock(?:/|$)|@\{|/\.))[A-Za-z0-9_][\w.@+/-]{0,199}", re.ASCII
)
_LINK = re.compile(r"https?://(?:www\.)?github\.com/([^/\s]+)/([^/\s?#]+?)(?:\.git)?/?(?:[?#].*)?")


@dataclass(frozen=True)
class PushTarget:
    """A setting, ready for use. The credential is in no text about it."""

    place: Place
    base: str
    folder: str
    credential: Credential


def open_target(sealed: SealedTarget, vault: Vault) -> PushTarget:
    """The stored setting with its token opened. Raises ``PushRefused``."""
    if sealed.is_setter_gone:
        raise PushRefused("push_setter_gone")
    token = None
    if sealed.token_encrypted is not None:
        try:
            token = vault.decrypt(sealed.token_encrypted)
        except UnreadableSecret:
            raise PushRefused("push_token_unreadable") from None
    place = read_repository(sealed.repository)
    if place is None:
        raise PushRefused("push_target_unfit", part="repository")
    credential = Credential(token, sealed.installation_id)
    return PushTarget(place, sealed.base_branch, sealed.folder, credential)


def check_target(target: PushTarget) -> None:
    """Raises ``PushRefused`` if the base branch or the folder cannot be used."""
    if _is_own(target.base):
        raise PushRefused("push_base_own")
    if not is_base(target.base):
        raise PushRefused("push_base_unfit")
    check_folder(target.folder)


def read_repository(text: str) -> Place | None:
    """A repository from owner/name, or from the address of its page. None: it is neither."""
    text = text.strip()
    link = _LINK.fullmatch(text)
    owner, _, name = (f"{link[1]}/{link[2]}" if link else text).partition("/")
    if _OWNER.fullmatch(owner) and _NAME.fullmatch(name):
        return Place(owner, name)
    return None


def is_base(branch: str) -> bool:
    """Whether this may be the branch that pull requests go to. The buddy's own are none."""
    is_name = _BRANCH.fullmatch(branch) is not None and not branch.endswith((".", "/"))
    return is_name and not _is_own(branch)


def _is_own(branch: str) -> bool:
    return f"{branch.casefold()}/".startswith(OWN_BRANCHES)


def read_folder(text: str) -> str:
    """A folder as people type it, without a slash at its end; "/" is the root, as ""."""
    return text.strip().removeprefix("./").removesuffix("/")
