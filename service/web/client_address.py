"""Who asks, as the host's own proxy says in a header of its own: CLIENT_ADDRESS_HEADER.

Some hosts put their own addresses into X-Forwarded-For, or not a fixed number of them, and name the
client in another header, which they write over whatever was sent: docs/hosts.md says which.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class ClientAddress:
    """Takes the client's address from one header. What is no single address is left out: then the
    address counts that is connected, and a header that was sent twice gains nothing."""

    def __init__(self, app: "WSGIApplication", header: str):
        self._app = app
        self._name = f"HTTP_{header.upper().replace('-', '_')}"

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        given: Any = environ.get(self._name, "")
        if is_client(given.strip()):
            environ["REMOTE_ADDR"] = given.strip()
        return self._app(environ, start_response)


def is_client(text: str) -> bool:
    """Whether this is one address, and not this machine's: nobody asks from there by a proxy."""
    try:
        return not ip_address(text).is_loopback
    except ValueError:
        return False
