"""What people read about runs: states, reasons, and what each figure means."""

import re
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args

import pytest

from service.building.read_stage import _CODES as _FIGMA
from service.figma.errors import FigmaCode
from service.github.errors import GitHubCode
from service.pipelines.gate.quality import QualityRow
from service.pipelines.pushing.push_refusals import PushCode
from service.pipelines.quality_words import FIGURES, short_row, show_figures
from service.pipelines.sentences import (
    _CODES,
    _SAME_AGAIN,
    ENDED,
    STAGE_WORDS,
    STAGES,
    can_help_to_retry,
    dollars,
    models_words,
    quota_words,
    state_word,
    tell,
    what_next,
)

ROOT = Path(__file__).resolve().parents[3]
GOOD = {
    "geometry_share": 0.97, "text_share": 1.0, "colour_delta_e_p95": 0.4, "mae": 0.031,
    "ssim": 0.91, "rur": 0.8, "apr": 0.0, "str": 0.4, "avu": 0.0, "single_use_tokens": 0.05,
    "behaviour_mutants": 20, "behaviour_killed": 18, "style_mutants": 30, "style_killed": 30,
    "axe_violations": 0, "console_errors": 0, "overflow_widths": [], "type_errors": 0,
    "failed_tests": 0,
}  # fmt: skip


def test_every_figure_of_the_row_is_explained() -> None:
    named = {name for figure in FIGURES for name in figure.names}
    assert named == {each.name for each in fields(QualityRow)} - {"metric_version"}


def test_a_figure_is_good_or_bad_or_not_measured_and_never_zero_for_that() -> None:
    verdicts = {each.verdict for each in show_figures(GOOD)}
    assert verdicts == {"good", "info"}
    nothing = show_figures({})
    assert {(each.value, each.verdict) for each in nothing} == {("not measured", "not_measured")}
    bad = GOOD | {
        "geometry_share": 0.94, "text_share": 0.99, "colour_delta_e_p95": 5.0, "apr": 0.2,
        "str": 0.1, "avu": 0.3, "single_use_tokens": 0.5, "behaviour_killed": 15, "style_killed": 1,
        "axe_violations": 1, "console_errors": 2, "overflow_widths": [360, 768], "type_errors": 1,
        "failed_tests": 3,
    }  # fmt: skip
    assert {each.verdict for each in show_figures(bad)} == {"bad", "info"}
    told = {each.label: each.value for each in show_figures(bad)}
    assert told["Overflow"] == "360 px, 768 px"
    assert told["Behaviour tests"] == "15 of 20 (75 %)"


def test_a_reply_has_room_for_a_short_row() -> None:
    assert short_row(GOOD) == (
        "geometry 97 %, text 100 %, behaviour tests 18 of 20 (90 %), style tests 30 of 30 (100 %), "
        "accessibility 0"
    )
    assert short_row({}) == ""


@pytest.mark.parametrize("code", [*_CODES, "a_code_of_a_newer_version"])
def test_each_reason_says_what_happened_why_and_what_to_do(code: str) -> None:
    told = tell(code, {})
    for part in (told.happened, told.why, told.next_step):
        assert re.fullmatch(r"[A-Z].*[.]", part), part
    assert "{" not in str(told) and "@" not in str(told)


def test_whoever_is_told_to_retry_can_and_nobody_who_would_meet_the_same_again() -> None:
    now = datetime.now(UTC)
    assert set(_CODES) >= _SAME_AGAIN
    for code in _CODES:
        is_told_to = "retry" in tell(code).next_step.lower()
        assert not (is_told_to and code in _SAME_AGAIN), code
        assert can_help_to_retry(code, None, now) == (code not in _SAME_AGAIN)
    assert not can_help_to_retry("unexpected", now - timedelta(days=1), now)


def test_each_state_has_a_word_and_says_what_comes_next() -> None:
    for state in ("queued", *STAGES, *ENDED):
        for verdict in (None, "passed", "not_passed", "not_tested"):
            assert state_word(state, verdict).doing.endswith(".")
            assert what_next(state, verdict).endswith(".")
    assert set(STAGE_WORDS) == set(STAGES)
    assert state_word("done", "not_tested").word == "Not tested"
    assert state_word("a_new_state").word == "A new state"


def test_every_code_of_sql_has_its_words() -> None:
    folder = ROOT / "sql" / "functions" / "pipelines"
    text = "\n".join(path.read_text() for path in folder.glob("*.sql"))
    codes = set(re.findall(r"pipeline_refused\('(\w+)'", text))
    codes |= set(re.findall(r"close_pipeline\([^;]*?'failed', '(\w+)'", text))
    assert codes and codes <= set(_CODES)


def test_every_code_of_a_stage_has_its_words() -> None:
    figma = {_FIGMA.get(code, f"figma_{code}") for code in get_args(FigmaCode)}
    github = {*get_args(GitHubCode), *get_args(PushCode)}
    building = ROOT / "service" / "building"
    text = "\n".join(path.read_text() for path in building.glob("*.py"))
    stages = set(re.findall(r"StageFailed\(\s*\"(\w+)\"", text))
    untested = set(re.findall(r"\"untested\": \"(\w+)\"", text))
    assert stages and untested
    assert not (figma | github | stages | untested | {"unexpected", "storage_away"}) - set(_CODES)


def test_a_reason_names_what_it_is_about() -> None:
    told = tell("github_permission_missing", {"permission": "Contents", "repository": "a/b"})
    assert told.why == "The token lacks Contents for a/b."
    assert "{" not in str(tell("github_moved"))


def test_money_that_is_not_known_is_never_nothing() -> None:
    assert dollars(120_000) == "$0.12"
    assert dollars(900) == "less than a cent"
    assert models_words("done", 0, 0, unknown=0) == "None was asked."
    assert models_words("done", 2, 120_000, unknown=0) == "2 calls, $0.12."
    assert "nothing is known" in models_words("done", 1, 0, unknown=1)


def test_what_is_known_of_a_quota_is_said() -> None:
    until = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    assert "six a month" in quota_words("low", 3, None) and "3 were" in quota_words("low", 3, None)
    assert "many a minute" in quota_words("high", 0, None)
    assert "not known" in quota_words("", 0, None)
    assert "1 December, 09:30 UTC" in quota_words("low", 0, until)
