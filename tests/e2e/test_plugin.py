"""The plugin's page in a frame without an origin, as in Figma, in front of the real service.

The page for trying it out holds it: our own `figma` on one side, a drawing of its layers beside it.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Request, Route, expect

from local.plugin import build_plugin
from local.stage import Stage
from service.secrets.encryption import token_hash
from tests.e2e import analysis_stand_in
from tests.e2e.axe import SCRIPT
from tests.e2e.conftest import watch

Json = dict[str, Any]
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After, Location, RateLimit, RateLimit-Policy",
}
FILE = "ChkOut7Qm2VxLpR4tYw8Za"
ANALYSIS = "3f2f6a34-1111-4222-8333-944444444444"
LINK = f"https://www.figma.com/design/{FILE}/Checkout-redesign"
THEMES = ["light", "dark"]
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html}`))"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def tried(stage: Stage) -> Stage:
    """Web and the sandbox with the plugin, built for this service."""
    folder = stage.folder / "plugin"
    build_plugin(stage.web_url, folder, with_stand_in=True)
    stage.start_sandbox(SANDBOX_PLUGIN=str(folder))
    stage.start_web()
    return stage


@dataclass
class Trial:
    """The page, the plugin's frame in it, and what was asked of the analysis."""

    stage: Stage
    page: Page
    asked: list[Request]

    @property
    def plugin(self) -> Frame:
        frame = self.page.query_selector("#plugin")
        assert frame
        found = frame.content_frame()
        assert found
        return found

    def button(self, name: str, **more: Any) -> Any:
        return self.plugin.get_by_role("button", name=name, **more)

    def text(self, text: str) -> Any:
        return self.plugin.get_by_text(text)

    def select(self, layer: str, *, also: bool = False) -> None:
        layers = self.page.locator(f'[data-id="{layer}"]')
        layers.dispatch_event("click", {"bubbles": True, "shiftKey": also})
        expect(layers).to_have_class("layer selected")

    def color(self, layer: str) -> str:
        style = "(layer) => getComputedStyle(layer).color"
        return self.page.locator(f'[data-id="{layer}"]').evaluate(style)

    def edit(self, layer: str, change: str) -> None:
        """An edit on the canvas, by a person."""
        self.page.evaluate(f"standIn.edit({layer!r}, (node) => {{ {change} }})")

    def answer(self, handle: Callable[[Route], None]) -> None:
        """Answer for the service's analysis from now on."""
        self.page.unroute("**/api/analyze**")
        self.page.unroute("**/api/analyze/**")
        for address in ("**/api/analyze", "**/api/analyze/**"):
            self.page.route(address, handle)

    def review(self, layer: str = "1:2", how: str = "Measure") -> None:
        self.select(layer)
        self.button(how).click()
        expect(self.plugin.locator(".result[aria-busy=false]")).to_be_visible()

    def look(self) -> None:
        """Nothing for axe to find, and nothing beyond the edge of the plugin's window."""
        if not self.plugin.evaluate("'axe' in window"):
            self.plugin.evaluate(SCRIPT.read_text(encoding="utf-8"))
        assert self.plugin.evaluate(RUN_AXE) == []
        assert self.plugin.evaluate(TOO_WIDE) == 0


@pytest.fixture(scope="module")
def signed_in(tried: Stage, browser: Browser) -> Any:
    """The storage of a browser in which Ada is signed in, in the plugin too."""
    context = browser.new_context()
    trial = open_trial(tried, context, [])
    sign_in(trial, context)
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def trial(tried: Stage, browser: Browser, signed_in: Any) -> Iterator[Trial]:
    yield from signed_in_trial(tried, browser, signed_in)


@pytest.fixture(params=THEMES)
def both(
    tried: Stage, browser: Browser, signed_in: Any, request: pytest.FixtureRequest
) -> Iterator[Trial]:
    """As `trial`, in each of Figma's themes."""
    yield from signed_in_trial(tried, browser, signed_in, request.param)


def signed_in_trial(
    stage: Stage, browser: Browser, storage: Any, theme: str = "light"
) -> Iterator[Trial]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, storage_state=storage)
    problems: list[str] = []
    trial = open_trial(stage, context, problems, theme)
    expect(trial.button("Review")).to_be_visible()
    yield trial
    context.close()
    assert problems == []


