"""The ports of the local product. Each can be changed by its own environment variable.

Imports only the standard library: it is also used before any package is installed.
"""

import os
import socket
from collections.abc import Iterable, Mapping

DEFAULTS = {
    "WEB_PORT": 8000,
    "DASHBOARD_PORT": 8501,
    "SUPABASE_PORT": 54321,
    "POSTGRES_PORT": 54322,
    "SANDBOX_PORT": 8100,
    "MODEL_PORT": 8200,
    "GITHUB_PORT": 8300,
}
TITLES = {
    "WEB_PORT": "the web service",
    "DASHBOARD_PORT": "the dashboard",
    "SUPABASE_PORT": "the Supabase API",
    "POSTGRES_PORT": "Postgres",
    "SANDBOX_PORT": "the Figma sandbox",
    "MODEL_PORT": "the model stand-in",
    "GITHUB_PORT": "the GitHub stand-in",
}


def read_ports(environment: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Every port by variable name. Raises SystemExit with a sentence for an invalid port."""
    ports = {}
    for name, default in DEFAULTS.items():
        text = environment.get(name) or str(default)
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
            raise SystemExit(f"{name} is {text!r}; it must be a port number from 1 to 65535.")
        ports[name] = int(text)
    return ports


def check_ports(ports: Mapping[str, int], used: Iterable[str]) -> None:
    """Raise SystemExit with one sentence for each port in `used` that is not free."""
    used = list(used)
    complaints = []
    for name in used:
        twin = next(
            (other for other in used if other != name and ports[other] == ports[name]), None
        )
        if twin:
            complaints.append(f"{name} and {twin} are both {ports[name]}; give each its own.")
        elif not _is_free(ports[name]):
            complaints.append(
                f"port {ports[name]} ({TITLES[name]}) is taken{_by_whom(ports[name])}; "
                f"stop that, or set {name}=…"
            )
    if complaints:
        raise SystemExit("\n".join(complaints))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _by_whom(port: int) -> str:
    """` by NAME (pid N)` if the system tells it."""
    try:
        import psutil
    except ImportError:
        return ""
    try:
        for connection in psutil.net_connections("tcp"):
            is_listening = connection.status == psutil.CONN_LISTEN
            if is_listening and connection.laddr.port == port and connection.pid:
                return f" by {psutil.Process(connection.pid).name()} (pid {connection.pid})"
    except psutil.Error:
        return ""
    return ""
