"""One call of an SQL function through supabase. It is repeated once if its response was lost, and
its refusal becomes one of our errors. Only this module and ``service/inviting`` import
supabase."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol, TypeVar

import httpx
from postgrest.exceptions import APIError
from pydantic import SecretStr
from supabase import Client, ClientOptions, create_client

from service.errors import Conflict, NotFound, PreconditionFailed, ServiceError, Unavailable
from service.figma.clean_text import storable_json
from service.sentences import sentence
from service.store.record import WrongShape

# SQLSTATEs our functions raise on purpose, and the error each becomes.
REFUSALS: dict[str, type[ServiceError]] = {
    "PT404": NotFound,
    "PT409": Conflict,
    "PT412": PreconditionFailed,
}
# Temporary SQLSTATE classes: connection trouble (08), a deadlock or serialisation failure (40),
# insufficient resources (53), shutting down or a statement timeout (57).
# https://www.postgresql.org/docs/current/errcodes-appendix.html
PASSING_CLASSES = ("08", "40", "53", "57")
# Temporary single states: read-only during a failover (25006), a lock not free in time (55P03).
PASSING_STATES = frozenset({"25006", "55P03"})
# PostgREST has no Postgres: it cannot connect (000, 001), has no schema cache yet (002), no
# connection became free in time (003), or its connection library failed (X00).
# https://docs.postgrest.org/en/stable/references/errors.html
PASSING_CODES = frozenset({"PGRST000", "PGRST001", "PGRST002", "PGRST003", "PGRSTX00", "SUP"})
# A token with a wrong time. With a secret key the API's gateway makes a new token for each call. If
# its clock is ahead of PostgREST's, PostgREST rejects the token as "issued at future".
TOKEN_OF_ANOTHER_TIME = "PGRST303"
# Postgres accepts neither a NUL nor half a surrogate pair in text.
# https://www.postgresql.org/docs/current/datatype-json.html
UNSTORABLE_STATES = frozenset({"22P05", "22021"})
# The pause before a call with such a token is sent once more.
PAUSE_SECONDS = 1.0
# Unknown function: the schema cache is older than the deploy, or sql/ was not applied.
UNKNOWN_FUNCTION = "PGRST202"
# From this status up, what stands before Postgres is away, whatever the body.
AWAY_STATUS = 502

Result = TypeVar("Result")


class Project(Protocol):
    """Where Supabase is, and the key of the service."""

    @property
    def supabase_url(self) -> str: ...
    @property
    def supabase_service_role_key(self) -> SecretStr: ...


class DatabaseError(ServiceError):
    """The database refused a call for a reason that a retry will not fix."""

    code = "database_error"


class SqlCalls:
    """Calls as service_role. Thread-safe."""

    def __init__(self, client: Client):
        self._client = client
        self._postgrest = client.postgrest

    def close(self) -> None:
        self._postgrest.aclose()

    def _call(self, function: str, again: bool = True, /, **parameters: Any) -> Any:
        """Call one SQL function. ``p_`` is put before the names of the parameters."""
        arguments = {f"p_{name}": _to_json(value) for name, value in parameters.items()}
        try:
            return self._postgrest.rpc(function, arguments).execute().data
        except UnicodeEncodeError:
            # Half a surrogate pair cannot be encoded as UTF-8, so nothing was sent.
            return self._call_with_storable(function, again, parameters)
        except httpx.TransportError as error:
            # The server closed a kept-alive connection, or the response was lost.
            if again and not isinstance(error, httpx.TimeoutException):
                return self._call(function, False, **parameters)
            raise Unavailable("The database cannot be reached right now.", retry_after=5) from error
        except APIError as error:
            if error.code in UNSTORABLE_STATES and storable_json(parameters) != parameters:
                return self._call_with_storable(function, again, parameters)
            found = refusal(function, str(error.code or ""), error.message or "", error.details)
            # Nothing was done, so the call may be sent again.
            is_early = error.code == TOKEN_OF_ANOTHER_TIME and isinstance(found, Unavailable)
            if again and is_early:
                time.sleep(PAUSE_SECONDS)
                return self._call(function, False, **parameters)
            raise found from error

    def _read(
        self, read: Callable[[Any], Result], function: str, again: bool = True, /, **parameters: Any
    ) -> Result:
        """Call one SQL function and read its result, as a rule ``SomeRecord.from_json``."""
        return read_result(read, function, self._call(function, again, **parameters))

    def _find(
        self, read: Callable[[Any], Result], function: str, /, **parameters: Any
    ) -> Result | None:
        """Like ``_read``, for a function that may find nothing."""
        found = self._call(function, **parameters)
        return None if found is None else read_result(read, function, found)

    def _list(
        self, read: Callable[[Any], Result], function: str, /, **parameters: Any
    ) -> list[Result]:
        """Like ``_read``, for a function that returns a list."""
        return [read_result(read, function, row) for row in self._call(function, **parameters)]

    def _value(
        self, kind: type[Result], function: str, again: bool = True, /, **parameters: Any
    ) -> Result:
        """Like ``_read``, for a function that returns one plain value."""
        value = self._call(function, again, **parameters)
        if not isinstance(value, kind):
            raise _not_ours(function, f"it is no {kind.__name__}")
        return value

    def _call_with_storable(self, function: str, again: bool, parameters: dict[str, Any]) -> Any:
        """Call again without the characters that Postgres cannot store. Texts of models, of Figma
        and of people pass through here, and one NUL makes a whole call fail. It is so rare that
        checking every call would cost more than calling again."""
        return self._call(function, again, **storable_json(parameters))


def _to_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def refusal(function: str, code: str, message: str, details: object = None) -> ServiceError:
    """Our error for the SQLSTATE or HTTP status with which a call of ``function`` failed."""
    if code in REFUSALS:
        return REFUSALS[code](sentence(message, details) or "The database refused this.")
    if code == UNKNOWN_FUNCTION:
        return Unavailable(
            f"The database is not up to date yet: it knows no {function}. Try again in a moment; "
            "if it stays so, sql/ has to be applied.",
            retry_after=5,
        )
    # The same code also means a token for another audience, which is permanent.
    if code == TOKEN_OF_ANOTHER_TIME and "audience" not in message:
        return Unavailable(
            f"The database does not take our key's token right now ({message or code}).",
            retry_after=5,
        )
    if code in PASSING_CODES or _is_passing_state(code) or _is_passing_status(code):
        return _away()
    # The parameters contain people's words, so they are not repeated here.
    return DatabaseError(f"The database refused {function} (code {code or 'unknown'}).")


def read_result(read: Callable[[Any], Result], function: str, result: Any) -> Result:
    """The result of ``function`` as a record. Raises Unavailable if a key is missing: then this
    process and sql/ have different versions, which may happen for a moment during a deploy."""
    try:
        return read(result)
    except WrongShape as error:
        raise _not_ours(function, str(error)) from error
    except (KeyError, TypeError) as error:
        raise _not_ours(function, f"it cannot be read ({error!r})") from error


def _not_ours(function: str, problem: str) -> Unavailable:
    return Unavailable(
        f"What {function} of the database gives is not as this version knows it: {problem}. Try "
        "again in a moment; if it stays so, sql/ has to be applied.",
        retry_after=5,
    )


def _is_passing_state(code: str) -> bool:
    return code in PASSING_STATES or (len(code) == 5 and code[:2] in PASSING_CLASSES)


def _is_passing_status(code: str) -> bool:
    """Whether the code is a temporary HTTP status: 5xx, a timeout, or too many requests. An HTTP
    status appears here if the response had no code."""
    return len(code) == 3 and (code.startswith("5") or code in ("408", "429"))


def _away() -> Unavailable:
    return Unavailable("The database cannot answer right now.", retry_after=5)


def _refuse_outage(response: httpx.Response) -> None:
    """A gateway's own JSON has a sentence but no code, and supabase drops the status then."""
    if response.status_code >= AWAY_STATUS:
        raise _away()


def open_client(settings: Project, connections: int, timeout_seconds: float) -> Client:
    """Build the client from settings: HTTP/1.1, because HTTP/2 would share one connection."""
    http = httpx.Client(
        timeout=timeout_seconds,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
        event_hooks={"response": [_refuse_outage]},
    )
    options = ClientOptions(
        auto_refresh_token=False,
        persist_session=False,
        httpx_client=http,
        postgrest_client_retry=False,
    )
    key = settings.supabase_service_role_key.get_secret_value()
    return create_client(settings.supabase_url, key, options)