def open_trial(
    stage: Stage, context: BrowserContext, problems: list[str], theme: str = "light"
) -> Trial:
    page = context.new_page()
    watched = watch(page)
    page.on("close", lambda _: problems.extend(watched))
    asked: list[Request] = []
    page.on("request", lambda each: asked.append(each) if "/api/analyze" in each.url else None)
    page.goto(f"{stage.sandbox_url}/plugin")
    # Before its scripts have run, nothing hears that a theme was chosen.
    page.frame_locator("#plugin").locator("main > *").first.wait_for()
    if theme != "light":
        page.get_by_label("Theme").select_option(theme)
        page.frame_locator("#plugin").locator(f"html.figma-{theme}").wait_for()
        page.frame_locator("#plugin").locator("main > *").first.wait_for()
    trial = Trial(stage, page, asked)
    trial.answer(usually)
    return trial


def sign_in(trial: Trial, context: BrowserContext) -> None:
    with context.expect_page() as opened:
        trial.button("Sign in with Figma").click()
    browser_page = opened.value
    browser_page.get_by_label("Ada Okafor").check()
    browser_page.get_by_test_id("allow").click()
    code = trial.plugin.locator(".pin").inner_text()
    expect(browser_page.locator(".code")).to_have_text(code)
    browser_page.get_by_role("button", name="The codes match").click()
    expect(trial.button("Review")).to_be_visible()
    browser_page.close()


def usually(route: Route) -> None:
    """What the service answers when all is well."""
    url, body = route.request.url, route.request.post_data_json
    if "outcomes" in url:
        route.fulfill(status=204, headers=CORS)
    elif url.endswith("/measure"):
        route.fulfill(headers=CORS, json=analysis_stand_in.answer(body))
    else:
        route.fulfill(headers=CORS, json=analysis_stand_in.with_words(body))


def refusing(status: int, error: str, message: str, **more: Any) -> Callable[[Route], None]:
    headers = more.pop("headers", {})

    def refuse(route: Route) -> None:
        answer = {"error": error, "message": message, "request_id": "0123456789abcdef", **more}
        route.fulfill(status=status, headers={**CORS, **headers}, json=answer)

    return refuse


def asking_is(handle: Callable[[Route], None]) -> Callable[[Route], None]:
    """Measuring goes well, and asking goes as `handle` says."""
    return lambda route: (usually if "measure" in route.request.url else handle)(route)


