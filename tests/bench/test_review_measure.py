"""The measure of the review cannot rot: its designs are clean, its flaws are flaws, and each rule
that may call something a problem is held to them."""

import json

import pytest

from bench.review.__main__ import main
from bench.review.designs import all_designs
from bench.review.designs.drawing import each_node
from bench.review.figures import held_out_figures, seeded_figures
from bench.review.flaws import OPERATORS, seeded
from bench.review.held_out import Tally
from bench.review.seeded import RuleTally, measure_clean, measure_flaws
from bench.review.templates import FOLDER, PACKAGES
from service.review.rules import RULES

SURE = {rule.id: rule.sure for rule in RULES}
# Not the whole run, which is a command of its own.
FEW = [design for design in all_designs() if design.name in ("sign in (light)", "shop (warm)",
       "gallery (dark)", "fields (light)", "members (dark)")]  # fmt: skip


def test_there_are_designs_enough_and_each_layer_has_an_id_and_a_box_of_its_own():
    assert len({design.name.partition(" (")[0] for design in all_designs()}) >= 20
    for design in all_designs():
        nodes = [node for node, _ in each_node(design.document())]
        assert len({node["id"] for node in nodes}) == len(nodes), design.name
        assert all(node["absoluteBoundingBox"]["width"] > 0 for node in nodes), design.name


def test_clean_designs_have_no_problem():
    assert [tally.findings for tally in measure_clean(FEW) if tally.problems] == []


@pytest.mark.parametrize("rule", OPERATORS)
def test_there_are_flaws_enough_for_a_rule(rule: str):
    least = 20 if SURE[rule] == "C" else 30
    assert len(seeded(rule, all_designs(), 30)) >= least


@pytest.mark.parametrize("rule", OPERATORS)
def test_a_flaw_changes_layers_that_are_there_and_is_the_same_each_time(rule: str):
    flaws, again = (seeded(rule, FEW, 4) for _ in range(2))
    assert [flaw.document() for flaw in flaws] == [flaw.document() for flaw in again]
    for flaw in flaws:
        changed = flaw.document()
        assert changed != flaw.design.document()
        assert flaw.change.expected <= {node["id"] for node, _ in each_node(changed)}


def test_every_rule_that_may_call_something_a_problem_is_held_to_flaws():
    assert {rule for rule, sure in SURE.items() if sure != "C"} <= set(OPERATORS) <= set(SURE)


def test_flaws_are_found_and_a_question_is_never_a_problem():
    tallies = {tally.rule: tally for tally in measure_flaws(FEW, most=5)}
    assert tallies["contrast-text"].found == 5
    assert tallies["spacing-grid"].found == 5
    assert sum(tally.loud for tally in tallies.values()) == 0


def test_the_templates_are_locked_and_the_lock_names_no_download_addresses():
    lock = json.loads((FOLDER / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    asked = lock.pop("")["dependencies"]
    assert all("integrity" in package and "resolved" not in package for package in lock.values())
    assert {lock[f"node_modules/{name}"]["license"] for name in asked} == {"MIT"}
    assert set(asked) == set(PACKAGES)


def test_a_missed_goal_is_told_and_a_question_has_none():
    rare = RuleTally("contrast-text", "A", seeded=40, found=37)
    asks = RuleTally("naming", "C", seeded=40, found=3)
    assert [figure.is_met for figure in seeded_figures([rare, asks])] == [False, None, True]
    good = Tally(found=970, declared=30, passes=2000, false=2)
    bad = Tally(found=970, declared=29, missed=1, passes=1000, false=3)
    for tally, met in ((good, {True}), (bad, {True, False})):
        figures = held_out_figures({"color-contrast": tally})
        assert {figure.is_met for figure in figures} - {None} == met


def test_the_command_says_what_it_measured(capsys: pytest.CaptureFixture[str], tmp_path):
    kept = tmp_path / "figures.json"
    status = main(["clean", "--json", str(kept)])
    told = capsys.readouterr().out
    assert "clean designs: problems" in told
    assert ("Every goal is met." in told) == (status == 0)
    assert '"goal": "0"' in kept.read_text(encoding="utf-8")
