"""Which candidate is better: what passes, and nothing that gets worse."""

from dataclasses import fields, replace
from random import Random
from typing import Any

import pytest

from service.pipelines.editing import best, is_better, is_no_worse, is_sure
from service.pipelines.gate.quality import QualityRow
from service.pipelines.gate.results import Failure, GateResult

ROW = QualityRow(
    geometry_share=0.9, text_share=1.0, colour_delta_e_p95=0.2, mae=0.05, ssim=0.9, rur=0.9,
    apr=0.02, str=0.5, avu=0.01, single_use_tokens=0.05, behaviour_mutants=20, behaviour_killed=18,
    style_mutants=30, style_killed=27, axe_violations=1, console_errors=0, overflow_widths=(360,),
    type_errors=0, failed_tests=0,
)  # fmt: skip
TYPES = Failure("types", "No.")


def result(is_passed: bool = True, *failures: Failure, **row: Any) -> GateResult:
    return GateResult(is_passed, failures, replace(ROW, **row))


OLD = result()


def test_what_passes_beats_what_does_not() -> None:
    assert is_better(result(geometry_share=0.1), result(False, TYPES))
    assert not is_better(result(False, TYPES, geometry_share=1.0), OLD)


def test_the_same_is_no_better() -> None:
    assert not is_better(OLD, OLD)
    assert not is_better(result(False, TYPES), result(False, TYPES))


BETTER: list[tuple[str, Any]] = [
    ("geometry_share", 0.95), ("ssim", 0.95), ("mae", 0.02), ("str", 0.6), ("apr", 0.0),
    ("avu", 0.0), ("axe_violations", 0), ("overflow_widths", ()), ("behaviour_killed", 20),
    ("style_killed", 30), ("single_use_tokens", 0.0), ("rur", 1.0), ("colour_delta_e_p95", 0.0),
]  # fmt: skip
WORSE: list[tuple[str, Any]] = [
    ("geometry_share", 0.89), ("text_share", 0.9), ("ssim", 0.8), ("mae", 0.08), ("str", 0.4),
    ("apr", 0.03), ("avu", 0.1), ("axe_violations", 2), ("overflow_widths", (360, 768)),
    ("behaviour_killed", 16), ("style_killed", 20), ("single_use_tokens", 0.2), ("rur", 0.5),
    ("console_errors", 1), ("type_errors", 1), ("failed_tests", 1), ("colour_delta_e_p95", 3.0),
    ("geometry_share", None), ("mae", None), ("style_killed", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BETTER)
def test_one_figure_more_is_better(name: str, value: Any) -> None:
    assert is_better(result(**{name: value}), OLD)
    assert not is_better(OLD, result(**{name: value}))


@pytest.mark.parametrize(("name", "value"), WORSE)
def test_no_gain_makes_up_for_a_loss(name: str, value: Any) -> None:
    """A picture that is nearer, bought with worse code, is the known fault of repairs."""
    gains = {"geometry_share": 1.0, "mae": 0.0, "ssim": 1.0}
    gains.pop(name, None)
    assert not is_better(result(**{**gains, name: value}), OLD)


def test_pictures_are_never_quite_the_same() -> None:
    assert not is_better(result(mae=0.0495, ssim=0.9005), OLD)
    assert is_better(result(mae=0.0505, geometry_share=0.95), OLD)


def test_a_sample_of_mutants_is_never_quite_the_same() -> None:
    sampled = {"style_mutants": 32, "style_killed": 28}
    assert not is_better(result(**sampled), OLD)
    assert is_better(result(**sampled, geometry_share=0.95), OLD)


def test_what_was_not_measured_before_is_not_compared() -> None:
    assert is_better(result(mae=0.5, geometry_share=0.95), result(mae=None))


def test_of_two_that_fail_the_one_with_fewer_faults_is_better() -> None:
    two = result(False, TYPES, Failure("axe", "No."))
    assert is_better(result(False, TYPES), two)
    advice = Failure("geometry", "Box.", "1:2")
    assert not is_better(result(False, TYPES), result(False, TYPES, advice))


def test_the_best_is_the_last_that_lost_nothing() -> None:
    good, failed = result(geometry_share=0.95), result(False, TYPES)
    mixed = result(geometry_share=0.95, apr=0.1)
    assert best([OLD, failed, good]) == 2
    assert best([OLD, failed, None]) == 0
    assert best([failed, OLD]) == 1
    assert best([OLD, mixed]) == 0
    assert best([OLD, good, OLD]) == 1
    # Names and tags that no figure tells apart are the model's.
    assert best([OLD, OLD]) == 1
    assert best([failed, failed]) == 1
    assert best([None, None]) is None
    assert best([]) is None


@pytest.mark.parametrize(("name", "value"), [*BETTER, *WORSE])
def test_no_worse_is_better_or_the_same(name: str, value: Any) -> None:
    other = result(**{name: value})
    assert is_no_worse(OLD, OLD)
    assert is_no_worse(other, OLD) == is_better(other, OLD)


# What one look at a draft shows, and what only the whole gate finds of it.
_LOOKED = ("geometry_share", "text_share", "colour_delta_e_p95", "mae", "ssim", "rur", "apr", "str",
           "avu", "single_use_tokens")  # fmt: skip
_VALUES: dict[str, list[Any]] = {
    **{name: [0.0, 0.5, 0.501, 0.95, 1.0, None] for name in _LOOKED},
    "behaviour_killed": [0, 15, 17, 19, 20, None],
    "style_killed": [0, 15, 17, 19, 20, None],
    "overflow_widths": [(), (360,), None],
}


def row_by_chance(chance: Random, like: QualityRow) -> QualityRow:
    changed = {}
    for each in fields(QualityRow):
        is_whole = each.name == "metric_version" or each.name.endswith("_mutants")
        if not is_whole and chance.random() < 0.25:
            changed[each.name] = chance.choice(_VALUES.get(each.name, [0, 1, None]))
    return replace(like, **changed)


def test_where_a_candidate_is_sure_the_whole_gate_of_its_draft_changes_nothing() -> None:
    perfect = replace(
        ROW, axe_violations=0, overflow_widths=(), behaviour_killed=20, style_killed=30
    )
    surely = 0
    for seed in range(3000):
        chance = Random(seed)
        new, old = row_by_chance(chance, perfect), row_by_chance(chance, perfect)
        candidate = GateResult(chance.random() < 0.9, (), new)
        draft = GateResult(chance.random() < 0.8, (), old)
        looked = QualityRow(**{name: getattr(old, name) for name in _LOOKED})
        if is_sure(replace(candidate, floor=looked)):
            surely += 1
            assert best([draft, candidate]) == 1, (new, old)
        assert not is_sure(candidate)
    assert surely > 50
    assert is_sure(GateResult(True, (), perfect, floor=perfect))
    assert not is_sure(GateResult(True, (), replace(perfect, style_killed=28), floor=perfect))
