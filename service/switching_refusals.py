"""Figma's refusals to set up a webhook, as sentences a designer understands.

Who may, and how many: https://developers.figma.com/docs/rest-api/webhooks/
"""

from dataclasses import dataclass
from typing import Self

from service.database import Json
from service.errors import Conflict, Forbidden, NotFound, ServiceError
from service.figma.errors import FigmaError
from service.figma.records import Context

SLOTS: dict[Context, int] = {"team": 20, "project": 5, "file": 3}


@dataclass(frozen=True)
class Place:
    """Where the buddy shall work, and the person's role there if Figma told it."""

    context: Context
    id: str
    label: str
    role: str | None = None

    @classmethod
    def of(cls, row: Json) -> Self:
        return cls(row["context"], row["context_id"], row["label"])


def no_edit_right() -> ServiceError:
    return Forbidden(
        "You can view this file but not edit it, and Figma lets only editors switch the buddy on. "
        "Ask the file's owner for edit access, or ask an editor to switch it on.",
        code="cannot_edit",
    )


def explain(error: FigmaError, place: Place, slots_used: int = 0) -> ServiceError:
    """What Figma's refusal means in this place; other failures keep their own sentence."""
    if error.code == "not_found":
        return _not_found(place)
    if error.code == "bad_request":
        return _slots(place, slots_used)
    if error.code == "forbidden":
        return _forbidden(place)
    return error


def _not_found(place: Place) -> ServiceError:
    return NotFound(
        f"Figma shows no such {place.context} to your account. Check the link, and that the "
        f"{place.context} is shared with you.",
        code=f"{place.context}_not_found",
    )


def _slots(place: Place, slots_used: int) -> ServiceError:
    limit = SLOTS[place.context]
    if slots_used >= limit:
        sentence = (
            f"Figma allows {limit} webhooks for one {place.context}, and all are in use, by other "
            "apps too. Remove one that is no longer needed"
        )
    else:
        sentence = (
            f"Figma takes no more webhooks for this {place.context}: its plan has used up all it "
            "may have. Remove one that is no longer needed"
        )
    other = "a team" if place.context == "file" else "a single file"
    sentence += f", or switch the buddy on for {other} instead."
    return Conflict(sentence, code="slots_used_up")


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
