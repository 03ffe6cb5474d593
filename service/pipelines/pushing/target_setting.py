"""Setting where components go: tried at GitHub first, then stored with its token sealed."""

from dataclasses import dataclass, field

from service.errors import Unprocessable
from service.github.github_client import Credential, GitHubClient
from service.pipelines.pushing.push_targets import PushTarget, read_folder, read_repository
from service.pipelines.pushing.target_checks import check_may_write, check_token
from service.secrets.encryption import Vault
from service.store.database import Database
from service.store.target_records import ShownTarget


@dataclass(frozen=True)
class GivenTarget:
    """What a person enters. ``base_branch`` "": the repository's own.

    With an installation of the App the token only shows once that the person may write to the
    repository, and is not kept.
    """

    repository: str
    base_branch: str
    folder: str
    token: str = field(repr=False)
    installation_id: int | None = None


class UnfitRepository(Unprocessable):
    code = "repository_unfit"


def set_target(
    given: GivenTarget, user_id: str, database: Database, vault: Vault, client: GitHubClient
) -> tuple[ShownTarget, str]:
    """Try a setting and store it for the person's team, or for a person without one.

    Returns it, and a sentence about what the token can do. Raises ``ServiceError``; then nothing
    is changed.
    """
    place = read_repository(given.repository)
    if place is None:
        raise UnfitRepository(
            "A repository is named owner/name, as in the address of its page at GitHub. Copy it "
            "from there."
        )
    credential = Credential(given.token)
    if given.installation_id is not None:
        check_may_write(place, given.token, client)
        credential = Credential(installation_id=given.installation_id)
    folder = read_folder(given.folder)
    wanted = PushTarget(place, given.base_branch.strip(), folder, credential)
    target, told = check_token(wanted, client)
    is_token = given.installation_id is None
    shown = database.set_target(
        user_id,
        place.full_name,
        target.base,
        target.folder,
        vault.encrypt(given.token.strip()) if is_token else None,
        given.installation_id,
    )
    return shown, told
