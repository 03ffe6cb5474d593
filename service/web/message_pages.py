"""Plain pages that tell a person what happened, why, and what to do next."""

from flask import Response, make_response, render_template

from service.errors import (
    Forbidden,
    NotFound,
    ServiceError,
    SignInNeeded,
    TooManyRequests,
    Unavailable,
)

HOME = ("Go to the start page", "/")


def sign_in_action(words: str = "Sign in with Figma", plugin: str = "") -> tuple[str, str]:
    """A link to Figma's sign-in. With a challenge, the sign-in continues with that plugin."""
    return words, "/api/auth/figma-oauth" + (f"?plugin={plugin}" if plugin else "")


def message_page(
    title: str,
    happened: str,
    *,
    next_step: str = "",
    action: tuple[str, str] = HOME,
    status: int = 200,
    tone: str = "problem",
) -> Response:
    """``tone`` is problem, waiting or good: it only changes the picture."""
    page = render_template(
        "message.html",
        title=title,
        happened=happened,
        next_step=next_step,
        action=action,
        tone=tone,
    )
    response = make_response(page, status)
    return response


def page_for_error(error: ServiceError) -> Response:
    """A page for an error that has no page of its own."""
    titles: tuple[tuple[type[ServiceError], str, tuple[str, str]], ...] = (
        (SignInNeeded, "Please sign in", sign_in_action()),
        (Forbidden, "This is not allowed", HOME),
        (NotFound, "There is nothing here", HOME),
        (TooManyRequests, "A little slower, please", HOME),
        (Unavailable, "Back in a moment", HOME),
    )
    for kind, title, action in titles:
        if isinstance(error, kind):
            return message_page(title, error.message, action=action, status=error.status)
    title = "Something went wrong" if error.status >= 500 else "That did not work"
    return message_page(title, error.message, status=error.status)
