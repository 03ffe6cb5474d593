"""How every change is made: as the signed-in operator, through one SQL function, with a reason.

The database checks role, reason and version, and writes the audit log.
"""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

import httpx
from postgrest.exceptions import APIError

from dashboard import results
from dashboard.access.auth import AuthAway, Operator
from dashboard.data.reads import ask_plainly, give_up
from service.sentences import sentence

# Our SQL functions raise these for the person (service/sentences.py): insufficient privilege,
# invalid value, broken rule. https://www.postgresql.org/docs/16/errcodes-appendix.html
SENTENCES = ("42501", "22023", "23514")


T = TypeVar("T")


class Refused(Exception):
    """The database refused the change; the message is its sentence for the operator."""


class Forgetful(Protocol):
    """The part of a read decorated with `reads.cached` that a change needs."""

    def clear(self) -> None: ...


def send(
    operator: Operator,
    function: str,
    parameters: dict[str, Any],
    *,
    clears: Iterable[Forgetful] = (),
) -> Any:
    """Call a SQL function that changes something, then clear the reads named in `clears`.

    Raises Refused, SessionOver or DataUnavailable. After DataUnavailable nobody knows whether the
    change was made.
    """
    try:
        result = ask_plainly(
            operator.sign_in, lambda client: client.rpc(function, parameters).execute().data
        )
    except APIError as error:
        # A refusal often means that the page shows old data.
        _forget(operator, clears)
        if is_sentence(error.code):
            said = sentence(error.message or "", error.details)
            raise Refused(said or "The database refused this change.") from error
        give_up(f"the database said {error.code}: {error.message}", error)
    except AuthAway as error:
        give_up("the sign-in service is away", error)
    except httpx.HTTPError as error:
        _forget(operator, clears)
        give_up(type(error).__name__, error)
    _forget(operator, clears)
    return result


def send_for(
    operator: Operator,
    function: str,
    shape: type[T],
    parameters: dict[str, Any],
    *,
    clears: Iterable[Forgetful] = (),
) -> T:
    """As `send`, and return the function's result as a record of this shape."""
    return results.read_one(shape, send(operator, function, parameters, clears=clears), function)


def is_sentence(code: str | None) -> bool:
    """Whether an error's code means that its message was written for people."""
    return code in SENTENCES or (code or "").startswith("PT4")


def _forget(operator: Operator, clears: Iterable[Forgetful]) -> None:
    operator.sign_in.note_change()
    for read in clears:
        read.clear()
