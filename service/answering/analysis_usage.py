"""What an analysis used, in the form that is booked."""

from collections.abc import Iterable

from service.analysis.words import Analysis
from service.answering.answer_traces import trace_of
from service.answering.booked_usage import usage_of as usage_of_design
from service.answering.design import Design
from service.store.answer_records import BookedUsage


def usage_of(written: Analysis, *, guidance: Iterable[str] = ()) -> BookedUsage:
    """Tokens and cost of each call that was billed. What was found is in the result, and people's
    designs are not booked."""
    used = usage_of_design(written.attempts, Design("read"), written.latency_ms, guidance=guidance)
    used["prompt_version"] = written.prompt_version
    trace = trace_of(written.prompt, written.attempts)
    return {**used, "design_state": "", "facts": None, "trace": trace}
