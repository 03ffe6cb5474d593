"""Whether a token can do what a push needs, tried without leaving a trace in the repository."""

from service.github.errors import GitHubError
from service.github.github_client import Credential, GitHubClient, GitHubRepository
from service.github.github_records import Place, RepositoryFacts
from service.pipelines.pushing.push_refusals import PushRefused
from service.pipelines.pushing.push_targets import PushTarget, check_target

_USE = "use it"
# A file that no branch holds; GitHub clears such away.
_PROBE = b"figma-ai-buddy was here to see whether it may write.\n"


def refuse_unfit(facts: RepositoryFacts, place: Place) -> None:
    """Raises ``GitHubError`` for a repository in which nothing can be pushed."""
    if facts.full_name.lower() != place.full_name.lower():
        raise GitHubError("github_moved", _USE, place.full_name)
    if facts.is_archived:
        raise GitHubError("github_archived", _USE, place.full_name)
    if facts.is_disabled:
        raise GitHubError("github_disabled", _USE, place.full_name)
    if facts.is_fork:
        raise GitHubError("github_fork", _USE, place.full_name)


def check_token(target: PushTarget, client: GitHubClient) -> tuple[PushTarget, str]:
    """Try what a push does, as far as that leaves nothing behind.

    Returns the target, with the repository's own base branch where none was given, and a sentence
    about what the token can do. Raises ``GitHubError`` or ``PushRefused``.
    """
    repository = client.open(target.place, target.credential)
    facts = repository.facts()
    refuse_unfit(facts, target.place)
    if facts.may_push is False and target.credential.installation_id is None:
        raise GitHubError("github_read_only", _USE, target.place.full_name)
    target = PushTarget(
        target.place, target.base or facts.default_branch, target.folder, target.credential
    )
    check_target(target)
    if repository.branch(target.base) is None:
        raise PushRefused("push_base_missing", branch=target.base[:80])
    repository.make_blob(_PROBE)
    _try_pull(repository, target.base)
    return target, _describe(facts, target)


def check_may_write(place: Place, token: str, client: GitHubClient) -> None:
    """Raises ``GitHubError`` unless the account of this token may write to the repository.

    An installation of the App has a number that anybody can guess, so whoever enters it shows once
    that the repository is theirs to write to. The token is not kept.
    """
    facts = client.open(place, Credential(token)).facts()
    refuse_unfit(facts, place)
    if not facts.may_push:
        raise GitHubError("github_read_only", _USE, place.full_name)


def _try_pull(repository: GitHubRepository, base: str) -> None:
    """Ask for a pull request from the base to itself. There is nothing in it, so GitHub rejects it;
    but it says first if the token may not open any."""
    try:
        repository.make_pull("May the buddy open pull requests?", base, base, "")
    except GitHubError as error:
        if error.code != "github_rejected":
            raise


def _describe(facts: RepositoryFacts, target: PushTarget) -> str:
    kind = "private" if facts.is_private else "public"
    told = (
        f"It works: in the {kind} repository {facts.full_name} the buddy can make branches of its "
        f"own and open pull requests into {target.base}."
    )
    if target.credential.installation_id is not None:
        return f"{told} Its App's tokens are for this repository alone and end within the hour."
    if facts.scopes is not None:
        told += (
            " But this is a classic token, which reaches every repository of its account: "
            "a fine-grained one for this repository alone is safer."
        )
    if facts.token_ends_at:
        told += f" The token ends on {facts.token_ends_at}."
    return told
