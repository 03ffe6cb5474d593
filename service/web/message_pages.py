"""Plain pages that tell a person what happened, why, and what to do next."""

from dataclasses import asdict, dataclass
from urllib.parse import urlencode

from flask import Response, make_response, render_template, request

from service.errors import (
    Forbidden,
    NotFound,
    ServiceError,
    SignInNeeded,
    TooManyRequests,
    Unavailable,
)
from service.web.route_policy import is_persons_page

# A longer one would not fit into the cookie of unfinished sign-ins.
MOST_PAGE = 200
HOME = ("Go to the start page", "/")


@dataclass(frozen=True)
class Goal:
    """Where a sign-in leads: to the plugin of this challenge, to one of our pages, or to the
    account page."""

    plugin: str = ""
    page: str = ""

    @property
    def address(self) -> str:
        if self.plugin:
            return f"/api/auth/plugin?challenge={self.plugin}"
        return self.page or "/account"


NOWHERE = Goal()


def sign_in_action(words: str = "Sign in with Figma", goal: Goal = NOWHERE) -> tuple[str, str]:
    """A link to Figma's sign-in, which leads to the goal."""
    asked = {name: value for name, value in asdict(goal).items() if value}
    return words, "/api/auth/figma-oauth" + (f"?{urlencode(asked)}" if asked else "")


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
        (SignInNeeded, "Please sign in", sign_in_action(goal=Goal(page=_this_page()))),
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


def _this_page() -> str:
    """The address to come back to; empty for what is no page, or far longer than ours are."""
    here = request.full_path.removesuffix("?")
    is_one = request.method == "GET" and len(here) <= MOST_PAGE and is_persons_page(here)
    return here if is_one else ""
