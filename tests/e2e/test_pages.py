"""Every page in a real browser: on a wide light screen, on a narrow dark one, and for axe."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.pages import SECTIONS, Entry
from dashboard.parts.chart_style import DARK
from local.stage import Stage
from tests.e2e.axe import STREAMLIT, grave_problems
from tests.e2e.conftest import watch
from tests.e2e.operators import settle, sign_in

ENTRIES = [entry for entries in SECTIONS.values() for entry in entries]
WITH_CHARTS = {
    "overview",
    "reliability",
    "ai_cost",
    "revenue",
    "growth",
    "trials",
    "analyses",
    "quality",
}
WITH_CHARTS |= {"pipelines"}
NARROW = 390
# By how much anything is wider than where it is: what has a scroll bar of its own may be.
OVERFLOW = """() => [document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .map((part) => part.scrollWidth - part.clientWidth)"""
HEADINGS = """() => [...document.querySelectorAll('[data-testid="stMain"] :is(h1,h2,h3,h4,h5,h6)')]
    .map((heading) => heading.tagName)"""
BACKGROUND = "(element) => getComputedStyle(element).backgroundColor"
CHART_COLOURS = """(charts) => charts.map((chart) => [
    getComputedStyle(chart.querySelector('.xtitle, .xtick text')).fill,
    getComputedStyle(chart.querySelector('.main-svg')).backgroundColor,
])"""


@dataclass
class Visit:
    """A founder's page that stays signed in, and what went wrong in it."""

    page: Page
    problems: list[str]


@pytest.fixture(scope="module")
def wide(company: Stage, browser: Browser) -> Iterator[Visit]:
    yield from visit(company, browser, 1440, "light")


@pytest.fixture(scope="module")
def narrow(company: Stage, browser: Browser) -> Iterator[Visit]:
    yield from visit(company, browser, NARROW, "dark")


def visit(company: Stage, browser: Browser, width: int, scheme: str) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    made = Visit(page, watch(page))
    # At the last one, so that the first one is not open yet.
    sign_in(page, company, "founder", ENTRIES[-1].folder)
    yield made
    context.close()


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.folder)
def test_a_page_opens_from_the_navigation_without_a_fault(wide: Visit, entry: Entry):
    page = wide.page
    open_from_navigation(page, entry)
    assert_whole(wide)
    if entry.folder in WITH_CHARTS:
        expect(page.locator(".js-plotly-plot").first).to_be_visible()
    assert grave_problems(page, STREAMLIT) == []


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.folder)
def test_a_page_fits_a_phone_and_is_dark_where_the_phone_is(narrow: Visit, entry: Entry):
    page = narrow.page
    page.get_by_test_id("stExpandSidebarButton").click()
    open_from_navigation(page, entry)
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    expect(page.get_by_test_id("stExpandSidebarButton")).to_be_visible()
    assert_whole(narrow)
    assert page.evaluate(OVERFLOW) == [0, 0]
    assert page.get_by_test_id("stApp").evaluate(BACKGROUND) == rgb(DARK.background)
    charts = page.locator(".js-plotly-plot").evaluate_all(CHART_COLOURS)
    assert bool(charts) == (entry.folder in WITH_CHARTS)
    for text, paper in charts:
        assert text == rgb(DARK.text)
        assert paper in ("rgba(0, 0, 0, 0)", "transparent")
    assert grave_problems(page, STREAMLIT) == []


@pytest.mark.parametrize("scheme", ["wide", "narrow"])
def test_what_is_open_and_what_is_pointed_at_can_be_read(
    request: pytest.FixtureRequest, company: Stage, scheme: str
):
    page = request.getfixturevalue(scheme).page
    page.goto(f"{company.dashboard_url}/trials")
    settle(page)
    rows = page.get_by_test_id("stPopoverButton").filter(has_text="Rows").first
    rows.click()
    expect(page.get_by_role("button", name="Download CSV")).to_be_visible()
    assert grave_problems(page, STREAMLIT) == []
    page.keyboard.press("Escape")
    expect(rows).to_have_attribute("aria-expanded", "false")
    rows.hover()
    assert grave_problems(page, STREAMLIT) == []


def open_from_navigation(page: Page, entry: Entry) -> None:
    link = page.get_by_test_id("stSidebarNavLink").filter(has_text=entry.title)
    link.get_by_text(entry.title, exact=True).click()
    expect(page.get_by_role("heading", name=entry.title, level=1)).to_be_visible(timeout=30_000)
    settle(page)


def assert_whole(visit: Visit) -> None:
    """Nothing was raised, nothing says that it could not be read, and no heading level is left out.

    https://www.w3.org/WAI/tutorials/page-structure/headings/
    """
    assert visit.problems == []
    levels = [int(name[1:]) for name in visit.page.evaluate(HEADINGS)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels)), levels
    expect(visit.page.get_by_test_id("stException")).to_have_count(0)
    expect(visit.page.get_by_test_id("stAlertContentError")).to_have_count(0)


def rgb(colour: str) -> str:
    """#12151D as the browser writes it."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"
