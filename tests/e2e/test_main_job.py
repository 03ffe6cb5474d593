"""A person signs in, switches the buddy on by link, asks in a comment, and the books agree."""

import re

from playwright.sync_api import Page, expect

from dashboard.parts.formats import money
from local.sandbox import Sandbox
from local.stage import Stage
from sql.set_operator import set_operator

FILE = "Checkout redesign"
PASSWORD = "correct-horse-battery-9"


def test_from_sign_in_to_the_answer_and_the_ledger(product: Stage, sandbox: Sandbox, page: Page):
    sign_in_with_figma(product, page, "Ada Okafor")
    file = sandbox.file(FILE)
    page.get_by_label("Link of a Figma file or team").fill(file["url"])
    page.get_by_role("button", name="Switch on").click()
    row = page.locator("li.webhook").filter(has_text=FILE)
    expect(row).to_be_visible()
    expect(row).to_contain_text("On")

    page.goto(file["page"])
    page.get_by_label("You are").select_option(label="Ada Okafor")
    page.locator('[data-node="1:50"]').first.click()
    page.get_by_label("Comment", exact=True).fill("@buddy is this contrast ok?")
    page.get_by_test_id("send").click()
    reply = page.get_by_test_id("comment").filter(has_text="9 of 10 free uses left")
    expect(reply).to_be_visible(timeout=60_000)
    expect(reply).to_contain_text("contrast")

    page.goto(f"{product.web_url}/account")
    expect(page.locator("#uses")).to_have_text("9 of 10 uses left")
    answer = page.locator("li.answer")
    expect(answer).to_contain_text("is this contrast ok?")
    answer.get_by_text("Reply").click()
    expect(answer).to_contain_text("9 of 10 free uses left")

    ledger = product.rows("select status, cost_state, cost_microusd from public.usage_logs")
    hourly = product.rows("select status, uses, cost_microusd from public.usage_hourly")
    cost = ledger[0][2]
    assert ledger == [("answered", "priced", cost)] and cost > 0
    assert hourly == [("answered", 1, cost)]
    assert sandbox.violations() == []

    sign_in_to_dashboard(product, page)
    for name, figure in (("Answers", "1"), ("AI cost", money(cost))):
        tile = page.get_by_test_id("stMetric").filter(has_text=re.compile(f"^{name}"))
        expect(tile.get_by_test_id("stMetricValue")).to_have_text(figure, timeout=60_000)
    expect(page.get_by_text("Ada Okafor").first).to_be_attached()


def test_the_page_where_a_guest_asks_invites_them_once(
    product: Stage, sandbox: Sandbox, page: Page
):
    page.goto(sandbox.file(FILE)["page"])
    page.get_by_label("You are").select_option(label="Jonas Lind")
    page.get_by_label("Comment", exact=True).fill("@buddy and this spacing?")
    page.get_by_test_id("send").click()
    invitation = page.get_by_test_id("comment").filter(has_text=product.web_url)
    expect(invitation).to_be_visible(timeout=60_000)


def test_declining_at_figma_leaves_nothing_behind(product: Stage, page: Page):
    page.goto(product.web_url)
    page.get_by_role("link", name="Sign in with Figma").first.click()
    page.get_by_test_id("decline").click()
    expect(page.get_by_test_id("declined")).to_be_visible()
    page.goto(product.web_url)
    expect(page.get_by_text("Did Figma not bring you back?")).to_be_visible()


def sign_in_with_figma(product: Stage, page: Page, person: str) -> None:
    page.goto(product.web_url)
    page.get_by_role("link", name="Sign in with Figma").first.click()
    page.get_by_label(re.compile(person)).check()
    page.get_by_test_id("allow").click()
    page.wait_for_url("**/account")


def sign_in_to_dashboard(product: Stage, page: Page) -> None:
    set_operator(product.settings, "founder@example.com", "founder", PASSWORD)
    page.goto(product.dashboard_url)
    page.get_by_label("E-mail").fill("founder@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    # With its answer the browser stays signed in.
    with page.expect_response("**/session", timeout=60_000):
        page.get_by_test_id("stBaseButton-primaryFormSubmit").click()
