"""One call of an SQL function through supabase: sent, repeated once when its reply was lost, and
its refusal told as one of our errors. The service's only module that imports supabase."""

from datetime import datetime
from typing import Any

import httpx
from postgrest.exceptions import APIError
from supabase import Client, ClientOptions, create_client

from service.errors import Conflict, NotFound, PreconditionFailed, ServiceError, Unavailable
from service.settings import Settings

# SQLSTATEs our functions raise on purpose, and the error each becomes.
REFUSALS: dict[str, type[ServiceError]] = {
    "PT404": NotFound,
    "PT409": Conflict,
    "PT412": PreconditionFailed,
}


class DatabaseError(ServiceError):
    """The database refused a call for a reason that trying again will not cure."""

    code = "database_error"


class SqlCalls:
    """Calls as service_role. Thread-safe."""

    def __init__(self, client: Client):
        self._client = client
        self._postgrest = client.postgrest

    def close(self) -> None:
        self._postgrest.aclose()

    def _call(self, function: str, again: bool = True, /, **parameters: Any) -> Any:
        """Call one SQL function; its parameters are ours with ``p_`` in front."""
        arguments = {f"p_{name}": _to_json(value) for name, value in parameters.items()}
        try:
            return self._postgrest.rpc(function, arguments).execute().data
        except httpx.TransportError as error:
            # A kept-alive connection the server closed, or a reply lost on the way.
            if again and not isinstance(error, httpx.TimeoutException):
                return self._call(function, False, **parameters)
            raise Unavailable("The database cannot be reached right now.", retry_after=5) from error
        except APIError as error:
            raise refusal(function, str(error.code or ""), error.message or "") from error


def _to_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def refusal(function: str, code: str, message: str) -> ServiceError:
    """Our error for an SQLSTATE or an HTTP status that a call of ``function`` ended with."""
    if code in REFUSALS:
        return REFUSALS[code](message or "The database refused this.")
    # 08/53/57: connection trouble, out of resources, shutting down or a statement timeout; 40: a
    # deadlock or serialisation failure; 5xx: what stands before Postgres is away.
    if code[:2] in ("08", "40", "53", "57") or code in ("502", "503", "504", "520", "SUP"):
        return Unavailable("The database cannot answer right now.", retry_after=5)
    # The parameters hold people's words and are not repeated here.
    return DatabaseError(f"The database refused {function} (code {code or 'unknown'}).")


def open_client(settings: Settings, connections: int, timeout_seconds: float) -> Client:
    """Build the client from settings: HTTP/1.1, because HTTP/2 would share one connection."""
    http = httpx.Client(
        timeout=timeout_seconds,
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections),
    )
    options = ClientOptions(
        auto_refresh_token=False,
        persist_session=False,
        httpx_client=http,
        postgrest_client_retry=False,
    )
    key = settings.supabase_service_role_key.get_secret_value()
    return create_client(settings.supabase_url, key, options)
