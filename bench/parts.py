"""CPU time of each part of a running stage, by process: what an answer costs whom."""

import psutil

# The first that occurs in the command line; the others are the benchmark's own.
_PARTS = {
    "service.worker": "worker",
    "gunicorn": "web",
    "bench.light_figma": "figma",
    "local.sandbox": "figma",
    "local.model": "model",
    "lite": "api",
    "postgres": "postgres",
}


def cpu_seconds() -> dict[str, float]:
    """Seconds of CPU, user and system, since each part began; what ended counts with its parent."""
    spent: dict[str, float] = {}
    for process in psutil.Process().children(recursive=True):
        try:
            part = _part_of(" ".join(process.cmdline()))
            times = process.cpu_times()
        except psutil.Error:
            continue
        if part:
            ended = times.children_user + times.children_system
            spent[part] = spent.get(part, 0.0) + times.user + times.system + ended
    return spent


def _part_of(command: str) -> str | None:
    return next((part for sign, part in _PARTS.items() if sign in command), None)
