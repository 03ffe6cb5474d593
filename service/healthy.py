"""Whether a process on this machine lives: `python -m service.healthy web`, for health checks of
containers, which have no curl. Ends with 0 or, with one line that says why, with 1.

``PORT``, ``WORKER_METRICS_PORT`` and ``BUILDER_METRICS_PORT`` say where each listens.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

# What each is asked, the setting of its port, and that port where the setting is left out.
PROCESSES = {
    "web": ("/healthz", "PORT", "8000"),
    "dashboard": ("/_stcore/health", "PORT", "8501"),
    "worker": ("/healthz", "WORKER_METRICS_PORT", "0"),
    "builder": ("/healthz", "BUILDER_METRICS_PORT", "0"),
}
TIMEOUT_SECONDS = 4


def complaint(name: str) -> str:
    """Why the process is not healthy; "" if it is."""
    path, setting, usual = PROCESSES[name]
    port = int(os.environ.get(setting) or usual)
    if not port:
        return f"{setting} is 0, so nothing can be asked: give it a port."
    connection = HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        return f"{name} does not answer on port {port}: {type(error).__name__}."
    finally:
        connection.close()
    return "" if status == 200 else f"{name} answers {status}."


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in PROCESSES:
        sys.exit(f"Say which process: python -m service.healthy {'|'.join(PROCESSES)}")
    sys.exit(complaint(sys.argv[1]) or 0)


if __name__ == "__main__":
    main()
