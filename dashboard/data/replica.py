"""Reading from a read replica, which answers GET alone and may be away or a little behind.

What it cannot answer is asked of the primary: the dashboard is never worse off with a replica.
https://supabase.com/docs/guides/platform/read-replicas#dedicated-endpoints
"""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from postgrest import SyncPostgrestClient
from postgrest.exceptions import APIError

# SQLSTATE classes that say nothing of the question: connection trouble, a conflict with what is
# being replicated, too few resources, an operator's hand.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
PASSING = ("08", "40", "53", "57")
# A function that writes, in a transaction that only reads; no function with these parameters.
NEVER = ("25006", "PGRST202")
# PostgREST's own: no database, a method that it does not allow.
OWN = "PGRST"
# But these are about the person's token, which would be refused by the primary too.
TOKENS = "PGRST3"

T = TypeVar("T")

logger = logging.getLogger(__name__)
# Reads that a replica will never answer, as they were first asked.
_never: set[str] = set()


class NotFromReplica(Exception):
    """The primary has to be asked."""


def read(replica: SyncPostgrestClient, function: str, parameters: dict[str, Any]) -> Any:
    """Call a SQL function that only reads. Raises NotFromReplica, or APIError where the primary
    would say the same."""
    # A query cannot say null. Most parameters have it as their default; a function without is not
    # found then.
    given = {name: value for name, value in parameters.items() if value is not None}
    left_out = ", ".join(sorted(parameters.keys() - given.keys()))
    what = f"{function} without {left_out}" if left_out else function
    return attempt(what, lambda: replica.rpc(function, given, get=True).execute().data)


def attempt(what: str, question: Callable[[], T]) -> T:
    """What `question` gives, which asks the replica. Raises as `read` does."""
    if what in _never:
        raise NotFromReplica
    try:
        return question()
    except APIError as error:
        code = str(error.code or "")
        if code in NEVER:
            _never.add(what)
        elif not _is_the_replicas_own(code):
            raise
        logger.warning("The read replica could not answer %s (%s)", what, code)
        raise NotFromReplica from error
    except httpx.HTTPError as error:
        logger.warning("The read replica could not answer %s (%s)", what, type(error).__name__)
        raise NotFromReplica from error


def _is_the_replicas_own(code: str) -> bool:
    if code.startswith(OWN):
        return not code.startswith(TOKENS)
    # Without a code of Postgres it is an HTTP status of what stands before it.
    return code.startswith(PASSING) or len(code) != 5