def test_a_newcomer_signs_in_reviews_applies_and_takes_back(tried: Stage, browser: Browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    trial = open_trial(tried, context, [])
    trial.look()
    sign_in(trial, context)
    expect(trial.text("10 of 10 uses left")).to_be_visible()
    expect(trial.text("Nothing is selected.")).to_be_visible()
    pale = trial.color("1:4")

    trial.review(how="Ask the buddy")
    expect(trial.text("Words by openai/gpt-5-mini")).to_be_visible()
    expect(trial.text("9 of 10 uses left")).to_be_visible()
    trial.button("Apply to Two things left").click()
    expect(trial.text("Measured again: 1 gone, 10 left, 0 new.")).to_be_visible()
    expect(trial.plugin.locator("s").first).to_have_text("Two things left. We deliver tomorrow.")
    assert trial.color("1:4") != pale

    trial.button("Undo this one for Two things left").click()
    expect(trial.text("Measured again: 0 gone, 11 left, 0 new.")).to_be_visible()
    expect(trial.text("Taken back: 1 change.")).to_be_visible()
    assert trial.color("1:4") == pale

    trial.button("Account").click()
    trial.button("Sign out").click()
    expect(trial.text("You are signed out")).to_be_visible()
    trial.page.reload()
    expect(trial.button("Sign in with Figma")).to_be_visible()
    context.close()


def test_every_view_is_usable_by_everybody(both: Trial):
    both.look()
    both.review(how="Ask the buddy")
    both.look()
    both.button("Apply to Linen shirt").click()
    expect(both.text("Measured again")).to_be_visible()
    both.button("Ignore Promo code").first.click()
    both.look()
    for view in ("Guidance", "Comments", "Account"):
        both.button(view, exact=True).click()
        expect(both.plugin.locator("main h1")).to_be_visible()
        both.look()


def test_all_is_applied_at_once_and_by_group(trial: Trial):
    trial.review()
    trial.button("Apply 4 in Spacing").click()
    expect(trial.text("Measured again: 4 gone, 7 left, 0 new.")).to_be_visible()
    trial.button("Apply all 7").click()
    expect(trial.text("Measured again: 11 gone, 0 left, 0 new.")).to_be_visible()
    expect(trial.text("Nothing to mend was found.")).to_be_visible()


def test_the_whole_journey_goes_by_keyboard(trial: Trial):
    trial.select("1:2")
    trial.plugin.get_by_label("Question").focus()
    keys = trial.page.keyboard
    keys.type("Is this readable?")
    keys.press("Control+Enter")
    expect(trial.text("Words by")).to_be_visible()
    assert trial.asked[-1].post_data_json["question"] == "Is this readable?"

    def tab_to(name: str) -> None:
        focused = (
            "() => { const at = document.activeElement; return at.ariaLabel || at.textContent }"
        )
        for _ in range(80):
            keys.press("Tab")
            if str(trial.plugin.evaluate(focused)).startswith(name):
                return
        raise AssertionError(f"Tab does not reach {name}")

    tab_to("Apply to Two things left")
    keys.press("Enter")
    expect(trial.text("Measured again: 1 gone")).to_be_visible()
    tab_to("Ignore Linen")
    keys.press("Space")
    keys.type("Sold out, and shown as such")
    keys.press("Enter")
    expect(trial.text("Ignored in this frame (1)")).to_be_visible()


def test_a_click_on_a_finding_selects_its_layers(trial: Trial):
    trial.review("1:2")
    trial.button("Select Promo code").first.click()
    expect(trial.page.locator('[data-id="1:52"]')).to_have_class("layer selected")
    expect(trial.text("not selected now")).to_be_visible()
    trial.button("Select it").click()
    expect(trial.page.locator('[data-id="1:2"]')).to_have_class("layer selected")


def test_what_is_shown_as_sent_is_what_is_sent(trial: Trial):
    trial.review()
    trial.plugin.get_by_text("Show what is sent").click()
    shown = trial.plugin.get_by_label("What is sent").input_value()
    assert json.loads(shown) == trial.asked[0].post_data_json
    assert trial.asked[0].headers["authorization"].startswith("Bearer ")
    assert trial.asked[0].headers["origin"] == "null"


def test_an_edit_on_the_canvas_is_measured_again_and_new_findings_are_told(trial: Trial):
    trial.review()
    # As often as every twelve seconds at most, so that a person who draws costs no more than that.
    trial.plugin.evaluate("Date.now = ((now) => () => now() + 60000)(Date.now)")
    trial.edit("1:4", "node.fills[0].color = {r: 0, g: 0, b: 0, a: 1}")
    trial.edit("1:62", "node.fills[0].color = {r: 184 / 255, g: 189 / 255, b: 201 / 255, a: 1}")
    expect(trial.text("Measured again: 1 gone, 11 left, 1 new.")).to_be_visible()
    expect(trial.text("Problem · new")).to_be_visible()


def test_a_finding_is_ignored_with_a_reason_and_comes_back(trial: Trial):
    trial.review()
    trial.button("Ignore Apply").click()
    trial.plugin.get_by_role("button", name="Ignore", exact=True).click()
    expect(trial.text("Say why")).to_be_visible()
    trial.plugin.get_by_label("Why is this no fault?").fill("The brand's own blue")
    trial.plugin.get_by_role("button", name="Ignore", exact=True).click()
    trial.plugin.get_by_text("Ignored in this frame (1)").click()
    expect(trial.text("The brand's own blue")).to_be_visible()
    trial.button("Measure", exact=False).first.click()
    expect(trial.plugin.locator(".result[aria-busy=false]")).to_be_visible()
    assert len(trial.asked[-1].post_data_json["data"]["ignored"]) == 1
    expect(trial.button("Apply to Apply")).to_have_count(0)
    trial.plugin.get_by_text("Ignored in this frame (1)").click()
    trial.button("Stop ignoring Apply").click()
    expect(trial.button("Apply to Apply")).to_be_visible()


def test_each_hard_case_says_why_and_what_to_do(both: Trial):
    both.page.get_by_label("Design").select_option("hard-cases")
    expect(both.button("Review")).to_be_visible()
    both.review("3:2")
    for words in ("It is locked.", "Its font is missing here", "It belongs to a component."):
        expect(both.text(words).first).to_be_visible()
    expect(both.text("Not measurable (1)")).to_be_visible()
    both.look()
    both.button("Go to the component of Buy").first.click()
    expect(both.text("“Button” is selected.")).to_be_visible()


def test_a_colour_that_was_changed_meanwhile_is_left_alone(trial: Trial):
    trial.review()
    trial.page.evaluate("standIn.tree.nodes.get('1:4').fills[0].color = {r: 0, g: 0, b: 0, a: 1}")
    trial.button("Apply to Two things left").click()
    expect(trial.text("It was changed meanwhile")).to_be_visible()


REFUSALS = {
    "a server at fault": (
        refusing(500, "internal", "Something went wrong on our side."),
        ["Something went wrong on our side.", "Number for support: 0123456789abcdef"],
    ),
    "no connection": (lambda route: route.abort(), ["cannot be reached", "Try again"]),
    "too large": (refusing(413, "too_large", "The body is too large."), ["The body is too large."]),
    "a mistake in the request": (
        refusing(
            422, "invalid", "The request has mistakes.",
            fields=[{"path": "data.elements[3].fills[0].color", "message": "must be a colour"}],
        ),
        ["data.elements[3].fills[0].color: must be a colour"],
    ),
    "too many": (
        refusing(429, "too_many", "That was too much.", headers={"Retry-After": "125"}),
        ["That was too much.", "Go on in 2:0"],
    ),
    "an answer of another version": (
        lambda route: route.fulfill(headers=CORS, json={"suggestions": "none"}),
        ["does not understand the service"],
    ),
    "what is no JSON": (
        lambda route: route.fulfill(status=502, headers=CORS, body="<html>Bad gateway"),
        ["did not answer as expected"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("refusal", REFUSALS)
def test_each_refusal_is_told_in_words(both: Trial, refusal: str):
    handle, words = REFUSALS[refusal]
    both.answer(handle)
    both.review()
    for each in words:
        expect(both.plugin.get_by_text(each).first).to_be_visible()
    both.look()


def test_without_uses_the_measured_findings_stay(both: Trial):
    words = "All ten uses are taken. See the plans at https://buddy.example.com/plans."
    both.answer(asking_is(refusing(402, "no_uses_left", words)))
    both.review(how="Ask the buddy")
    link = both.plugin.get_by_role("link", name="https://buddy.example.com/plans")
    expect(link).to_be_visible()
    expect(both.text("Measuring stays free.")).to_be_visible()
    expect(both.button("Apply all 11")).to_be_visible()
    both.look()


def test_where_no_model_answers_that_is_said_and_what_is_measured_stays_current(trial: Trial):
    def without_words(route: Route) -> None:
        if "outcomes" in route.request.url:
            return usually(route)
        body, said = route.request.post_data_json, "Measured by fixed rules: 11 problems."
        route.fulfill(headers=CORS, json=analysis_stand_in.answer(body, id=ANALYSIS, summary=said))

    trial.answer(asking_is(without_words))
    trial.review(how="Ask the buddy")
    expect(trial.text("no use was taken")).to_be_visible()
    expect(trial.text("Found here: a grid of 4 px")).to_be_visible()
    expect(trial.text("Measured by fixed rules: 11 problems.")).to_be_visible()
    trial.button(re.compile("^Apply all")).click()
    expect(trial.text("Measured again")).to_be_visible()
    expect(trial.text("Measured by fixed rules: 11 problems.")).to_have_count(0)
    expect(trial.text("no use was taken")).to_be_visible()


def test_words_that_take_a_while_are_waited_for(trial: Trial):
    handle = ANALYSIS
    bodies: list[Json] = []

    def slowly(route: Route) -> None:
        if route.request.method == "POST":
            bodies.append(route.request.post_data_json)
            queued = {"id": handle, "state": "queued"}
            later = {"Location": f"/api/analyze/{handle}", "Retry-After": "1"}
            route.fulfill(status=202, headers={**CORS, **later}, json=queued)
        else:
            assert route.request.url.endswith(handle)
            route.fulfill(headers=CORS, json=analysis_stand_in.with_words(bodies[0]))

    trial.answer(asking_is(slowly))
    trial.select("1:2")
    trial.button("Ask the buddy").click()
    expect(trial.text("The buddy is writing")).to_be_visible()
    expect(trial.button("Apply all 11")).to_be_visible()
    expect(trial.text("Words by")).to_be_visible()


def test_a_selection_that_is_too_large_is_refused_before_it_is_sent(trial: Trial):
    trial.page.get_by_label("Design").select_option("large")
    expect(trial.button("Review")).to_be_visible()
    trial.edit("5:2", "node.characters = 'x'.repeat(1100000)")
    trial.review("5:0")
    expect(trial.text("larger than one megabyte")).to_be_visible()
    assert trial.asked == []


def test_a_session_that_was_ended_elsewhere_leads_to_signing_in(tried: Stage, browser: Browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    trial = open_trial(tried, context, [])
    sign_in(trial, context)
    token = trial.page.evaluate("standIn.stored.session.token")
    tried.database.end_session(token_hash(token), with_plugins=False)
    trial.button("Account").click()
    expect(trial.text("Your sign-in has ended")).to_be_visible()
    expect(trial.button("Sign in with Figma")).to_be_visible()
    assert trial.page.evaluate("standIn.stored.session") is None
    trial.look()
    context.close()


def test_a_session_that_has_run_out_is_told_apart(tried: Stage, browser: Browser):
    context = browser.new_context()
    stored = json.dumps({"session": {"token": "x" * 43, "expires_at": "2020-01-01T00:00:00Z"}})
    context.add_init_script(f"if (origin !== 'null') localStorage['plugin-storage'] = {stored!r}")
    trial = open_trial(tried, context, [])
    expect(trial.text("Your sign-in has run out.")).to_be_visible()
    context.close()


def test_a_declined_sign_in_says_so(tried: Stage, browser: Browser):
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    trial = open_trial(tried, context, [])
    with context.expect_page() as opened:
        trial.button("Sign in with Figma").click()
    opened.value.get_by_label("Ada Okafor").check()
    opened.value.get_by_test_id("allow").click()
    trial.look()
    opened.value.get_by_role("button", name="Decline").click()
    expect(trial.text("This sign-in is over")).to_be_visible()
    trial.look()
    trial.button("Back").click()
    expect(trial.button("Sign in with Figma")).to_be_visible()
    context.close()


def test_a_conflict_of_guidance_is_chosen_as_on_the_account_page(both: Trial):
    both.button("Guidance").click()
    tone = both.plugin.get_by_label("Tone")
    tone.fill("warm")
    both.button("Save guidance").click()
    expect(both.text("Saved as version")).to_be_visible()

    _save_elsewhere(both, "cool")
    tone.fill("plain")
    both.button("Save guidance").click()
    expect(both.text("Your guidance was changed elsewhere")).to_be_visible()
    both.look()
    both.button("Show the newer one").click()
    expect(tone).to_have_value("cool")

    _save_elsewhere(both, "short")
    tone.fill("mine")
    both.button("Save guidance").click()
    both.button("Save mine over it").click()
    expect(both.text("Saved as version")).to_be_visible()
    assert both.stage.rows("select tone from public.user_contexts") == [("mine",)]


def test_the_buddy_is_switched_on_by_the_files_link(trial: Trial):
    trial.button("Comments").click()
    trial.button("Switch the buddy on").click()
    expect(trial.text("Paste the link of this file first")).to_be_visible()
    trial.plugin.get_by_label("Link of this file").fill("https://example.com")
    trial.button("Switch the buddy on").click()
    expect(trial.plugin.get_by_role("alert")).to_be_visible()
    trial.plugin.get_by_label("Link of this file").fill(LINK)
    trial.button("Switch the buddy on").click()
    expect(trial.plugin.locator(".note.good")).to_be_visible()
    assert trial.stage.rows("select context_id from public.user_webhooks") == [(FILE,)]
    kept = "standIn.tree.root.sharedPluginData.figma_ai_buddy.file"
    assert json.loads(trial.page.evaluate(kept))["key"] == FILE


def test_the_names_of_layers_are_shown_as_text(trial: Trial):
    trial.edit("1:4", "node.name = '<img src=x onerror=\"parent.broken = 1\">'")
    trial.review()
    expect(trial.text("<img src=x onerror=").first).to_be_visible()
    assert trial.plugin.locator("img").count() == 0


def _save_elsewhere(trial: Trial, tone: str) -> None:
    [(user, version)] = trial.stage.rows("select user_id::text, version from public.user_contexts")
    texts = dict.fromkeys(("instructions", "brand", "design_system_rules", "language", "model"), "")
    lists: Json = {"focus_areas": [], "shared_with_guests": []}
    trial.stage.database.save_context(user, version, {**texts, **lists, "tone": tone}, "user")
