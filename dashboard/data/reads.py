"""How every read is made: as the signed-in operator, cached per operator and role.

Nobody sees a result that was read for somebody else, or in a role they no longer have.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn, ParamSpec, Protocol, TypeVar, cast

import httpx
import pandas as pd
import streamlit as st
from postgrest import SyncPostgrestClient
from postgrest.exceptions import APIError
from supabase import Client

from dashboard import results
from dashboard.access.auth import AuthAway, Operator, SignIn
from dashboard.data import replica
from dashboard.exports.writing import pages
from dashboard.results import DataUnavailable

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", covariant=True)
# What asks for rows of tables: the primary's client, or the replica's.
Api = Client | SyncPostgrestClient

logger = logging.getLogger(__name__)

# PostgREST's codes for an invalid or expired token.
# https://docs.postgrest.org/en/v14/references/errors.html#group-3-jwt
TOKEN_REFUSED = ("PGRST301", "PGRST303")
# Messages for a token from the future: the clocks of the sign-in service and PostgREST differ.
# A new token would be too early as well; a short wait makes this one valid.
TOO_EARLY = ("issued at future", "not yet valid")
PAUSE_SECONDS = 1.5


class CachedRead(Protocol[P, R]):
    """A read whose results are kept for a while."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R: ...

    def clear(self) -> None:
        """Clear the cache, for everybody."""


def _key(operator: Operator) -> tuple[str, str]:
    return operator.user_id, operator.role


def cached(ttl: int) -> Callable[[Callable[P, R]], CachedRead[P, R]]:
    """Decorates a read whose first parameter is the operator; caches it for `ttl` seconds."""

    kept = st.cache_data(ttl=ttl, max_entries=200, show_spinner=False, hash_funcs={Operator: _key})

    def decorate(read: Callable[P, R]) -> CachedRead[P, R]:
        # Mypy loses the parameters in Streamlit's overloads.
        return cast(CachedRead[P, R], kept(read))

    return decorate


def call(operator: Operator, function: str, parameters: dict[str, Any] | None = None) -> Any:
    """Call a SQL function that only reads, at the read replica if there is one. Raises SessionOver
    or DataUnavailable."""

    def question(client: Client) -> Any:
        at_replica = operator.sign_in.replica(client)
        if at_replica is not None:
            with suppress(replica.NotFromReplica):
                return replica.read(at_replica, function, parameters or {})
        return client.rpc(function, parameters or {}).execute().data

    return ask(operator.sign_in, question)


def call_one(
    operator: Operator, function: str, shape: type[T], parameters: dict[str, Any] | None = None
) -> T:
    """The one object that a SQL function returns, as a record of this shape.

    Raises SessionOver or DataUnavailable. So do the two functions below.
    """
    return results.read_one(shape, call(operator, function, parameters), function)


def call_all(
    operator: Operator, function: str, shape: type[T], parameters: dict[str, Any] | None = None
) -> list[T]:
    """The list that a SQL function returns, as records of this shape."""
    return results.read_all(shape, call(operator, function, parameters), function)


def call_table(
    operator: Operator,
    function: str,
    columns: Sequence[str],
    parameters: dict[str, Any] | None = None,
    times: Sequence[str] = (),
) -> pd.DataFrame:
    """The rows that a SQL function returns, as a table with these columns; see `read_table`."""
    return results.read_table(call(operator, function, parameters), columns, function, times)


def call_pages(
    operator: Operator,
    function: str,
    columns: Sequence[str],
    parameters: dict[str, Any],
    size: int,
    times: Sequence[str] = (),
) -> pd.DataFrame:
    """All rows of a SQL function with keyset pages, `size` rows per call, as a table."""

    def read(after: str) -> list[Any]:
        rows: list[Any] = call(
            operator, function, {**parameters, "p_after": after, "p_limit": size}
        )
        return rows

    rows = list(pages(read, lambda row: row["key"], "", size))
    return results.read_table(rows, columns, function, times)


def asker(operator: Operator) -> Callable[[str, dict[str, Any]], Any]:
    """The function with which exports call SQL: as the operator, not cached."""
    return lambda function, parameters: call(operator, function, parameters)


def ask_rows(operator: Operator, question: Callable[[Api], Any]) -> Any:
    """Read rows of tables, at the read replica if there is one. Raises SessionOver or
    DataUnavailable."""

    def either(client: Client) -> Any:
        at_replica = operator.sign_in.replica(client)
        if at_replica is not None:
            with suppress(replica.NotFromReplica):
                return replica.attempt("rows of tables", lambda: question(at_replica))
        return question(client)

    return ask(operator.sign_in, either)


def ask(sign_in: SignIn, question: Callable[[Client], Any]) -> Any:
    """Run a query as `ask_plainly` does. Raises SessionOver or DataUnavailable."""
    try:
        return ask_plainly(sign_in, question)
    except AuthAway as error:
        give_up("the sign-in service is away", error)
    except APIError as error:
        give_up(f"the database said {error.code}: {error.message}", error)
    except httpx.HTTPError as error:
        give_up(f"{type(error).__name__}", error)


def ask_plainly(sign_in: SignIn, question: Callable[[Client], Any]) -> Any:
    """Run a query; renew a refused token once, and wait once for a token that is too early.

    All other errors are raised unchanged.
    """
    client, is_renewed, has_waited = sign_in.client(), False, False
    while True:
        try:
            return question(client)
        except APIError as error:
            is_early = any(words in (error.message or "") for words in TOO_EARLY)
            if error.code not in TOKEN_REFUSED or (has_waited if is_early else is_renewed):
                raise
        if is_early:
            time.sleep(PAUSE_SECONDS)
            has_waited = True
        else:
            client, is_renewed = sign_in.client(renew=True), True


def give_up(cause: str, error: Exception) -> NoReturn:
    logger.error("The dashboard could not reach its data: %s", cause)
    raise DataUnavailable(cause) from error
