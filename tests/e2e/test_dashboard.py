"""Signing in, sharing a view by its link, and files that end with the figure on the screen."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from dashboard.access.auth import WRONG
from dashboard.parts import formats
from local.stage import Stage
from tests.e2e.operators import SLOW, email_of, fill_in, settle, sign_in, value_of

FIGURE = "stMetricValue"
# The team of the largest plan that asks least: it has other figures than all of that plan.
TEAM = """select team.name from public.teams as team
join public.usage_logs as usage on usage.team_id = team.id
where usage.plan_code = 'enterprise' and usage.at > now() - interval '60 days'
group by team.name order by count(*), team.name limit 1"""
FILES = (
    ("", "AI cost", "cost_microusd"),
    ("ai_cost", "AI cost", "total_microusd"),
    ("revenue", "MRR", "mrr_microusd"),
)


@contextmanager
def another_browser(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def test_who_signs_in_stays_signed_in_until_signing_out(company: Stage, page: Page):
    page.goto(f"{company.dashboard_url}/trials")
    fill_in(page, email_of("founder"), "not the password")
    expect(page.get_by_text(WRONG)).to_be_visible(timeout=SLOW)
    sign_in(page, company, "founder", "trials")
    expect(page.get_by_role("heading", name="Trials", level=1)).to_be_visible()

    page.reload()
    settle(page)
    expect(page.get_by_text(email_of("founder"))).to_be_visible()

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("E-mail")).to_be_visible(timeout=SLOW)
    page.goto(company.dashboard_url)
    expect(page.get_by_label("E-mail")).to_be_visible(timeout=SLOW)
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_the_first_page_has_an_address_of_its_own_too(company: Stage, page: Page):
    sign_in(page, company, "founder", "overview?period=90+days")
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/overview\?.*period=90\+days"))
    page.goto(company.dashboard_url)
    expect(page).to_have_url(re.compile("/overview"), timeout=SLOW)
    settle(page)
    expect(page.get_by_role("heading", name="Overview", level=1)).to_be_visible()


def test_a_page_of_another_role_says_who_may_see_it(company: Stage, page: Page):
    sign_in(page, company, "support", "ai_cost?period=90+days")
    expect(page.get_by_role("heading", name="AI cost", level=1)).to_be_visible()
    expect(page.get_by_text("Not for your role")).to_be_visible()
    told = "AI cost is for the role finance and the role founder."
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.get_by_test_id("stMetric")).to_have_count(0)


def test_a_link_shows_somebody_else_the_same_view(company: Stage, browser: Browser, page: Page):
    [(team,)] = company.rows(TEAM)
    sign_in(page, company, "founder", "growth")
    page.get_by_text("90 days", exact=True).click()
    page.get_by_text("Compare with the period before").click()
    pick(page, "stMultiSelect", "Enterprise")
    page.keyboard.press("Escape")
    pick(page, "stSelectbox", team)
    for part in ("period=90+days", "compare=false", "plan=Enterprise", f"team={plus(team)}"):
        page.wait_for_url(f"**{part}*")
    with another_browser(browser) as other:
        sign_in(other, company, "founder", page.url.removeprefix(f"{company.dashboard_url}/"))
        settle(other)
        shown = view_of(other)
        # The address changes before the page is drawn again: its figures follow it.
        expect(page.get_by_test_id(FIGURE)).to_have_text(shown["figures"], timeout=SLOW)
        assert view_of(page) == shown
        assert (shown["period"], shown["plan"], shown["team"]) == ("90 days", "Enterprise", team)
        assert "Compared with" not in shown["note"]
        other.get_by_text("7 days", exact=True).click()
        other.wait_for_url("**period=7+days*")
        expect(note_of(other)).not_to_have_text(shown["note"], timeout=SLOW)


def test_the_file_behind_a_tile_ends_with_its_figure(company: Stage, page: Page):
    sign_in(page, company, "founder", "live")
    for path, label, column in FILES:
        page.goto(f"{company.dashboard_url}/{path}?period=90+days")
        settle(page)
        shown = value_of(page, label).inner_text()
        *rows, last = download_rows(page, label)
        total = int(last[column])
        assert shown == formats.money(total), path
        assert total == sum(int(row[column] or 0) for row in rows) > 0, path
        dollars = last[f"{column.removesuffix('_microusd')} (USD)"]
        assert Decimal(dollars) * 1_000_000 == total, path


def pick(page: Page, kind: str, choice: str) -> None:
    page.get_by_test_id(kind).first.get_by_role("combobox").click()
    page.get_by_role("option", name=choice, exact=True).click()
    settle(page)


def plus(text: str) -> str:
    return text.replace(" ", "+")


def note_of(page: Page) -> Locator:
    return page.get_by_test_id("stCaptionContainer").filter(has_text="Days are those of").first


def view_of(page: Page) -> dict[str, Any]:
    """What is picked, what the page says of it, and its figures."""
    return {
        "period": page.locator('[aria-label="Period"] [data-selected="true"]').inner_text(),
        "plan": page.get_by_test_id("stMultiSelect").inner_text().strip(),
        "team": page.get_by_test_id("stSelectbox").first.get_by_role("combobox").input_value(),
        "note": note_of(page).inner_text(),
        "figures": page.get_by_test_id(FIGURE).all_inner_texts(),
    }  # fmt: skip


def download_rows(page: Page, label: str) -> list[dict[str, str]]:
    """The lines of the file behind a tile; the totals come last."""
    tile = page.get_by_test_id("stVerticalBlock").filter(
        has=page.get_by_test_id("stMetricLabel").get_by_text(label, exact=True)
    ).last  # fmt: skip
    tile.get_by_role("button", name="Rows").click()
    button = page.get_by_role("button", name="Download CSV")
    expect(button).to_be_visible(timeout=SLOW)
    with page.expect_download() as saved:
        button.click()
    data = Path(saved.value.path()).read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
