"""CPU time of each part of a running stage, by process: which part spends how much per answer."""

import psutil

# The first match in the command line counts. Other processes belong to the benchmark.
_PARTS = {
    "service.worker": "worker",
    "service.builder": "builder",
    "gunicorn": "web",
    "bench.light_figma": "figma",
    "bench.light_designs": "figma",
    "local.sandbox": "figma",
    "local.model": "model",
    "lite": "api",
    "postgres": "postgres",
}


def cpu_seconds() -> dict[str, float]:
    """CPU seconds (user + system) of each part since it began; includes children that ended."""
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
