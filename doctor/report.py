"""The results as text for a terminal."""

from collections import Counter
from collections.abc import Iterator, Sequence
from textwrap import wrap

from doctor.finding import Status
from doctor.running import Result

_SIGNS: dict[Status, str] = {"ok": "ok", "warning": "WARNING", "failed": "FAILED", "skipped": "-"}
_WIDTH = 100


def as_text(results: Sequence[Result], seconds: float) -> str:
    lines = [line for result in results for line in _lines(result)]
    count = Counter(result.status for result in results)
    told = ", ".join(f"{count[status]} {status}" for status in _SIGNS if count[status])
    return "\n".join([*lines, f"{told}; {seconds:.1f} s"]) + "\n"


def _lines(result: Result) -> Iterator[str]:
    finding = result.finding
    name = f"{result.check}: {finding.about}" if finding.about else result.check
    head = f"{_SIGNS[finding.status]:<8} {name:<22} "
    yield from _hang(head, finding.what)
    if finding.do:
        yield from _hang(" " * 32, f"Why it matters: {finding.why}")
        yield from _hang(" " * 32, f"Do this: {finding.do}")


def _hang(head: str, text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * 32) or [head]
