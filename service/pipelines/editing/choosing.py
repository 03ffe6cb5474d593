"""Which of two gated candidates is better, and which of several is taken.

A candidate that looks more like the picture may be worse code. So nothing that is measured may get
worse, whatever gets better, except that a candidate that passes beats every one that does not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from service.pipelines.gate.quality import QualityRow
from service.pipelines.gate.results import GateResult

# Of mutants a sample is tried, and which ones changes with each tag. The gate asks for a share.
_SLACK_KILLED = 0.05
# Figures of pictures move by so much without any change that a person could see.
_SLACK = {"mae": 0.002, "ssim": 0.002, "colour_delta_e_p95": 0.05}
_HIGHER = ("geometry_share", "text_share", "ssim", "rur", "str")
_LOWER = (
    *("colour_delta_e_p95", "mae", "apr", "avu", "single_use_tokens"),
    *("axe_violations", "console_errors", "type_errors", "failed_tests"),
)


def is_better(new: GateResult, old: GateResult) -> bool:
    """Whether ``new`` passes where ``old`` did not; or passes no less, with nothing measured that
    is worse, and something that is better."""
    return is_no_worse(new, old) and (new.is_passed != old.is_passed or max(_gains(new, old)) > 0)


def is_no_worse(new: GateResult, old: GateResult) -> bool:
    """As ``is_better``, or all that is measured is the same: better names show in no figure."""
    if new.is_passed != old.is_passed:
        return new.is_passed
    return min(_gains(new, old)) >= 0


def is_sure(result: GateResult) -> bool:
    """Whether a candidate is taken whatever the whole gate would find of its draft.

    It passes, nothing is worse than what one look at the draft has shown, and nothing would be
    worse than all else of a draft that is perfect. So the answer is that of ``best``, and the draft
    need not go through the gate.
    """
    if result.floor is None or not result.is_passed:
        return False
    perfect = replace(
        result.floor, axe_violations=0, console_errors=0, type_errors=0, failed_tests=0,
        behaviour_mutants=1, behaviour_killed=1, style_mutants=1, style_killed=1,
        overflow_widths=(),
    )  # fmt: skip
    return is_no_worse(result, GateResult(True, (), perfect))


def best(results: Sequence[GateResult | None]) -> int | None:
    """The place of the result to take; None if no candidate was gated.

    The draft comes first, then what a model made of it: each one is taken if it is no worse than
    the one taken before it.
    """
    chosen: int | None = None
    for place, result in enumerate(results):
        if result is None:
            continue
        before = None if chosen is None else results[chosen]
        if before is None or is_no_worse(result, before):
            chosen = place
    return chosen


def _gains(new: GateResult, old: GateResult) -> Iterator[float]:
    """What was gained, figure by figure; negative where something was lost."""
    yield _stopping(old) - _stopping(new)
    one, other = new.quality, old.quality
    for name in (*_HIGHER, *_LOWER):
        sign = 1 if name in _HIGHER else -1
        yield _gain(getattr(one, name), getattr(other, name), sign, _SLACK.get(name, 0.0))
    for kind in ("behaviour", "style"):
        yield _gain(_killed(one, kind), _killed(other, kind), 1, _SLACK_KILLED)
    yield _gain(_widths(one), _widths(other), -1)


def _gain(new: float | None, old: float | None, sign: int, slack: float = 0.0) -> float:
    """What is not measured any more has become worse, as far as anybody knows."""
    if old is None:
        return 0.0
    if new is None:
        return -1.0
    return 0.0 if abs(new - old) <= slack else sign * (new - old)


def _stopping(result: GateResult) -> int:
    """How many failures keep the candidate from passing."""
    return sum(not each.is_advice for each in result.failures)


def _killed(row: QualityRow, kind: str) -> float | None:
    tried = getattr(row, f"{kind}_mutants")
    killed = getattr(row, f"{kind}_killed")
    return killed / tried if tried and killed is not None else None


def _widths(row: QualityRow) -> int | None:
    return None if row.overflow_widths is None else len(row.overflow_widths)
