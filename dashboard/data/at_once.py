"""Reads that a page needs, made at once instead of one after the other."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from streamlit.runtime.scriptrunner import add_script_run_ctx, get_script_run_ctx

# More would only wait for each other: a database process serves each.
AT_ONCE = 6


def warm(*reads: Callable[[], object]) -> None:
    """Make these cached reads, so that the page finds their results.

    An error is left to the read itself, which comes again where the page shows it.
    """
    context = get_script_run_ctx()

    def make(read: Callable[[], object]) -> None:
        add_script_run_ctx(threading.current_thread(), context)
        with suppress(Exception):
            read()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for read in reads:
            pool.submit(make, read)
