"""How every read is made: as the signed-in operator, cached for them and their role alone.

Nobody is shown what was read for somebody else, or in a role they no longer have.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, NoReturn

import httpx
import pandas as pd
import streamlit as st
from postgrest.exceptions import APIError
from supabase import Client

from dashboard.access.auth import AuthAway, Operator, SignIn

logger = logging.getLogger(__name__)

# PostgREST's codes for a token that is not, or no longer, good.
# https://docs.postgrest.org/en/v14/references/errors.html#group-3-jwt
TOKEN_REFUSED = ("PGRST301", "PGRST303")
# Of those, a token from the future: the clocks of the sign-in service and PostgREST differ. A new
# one would be as early; in a moment this one is not.
TOO_EARLY = ("issued at future", "not yet valid")
PAUSE_SECONDS = 1.5


class DataUnavailable(Exception):
    """The data cannot be read right now. The cause is in the log, not in the message."""


def _key(operator: Operator) -> tuple[str, str]:
    return operator.user_id, operator.role


def cached(ttl: int) -> Any:
    """Decorates a read whose first parameter is the operator; kept for `ttl` seconds."""
    return st.cache_data(ttl=ttl, max_entries=200, show_spinner=False, hash_funcs={Operator: _key})


def call(operator: Operator, function: str, parameters: dict[str, Any] | None = None) -> Any:
    """What a SQL function returns. Raises SessionOver or DataUnavailable."""
    return ask(
        operator.sign_in, lambda client: client.rpc(function, parameters or {}).execute().data
    )


def asker(operator: Operator) -> Callable[[str, dict[str, Any]], Any]:
    """How files ask: as the operator, nothing kept."""
    return lambda function, parameters: call(operator, function, parameters)


def ask(sign_in: SignIn, question: Callable[[Client], Any]) -> Any:
    """Ask, as `ask_plainly` does. Raises SessionOver or DataUnavailable."""
    try:
        return ask_plainly(sign_in, question)
    except AuthAway as error:
        give_up("the sign-in service is away", error)
    except APIError as error:
        give_up(f"the database said {error.code}: {error.message}", error)
    except httpx.HTTPError as error:
        give_up(f"{type(error).__name__}", error)


def ask_plainly(sign_in: SignIn, question: Callable[[Client], Any]) -> Any:
    """Ask, renewing a refused token once, and waiting once for one that is too early; everything
    else is raised as it came."""
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


def frame(
    rows: list[dict[str, Any]] | None, columns: list[str], times: tuple[str, ...] = ()
) -> pd.DataFrame:
    """These columns, also of no rows; `times` become UTC timestamps."""
    table = pd.DataFrame(rows or [], columns=columns)
    for column in times:
        table[column] = pd.to_datetime(table[column], utc=True, format="ISO8601")
    return table
