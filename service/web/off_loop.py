"""Work that takes the processor for long runs in a real thread: on gevent's loop, all other
requests of the process would wait for it."""

import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def off_loop(work: Callable[P, R], *given: P.args, **named: P.kwargs) -> R:
    """Call ``work``; under gunicorn in a thread of gevent's own pool. ``work`` asks nobody for
    anything: what gevent has patched may not be used there."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return work(*given, **named)
    from gevent import get_hub

    done: R = get_hub().threadpool.apply(work, given, named)
    return done
