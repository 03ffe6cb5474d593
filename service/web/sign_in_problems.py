"""Pages for the problems of Figma's sign-in.

``goal``: where the sign-in was to lead. Trying again keeps it.
"""

from flask import Response

from service.figma.errors import FigmaError, describe_wait
from service.web.message_pages import NOWHERE, Goal, message_page, sign_in_action


def _try_again(goal: Goal = NOWHERE) -> tuple[str, str]:
    return sign_in_action("Try again", goal)


def declined(goal: Goal) -> Response:
    return message_page(
        "You did not connect Figma",
        "Figma told us that access was declined, so nothing was stored and nothing was changed.",
        next_step="Without the connection the buddy cannot read the comment you address to it or "
        "reply in its thread. You can take it back at any time on your account page.",
        action=_try_again(goal),
        status=403,
    )


def refused(error: str, goal: Goal) -> Response:
    return message_page(
        "Figma did not start the sign-in",
        f"Figma answered “{error[:80]}” instead of asking for your consent.",
        next_step="Try again. If it stays, the buddy's registration at Figma has to be checked by "
        "support.",
        action=_try_again(goal),
        status=400,
    )


def foreign_state() -> Response:
    return message_page(
        "This sign-in is no longer valid",
        "It was started more than 10 minutes ago, in another browser, or has been used already. "
        "For your safety each sign-in works once, and only where it began.",
        next_step="Start again, from the plugin if you came from one, and stay in this browser "
        "until you are back here.",
        action=_try_again(),
        status=400,
    )


def no_code(goal: Goal) -> Response:
    return message_page(
        "Figma sent you back without a code",
        "The address you came back with is incomplete, so we cannot tell that Figma agreed.",
        next_step="Start again from here rather than from a bookmark or a copied address.",
        action=_try_again(goal),
        status=400,
    )


def other_person(goal: Goal) -> Response:
    return message_page(
        "Figma's answers do not fit together",
        "Figma named two different accounts for this sign-in, so we stopped.",
        next_step="Start again. If you use several Figma accounts, sign out of the others first.",
        action=_try_again(goal),
        status=502,
    )


def from_figma(error: FigmaError, goal: Goal) -> Response:
    """The code could not be exchanged, or the first read of the account failed."""
    response = _page_for(error, goal)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(max(1, error.retry_after))
    return response


def _page_for(error: FigmaError, goal: Goal) -> Response:
    if error.code == "rate_limited":
        return message_page(
            "Figma is asking us to wait",
            "There were too many sign-ins or calls for this account in a short time.",
            next_step=f"Try again {describe_wait(error.retry_after)}.",
            action=_try_again(goal),
            status=429,
            tone="waiting",
        )
    if error.code in ("figma_down", "timeout"):
        took = "took too long to answer" if error.code == "timeout" else "cannot be reached"
        return message_page(
            "Figma is not answering",
            f"Figma {took} while we were signing you in. Nothing is wrong with your account.",
            next_step="Try again in a few minutes.",
            action=_try_again(goal),
            status=504 if error.code == "timeout" else 503,
            tone="waiting",
        )
    if error.code == "scope_missing":
        return message_page(
            "One permission is missing",
            f"Figma connected you, but without the permission {error.scope or 'we asked for'}. "
            "The buddy needs it to know who you are and to answer in your files.",
            next_step="Try again and allow everything on Figma's page.",
            action=_try_again(goal),
            status=403,
        )
    if error.code == "bad_request":
        return message_page(
            "The sign-in took too long",
            "Figma gives us 30 seconds to complete a sign-in, and each works only once. "
            "This one had run out or had been used already.",
            next_step="Try again; it usually works at once.",
            action=_try_again(goal),
            status=400,
        )
    return message_page(
        "Figma did not complete the sign-in",
        "Figma refused to finish it. The reason is on our side or on Figma's, not on yours.",
        next_step="Try again. If it stays, the buddy's registration at Figma has to be checked by "
        "support.",
        action=_try_again(goal),
        status=502,
    )
