"""Figma's refusals to set up or change a webhook, as sentences a designer understands.

Who may, and how many: https://developers.figma.com/docs/rest-api/webhooks/
"""

from dataclasses import dataclass
from typing import Self

from service.errors import Conflict, Forbidden, NotFound, ServiceError
from service.figma.errors import FigmaError
from service.figma.records import Context
from service.sentences import sentence
from service.store.webhook_records import UserWebhook

SLOTS: dict[Context, int] = {"team": 20, "project": 5, "file": 3}
_DEAD_CONNECTION = "it no longer accepts the buddy's connection to your account"
# By error code. The text follows "Figma did not let us …, because".
_CAUSES = {
    "rate_limited": "it allows your account no more calls for now",
    "forbidden": "your account may not change webhooks there",
    "scope_missing": "its connection to your account does not allow that",
    "figma_sign_in_needed": _DEAD_CONNECTION,
    "token_invalid": _DEAD_CONNECTION,
    "token_expired": _DEAD_CONNECTION,
}


@dataclass(frozen=True)
class Place:
    """Where the buddy is to work, and the person's role there if Figma gave it."""

    context: Context
    id: str
    label: str
    role: str | None = None

    @classmethod
    def of(cls, row: UserWebhook) -> Self:
        return cls(row.context, row.context_id, row.label)


def no_edit_right() -> ServiceError:
    return Forbidden(
        "You can view this file but not edit it, and Figma lets only editors switch the buddy on. "
        "Ask the file's owner for edit access, or ask an editor to switch it on.",
        code="cannot_edit",
    )


def paused_by_operator() -> ServiceError:
    """The database refuses this with the same sentence."""
    return Conflict(sentence("paused_by_operator"), code="paused_by_operator")


def gone_at_figma() -> ServiceError:
    """Gone, or not accessible: Figma gives the same answer for both."""
    return NotFound(
        "Figma shows your account no webhook there any more: it was removed, or you may no longer "
        "edit there. Paste the link again to switch the buddy on anew.",
        code="gone_at_figma",
    )


def describe_cause(error: ServiceError) -> str:
    """Why Figma refused, as text after "because"."""
    return _CAUSES.get(error.code, "it has trouble just now")


def paused_here_alone(label: str, error: ServiceError) -> str:
    return (
        f"Paused in {label}: the buddy answers nobody there any more. "
        f"{_describe_refusal('pause', error)} What it still sends is ignored."
    )


def removed_here_alone(label: str, error: ServiceError, is_tried: bool) -> str:
    after = "We go on trying for seven days." if is_tried else "What it still sends is ignored."
    return (
        f"The buddy is no longer on in {label}: it answers nobody there. "
        f"{_describe_refusal('remove', error)} {after}"
    )


def _describe_refusal(action: str, error: ServiceError) -> str:
    if error.code == "not_found":
        return (
            "Figma shows your account no such webhook any more: it is gone, or you may no longer "
            "edit there."
        )
    return f"Figma did not let us {action} its webhook too, because {describe_cause(error)}."


def not_public(webhook_url: str) -> ServiceError:
    """Figma could not reach our address, so it is not asked at all. This happens in a local run
    with a real Figma app."""
    return Conflict(
        f"Figma cannot reach this service at {webhook_url}, so the buddy would never hear of a "
        "comment. Set WEBHOOK_URL to a public https address that leads here (a tunnel gives one), "
        "then start it again.",
        code="webhook_url_not_public",
    )


def explain(error: FigmaError, place: Place) -> ServiceError:
    """What Figma's refusal means for this place. Other failures keep their own sentence."""
    if error.code == "not_found":
        return _not_found(place)
    if error.code == "forbidden":
        return _forbidden(place)
    return error


def explain_creation(
    error: FigmaError, place: Place, slots_used: int, webhook_url: str
) -> ServiceError:
    """The same for creating a webhook. ``slots_used``: how many webhooks this place had before.

    Figma publishes its limits, but not its response beyond them. So a 400 alone proves nothing.
    """
    if error.code != "bad_request":
        return explain(error, place)
    if slots_used >= SLOTS[place.context]:
        return _slots(place)
    return _not_taken(place, webhook_url)


def _not_found(place: Place) -> ServiceError:
    return NotFound(
        f"Figma shows no such {place.context} to your account. Check the link, and that the "
        f"{place.context} is shared with you.",
        code=f"{place.context}_not_found",
    )


def _slots(place: Place) -> ServiceError:
    return Conflict(
        f"Figma allows {SLOTS[place.context]} webhooks for one {place.context}, and all are in "
        "use, by other apps too. Remove one that is no longer needed, or switch the buddy on for "
        f"{_elsewhere(place)} instead.",
        code="slots_used_up",
    )


def _not_taken(place: Place, webhook_url: str) -> ServiceError:
    # A plan's limit over all its files: Professional 150, Organization 300, Enterprise 600.
    address = f"Figma does not take the buddy's address, {webhook_url}"
    if place.context == "file":
        causes = (
            f"Either its plan has no webhook left for single files (then switch the buddy on for "
            f"{_elsewhere(place)} instead), or {address}: tell support if it stays so."
        )
    else:
        causes = f"It may be that {address}: tell support if it stays so."
    return Conflict(
        f"Figma refused a webhook for this {place.context}. {causes}", code="webhook_refused"
    )


def _elsewhere(place: Place) -> str:
    return "a team" if place.context == "file" else "a single file"


def _forbidden(place: Place) -> ServiceError:
    if place.context == "team":
        return Forbidden(
            "Figma lets only an admin of the team switch the buddy on for the whole team, and not "
            "for teams on the free Starter plan. Ask a team admin, or paste the link of a file "
            "that you can edit.",
            code="not_team_admin",
        )
    if place.role in ("owner", "editor"):
        return Forbidden(
            "You can edit this file, but Figma refuses. That is so for files on the free Starter "
            "plan, for which Figma offers no webhooks. Move the file to a team on a paid plan, "
            "then try again.",
            code="starter_plan",
        )
    if place.context == "project":
        return Forbidden(
            "Figma lets only people who can edit the project switch the buddy on there, and not "
            "on the free Starter plan. Ask for edit access, or paste the link of a file that you "
            "can edit.",
            code="cannot_edit",
        )
    return no_edit_right()
