"""What a package says about its test, in one line: passed, did not pass, or not tested."""

from dataclasses import dataclass

from service.pipelines.gate.results import GateResult


@dataclass(frozen=True)
class Verdict:
    """``tone``: good, problem or waiting, for the colour of its label."""

    title: str
    sentence: str
    tone: str


def verdict(gate_result: GateResult | None) -> Verdict:
    if gate_result is None:
        return Verdict(
            "Not tested.",
            "This code was written by rules and was never run: look at it before you use it.",
            "waiting",
        )
    if gate_result.is_passed:
        return Verdict(
            "Tested.",
            "Types, tests, broken copies and four widths in a browser: everything passed.",
            "good",
        )
    return Verdict(
        "Did not pass.",
        "It was tested, and not all of it is as it should be: the report says what.",
        "problem",
    )
