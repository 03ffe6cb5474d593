"""The plugin in front of the real analysis: measured by our rules, worded by a stand-in's model."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from local.plugin import build_plugin
from local.stage import Stage
from tests.e2e.test_plugin import FILE, LINK, Trial, open_trial, sign_in

AGAIN = re.compile(r"Measured again: (\d+) gone, (\d+) left, (\d+) new\.")


@pytest.fixture(scope="module")
def whole(stage: Stage) -> Stage:
    """Web, worker, model and the sandbox with the plugin."""
    folder = stage.folder / "plugin"
    build_plugin(stage.web_url, folder, with_stand_in=True)
    stage.start_sandbox(SANDBOX_PLUGIN=str(folder))
    stage.start_web()
    stage.start_worker()
    return stage


@pytest.fixture
def trial(whole: Stage, browser: Browser) -> Iterator[Trial]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    problems: list[str] = []
    trial = open_trial(whole, context, problems)
    trial.page.unroute("**/api/analyze")
    trial.page.unroute("**/api/analyze/**")
    sign_in(trial, context)
    yield trial
    context.close()
    assert problems == []


def measured_again(trial: Trial) -> tuple[int, int, int]:
    """Gone, left, new. Waits for the line."""
    line = trial.plugin.get_by_text(AGAIN)
    expect(line).to_be_visible()
    found = AGAIN.search(line.inner_text())
    assert found
    gone, left, new = (int(each) for each in found.groups())
    return gone, left, new


def test_a_flawed_screen_is_measured_worded_mended_and_taken_back(trial: Trial):
    trial.review()
    expect(trial.text("Measured, without a model")).to_be_visible()
    expect(trial.text("10 of 10 uses left")).to_be_visible()
    trial.button("Ask the buddy").click()
    expect(trial.text("Words by openai/")).to_be_visible()
    expect(trial.text("9 of 10 uses left")).to_be_visible()
    trial.look()

    pale = trial.color("1:4")
    trial.button("Apply to Two things left").first.click()
    gone, _, new = measured_again(trial)
    assert (gone >= 1, new) == (True, 0)
    assert trial.color("1:4") != pale
    assert trial.page.evaluate("standIn.tree.nodes.get('1:4').fills[0].boundVariables") is not None
    trial.button("Undo this one for Two things left").click()
    expect(trial.text("Measured again: 0 gone")).to_be_visible()
    assert trial.color("1:4") == pale

    trial.button(re.compile(r"^Apply all")).click()
    expect(trial.plugin.get_by_text(re.compile(r"Measured again: 1\d gone"))).to_be_visible()
    assert measured_again(trial)[2] == 0
    expect(trial.text("9 of 10 uses left")).to_be_visible()
    outcomes = "select distinct outcome from public.suggestion_outcomes order by 1"
    assert [each for (each,) in trial.stage.rows(outcomes)] == ["applied"]


def test_the_same_question_again_takes_no_use(trial: Trial):
    trial.select("1:2")
    for words in ("Words by openai/", "Asked before: no use taken"):
        trial.plugin.get_by_label("Question").fill("Is it readable in the sun?")
        trial.button("Ask the buddy").click()
        expect(trial.text(words)).to_be_visible()


def test_what_is_ignored_here_is_known_for_comments_once_the_file_is(trial: Trial):
    trial.button("Comments").click()
    trial.plugin.get_by_label("Link of this file").fill(LINK)
    trial.button("Switch the buddy on").click()
    expect(trial.plugin.locator(".note.good")).to_be_visible()
    trial.button("Review", exact=True).click()
    trial.review()
    trial.button("Ignore Pay now").first.click()
    trial.plugin.get_by_label("Why is this no fault?").fill("The brand's own blue")
    with trial.page.expect_response(lambda each: each.request.method == "PUT"):
        trial.plugin.get_by_role("button", name="Ignore", exact=True).click()
    ignored = "select file_key, reason from public.ignored_findings"
    assert trial.stage.rows(ignored) == [(FILE, "The brand's own blue")]
    trial.plugin.get_by_text("Ignored in this frame (1)").click()
    with trial.page.expect_response(lambda each: each.request.method == "PUT"):
        trial.button("Stop ignoring Pay now").click()
    assert trial.stage.rows(ignored) == []


def test_the_hard_cases_are_measured_and_only_what_can_be_changed_is_offered(trial: Trial):
    trial.page.get_by_label("Design").select_option("hard-cases")
    expect(trial.button("Review")).to_be_visible()
    trial.review("3:2")
    for words in (
        "It is locked.",
        "It belongs to a component.",
        "It has several values in one layer.",
        "Its value comes from a style.",
    ):
        expect(trial.text(words).first).to_be_visible()
    expect(trial.button("Apply to Locked by somebody")).to_have_count(0)
    trial.look()
    trial.button(re.compile(r"^Apply all")).click()
    gone, _, new = measured_again(trial)
    assert (gone >= 1, new) == (True, 0)


def test_a_file_of_the_sandbox_is_measured_with_its_own_styles(trial: Trial):
    trial.page.get_by_label("Design").select_option(FILE)
    expect(trial.button("Review")).to_be_visible()
    trial.review("1:2")
    expect(trial.plugin.locator(".card").first).to_be_visible()
    trial.plugin.get_by_text("Show what is sent").click()
    expect(trial.plugin.get_by_label("What is sent")).to_have_value(re.compile("Text/Primary"))


def test_fifteen_hundred_layers_are_measured(trial: Trial):
    trial.page.get_by_label("Design").select_option("large")
    expect(trial.button("Review")).to_be_visible()
    trial.review("5:0")
    expect(trial.text("Measured, without a model")).to_be_visible()
    expect(trial.plugin.locator(".card").first).to_be_visible()
