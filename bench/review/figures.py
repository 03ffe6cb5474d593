"""The figures of a run beside the goals that they must reach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.review.held_out import Tally
from bench.review.seeded import CleanTally, RuleTally


@dataclass(frozen=True)
class Figure:
    """One figure of a run: what it counts, of how many, and its goal.

    ``share`` is in percent. Without a goal it is there to be read, and ``is_met`` is None.
    """

    what: str
    count: int
    of: int
    goal: str = ""
    is_met: bool | None = None

    @property
    def share(self) -> float:
        return 100 * self.count / self.of if self.of else 0.0

    def row(self) -> dict[str, Any]:
        met = {True: "met", False: "NOT MET", None: ""}[self.is_met]
        count = f"{self.count} of {self.of}" if self.of else str(self.count)
        share = f"{self.share:.2f} %" if self.of else ""
        return {"figure": self.what, "count": count, "share": share, "goal": self.goal, "": met}


# axe's rule: its name here, the least share found, and the largest share of false alarms, in %.
_HELD_OUT = {"color-contrast": ("contrast", 97.0, 0.1), "target-size": ("target size", 95.0, 0.2)}
_SEEDED = {"A": 95.0, "B": 85.0}
MOST_HINTS = 1


def held_out_figures(tallies: Mapping[str, Tally]) -> Iterator[Figure]:
    for rule, tally in tallies.items():
        name, found, false = _HELD_OUT[rule]
        yield _at_least(f"{name}: violations found", tally.found, tally.violations, found)
        yield Figure(f"{name}: said to be not measurable", tally.declared, tally.violations)
        yield _none(f"{name}: missed silently", tally.missed, tally.violations)
        yield _at_most(f"{name}: false alarms", tally.false, tally.passes, false)
        yield Figure(f"{name}: passes not measurable", tally.doubted, tally.passes)
        yield Figure(f"{name}: problems where axe does not decide", tally.called, tally.undecided)
        labels = tally.violations + tally.passes + tally.undecided + tally.unmapped
        if tally.looked_at:
            right = tally.looked_at - len(tally.refuted)
            yield Figure(f"{name}: of these, right by their pixels", right, tally.looked_at)
        yield Figure(f"{name}: labels of what is out of view", tally.unseen, labels + tally.unseen)
        if tally.disputed:
            yield Figure(f"{name}: round targets passed by their box", tally.disputed, labels)
        yield Figure(f"{name}: labels without a layer", tally.unmapped, labels)
        yield Figure(f"{name}: of these violations", tally.unmapped_violations, tally.unmapped)
        if tally.agreed + tally.differed:
            both = tally.agreed + tally.differed
            yield Figure(f"{name}: ratios equal to axe's", tally.agreed, both)


def seeded_figures(tallies: Sequence[RuleTally]) -> Iterator[Figure]:
    for tally in tallies:
        name = f"{tally.rule} ({tally.sure})"
        if tally.sure == "C":
            yield Figure(f"{name}: found", tally.found, tally.seeded)
        else:
            yield _at_least(f"{name}: found", tally.found, tally.seeded, _SEEDED[tally.sure])
    loud, designs = sum(tally.loud for tally in tallies), sum(tally.seeded for tally in tallies)
    yield _none("questions (C) called a problem", loud, designs)


def clean_figures(tallies: Sequence[CleanTally]) -> Iterator[Figure]:
    problems = sum(tally.problems for tally in tallies)
    yield _none("clean designs: problems", problems, len(tallies))
    many = sum(tally.hints > MOST_HINTS for tally in tallies)
    yield _none("clean designs: more than one hint", many, len(tallies))
    yield Figure("clean designs: hints in all", sum(tally.hints for tally in tallies), 0)


def as_json(figures: Sequence[Figure], **details: Any) -> dict[str, Any]:
    told = [asdict(figure) | {"share": round(figure.share, 3)} for figure in figures]
    return {"figures": told, **details}


def _at_least(what: str, count: int, of: int, least: float) -> Figure:
    return Figure(what, count, of, f"at least {least:g} %", of > 0 and 100 * count / of >= least)


def _at_most(what: str, count: int, of: int, most: float) -> Figure:
    return Figure(what, count, of, f"at most {most:g} %", of > 0 and 100 * count / of <= most)


def _none(what: str, count: int, of: int) -> Figure:
    return Figure(what, count, of, "0", count == 0)
