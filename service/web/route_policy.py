"""What each route needs, declared on its view: ``@policy(...)``.

``app.py`` sets the rate limits by it. ``error_answers`` uses it to choose page or JSON, and to
check bodies. ``request_cycle`` allows plugins where it says so. Who may call is checked here,
before the view and after the request was validated against its model. A body is never larger than
MAX_BODY_BYTES, whatever the route.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from service.web.sessions import need_browser, need_session

AskedBy = Literal["browser", "machine"]
Who = Literal["anyone", "person", "person_in_browser", "checked_inside"]
Limit = Literal[
    "none", "by_address", "changes_by_person", "outcomes_by_person", "pipelines_by_person",
    "analyses", "counted_inside",
]  # fmt: skip
Body = Literal["none", "json", "design", "designs", "read_inside"]
P = ParamSpec("P")
R = TypeVar("R")
# A path of ours, and a query without what could end a header or begin an address.
_OWN_ADDRESS = re.compile(r"((?:/[A-Za-z0-9_-]+)+)(?:\?[A-Za-z0-9%&=._~+-]*)?")
# Everything that is not a page is under this folder, or has its own address.
_MACHINE_FOLDER = "/api/"
# The attribute of a view that holds its policy.
_POLICY = "policy"


@dataclass(frozen=True)
class Policy:
    """What one route needs.

    ``asked_by``: its failures are shown as a page, or as JSON.

    ``who``: who may call it. A person's changes by cookie must also come from a page of this
    service.

    ``limit``: ``by_address`` is RATE_LIMIT_PUBLIC for each address and route; ``changes_by_person``
    counts all of a person's changes together, ``outcomes_by_person`` what they made of suggestions,
    ``pipelines_by_person`` the components they have built.
    ``analyses`` is the person's sliding window, which the view counts in.

    ``body``: ``json`` refuses a body that is not sent as JSON, or is not valid JSON. ``design`` and
    ``designs`` (several) also bound it before it is parsed; the view finds it in ``g.design``.

    ``plugins``: any page may call it with a bearer token (CORS); cookies are never sent along.
    """

    asked_by: AskedBy
    who: Who
    limit: Limit
    body: Body
    plugins: bool


def policy(
    *,
    asked_by: AskedBy,
    who: Who = "anyone",
    limit: Limit = "none",
    body: Body = "none",
    plugins: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Give a view its policy. ``checked_inside``, ``counted_inside``, ``read_inside``: the view
    does it itself, because its responses are special."""
    needs = Policy(asked_by, who, limit, body, plugins)
    check = {"person": need_session, "person_in_browser": need_browser}.get(who)

    def with_policy(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def checked(*given: P.args, **named: P.kwargs) -> R:
            if check:
                check()
            return view(*given, **named)

        chosen: Callable[P, R] = checked if check else view
        setattr(chosen, _POLICY, needs)
        return chosen

    return with_policy


def policy_of(app: Flask, endpoint: str | None) -> Policy | None:
    """The policy of an endpoint; None if there is no endpoint or no policy."""
    return getattr(app.view_functions.get(endpoint or ""), _POLICY, None)


class Addresses:
    """The rules for an address, even if no route has it (404) or not with this method (405)."""

    def __init__(self, app: Flask):
        self.pages = frozenset(rule.rule for rule in _rules(app, asked_by="browser"))
        machine = {_fixed_part(rule) for rule in _rules(app, asked_by="machine")}
        self.machine = (_MACHINE_FOLDER, *sorted(machine))
        closed = {_folder(rule) for rule in _rules(app, plugins=False)}
        self.plugins = tuple(
            sorted(
                {
                    # A whole folder is open if all its routes are, so that a mistyped address gets
                    # CORS headers too.
                    rule.rule if _folder(rule) in closed else _folder(rule)
                    for rule in _rules(app, plugins=True)
                }
            )
        )

    def is_page(self, path: str) -> bool:
        """Whether a failure at this path is shown as a page, not as JSON."""
        return path in self.pages or not path.startswith(self.machine)

    def is_open_to_plugins(self, path: str) -> bool:
        return path.startswith(self.plugins)


def install(app: Flask) -> None:
    """Call this after all routes are registered."""
    app.extensions["addresses"] = Addresses(app)


def is_persons_page(address: str) -> bool:
    """Whether an address is a page of ours that a signed-in person may ask for: its path is one of
    our own, and it names no other host."""
    found = _OWN_ADDRESS.fullmatch(address)
    if not found:
        return False
    try:
        endpoint, _ = current_app.url_map.bind("").match(found[1], "GET")
    except HTTPException:
        return False
    needs = policy_of(current_app, endpoint)
    return needs is not None and (needs.asked_by, needs.who) == ("browser", "person")


def addresses() -> Addresses:
    found: Addresses = current_app.extensions["addresses"]
    return found


def takes_json() -> bool:
    """Whether this request must contain JSON."""
    needs = policy_of(current_app, request.endpoint if request.url_rule else None)
    return needs is not None and needs.body == "json" and request.method in ("POST", "PUT", "PATCH")


def _rules(app: Flask, **wanted: Any) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        needs = policy_of(app, rule.endpoint)
        if needs and all(getattr(needs, name) == value for name, value in wanted.items()):
            yield rule


def _fixed_part(rule: Rule) -> str:
    return rule.rule.partition("<")[0]


def _folder(rule: Rule) -> str:
    return _fixed_part(rule).rpartition("/")[0] + "/"
